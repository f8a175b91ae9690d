//! What is this page? Decided, set aside, placed by hand.

use std::path::Path;
use std::time::Duration;

use faxtally::account::fold;
use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::reading::{FieldState, PageReading};
use serde_json::json;

use crate::room::{Room, no_audit};

#[test]
fn a_page_is_decided_and_its_answers_come_after_it() {
    let room = Room::new(&["pending q1=a? q2=b ink=1", "response q1=a q2=b ink=2"], no_audit());
    let sato = room.person("Sato");
    let pages = sato.take(5, &json!({"kind": "page"}));
    assert_eq!(pages.len(), 1);
    assert!(sato.take(5, &json!({"kind": "answer"})).is_empty(), "a pending page's answers wait");
    let told = sato
        .decide(&pages[0], &json!({"do": "page", "verdict": {"status": "counted", "form": "f1"}}));
    assert_eq!(told["kept"], true);
    assert_eq!(sato.take(5, &json!({"kind": "answer"})).len(), 1);
    sato.post("/api/undo", &json!({}));
    assert_eq!(sato.take(5, &json!({"kind": "page"})).len(), 1);
    let again = sato.take(5, &json!({"kind": "page"}))[0].clone();
    sato.decide(
        &again,
        &json!({"do": "page", "verdict": {"status": "set_aside"}, "note": "cover sheet"}),
    );
    assert_eq!(sato.queue()["pages"], 0);
    let bad = sato
        .decide(&again, &json!({"do": "page", "verdict": {"status": "duplicate", "of": "r-0"}}));
    assert_eq!(bad["kept"], false, "{bad}");
    assert!(room.store().log().unwrap().iter().any(|l| l.3.contains("cover sheet")));
}

#[test]
fn pages_that_were_set_aside_can_be_looked_at_and_are_settled_once() {
    let room = Room::new(&["cover ink=1", "response q1=a? q2=b ink=2", "cover ink=3"], no_audit());
    let sato = room.person("Sato");
    let queue = sato.queue();
    assert_eq!((&queue["set_aside"], &queue["pages"]), (&json!(2), &json!(0)));
    assert!(sato.take(9, &json!({})).iter().all(|i| i["kind"] != "page"), "only where asked for");
    let shelf = json!({"shelf": "set_aside"});
    let pages = sato.take(9, &shelf);
    assert_eq!(pages.len(), 2);
    let aside = json!({"do": "page", "verdict": {"status": "set_aside"}});
    assert_eq!(sato.decide(&pages[0], &aside)["kept"], true);
    assert_eq!(sato.queue()["set_aside"], 1);
    let counted = json!({"do": "page", "verdict": {"status": "counted", "form": "f1"}});
    assert_eq!(sato.decide(&pages[1], &counted)["kept"], true);
    let account = fold(&room.store().snapshot().unwrap());
    assert_eq!(account.responses.len(), 2, "what a person found is a response");
    let room = room.again(no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["set_aside"], 0, "what a person set aside is settled");
    sato.post("/api/undo", &json!({}));
    sato.post("/api/undo", &json!({}));
    // The account is made anew beside the request.
    let back = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        sato.queue()["set_aside"] == 2
    });
    assert!(back, "{}", sato.queue());
}

#[test]
fn a_form_put_by_hand_gives_a_reading_that_can_be_kept() {
    let form = Form::open(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024")));
    let form = form.unwrap();
    let (bitmap, resolution) = (form.blank.clone(), Some(form.blank_resolution));
    let (w, h) = (bitmap.width() as f32, bitmap.height() as f32);
    let page = FaxPage { bitmap, resolution, damage: Damage::default() };
    let reader = Reader::new(vec![form], Policy::default());
    let sheet = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    let right = reader.read_placed(&page, sheet).unwrap();
    assert!(right.agreement.get() > 0.9, "{}", right.agreement.get());
    // Corners that no anchor agrees with, one of them upside down: every answer waits for a person.
    for turned in
        [sheet.map(|(x, y)| (w - x, h - y)), sheet.map(|(x, y)| (x * 0.6, y * 0.7 + 90.0))]
    {
        let Some(wrong) = reader.read_placed(&page, turned) else { continue };
        let json = serde_json::to_string(&wrong).unwrap();
        let kept = serde_json::from_str::<PageReading>(&json);
        assert!(kept.is_ok(), "{kept:?}");
        if wrong.agreement.get() < 0.6 {
            let sure = wrong.answers.values().filter(|a| a.state != FieldState::Pending).count();
            assert_eq!(sure, 0, "{json}");
        }
    }
    assert!(reader.read_placed(&page, [(0.0, 0.0); 4]).is_none());
}
