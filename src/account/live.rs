//! A fold that is kept while people decide: its lines and responses are asked for one by one, and what is
//! decided is put into it without folding everything again. Eight thousand responses in full are forty
//! megabytes, packed two.

use super::sightings::NONE;
use super::{Decision, Folded, PageEntry, PageStatus, Response, Snapshot};
use crate::form::Form;

/// One line of the account: a page at one place where it was seen, or an input without pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    sighting: u32,
    page: u32,
}

impl Line {
    /// The page's number in the fold; `None` for an input without pages.
    pub fn sheet(self) -> Option<u32> {
        (self.page != NONE).then_some(self.page)
    }
}

impl Folded<Snapshot> {
    /// Every line, in the order of (file, page).
    pub fn all_lines(&self) -> Vec<Line> {
        let lines = self.sorted_lines().into_iter();
        lines.map(|(sighting, page)| Line { sighting, page }).collect()
    }

    /// Pages that are a counted or a pending response, in the same order.
    pub fn sheets(&self) -> Vec<u32> {
        self.sorted_responses(|_| true)
    }

    pub fn line(&self, line: Line) -> PageEntry {
        self.entry(line.sighting, line.page)
    }

    pub fn file_of_line(&self, line: Line) -> &str {
        self.snapshot().seen.file(line.sighting)
    }

    /// As things stand; `None` for pages of which no form is known.
    pub fn sheet(&self, page: u32) -> Option<Response> {
        self.response(page)
    }

    /// `r-` and sixteen digits.
    pub fn id_of_sheet(&self, page: u32) -> String {
        self.id(page)
    }

    /// Leaves of some pages those that are listed first, in the order of responses: of (file, page).
    pub fn first_sheets(&self, pages: &mut Vec<u32>, most: usize) {
        if most < pages.len() {
            pages.select_nth_unstable_by(most, |a, b| self.listed_before(*a, *b));
            pages.truncate(most);
        }
        pages.sort_by(|a, b| self.listed_before(*a, *b));
    }

    /// Where the counted responses of known forms lie, one for every row of their sheet.
    pub fn places_of(&self, forms: &[Form]) -> Vec<(u32, u32)> {
        let known = |page| forms.iter().any(|f| Some(f.id()) == self.form_of(page));
        let mut places = self.counted_places();
        places.retain(|at| known(at.1));
        places
    }

    /// What people decided about a page, oldest first.
    pub fn decisions_of_sheet(&self, page: u32) -> &[Decision] {
        self.snapshot().decisions_on(page)
    }

    /// Lets go of names and hashes, which figures do not need: of a million pages 56 MB. What is then asked of
    /// pages has neither file nor id.
    pub fn forget_names(&mut self) {
        self.snapshot_mut().forget_names();
    }

    pub fn file_of_sheet(&self, page: u32) -> &str {
        self.snapshot().seen.file(self.home_of(page))
    }

    pub fn form_of_sheet(&self, page: u32) -> Option<&str> {
        self.form_of(page)
    }

    /// What people have decided about a page, all of it, the latest last. Its answers follow; its status and
    /// that of others do not (`restate`).
    pub fn set_decisions(&mut self, page: u32, decisions: Vec<Decision>) {
        self.snapshot_mut().set_decisions(page, decisions);
    }

    /// A page's new status, whatever else it may make of other pages.
    pub fn restate(&mut self, page: u32, status: PageStatus) {
        if let Some(standing) = self.standing.get_mut(page as usize) {
            standing.status = status;
        }
    }

    /// Lets go of what only the search for sheets that were sent twice needs: most of it.
    pub fn forget_ink(&mut self) {
        self.snapshot_mut().forget_ink();
    }
}
