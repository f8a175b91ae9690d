//! The second pass over a survey, by fake recognisers: one that is slow, one that fails, one that
//! returns nonsense; what is read, how often, and what is left after crashes.

#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod form;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fake::{Fake, account, read, write};
use faxtally::account::{Source, Verdict, Written};
use faxtally::batch::{BatchError, Silent, TextJob, TextSummary, run_text};
use faxtally::form::Form;
use faxtally::judge::written::TextPolicy;
use faxtally::reading::{FieldState, ReasonCode};
use faxtally::store::{Op, Store};
use faxtally::text::engines::Engines;
use faxtally::text::{Crop, FieldAsk, Recognised, TextEngine, TextError, TextReader, picture};
use faxtally::units::Score;
use tempfile::TempDir;

/// Reads what the fake page's ink spells: `fail`, `panic`, `slow` and `long` do what they say.
struct FakeEngine {
    name: String,
    loads: bool,
    started: AtomicUsize,
    crops: Arc<AtomicUsize>,
}

struct FakeReader(Arc<AtomicUsize>);

impl FakeEngine {
    fn named(name: &str) -> Arc<Self> {
        let (started, crops) = (AtomicUsize::new(0), Arc::default());
        Arc::new(Self { name: name.into(), loads: true, started, crops })
    }
}

impl TextEngine for FakeEngine {
    fn name(&self) -> &str {
        &self.name
    }

    fn reader(&self) -> Result<Box<dyn TextReader>, TextError> {
        self.started.fetch_add(1, Ordering::SeqCst);
        if !self.loads {
            let problem = "it is cut".into();
            return Err(TextError::Model { path: "model".into(), problem });
        }
        Ok(Box::new(FakeReader(Arc::clone(&self.crops))))
    }
}

impl TextReader for FakeReader {
    fn read(&mut self, crop: &Crop, _: &FieldAsk) -> Result<Recognised, TextError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let mut text = String::from_utf8(crop.ink.to_packed()).unwrap();
        match text.as_str() {
            "fail" => return Err(TextError::Engine { engine: "fake", detail: "no".into() }),
            "panic" => panic!("the recogniser fell over"),
            "slow" => std::thread::sleep(Duration::from_mins(1)),
            "long" => text = "\u{202e}\u{7}\u{1f600}<b>".repeat(10_000),
            _ => {}
        }
        Ok(Recognised { text, confidence: Score::new(0.99), symbols: Vec::new() })
    }
}

/// Every field is read by the main recogniser first.
static NOBODY: BTreeMap<String, String> = BTreeMap::new();

struct Survey {
    inbox: TempDir,
    _dir: TempDir,
    store: Store,
    forms: Vec<Form>,
}

fn survey(pages: &[&str]) -> Survey {
    let (inbox, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = Store::create(dir.path()).unwrap();
    let folder = form::folder(dir.path(), "f1", "s");
    let forms = vec![store.add_form(&folder).unwrap()];
    write(inbox.path(), "a.fake", pages);
    read(inbox.path(), &store, &Fake::default());
    Survey { inbox, _dir: dir, store, forms }
}

impl Survey {
    fn pass(&self, engine: &Arc<FakeEngine>) -> Result<TextSummary, BatchError> {
        self.pass_with(engine, 2, &AtomicBool::new(false))
    }

    fn pass_with(
        &self,
        engine: &Arc<FakeEngine>,
        jobs: usize,
        cancel: &AtomicBool,
    ) -> Result<TextSummary, BatchError> {
        let engines = Engines { main: engine.clone(), second: None, digits: None };
        run_text(&self.job(&engines, jobs), &self.store, &Silent, cancel)
    }

    fn job<'a>(&'a self, engines: &'a Engines, jobs: usize) -> TextJob<'a> {
        TextJob {
            forms: &self.forms,
            first: &NOBODY,
            engines,
            words: &[],
            policy: TextPolicy::default(),
            jobs: NonZeroUsize::new(jobs).unwrap(),
            limit: Duration::from_millis(300),
        }
    }

    /// Field `n` of every response, in the order of the pages.
    fn numbers(&self) -> Vec<Written> {
        account(&self.store).responses.iter().map(|r| r.text["n"].clone()).collect()
    }
}

fn codes(w: &Written) -> Vec<ReasonCode> {
    w.reasons.iter().map(|r| r.code).collect()
}

#[test]
fn marks_come_first_and_text_follows_with_its_crop() {
    let s = survey(&["response q1=a ink=1 write=n:42", "response q1=b ink=2"]);
    let before = account(&s.store);
    assert_eq!(before.responses[0].answers["q1"].value, ["a"]);
    assert_eq!(codes(&s.numbers()[0]), [ReasonCode::TextNotRead]);
    let response = &before.responses[0].id;
    let crop = s.store.crop(response, "n").unwrap().unwrap();
    assert!(crop.readings.is_empty());
    let engine = FakeEngine::named("fake 1");
    let done = s.pass(&engine).unwrap();
    assert_eq!((done.pages, done.fields, done.pending), (1, 1, 0));
    let n = &s.numbers()[0];
    assert_eq!((n.value.as_str(), n.state), ("42", FieldState::Answered));
    let crop = s.store.crop(response, "n").unwrap().unwrap();
    assert_eq!(picture::from_png(&crop.png).unwrap().to_packed(), b"42");
    assert_eq!(crop.origin, (10, 20));
    assert_eq!(crop.readings[0].1.opinions[0].engine, "fake 1");
    // Whoever shows the page sees the text as well.
    let sheet = s.store.sheet(response).unwrap();
    assert_eq!(sheet.reading.unwrap().text["n"].value, "42");
    assert!(s.store.crop(&before.responses[1].id, "n").unwrap().is_none());
}

#[test]
fn slow_failing_and_nonsensical_readers_leave_a_pending_field_and_the_batch_goes_on() {
    let words = ["slow", "fail", "panic", "long", "-", "7"];
    let pages: Vec<String> =
        words.iter().zip(1..).map(|(w, i)| format!("response ink={i} write=n:{w}")).collect();
    let s = survey(&pages.iter().map(String::as_str).collect::<Vec<_>>());
    let started = Instant::now();
    let done = s.pass(&FakeEngine::named("fake")).unwrap();
    assert!(started.elapsed() < Duration::from_secs(30), "nobody waits for the slow one");
    assert_eq!((done.fields, done.pending, done.too_slow, done.failed), (6, 5, 1, 2));
    let found = s.numbers();
    let expected = [
        ReasonCode::TextTooSlow,
        ReasonCode::TextFailed,
        ReasonCode::TextFailed,
        ReasonCode::TextUnsure,
        ReasonCode::StruckOut,
    ];
    for (n, code) in found.iter().zip(expected) {
        assert_eq!((n.state, codes(n)), (FieldState::Pending, vec![code]));
        assert!(n.value.len() < 10_000);
    }
    assert_eq!((found[5].value.as_str(), found[5].state), ("7", FieldState::Answered));
}

#[test]
fn two_recognisers_take_turns_and_both_are_heard() {
    let s = survey(&["response q1=a ink=1 write=n:42", "response ink=2 write=n:fail"]);
    let (main, second) = (FakeEngine::named("main"), FakeEngine::named("second"));
    let engines = Engines { main: main.clone(), second: Some(second.clone()), digits: None };
    let done = run_text(&s.job(&engines, 1), &s.store, &Silent, &AtomicBool::new(false)).unwrap();
    assert_eq!((done.pages, done.fields, done.failed), (2, 2, 1));
    for engine in [&main, &second] {
        let (started, crops) = (&engine.started, &engine.crops);
        assert_eq!((started.load(Ordering::SeqCst), crops.load(Ordering::SeqCst)), (1, 2));
    }
    let crop = s.store.crop(&account(&s.store).responses[0].id, "n").unwrap().unwrap();
    let heard: Vec<&str> = crop.readings[0].1.opinions.iter().map(|o| o.engine.as_str()).collect();
    assert_eq!(heard, ["main", "second"]);
    assert_eq!((s.numbers()[0].value.as_str(), s.numbers()[0].state), ("42", FieldState::Answered));
}

#[test]
fn the_second_is_not_even_started_for_numbers_that_a_reader_of_digits_reads() {
    let s = survey(&["response q1=a ink=1 write=n:42"]);
    let [main, second, digits] = ["main", "second", "digits"].map(FakeEngine::named);
    let engines =
        Engines { main: main.clone(), second: Some(second.clone()), digits: Some(digits.clone()) };
    run_text(&s.job(&engines, 1), &s.store, &Silent, &AtomicBool::new(false)).unwrap();
    let asked = |e: &FakeEngine| (e.started.load(Ordering::SeqCst), e.crops.load(Ordering::SeqCst));
    assert_eq!([&main, &second, &digits].map(|e| asked(e)), [(1, 1), (0, 0), (1, 1)]);
    assert_eq!((s.numbers()[0].value.as_str(), s.numbers()[0].state), ("42", FieldState::Answered));
}

#[test]
fn where_nothing_is_written_no_engine_starts() {
    let s = survey(&["response q1=a ink=1", "cover", "response ink=2 write=n:-"]);
    let engine = FakeEngine::named("fake");
    s.pass(&engine).unwrap();
    assert_eq!(engine.started.load(Ordering::SeqCst), 0);
    assert_eq!(codes(&s.numbers()[1]), [ReasonCode::StruckOut]);
}

#[test]
fn nothing_is_read_twice_and_another_engine_reads_again() {
    let s = survey(&["response ink=1 write=n:4", "response ink=2 write=n:5"]);
    let (old, new) = (FakeEngine::named("old"), FakeEngine::named("new"));
    s.pass(&old).unwrap();
    assert_eq!(s.pass(&old).unwrap(), TextSummary::default());
    write(s.inbox.path(), "b.fake", &["response ink=3 write=n:6"]);
    read(s.inbox.path(), &s.store, &Fake::default());
    assert_eq!(s.pass(&old).unwrap().pages, 1);
    assert_eq!(old.crops.load(Ordering::SeqCst), 3);
    assert_eq!(s.pass(&new).unwrap().pages, 3);
    let response = account(&s.store).responses[0].id.clone();
    let crop = s.store.crop(&response, "n").unwrap().unwrap();
    let names: Vec<_> = crop.readings.iter().map(|r| r.1.opinions[0].engine.as_str()).collect();
    assert_eq!(names, ["new", "old"]);
}

#[test]
fn writing_that_ends_the_program_is_read_alone_and_given_up_after_three_times() {
    let s = survey(&["response ink=1 write=n:4", "response ink=2 write=n:5"]);
    let engine = FakeEngine::named("fake");
    let engines = Engines { main: engine.clone(), second: None, digits: None };
    let key = s.job(&engines, 1).key();
    let unread = s.store.unread(&key).unwrap();
    assert_eq!(unread.len(), 2);
    let begin = |page: &faxtally::store::Unread| {
        s.store.commit(vec![Op::Begin { page: page.clone(), reader: key.clone() }]).unwrap();
    };
    // Killed three times while the first page was read, once while the second was.
    for _ in 0..3 {
        begin(&unread[0]);
    }
    begin(&unread[1]);
    s.pass(&engine).unwrap();
    let found = s.numbers();
    assert_eq!(codes(&found[0]), [ReasonCode::Quarantined]);
    assert_eq!((found[1].value.as_str(), found[1].state), ("5", FieldState::Answered));
    assert!(s.store.unread(&key).unwrap().is_empty());
}

#[test]
fn a_recogniser_that_cannot_be_loaded_is_no_crash_of_the_pages() {
    let s = survey(&["response ink=1 write=n:4"]);
    let whole = FakeEngine::named("fake");
    let (started, crops) = (AtomicUsize::new(0), Arc::default());
    let broken = Arc::new(FakeEngine { name: "fake".into(), loads: false, started, crops });
    for _ in 0..5 {
        assert!(matches!(s.pass(&broken), Err(BatchError::Text(TextError::Model { .. }))));
    }
    assert_eq!(s.pass(&whole).unwrap().pages, 1);
    assert_eq!(s.numbers()[0].value, "4");
}

#[test]
fn an_interrupted_pass_goes_on_where_it_was_and_jobs_change_nothing() {
    let pages: Vec<String> = (0..30).map(|i| format!("response ink={i} write=n:{i}")).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let accounts = [1, 4].map(|jobs| {
        let s = survey(&pages);
        let engine = FakeEngine::named("fake");
        let stopped = s.pass_with(&engine, jobs, &AtomicBool::new(true)).unwrap();
        assert!(stopped.interrupted && stopped.pages == 0);
        let (cancel, crops) = (AtomicBool::new(false), engine.crops.clone());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while crops.load(Ordering::SeqCst) < 5 {
                    std::thread::yield_now();
                }
                cancel.store(true, Ordering::SeqCst);
            });
            s.pass_with(&engine, jobs, &cancel).unwrap();
        });
        s.pass_with(&engine, jobs, &AtomicBool::new(false)).unwrap();
        assert_eq!(engine.crops.load(Ordering::SeqCst), 30, "nothing twice, nothing left out");
        account(&s.store)
    });
    assert_eq!(accounts[0], accounts[1]);
}

#[test]
fn what_a_person_typed_stays_when_the_text_arrives() {
    let s = survey(&["response ink=1 write=n:4"]);
    let response = account(&s.store).responses[0].id.clone();
    let typed = Verdict::Text { field: "n".into(), value: "14".into() };
    s.store.decide(&response, typed, "A", None).unwrap();
    s.pass(&FakeEngine::named("fake")).unwrap();
    let n = &s.numbers()[0];
    assert_eq!((n.value.as_str(), n.state, n.source), ("14", FieldState::Answered, Source::Person));
}

#[test]
fn a_field_is_read_first_by_whom_one_names() {
    let s = survey(&["response ink=1 write=n:12"]);
    let (main, second) = (FakeEngine::named("ppocr 1"), FakeEngine::named("tesseract 1"));
    let engines = Engines { main: main.clone(), second: Some(second.clone()), digits: None };
    let readers_of = |first: &BTreeMap<String, String>| {
        let job = TextJob { first, ..s.job(&engines, 1) };
        run_text(&job, &s.store, &Silent, &AtomicBool::new(false)).unwrap();
        let response = account(&s.store).responses[0].id.clone();
        let crop = s.store.crop(&response, "n").unwrap().unwrap();
        let names = crop.readings[0].1.opinions.iter().map(|o| o.engine.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(readers_of(&NOBODY)[0], "ppocr 1");
    let named = BTreeMap::from([("n".to_owned(), "tesseract".to_owned())]);
    assert_eq!(readers_of(&named)[0], "tesseract 1", "it is another reading: its key is another");
    let absent = BTreeMap::from([("n".to_owned(), "nobody".to_owned())]);
    assert_eq!(readers_of(&absent)[0], "ppocr 1");
}
