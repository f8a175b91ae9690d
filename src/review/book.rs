//! What every page and response of the survey now is: the packed fold as it was loaded, with what people have
//! decided since put into it. Of what is asked for one at a time nothing is kept in full.

use std::collections::HashMap;

use super::item::id_of;
use crate::account::{Decision, Folded, Line, PageEntry, PageStatus, Response, Snapshot};
use crate::form::Form;
use crate::reading::ReasonCode;
use crate::tally::{PageCounts, Sheet, folded_counts};

/// Places are those of the account: lines and responses in the order of (file, page).
#[derive(Clone)]
pub struct Book {
    folded: Folded<Snapshot>,
    lines: Vec<Line>,
    /// Pages of the fold.
    sheets: Vec<u32>,
    /// Ids by place. A line that nobody is asked about has none.
    line_ids: Vec<Box<str>>,
    ids: Vec<Box<str>>,
    /// Id -> place.
    line_at: HashMap<Box<str>, u32>,
    at: HashMap<Box<str>, u32>,
}

impl Book {
    pub fn new(mut folded: Folded<Snapshot>) -> Self {
        folded.forget_ink();
        let (lines, sheets) = (folded.all_lines(), folded.sheets());
        let line_ids: Vec<Box<str>> =
            lines.iter().map(|line| line_id(&folded.line(*line))).collect();
        let id = |page: &u32| folded.sheet(*page).map(|r| r.id.into()).unwrap_or_default();
        let ids: Vec<Box<str>> = sheets.iter().map(id).collect();
        let (line_at, at) = (by_id(&line_ids), by_id(&ids));
        Self { folded, lines, sheets, line_ids, ids, line_at, at }
    }

    /// Every id there is, twice where a page has both a line and a response.
    pub fn all_ids(&self) -> impl Iterator<Item = &str> {
        self.line_ids.iter().chain(&self.ids).map(AsRef::as_ref).filter(|id: &&str| !id.is_empty())
    }

    pub fn line_place(&self, id: &str) -> Option<usize> {
        self.line_at.get(id).map(|i| *i as usize)
    }

    pub fn place(&self, id: &str) -> Option<usize> {
        self.at.get(id).map(|i| *i as usize)
    }

    pub fn line(&self, place: usize) -> Option<PageEntry> {
        self.lines.get(place).map(|line| self.folded.line(*line))
    }

    pub fn response(&self, place: usize) -> Option<Response> {
        self.sheets.get(place).and_then(|page| self.folded.sheet(*page))
    }

    pub fn file_of_line(&self, place: usize) -> &str {
        self.lines.get(place).map_or("", |line| self.folded.file_of_line(*line))
    }

    pub fn file_of(&self, place: usize) -> &str {
        self.sheets.get(place).map_or("", |page| self.folded.file_of_sheet(*page))
    }

    pub fn id_of_line(&self, place: usize) -> &str {
        self.line_ids.get(place).map_or("", AsRef::as_ref)
    }

    pub fn id_of(&self, place: usize) -> &str {
        self.ids.get(place).map_or("", AsRef::as_ref)
    }

    /// Responses that count, one by one.
    pub fn counted(&self) -> impl Iterator<Item = Response> + '_ {
        self.folded.each_response(|status| status == PageStatus::Counted)
    }

    /// The same in columns, for figures.
    pub fn sheet<'f>(&self, forms: &'f [Form]) -> Sheet<'f> {
        Sheet::of_folded(&self.folded, forms)
    }

    pub fn page_counts(&self) -> PageCounts {
        folded_counts(&self.folded)
    }

    /// All that people have decided about a page.
    pub fn set_decisions(&mut self, id: &str, decisions: Vec<Decision>) {
        if let Some(page) = self.page(id) {
            self.folded.set_decisions(page, decisions);
        }
    }

    /// A page's new status.
    pub fn restate(&mut self, id: &str, status: PageStatus) {
        if let Some(page) = self.page(id) {
            self.folded.restate(page, status);
        }
    }

    fn page(&self, id: &str) -> Option<u32> {
        let sheet = self.place(id).and_then(|i| self.sheets.get(i).copied());
        sheet.or_else(|| self.lines.get(self.line_place(id)?)?.sheet())
    }
}

/// Empty where people cannot be asked about it.
fn line_id(p: &PageEntry) -> Box<str> {
    // The bytes of another input: whatever is to be said about them is said of that one.
    let copy = p.reasons.iter().any(|r| r.code == ReasonCode::ByteCopy);
    // A copy, too: what made it one can be taken back.
    let asked = p.response.is_some() || p.page > 0 && !copy;
    if asked { id_of(p).into() } else { "".into() }
}

fn by_id(ids: &[Box<str>]) -> HashMap<Box<str>, u32> {
    let named = ids.iter().zip(0..).filter(|(id, _)| !id.is_empty());
    named.map(|(id, i)| (id.clone(), i)).collect()
}
