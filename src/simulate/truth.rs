//! The lines beside the faxes: `truth.jsonl` (what `score` reads) and `strangers.jsonl`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::job::Container;
use super::line::LineNotes;
use super::sheet::SheetNotes;

/// One response on one page. The keys up to `text` are the contract's.
#[derive(Clone, Debug, Serialize)]
pub struct TruthLine {
    pub file: String,
    pub page: u32,
    pub form: String,
    pub answers: BTreeMap<String, Vec<String>>,
    pub text: BTreeMap<String, String>,
    pub notes: Notes,
}

/// How the page came to be, so that errors can be sorted by cause.
#[derive(Clone, Debug, Serialize)]
pub struct Notes {
    /// Which response, counted from `first_index`.
    pub response: u64,
    /// "file#page" of the first sending of the same sheet.
    pub resent_of: Option<String>,
    pub container: Container,
    /// Which of the run's prints of the blank was filled in; `None`: an original, never faxed.
    pub print: Option<u32>,
    pub line: LineNotes,
    /// Sendings it took until every mark that arrived could be seen.
    pub sendings: u32,
    /// Marks and writing with gaps: their share that is black on the page, under 0.7: `question.option` or
    /// field -> share.
    pub faint: BTreeMap<String, f32>,
    #[serde(flatten)]
    pub sheet: SheetNotes,
}

/// A page that is no response: it has no truth line.
#[derive(Clone, Debug, Serialize)]
pub struct StrangerLine {
    pub file: String,
    pub page: u32,
    pub kind: &'static str,
    pub container: Container,
    pub line: LineNotes,
}
