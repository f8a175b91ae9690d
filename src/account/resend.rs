//! Which counted pages are the same sheet sent again.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

use super::{Folded, PageStatus, Snapshot};
use crate::reading::{AnswerReading, Reason, ReasonCode};
use crate::resent::{self, Known, Sent, cells};

/// A page as the search wants it: answers are taken out when they are asked for.
struct Held<'a, S> {
    folded: &'a Folded<S>,
    page: u32,
}

impl<S: Borrow<Snapshot> + Sync> Sent for Held<'_, S> {
    fn form(&self) -> &str {
        self.folded.form_of(self.page).unwrap_or_default()
    }

    fn cells(&self) -> Vec<u32> {
        cells(self.folded.snapshot().ink(self.page))
    }

    fn answers(&self) -> Cow<'_, BTreeMap<String, AnswerReading>> {
        let view = self.folded.snapshot().view(self.page);
        Cow::Owned(view.and_then(|(_, v)| v.unpack()).map(|r| r.answers).unwrap_or_default())
    }
}

/// Marks what `resent` finds, unless a person has spoken. What is known then, if it is more than before.
pub(super) fn mark_resent<S: Borrow<Snapshot> + Sync>(folded: &mut Folded<S>) -> Option<Known> {
    let worth = |p: &u32| {
        // A page without any added ink is no copy of anything.
        folded.standing[*p as usize].status == PageStatus::Counted
            && !folded.snapshot().ink(*p).is_empty()
    };
    let pages: Vec<(u32, Held<S>)> = folded
        .at_home()
        .filter(worth)
        .map(|page| (page, Held { folded: &*folded, page }))
        .collect();
    let id = |p: &(u32, Held<S>)| folded.snapshot().reading_id(p.0, p.1.form());
    let ids = pages.iter().map(id).collect();
    let (found, learned) = resent::search(&pages, ids, folded.snapshot().known_pairs());
    drop(pages);
    for m in found {
        if folded.standing[m.copy as usize].decided {
            continue;
        }
        let original = folded.id(m.original);
        let certain = !m.doubtful;
        let code = if certain { ReasonCode::Resent } else { ReasonCode::PossibleDuplicate };
        let reason = Reason::new(code).about(&original).measured(m.similarity);
        folded.resent(m.copy, original, reason, certain);
    }
    learned
}
