//! The second pass: written fields of pages whose marks are read and tallied already. Like the first one
//! it has a feed, workers and a collector, marks what it begins, and survives being killed; its unit is
//! a page's writing. Nothing is read again that was read by the same recognisers.
//!
//! **Turns.** Recognisers are large: of some hundred pages the second one reads what it is asked for and
//! goes, then the main one reads. So a job holds one of them at a time.

mod readers;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::{Closing, Popped, Queue};
use super::{BatchError, CRASHES, Progress, Summary, TRANSACTION_WAIT, reader_key};
use crate::form::Form;
use crate::judge::written::{Heard, TextPolicy, written};
use crate::reading::{FieldState, ReasonCode, TextDetail, Writing};
use crate::store::{Op, Recognition, Store, Unread};
use crate::text::engines::Engines;
use crate::text::spec::FieldSpec;
use crate::text::{Crop, FieldKind};
use readers::{Ahead, DIGITS, MAIN, Readers, SECOND, opinion, unread};

/// Grows whenever the same crop could give another text under the same recognisers.
const VERSION: &str = "t6";
/// Pages of writing a transaction, for each worker: they take half a second each.
const AHEAD: usize = 2;
/// Pages of a turn: a minute of one worker, beside a second for loading both recognisers.
const TURN: usize = 500;

/// What to read texts with, and how.
pub struct TextJob<'a> {
    pub forms: &'a [Form],
    pub engines: &'a Engines,
    /// By field, what the name of the recogniser begins with that reads it first; `engines.main` reads
    /// the others, and where that one is not installed.
    pub first: &'a BTreeMap<String, String>,
    /// Words that are likelier here than elsewhere.
    pub words: &'a [String],
    pub policy: TextPolicy,
    pub jobs: NonZeroUsize,
    /// For one crop and one recogniser.
    pub limit: Duration,
}

impl TextJob<'_> {
    /// Names everything that a text depends on beside its crop; what was read under the same key is not
    /// read again.
    pub fn key(&self) -> String {
        let (policy, words) = (format!("{:?}", self.policy), self.words.join("\n"));
        let mut engines = self.engines.name();
        if !self.first.is_empty() {
            engines = format!("{engines} {:?}", self.first);
        }
        reader_key(VERSION, [engines.as_str()], &[&policy, &words])
    }
}

/// What a pass did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextSummary {
    pub pages: usize,
    pub fields: usize,
    /// Of them, those that wait for a person.
    pub pending: usize,
    pub too_slow: usize,
    pub failed: usize,
    pub interrupted: bool,
    pub elapsed: Duration,
}

impl std::ops::AddAssign for TextSummary {
    fn add_assign(&mut self, more: Self) {
        self.pages += more.pages;
        self.fields += more.fields;
        self.pending += more.pending;
        self.too_slow += more.too_slow;
        self.failed += more.failed;
    }
}

struct Pass<'a> {
    job: &'a TextJob<'a>,
    store: &'a Store,
    key: String,
    specs: HashMap<(String, String), Arc<FieldSpec>>,
    turn: Turn,
    /// What the second recogniser said.
    ahead: &'a Ahead,
    cancel: &'a AtomicBool,
    failed: AtomicBool,
    /// Marked, and not yet stored.
    begun: Mutex<BTreeSet<Unread>>,
    tasks: Queue<Unread>,
    outcomes: Queue<Outcome>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    Second,
    Main,
}

enum Outcome {
    Read(Unread, Vec<Recognition>),
    /// The second recogniser has read it; it waits for the main one.
    Ahead(Unread),
    Failed(BatchError),
}

/// Reads all writing that these recognisers have not read. `cancel` is polled between pages.
///
/// # Errors
/// A store that cannot be written, another run in this survey, a recogniser that cannot be loaded.
pub fn run_text(
    job: &TextJob,
    store: &Store,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<TextSummary, BatchError> {
    let started = Instant::now();
    let _lock = store.lock()?;
    let all = store.unread(&job.key())?;
    if all.is_empty() {
        return Ok(TextSummary::default());
    }
    progress.begin(all.len());
    let (alone, all): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| p.crashes > 0);
    let mut summary = TextSummary::default();
    let ahead = Ahead::default();
    for some in all.chunks(TURN) {
        if job.engines.second.is_some() {
            Pass::new(job, store, cancel, (Turn::Second, &ahead)).together(some, progress)?;
        }
        summary += Pass::new(job, store, cancel, (Turn::Main, &ahead)).together(some, progress)?;
    }
    // What ended the program before goes last and alone.
    let pass = Pass::new(job, store, cancel, (Turn::Main, &ahead));
    pass.alone(alone, &mut summary, progress)?;
    summary.interrupted = cancel.load(Ordering::Relaxed);
    summary.elapsed = started.elapsed();
    progress.end(&so_far(&summary));
    Ok(summary)
}

impl<'a> Pass<'a> {
    fn new(
        job: &'a TextJob,
        store: &'a Store,
        cancel: &'a AtomicBool,
        (turn, ahead): (Turn, &'a Ahead),
    ) -> Self {
        let specs = job.forms.iter().flat_map(|f| {
            let all = FieldSpec::of_form(f, job.words);
            all.into_iter().map(|s| ((f.id().to_owned(), s.id.clone()), Arc::new(s)))
        });
        let marked = AHEAD * job.jobs.get();
        Self {
            job,
            store,
            key: job.key(),
            specs: specs.collect(),
            turn,
            ahead,
            cancel,
            failed: AtomicBool::new(false),
            begun: Mutex::new(BTreeSet::new()),
            tasks: Queue::new(marked),
            outcomes: Queue::new(marked),
        }
    }

    fn stopping(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    fn together(&self, all: &[Unread], show: &dyn Progress) -> Result<TextSummary, BatchError> {
        std::thread::scope(|scope| {
            let fed = scope.spawn(|| self.feed(all));
            let read = scope.spawn(|| {
                let _closing = Closing(&self.outcomes);
                // Plain threads: recognisers bring their own pools, which must not steal pages.
                std::thread::scope(|workers| {
                    for _ in 0..self.job.jobs.get() {
                        workers.spawn(|| self.work());
                    }
                });
            });
            let summary = self.collect(show);
            if summary.is_err() {
                self.failed.store(true, Ordering::Relaxed);
                self.tasks.abandon();
                self.outcomes.abandon();
            }
            let fed = fed.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
            read.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
            let left = std::mem::take(&mut *self.begun());
            let back = left.into_iter().map(|page| self.put_back(page)).collect();
            fed.and(summary).and_then(|s| Ok(self.store.commit(back).map(|()| s)?))
        })
    }

    /// Marks pages as begun, a few at a time.
    fn feed(&self, all: &[Unread]) -> Result<(), BatchError> {
        let _closing = Closing(&self.tasks);
        for some in all.chunks(AHEAD * self.job.jobs.get()) {
            if self.stopping() {
                break;
            }
            let starts = some.iter().map(|page| self.begin(page)).collect();
            if let Err(e) = self.store.commit(starts) {
                self.failed.store(true, Ordering::Relaxed);
                return Err(e.into());
            }
            self.begun().extend(some.iter().cloned());
            for page in some {
                self.tasks.push(page.clone());
            }
        }
        Ok(())
    }

    fn begin(&self, page: &Unread) -> Op {
        Op::Begin { page: page.clone(), reader: self.key.clone() }
    }

    fn put_back(&self, page: Unread) -> Op {
        Op::PutBack { page, reader: self.key.clone() }
    }

    fn begun(&self) -> MutexGuard<'_, BTreeSet<Unread>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut readers = Readers::default();
        while let Some(page) = self.tasks.pop() {
            if self.stopping() {
                continue;
            }
            let done = match self.turn {
                Turn::Second => self.second(&page, &mut readers).map(|()| None),
                Turn::Main => self.page(&page, &mut readers).map(Some),
            };
            self.outcomes.push(match done {
                Ok(Some(fields)) => Outcome::Read(page, fields),
                Ok(None) => Outcome::Ahead(page),
                Err(e) => Outcome::Failed(e),
            });
        }
    }

    fn collect(&self, progress: &dyn Progress) -> Result<TextSummary, BatchError> {
        let mut summary = TextSummary::default();
        let mut ops = Vec::new();
        let mut failure = None;
        let mut since = Instant::now();
        loop {
            let popped = self.outcomes.pop_within(TRANSACTION_WAIT.saturating_sub(since.elapsed()));
            let closed = matches!(popped, Popped::Closed);
            if let Popped::Item(outcome) = popped {
                match outcome {
                    Outcome::Read(page, fields) => {
                        count(&fields, &mut summary);
                        progress.page();
                        self.begun().remove(&page);
                        ops.push(self.recognised(page, fields));
                    }
                    Outcome::Ahead(page) => {
                        self.begun().remove(&page);
                        ops.push(self.put_back(page));
                    }
                    Outcome::Failed(e) => failure = failure.or(Some(e)),
                }
            }
            if since.elapsed() >= TRANSACTION_WAIT || closed {
                self.store.commit(std::mem::take(&mut ops))?;
                since = Instant::now();
                progress.tick(&so_far(&summary));
            }
            if failure.is_some() {
                self.failed.store(true, Ordering::Relaxed);
            }
            if closed {
                return failure.map_or(Ok(summary), Err);
            }
        }
    }

    fn recognised(&self, page: Unread, fields: Vec<Recognition>) -> Op {
        Op::Recognise { page, reader: self.key.clone(), fields }
    }

    fn alone(
        &self,
        pages: Vec<Unread>,
        summary: &mut TextSummary,
        progress: &dyn Progress,
    ) -> Result<(), BatchError> {
        let mut readers = Readers::default();
        for page in pages {
            if self.stopping() {
                break;
            }
            let fields = if page.crashes >= CRASHES {
                self.quarantined(&page)?
            } else {
                self.store.commit(vec![self.begin(&page)])?;
                match self.page(&page, &mut readers) {
                    Ok(fields) => fields,
                    Err(e) => {
                        self.store.commit(vec![self.put_back(page)])?;
                        return Err(e);
                    }
                }
            };
            count(&fields, summary);
            progress.page();
            self.store.commit(vec![self.recognised(page, fields)])?;
        }
        Ok(())
    }

    /// What the second recogniser is asked on a page.
    fn second(&self, page: &Unread, readers: &mut Readers) -> Result<(), BatchError> {
        for w in self.store.writings(page, &self.key)?.into_iter().filter(|w| !w.strike) {
            let spec = self.specs.get(&(page.form.clone(), w.field.clone()));
            let Some(spec) = spec.filter(|s| self.asked(s).contains(&SECOND)) else { continue };
            let answer = readers.get(self.job, SECOND)?.read(&Arc::new(Crop::of(&w)), spec);
            self.ahead.keep(page, &w.field, answer);
        }
        Ok(())
    }

    /// All that is written on a page.
    fn page(&self, page: &Unread, readers: &mut Readers) -> Result<Vec<Recognition>, BatchError> {
        let mut out = Vec::new();
        for w in self.store.writings(page, &self.key)? {
            let spec = self.specs.get(&(page.form.clone(), w.field.clone()));
            let Some(spec) = spec else {
                // The form has lost this field since: whatever is written there is nobody's answer.
                out.push(unread(w.field, ReasonCode::TextNotRead));
                continue;
            };
            out.push(self.field(page, &w, spec, readers)?);
        }
        Ok(out)
    }

    fn field(
        &self,
        page: &Unread,
        w: &Writing,
        spec: &Arc<FieldSpec>,
        readers: &mut Readers,
    ) -> Result<Recognition, BatchError> {
        let mut heard: Vec<Heard> = Vec::new();
        let (mut opinions, mut digits) = (Vec::new(), None);
        if !w.strike {
            let crop = Arc::new(Crop::of(w));
            for i in self.asked(spec) {
                let known = if i == SECOND { self.ahead.take(page, &w.field) } else { None };
                let answer = match known {
                    Some(answer) => answer,
                    None => readers.get(self.job, i)?.read(&crop, spec),
                };
                let name = readers::engine(self.job, i).map_or("", |e| e.name());
                opinions.push(opinion(name, &answer));
                if i == DIGITS { digits = Some(answer) } else { heard.push(answer) }
            }
        }
        let reading = written(spec.kind(), w, (&heard, digits.as_ref()), &self.job.policy);
        Ok(Recognition { field: w.field.clone(), reading, detail: TextDetail { opinions } })
    }

    /// Who reads a field first, and who after. Where there is a reader of digits the second one has no say
    /// about numbers (`judge/written`): it is asked only if it is to read them first.
    fn asked(&self, spec: &FieldSpec) -> Vec<usize> {
        let number = matches!(spec.kind(), FieldKind::Integer { .. });
        let there = |i: &usize| readers::engine(self.job, *i).is_some() && (number || *i != DIGITS);
        let mut order: Vec<usize> = [MAIN, SECOND, DIGITS].into_iter().filter(there).collect();
        if let Some(name) = self.job.first.get(&spec.id) {
            let named = |i: &usize| {
                readers::engine(self.job, *i).is_some_and(|e| e.name().starts_with(name.as_str()))
            };
            order.sort_by_key(|i| !named(i));
        }
        if number && order.contains(&DIGITS) && order.first() != Some(&SECOND) {
            order.retain(|i| *i != SECOND);
        }
        if matches!(spec.kind(), FieldKind::Free) {
            order.truncate(1);
        }
        order
    }

    fn quarantined(&self, page: &Unread) -> Result<Vec<Recognition>, BatchError> {
        let fields = self.store.writings(page, &self.key)?;
        Ok(fields.into_iter().map(|w| unread(w.field, ReasonCode::Quarantined)).collect())
    }
}

fn count(fields: &[Recognition], summary: &mut TextSummary) {
    summary.pages += 1;
    for f in fields {
        let has = |code| f.reading.reasons.iter().any(|r| r.code == code);
        summary.fields += 1;
        summary.pending += usize::from(f.reading.state == FieldState::Pending);
        summary.too_slow += usize::from(has(ReasonCode::TextTooSlow));
        summary.failed += usize::from(has(ReasonCode::TextFailed));
    }
}

/// In the words of the first pass, for those who show progress.
fn so_far(summary: &TextSummary) -> Summary {
    Summary { pages_read: summary.pages, ..Summary::default() }
}
