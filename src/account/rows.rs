//! Pages and responses one by one, wherever they come from: an account that holds them all, or a fold
//! that makes each when its turn comes.

use std::borrow::{Borrow, Cow};

use super::{Account, Folded, PageEntry, PageStatus, Response, Snapshot};

/// Everything that is written out, in the order of (file, page).
pub trait Rows {
    fn pages(&self) -> Box<dyn Iterator<Item = Cow<'_, PageEntry>> + '_>;

    /// Counted and pending ones.
    fn responses(&self) -> Box<dyn Iterator<Item = Cow<'_, Response>> + '_>;

    /// The responses that figures are made of: pages that wait for a person as a whole are not among
    /// them.
    fn counted(&self) -> Box<dyn Iterator<Item = Cow<'_, Response>> + '_> {
        Box::new(self.responses().filter(|r| r.status == PageStatus::Counted))
    }
}

impl Rows for Account {
    fn pages(&self) -> Box<dyn Iterator<Item = Cow<'_, PageEntry>> + '_> {
        Box::new(self.pages.iter().map(Cow::Borrowed))
    }

    fn responses(&self) -> Box<dyn Iterator<Item = Cow<'_, Response>> + '_> {
        Box::new(self.responses.iter().map(Cow::Borrowed))
    }
}

impl<S: Borrow<Snapshot> + Sync> Rows for Folded<S> {
    fn pages(&self) -> Box<dyn Iterator<Item = Cow<'_, PageEntry>> + '_> {
        Box::new(self.entries().map(Cow::Owned))
    }

    fn responses(&self) -> Box<dyn Iterator<Item = Cow<'_, Response>> + '_> {
        Box::new(self.each_response(|_| true).map(Cow::Owned))
    }

    fn counted(&self) -> Box<dyn Iterator<Item = Cow<'_, Response>> + '_> {
        Box::new(self.each_response(|s| s == PageStatus::Counted).map(Cow::Owned))
    }
}
