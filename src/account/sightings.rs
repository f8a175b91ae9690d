//! Every input that was seen, in columns: forty bytes each instead of several hundred.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Labels;
use crate::reading::Reason;

/// Stands for "none" in a column.
pub const NONE: u32 = u32::MAX;

/// Texts one behind the other.
#[derive(Clone, Debug, Default)]
struct Texts {
    all: String,
    /// Four gigabytes of names are more than any survey has; what would come behind them has none.
    ends: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, i: u32) -> &str {
        let i = i as usize;
        let from = if i == 0 { Some(0) } else { self.ends.get(i - 1).copied() };
        let span = from.and_then(|from| self.all.get(from as usize..*self.ends.get(i)? as usize));
        span.unwrap_or_default()
    }
}

/// Values that repeat, each once.
#[derive(Clone, Debug)]
struct Known<T> {
    all: Vec<T>,
    places: HashMap<String, u32>,
    /// The key that was asked for last, and its place: neighbours are often alike.
    last: (String, u32),
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: HashMap::new(), last: (String::new(), NONE) }
    }
}

impl<T> Known<T> {
    fn place(&mut self, key: &str, value: impl FnOnce() -> T) -> u32 {
        if self.last.1 != NONE && self.last.0 == key {
            return self.last.1;
        }
        let next = self.all.len() as u32;
        let at = self.places.get(key).copied().unwrap_or_else(|| {
            self.all.push(value());
            self.places.insert(key.to_owned(), next);
            next
        });
        self.last.0.clear();
        self.last.0.push_str(key);
        self.last.1 = at;
        at
    }
}

/// Where something was seen.
#[derive(Clone, Copy, Debug)]
pub struct Place<'s> {
    /// Relative to the inbox it was found in.
    pub file: &'s str,
    /// Absolute.
    pub location: &'s str,
    /// Any text that is the same for the same labels, and for no others.
    pub labels: &'s str,
}

/// In the order in which they were seen first.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    files: Texts,
    /// What a location has before its file.
    inboxes: Known<String>,
    inbox: Vec<u32>,
    /// Locations that do not end in their file.
    odd: BTreeMap<u32, String>,
    labels: Known<Labels>,
    label: Vec<u32>,
    /// Place among the snapshot's documents.
    documents: Vec<u32>,
    reasons: BTreeMap<u32, Reason>,
    /// Those that are not to count; empty if all are.
    forgotten: Vec<bool>,
}

impl Sightings {
    /// `document` is its place among the snapshot's documents, or `NONE`.
    pub fn push(
        &mut self,
        place: &Place,
        labels: impl FnOnce() -> Labels,
        document: u32,
        reason: Option<Reason>,
    ) {
        let at = self.label.len() as u32;
        let inbox = place.location.strip_suffix(place.file);
        if inbox.is_none() {
            self.odd.insert(at, place.location.to_owned());
        }
        let inbox = inbox.unwrap_or_default();
        self.inbox.push(self.inboxes.place(inbox, || inbox.to_owned()));
        self.label.push(self.labels.place(place.labels, labels));
        self.files.push(place.file);
        self.documents.push(document);
        if let Some(reason) = reason {
            self.reasons.insert(at, reason);
        }
    }

    /// Those that count, in order.
    pub fn all(&self) -> impl Iterator<Item = u32> + '_ {
        let stays = |i: &u32| !self.forgotten.get(*i as usize).copied().unwrap_or_default();
        (0..self.label.len() as u32).filter(stays)
    }

    pub fn file(&self, i: u32) -> &str {
        self.files.get(i)
    }

    pub fn location(&self, i: u32) -> String {
        let inbox = || &self.inboxes.all[self.inbox[i as usize] as usize];
        self.odd.get(&i).cloned().unwrap_or_else(|| [inbox(), self.file(i)].concat())
    }

    pub fn labels(&self, i: u32) -> &Labels {
        &self.labels.all[self.label[i as usize] as usize]
    }

    pub fn document(&self, i: u32) -> Option<u32> {
        Some(self.documents[i as usize]).filter(|d| *d != NONE)
    }

    pub fn reason(&self, i: u32) -> Option<&Reason> {
        self.reasons.get(&i)
    }

    /// Whether a later sighting of the same place stands, by sighting; only those in `asked` are looked at.
    pub fn superseded(&self, asked: &BTreeSet<u32>) -> BTreeSet<u32> {
        let files: BTreeSet<&str> = asked.iter().map(|i| self.file(*i)).collect();
        let mut last: BTreeMap<String, u32> = BTreeMap::new();
        if !files.is_empty() {
            for i in self.all().filter(|i| files.contains(self.file(*i))) {
                last.insert(self.location(i), i);
            }
        }
        asked.iter().copied().filter(|i| last.get(&self.location(*i)) != Some(i)).collect()
    }

    /// Lets go of what the files are called.
    pub fn forget_files(&mut self) {
        self.files = Texts::default();
    }

    /// Forgets those whose labels `forget` names.
    pub fn forget(&mut self, forget: impl Fn(&Labels) -> bool) {
        let by_label: Vec<bool> = self.labels.all.iter().map(forget).collect();
        self.forgotten.resize(self.label.len(), false);
        for (gone, label) in self.forgotten.iter_mut().zip(&self.label) {
            *gone |= by_label[*label as usize];
        }
    }
}
