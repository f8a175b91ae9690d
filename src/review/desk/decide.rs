//! Deciding, taking back, bringing back.

use super::{Desk, State};
use crate::account::{Decision, Field, PageStatus, PageVerdict, Verdict};
use crate::form::Form;
use crate::reading::PageKind;
use crate::review::item::Key;
use crate::store::{Act, Entry, Outcome, RemarkKind, StoreError};

/// What a person did with one item.
#[derive(Clone, Debug)]
pub struct Given {
    pub key: Key,
    pub act: Act,
    pub seen: u32,
    pub took_ms: Option<i64>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Told {
    Kept,
    /// Another person was first, and this is what they decided.
    Conflict(Decision),
    /// Two people entered different things; a third will decide.
    Disagree,
    Refused(String),
}

/// Longest time that one decision is believed to have taken: who needed more was called away.
const LONGEST_MS: i64 = 600_000;

impl Desk {
    /// Commits what a person did as one step, and says of each item what became of it.
    ///
    /// # Errors
    /// Whatever the store says; then nothing of the step was kept.
    pub fn decide(&self, who: &str, given: Vec<Given>) -> Result<Vec<Told>, StoreError> {
        let keys: Vec<Key> = given.iter().map(|g| g.key.clone()).collect();
        let (entries, disagree): (Vec<Entry>, Vec<bool>) = {
            let mut state = self.state();
            for key in &keys {
                state.remember_why(key, &self.forms);
            }
            given.into_iter().map(|g| self.entry(&state, who, g)).unzip()
        };
        let told = self.commit(who, &keys, entries)?;
        self.state().undone.remove(who);
        let told = told.into_iter().zip(disagree).map(|(told, disagree)| match told {
            Told::Kept if disagree => Told::Disagree,
            other => other,
        });
        Ok(told.collect())
    }

    /// Takes back the person's last step that stands; its items.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn undo(&self, who: &str) -> Result<Option<Vec<Key>>, StoreError> {
        let Some(undone) = self.store.undo(who)? else { return Ok(None) };
        let keys: Vec<Key> =
            undone.items.into_iter().map(|(response, field)| Key { response, field }).collect();
        {
            let mut state = self.state();
            for key in keys.iter().filter(|k| k.field == Field::Page) {
                state.why.remove(key);
            }
            if let Some(entries) = state.given.remove(&undone.step) {
                state.undone.entry(who.to_owned()).or_default().push(entries);
            }
        }
        self.after(&keys, true)?;
        Ok(Some(keys))
    }

    /// Brings back what the person undid last.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn redo(&self, who: &str) -> Result<Option<Vec<Key>>, StoreError> {
        let Some(mut entries) = self.state().undone.get_mut(who).and_then(Vec::pop) else {
            return Ok(None);
        };
        let keys: Vec<Key> = entries
            .iter()
            .map(|e| Key { response: e.response.clone(), field: e.act.field() })
            .collect();
        for (entry, key) in entries.iter_mut().zip(&keys) {
            // What others decided since they undid it is not overridden unseen.
            let state = self.state();
            entry.seen = match state.waiting(key, &self.forms) {
                Some(_) => state.revisions.get(&key.response).copied().unwrap_or(0),
                None => entry.seen,
            };
        }
        self.commit(who, &keys, entries)?;
        Ok(Some(keys))
    }

    fn commit(
        &self,
        who: &str,
        keys: &[Key],
        entries: Vec<Entry>,
    ) -> Result<Vec<Told>, StoreError> {
        let remarked = entries.iter().any(|e| matches!(e.act, Act::Remark { .. }));
        let done = self.store.step(who, entries.clone())?;
        {
            let mut state = self.state();
            if let Some(step) = done.step {
                state.given.insert(step, entries);
            }
        }
        let after = self.after(keys, remarked);
        // Only now: an item that is free and still in the queue would be given to somebody else.
        let mut state = self.state();
        for key in keys {
            state.leases.end(key);
        }
        drop(state);
        after?;
        let told = done.outcomes.into_iter().map(|o| match o {
            Outcome::Kept => Told::Kept,
            Outcome::Conflict(decision) => Told::Conflict(decision),
            Outcome::Refused(problem) => Told::Refused(problem),
        });
        Ok(told.collect())
    }

    /// Takes over what the store now says about these items.
    fn after(&self, keys: &[Key], remarked: bool) -> Result<(), StoreError> {
        for key in keys {
            if remarked {
                let remarks = self.store.remarks_on(&key.response)?;
                self.state().remarks.insert(key.response.clone(), remarks);
            }
            self.refresh(&key.response)?;
            if key.field == Field::Page {
                self.restate_from_store(&key.response)?;
            }
        }
        Ok(())
    }

    /// A page's standing by its last decision; exactly so once the account is made anew.
    fn restate_from_store(&self, response: &str) -> Result<(), StoreError> {
        let (page, _) = self.store.page_now(response)?;
        let verdict = page.decisions.iter().rev().find_map(|d| match &d.verdict {
            Verdict::Page(verdict) => Some(verdict),
            _ => None,
        });
        let status = match verdict {
            Some(PageVerdict::Counted { .. }) => PageStatus::Counted,
            Some(PageVerdict::SetAside) => PageStatus::SetAside,
            Some(PageVerdict::Duplicate { .. }) => PageStatus::Duplicate,
            // Whether others make it a copy is for the account to say.
            None => match page.reading.as_ref().map(|r| r.kind) {
                Some(PageKind::SetAside) => PageStatus::SetAside,
                _ => PageStatus::Pending,
            },
        };
        self.restate(response, status);
        Ok(())
    }

    /// The store's entry for what was given, and whether it disagrees with another person's.
    fn entry(&self, state: &State, who: &str, given: Given) -> (Entry, bool) {
        let Given { key, act, seen, took_ms } = given;
        let probe = state.leases.of(&key, who).and_then(|l| l.probe.clone());
        let settles = |act: &Act| match act {
            Act::Decide(_) => true,
            Act::Remark { kind, .. } => *kind == RemarkKind::CannotTell,
        };
        let probe = probe.filter(|_| settles(&act));
        let (act, disagree) = match act {
            Act::Decide(verdict) if probe.is_none() && self.wants_two(state, &key) => {
                second_entry(state, who, &key, verdict)
            }
            act => (act, false),
        };
        let took_ms = took_ms.map(|t| t.clamp(0, LONGEST_MS));
        (Entry { response: key.response, act, seen, took_ms, probe }, disagree)
    }

    /// Whether two people enter this item.
    fn wants_two(&self, state: &State, key: &Key) -> bool {
        if key.field == Field::Page || state.waiting(key, &self.forms).is_none() {
            return false;
        }
        if self.rules.double.contains(key.field.name()) {
            return true;
        }
        // By lot, the same on every machine: the first 32 bits of a hash as a share of one.
        let hash = crate::account::document_hash(key.to_string().as_bytes());
        let lot = u32::from_str_radix(&hash[..8], 16).unwrap_or(u32::MAX);
        f64::from(lot) / f64::from(u32::MAX) < self.rules.double_share
    }
}

impl State {
    /// Once decided, an item has no reasons any more.
    fn remember_why(&mut self, key: &Key, forms: &[Form]) {
        let Some(view) = self.waiting(key, forms) else { return };
        let codes = view.reasons.to_vec();
        self.why.insert(key.clone(), codes);
    }
}

/// The first entry waits, an equal second one decides, a different one waits for a third person, whose
/// word decides.
fn second_entry(state: &State, who: &str, key: &Key, verdict: Verdict) -> (Act, bool) {
    let value = match &verdict {
        Verdict::Answer { value, .. } => serde_json::json!(value).to_string(),
        Verdict::Text { value, .. } => serde_json::json!(value).to_string(),
        Verdict::Page(_) => return (Act::Decide(verdict), false),
    };
    let entries = state.remarks(key).filter(|r| r.kind == RemarkKind::Entry);
    let others: Vec<&str> = entries.filter(|r| r.who != who).map(|r| r.value.as_str()).collect();
    if others.len() > 1 || others.contains(&value.as_str()) {
        return (Act::Decide(verdict), false);
    }
    let field = key.field.clone();
    let act = Act::Remark { field, kind: RemarkKind::Entry, value, note: String::new() };
    (act, !others.is_empty())
}
