//! What waits, counted: by question, by reason, by file.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Instant;

use super::take::stands;
use super::{Desk, Shelf};
use crate::lang::reason::code;
use crate::reading::ReasonCode;
use crate::review::item::View;

/// One line of a list: how many, of what, and the worst confidence among them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Count {
    pub kind: String,
    pub name: String,
    /// A reason's sentence; filled in by who shows it.
    pub label: String,
    /// The one doubtful option, or empty.
    pub option: String,
    pub items: usize,
    pub worst: f32,
}

/// What waits for `who`.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Summary {
    pub open: usize,
    pub pages: usize,
    /// Of the open ones, those that others have before them.
    pub taken: usize,
    pub passed: usize,
    pub escalated: usize,
    pub cannot_tell: usize,
    /// Entered by this person, waiting for another (double entry).
    pub entered: usize,
    pub audit_left: usize,
    /// Pages that the machine took for no response, which nobody has looked at.
    pub set_aside: usize,
    pub fields: Vec<Count>,
    pub reasons: Vec<Count>,
    pub files: Vec<Count>,
    pub version: u64,
}

/// Files listed; a person begins with the worst.
const FILES: usize = 50;

/// How many, and the worst confidence among them.
#[derive(Clone, Copy)]
struct Tally(usize, f32);

impl Default for Tally {
    fn default() -> Self {
        Self(0, 1.0)
    }
}

impl Tally {
    fn add(&mut self, confidence: f32) {
        *self = Self(self.0 + 1, self.1.min(confidence));
    }
}

/// Counts of what is open, by names that are the account's own: this is made for every look at the queue.
#[derive(Default)]
struct Counts<'a> {
    fields: BTreeMap<(&'static str, &'a str, &'a str), Tally>,
    reasons: BTreeMap<ReasonCode, Tally>,
    files: BTreeMap<&'a str, Tally>,
}

impl<'a> Counts<'a> {
    fn add(&mut self, view: &View<'a>) {
        let (confidence, option) = (view.confidence, view.option.unwrap_or_default());
        self.fields.entry((view.kind, view.name, option)).or_default().add(confidence);
        self.files.entry(view.file).or_default().add(confidence);
        for code in view.reasons {
            self.reasons.entry(*code).or_default().add(confidence);
        }
    }

    fn into_lists(self, out: &mut Summary) {
        let fields = self.fields.into_iter();
        out.fields = sorted(fields.map(|((kind, name, option), t)| count(kind, name, option, t)));
        out.reasons = sorted(self.reasons.into_iter().map(|(c, t)| count("", &code(c), "", t)));
        // Only what is listed gets a name of its own.
        let mut files: Vec<(&str, Tally)> = self.files.into_iter().collect();
        files.sort_by_key(|(_, t)| Reverse(t.0));
        files.truncate(FILES);
        out.files = files.into_iter().map(|(name, t)| count("", name, "", t)).collect();
    }
}

impl Desk {
    pub fn summary(&self, who: &str) -> Summary {
        let state = self.state();
        let mut out = Summary {
            taken: state.leases.count_others(who, Instant::now()),
            audit_left: state.probes_left(),
            version: state.version,
            ..Summary::default()
        };
        let mut counts = Counts::default();
        for (slot, view) in state.views(&self.forms) {
            let remarks = state.remarks_on(&view);
            let stands = stands(remarks.clone(), who);
            match stands.shelf {
                _ if slot.is_aside() => out.set_aside += 1,
                _ if stands.entered => out.entered += 1,
                Shelf::Escalated => out.escalated += 1,
                Shelf::CannotTell => out.cannot_tell += 1,
                Shelf::Open | Shelf::Audit | Shelf::SetAside => {
                    out.open += 1;
                    out.passed += usize::from(stands.passed);
                    out.pages += usize::from(view.kind == "page");
                    counts.add(&view);
                }
            }
        }
        counts.into_lists(&mut out);
        out
    }
}

fn count(kind: &str, name: &str, option: &str, Tally(items, worst): Tally) -> Count {
    let (kind, name, option) = (kind.to_owned(), name.to_owned(), option.to_owned());
    Count { kind, name, label: String::new(), option, items, worst }
}

/// The longest first.
fn sorted(counts: impl Iterator<Item = Count>) -> Vec<Count> {
    let mut out: Vec<Count> = counts.collect();
    out.sort_by_key(|c| Reverse(c.items));
    out
}
