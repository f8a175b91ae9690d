//! A survey as it stood on a day: what had arrived by then, with everything that people have decided
//! about it since. Interim and final figures come from the same folder.

use super::{Sighting, Snapshot};

/// What a day's figures leave out, in pages (an input without pages is one).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Arrived after the day.
    pub later: u64,
    /// Nobody said when it arrived.
    pub undated: u64,
}

impl Snapshot {
    /// Forgets every sighting after `day` (an ISO date) and those without a date. It is the sightings
    /// that go, before anything is folded: a sheet whose copy came in time and whose original came later
    /// is then counted by its copy.
    pub fn as_of(&mut self, day: &str) -> LeftOut {
        let mut out = LeftOut::default();
        let Self { sightings, documents, .. } = self;
        let pages = |s: &Sighting| {
            let document = s.document.as_ref().and_then(|d| documents.get(d));
            document.map_or(1, |d| d.pages.len().max(1)) as u64
        };
        sightings.retain(|s| match s.labels.arrived.as_deref() {
            // ISO dates sort as text.
            Some(date) if date <= day => true,
            Some(_) => {
                out.later += pages(s);
                false
            }
            None => {
                out.undated += pages(s);
                false
            }
        });
        out
    }
}
