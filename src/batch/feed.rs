//! Files into pages to be read: one thread, in the order of the walk, so that what is seen first does not
//! depend on how many readers there are.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::collect::{quarantine, store_ops};
use super::queue::Closing;
use super::{
    BatchError, CRASHES, Note, Outcome, Pages, Run, TRANSACTION_BYTES, TRANSACTION_PAGES, Task,
    read_page, words,
};
use crate::account::document_hash;
use crate::decode::caught;
use crate::ingest::{self, Found, Load};
use crate::reading::{Reason, ReasonCode};
use crate::store::{DocumentState, Known, Op, PageRow, Stamp};

/// A content that has come in and waits to be opened.
struct Arrival {
    sha256: String,
    bytes: Vec<u8>,
    /// Earlier runs knew it, so it may have pages already.
    known: bool,
}

struct Feed<'a> {
    run: &'a Run<'a>,
    known: HashMap<String, Known>,
    documents: HashMap<String, DocumentState>,
    arrivals: Vec<Arrival>,
    arrived_bytes: usize,
    ops: Vec<Op>,
    /// Files whose opening ended the program.
    suspects: Vec<(String, PathBuf)>,
    /// Pages whose reading ended the program.
    alone: Vec<Task>,
}

pub fn feed(run: &Run, found: Vec<Found>) -> Result<(), BatchError> {
    let _closing = Closing(&run.tasks);
    let result = feed_all(run, found);
    if result.is_err() {
        run.failed.store(true, Ordering::Relaxed);
    }
    result
}

fn feed_all(run: &Run, found: Vec<Found>) -> Result<(), BatchError> {
    let growing = ingest::settle(&found, run.job.settle, &|| run.stopping());
    let mut feed = Feed {
        run,
        known: run.store.known()?,
        documents: run.store.documents(&run.key)?,
        arrivals: Vec::new(),
        arrived_bytes: 0,
        ops: Vec::new(),
        suspects: Vec::new(),
        alone: Vec::new(),
    };
    for file in found {
        if run.stopping() {
            break;
        }
        if growing.contains(&file.location) {
            feed.note(Note::Left(file.path));
            continue;
        }
        feed.file(&file)?;
        if feed.arrivals.len() >= TRANSACTION_PAGES
            || feed.arrived_bytes >= TRANSACTION_BYTES
            || feed.ops.len() >= 8 * TRANSACTION_PAGES
        {
            feed.flush()?;
        }
    }
    feed.flush()?;
    feed.dangerous()
}

impl Feed<'_> {
    fn note(&self, note: Note) {
        self.run.outcomes.push(Outcome::Noted(note));
    }

    fn file(&mut self, file: &Found) -> Result<(), BatchError> {
        if let Some(problem) = file.problem {
            let reason = Reason::new(ReasonCode::Unreadable).about(problem);
            self.refuse(file, reason, Stamp::default());
            return Ok(());
        }
        if self.is_done(file) {
            self.note(Note::FileKnown);
            return Ok(());
        }
        match ingest::load(&file.location, self.run.job.limits.file_bytes) {
            Load::Left => self.note(Note::Left(file.path.clone())),
            Load::Refused { reason, stamp } => self.refuse(file, reason, stamp),
            Load::Bytes { bytes, stamp } => self.content(file, bytes, stamp)?,
        }
        Ok(())
    }

    /// Unchanged since it was read to the end: not even its bytes are looked at.
    fn is_done(&self, file: &Found) -> bool {
        let Some(known) = self.known.get(&file.key()) else { return false };
        let done = |d: &String| self.documents.get(d) == Some(&DocumentState::Done);
        known.document.as_ref().is_some_and(done)
            && ingest::stamp(&file.location) == Some(known.stamp)
    }

    fn refuse(&mut self, file: &Found, reason: Reason, stamp: Stamp) {
        // One line for the place, not one for every run that fails there.
        let recorded = self.known.get(&file.key()).is_some_and(|k| k.document.is_none());
        if !recorded {
            let op = self.sighting(file, stamp, None, Some(reason));
            self.ops.push(op);
        }
        self.note(Note::Refused { page: false });
    }

    fn sighting(
        &self,
        file: &Found,
        stamp: Stamp,
        document: Option<String>,
        reason: Option<Reason>,
    ) -> Op {
        Op::Sight {
            location: file.key(),
            inbox: file.inbox.to_string_lossy().into_owned(),
            path: file.path.clone(),
            labels: self.run.job.labels.clone(),
            stamp,
            document,
            reason,
        }
    }

    fn content(&mut self, file: &Found, bytes: Vec<u8>, stamp: Stamp) -> Result<(), BatchError> {
        let sha256 = document_hash(&bytes);
        let state = self.documents.get(&sha256).copied();
        if state.is_none() {
            self.ops.push(Op::Receive { sha256: sha256.clone(), bytes: bytes.len() as u64 });
        }
        let seen = self.seen(file, &sha256, state.is_some(), stamp)?;
        self.ops.extend(seen);
        match state {
            Some(DocumentState::Done) => self.note(Note::FileKnown),
            Some(DocumentState::Suspect(crashes)) if crashes >= CRASHES => {
                self.refuse_document(&sha256, Reason::new(ReasonCode::Quarantined), "opening");
            }
            Some(DocumentState::Suspect(_)) => {
                self.suspects.push((sha256.clone(), file.location.clone()));
            }
            state => {
                self.arrived_bytes += bytes.len();
                let known = state.is_some();
                self.arrivals.push(Arrival { sha256: sha256.clone(), bytes, known });
            }
        }
        // Whatever comes of it: the next file of the same bytes is a copy.
        self.documents.insert(sha256, DocumentState::Done);
        Ok(())
    }

    /// What this place adds to what is known about the content.
    fn seen(
        &self,
        file: &Found,
        sha256: &str,
        content_known: bool,
        stamp: Stamp,
    ) -> Result<Option<Op>, BatchError> {
        let (location, document) = (file.key(), sha256.to_owned());
        if let Some(known) = self.known.get(&location)
            && known.document.as_deref() == Some(sha256)
        {
            let touched = known.stamp != stamp;
            return Ok(touched.then_some(Op::Restamp { location, document, stamp }));
        }
        if content_known {
            // The whole inbox was moved or mounted elsewhere: the same file, not a copy of it.
            let places = self.run.store.places(sha256, &file.path)?;
            if let Some(from) = places.into_iter().find(|p| !PathBuf::from(p).exists()) {
                let inbox = file.inbox.to_string_lossy().into_owned();
                return Ok(Some(Op::Move { from, to: location, inbox, document, stamp }));
            }
        }
        Ok(Some(self.sighting(file, stamp, Some(document), None)))
    }

    fn refuse_document(&mut self, sha256: &str, reason: Reason, words: &str) {
        let quarantined = reason.code == ReasonCode::Quarantined;
        if quarantined {
            self.ops.push(Op::Log {
                what: "quarantine",
                document: Some(sha256.to_owned()),
                page: None,
                detail: words.to_owned(),
            });
        }
        let (sha256, reader) = (sha256.to_owned(), self.run.key.clone());
        self.ops.push(Op::RefuseDocument { sha256, reader, reason });
        let note = if quarantined {
            Note::Quarantined { page: false }
        } else {
            Note::Refused { page: false }
        };
        self.note(note);
    }

    /// Opens what has arrived and hands its pages to the workers.
    fn flush(&mut self) -> Result<(), BatchError> {
        let arrivals = std::mem::take(&mut self.arrivals);
        self.arrived_bytes = 0;
        self.ops.extend(
            arrivals
                .iter()
                .map(|a| Op::Opening { sha256: a.sha256.clone(), reader: self.run.key.clone() }),
        );
        self.run.store.commit(std::mem::take(&mut self.ops))?;
        let mut tasks = Vec::new();
        for arrival in arrivals {
            self.open(arrival, &mut tasks)?;
        }
        self.begin(&tasks)
    }

    /// Marks pages as begun, some at a time, and hands them to the workers.
    fn begin(&mut self, tasks: &[Task]) -> Result<(), BatchError> {
        for slice in tasks.chunks(TRANSACTION_PAGES) {
            if self.run.stopping() {
                break;
            }
            let starts: Vec<Op> = slice.iter().map(|t| self.start(t)).collect();
            self.ops.extend(starts);
            self.run.store.commit(std::mem::take(&mut self.ops))?;
            for task in slice {
                self.run.tasks.push(task.clone());
            }
        }
        Ok(self.run.store.commit(std::mem::take(&mut self.ops))?)
    }

    fn start(&self, task: &Task) -> Op {
        let (sha256, page) = (task.sha256.to_string(), task.no);
        Op::Start { sha256, page, reader: self.run.key.clone() }
    }

    fn open(&mut self, arrival: Arrival, tasks: &mut Vec<Task>) -> Result<(), BatchError> {
        let Arrival { sha256, bytes, known } = arrival;
        let reader = self.run.reader;
        let opened = caught(|| {
            let document = reader.open(bytes)?;
            let count = document.count();
            Ok((document, count))
        });
        match opened {
            Ok(Ok((document, count))) if count > 0 => {
                self.opened(&sha256, &Arc::from(document), count, known, tasks)?;
            }
            Ok(Ok(_)) => self.refuse_document(&sha256, Reason::new(ReasonCode::Empty), ""),
            Ok(Err(reason)) => self.refuse_document(&sha256, reason, ""),
            Err(panic) => {
                let reason = Reason::new(ReasonCode::Quarantined);
                self.refuse_document(&sha256, reason, &words(panic.as_ref()));
            }
        }
        Ok(())
    }

    fn opened(
        &mut self,
        sha256: &str,
        document: &Arc<dyn Pages>,
        pages: u32,
        known: bool,
        tasks: &mut Vec<Task>,
    ) -> Result<(), BatchError> {
        let rows = if known { self.run.store.pages(sha256, &self.run.key)? } else { Vec::new() };
        let rows: HashMap<u32, PageRow> = rows.into_iter().map(|r| (r.no, r)).collect();
        let reader = self.run.key.clone();
        self.ops.push(Op::Opened { sha256: sha256.to_owned(), reader, pages });
        let done = (1..=pages).filter(|no| rows.get(no).is_some_and(|r| r.done)).count();
        self.note(Note::Opened { pages: pages as usize, known: done });
        let sha256: Arc<str> = Arc::from(sha256);
        for no in 1..=pages {
            let task = Task { sha256: sha256.clone(), document: document.clone(), no };
            match rows.get(&no) {
                Some(row) if row.done => {}
                Some(row) if row.crashes >= CRASHES => {
                    let words = format!("ended the program {} times", row.crashes);
                    self.ops.extend(quarantine(self.run, &task, words));
                    self.note(Note::Quarantined { page: true });
                }
                Some(row) if row.crashes > 0 => self.alone.push(task),
                _ => tasks.push(task),
            }
        }
        Ok(())
    }

    /// What ended the program before goes last and alone, so that nothing else falls with it and the
    /// culprit is known by name.
    fn dangerous(&mut self) -> Result<(), BatchError> {
        self.rest();
        let mut tasks = Vec::new();
        for (sha256, location) in std::mem::take(&mut self.suspects) {
            if self.run.stopping() {
                break;
            }
            let Load::Bytes { bytes, .. } = ingest::load(&location, self.run.job.limits.file_bytes)
            else {
                self.note(Note::Left(location.display().to_string()));
                continue;
            };
            // With the result of the file before: one flush of the disk a file.
            self.ops.push(Op::Opening { sha256: sha256.clone(), reader: self.run.key.clone() });
            self.run.store.commit(std::mem::take(&mut self.ops))?;
            self.open(Arrival { sha256, bytes, known: true }, &mut tasks)?;
        }
        self.begin(&tasks)?;
        // Once is enough: from here on this thread reads and stores, and the workers have nothing.
        self.rest();
        for task in std::mem::take(&mut self.alone) {
            if self.run.stopping() {
                break;
            }
            // With the result of the page before: one flush of the disk a page.
            self.ops.push(self.start(&task));
            self.run.store.commit(std::mem::take(&mut self.ops))?;
            let (ops, note) = store_ops(self.run, read_page(self.run.reader, task));
            self.ops = ops;
            if let Some(note) = note {
                self.note(note);
            }
        }
        Ok(self.run.store.commit(std::mem::take(&mut self.ops))?)
    }

    /// Until every reading so far is on the disk.
    fn rest(&self) {
        self.run.tasks.wait_idle();
        self.run.outcomes.wait_idle();
    }
}
