//! A reviewer's day in Debian's Chromium: the program, a small survey of real (simulated) faxes, and a
//! driver from npm. Where one of them is missing the tests say so and pass; CI has all of them.
#![cfg(feature = "server")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
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
            "14",
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
        let mut args = vec!["review", "-s", survey.to_str().unwrap(), "--port", "0"];
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
    let script = Path::new(DRIVER).join("session.mjs");
    let done = Command::new("node").arg(script).arg(chromium).args([url, name]).output().unwrap();
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
