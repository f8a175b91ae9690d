//! The words of a snapshot: inputs, pages, and what people decided about them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Labels;
use crate::reading::{PageReading, Reason};

/// One place at which one content was seen.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Relative to the inbox it was found in.
    pub file: String,
    /// Absolute; tells a file that was replaced from a second file of the same name.
    pub location: String,
    pub labels: Labels,
    /// SHA-256 in hex. `None`: its bytes could not be had, and `reason` says why.
    pub document: Option<String>,
    pub reason: Option<Reason>,
}

/// One content, however often it was seen.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Set when no page could be had of it.
    pub refused: Option<Reason>,
    /// Page 1 first; empty if it was not opened yet.
    pub pages: Vec<Page>,
}

/// What a day's figures leave out, in pages (an input without pages is one).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Arrived after the day.
    pub later: u64,
    /// Nobody said when it arrived.
    pub undated: u64,
}

/// How far a page has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageState {
    /// Known, not read yet (the run was interrupted).
    #[default]
    Waiting,
    Read,
    /// The file opened, this page of it could not be decoded.
    Refused,
    /// Reading it ended the program; only a person may say what it is.
    Quarantined,
}

impl PageState {
    /// The store's word for it.
    pub fn from_word(word: &str) -> Self {
        match word {
            "read" => Self::Read,
            "refused" => Self::Refused,
            "quarantined" => Self::Quarantined,
            _ => Self::Waiting,
        }
    }
}

/// One page: the machine's latest reading and what people decided about it, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub state: PageState,
    pub reason: Option<Reason>,
    /// Without `boxes`: neither figures nor statuses need them.
    pub reading: Option<PageReading>,
    pub decisions: Vec<Decision>,
}

/// What a person said about one page or one field of it. Never overwrites; the latest stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Counts the decisions about this page from 1.
    pub rev: u32,
    pub who: String,
    /// Seconds since 1970.
    pub at: i64,
    /// What the machine said when the person decided; `None` if it had nothing to say.
    pub machine: Option<Seen>,
    pub verdict: Verdict,
}

/// The machine's value that a person had before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Seen {
    Answer(Vec<String>),
    Text(String),
}

/// The substance of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Option ids of a choice question; empty is blank.
    Answer {
        question: String,
        value: Vec<String>,
    },
    /// A written field; empty is blank.
    Text {
        field: String,
        value: String,
    },
    Page(PageVerdict),
}

/// What of a page a person is asked about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What the page is.
    Page,
    /// A choice question.
    Answer(String),
    /// A written field.
    Text(String),
}

impl Field {
    /// `page`, `answer` or `text`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Answer(_) => "answer",
            Self::Text(_) => "text",
        }
    }

    /// The question; empty for the page itself.
    pub fn name(&self) -> &str {
        match self {
            Self::Page => "",
            Self::Answer(name) | Self::Text(name) => name,
        }
    }

    /// The inverse of `kind` and `name`.
    pub fn new(kind: &str, name: String) -> Self {
        match kind {
            "answer" => Self::Answer(name),
            "text" => Self::Text(name),
            _ => Self::Page,
        }
    }
}

impl Verdict {
    /// What it is about.
    pub fn field(&self) -> Field {
        match self {
            Self::Answer { question, .. } => Field::Answer(question.clone()),
            Self::Text { field, .. } => Field::Text(field.clone()),
            Self::Page(_) => Field::Page,
        }
    }
}

/// What a person says a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum PageVerdict {
    /// A response of its own. `form` is needed only where the machine found none.
    Counted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<String>,
    },
    SetAside,
    /// The same response as `of` ("r-...").
    Duplicate {
        of: String,
    },
}

/// SHA-256 of a document's bytes in hex: what it is known by.
pub fn document_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |v: u8| char::from_digit(u32::from(v), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// Hex digits of SHA-256 that name a response: 64 bits, a clash in 100,000 pages is 1 in 10^9.
const RESPONSE_DIGITS: usize = 16;

/// "r-" and the first 16 hex digits of SHA-256 over the document's hash (its 32 bytes) and the page
/// number (4 bytes, big-endian): the same on every machine.
pub fn response_id(document: &str, page: u32) -> String {
    let mut hash = Sha256::new();
    for pair in document.as_bytes().chunks(2) {
        let digit = |c: &u8| char::from(*c).to_digit(16).unwrap_or(0) as u8;
        hash.update([pair.iter().map(digit).fold(0, |a, d| a << 4 | d)]);
    }
    hash.update(page.to_be_bytes());
    let hex = hex(&hash.finalize());
    format!("r-{}", &hex[..RESPONSE_DIGITS])
}
