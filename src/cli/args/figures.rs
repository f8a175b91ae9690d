//! What is typed for cross tables, comparisons, one figure taken apart, and quotes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Survey, TallyFormat};

#[derive(Debug, Args)]
pub struct CrossArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// Makes the rows: a question's id, association, batch or form
    #[arg(value_name = "ROWS", required_unless_present = "all")]
    pub rows: Option<String>,
    /// Makes the columns
    #[arg(value_name = "COLUMNS", required_unless_present = "all")]
    pub columns: Option<String>,
    /// Every two choice questions, and each by prefecture and association
    #[arg(long, conflicts_with_all = ["rows", "columns"])]
    pub all: bool,
    /// Only what had arrived by the end of this day (2025-03-14)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// [default: text on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TallyFormat>,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CompareArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// The earlier survey: its `tally --format json`, or the same shape written by hand
    #[arg(value_name = "EARLIER.json", required_unless_present = "schema")]
    pub earlier: Option<PathBuf>,
    /// What is set against what [default: whatever has the same id in both]
    #[arg(long, value_name = "MAPPING.json")]
    pub mapping: Option<PathBuf>,
    /// In whose words the labels are
    #[arg(long, value_name = "OUTPUT", default_value = "form")]
    pub labels: LabelsName,
    /// Print a JSON Schema instead: of the earlier survey's file or of the mapping
    #[arg(long, value_name = "WHICH")]
    pub schema: Option<SchemaName>,
    /// Only what had arrived by the end of this day (2025-03-14)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// [default: text on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TallyFormat>,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct WhyArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// q7.card for an option, q7.na for no answer, a number's id; see the ids in `tally --format json`
    #[arg(value_name = "FIGURE")]
    pub figure: String,
    /// How many responses are listed
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub show: usize,
    /// Cut the boxes of the listed responses out of their pages, into this folder
    #[arg(long, value_name = "DIR")]
    pub crops: Option<PathBuf>,
    /// [default: text on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TallyFormat>,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct QuotesArgs {
    /// The survey folder
    #[arg(short = 's', long = "survey", value_name = "DIR", default_value = ".", global = true)]
    pub dir: PathBuf,
    #[command(subcommand)]
    pub command: QuotesCommand,
}

#[derive(Debug, Subcommand)]
pub enum QuotesCommand {
    /// What people wrote, with what may point to a person
    List(QuoteFilter),
    /// Take a writing up, or word it anew for print
    Word {
        #[command(flatten)]
        act: QuoteAct,
        /// [default: the original without what may point to a person]
        #[arg(long, value_name = "TEXT")]
        wording: Option<String>,
    },
    /// Let a wording go to print; not by anyone who worded it
    Approve {
        #[command(flatten)]
        act: QuoteAct,
        /// A marked word that may stay; may be repeated
        #[arg(long, value_name = "WORD")]
        keep: Vec<String>,
    },
    /// Take a quote out again
    Withdraw {
        #[command(flatten)]
        act: QuoteAct,
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,
    },
    /// Write what was approved, and nothing else
    Publish {
        /// [default: text on a terminal, json otherwise]
        #[arg(long, value_name = "FORMAT")]
        format: Option<TallyFormat>,
        /// Write here instead of stdout
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct QuoteAct {
    /// r-...
    #[arg(value_name = "RESPONSE")]
    pub response: String,
    /// The written field
    #[arg(value_name = "FIELD")]
    pub field: String,
    /// Who does it
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

#[derive(Debug, Args)]
pub struct QuoteFilter {
    /// One written field
    #[arg(long, value_name = "FIELD")]
    pub field: Option<String>,
    /// Only with this answer: q2=hospital, q1=静岡県; may be repeated
    #[arg(long = "where", value_name = "QUESTION=ANSWER")]
    pub only: Vec<String>,
    /// Only with this text in it
    #[arg(long, value_name = "TEXT")]
    pub containing: Option<String>,
    /// How far it has come
    #[arg(long, value_name = "STATE")]
    pub state: Option<QuoteStateName>,
    /// [default: text on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TallyFormat>,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QuoteStateName {
    Candidate,
    Proposed,
    Approved,
    Stale,
    Withdrawn,
}

impl From<QuoteStateName> for crate::quotes::QuoteState {
    fn from(name: QuoteStateName) -> Self {
        match name {
            QuoteStateName::Candidate => Self::Candidate,
            QuoteStateName::Proposed => Self::Proposed,
            QuoteStateName::Approved => Self::Approved,
            QuoteStateName::Stale => Self::Stale,
            QuoteStateName::Withdrawn => Self::Withdrawn,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LabelsName {
    Form,
    Slides,
    Press,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    Earlier,
    Mapping,
}
