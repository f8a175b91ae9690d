//! Walking inboxes: what is found, in which order, and what cannot lead the reader astray.

#[path = "support/fake.rs"]
mod fake;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fake::{Fake, account, lines, write};
use faxtally::ingest::{self, Load, load, walk};
use faxtally::reading::ReasonCode;
use faxtally::store::Store;
use tempfile::TempDir;

const NO_SURVEY: &str = "/nonexistent";

fn found(inboxes: &[PathBuf]) -> Vec<(String, Option<&'static str>)> {
    let found = walk(inboxes, Path::new(NO_SURVEY)).unwrap();
    found.into_iter().map(|f| (f.path, f.problem)).collect()
}

#[test]
fn names_are_kept_as_they_are_and_sorted() {
    let inbox = TempDir::new().unwrap();
    let names = ["<b>受信 2024&amp;.tif", "b/c.tif", "b.tif", "三重 県.tif", ".hidden", "50%.tif"];
    for name in names {
        write(inbox.path(), name, &["cover"]);
    }
    let odd = OsStr::from_bytes(b"sjis\x8e\x4f%.tif");
    std::fs::write(inbox.path().join(odd), "FAKE\ncover\n").unwrap();
    let paths: Vec<String> = found(&[inbox.path().into()]).into_iter().map(|f| f.0).collect();
    let expected = [
        ".hidden",
        "50%.tif",
        "<b>受信 2024&amp;.tif",
        "b.tif",
        "b/c.tif",
        "sjis%8EO%25.tif",
        "三重 県.tif",
    ];
    assert_eq!(paths, expected);
    let survey = TempDir::new().unwrap();
    let store = Store::create(survey.path()).unwrap();
    for pages_read in [1, 0] {
        let done = fake::read(inbox.path(), &store, &Fake::default());
        assert_eq!((done.files, done.pages_read), (7, pages_read));
    }
    assert_eq!(lines(&account(&store)).into_iter().map(|l| l.0).collect::<Vec<_>>(), expected);
}

#[test]
fn links_are_neither_followed_out_nor_round() {
    let (inbox, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let at = inbox.path();
    write(at, "sub/a.fake", &["cover"]);
    write(outside.path(), "secret.fake", &["cover"]);
    symlink(at, at.join("sub/round")).unwrap();
    symlink(at.join("sub/a.fake"), at.join("inside")).unwrap();
    symlink(outside.path(), at.join("out")).unwrap();
    symlink(outside.path().join("secret.fake"), at.join("secret")).unwrap();
    symlink("y", at.join("x")).unwrap();
    symlink("x", at.join("y")).unwrap();
    let link = Some("symbolic link");
    let expected =
        [("out", link), ("secret", link), ("sub/a.fake", None), ("x", link), ("y", link)];
    assert_eq!(found(&[at.into()]), expected.map(|(p, l)| (p.to_owned(), l)));
    assert!(matches!(load(&at.join("inside"), 99), Load::Refused { reason, .. }
        if reason.code == ReasonCode::Unreadable));
}

#[test]
fn pipes_do_not_hang_and_strange_inputs_are_refused_once() {
    let (inbox, survey) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let at = inbox.path();
    let made = std::process::Command::new("mkfifo").arg(at.join("pipe")).status().unwrap();
    assert!(made.success());
    symlink("/etc/passwd", at.join("passwd")).unwrap();
    std::fs::write(at.join("big"), vec![b'x'; 2000]).unwrap();
    let store = Store::create(survey.path()).unwrap();
    let mut job = fake::job(at, 1);
    job.limits.file_bytes = 1000;
    for _ in 0..2 {
        let done = fake::try_read(&job, &store, &Fake::default()).unwrap();
        assert_eq!((done.files, done.refused), (3, 3));
    }
    let account = account(&store);
    let codes: Vec<_> =
        account.pages.iter().map(|p| (p.file.as_str(), p.reasons[0].code)).collect();
    let expected = [
        ("big", ReasonCode::TooLarge),
        ("passwd", ReasonCode::Unreadable),
        ("pipe", ReasonCode::Unreadable),
    ];
    assert_eq!(codes, expected);
    assert_eq!(account.pages[0].reasons[0].measured, Some(2000.0));
    assert!(matches!(load(&at.join("pipe"), 99), Load::Refused { .. }));
}

#[test]
fn an_input_in_two_inboxes_is_one_and_a_file_may_be_an_inbox() {
    let inbox = TempDir::new().unwrap();
    let a = write(inbox.path(), "sub/a.fake", &["cover"]);
    write(inbox.path(), "b.fake", &["cover"]);
    let all = found(&[a.clone(), inbox.path().join("sub"), inbox.path().into()]);
    assert_eq!(all, [("a.fake".to_owned(), None), ("b.fake".to_owned(), None)]);
    assert!(walk(&[inbox.path().join("nowhere")], Path::new(NO_SURVEY)).is_err());
}

#[test]
fn a_growing_file_is_left_and_read_by_the_next_run() {
    let (inbox, survey) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = write(inbox.path(), "grows.fake", &["response ink=1"]);
    write(inbox.path(), "rests.fake", &["response ink=2"]);
    let store = Store::create(survey.path()).unwrap();
    let mut job = fake::job(inbox.path(), 1);
    // Ten times what the writer waits: on a loaded machine its thread may begin late.
    job.settle = Duration::from_secs(1);
    let first = std::thread::scope(|s| {
        s.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            std::fs::write(&path, "FAKE\nresponse ink=1\nresponse ink=3\n").unwrap();
        });
        fake::try_read(&job, &store, &Fake::default()).unwrap()
    });
    assert_eq!(first.left, ["grows.fake"]);
    assert_eq!(lines(&account(&store)).len(), 1, "what is still growing is not recorded");
    let second = fake::try_read(&job, &store, &Fake::default()).unwrap();
    assert!(second.left.is_empty());
    assert_eq!(lines(&account(&store)).len(), 3);
}

#[test]
fn old_files_are_not_waited_for_and_vanished_ones_are_left() {
    let inbox = TempDir::new().unwrap();
    let path = write(inbox.path(), "a.fake", &["cover"]);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_mins(1)).unwrap();
    let walked = walk(&[inbox.path().into()], Path::new(NO_SURVEY)).unwrap();
    let before = std::time::Instant::now();
    assert!(ingest::settle(&walked, Duration::from_secs(30), &|| false).is_empty());
    assert!(before.elapsed() < Duration::from_secs(5));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(load(&path, 99), Load::Left));
}
