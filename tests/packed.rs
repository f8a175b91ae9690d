//! The packed answers that large surveys leave beside their store: the same figures, or none at all.

#[path = "support/kept.rs"]
mod kept;

use faxtally::account::{Act, Labels, PageVerdict, Verdict, document_hash, fold, response_id};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use faxtally::tally::cross::cross_all;
use faxtally::tally::{
    PageCounts, Sheet, TallySettings, key, pack, page_counts, tally_sheet, unpack,
};
use kept::{here, keep, ops, reading};

fn survey(dir: &std::path::Path) -> (Store, Vec<Form>) {
    let store = Store::create(dir).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let people = draw(&form, &margins, 120, 3).unwrap();
    let associated = |i: usize| Labels {
        association: (!i.is_multiple_of(5)).then(|| format!("協会 {}", i % 5)),
        ..Labels::default()
    };
    keep(&store, &form, &people[..110], 7, associated);
    for (i, r) in people[110..].iter().enumerate() {
        store.commit(ops(&format!("g{i}"), Labels::default(), reading(&form, r, false))).unwrap();
    }
    let forms = store.forms().unwrap();
    (store, forms)
}

fn all_figures(sheet: &Sheet, pages: PageCounts) -> String {
    let tally = tally_sheet(sheet, pages, &TallySettings::default()).to_json().unwrap();
    tally + &serde_json::to_string(&cross_all(sheet, Lang::Ja)).unwrap()
}

#[test]
fn packed_answers_give_the_same_bytes() {
    let dir = tempfile::TempDir::new().unwrap();
    let (store, forms) = survey(dir.path());
    let account = fold(&store.snapshot().unwrap());
    let (sheet, pages) = (Sheet::of(&account, &forms), page_counts(&account));
    let made_from = key(&store.content().unwrap().unwrap(), &forms, "r1");
    let mut bytes = Vec::new();
    pack(&sheet, pages, &made_from, &mut bytes).unwrap();
    let (again, counted) = unpack(&bytes, &forms, &made_from).unwrap();
    assert_eq!(all_figures(&again, counted), all_figures(&sheet, pages));
    // Another content, program or form; a byte that changed; a file that was cut off.
    for other in [key("", &forms, "r1"), key("", &forms, "r2"), key("", &forms[..0], "r1")] {
        assert!(unpack(&bytes, &forms, &other).is_none());
    }
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(unpack(&damaged, &forms, &made_from).is_none(), "byte {at}");
        assert!(unpack(&bytes[..at], &forms, &made_from).is_none(), "{at} bytes");
    }
}

#[test]
fn every_write_makes_another_content() {
    let dir = tempfile::TempDir::new().unwrap();
    let (store, forms) = survey(dir.path());
    let id = response_id(&document_hash(b"g0"), 1);
    let mut seen = vec![store.content().unwrap()];
    let mut changed = |what: &str| {
        let now = store.content().unwrap();
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    let person = faxtally::simulate::answers::Response::default();
    store.commit(ops("new", Labels::default(), reading(&forms[0], &person, true))).unwrap();
    changed("a page");
    let answer = Verdict::Answer { question: "q2".into(), value: vec!["hospital".into()] };
    store.decide(&id, answer, "山田", None).unwrap();
    changed("an answer");
    store.decide(&id, Verdict::Page(PageVerdict::SetAside), "山田", None).unwrap();
    changed("a page's status");
    store.import_decisions(kept::truth("g1", &forms[0], &person).as_bytes(), "山田").unwrap();
    changed("an import");
    let word = Act::Word { wording: "x".into(), original: "x".into() };
    store.add_quote_step((&id, "q5"), &word, "山田", 0).unwrap();
    changed("a quote");
    // Nothing that was read or decided: the packed answers stay good.
    let before = store.content().unwrap();
    store.set("sent", "5").unwrap();
    assert_eq!(store.content().unwrap(), before);
}
