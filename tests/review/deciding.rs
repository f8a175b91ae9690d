//! What becomes of a decision: kept, conflicting, taken back, entered twice.

use axum::http::StatusCode;
use faxtally::account::{Source, fold};
use faxtally::reading::FieldState;
use faxtally::review::Rules;
use serde_json::{Value, json};

use crate::room::{Reviewer, Room, no_audit, stands};

/// Decides everything by the truth: q1 is b, q2 is a, n is 7. How many items there were.
fn work_off(who: &Reviewer) -> usize {
    let mut done = 0;
    loop {
        let items = who.take(12, &json!({}));
        if items.is_empty() {
            break;
        }
        for item in items {
            done += 1;
            let kept = match item["field"].as_str().unwrap() {
                "q1" => who.answer(&item, &["b"]),
                "q2" => who.answer(&item, &["a"]),
                _ => who.decide(&item, &json!({"do": "text", "value": "7"})),
            };
            assert_eq!(kept["kept"], true, "{kept}");
        }
    }
    done
}

#[test]
fn the_tally_after_review_is_the_truth() {
    // Guesses of which every third is wrong; n is written nowhere, and unread by the fake.
    let pages: Vec<String> = (0..30)
        .map(|i| {
            let guess = if i % 3 == 0 { "a" } else { "b" };
            format!("response q1={guess}? q2=a,b? ink={i}")
        })
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let room = Room::new(&pages, no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["open"], 90);
    let done = work_off(&sato);
    assert_eq!(done, 90);
    let store = room.store();
    let forms = store.forms().unwrap();
    let account = fold(&store.snapshot().unwrap());
    let tally =
        faxtally::tally::tally(&account, &forms, &faxtally::tally::TallySettings::default());
    assert_eq!(tally.unreviewed(), 0);
    let json = serde_json::to_value(&tally).unwrap();
    let counts = |q: usize| {
        json["questions"][q]["options"]
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o["count"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!((counts(0), counts(1)), (vec![0, 30], vec![30, 0]));
    assert_eq!(json["questions"][2]["sum"], 210);
    let (status, html) = sato.get("/dashboard");
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("90 / 90") && html.contains("Sato"), "{html}");
    // Whose word it was that 60 choices were decided about.
    let says = "Every box was clear to the rules";
    assert!(html.contains(says) || html.contains("どの欄も規則どおり"), "{html}");
}

#[test]
fn two_reviewers_get_different_items_and_never_decide_the_same_in_silence() {
    let room = Room::new(&["response q1=a? q2=b ink=1", "response q1=b? q2=b ink=2"], no_audit());
    let (sato, suzuki) = (room.person("Sato"), room.person("Suzuki"));
    let choice = json!({"kind": "answer"});
    let first = sato.take(1, &choice);
    let second = suzuki.take(5, &choice);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0]["key"], second[0]["key"]);
    assert!(
        suzuki.take(5, &json!({"kind": "answer", "response": first[0]["response"]})).is_empty()
    );
    // Both look at the same item (a lease that ran out): the second is shown the first's decision.
    assert_eq!(sato.answer(&first[0], &["b"])["kept"], true);
    let told = suzuki.answer(&first[0], &["a"]);
    assert_eq!(
        (&told["kept"], &told["who"], &told["value"]),
        (&json!(false), &json!("Sato"), &json!(["b"]))
    );
    let file = first[0]["file"].as_str().unwrap();
    assert_eq!(stands(&room.store(), file, "q1").0, ["b"]);
    // Knowing it, they may decide otherwise; both decisions stay in the log.
    let mut knowing = first[0].clone();
    knowing["rev"] = told["rev"].clone();
    assert_eq!(suzuki.answer(&knowing, &["a"])["kept"], true);
    assert_eq!(stands(&room.store(), file, "q1").0, ["a"]);
    assert!(room.store().prove().unwrap().is_whole());
}

#[test]
fn undo_goes_back_any_depth_over_a_kill_and_redo_brings_back() {
    let room = Room::new(&["response q1=a? q2=a? ink=1", "response q1=b? q2=a? ink=2"], no_audit());
    let sato = room.person("Sato");
    let items = sato.take(4, &json!({"kind": "answer"}));
    assert_eq!(items.len(), 4);
    for item in &items[..2] {
        sato.answer(item, &["b"]);
    }
    // A screen of the grid is one step.
    let rows: Vec<Value> = items[2..]
        .iter()
        .map(|i| json!({"key": i["key"], "seen": i["rev"], "do": "answer", "value": []}))
        .collect();
    sato.post("/api/decide", &json!({"items": rows}));
    assert_eq!(sato.queue()["open"], 2);
    let undone = sato.post("/api/undo", &json!({}));
    assert_eq!(undone["keys"].as_array().unwrap().len(), 2, "the batch as one");
    assert_eq!(sato.queue()["open"], 4);
    sato.post("/api/redo", &json!({}));
    assert_eq!(sato.queue()["open"], 2);
    let room = room.again(no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["open"], 2, "what was acknowledged is there after a kill");
    for left in [4, 5, 6] {
        assert!(sato.post("/api/undo", &json!({}))["keys"].is_array());
        assert_eq!(sato.queue()["open"], left);
    }
    assert!(sato.post("/api/undo", &json!({}))["keys"].is_null(), "nothing is left to take back");
    assert!(room.person("Suzuki").post("/api/undo", &json!({}))["keys"].is_null());
    let store = room.store();
    assert_eq!(
        stands(&store, "000.fax", "q1"),
        (vec!["a".into()], FieldState::Pending, Source::Machine)
    );
    assert!(store.prove().unwrap().is_whole());
}

#[test]
fn what_cannot_be_told_stays_pending_and_is_never_a_blank() {
    let room = Room::new(&["response q1=a? q2=b ink=1", "response q1=b? q2=b ink=2"], no_audit());
    let (sato, suzuki) = (room.person("Sato"), room.person("Suzuki"));
    let choice = json!({"kind": "answer"});
    let items = sato.take(2, &choice);
    sato.decide(&items[0], &json!({"do": "cannot_tell"}));
    sato.decide(&items[1], &json!({"do": "escalate", "note": "ask the chair"}));
    assert!(sato.take(5, &choice).is_empty());
    let queue = sato.queue();
    assert_eq!((&queue["cannot_tell"], &queue["escalated"]), (&json!(1), &json!(1)));
    let file = items[0]["file"].as_str().unwrap();
    assert_eq!(stands(&room.store(), file, "q1").1, FieldState::Pending);
    let passed_on = suzuki.take(5, &choice);
    assert_eq!(passed_on.len(), 1);
    assert_eq!(passed_on[0]["remarks"][0]["note"], "ask the chair");
    // It can be taken up again, and a skipped item comes last instead of never.
    let again = sato.take(1, &json!({"shelf": "cannot_tell"}));
    assert_eq!(sato.answer(&again[0], &[])["kept"], true);
    assert_eq!(stands(&room.store(), file, "q1").1, FieldState::Blank);
    suzuki.decide(&passed_on[0], &json!({"do": "skip"}));
    assert_eq!(suzuki.take(5, &choice).len(), 1);
}

#[test]
fn double_entry_counts_what_two_agree_on_and_asks_a_third() {
    let rules = Rules { double: ["q1".to_owned()].into(), ..no_audit() };
    let room = Room::new(&["response q1=a? q2=b ink=1"], rules);
    let (sato, suzuki, mori) = (room.person("Sato"), room.person("Suzuki"), room.person("Mori"));
    let choice = json!({"kind": "answer"});
    let item = sato.take(1, &choice)[0].clone();
    assert_eq!(sato.answer(&item, &["a"])["kept"], true);
    assert_eq!(stands(&room.store(), "000.fax", "q1").1, FieldState::Pending, "one entry is none");
    assert!(sato.take(1, &choice).is_empty());
    let second = suzuki.take(1, &choice)[0].clone();
    assert!(!second.to_string().contains("Sato"), "the second does not see the first");
    assert_eq!(suzuki.answer(&second, &["b"])["disagree"], true);
    let third = mori.take(1, &choice)[0].clone();
    mori.answer(&third, &["b"]);
    assert_eq!(stands(&room.store(), "000.fax", "q1").0, ["b"]);
}

#[test]
fn the_blind_audit_looks_like_any_other_item_and_bounds_the_silent_errors() {
    let pages: Vec<String> = (0..20)
        .map(|i| {
            let doubt = if i % 2 == 0 { "?" } else { "" };
            format!("response q1=a{doubt} q2=b ink={i}")
        })
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let room = Room::new(&pages, Rules { audit: 8, ..Rules::default() });
    let sato = room.person("Sato");
    let (mut probes, mut ordinary) = (0, Vec::new());
    let mut shapes = std::collections::BTreeSet::new();
    loop {
        let items = sato.take(4, &json!({"kind": "answer"}));
        if items.is_empty() {
            break;
        }
        for item in items {
            let keys: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
            shapes.insert(keys);
            assert_eq!(item["reasons"], json!([]));
            let even = item["file"].as_str().unwrap()[..3].parse::<u32>().unwrap() % 2 == 0;
            if item["field"] == "q1" && even {
                ordinary.push(item["key"].clone());
            } else {
                probes += 1;
            }
            sato.answer(&item, &["b"]);
        }
    }
    assert_eq!(shapes.len(), 1);
    assert_eq!(ordinary.len(), 10);
    assert!((4..=8).contains(&probes), "{probes}");
    let store = room.store();
    let (account, forms) = (fold(&store.snapshot().unwrap()), store.forms().unwrap());
    let figure = faxtally::sample::figure(&account, &forms, &store.probes().unwrap());
    assert_eq!(figure.checked, probes);
    let wrong = store.probes().unwrap().iter().filter(|p| p.field.name() == "q1").count();
    assert_eq!(figure.errors, wrong as u64, "q1 was b on every page, q2 as read");
    assert!(figure.at_most >= figure.expected_errors && figure.at_most <= figure.unseen as f64);
}
