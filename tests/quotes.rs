//! The gate before publication: who may word and approve, what must go, and what alone leaves.

mod accounts;
#[path = "support/kept.rs"]
mod kept;

use accounts::{account, answered, response, unread, written};
use faxtally::account::{Labels, Response, document_hash, fold, response_id};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::quotes::{
    Act, GateError, MarkKind, Quote, QuoteState, Step, admit, published, quotes, redacted,
};
use faxtally::simulate::answers;
use faxtally::store::{Store, StoreError};
use kept::here;

fn forms() -> Vec<Form> {
    vec![Form::open(&here("forms/mynahoken-2024")).unwrap()]
}

const SAID: &str = "12月4日、浜松市の鈴木さんが顔認証できず怒鳴られた。電話 053-457-2111";

fn people() -> Vec<Response> {
    let one = |i: usize, prefecture: &str, text: &str| {
        let mut r = response(i, "mynahoken-2024", &[("q2", answered(&["clinic_med"]))]);
        r.text.insert("q1".into(), written(prefecture));
        r.text.insert("q5".into(), written(text));
        r.text.insert("q10".into(), unread());
        r
    };
    vec![
        one(0, "静岡県", SAID),
        one(1, "静岡県", "忙しい"),
        one(2, "東京都", ""),
        one(3, "東京都", " \u{3000}"),
    ]
}

fn listed(people: &[Response], steps: &[Step]) -> Vec<Quote> {
    quotes(&account(people.to_vec()), &forms(), steps, Lang::Ja)
}

fn first(people: &[Response], steps: &[Step]) -> Quote {
    listed(people, steps).into_iter().find(|q| q.response == people[0].id).unwrap()
}

fn step(rev: u32, who: &str, act: Act) -> Step {
    let response = "r-0000000000000000".into();
    Step { response, field: "q5".into(), rev, who: who.into(), at: 0, act }
}

fn word(wording: &str) -> Act {
    Act::Word { wording: wording.into(), original: SAID.into() }
}

#[test]
fn only_what_was_read_can_be_quoted() {
    let quotes = listed(&people(), &[]);
    let fields: Vec<_> = quotes.iter().map(|q| (q.response.as_str(), q.field.as_str())).collect();
    // Neither blanks, nor what nobody has read, nor the prefecture.
    assert_eq!(fields, [("r-0000000000000000", "q5"), ("r-0000000000000001", "q5")]);
    let q = &quotes[0];
    let labels: Vec<_> = q.attributes.iter().map(|a| a.label.as_str()).collect();
    assert_eq!((labels, q.alike), (vec!["静岡県", "医科診療所"], 2));
    let marked: Vec<_> = q.marks.iter().map(|m| (m.kind, m.text.as_str())).collect();
    assert_eq!(
        marked,
        [
            (MarkKind::Date, "12月4日"),
            (MarkKind::Town, "浜松市"),
            (MarkKind::Name, "鈴木さん"),
            (MarkKind::Number, "053-457-2111"),
        ]
    );
    assert!(published(&quotes).is_empty());
}

#[test]
fn one_words_another_approves_and_only_the_wording_leaves() {
    let people = people();
    let wording = redacted(SAID);
    assert_eq!(wording, "○○、○○の○○が顔認証できず怒鳴られた。電話 ○○");
    let worded = [step(1, "山田", word(&wording))];
    let q = first(&people, &worded);
    assert_eq!((q.state, q.original.as_str(), q.left.len()), (QuoteState::Proposed, SAID, 0));
    let approve = Act::Approve { kept: vec![] };
    for same in ["山田", " 山 田", "山田　"] {
        assert!(matches!(admit(&q, same, &approve), Err(GateError::SamePerson { .. })), "{same}");
    }
    admit(&q, "佐藤", &approve).unwrap();
    let steps = [worded[0].clone(), step(2, "佐藤", approve.clone())];
    let all = listed(&people, &steps);
    let out = published(&all);
    assert_eq!(
        (out.len(), out[0].text.as_str(), out[0].field.as_str()),
        (1, wording.as_str(), "q5")
    );
    let json = serde_json::to_string(&out).unwrap();
    for secret in ["浜松", "鈴木", "053", "r-0000", "山田", "佐藤"] {
        assert!(!json.contains(secret), "{json}");
    }
    // Whoever changes the wording afterwards undoes the approval, and both are its authors now.
    let steps =
        [steps[0].clone(), steps[1].clone(), step(3, "佐藤", word("顔認証できず怒鳴られた。"))];
    let q = first(&people, &steps);
    assert_eq!((q.state, q.approved_by.as_ref(), q.authors.len()), (QuoteState::Proposed, None, 2));
    assert!(matches!(admit(&q, "佐藤", &approve), Err(GateError::SamePerson { .. })));
    assert!(published(&listed(&people, &steps)).is_empty());
    let withdraw = Act::Withdraw { why: "本人の希望".into() };
    admit(&q, "高橋", &withdraw).unwrap();
    let steps = [steps[0].clone(), steps[1].clone(), step(3, "高橋", withdraw)];
    assert_eq!(first(&people, &steps).state, QuoteState::Withdrawn);
}

#[test]
fn what_points_to_a_person_must_go_or_be_named() {
    let people = people();
    let q = first(&people, &[step(1, "山田", word("浜松市の鈴木さんが怒鳴られた"))]);
    let approve =
        |kept: &[&str]| Act::Approve { kept: kept.iter().map(ToString::to_string).collect() };
    let refused = admit(&q, "佐藤", &approve(&[]));
    assert_eq!(refused, Err(GateError::Marked { words: vec!["浜松市".into(), "鈴木さん".into()] }));
    let refused = admit(&q, "佐藤", &approve(&["浜松市"]));
    assert_eq!(refused, Err(GateError::Marked { words: vec!["鈴木さん".into()] }));
    admit(&q, "佐藤", &approve(&["浜松市", "鈴木さん"])).unwrap();
    let turned = word("右から\u{202e}左へ\u{200b}");
    assert_eq!(admit(&q, "佐藤", &turned), Err(GateError::Hidden("U+202E U+200B".into())));
    assert_eq!(admit(&q, "佐藤", &word(" ")), Err(GateError::Empty));
    assert_eq!(admit(&q, " ", &word("x")), Err(GateError::Nameless));
    let candidate = first(&people, &[]);
    assert_eq!(admit(&candidate, "佐藤", &approve(&[])), Err(GateError::NotProposed));
}

#[test]
fn a_corrected_original_takes_its_approval_back() {
    let mut people = people();
    let steps =
        [step(1, "山田", word("怒鳴られた")), step(2, "佐藤", Act::Approve { kept: vec![] })];
    assert_eq!(first(&people, &steps).state, QuoteState::Approved);
    people[0].text.insert("q5".into(), written("怒鳴られなかった"));
    let q = first(&people, &steps);
    assert_eq!((q.state, q.approved_by.as_ref()), (QuoteState::Stale, None));
    assert_eq!(admit(&q, "高橋", &Act::Approve { kept: vec![] }), Err(GateError::Stale));
    assert!(published(&listed(&people, &steps)).is_empty());
}

#[test]
fn steps_outlive_the_program_and_the_second_of_two_is_told() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let mut person = answers::Response::default();
    person.text.insert("q1".into(), "静岡県".into());
    person.text.insert("q5".into(), "忙しい".into());
    let ops = kept::ops("a.tif", Labels::default(), kept::reading(&form, &person, false));
    store.commit(ops).unwrap();
    store.import_decisions(kept::truth("a.tif", &form, &person).as_bytes(), "山田").unwrap();
    let id = response_id(&document_hash(b"a.tif"), 1);
    let word = Act::Word { wording: "忙しい".into(), original: "忙しい".into() };
    store.add_quote_step((&id, "q5"), &word, "山田", 0).unwrap();
    let late = store.add_quote_step((&id, "q5"), &word, "佐藤", 0).unwrap_err();
    assert!(matches!(&late, StoreError::Conflict { who, rev: 1, .. } if who == "山田"), "{late}");
    store.add_quote_step((&id, "q5"), &Act::Approve { kept: vec![] }, "佐藤", 1).unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let all = quotes(
        &fold(&store.snapshot().unwrap()),
        &store.forms().unwrap(),
        &store.quote_steps().unwrap(),
        Lang::En,
    );
    let texts: Vec<_> = published(&all).into_iter().map(|p| p.text).collect();
    assert_eq!(texts, ["忙しい"]);
    assert_eq!(store.log().unwrap().iter().filter(|l| l.2 == "quote").count(), 2);
}
