//! What a person gets next: the queue through a filter, without what others have before them.

use std::time::Instant;

use super::{Desk, State};
use crate::account::{Answer, Field, Source, Written};
use crate::form::Form;
use crate::reading::{FieldState, ReasonCode};
use crate::review::book::Book;
use crate::review::item::{Guess, Item, Key, Slot, View};
use crate::sample::Unit;
use crate::store::{Remark, RemarkKind};

/// Which part of the queue; ordinary items are on the open shelf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    #[default]
    Open,
    /// Passed on to another person.
    Escalated,
    /// A person looked and could not tell.
    CannotTell,
    /// Only the blind audit's rest.
    Audit,
    /// Pages that the machine took for no response.
    SetAside,
}

/// What of the queue is wanted; everything that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub shelf: Shelf,
    /// `page`, `answer` or `text`.
    pub kind: Option<String>,
    pub field: Option<String>,
    pub option: Option<String>,
    pub reason: Option<ReasonCode>,
    pub file: Option<String>,
    pub response: Option<String>,
}

impl Filter {
    fn fits(&self, slot: Slot, view: &View) -> bool {
        let shelf = (self.shelf == Shelf::SetAside) == slot.is_aside() || self.response.is_some();
        shelf
            && self.names(view.kind, view.name, view.file, view.option)
            && self.response.as_ref().is_none_or(|w| w == view.response)
            && self.reason.is_none_or(|w| view.reasons.contains(&w))
    }

    fn names(&self, kind: &str, field: &str, file: &str, option: Option<&str>) -> bool {
        let is = |want: &Option<String>, have: &str| want.as_ref().is_none_or(|w| w == have);
        is(&self.kind, kind)
            && is(&self.field, field)
            && is(&self.file, file)
            && self.option.as_ref().is_none_or(|o| match o.as_str() {
                // The whole answer.
                "-" => option.is_none(),
                o => option == Some(o),
            })
    }

    /// Whether an answer of the blind audit is of the wanted part.
    fn fits_probe(&self, item: &Item) -> bool {
        let field = &item.key.field;
        self.names(field.kind(), field.name(), &item.file, item.option.as_deref())
            && self.response.as_ref().is_none_or(|w| *w == item.key.response)
    }

    /// Whether answers of the blind audit may be among these: a filter by reason would give them away.
    fn hides_probes(&self) -> bool {
        self.shelf == Shelf::Open
            && self.reason.is_none()
            && self.file.is_none()
            && self.response.is_none()
            && self.kind.as_deref() != Some("page")
    }
}

/// An item as a person gets it, with the revision that they see and what others remarked.
#[derive(Clone, Debug)]
pub struct Taken {
    pub item: Item,
    pub rev: u32,
    pub remarks: Vec<Remark>,
}

impl Desk {
    /// The next `n` items for `who`, taken for some minutes; those in `have` are before them already and
    /// are taken anew.
    pub fn take(&self, who: &str, filter: &Filter, n: usize, have: &[Key]) -> Vec<Taken> {
        let now = Instant::now();
        let mut state = self.state();
        for key in have {
            state.leases.take(key, who, None, now);
        }
        let mut out = Vec::new();
        if filter.shelf != Shelf::Audit {
            // What one passed over comes last.
            for passed in [false, true] {
                state.collect(who, filter, &self.forms, n, have, passed, now, &mut out);
            }
        }
        if filter.shelf == Shelf::Audit || filter.hides_probes() {
            state.mix_probes(who, filter, &self.forms, n, have, now, &mut out);
        }
        out
    }

    /// How many items of the wanted part wait for `who`, whoever has them before them; those of the blind
    /// audit are in it, for a number that jumps would give them away.
    pub fn left(&self, who: &str, filter: &Filter) -> usize {
        let state = self.state();
        let waits = |(slot, view): &(Slot, View)| {
            let stands = stands(state.remarks_on(view), who);
            filter.fits(*slot, view)
                && !stands.entered
                && (slot.is_aside() || stands.shelf == filter.shelf)
        };
        let audit = filter.shelf == Shelf::Audit || filter.hides_probes();
        let hidden = if audit { state.fitting_probes(filter) } else { 0 };
        let shown = state.views(&self.forms).filter(waits).count();
        shown + hidden
    }

    pub fn release(&self, who: &str, keys: &[Key]) {
        self.state().leases.release(who, keys);
    }
}

impl State {
    #[allow(clippy::too_many_arguments, reason = "one pass over the queue, called twice")]
    fn collect(
        &mut self,
        who: &str,
        filter: &Filter,
        forms: &[Form],
        n: usize,
        have: &[Key],
        passed: bool,
        now: Instant,
        out: &mut Vec<Taken>,
    ) {
        let mut found = Vec::new();
        for (slot, view) in self.views(forms) {
            if out.len() + found.len() == n {
                break;
            }
            if !filter.fits(slot, &view) {
                continue;
            }
            let stands = stands(self.remarks_on(&view), who);
            let shelf = slot.is_aside() || stands.shelf == filter.shelf;
            if !shelf || stands.passed != passed || stands.entered {
                continue;
            }
            let key = view.key();
            if !have.contains(&key) && !self.leases.other(&key, who, now) {
                found.extend(view.item(slot, &self.book));
            }
        }
        for item in found {
            if self.leases.take(&item.key, who, None, now) {
                out.push(self.taken(item));
            }
        }
    }

    fn taken(&self, item: Item) -> Taken {
        let rev = self.revisions.get(&item.key.response).copied().unwrap_or(0);
        // Entries of others stay hidden: the second of two must not be told.
        let visible = self.remarks(&item.key).filter(|r| r.kind != RemarkKind::Entry);
        Taken { rev, remarks: visible.cloned().collect(), item }
    }

    /// Answers of the sample that nobody has looked at.
    pub fn probes_left(&self) -> usize {
        self.fitting_probes(&Filter::default())
    }

    fn probes(&self) -> impl Iterator<Item = &Item> {
        self.sample.iter().filter_map(|(_, item)| item.as_ref())
    }

    fn fitting_probes(&self, filter: &Filter) -> usize {
        self.probes().filter(|item| filter.fits_probe(item)).count()
    }

    /// Puts answers of the sample among the ordinary ones, as evenly as what is left of both allows and
    /// never more than every second one.
    #[allow(clippy::too_many_arguments, reason = "one pass over the sample, called once")]
    fn mix_probes(
        &mut self,
        who: &str,
        filter: &Filter,
        forms: &[Form],
        n: usize,
        have: &[Key],
        now: Instant,
        out: &mut Vec<Taken>,
    ) {
        let alone = filter.shelf == Shelf::Audit;
        let waiting: Vec<Item> = self
            .probes()
            .filter(|item| filter.fits_probe(item) && !have.contains(&item.key))
            .filter(|item| !self.leases.has(&item.key, now))
            .filter(|item| {
                let stands = stands(self.remarks(&item.key), who);
                stands.shelf == Shelf::Open && !stands.passed
            })
            .take(n)
            .cloned()
            .collect();
        if waiting.is_empty() {
            return;
        }
        let ordinary_left = self.views(forms).filter(|(s, v)| filter.fits(*s, v)).count();
        let every = (ordinary_left / self.fitting_probes(filter).max(1)).max(1);
        let ordinary = std::mem::take(out);
        let mut waiting = waiting.into_iter();
        let mut ordinary = ordinary.into_iter();
        while out.len() < n {
            let due = alone || self.since_probe >= every;
            let probe = if due { waiting.next() } else { None };
            if let Some(item) = probe {
                self.since_probe = 0;
                let option = item.option.clone().unwrap_or_default();
                self.leases.take(&item.key, who, Some(option), now);
                let taken = self.taken(item);
                out.push(taken);
                continue;
            }
            let Some(next) = ordinary.next() else { break };
            self.since_probe += 1;
            out.push(next);
        }
        for rest in ordinary {
            self.leases.end(&rest.item.key);
        }
    }
}

/// What remarks make of an item for one person.
pub struct Stands {
    pub shelf: Shelf,
    /// They passed it over.
    pub passed: bool,
    /// They have entered it already (double entry), or passed it on.
    pub entered: bool,
}

pub fn stands<'a>(remarks: impl Iterator<Item = &'a Remark> + Clone, who: &str) -> Stands {
    let mut out = Stands { shelf: Shelf::Open, passed: false, entered: false };
    for r in remarks.clone() {
        match r.kind {
            RemarkKind::Skip => out.passed |= r.who == who,
            RemarkKind::Escalate => out.shelf = Shelf::Escalated,
            RemarkKind::CannotTell => out.shelf = Shelf::CannotTell,
            RemarkKind::Entry => out.entered |= r.who == who,
        }
    }
    // Another person sees what was passed on to them among everything else.
    if out.shelf == Shelf::Escalated
        && !{ remarks }.any(|r| r.kind == RemarkKind::Escalate && r.who == who)
    {
        out.shelf = Shelf::Open;
    }
    out
}

/// An answer of the sample in the shape of any other item.
pub fn probe_item(book: &Book, unit: &Unit) -> Option<Item> {
    let r = book.response(book.place(&unit.response)?)?;
    let guess = match &unit.field {
        Field::Answer(q) => {
            let sure = |a: &&Answer| a.state != FieldState::Pending && a.source == Source::Machine;
            Guess::Options(r.answers.get(q).filter(sure)?.value.clone())
        }
        Field::Text(q) => {
            let sure = |t: &&Written| t.state != FieldState::Pending && t.source == Source::Machine;
            Guess::Text(r.text.get(q).filter(sure)?.value.clone())
        }
        Field::Page => return None,
    };
    Some(Item {
        key: Key { response: unit.response.clone(), field: unit.field.clone() },
        form: Some(r.form),
        file: r.file,
        page: r.page,
        option: (!unit.option.is_empty()).then(|| unit.option.clone()),
        guess,
        reasons: Vec::new(),
        again: false,
    })
}
