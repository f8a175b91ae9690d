//! What a person gets next: the queue through a filter, without what others have before them.

use std::time::Instant;

use super::{Desk, State};
use crate::account::{Account, Answer, Field, Source, Written};
use crate::lang::reason::code;
use crate::reading::FieldState;
use crate::review::item::{Guess, Item, Key};
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
}

/// What of the queue is wanted; everything that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub shelf: Shelf,
    /// `page`, `answer` or `text`.
    pub kind: Option<String>,
    pub field: Option<String>,
    pub option: Option<String>,
    /// A reason's code.
    pub reason: Option<String>,
    pub file: Option<String>,
    pub response: Option<String>,
}

impl Filter {
    fn fits(&self, item: &Item) -> bool {
        let is = |want: &Option<String>, have: &str| want.as_ref().is_none_or(|w| w == have);
        is(&self.kind, item.key.field.kind())
            && is(&self.field, item.key.field.name())
            && is(&self.file, &item.file)
            && is(&self.response, &item.key.response)
            && self.option.as_ref().is_none_or(|o| match o.as_str() {
                // The whole answer.
                "-" => item.option.is_none(),
                o => item.option.as_deref() == Some(o),
            })
            && self.reason.as_ref().is_none_or(|r| item.reasons.iter().any(|i| code(i.code) == *r))
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
                state.collect(who, filter, n, have, passed, now, &mut out);
            }
        }
        if filter.shelf == Shelf::Audit || filter.hides_probes() {
            state.mix_probes(who, filter, n, have, now, &mut out);
        }
        out
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
        n: usize,
        have: &[Key],
        passed: bool,
        now: Instant,
        out: &mut Vec<Taken>,
    ) {
        let mut found = Vec::new();
        for item in self.queue.values() {
            if out.len() + found.len() == n {
                break;
            }
            if !filter.fits(item) || have.contains(&item.key) {
                continue;
            }
            let stands = stands(self.remarks(&item.key), who);
            let wanted = stands.shelf == filter.shelf && stands.passed == passed && !stands.entered;
            if wanted && !self.leases.other(&item.key, who, now) {
                found.push(item.clone());
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
        let visible = self.remarks(&item.key).iter().filter(|r| r.kind != RemarkKind::Entry);
        Taken { rev, remarks: visible.cloned().collect(), item }
    }

    /// Answers of the sample that nobody has looked at.
    pub fn probes_left(&self) -> usize {
        self.fitting_probes(&Filter::default())
    }

    fn fitting_probes(&self, filter: &Filter) -> usize {
        let left = |unit| probe_item(&self.account, &self.responses, unit);
        self.sample.iter().filter_map(left).filter(|item| filter.fits(item)).count()
    }

    /// Puts answers of the sample among the ordinary ones, as evenly as what is left of both allows and
    /// never more than every second one.
    fn mix_probes(
        &mut self,
        who: &str,
        filter: &Filter,
        n: usize,
        have: &[Key],
        now: Instant,
        out: &mut Vec<Taken>,
    ) {
        let alone = filter.shelf == Shelf::Audit;
        let waiting: Vec<Item> = self
            .sample
            .iter()
            .filter_map(|unit| probe_item(&self.account, &self.responses, unit))
            .filter(|item| filter.fits(item) && !have.contains(&item.key))
            .filter(|item| !self.leases.has(&item.key, now))
            .filter(|item| {
                let stands = stands(self.remarks(&item.key), who);
                stands.shelf == Shelf::Open && !stands.passed
            })
            .take(n)
            .collect();
        let ordinary_left = self.queue.values().filter(|i| filter.fits(i)).count();
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

pub fn stands(remarks: &[Remark], who: &str) -> Stands {
    let mut out = Stands { shelf: Shelf::Open, passed: false, entered: false };
    for r in remarks {
        match r.kind {
            RemarkKind::Skip => out.passed |= r.who == who,
            RemarkKind::Escalate => out.shelf = Shelf::Escalated,
            RemarkKind::CannotTell => out.shelf = Shelf::CannotTell,
            RemarkKind::Entry => out.entered |= r.who == who,
        }
    }
    // Another person sees what was passed on to them among everything else.
    if out.shelf == Shelf::Escalated
        && !remarks.iter().any(|r| r.kind == RemarkKind::Escalate && r.who == who)
    {
        out.shelf = Shelf::Open;
    }
    out
}

/// An answer of the sample in the shape of any other item.
fn probe_item(
    account: &Account,
    responses: &std::collections::HashMap<String, usize>,
    unit: &Unit,
) -> Option<Item> {
    let r = &account.responses[*responses.get(&unit.response)?];
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
        form: Some(r.form.clone()),
        file: r.file.clone(),
        page: r.page,
        option: (!unit.option.is_empty()).then(|| unit.option.clone()),
        guess,
        reasons: Vec::new(),
        again: false,
        confidence: 1.0,
    })
}
