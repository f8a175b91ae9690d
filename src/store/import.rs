//! Decisions from a keyed sample: what people typed elsewhere, in the shape of `truth.jsonl`.

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Deserialize;

use super::{Store, StoreError};
use crate::account::{
    Folded, Line as Entry, PageEntry, PageStatus, PageVerdict, Response, Snapshot, Verdict,
};
use crate::form::FormFile;
use crate::reading::FieldState;

/// One line of `truth.jsonl`; of the simulator's notes only one is of use here.
#[derive(Deserialize)]
struct Line {
    file: String,
    page: u32,
    form: String,
    #[serde(default)]
    answers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    text: BTreeMap<String, String>,
    #[serde(default)]
    notes: Notes,
}

#[derive(Default, Deserialize)]
struct Notes {
    /// "file#page" of the first sending of the same sheet.
    #[serde(default)]
    resent_of: Option<String>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub lines: usize,
    /// Pending answers and written fields that were decided.
    pub fields: usize,
    /// Pending pages that now count, with all their answers, or are duplicates.
    pub pages: usize,
    /// Lines whose page is not in the survey at all.
    pub unknown: usize,
}

impl Store {
    /// Sets every pending answer of a counted page, and every answer of a pending page, to what the line
    /// for its (file, page) says; a question that a line leaves out is blank. What the machine was sure
    /// of stays as it is, and so does what a person has already decided.
    ///
    /// # Errors
    /// `Import` with the line's number; as `decide`. Lines before the faulty one are kept.
    pub fn import_decisions(&self, lines: impl BufRead, who: &str) -> Result<Imported, StoreError> {
        let snapshot = self.snapshot()?;
        let forms = snapshot.forms.clone();
        let index = Index::new(Folded::new(snapshot));
        let mut out = Imported::default();
        for (line, n) in lines.lines().zip(1..) {
            let bad = |problem: String| StoreError::Import { line: n, problem };
            let line = line.map_err(|e| bad(e.to_string()))?;
            if line.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(&line).map_err(|e| bad(e.to_string()))?;
            out.lines += 1;
            let entries = index.entries(&line.file, line.page);
            out.unknown += usize::from(entries.is_empty());
            for entry in entries {
                self.import_line(&line, &entry, &index, &forms, who, &mut out)
                    .map_err(|e| bad(e.to_string()))?;
            }
        }
        Ok(out)
    }

    fn import_line(
        &self,
        line: &Line,
        Found { page: entry, sheet }: &Found,
        index: &Index,
        forms: &[FormFile],
        who: &str,
        out: &mut Imported,
    ) -> Result<(), StoreError> {
        let Some(id) = &entry.response else { return Ok(()) };
        let verdicts = if entry.status == PageStatus::Pending {
            out.pages += 1;
            match index.original(line) {
                Some(of) if of != *id => vec![Verdict::Page(PageVerdict::Duplicate { of })],
                _ => whole_page(line, forms),
            }
        } else {
            let response = sheet.and_then(|page| index.folded.sheet(page));
            response.map(|r| open_fields(line, &r)).unwrap_or_default()
        };
        if verdicts.is_empty() {
            return Ok(());
        }
        out.fields += verdicts.iter().filter(|v| !matches!(v, Verdict::Page(_))).count();
        self.decide_all(id, verdicts, who, None).map(|_| ())
    }
}

/// A survey's pages by (file, page), each looked up when a line names it.
struct Index {
    folded: Folded<Snapshot>,
    lines: Vec<Entry>,
}

/// One of them; `sheet` is its number in the fold.
struct Found {
    page: PageEntry,
    sheet: Option<u32>,
}

impl Index {
    fn new(folded: Folded<Snapshot>) -> Self {
        let lines = folded.all_lines();
        Self { folded, lines }
    }

    fn entries(&self, file: &str, page: u32) -> Vec<Found> {
        let from = self.lines.partition_point(|l| self.folded.file_of_line(*l) < file);
        let own = self.lines[from..].iter();
        let own = own.take_while(|l| self.folded.file_of_line(**l) == file);
        let own = own.map(|l| Found { page: self.folded.line(*l), sheet: l.sheet() });
        own.filter(|found| found.page.page == page).collect()
    }

    /// The response of which a line says that it is the same sheet.
    fn original(&self, line: &Line) -> Option<String> {
        let (file, page) = line.notes.resent_of.as_deref()?.rsplit_once('#')?;
        let mut entries = self.entries(file, page.parse().ok()?).into_iter();
        entries.find_map(|e| e.page.response.or(e.page.duplicate_of))
    }
}

fn open_fields(line: &Line, response: &Response) -> Vec<Verdict> {
    let answers = response.answers.iter().filter(|(_, a)| a.state == FieldState::Pending);
    let text = response.text.iter().filter(|(_, t)| t.state == FieldState::Pending);
    let answers = answers.map(|(id, _)| answer(line, id));
    answers.chain(text.map(|(id, _)| written(line, id))).collect()
}

fn whole_page(line: &Line, forms: &[FormFile]) -> Vec<Verdict> {
    let mut out = vec![Verdict::Page(PageVerdict::Counted { form: Some(line.form.clone()) })];
    for q in forms.iter().filter(|f| f.id == line.form).flat_map(|f| &f.questions) {
        let choice = q.kind.is_choice();
        out.push(if choice { answer(line, &q.id) } else { written(line, &q.id) });
    }
    out
}

fn answer(line: &Line, id: &str) -> Verdict {
    let value = line.answers.get(id).cloned().unwrap_or_default();
    Verdict::Answer { question: id.to_owned(), value }
}

fn written(line: &Line, id: &str) -> Verdict {
    let value = line.text.get(id).cloned().unwrap_or_default();
    Verdict::Text { field: id.to_owned(), value }
}
