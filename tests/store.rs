//! The survey folder: what it remembers, what it refuses, and how it says so.

#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod form;

use std::path::Path;

use fake::{Fake, account, read, write};
use faxtally::account::{PageStatus, PageVerdict, Source, Verdict};
use faxtally::reading::FieldState;
use faxtally::store::{self, Store, StoreError};
use sqlx::Connection;
use tempfile::TempDir;

/// Runs statements as another program would.
fn foreign(survey: &Path, statements: &[&'static str]) -> Vec<Result<(), String>> {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", survey.join(store::FILE).display());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let mut out = Vec::new();
        for statement in statements {
            let done = sqlx::raw_sql(*statement).execute(&mut connection).await;
            out.push(done.map(|_| ()).map_err(|e| e.to_string()));
        }
        connection.close().await.unwrap();
        out
    })
}

fn survey_with_form() -> (TempDir, Store) {
    let dir = TempDir::new().unwrap();
    let store = Store::create(&dir.path().join("調査 50% ?#")).unwrap();
    store.add_form(&form::folder(dir.path(), "f1", "s1")).unwrap();
    (dir, store)
}

#[test]
fn forms_and_settings_outlive_the_program() {
    let (dir, store) = survey_with_form();
    let given = store.add_form(&form::folder(dir.path(), "f2", "s1")).unwrap();
    store.set("sent", "47387").unwrap();
    let at = store.dir().to_owned();
    drop(store);
    let store = Store::open(&at).unwrap();
    let forms = store.forms().unwrap();
    assert_eq!(forms.iter().map(faxtally::form::Form::id).collect::<Vec<_>>(), ["f1", "f2"]);
    assert_eq!(forms[1].hash, given.hash);
    assert_eq!(forms[1].blank, given.blank);
    assert_eq!(store.setting("sent").unwrap().as_deref(), Some("47387"));
    let other = store.add_form(&form::folder(dir.path(), "f3", "s2")).unwrap_err();
    assert!(matches!(&other, StoreError::OtherSurvey { here, given, .. }
        if here == "s1" && given == "s2"));
    assert!(!other.blames_store());
}

#[test]
fn a_changed_form_takes_the_place_of_the_former() {
    let (dir, store) = survey_with_form();
    let folder = form::folder(dir.path(), "f2", "s1");
    store.add_form(&folder).unwrap();
    let json = std::fs::read_to_string(folder.join("form.json")).unwrap();
    std::fs::write(folder.join("form.json"), json.replace("甲", "丙")).unwrap();
    let changed = store.add_form(&folder).unwrap();
    let forms = store.forms().unwrap();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[1].hash, changed.hash);
}

#[test]
fn what_is_no_survey_is_refused_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let is = |dir: &Path, wanted: fn(&StoreError) -> bool| {
        let error = Store::open(dir).err().expect("it opened");
        assert!(wanted(&error), "{error:?}");
        assert!(error.blames_store(), "{error:?}");
    };
    is(&at("empty"), |e| matches!(e, StoreError::Missing { .. }));
    is(&dir.path().join("nowhere"), |e| matches!(e, StoreError::Missing { .. }));
    let text = at("text");
    std::fs::write(text.join(store::FILE), "meeting notes ".repeat(100)).unwrap();
    is(&text, |e| matches!(e, StoreError::NotASurvey { .. }));
    let stranger = at("stranger");
    foreign(&stranger, &["CREATE TABLE invoices (id BIGINT)"]);
    is(&stranger, |e| matches!(e, StoreError::NotASurvey { .. }));
    assert!(Store::create(&stranger).is_err(), "nor is it made one");
    assert!(foreign(&stranger, &["SELECT * FROM invoices", "SELECT * FROM page"])[1].is_err());
}

#[test]
fn a_newer_and_a_damaged_store_say_what_they_are() {
    let (_dir, store) = survey_with_form();
    let at = store.dir().to_owned();
    drop(store);
    let newer = TempDir::new().unwrap();
    drop(Store::create(newer.path()).unwrap());
    foreign(newer.path(), &["UPDATE setting SET value = '99' WHERE name = 'schema_version'"]);
    let error = Store::open(newer.path()).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
    let file = at.join(store::FILE);
    let mut bytes = std::fs::read(&file).unwrap();
    let half = bytes.len() / 8;
    bytes[100..half].fill(0xA5);
    std::fs::write(&file, &bytes).unwrap();
    let error = Store::open(&at).err().or_else(|| Store::open(&at).unwrap().snapshot().err());
    assert!(error.as_ref().is_some_and(StoreError::blames_store), "{error:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // Root may write anywhere, so permissions prove nothing here: a file in the folder's place does.
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = Store::create(&file.join("survey")).err().unwrap();
    assert!(error.to_string().contains("file"), "{error}");
    // /proc takes no new files from anyone.
    let error = Store::create(Path::new("/proc/self")).err().unwrap();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn readings_decisions_and_log_cannot_be_changed() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    write(inbox.path(), "a.fake", &["response q1=a ink=1", "panic"]);
    read(inbox.path(), &store, &Fake::default());
    let id = account(&store).responses[0].id.clone();
    store.decide(&id, answer("q1", &["b"]), "Sato", None).unwrap();
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join(store::FILE);
    let original = store.dir().join(store::FILE);
    drop(store);
    std::fs::copy(original, copy).unwrap();
    let tries = [
        "UPDATE reading SET body = '{}'",
        "DELETE FROM reading",
        "UPDATE decision SET who = 'nobody'",
        "DELETE FROM decision",
        "UPDATE log SET detail = ''",
        "DELETE FROM log",
    ];
    for (statement, done) in tries.iter().zip(foreign(folder.path(), &tries)) {
        let error = done.expect_err(statement);
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
}

fn answer(question: &str, value: &[&str]) -> Verdict {
    let value = value.iter().map(|v| (*v).to_owned()).collect();
    Verdict::Answer { question: question.to_owned(), value }
}

#[test]
fn a_decision_stands_over_the_reading_and_the_second_of_two_is_told() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    write(inbox.path(), "a.fake", &["response q1=?a? q2=b ink=1"]);
    read(inbox.path(), &store, &Fake::default());
    let before = account(&store).responses.remove(0);
    assert_eq!(before.answers["q1"].state, FieldState::Pending);
    assert_eq!(before.text["n"].state, FieldState::Pending, "the form asks, nobody has read");
    let rev = store.decide(&before.id, answer("q1", &["b"]), "Sato", Some(0)).unwrap();
    assert_eq!(rev, 1);
    let late = store.decide(&before.id, answer("q1", &["a"]), "Suzuki", Some(0)).unwrap_err();
    assert!(matches!(&late, StoreError::Conflict { who, rev: 1, .. } if who == "Sato"));
    let after = account(&store).responses.remove(0);
    let q1 = &after.answers["q1"];
    assert_eq!(
        (q1.value.as_slice(), q1.state, q1.source),
        (["b".to_owned()].as_slice(), FieldState::Answered, Source::Person)
    );
    assert_eq!(after.answers["q2"].source, Source::Machine);
    store.decide(&before.id, answer("q1", &[]), "Sato", Some(1)).unwrap();
    assert_eq!(account(&store).responses[0].answers["q1"].state, FieldState::Blank);
    let sheet = store.sheet(&before.id).unwrap();
    assert_eq!(sheet.decisions, 2);
    assert_eq!(sheet.files, [inbox.path().canonicalize().unwrap().join("a.fake")]);
    assert_eq!(sheet.reading.unwrap().ink.count, fake::reading("x ink=1").ink.count);
}

#[test]
fn decisions_that_no_form_can_hold_are_refused() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    write(inbox.path(), "a.fake", &["response q1=a ink=1", "panic"]);
    read(inbox.path(), &store, &Fake::default());
    let account = account(&store);
    let id = account.pages[0].response.clone().unwrap();
    let unread = account.pages[1].response.clone().unwrap();
    let page = Verdict::Page;
    let wrong = [
        (&id, answer("q9", &["a"])),
        (&id, answer("q1", &["z"])),
        (&id, answer("q1", &["a", "b"])),
        (&id, answer("n", &[])),
        (&id, Verdict::Text { field: "q1".into(), value: "x".into() }),
        (&id, page(PageVerdict::Counted { form: Some("f9".into()) })),
        (&id, page(PageVerdict::Duplicate { of: id.clone() })),
        (&id, page(PageVerdict::Duplicate { of: "r-0".into() })),
        (&unread, page(PageVerdict::Counted { form: None })),
    ];
    for (id, verdict) in wrong {
        let told = format!("{verdict:?}");
        let error = store.decide(id, verdict, "Sato", None).expect_err(&told);
        assert!(matches!(error, StoreError::Decision { .. }), "{told}: {error:?}");
    }
    let nobody = store.decide("r-0123", answer("q1", &["a"]), "Sato", None).unwrap_err();
    assert!(matches!(nobody, StoreError::NoResponse { .. }));
    assert_eq!(store.sheet(&id).unwrap().decisions, 0);
}

#[test]
fn people_say_what_a_page_is() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    write(
        inbox.path(),
        "a.fake",
        &["panic", "response q1=a ink=1", "response q1=a ink=2", "cover"],
    );
    read(inbox.path(), &store, &Fake::default());
    let ids: Vec<String> = (1..=4)
        .map(|no| faxtally::account::response_id(&account(&store).pages[0].sha256, no))
        .collect();
    let say = |i: usize, verdict| store.decide(&ids[i], Verdict::Page(verdict), "Sato", None);
    say(0, PageVerdict::Counted { form: Some("f1".into()) }).unwrap();
    say(1, PageVerdict::SetAside).unwrap();
    say(2, PageVerdict::Duplicate { of: ids[0].clone() }).unwrap();
    say(3, PageVerdict::Counted { form: Some("f1".into()) }).unwrap();
    let status = |i: usize| account(&store).pages[i].status;
    assert_eq!(status(0), PageStatus::Counted);
    assert_eq!(status(1), PageStatus::SetAside);
    assert_eq!(status(2), PageStatus::Duplicate);
    assert_eq!(status(3), PageStatus::Counted);
    // What it was a duplicate of is no response after all: it must not vanish with it.
    say(0, PageVerdict::SetAside).unwrap();
    assert_eq!(status(2), PageStatus::Pending);
}

#[test]
fn truth_lines_settle_what_is_pending_and_nothing_else() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    write(inbox.path(), "a.fake", &["response q1=?a? q2=b ink=1", "panic", "pending q1=a"]);
    read(inbox.path(), &store, &Fake::default());
    let truth = r#"{"file":"a.fake","page":1,"form":"f1","answers":{"q1":["b"],"q2":["a"]},"text":{"n":"7"}}
{"file":"a.fake","page":2,"form":"f1","answers":{"q1":["a"]},"text":{}}

{"file":"a.fake","page":3,"form":"f1","answers":{"q2":["a"]},"text":{},"notes":{"resent_of":"a.fake#1"}}
{"file":"z.fake","page":1,"form":"f1","answers":{},"text":{}}
"#;
    let done = store.import_decisions(truth.as_bytes(), "key").unwrap();
    assert_eq!((done.lines, done.fields, done.pages, done.unknown), (4, 5, 2, 1));
    let account = account(&store);
    let value = |i: usize, q: &str| account.responses[i].answers[q].value.clone();
    assert_eq!(value(0, "q1"), ["b"]);
    assert_eq!(value(0, "q2"), ["b"], "the machine was sure, right or wrong");
    assert_eq!(account.responses[0].text["n"].value, "7");
    assert_eq!(account.pages[1].status, PageStatus::Counted);
    assert_eq!(value(1, "q1"), ["a"]);
    assert_eq!(account.responses[1].answers["q2"].state, FieldState::Blank);
    assert_eq!(account.pages[2].status, PageStatus::Duplicate);
    assert_eq!(store.import_decisions(truth.as_bytes(), "key").unwrap().fields, 0, "once");
    let error = store.import_decisions("{}\n".as_bytes(), "key").unwrap_err();
    assert!(matches!(error, StoreError::Import { line: 1, .. }));
}

#[test]
fn a_changed_reading_asks_again_where_it_disagrees_with_a_person() {
    let (_dir, store) = survey_with_form();
    let inbox = TempDir::new().unwrap();
    let path = write(inbox.path(), "a.fake", &["response q1=a q2=a ink=1"]);
    read(inbox.path(), &store, &Fake::default());
    let id = account(&store).responses[0].id.clone();
    store.decide(&id, answer("q1", &["b"]), "Sato", None).unwrap();
    store.decide(&id, answer("q2", &["b"]), "Sato", None).unwrap();
    // The store as a later version of the reader would leave it: q1 blank now, q2 as before.
    let sha256 = account(&store).pages[0].sha256.clone();
    let reading = Box::new(fake::reading("response q1= q2=a ink=1"));
    let op = store::Op::Read { sha256, page: 1, reader: "later".into(), reading };
    store.commit(vec![op]).unwrap();
    let response = account(&store).responses.remove(0);
    assert_eq!(response.answers["q1"].state, FieldState::Pending);
    assert_eq!(response.answers["q1"].value, ["b"], "the person's word is not lost");
    assert_eq!(response.answers["q2"].state, FieldState::Answered);
    assert!(path.exists());
}

/// By hand, as root, since a test cannot make a folder that root may not write:
/// `unshare -m sh -c 'mount --bind DIR DIR && mount -o remount,ro,bind DIR && cargo test ...'` with
/// `FAXTALLY_TEST_READ_ONLY=DIR` and a survey in DIR.
#[test]
#[ignore = "needs a read-only mount"]
fn a_survey_on_a_read_only_mount_can_be_looked_at() {
    let dir = std::env::var_os("FAXTALLY_TEST_READ_ONLY").expect("FAXTALLY_TEST_READ_ONLY");
    let store = Store::open(dir.as_ref()).unwrap();
    assert!(!account(&store).pages.is_empty());
    let id = account(&store).responses[0].id.clone();
    let error = store.decide(&id, answer("q1", &["b"]), "Sato", None).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    let error = fake::try_read(&fake::job(dir.as_ref(), 1), &store, &Fake::default()).unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
}

#[test]
#[ignore = "makes the survey for the test above"]
fn make_a_survey_for_the_read_only_mount() {
    let dir = std::env::var_os("FAXTALLY_TEST_READ_ONLY").expect("FAXTALLY_TEST_READ_ONLY");
    let store = Store::create(dir.as_ref()).unwrap();
    let inbox = TempDir::new().unwrap();
    store.add_form(&form::folder(inbox.path(), "f1", "s1")).unwrap();
    write(inbox.path(), "a.fake", &["response q1=a ink=1"]);
    read(inbox.path(), &store, &Fake::default());
}
