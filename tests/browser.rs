//! A reviewer's day in Debian's Chromium: the program, a small survey of real (simulated) faxes, and a
//! driver from npm. Where one of them is missing the tests say so and pass; CI has all of them.
#![cfg(feature = "server")]

#[path = "support/fax_files.rs"]
#[allow(dead_code, reason = "written for the decoder's tests")]
mod fax_files;
#[path = "support/slanted.rs"]
mod slanted;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

const FORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024");
const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");

fn faxtally(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    command.args(args).env("LC_ALL", "C.UTF-8").env_remove("LANG");
    command
}

fn run(args: &[&str]) {
    let done = faxtally(args).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 1)), "{args:?}: {done:?}");
}

/// Chromium, if everything is there that these tests need.
fn browser() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(find).as_deref()
}

fn find() -> Option<PathBuf> {
    let there = |program: &str| {
        let found =
            Command::new("sh").args(["-c", &format!("command -v {program}")]).output().ok()?;
        let path = String::from_utf8(found.stdout).ok()?.trim().to_owned();
        (!path.is_empty()).then(|| PathBuf::from(path))
    };
    let missing = |what: &str| {
        eprintln!("SKIPPED: no {what}; the review screens were not tested in a browser");
        None
    };
    let Some(chromium) = there("chromium") else { return missing("chromium") };
    if there("node").is_none() {
        return missing("node");
    }
    if !Path::new(DRIVER).join("node_modules/playwright-core").is_dir() {
        let done = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(DRIVER)
            .output();
        if !done.is_ok_and(|d| d.status.success()) {
            return missing("npm packages (npm ci in tests/browser)");
        }
    }
    Some(chromium)
}

const HOSTILE: &str = "<img src=x onerror=window.evil=1>.tif";

/// A survey of so many faxes, read once and copied for every test.
fn survey() -> TempDir {
    static READ: OnceLock<TempDir> = OnceLock::new();
    let from = READ.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (inbox, store) = (at("inbox"), at("survey"));
        run(&[
            "simulate",
            "--form",
            FORM,
            "--pages",
            "28",
            "--seed",
            "77",
            "--profile",
            "rough",
            "--container",
            "g4",
            "-o",
            &inbox,
        ]);
        std::fs::remove_file(dir.path().join("inbox/truth.jsonl")).unwrap();
        // Half a page, under a name that would be a script elsewhere; and a page that no form is found on.
        let half = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/first-day/inbox/09-half-page.tif");
        std::fs::copy(half, dir.path().join("inbox").join(HOSTILE)).unwrap();
        std::fs::write(dir.path().join("inbox/slanted.tif"), slanted::fax(&slanted::page()))
            .unwrap();
        run(&["read", &inbox, "--form", FORM, "-s", &store]);
        dir
    });
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(from.path().join("survey")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn new(survey: &Path, more: &[&str]) -> Self {
        let mut args = vec!["review", "-s", survey.to_str().unwrap()];
        if !more.contains(&"--port") {
            args.extend(["--port", "0"]);
        }
        args.extend(more);
        let mut child =
            faxtally(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url: url.trim().to_owned() }
    }

    fn host(&self) -> &str {
        self.url["http://".len()..].split('/').next().unwrap()
    }
}

impl Drop for Serving {
    // SIGKILL: what was acknowledged must be there all the same.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn story(chromium: &Path, url: &str, name: &str) -> Value {
    story_with(chromium, url, name, &Value::Null)
}

fn story_with(chromium: &Path, url: &str, name: &str, given: &Value) -> Value {
    let script = Path::new(DRIVER).join("session.mjs");
    let given = given.to_string();
    let done =
        Command::new("node").arg(script).arg(chromium).args([url, name, &given]).output().unwrap();
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{err}");
    serde_json::from_slice(&done.stdout).unwrap()
}

fn figures(survey: &Path) -> Value {
    let done =
        faxtally(&["tally", "-s", survey.to_str().unwrap(), "--format", "json"]).output().unwrap();
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn a_whole_session_by_keyboard_and_nothing_is_lost_by_a_kill() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let told = {
        let server = Serving::new(survey.path(), &["--audit", "4"]);
        story(chromium, &server.url, "whole")
    };
    assert!(told["opened"].as_u64().unwrap() > 20, "{told}");
    assert_eq!(told["left"], 0, "{told}");
    let tally = figures(survey.path());
    assert_eq!(tally["pages"]["pending"], 0);
    let pending =
        tally["questions"].as_array().unwrap().iter().map(|q| q["pending"].as_u64().unwrap());
    assert_eq!(pending.sum::<u64>(), 0, "{tally}");
    assert!(tally["audit"]["checked"].as_u64().unwrap() > 0, "{tally}");
    let proof =
        faxtally(&["audit", "verify", "-s", survey.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(proof.status.code(), Some(0), "{proof:?}");
}

#[test]
fn an_input_method_neither_swallows_nor_triggers_keys() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    story(chromium, &server.url, "ime");
}

#[test]
fn two_reviewers_at_once() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    for name in ["Sato", "Suzuki"] {
        let at = survey.path().to_str().unwrap();
        let mut add =
            faxtally(&["reviewer", "add", name, "-s", at]).stdin(Stdio::piped()).spawn().unwrap();
        add.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
        assert!(add.wait().unwrap().success());
    }
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    story(chromium, &format!("http://{}/login", server.host()), "two");
}

#[test]
fn a_page_is_said_to_be_this_and_that_by_keyboard_and_taken_back() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    let other = pages(survey.path(), "counted").remove(0)["response"].clone();
    story_with(chromium, &server.url, "page", &json!({"other": other}));
}

#[test]
fn a_form_is_put_onto_a_page_by_keyboard_and_by_dragging() {
    let Some(chromium) = browser() else { return };
    for name in ["hand_keys", "hand_drag"] {
        let survey = survey();
        let page = page_of(survey.path(), "slanted.tif");
        assert_eq!(page["status"], "pending", "the form was found on it: {page}");
        let given = json!({"corners": slanted::corners(), "response": page["response"]});
        let told = {
            let server = Serving::new(survey.path(), &["--audit", "0"]);
            story_with(chromium, &server.url, name, &given)
        };
        // What nothing had found is counted, with its crosses, or asked about; never as blanks.
        let page = page_of(survey.path(), "slanted.tif");
        assert_eq!((&page["status"], &page["response"]), (&json!("counted"), &told["response"]));
        let rows = export(survey.path(), "responses");
        let row = rows.iter().find(|r| r["response"] == told["response"]).unwrap();
        for (question, option) in slanted::CROSSED {
            let answer = &row["answers"][question];
            assert!(answer["value"] == json!([option]) || answer["state"] == "pending", "{answer}");
        }
    }
}

#[test]
fn a_page_that_lies_upside_down_has_a_key() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let slanted = page_of(survey.path(), "slanted.tif")["response"].clone();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    story_with(chromium, &server.url, "turned", &json!({"slanted": slanted}));
}

#[test]
fn what_is_decided_while_the_server_is_dead_is_saved_when_it_lives_again() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    let port = server.host().rsplit(':').next().unwrap().to_owned();
    let script = Path::new(DRIVER).join("session.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(chromium).args([&server.url, "kill"]);
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut tell, heard) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
    let mut heard = BufReader::new(heard).lines().map_while(Result::ok);
    assert_eq!(heard.next().as_deref(), Some("kill"));
    drop(server);
    writeln!(tell, "dead").unwrap();
    assert_eq!(heard.next().as_deref(), Some("start"));
    let server = Serving::new(survey.path(), &["--audit", "0", "--port", &port]);
    writeln!(tell, "{}", server.url).unwrap();
    let told: Value = serde_json::from_str(&heard.next().unwrap()).unwrap();
    drop(tell);
    assert!(node.wait().unwrap().success());
    drop(server);
    let rows = export(survey.path(), "responses");
    let keys = told["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 5);
    for key in keys {
        let key: Vec<&str> = key.as_str().unwrap().split('/').collect();
        let row = rows.iter().find(|r| r["response"] == key[0]).unwrap();
        assert_eq!(row["answers"][key[2]]["source"], "person", "{key:?}");
    }
}

#[test]
fn steps_are_taken_back_and_done_again_over_a_reload() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    story(chromium, &server.url, "undo");
}

#[test]
fn names_notes_and_texts_are_never_markup() {
    let Some(chromium) = browser() else { return };
    let survey = survey();
    let server = Serving::new(survey.path(), &["--audit", "0"]);
    story(chromium, &server.url, "hostile");
}

fn export(survey: &Path, table: &str) -> Vec<Value> {
    let at = survey.to_str().unwrap();
    let done = faxtally(&["export", "-s", at, "--table", table, "--format", "jsonl"]).output();
    let text = String::from_utf8(done.unwrap().stdout).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn pages(survey: &Path, status: &str) -> Vec<Value> {
    export(survey, "pages").into_iter().filter(|p| p["status"] == status).collect()
}

fn page_of(survey: &Path, file: &str) -> Value {
    export(survey, "pages").into_iter().find(|p| p["file"] == file).unwrap()
}

#[test]
fn ctrl_c_ends_the_server_and_its_port_is_free() {
    let survey = survey();
    let mut server = Serving::new(survey.path(), &[]);
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut left = String::new();
    assert!(std::net::TcpStream::connect(server.host()).is_err());
    server.child.stdout.take().unwrap().read_to_string(&mut left).unwrap();
    assert!(left.is_empty(), "{left}");
}
