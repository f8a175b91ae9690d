//! Inboxes into the store by a fake reader: what is read, how often, and what is left after crashes.

#[path = "support/fake.rs"]
mod fake;

use fake::{Fake, account, lines, read, write};
use faxtally::account::{PageStatus, PageVerdict, Verdict};
use faxtally::reading::ReasonCode;
use faxtally::store::Store;
use tempfile::TempDir;

fn inbox_and_store() -> (TempDir, TempDir, Store) {
    let (inbox, survey) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = Store::create(survey.path()).unwrap();
    (inbox, survey, store)
}

#[test]
fn a_page_of_every_kind_gets_its_status() {
    let (inbox, _survey, store) = inbox_and_store();
    let at = inbox.path();
    write(at, "a.fake", &["response q1=a ink=1", "cover", "undecodable", "pending"]);
    write(at, "b/copy.fake", &["response q1=a ink=1", "cover", "undecodable", "pending"]);
    write(at, "c.fake", &["response q1=a ink=1 again"]);
    write(at, "d.fake", &["response q1=a ink=2"]);
    std::fs::write(at.join("empty.fake"), "").unwrap();
    std::fs::write(at.join("text.txt"), "not a fax").unwrap();
    let fake = Fake::default();
    let summary = read(at, &store, &fake);
    assert_eq!((summary.files, summary.pages_read, summary.refused), (6, 5, 3));
    let account = account(&store);
    let expected = [
        ("a.fake", 1, "counted"),
        ("a.fake", 2, "setaside"),
        ("a.fake", 3, "refused"),
        ("a.fake", 4, "pending"),
        ("b/copy.fake", 1, "duplicate"),
        ("b/copy.fake", 2, "setaside"),
        ("b/copy.fake", 3, "refused"),
        ("b/copy.fake", 4, "duplicate"),
        ("c.fake", 1, "duplicate"),
        ("d.fake", 1, "counted"),
        ("empty.fake", 0, "refused"),
        ("text.txt", 0, "refused"),
    ];
    assert_eq!(lines(&account), expected.map(|(f, p, s)| (f.into(), p, s.into())));
    let first = account.pages[0].response.clone().unwrap();
    for (line, code) in [(4, ReasonCode::ByteCopy), (8, ReasonCode::Resent)] {
        assert_eq!(account.pages[line].duplicate_of.as_ref(), Some(&first));
        assert!(account.pages[line].reasons.iter().any(|r| r.code == code));
    }
    assert_eq!(account.responses.len(), 3, "two counted, one pending");
}

#[test]
fn one_and_eight_jobs_give_the_same_account() {
    let accounts = [1, 8].map(|jobs| {
        let (inbox, _survey, store) = inbox_and_store();
        for i in 0..40u64 {
            let pages: Vec<String> = (0..=i % 7)
                .map(|p| format!("response q1=a q2=b ink={}", (i * 7 + p) % 90))
                .collect();
            let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
            write(inbox.path(), &format!("{}/{i:03}.fake", i % 3), &pages);
        }
        let fake = Fake::default();
        fake::try_read(&fake::job(inbox.path(), jobs), &store, &fake).unwrap();
        account(&store)
    });
    assert!(accounts[0].pages.len() > 100);
    assert!(accounts[0].pages.iter().any(|p| p.duplicate_of.is_some()));
    assert_eq!(accounts[0], accounts[1]);
}

#[test]
fn nothing_is_read_twice() {
    let (inbox, _survey, store) = inbox_and_store();
    write(inbox.path(), "a.fake", &["response ink=1", "cover", "undecodable"]);
    let fake = Fake::default();
    read(inbox.path(), &store, &fake);
    assert_eq!(fake.pages_read(), 2);
    write(inbox.path(), "b.fake", &["response ink=2"]);
    let again = read(inbox.path(), &store, &fake);
    assert_eq!((again.pages_read, again.files_known), (1, 1));
    assert_eq!(fake.pages_read(), 3);
}

#[test]
fn another_reader_reads_again_and_keeps_both_readings() {
    let (inbox, _survey, store) = inbox_and_store();
    write(inbox.path(), "a.fake", &["response q1=a ink=1"]);
    read(inbox.path(), &store, &Fake::default());
    let newer = Fake { version: 2, ..Fake::default() };
    assert_eq!(read(inbox.path(), &store, &newer).pages_read, 1);
    let account = account(&store);
    assert_eq!(lines(&account), [("a.fake".to_owned(), 1, "counted".to_owned())]);
}

#[test]
fn a_touched_or_moved_file_is_the_same_and_a_replaced_one_is_another() {
    let (inbox, _survey, store) = inbox_and_store();
    let before = inbox.path().join("before");
    let path = write(&before, "a.fake", &["response ink=1"]);
    let fake = Fake::default();
    read(&before, &store, &fake);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    read(&before, &store, &fake);
    let after = inbox.path().join("after");
    std::fs::rename(&before, &after).unwrap();
    read(&after, &store, &fake);
    assert_eq!(lines(&account(&store)).len(), 1);
    assert_eq!(fake.pages_read(), 1);
    write(&after, "a.fake", &["response ink=9"]);
    read(&after, &store, &fake);
    let account = account(&store);
    assert_eq!(account.pages.len(), 2, "a name used again loses no response");
    assert_eq!(account.responses.len(), 2);
}

#[test]
fn a_cut_off_file_that_arrives_whole_later_leaves_no_refusal() {
    let (inbox, _survey, store) = inbox_and_store();
    std::fs::write(inbox.path().join("a.fake"), "FA").unwrap();
    read(inbox.path(), &store, &Fake::default());
    assert_eq!(lines(&account(&store)), [("a.fake".to_owned(), 0, "refused".to_owned())]);
    write(inbox.path(), "a.fake", &["response ink=1"]);
    read(inbox.path(), &store, &Fake::default());
    assert_eq!(lines(&account(&store)), [("a.fake".to_owned(), 1, "counted".to_owned())]);
}

#[test]
fn a_panic_costs_its_page_only() {
    let (inbox, _survey, store) = inbox_and_store();
    write(inbox.path(), "a.fake", &["response ink=1", "panic", "response ink=2"]);
    std::fs::write(inbox.path().join("b.fake"), "OPEN PANIC").unwrap();
    let fake = Fake::default();
    let summary = read(inbox.path(), &store, &fake);
    assert_eq!((summary.pages_read, summary.quarantined), (2, 2));
    let account = account(&store);
    let status: Vec<_> = lines(&account).into_iter().map(|l| l.2).collect();
    assert_eq!(status, ["counted", "pending", "counted", "refused"]);
    assert_eq!(account.pages[1].reasons[0].code, ReasonCode::Quarantined);
    let log = store.log().unwrap();
    assert!(log.iter().any(|l| l.2 == "quarantine" && l.3 == "the reader fell over"));
    assert!(log.iter().any(|l| l.2 == "quarantine" && l.3 == "opening failed"));
    assert_eq!(read(inbox.path(), &store, &fake).pages_read, 0, "and it is not tried again");
}

/// Runs this test binary again as the process that dies; the environment says where.
fn run_in_child(inbox: &std::path::Path, survey: &std::path::Path) -> std::process::ExitStatus {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env("FAXTALLY_TEST_INBOX", inbox)
        .env("FAXTALLY_TEST_SURVEY", survey)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap()
}

/// No test by itself: what `run_in_child` runs.
#[test]
fn child() {
    let (Some(inbox), Some(survey)) =
        (std::env::var_os("FAXTALLY_TEST_INBOX"), std::env::var_os("FAXTALLY_TEST_SURVEY"))
    else {
        return;
    };
    let store = Store::create(survey.as_ref()).unwrap();
    read(inbox.as_ref(), &store, &Fake::default());
}

#[test]
fn a_page_that_ends_the_program_is_set_aside_after_three_times() {
    let (inbox, survey, store) = inbox_and_store();
    drop(store);
    write(inbox.path(), "a.fake", &["response ink=1", "abort", "response ink=2"]);
    for i in 0..20 {
        write(inbox.path(), &format!("n{i:02}.fake"), &[&format!("response ink={}", 10 + i)]);
    }
    std::fs::write(inbox.path().join("z.fake"), "OPEN ABORT").unwrap();
    let mut crashes = 0;
    while !run_in_child(inbox.path(), survey.path()).success() {
        crashes += 1;
        assert!(crashes <= 6, "three for the page, three for the file");
    }
    assert_eq!(crashes, 6);
    let account = account(&Store::open(survey.path()).unwrap());
    let (bad, good): (Vec<_>, Vec<_>) = account
        .pages
        .iter()
        .partition(|p| p.reasons.iter().any(|r| r.code == ReasonCode::Quarantined));
    let bad: Vec<_> = bad.iter().map(|p| (p.file.as_str(), p.page)).collect();
    assert_eq!(bad, [("a.fake", 2), ("z.fake", 0)]);
    assert_eq!(good.len(), 22);
    assert!(good.iter().all(|p| format!("{:?}", p.status) == "Counted"), "no innocent page");
}

#[test]
fn kill_minus_nine_at_any_moment_loses_and_doubles_nothing() {
    let (inbox, survey, store) = inbox_and_store();
    drop(store);
    for i in 0..40 {
        let pages: Vec<String> = (0..3).map(|p| format!("slow ink={}", i * 3 + p)).collect();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        write(inbox.path(), &format!("{i:02}.fake"), &pages);
    }
    let read_so_far = || {
        let account = account(&Store::open(survey.path()).unwrap());
        account.pages.iter().filter(|p| p.residual_px > 0.0).count()
    };
    for round in 1..=3u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env("FAXTALLY_TEST_INBOX", inbox.path())
            .env("FAXTALLY_TEST_SURVEY", survey.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(150 * round));
        // However slow the machine is: something was read before the last kill.
        while round == 3 && read_so_far() == 0 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = read_so_far();
    let store = Store::create(survey.path()).unwrap();
    let fake = Fake::default();
    let summary = read(inbox.path(), &store, &fake);
    assert_eq!(before + summary.pages_read, 120, "what was acknowledged is not read again");
    assert!(before > 0, "the kills came before anything was read");
    let account = account(&store);
    assert_eq!(account.pages.len(), 120);
    assert_eq!(account.responses.len(), 120);
}

#[test]
fn an_interrupted_run_keeps_what_was_read_and_goes_on() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (inbox, _survey, store) = inbox_and_store();
    let pages: Vec<String> = (0..200).map(|p| format!("slow ink={p}")).collect();
    write(inbox.path(), "a.fake", &pages.iter().map(String::as_str).collect::<Vec<_>>());
    let cancel = AtomicBool::new(false);
    let fake = Fake::default();
    let job = fake::job(inbox.path(), 2);
    let first = std::thread::scope(|s| {
        s.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            cancel.store(true, Ordering::Relaxed);
        });
        faxtally::batch::run(&job, &store, &fake, &faxtally::batch::Silent, &cancel).unwrap()
    });
    assert!(first.interrupted && first.pages_read > 0 && first.pages_read < 200);
    let waiting = account(&store);
    assert_eq!(waiting.pages.len(), 200, "unread pages are accounted for");
    let second = fake::read(inbox.path(), &store, &fake);
    assert_eq!(first.pages_read + second.pages_read, 200);
    assert_eq!(fake.pages_read(), 200, "none twice");
    assert_eq!(account(&store).responses.len(), 200);
}

#[test]
fn no_more_pages_are_in_work_than_jobs() {
    let (inbox, _survey, store) = inbox_and_store();
    let pages = ["slow ink=1"; 30];
    write(inbox.path(), "a.fake", &pages);
    let fake = Fake::default();
    fake::try_read(&fake::job(inbox.path(), 3), &store, &fake).unwrap();
    let most = fake.most.load(std::sync::atomic::Ordering::SeqCst);
    assert!(most <= 3 && most > 1, "{most}");
}

#[test]
fn a_second_run_is_told_who_holds_the_survey() {
    let (inbox, _survey, store) = inbox_and_store();
    let lock = store.lock().unwrap();
    let error = fake::try_read(&fake::job(inbox.path(), 1), &store, &Fake::default()).unwrap_err();
    let told = error.to_string();
    assert!(told.contains(&std::process::id().to_string()), "{told}");
    drop(lock);
    read(inbox.path(), &store, &Fake::default());
}

#[test]
fn a_missing_inbox_is_an_error_and_a_survey_inside_its_inbox_is_not_read() {
    let (inbox, _other, _store) = inbox_and_store();
    let store = Store::create(&inbox.path().join("survey")).unwrap();
    write(inbox.path(), "a.fake", &["response ink=1"]);
    read(inbox.path(), &store, &Fake::default());
    assert_eq!(lines(&account(&store)).len(), 1);
    let missing = fake::job(&inbox.path().join("nowhere"), 1);
    assert!(fake::try_read(&missing, &store, &Fake::default()).is_err());
}

#[test]
fn people_may_look_and_decide_while_a_run_reads() {
    let (inbox, survey, store) = inbox_and_store();
    let pages: Vec<String> = (0..60).map(|p| format!("slow q1=?a? ink={p}")).collect();
    write(inbox.path(), "a.fake", &pages.iter().map(String::as_str).collect::<Vec<_>>());
    let decided = std::thread::scope(|s| {
        let run = s.spawn(|| read(inbox.path(), &store, &Fake::default()));
        // As another process would: by its own connection.
        let other = Store::open(survey.path()).unwrap();
        let mut decided = 0;
        while !run.is_finished() {
            let account = account(&other);
            // Not seen, seen and not opened (page 0), or opened with all its pages.
            assert!(matches!(account.pages.len(), 0 | 1 | 60), "half a transaction");
            if let Some(page) = account.responses.get(decided) {
                let aside = Verdict::Page(PageVerdict::SetAside);
                other.decide(&page.id, aside, "Sato", None).unwrap();
                decided += 1;
            }
        }
        decided
    });
    assert!(decided > 0);
    let account = account(&store);
    let aside = account.pages.iter().filter(|p| p.status == PageStatus::SetAside).count();
    assert_eq!((account.pages.len(), aside), (60, decided));
}

#[test]
fn the_key_changes_with_program_forms_and_options_only() {
    use faxtally::batch::reader_key;
    let key = reader_key("1+r1", ["aa", "bb"], &[]);
    assert_eq!(key, reader_key("1+r1", ["bb", "aa"], &[]));
    for other in [
        reader_key("1+r2", ["aa", "bb"], &[]),
        reader_key("1+r1", ["aa"], &[]),
        reader_key("1+r1", ["aa", "bb"], &["no-text"]),
    ] {
        assert_ne!(key, other);
    }
}

/// `cargo test --test batch -- --ignored --nocapture measure`: what the store and the queues cost, the
/// reader taking no time. A reading has 46 boxes and 300 cells of ink, as a page of the 2024 survey.
#[test]
#[ignore = "a measurement"]
fn measure_ten_thousand_pages() {
    let (inbox, _survey, store) = inbox_and_store();
    for i in 0..5000 {
        write(inbox.path(), &format!("{i:05}.fake"), &[&format!("response q1=a boxes=46 ink={i}")]);
    }
    let pages: Vec<String> =
        (5000..10_000).map(|i| format!("response q1=a boxes=46 ink={i}")).collect();
    write(inbox.path(), "many.fake", &pages.iter().map(String::as_str).collect::<Vec<_>>());
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default().to_owned()
    };
    let first = read(inbox.path(), &store, &Fake::default());
    let rate = first.pages_read as f64 / first.elapsed.as_secs_f64();
    println!("{} pages in {:?}: {rate:.0} pages/s, {}", first.pages_read, first.elapsed, peak());
    let again = read(inbox.path(), &store, &Fake::default());
    println!("again, nothing to do: {:?}", again.elapsed);
    let started = std::time::Instant::now();
    let snapshot = store.snapshot().unwrap();
    println!("snapshot {:?}, {}", started.elapsed(), peak());
    let started = std::time::Instant::now();
    let account = faxtally::account::fold(&snapshot);
    println!("fold {:?}, {}", started.elapsed(), peak());
    assert_eq!(account.pages.len(), 10_000);
}
