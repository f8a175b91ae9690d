//! The commands that make figures, as a script sees them: what they print, when they refuse, and that they
//! say the same twice.

#[path = "support/kept.rs"]
mod kept;

use std::path::Path;
use std::process::{Command, Output};

use faxtally::account::{Labels, fold};
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use kept::{here, keep};
use serde_json::Value;
use tempfile::TempDir;

/// 60 responses of two associations, decided by people; the latter half arrived later. Returns the id of
/// the first who wrote something in question 5.
fn survey() -> (TempDir, String) {
    let dir = TempDir::new().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let mut people = draw(&form, &margins, 60, 5).unwrap();
    for p in &mut people {
        p.text.insert("q5".into(), "浜松市の鈴木さんが怒鳴られた".into());
    }
    keep(&store, &form, &people, 6, |i| Labels {
        batch: None,
        arrived: Some(if i < 30 { "2025-03-01" } else { "2025-03-20" }.into()),
        association: Some(if i % 3 == 0 { "静岡" } else { "三重" }.into()),
    });
    let account = fold(&store.snapshot().unwrap());
    let wrote = account.responses.iter().find(|r| !r.text["q5"].value.is_empty());
    let id = wrote.unwrap().id.clone();
    (dir, id)
}

fn run(survey: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    command.args(args).arg("-s").arg(survey).args(["--lang", "ja"]).output().unwrap()
}

fn json(survey: &Path, args: &[&str]) -> Value {
    let (first, second) = (run(survey, args), run(survey, args));
    assert!(first.status.success(), "{args:?}: {}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(first.stdout, second.stdout, "{args:?}");
    serde_json::from_slice(&first.stdout).unwrap()
}

fn refused(survey: &Path, args: &[&str], with: &str) {
    let out = run(survey, args);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{args:?}: {said}");
    assert!(said.contains(with), "{args:?}: {said}");
    assert!(out.stdout.is_empty(), "{args:?}");
}

#[test]
fn cuts_crosses_and_comparisons_print_and_refuse() {
    let (dir, _) = survey();
    let at = dir.path();
    assert!(run(at, &["survey", "--sent", "50", "--association", "静岡"]).status.success());
    let cuts = json(at, &["tally", "--by", "association"]);
    assert_eq!(cuts["groups"][1]["sent"], 50);
    assert_eq!(cuts["groups"][1]["response_rate"], 40.0);
    assert_eq!(cuts["all"]["responses"], 60);
    let interim = json(at, &["tally", "--as-of", "2025-03-14"]);
    assert_eq!((&interim["responses"], &interim["as_of"]), (&30.into(), &"2025-03-14".into()));
    assert_eq!(interim["notes"][0]["code"], "later");
    for key in ["id", "forms", "program"] {
        assert!(!interim["survey"][key].is_null(), "{key}");
    }
    assert_eq!(json(at, &["cross", "q2", "q6"])[0]["n"], 60);
    // Seven choice questions: every two of them, and each by prefecture and association.
    assert_eq!(json(at, &["cross", "--all"]).as_array().unwrap().len(), 21 + 2 * 7);
    refused(at, &["tally", "--as-of", "2025-02-30"], "--as-of");
    refused(at, &["tally", "--by", "zz"], "zz という設問はありません");
    refused(at, &["cross", "q2", "q10"], "q10");
    refused(at, &["cross", "q2"], "COLUMNS");
    let compare = here("forms/mynahoken-2024/compare");
    let file = |name: &str| compare.join(name).display().to_string();
    let (earlier, mapping) = (file("hodanren-2024-05.json"), file("mapping.json"));
    let compared = json(at, &["compare", &earlier, "--mapping", &mapping, "--labels", "press"]);
    let row = &compared["questions"][1]["rows"][0];
    assert_eq!((&row["comparable"], &row["earlier"]["percent"]), (&false.into(), &9.6.into()));
    let said = run(at, &["compare", &earlier, "--mapping", &mapping]).stderr;
    assert!(String::from_utf8_lossy(&said).contains("母数が違う"));
    refused(at, &["compare", &mapping], "比較に使えません");
    refused(at, &["compare", &earlier, "--mapping", &earlier], "比較に使えません");
    refused(at, &["compare", "nowhere.json"], "nowhere.json");
}

#[test]
fn a_figure_is_taken_apart_and_a_quote_needs_two() {
    let (dir, id) = survey();
    let at = dir.path();
    let why = json(at, &["why", "q7.full_payment"]);
    let evidence = why["evidence"].as_array().unwrap();
    assert_eq!(why["counted"], evidence.iter().filter(|e| e["counted"] == true).count());
    assert_eq!(
        why["machine"].as_u64().unwrap() + why["people"].as_u64().unwrap(),
        why["counted"].as_u64().unwrap()
    );
    refused(at, &["why", "q7.zz"], "q7.zz という数字はありません");
    let quote = |act: &str, by: &str, more: &[&str]| {
        let args = [&["quotes", act, &id, "q5", "--by", by], more].concat();
        run(at, &args).status.code()
    };
    assert_eq!(quote("approve", "佐藤", &[]), Some(2));
    assert_eq!(quote("word", "山田", &["--wording", "鈴木さんが怒鳴られた"]), Some(0));
    assert_eq!(quote("approve", "山田", &[]), Some(2));
    refused(at, &["quotes", "approve", &id, "q5", "--by", "佐藤"], "鈴木さん");
    assert_eq!(json(at, &["quotes", "publish"]), serde_json::json!([]));
    assert_eq!(quote("word", "山田", &[]), Some(0));
    assert_eq!(quote("approve", "佐藤", &[]), Some(0));
    let out = json(at, &["quotes", "publish"]);
    assert_eq!(out[0]["text"], "○○の○○が怒鳴られた");
    assert!(!out.to_string().contains("鈴木") && !out.to_string().contains(&id));
    assert_eq!(json(at, &["quotes", "list", "--state", "approved"]).as_array().unwrap().len(), 1);
    refused(at, &["quotes", "list", "--where", "q9=restore"], "quote_by");
    refused(at, &["quotes", "word", "r-0", "q5", "--by", "山田"], "引用できる記入はありません");
}
