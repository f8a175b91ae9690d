//! What became of each page of the truth, and what was counted without one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Case;
use crate::account::{Account, PageEntry, PageStatus};
use crate::reading::ReasonCode;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PageScore {
    /// Lines of the truth.
    pub truth: u64,
    pub counted: u64,
    pub pending: u64,
    pub duplicate: u64,
    /// Hold a form, but were set aside.
    pub wrongly_set_aside: u64,
    pub refused: u64,
    /// In the truth, never read.
    pub missing: u64,
    /// Not set in place on their form: pending for it, set aside, refused or missing.
    pub not_registered: u64,
    pub wrong_form: u64,
    /// Counted although the truth has no such page.
    pub wrongly_counted: u64,
    pub duplicates: DuplicateScore,
}

/// Sheets that were sent more than once, as the notes say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DuplicateScore {
    pub sent_again: u64,
    /// Counted more than once.
    pub missed: u64,
    /// Called a duplicate of another sheet.
    pub wrong: u64,
}

type Key<'a> = (&'a str, u32);

pub fn score(account: &Account, cases: &[Case]) -> PageScore {
    let mut n = PageScore { truth: cases.len() as u64, ..PageScore::default() };
    for case in cases {
        match case.page.map(|p| p.status) {
            None => n.missing += 1,
            Some(PageStatus::Counted) => n.counted += 1,
            Some(PageStatus::Pending) => n.pending += 1,
            Some(PageStatus::Duplicate) => n.duplicate += 1,
            Some(PageStatus::SetAside) => n.wrongly_set_aside += 1,
            Some(PageStatus::Refused) => n.refused += 1,
        }
        n.not_registered += u64::from(!case.page.is_some_and(registered));
        let form = case.page.and_then(|p| p.form.as_deref());
        n.wrong_form += u64::from(form.is_some_and(|f| f != case.truth.form));
    }
    let known: BTreeSet<Key> = cases.iter().map(|c| c.truth.key()).collect();
    let counted = account.pages.iter().filter(|p| p.status == PageStatus::Counted);
    n.wrongly_counted =
        counted.filter(|p| !known.contains(&(p.file.as_str(), p.page))).count() as u64;
    n.duplicates = duplicates(account, cases);
    n
}

fn registered(page: &PageEntry) -> bool {
    let lost = |code| matches!(code, ReasonCode::NotRegistered | ReasonCode::Quarantined);
    let read = !matches!(page.status, PageStatus::SetAside | PageStatus::Refused);
    read && page.form.is_some() && !page.reasons.iter().any(|r| lost(r.code))
}

fn duplicates(account: &Account, cases: &[Case]) -> DuplicateScore {
    let parents: BTreeMap<Key, Key> =
        cases.iter().filter_map(|c| Some((c.truth.key(), c.truth.resent_of()?))).collect();
    let owners: BTreeMap<&str, Key> = account
        .pages
        .iter()
        .filter(|p| p.status != PageStatus::Duplicate)
        .filter_map(|p| Some((p.response.as_deref()?, (p.file.as_str(), p.page))))
        .collect();
    let mut n = DuplicateScore { sent_again: parents.len() as u64, ..DuplicateScore::default() };
    let mut counted: BTreeMap<Key, u64> = BTreeMap::new();
    for case in cases {
        let sheet = original(&parents, case.truth.key());
        let Some(page) = case.page else { continue };
        match page.status {
            PageStatus::Counted => *counted.entry(sheet).or_default() += 1,
            PageStatus::Duplicate => {
                let of = page.duplicate_of.as_deref().and_then(|id| owners.get(id));
                let same = of.is_some_and(|key| original(&parents, *key) == sheet);
                n.wrong += u64::from(!same);
            }
            _ => {}
        }
    }
    n.missed = counted.values().map(|c| c.saturating_sub(1)).sum();
    n
}

/// The first transmission of a sheet; chains are short, and a loop in the notes ends.
fn original<'a>(parents: &BTreeMap<Key<'a>, Key<'a>>, key: Key<'a>) -> Key<'a> {
    let next = |k: &Key<'a>| parents.get(k).copied();
    std::iter::successors(Some(key), next).take(parents.len() + 1).last().unwrap_or(key)
}
