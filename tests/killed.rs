//! `read` killed while it reads what is written, as by a power cut: what was read stays, the rest
//! follows, and nothing is read twice.
#![cfg(all(unix, feature = "ocr"))]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use faxtally::store::Store;
use faxtally::text::tesseract::Tesseract;
use serde_json::Value;

const FORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024");
/// More than the whole test takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The program with Tesseract alone, which needs no models.
fn faxtally(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    command.args(args).env("LC_ALL", "C.UTF-8").env("FAXTALLY_MODELS", dir.join("none"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(dir);
    command
}

fn read(dir: &Path, survey: &str) -> Command {
    faxtally(dir, &["read", "inbox", "--form", FORM, "-s", survey, "--jobs", "2"])
}

fn rows(dir: &Path, survey: &str) -> Vec<Value> {
    let args = ["export", "-s", survey, "--table", "responses", "--format", "jsonl"];
    let done = faxtally(dir, &args).stdout(Stdio::piped()).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// (response, field) of all that is written, and whether no recogniser has read it.
fn written(rows: &[Value]) -> Vec<(String, String, bool)> {
    let mut out = Vec::new();
    for row in rows {
        for (field, text) in row["text"].as_object().unwrap() {
            let codes = text["reasons"].as_array().unwrap();
            let unread = codes.iter().any(|r| r["code"] == "text_not_read");
            if text["state"] != "blank" {
                out.push((row["response"].as_str().unwrap().into(), field.clone(), unread));
            }
        }
    }
    out
}

fn waiting(rows: &[Value]) -> usize {
    written(rows).iter().filter(|w| w.2).count()
}

#[test]
fn what_was_read_before_a_kill_stays_and_the_rest_follows() {
    if Tesseract::find().is_err() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let args = ["simulate", "--form", FORM, "--pages", "20", "--seed", "4005", "-o", "inbox"];
    let args = [&args[..], &["--profile", "clean", "--container", "g4"]].concat();
    assert!(faxtally(dir, &args).status().unwrap().success());
    std::fs::rename(dir.join("inbox/truth.jsonl"), dir.join("truth.jsonl")).unwrap();

    let mut running = read(dir, "killed").spawn().unwrap();
    let (started, mut most) = (Instant::now(), 0);
    let left = loop {
        let left = waiting(&rows(dir, "killed"));
        most = most.max(left);
        if left < most {
            break left;
        }
        assert!(running.try_wait().unwrap().is_none(), "it ended before it was killed");
        assert!(started.elapsed() < PATIENCE);
    };
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(left > 0, "{most} fields were read between two looks");
    let before = waiting(&rows(dir, "killed"));
    assert!(before > 0 && before < most, "{before} of {most} wait");

    assert!(read(dir, "killed").status().unwrap().success());
    let after = rows(dir, "killed");
    assert_eq!(waiting(&after), 0);
    let store = Store::open(&dir.join("killed")).unwrap();
    for (response, field, _) in written(&after) {
        let crop = store.crop(&response, &field).unwrap();
        let times = crop.map_or(0, |c| c.readings.len());
        assert_eq!(times, 1, "{response} {field}");
    }
    assert!(read(dir, "whole").status().unwrap().success());
    assert_eq!(rows(dir, "whole"), after, "as if it had never been killed");
}
