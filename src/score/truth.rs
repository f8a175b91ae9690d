//! `truth.jsonl`: what is really on each page, one JSON object a line.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

/// One page's truth. A question that is missing or `[]` is blank. `notes` is what the simulator
/// knows beyond the contract, and may be absent.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TruthPage {
    pub file: String,
    pub page: u32,
    pub form: String,
    #[serde(default)]
    pub answers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub text: BTreeMap<String, String>,
    #[serde(default)]
    pub notes: Value,
}

impl TruthPage {
    pub fn key(&self) -> (&str, u32) {
        (&self.file, self.page)
    }

    /// The options that are really meant.
    pub fn answer(&self, question: &str) -> &[String] {
        self.answers.get(question).map_or(&[], Vec::as_slice)
    }

    pub fn text(&self, question: &str) -> &str {
        self.text.get(question).map_or("", String::as_str)
    }

    /// How bad the line was, if the notes say.
    pub fn profile(&self) -> Option<&str> {
        self.notes.get("line")?.get("profile")?.as_str()
    }

    /// `question`, `option` and how it was marked; marks that were struck out again are one style.
    pub fn styles(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let entries = |key: &str| self.notes.get(key).and_then(Value::as_object);
        let marks = entries("marks").into_iter().flatten();
        let struck = entries("struck").into_iter().flatten();
        let marks = marks.filter_map(|(place, style)| Some((place, style.as_str()?)));
        marks.chain(struck.map(|(place, _)| (place, "struck_out"))).filter_map(|(place, style)| {
            let (question, option) = place.split_once('.')?;
            Some((question, option, style))
        })
    }

    /// The page that this one is another transmission of: `file#page`.
    pub fn resent_of(&self) -> Option<(&str, u32)> {
        let (file, page) = self.notes.get("resent_of")?.as_str()?.rsplit_once('#')?;
        Some((file, page.parse().ok()?))
    }
}

/// Why a truth file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    #[error("line {line}: {message}")]
    Line { line: usize, message: String },
    #[error("line {line}: {file} page {page} stands twice")]
    Twice { line: usize, file: String, page: u32 },
    #[error("no line at all")]
    Empty,
}

/// Reads a truth file; blank lines are skipped.
///
/// # Errors
/// The first line that is no truth, or that repeats a page.
pub fn read_truth(input: impl BufRead) -> Result<Vec<TruthPage>, TruthError> {
    let mut pages: Vec<TruthPage> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (i, text) in input.lines().enumerate() {
        let line = i + 1;
        let text = text.map_err(|e| TruthError::Line { line, message: e.to_string() })?;
        if text.trim().is_empty() {
            continue;
        }
        let page: TruthPage = serde_json::from_str(&text)
            .map_err(|e| TruthError::Line { line, message: e.to_string() })?;
        if !seen.insert((page.file.clone(), page.page)) {
            return Err(TruthError::Twice { line, file: page.file, page: page.page });
        }
        pages.push(page);
    }
    if pages.is_empty() { Err(TruthError::Empty) } else { Ok(pages) }
}
