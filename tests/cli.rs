//! The program as a script sees it: exit codes, what is on stdout and stderr, in both languages.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

const FORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024");

/// The program in English, whatever the machine's locale.
fn faxtally(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    command.args(args).env("LC_ALL", "C.UTF-8").env_remove("LANG");
    command
}

fn run(args: &[&str]) -> (i32, String, String) {
    finish(faxtally(args).output().unwrap())
}

fn finish(done: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

/// A folder with `inbox` (faxes alone), `truth.jsonl`, and room for `survey`.
struct Rehearsal {
    dir: tempfile::TempDir,
}

impl Rehearsal {
    fn new(pages: &str, profile: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let room = Self { dir };
        let (rc, _, err) = run(&[
            "simulate",
            "--form",
            FORM,
            "--pages",
            pages,
            "--seed",
            "11",
            "--profile",
            profile,
            "--container",
            "g4",
            "-o",
            &room.at("inbox"),
        ]);
        assert_eq!(rc, 0, "{err}");
        for file in ["truth.jsonl", "strangers.jsonl"] {
            let from = room.path("inbox").join(file);
            if from.exists() {
                std::fs::rename(from, room.path(file)).unwrap();
            }
        }
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn read(&self) -> (i32, String, String) {
        run(&["read", &self.at("inbox"), "--form", FORM, "-s", &self.at("survey")])
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    for args in [
        &[][..],
        &["frobnicate"],
        &["tally", "--format", "xml"],
        &["--lang", "fr", "doctor"],
        &["export"],
        &["read"],
        &["simulate", "--form", FORM, "--pages", "1", "-o", "x", "--duplicates", "2"],
    ] {
        let (rc, out, err) = run(args);
        assert_eq!(rc, 2, "{args:?}");
        assert!(out.is_empty() && !err.is_empty(), "{args:?}: {out}");
    }
    let (rc, out, err) = run(&["--version"]);
    assert_eq!((rc, out.as_str(), err.as_str()), (0, "faxtally 0.1.0\n", ""));
}

#[test]
fn help_is_on_stdout_and_begins_in_japanese_when_asked() {
    let (rc, out, _) = run(&["--help"]);
    assert_eq!(rc, 0);
    assert!(out.contains("Usage: faxtally") && out.is_ascii());
    assert!(!out.contains("propose"), "what is not there yet is not offered");
    let (_, out, _) = run(&["--lang", "ja", "--help"]);
    assert!(out.starts_with("faxtally は") && out.contains("Usage: faxtally"));
}

#[test]
fn what_comes_later_says_so() {
    let (rc, _, err) = run(&["form", "propose", "a.pdf", "-o", "b"]);
    assert_eq!(rc, 2);
    assert!(err.contains("comes with a later version"), "{err}");
    let (_, _, err) = run(&["--lang", "ja", "form", "propose", "a.pdf"]);
    assert!(err.starts_with("エラー: faxtally form propose: は今後の版"), "{err}");
}

#[test]
fn a_folder_that_is_no_survey_ends_with_4_and_stays_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().to_str().unwrap();
    let (rc, out, err) = run(&["tally", "-s", at]);
    assert_eq!((rc, out.as_str()), (4, ""));
    assert_eq!(err.lines().count(), 1);
    assert!(
        err.starts_with("error: ") && err.contains(at) && err.contains("run `read` first"),
        "{err}"
    );
    let (rc, _, err) = run(&["export", "--table", "pages", "-s", at, "--lang", "ja"]);
    assert_eq!(rc, 4);
    assert!(err.contains("調査フォルダーではありません"), "{err}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    std::fs::write(dir.path().join("survey.db"), "this is no database ".repeat(100)).unwrap();
    let (rc, _, err) = run(&["tally", "-s", at]);
    assert_eq!(rc, 4, "{err}");
    let (rc, _, err) = run(&["read", at, "--form", FORM, "-s", at]);
    assert_eq!(rc, 4, "{err}");
}

#[test]
fn forms_are_checked_by_name_and_place() {
    let dir = tempfile::tempdir().unwrap();
    let proof = dir.path().join("proof.png");
    let (rc, out, err) = run(&["form", "check", FORM, "--proof", proof.to_str().unwrap()]);
    assert_eq!((rc, err.as_str()), (0, ""));
    assert!(out.contains("41 boxes") && out.contains("7 written fields"), "{out}");
    let (blank, drawn) = (image::open(Path::new(FORM).join("blank.png")), image::open(&proof));
    let (blank, drawn) = (blank.unwrap(), drawn.unwrap().into_rgb8());
    assert_eq!((blank.width(), blank.height()), drawn.dimensions());
    let coloured = drawn.pixels().filter(|p| p.0[0] != p.0[1]).count();
    assert!(coloured > 41 * 4 * 30, "every box has its outline: {coloured}");
    let json = std::fs::read_to_string(Path::new(FORM).join("form.json")).unwrap();
    std::fs::copy(Path::new(FORM).join("blank.png"), dir.path().join("blank.png")).unwrap();
    for (from, to, named) in [
        ("\"survey\"", "\"sruvey\"", "sruvey"),
        ("\"schema_version\": 1", "\"schema_version\": 9", "schema_version 9"),
        ("\"id\": \"q3\"", "\"id\": \"q2\"", "stands twice"),
    ] {
        assert!(json.contains(from), "{from}");
        std::fs::write(dir.path().join("form.json"), json.replacen(from, to, 1)).unwrap();
        let (rc, _, err) = run(&["form", "check", dir.path().to_str().unwrap()]);
        assert_eq!(rc, 2);
        assert!(
            err.contains(named) && err.contains("form.json") && err.lines().count() == 1,
            "{err}"
        );
    }
    let (rc, out, _) = run(&["form", "schema"]);
    let schema = std::fs::read_to_string(Path::new(FORM).join("../form.schema.json")).unwrap();
    assert_eq!((rc, out), (0, schema));
}

#[test]
fn reading_needs_a_form_an_inbox_and_a_date_of_the_calendar() {
    let dir = tempfile::tempdir().unwrap();
    let (at, survey) = (dir.path().to_str().unwrap(), dir.path().join("survey"));
    let survey = survey.to_str().unwrap();
    let (rc, _, err) = run(&["read", at, "-s", survey]);
    assert_eq!(rc, 2);
    assert!(err.contains("--form"), "{err}");
    assert!(!Path::new(survey).exists(), "a mistyped -s makes no survey");
    for date in ["2024-02-30", "2023-02-29", "2024-13-01", "24-1-1", "2024/12/01", "2024-12-0１"] {
        let (rc, _, err) = run(&["read", at, "--form", FORM, "-s", survey, "--arrived", date]);
        assert_eq!(rc, 2, "{date}");
        assert!(err.contains("--arrived"), "{err}");
    }
    let nowhere = dir.path().join("nowhere");
    let (rc, _, err) = run(&["read", nowhere.to_str().unwrap(), "--form", FORM, "-s", survey]);
    assert_eq!(rc, 2);
    assert!(err.contains("nowhere"), "{err}");
}

#[test]
fn from_faxes_to_figures_and_back() {
    let room = Rehearsal::new("4", "clean");
    let survey = room.at("survey");
    let (rc, out, err) = room.read();
    assert_eq!(rc, 0, "{out}{err}");
    assert!(out.contains("counted 4"), "{out}");
    let tally = |extra: &[&str]| run(&[&["tally", "-s", &survey], extra].concat());
    let (rc, first, _) = tally(&[]);
    let figures: Value = serde_json::from_str(&first).expect("JSON when stdout is no terminal");
    assert_eq!((rc, &figures["responses"]), (0, &Value::from(4)));
    let (rc, again, _) = room.read();
    assert_eq!(rc, 0);
    assert!(
        again.contains("Read 0 pages of 4 files") && again.contains("4 files were known"),
        "{again}"
    );
    assert_eq!(tally(&[]).1, first, "byte-identical");
    let (_, text, _) = tally(&["--format", "text", "--lang", "ja"]);
    assert!(text.contains("中間集計") && text.contains("無回答"), "{text}");
    let rows = run(&["export", "-s", &survey, "--table", "responses"]).1;
    assert_eq!(rows.lines().count(), 4);
    // A handwritten field is unread, but free text holds no publication up; what people decide counts.
    let (rc, _, err) = run(&["decide", "-s", &survey, &room.at("truth.jsonl"), "--by", "k.s."]);
    assert_eq!(rc, 0, "{err}");
    let (rc, _, err) = tally(&["--require-reviewed"]);
    assert_eq!(rc, 0, "{err}");
    let (_, report, _) =
        run(&["score", "-s", &survey, "--truth", &room.at("truth.jsonl"), "--format", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["pages"]["counted"], 4);
    assert_eq!(report["answers"]["people_wrong"], 0);
    assert_eq!(report["answers"]["pending"], 0);
    proofs_outline_marks(&room);
    let (rc, out, _) = run(&["survey", "-s", &survey, "--sent", "16", "--status", "final"]);
    assert_eq!(rc, 0);
    assert!(out.contains("sent    16") && out.contains("status  final"), "{out}");
    let figures: Value = serde_json::from_str(&tally(&[]).1).unwrap();
    assert_eq!(figures["response_rate"].to_string(), "25.0");
    assert_eq!(figures["status"], "final");
}

fn proofs_outline_marks(room: &Rehearsal) {
    let survey = room.at("survey");
    let (rc, list, err) = run(&["proof", "-s", &survey, "-o", &room.at("proofs"), "--pages", "3"]);
    assert_eq!((rc, list.lines().count()), (0, 3), "{err}");
    let name = list.split('\t').next().unwrap();
    let picture = image::open(room.path("proofs").join(name)).unwrap().into_rgb8();
    let green = picture.pixels().filter(|p| p.0 == [0, 158, 115]).count();
    assert!(green > 100, "some mark is outlined: {green}");
}

#[test]
fn what_needs_a_person_shows_in_the_exit_code() {
    let room = Rehearsal::new("2", "clean");
    std::fs::write(room.path("inbox").join("メモ 1.tif"), "no fax").unwrap();
    let args = ["read", &room.at("inbox"), "--form", FORM, "-s", &room.at("survey")];
    let (rc, out, err) = run(&[&args[..], &["--log-format", "json", "-q"]].concat());
    assert_eq!((rc, out.as_str(), err.as_str()), (1, "", ""), "quiet says nothing but errors");
    let (rc, _, err) = run(&[&args[..], &["--log-format", "json", "--no-progress"]].concat());
    assert_eq!(rc, 1);
    let line: Value = serde_json::from_str(err.lines().next().unwrap()).unwrap();
    assert_eq!(line["level"], "warning");
    assert_eq!(
        line["message"],
        "メモ 1.tif: neither TIFF, PDF, PNG nor JPEG: fetch it again if it is a fax, else take it out"
    );
    let pages = run(&["export", "-s", &room.at("survey"), "--table", "pages"]).1;
    let row: Value = pages
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .find(|r: &Value| r["page"] == 0)
        .unwrap();
    assert_eq!(row["status"], "refused");
    assert_eq!(row["reasons"][0]["code"], "unknown_format");
    let (rc, _, err) =
        run(&["score", "-s", &room.at("survey"), "--truth", &room.at("inbox/メモ 1.tif")]);
    assert_eq!(rc, 2);
    assert!(err.contains("line 1"), "{err}");
}

#[test]
fn an_interrupted_read_ends_with_130_and_goes_on() {
    let room = Rehearsal::new("2", "clean");
    let mut child =
        faxtally(&["read", &room.at("inbox"), "--form", FORM, "-s", &room.at("survey")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
    // The run watches files as young as these for two seconds before it reads them.
    while !room.path("survey/read.lock").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let _ = child.wait();
    let (rc, _, err) = finish(child.wait_with_output().unwrap());
    assert_eq!(rc, 130, "{err}");
    assert!(err.contains("what was read is kept"), "{err}");
    let (rc, out, err) = room.read();
    assert_eq!(rc, 0, "{err}");
    assert!(out.contains("counted 2"), "{out}");
}

#[test]
fn nobody_reading_stdout_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done =
        faxtally(&["form", "schema"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(String::from_utf8(done.stderr).unwrap(), "");
}

#[test]
fn results_go_to_a_file_whole_or_not_at_all() {
    let room = Rehearsal::new("1", "clean");
    room.read();
    let (survey, file) = (room.at("survey"), room.at("tally.json"));
    let (rc, out, _) = run(&["tally", "-s", &survey, "-o", &file]);
    assert_eq!((rc, out.as_str()), (0, ""));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written["responses"], 1);
    assert!(!room.path("tally.json.part").exists());
    let (rc, _, err) = run(&["tally", "-s", &survey, "-o", &room.at("no/such/folder.json")]);
    assert_eq!(rc, 2);
    assert!(err.contains("folder.json: cannot be written"), "{err}");
}

#[test]
fn the_doctor_looks_at_the_survey_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (rc, out, _) = run(&["doctor", "-s", dir.path().join("later").to_str().unwrap()]);
    assert_eq!(rc, 0, "{out}");
    for word in ["processor", "can be written", "file system", "locale: C.UTF-8", "fonts"] {
        assert!(out.contains(word), "{word} in {out}");
    }
    let (_, out, _) = run(&["doctor", "--lang", "ja"]);
    assert!(out.contains("書き込める"), "{out}");
}

#[test]
fn mounts_are_matched_by_their_longest_point() {
    let mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/a /mnt/net nfs4 rw 0 0\n\
                  //s/b /mnt/net\\040work cifs rw 0 0\ntmpfs /mnt/net/local tmpfs rw 0 0\n";
    let kind = |dir: &str| faxtally::doctor::mounted(mounts, Path::new(dir)).unwrap();
    assert_eq!(kind("/home/x"), "ext4");
    assert_eq!(kind("/mnt/net/survey"), "nfs4");
    assert_eq!(kind("/mnt/net work/survey"), "cifs");
    assert_eq!(kind("/mnt/network"), "ext4");
    assert_eq!(kind("/mnt/net/local/survey"), "tmpfs");
}
