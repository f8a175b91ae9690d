//! A survey in which every answer waits for a person: nothing is a figure yet, and every output says so.
//! No division by nothing, no "not a number", no guess that stands like an answer.

#[path = "support/kept.rs"]
mod kept;

use std::path::Path;
use std::process::{Command, Output};

use faxtally::account::Labels;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use kept::{here, ops, reading};
use serde_json::Value;
use tempfile::TempDir;

const RESPONSES: usize = 12;

fn survey() -> TempDir {
    let dir = TempDir::new().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    for (i, p) in draw(&form, &margins, RESPONSES, 9).unwrap().iter().enumerate() {
        let labels = Labels { association: Some("静岡".into()), ..Labels::default() };
        store.commit(ops(&format!("f{i}.tif"), labels, reading(&form, p, false))).unwrap();
    }
    dir
}

fn run(survey: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    command.args(args).arg("-s").arg(survey).args(["--lang", "ja"]).output().unwrap()
}

/// What it printed, if it did.
fn said(survey: &Path, args: &[&str]) -> String {
    let out = run(survey, args);
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    for word in ["NaN", "nan", "inf", "#DIV", "panicked"] {
        // Only as a word of its own: "information" is none.
        let alone = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '#');
        assert!(!alone.into_iter().any(|w| w == word), "{args:?}: {word}");
    }
    text
}

fn json(survey: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&said(survey, args)).unwrap()
}

#[test]
fn figures_of_what_waits_are_empty_and_say_why() {
    let dir = survey();
    let at = dir.path();
    let tally = json(at, &["tally", "--format", "json"]);
    assert_eq!(tally["responses"], RESPONSES);
    for q in tally["questions"].as_array().unwrap() {
        let conditional = q["type"] == "integer";
        assert!(conditional || q["pending"] == RESPONSES, "{q}");
        for option in q["options"].as_array().into_iter().flatten() {
            assert_eq!(
                (&option["count"], &option["percent"]),
                (&0.into(), &Value::Null),
                "{option}"
            );
        }
        assert!(q["type"] == "text" || q["base"] == 0, "{q}");
    }
    let text = said(at, &["tally", "--format", "text"]);
    assert!(text.contains(&format!("要確認 {RESPONSES}")), "{text}");
    assert!(!text.contains("0.0"), "no share of nothing: {text}");
    assert_eq!(run(at, &["tally", "--require-reviewed"]).status.code(), Some(3));
    let why = json(at, &["why", "q7.insurance_card", "--format", "json"]);
    assert_eq!((&why["counted"], &why["percent"]), (&0.into(), &Value::Null));
    for args in [&["cross", "--all"][..], &["cross", "association", "q2"]] {
        for table in json(at, &[args, &["--format", "json"]].concat()).as_array().unwrap() {
            assert_eq!(table["n"], 0, "{table}");
            assert_eq!(table["pending"], RESPONSES, "{table}");
        }
    }
    let groups = json(at, &["tally", "--by", "association", "--format", "json"]);
    assert_eq!(groups["groups"][0]["responses"], RESPONSES);
}

#[test]
fn nothing_that_waits_is_compared() {
    let dir = survey();
    let compare = here("forms/mynahoken-2024/compare");
    let file = |name: &str| compare.join(name).display().to_string();
    let (earlier, mapping) = (file("hodanren-2024-05.json"), file("mapping.json"));
    let args = ["compare", &earlier, "--mapping", &mapping];
    let compared = json(dir.path(), &[&args[..], &["--format", "json"]].concat());
    let questions = compared["questions"].as_array().unwrap();
    let rows = questions.iter().flat_map(|q| q["rows"].as_array().unwrap());
    for row in rows {
        assert_eq!(row["this"]["percent"], Value::Null, "{row}");
        assert_eq!(row["points"], Value::Null, "{row}");
    }
    said(dir.path(), &[&args[..], &["--format", "text"]].concat());
}

#[test]
fn every_output_is_made_of_nothing() {
    let dir = survey();
    let at = dir.path();
    let out = at.join("report").display().to_string();
    said(at, &["report", "-o", &out, "--cross", "all", "--by", "association"]);
    let page = std::fs::read_to_string(Path::new(&out).join("report.html")).unwrap();
    assert!(page.contains(&format!("確認待ち {RESPONSES} 件")));
    assert!(!page.contains("<svg"), "no chart of nothing");
    assert!(!page.contains("0.0％") && !page.contains(">NaN"));
    for table in ["wide", "long", "figures", "responses", "pages", "codebook"] {
        for format in ["csv", "excel-csv", "jsonl"] {
            said(at, &["export", "--table", table, "--format", format]);
        }
    }
    let wide = said(at, &["export", "--table", "wide", "--format", "jsonl"]);
    for line in wide.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&row["q3"], &row["q3.standing"]), (&Value::Null, &"pending".into()));
    }
    for format in ["sav", "parquet", "xlsx"] {
        let file = at.join(format!("out.{format}")).display().to_string();
        assert!(run(at, &["export", "--format", format, "-o", &file]).status.success(), "{format}");
    }
}
