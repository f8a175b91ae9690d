//! What was typed, as clap parses it. Nothing is checked here that needs a file or another option.

mod figures;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub use figures::{
    CompareArgs, CrossArgs, LabelsName, QuoteAct, QuoteFilter, QuotesArgs, QuotesCommand,
    SchemaName, WhyArgs,
};

#[derive(Debug, Parser)]
#[command(
    name = "faxtally",
    version,
    about = "Turns folders of faxed paper questionnaires into a tally that can be published",
    arg_required_else_help = true,
    propagate_version = true
)]
pub struct LowArgs {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Language of messages and labels [default: from the locale]
    #[arg(long, global = true, value_name = "ja|en", help_heading = "Global options")]
    pub lang: Option<LangName>,
    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
    /// How messages on stderr are written
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Global options"
    )]
    pub log_format: LogFormat,
    /// No progress on stderr
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_progress: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LangName {
    Ja,
    En,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read faxes into a survey; resumes where it was left
    Read(ReadArgs),
    /// Print the figures
    Tally(TallyArgs),
    /// Set one question's answers against another's, or against associations
    Cross(CrossArgs),
    /// Set the figures beside those of an earlier survey
    Compare(CompareArgs),
    /// Show what one figure is made of: pages, who read or decided them, the base's rule
    Why(WhyArgs),
    /// Choose writings for print; a second person approves, and only that leaves
    Quotes(QuotesArgs),
    /// Write the rows behind the figures
    Export(ExportArgs),
    /// Write what goes to the press: a page, charts, a workbook, the figures
    Report(ReportArgs),
    /// Show or set what the pages do not say: how many were sent, whether the survey is closed
    Survey(SurveyArgs),
    /// Take over people's decisions about pending answers and pages
    Decide(DecideArgs),
    /// Draw read pages, every box coloured by its outcome
    Proof(ProofArgs),
    /// Check forms
    Form(FormArgs),
    /// Make faxes with their truth, to rehearse a survey
    Simulate(SimulateArgs),
    /// Set readings against a truth file
    Score(ScoreArgs),
    /// See what is installed, what is missing and what to do
    Doctor(DoctorArgs),
    /// Review pending answers and pages in the browser
    Review(ReviewArgs),
    /// Open, close and list reviewers' accounts
    Reviewer(ReviewerArgs),
    /// Prove the log whole
    Audit(AuditArgs),
}

#[derive(Clone, Debug, Args)]
pub struct Survey {
    /// The survey folder
    #[arg(short = 's', long = "survey", value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Files and folders with faxes; folders are read recursively
    #[arg(value_name = "INBOX", required = true)]
    pub inboxes: Vec<PathBuf>,
    /// A form folder; may be repeated. The survey remembers its forms
    #[arg(long = "form", value_name = "FORMDIR")]
    pub forms: Vec<PathBuf>,
    #[command(flatten)]
    pub survey: Survey,
    /// Pages read at the same time [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// A name for what came in now
    #[arg(long, value_name = "NAME")]
    pub batch: Option<String>,
    /// When it arrived (2024-12-31)
    #[arg(long, value_name = "DATE")]
    pub arrived: Option<String>,
    /// Whose members sent it
    #[arg(long, value_name = "NAME")]
    pub association: Option<String>,
    /// Leave the written fields for a later read; they stay pending
    #[arg(long)]
    pub no_text: bool,
    /// A list of words that people write here (drugs, places), one a line; may be repeated
    #[arg(long, value_name = "FILE")]
    pub words: Vec<PathBuf>,
    /// Which recogniser reads a field first, `tesseract` or `ppocr`; may be repeated
    #[arg(long, value_name = "FIELD=READER")]
    pub reader: Vec<String>,
    /// Longest that a recogniser may take for one field
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub text_limit: u64,
}

#[derive(Debug, Args)]
pub struct TallyArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// [default: text on a terminal, json otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TallyFormat>,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 3 while pages, choices or numbers are pending
    #[arg(long)]
    pub require_reviewed: bool,
    /// How many questionnaires were sent, for this output [default: what `survey` remembers]
    #[arg(long, value_name = "N")]
    pub sent: Option<u64>,
    /// Call this output final [default: what `survey` remembers]
    #[arg(long = "final")]
    pub closed: bool,
    /// Only what had arrived by the end of this day (2025-03-14)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Once more for every group: a question's id, association, batch or form
    #[arg(long, value_name = "WHAT")]
    pub by: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TallyFormat {
    Json,
    Text,
}

/// What is set beside the figures where they are published together.
#[derive(Debug, Args)]
pub struct FindingsArgs {
    /// Only what had arrived by the end of this day (2025-03-14)
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// A cross table; may be repeated (`cross` says what makes rows and columns), or `all`
    #[arg(long, value_name = "ROWS,COLUMNS")]
    pub cross: Vec<String>,
    /// Groups with their response rates, and every question by them: association, batch, form or a
    /// question's id; may be repeated
    #[arg(long, value_name = "GROUPS")]
    pub by: Vec<String>,
    /// An earlier survey to compare with, as `compare` takes it
    #[arg(long, value_name = "EARLIER.json")]
    pub earlier: Option<PathBuf>,
    /// What is set against what there
    #[arg(long, value_name = "MAPPING.json", requires = "earlier")]
    pub mapping: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// Where the page, the workbook and the charts go
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    #[command(flatten)]
    pub findings: FindingsArgs,
    /// A TrueType font with Japanese [default: one that is installed]
    #[arg(long, value_name = "FILE")]
    pub font: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub survey: Survey,
    #[command(flatten)]
    pub findings: FindingsArgs,
    /// Which rows [default: all sheets of a workbook; wide of the other formats that need none]
    #[arg(long, value_name = "TABLE")]
    pub table: Option<TableName>,
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub format: RowFormat,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableName {
    /// Every page of every input
    Pages,
    /// Every response with states, reasons and confidence
    Responses,
    /// A row a counted response, a column a variable
    Wide,
    /// A row an answer
    Long,
    /// A row a figure of the tally
    Figures,
    /// What variables and values mean
    Codebook,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    Jsonl,
    Csv,
    /// CSV that a Japanese Excel opens as it is
    ExcelCsv,
    /// A workbook with figures, charts, raw answers and codebook
    Xlsx,
    /// SPSS, with value labels
    Sav,
    Parquet,
    /// The table's data dictionary (Table Schema)
    Schema,
}

#[derive(Debug, Args)]
pub struct SurveyArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// How many questionnaires were sent
    #[arg(long, value_name = "N")]
    pub sent: Option<u64>,
    /// Whose members got those, for response rates by association
    #[arg(long, value_name = "NAME", requires = "sent")]
    pub association: Option<String>,
    #[arg(long, value_name = "STATUS")]
    pub status: Option<StatusName>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusName {
    Interim,
    Final,
}

#[derive(Debug, Args)]
pub struct DecideArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// Decisions in the shape of truth.jsonl; only what is pending is set
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Who decided
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

#[derive(Debug, Args)]
pub struct ProofArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// Where the pictures go
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How many pages
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub pages: usize,
    /// Which ones: another seed draws others
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// These responses instead (r-...); may be repeated
    #[arg(long = "response", value_name = "ID")]
    pub responses: Vec<String>,
}

#[derive(Debug, Args)]
pub struct FormArgs {
    #[command(subcommand)]
    pub command: FormCommand,
}

#[derive(Debug, Subcommand)]
pub enum FormCommand {
    /// Validate a form; draw every region on its blank
    Check {
        #[arg(value_name = "FORMDIR", required = true)]
        dir: PathBuf,
        #[arg(long, value_name = "OUT.png")]
        proof: Option<PathBuf>,
    },
    /// Print the JSON Schema of form.json
    Schema,
    /// A first form from a blank (comes with a later version)
    #[command(hide = true)]
    Propose(LaterArgs),
}

/// Whatever is typed after a command that is not there yet.
#[derive(Debug, Args)]
pub struct LaterArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub rest: Vec<std::ffi::OsString>,
}

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// A form folder; may be repeated
    #[arg(long = "form", value_name = "FORMDIR", required = true)]
    pub forms: Vec<PathBuf>,
    /// How many responses
    #[arg(long, value_name = "N")]
    pub pages: u64,
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Where the faxes and truth.jsonl go
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How bad the line is
    #[arg(long, value_name = "PROFILE", default_value = "mixed")]
    pub profile: ProfileName,
    /// Published figures whose counts the answers have
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Which survey of that file [default: the one that fits the form]
    #[arg(long, value_name = "ID")]
    pub answers_survey: Option<String>,
    /// What files the fax server writes
    #[arg(long, value_name = "KIND", default_value = "mixed")]
    pub container: ContainerName,
    /// Number of the first file
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub first_index: u64,
    /// Share of sheets that are sent again
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub duplicates: f64,
    /// Share of cover sheets and adverts
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub strangers: f64,
    /// Threads [default: one a core]; changes no byte
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    Clean,
    Fine,
    Standard,
    Rough,
    Mixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContainerName {
    Mixed,
    G4,
    G3,
    G32d,
    Spandsp,
    Pdf,
    MultiTiff,
    MultiPdf,
}

fn share(text: &str) -> Result<f64, String> {
    let v: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if (0.0..=1.0).contains(&v) { Ok(v) } else { Err(format!("{v} is not between 0 and 1")) }
}

#[derive(Debug, Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// truth.jsonl as `simulate` writes it, or keyed by hand
    #[arg(long, value_name = "FILE")]
    pub truth: PathBuf,
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TallyFormat,
    /// Write here instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ReviewArgs {
    #[command(flatten)]
    pub survey: Survey,
    /// 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 8417)]
    pub port: u16,
    /// Listen on this address; any but this computer's own demands accounts (`faxtally reviewer add`)
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    pub host: std::net::IpAddr,
    /// A name by which other computers, or a proxy, call this one; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// Whose decisions these are, for whoever opens the printed link [default: the user's name]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Answers that the machine was sure of, shown among the others to estimate its silent errors
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub audit: usize,
    /// Share of the items that two people enter
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub double: f64,
    /// A question of which two people enter every item; may be repeated
    #[arg(long = "double-question", value_name = "ID")]
    pub double_questions: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ReviewerArgs {
    #[command(subcommand)]
    pub command: ReviewerCommand,
}

#[derive(Debug, Subcommand)]
pub enum ReviewerCommand {
    /// Open an account, or give it a new password; the password is one line on stdin
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        survey: Survey,
    },
    /// Close an account; its decisions stay
    Remove {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        survey: Survey,
    },
    /// List the accounts
    List {
        #[command(flatten)]
        survey: Survey,
    },
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Go through the hash-chained log and compare it with what people decided
    Verify {
        #[command(flatten)]
        survey: Survey,
        /// A hash that was noted down earlier: it must still be in the log
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    pub survey: Survey,
}
