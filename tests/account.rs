//! The fold's promise: whatever the store holds, every page of every input has one status, and every
//! response is counted at most once.

#[path = "support/fake.rs"]
mod fake;

use std::collections::{BTreeMap, BTreeSet};

use faxtally::account::{
    Account, Decision, Document, Labels, Page, PageState, PageStatus, PageVerdict, Sighting,
    Snapshot, Verdict, document_hash, fold, response_id,
};
use faxtally::reading::{Reason, ReasonCode};
use proptest::prelude::*;

fn page() -> impl Strategy<Value = Page> {
    let kinds = prop::sample::select(vec!["response", "pending", "cover"]);
    let states = prop::sample::select(vec![
        PageState::Waiting,
        PageState::Read,
        PageState::Read,
        PageState::Refused,
        PageState::Quarantined,
    ]);
    let verdict = prop::option::weighted(0.3, (0..4u8, 0..4usize, 1..4u32));
    (kinds, states, 0..5u64, verdict).prop_map(|(kind, state, ink, verdict)| {
        let read = state == PageState::Read;
        let decided = |(which, document, no): (u8, usize, u32)| match which {
            0 => PageVerdict::Counted { form: None },
            1 => PageVerdict::Counted { form: Some("f1".into()) },
            2 => PageVerdict::SetAside,
            _ => PageVerdict::Duplicate { of: response_id(&hash(document), no) },
        };
        let decision = |verdict| Decision {
            rev: 1,
            who: "Sato".into(),
            at: 0,
            machine: None,
            verdict: Verdict::Page(decided(verdict)),
        };
        Page {
            state,
            reason: None,
            reading: read.then(|| fake::reading(&format!("{kind} q1=a ink={ink}"))),
            decisions: verdict.map(decision).into_iter().collect(),
        }
    })
}

fn hash(document: usize) -> String {
    document_hash(&document.to_be_bytes())
}

/// What was put into a snapshot, and the snapshot.
#[derive(Clone, Debug)]
struct Given {
    sightings: Vec<Sighting>,
    documents: BTreeMap<String, Document>,
    snapshot: Snapshot,
}

fn given(sightings: Vec<Sighting>, documents: BTreeMap<String, Document>) -> Given {
    let mut snapshot = Snapshot::new(Vec::new());
    for (sha256, d) in &documents {
        snapshot.unusual(sha256, d.refused.clone(), d.pages.len() as u32).unwrap();
    }
    for s in &sightings {
        snapshot.see(s).unwrap();
    }
    for (sha256, d) in &documents {
        snapshot.document(sha256, d).unwrap();
    }
    snapshot.complete();
    Given { sightings, documents, snapshot }
}

fn snapshot() -> impl Strategy<Value = Given> {
    let document = (prop::bool::weighted(0.2), prop::collection::vec(page(), 0..4));
    let documents = prop::collection::vec(document, 4);
    let sighting = (0..6usize, prop::option::weighted(0.9, 0..4usize));
    (documents, prop::collection::vec(sighting, 0..12)).prop_map(|(documents, seen)| {
        let refused = Reason::new(ReasonCode::Truncated);
        let documents = documents.into_iter().enumerate().map(|(i, (bad, pages))| {
            (hash(i), Document { refused: bad.then(|| refused.clone()), pages })
        });
        let sightings = seen.into_iter().map(|(place, document)| Sighting {
            file: format!("{place}.tif"),
            location: format!("/in/{place}.tif"),
            labels: Labels::default(),
            document: document.map(hash),
            reason: document.is_none().then(|| Reason::new(ReasonCode::Unreadable)),
        });
        given(sightings.collect(), documents.collect())
    })
}

fn count(account: &Account, status: PageStatus) -> usize {
    account.pages.iter().filter(|p| p.status == status).count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statuses_add_up_and_no_response_counts_twice(snapshot in snapshot()) {
        let account = fold(&snapshot.snapshot);
        // Every page of every place at which a readable document was seen has its line.
        let places: BTreeSet<_> =
            snapshot.sightings.iter().map(|s| (&s.location, &s.document)).collect();
        for (_, document) in &places {
            let Some(sha) = document else { continue };
            let pages = if snapshot.documents[sha].refused.is_some() { 0 } else { snapshot.documents[sha].pages.len() };
            let lines: BTreeSet<u32> =
                account.pages.iter().filter(|p| p.sha256 == *sha).map(|p| p.page).collect();
            prop_assert!((1..=pages as u32).all(|no| lines.contains(&no)));
        }
        let counted: Vec<_> = account.pages.iter().filter(|p| p.status == PageStatus::Counted).collect();
        let ids: BTreeSet<_> = counted.iter().map(|p| p.response.as_ref().unwrap()).collect();
        prop_assert_eq!(ids.len(), counted.len(), "a response on two lines");
        let listed: BTreeSet<_> = account.responses.iter().map(|r| &r.id).collect();
        prop_assert_eq!(listed.len(), account.responses.len());
        let n = account.responses.iter().filter(|r| r.status == PageStatus::Counted).count();
        prop_assert_eq!(n, count(&account, PageStatus::Counted));
        // What is a duplicate says of what, and that is a response itself.
        for p in account.pages.iter().filter(|p| p.status == PageStatus::Duplicate) {
            let of = p.duplicate_of.as_ref().unwrap();
            prop_assert!(p.response.is_none());
            prop_assert!(account.pages.iter().any(|o| o.response.as_ref() == Some(of)), "of nothing");
        }
        let sorted = account.pages.windows(2).all(|w| (&w[0].file, w[0].page) <= (&w[1].file, w[1].page));
        prop_assert!(sorted);
    }
}

#[test]
fn response_ids_are_the_same_everywhere() {
    // sha256sum of "FAKE\n", and of its 32 bytes with 00 00 00 01 behind them.
    let document = document_hash(b"FAKE\n");
    assert_eq!(document, "907ac29fbd1d9f2a76f9e60938f2fbd02f9a752c4f633e326029185bc472856d");
    assert_eq!(response_id(&document, 1), "r-d40310be1a5143b6");
    assert_ne!(response_id(&document, 1), response_id(&document, 2));
}
