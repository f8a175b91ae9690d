//! Simulated faxes, read by the program and reviewed over HTTP by somebody who knows the truth: what the
//! tally says then is the truth.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use axum::http::StatusCode;
use faxtally::account::{Account, fold};
use faxtally::reading::FieldState;
use faxtally::store::{Person, Store};
use faxtally::tally::{TallySettings, tally};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::room::{PASSWORD, Reviewer, Room, no_audit};
use crate::slanted;

const FORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024");
/// Enough that every sort of item comes up (24 pages ask 70 times), few enough for a test.
const PAGES: &str = "24";

fn run(args: &[&str]) {
    let done = Command::new(env!("CARGO_BIN_EXE_faxtally")).args(args).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 1)), "{args:?}: {done:?}");
}

/// What was written on every fax, by its file.
fn truth(path: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    lines.map(|l| (l["file"].as_str().unwrap().to_owned(), l)).collect()
}

/// The true options of a question, none if it is blank.
fn options(truth: &Value, question: &str) -> Vec<String> {
    let all = truth["answers"][question].as_array().into_iter().flatten();
    let mut all: Vec<String> = all.map(|o| o.as_str().unwrap().to_owned()).collect();
    all.sort_unstable();
    all
}

/// Decides every item by the truth; how many there were.
fn review(who: &Reviewer, truth: &BTreeMap<String, Value>) -> usize {
    let mut done = 0;
    loop {
        let items = who.take(24, &json!({}));
        if items.is_empty() {
            return done;
        }
        for item in items {
            done += 1;
            let field = item["field"].as_str().unwrap();
            let truth = &truth[item["file"].as_str().unwrap()];
            let did = match item["kind"].as_str().unwrap() {
                "page" => {
                    json!({"do": "page", "verdict": {"status": "counted", "form": truth["form"]}})
                }
                "answer" => json!({"do": "answer", "value": options(truth, field)}),
                _ => json!({"do": "text", "value": truth["text"][field].as_str().unwrap_or("")}),
            };
            let told = who.decide(&item, &did);
            assert_eq!(told["kept"], true, "{item} {told}");
        }
    }
}

/// How often each option was chosen, once every answer and every word is what the truth says.
fn compared(account: &Account, truth: &BTreeMap<String, Value>) -> BTreeMap<(String, String), u64> {
    assert_eq!(account.responses.len(), truth.len());
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for r in &account.responses {
        for (question, answer) in &r.answers {
            let mut said = answer.value.clone();
            said.sort_unstable();
            assert_eq!(said, options(&truth[&r.file], question), "{} {question}", r.file);
            for option in said {
                *counts.entry((question.clone(), option)).or_default() += 1;
            }
        }
        for (field, text) in &r.text {
            let expected = truth[&r.file]["text"][field].as_str().unwrap_or("");
            assert_eq!(text.value, expected, "{} {field}", r.file);
        }
    }
    counts
}

#[test]
fn a_simulated_survey_reviewed_over_http_is_its_truth() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (inbox, survey) = (at("inbox"), at("survey"));
    let fixed = ["--pages", PAGES, "--seed", "5101", "--profile", "mixed", "--container", "g4"];
    run(&[&["simulate", "--form", FORM, "-o", &inbox], &fixed[..]].concat());
    std::fs::rename(dir.path().join("inbox/truth.jsonl"), dir.path().join("truth.jsonl")).unwrap();
    let truth = truth(&dir.path().join("truth.jsonl"));
    run(&["read", &inbox, "--form", FORM, "-s", &survey, "--no-text", "--no-progress"]);
    let store = Store::open(Path::new(&survey)).unwrap();
    let phc = faxtally::review::hash(PASSWORD).unwrap();
    store.set_person(Person { name: "Sato".into(), phc }).unwrap();
    let room = Room::serve(dir, store, no_audit());
    let sato = room.person("Sato");
    let done = review(&sato, &truth);
    assert!(done > 24, "{done} items");
    assert_eq!(sato.queue()["open"], 0);

    let store = room.store();
    let account = fold(&store.snapshot().unwrap());
    let counts = compared(&account, &truth);
    let figures = tally(&account, &store.forms().unwrap(), &TallySettings::default());
    assert_eq!(figures.unreviewed(), 0);
    let figures = serde_json::to_value(&figures).unwrap();
    for question in figures["questions"].as_array().unwrap() {
        // Those who were not asked are in no option's count; everybody is asked the others.
        let all = question["base"] == figures["responses"];
        for option in question["options"].as_array().into_iter().flatten().filter(|_| all) {
            let name = |v: &Value| v["id"].as_str().unwrap().to_owned();
            let expected = counts.get(&(name(question), name(option))).copied().unwrap_or(0);
            assert_eq!(option["count"], expected, "{} {}", question["id"], option["id"]);
        }
    }
    assert!(store.prove().unwrap().is_whole());
}

#[test]
fn a_page_said_to_lie_upside_down_is_read_so_and_only_where_the_form_is_found_so() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (inbox, survey) = (at("inbox"), at("survey"));
    std::fs::create_dir(&inbox).unwrap();
    let page = slanted::page_at(180.0);
    std::fs::write(dir.path().join("inbox/turned.tif"), slanted::fax(&page)).unwrap();
    run(&["read", &inbox, "--form", FORM, "-s", &survey, "--no-text", "--no-progress"]);
    let store = Store::open(Path::new(&survey)).unwrap();
    let phc = faxtally::review::hash(PASSWORD).unwrap();
    store.set_person(Person { name: "Sato".into(), phc }).unwrap();
    let response = fold(&store.snapshot().unwrap()).responses[0].id.clone();
    let room = Room::serve(dir, store, no_audit());
    let sato = room.person("Sato");
    let upright = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
    let turned = upright.map(|[x, y]| [1.0 - x, 1.0 - y]);
    for (corners, read) in [(upright, false), (turned, true)] {
        let ask = json!({"response": response, "form": "mynahoken-2024", "corners": corners, "sure": true});
        assert_eq!(sato.post("/api/register", &ask)["read"], read, "{corners:?}");
    }
    // Of half a page the form's lower corners lie far below it; anything farther is no sheet.
    for (down, status) in [(2.4, StatusCode::OK), (9.0, StatusCode::UNPROCESSABLE_ENTITY)] {
        let corners = [[0.0, 0.0], [1.0, 0.0], [1.0, down], [0.0, down]];
        let ask = json!({"response": response, "form": "mynahoken-2024", "corners": corners, "sure": true});
        assert_eq!(sato.try_post("/api/register", &ask).0, status, "{down}");
    }
    let store = room.store();
    let account = fold(&store.snapshot().unwrap());
    for (question, option) in slanted::CROSSED {
        let answer = &account.responses[0].answers[question];
        let said = answer.value == [option] || answer.state == FieldState::Pending;
        assert!(said, "{question}: {answer:?}");
    }
}
