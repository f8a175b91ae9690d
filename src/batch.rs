//! Inboxes into the store: the only room with threads. Three parts, each waiting for the next, so that
//! no more than a few pages a worker are ever in memory:
//!
//! `feed` (one thread) walks, reads and opens files and marks pages as begun, 32 a transaction; `workers`
//! (rayon) decode and read single pages; `collect` (the caller's thread) stores readings, 32 a
//! transaction, and shows progress.
//!
//! A page is marked before it is read. What is still marked when a run begins ended the program, or was
//! being read when somebody else ended it: it is read again alone, after everything else, and set aside
//! for a person when that has ended the program three times.

mod collect;
mod feed;
mod progress;
mod queue;
mod watch;
mod written;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub use progress::{Progress, Silent, Terminal};
pub use written::{TextJob, TextSummary, run_text};

use crate::account::{Labels, document_hash};
use crate::decode::{FaxPage, Limits, caught};
use crate::ingest::{self, Found, IngestError};
use crate::reading::{PageReading, Reason};
use crate::store::{Packed, Store, StoreError};
use crate::text::TextError;
use queue::{Closing, Queue};

/// Pages a transaction: at 10 ms a disk flush, 32 cost 0.3 ms each (design.md, section 6).
const TRANSACTION_PAGES: usize = 32;
/// Longest that a finished reading waits for company before it is stored.
const TRANSACTION_WAIT: Duration = Duration::from_millis(200);
/// Bytes of files that wait to be opened together: a few scans, or hundreds of faxes.
const TRANSACTION_BYTES: usize = 16 << 20;
/// A page that ended the program so many times is left to people.
const CRASHES: u32 = 3;
/// A fax server writes a page in seconds and pauses between network packets, not for longer.
pub const SETTLE: Duration = Duration::from_secs(2);

/// A key for `ReadPage::key`: the same for the same program, forms (by content hash, in any order) and
/// options (such as "no-text").
pub fn reader_key<'a>(
    version: &str,
    forms: impl IntoIterator<Item = &'a str>,
    options: &[&str],
) -> String {
    let mut forms: Vec<&str> = forms.into_iter().collect();
    forms.sort_unstable();
    let all = format!("{version}\n{}\n{}", forms.join(","), options.join(","));
    // Kept with every page, so it is short: 64 bits tell a few hundred form sets apart.
    format!("{version}#{}", &document_hash(all.as_bytes())[..16])
}

/// Opens files and reads pages: the real reader, or a test's.
pub trait ReadPage: Sync {
    /// Names everything that a reading depends on beside the page: program version, hashes of the forms,
    /// policy. Pages read under the same key are not read again.
    fn key(&self) -> String;

    /// Opens a file's bytes by what they are; cheap, decodes no page.
    ///
    /// # Errors
    /// Why no page can be had.
    fn open(&self, bytes: Vec<u8>) -> Result<Box<dyn Pages>, Reason>;

    /// Reads one page; pure.
    fn read(&self, page: &FaxPage) -> PageReading;
}

/// An opened document.
pub trait Pages: Send + Sync {
    fn count(&self) -> u32;

    /// Decodes one page; `index` from 0.
    ///
    /// # Errors
    /// Why this page cannot be had.
    fn page(&self, index: u32) -> Result<FaxPage, Reason>;
}

/// What to read, and how.
#[derive(Clone, Debug)]
pub struct Job {
    pub inboxes: Vec<PathBuf>,
    pub labels: Labels,
    pub jobs: NonZeroUsize,
    pub limits: Limits,
    /// Files younger than this are watched once before they are read (`SETTLE`).
    pub settle: Duration,
}

/// What a run did; what the survey holds now is the account's to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Inputs that were looked at.
    pub files: usize,
    /// Of them, those of which an earlier run (or a copy of the same bytes) had read everything.
    pub files_known: usize,
    pub pages_read: usize,
    /// Pages of half-read files that an earlier run had read.
    pub pages_known: usize,
    /// Inputs and pages that could not be had.
    pub refused: usize,
    /// Pages that ended the program or the reader.
    pub quarantined: usize,
    /// Inputs that grew or vanished: read them again later.
    pub left: Vec<String>,
    /// Files of a rehearsal that are no faxes (`ingest::is_truth`).
    pub ignored: Vec<String>,
    /// Ctrl-C came; what was read is kept.
    pub interrupted: bool,
    pub elapsed: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("worker threads cannot be started: {0}")]
    Threads(String),
}

/// One page to be read.
#[derive(Clone)]
struct Task {
    sha256: Arc<str>,
    document: Arc<dyn Pages>,
    /// From 1.
    no: u32,
}

/// What became of a task, or of an input that gave none.
enum Outcome {
    Read(Task, Box<PageReading>, Vec<Packed>),
    Refused(Task, Reason),
    /// The reader panicked, with its words.
    Panicked(Task, String),
    /// It was not begun: the run is being interrupted.
    Released(Task),
    /// Stored already; only for the summary and the progress.
    Noted(Note),
}

enum Note {
    FileKnown,
    /// Pages of an opened file: all, and those read by an earlier run.
    Opened {
        pages: usize,
        known: usize,
    },
    Refused {
        page: bool,
    },
    Quarantined {
        page: bool,
    },
    Read,
    Left(String),
}

/// Everything that the three parts share.
struct Run<'a> {
    job: &'a Job,
    store: &'a Store,
    reader: &'a dyn ReadPage,
    key: String,
    cancel: &'a AtomicBool,
    /// A part has failed: the others stop as if cancelled.
    failed: AtomicBool,
    tasks: Queue<Task>,
    outcomes: Queue<Outcome>,
}

impl<'a> Run<'a> {
    fn new(
        job: &'a Job,
        store: &'a Store,
        reader: &'a dyn ReadPage,
        cancel: &'a AtomicBool,
    ) -> Self {
        Self {
            job,
            store,
            reader,
            key: reader.key(),
            cancel,
            failed: AtomicBool::new(false),
            // References to opened files, not decoded pages: a transaction's worth keeps all busy.
            tasks: Queue::new(TRANSACTION_PAGES.max(2 * job.jobs.get())),
            // Readings are kilobytes; the bound matters when the disk is slower than the readers.
            outcomes: Queue::new(2 * TRANSACTION_PAGES),
        }
    }

    fn stopping(&self) -> bool {
        self.cancel.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }
}

/// Reads everything that is new in the inboxes into the store. `cancel` is polled: once it is set, pages
/// in work are finished and stored, and the run ends. The store's content depends on the files alone,
/// not on `jobs` nor on how often a run was interrupted.
///
/// # Errors
/// A missing inbox, a store that cannot be written, another run in this survey.
pub fn run(
    job: &Job,
    store: &Store,
    reader: &dyn ReadPage,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<Summary, BatchError> {
    let started = Instant::now();
    let _lock = store.lock()?;
    let found = ingest::walk(&job.inboxes, store.dir())?;
    let (truth, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|f| ingest::is_truth(&f.location));
    progress.begin(found.len());
    let workers = rayon::ThreadPoolBuilder::new()
        .num_threads(job.jobs.get())
        .thread_name(|i| format!("reader-{i}"))
        .build()
        .map_err(|e| BatchError::Threads(e.to_string()))?;
    let run = Run::new(job, store, reader, cancel);
    let mut summary = together(&run, &workers, progress, found)?;
    summary.ignored = truth.into_iter().map(|f| f.path).collect();
    summary.interrupted = cancel.load(Ordering::Relaxed);
    summary.elapsed = started.elapsed();
    progress.end(&summary);
    Ok(summary)
}

/// The three parts at once, until all have ended.
fn together(
    run: &Run,
    workers: &rayon::ThreadPool,
    progress: &dyn Progress,
    found: Vec<Found>,
) -> Result<Summary, BatchError> {
    std::thread::scope(|scope| {
        let fed = scope.spawn(|| feed::feed(run, found));
        let read = scope.spawn(|| {
            // The feed has ended before: the workers end when it closes the tasks.
            let _closing = Closing(&run.outcomes);
            workers.broadcast(|_| work(run));
        });
        let summary = collect::collect(run, progress);
        if summary.is_err() {
            run.failed.store(true, Ordering::Relaxed);
            run.tasks.abandon();
            run.outcomes.abandon();
        }
        let fed = fed.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
        read.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
        fed.and(summary)
    })
}

/// One worker: single pages until there are no more.
fn work(run: &Run) {
    while let Some(task) = run.tasks.pop() {
        let outcome =
            if run.stopping() { Outcome::Released(task) } else { read_page(run.reader, task) };
        run.outcomes.push(outcome);
        run.tasks.done(1);
    }
}

/// Decodes and reads one page. A panic is the page's fault, not the run's.
fn read_page(reader: &dyn ReadPage, task: Task) -> Outcome {
    let read = || Ok(reader.read(&task.document.page(task.no - 1)?));
    match caught(read) {
        Ok(Ok(mut reading)) => {
            let packed = reading.writings.drain(..).map(|w| Packed::of(&w)).collect();
            Outcome::Read(task, Box::new(reading), packed)
        }
        Ok(Err(reason)) => Outcome::Refused(task, reason),
        Err(payload) => Outcome::Panicked(task, words(payload.as_ref())),
    }
}

fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into())
}
