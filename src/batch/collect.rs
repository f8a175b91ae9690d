//! Readings into the store, in transactions of many, and the count of everything.

use std::time::Instant;

use super::queue::Popped;
use super::{
    BatchError, Note, Outcome, Progress, Run, Summary, TRANSACTION_PAGES, TRANSACTION_WAIT, Task,
};
use crate::reading::{Reason, ReasonCode};
use crate::store::Op;

/// Until the outcomes end.
pub fn collect(run: &Run, progress: &dyn Progress) -> Result<Summary, BatchError> {
    let mut summary = Summary::default();
    let mut ops = Vec::new();
    let mut taken = 0;
    let mut since = Instant::now();
    loop {
        let patience = TRANSACTION_WAIT.saturating_sub(since.elapsed());
        let popped = run.outcomes.pop_within(patience);
        let closed = matches!(popped, Popped::Closed);
        let mut due = true;
        if let Popped::Item(outcome) = popped {
            taken += 1;
            take(run, outcome, &mut summary, progress, &mut ops);
            due = since.elapsed() >= TRANSACTION_WAIT || ops.len() >= TRANSACTION_PAGES;
        }
        if due {
            run.store.commit(std::mem::take(&mut ops))?;
            run.outcomes.done(std::mem::take(&mut taken));
            since = Instant::now();
            progress.tick(&summary);
        }
        if closed {
            return Ok(summary);
        }
    }
}

fn take(
    run: &Run,
    outcome: Outcome,
    summary: &mut Summary,
    progress: &dyn Progress,
    ops: &mut Vec<Op>,
) {
    let note = match outcome {
        Outcome::Noted(note) => note,
        other => {
            let (new, note) = store_ops(run, other);
            ops.extend(new);
            match note {
                Some(note) => note,
                None => return,
            }
        }
    };
    count(note, summary, progress);
}

/// What has to be stored of an outcome, and how it counts.
pub fn store_ops(run: &Run, outcome: Outcome) -> (Vec<Op>, Option<Note>) {
    let reader = run.key.clone();
    match outcome {
        Outcome::Read(Task { sha256, no: page, .. }, reading, writings) => {
            let sha256 = sha256.to_string();
            let written = Op::Written { sha256: sha256.clone(), page, writings };
            (vec![Op::Read { sha256, page, reader, reading }, written], Some(Note::Read))
        }
        Outcome::Refused(Task { sha256, no: page, .. }, reason) => {
            let sha256 = sha256.to_string();
            let op = Op::RefusePage { sha256, page, reader, reason };
            (vec![op], Some(Note::Refused { page: true }))
        }
        Outcome::Panicked(task, words) => {
            (quarantine(run, &task, words), Some(Note::Quarantined { page: true }))
        }
        Outcome::Released(Task { sha256, no: page, .. }) => {
            (vec![Op::Release { sha256: sha256.to_string(), page }], None)
        }
        Outcome::Noted(note) => (Vec::new(), Some(note)),
    }
}

/// A page that only people may judge, and a line in the log that says why.
pub fn quarantine(run: &Run, task: &Task, words: String) -> Vec<Op> {
    let (sha256, page, reader) = (task.sha256.to_string(), task.no, run.key.clone());
    let reason = Reason::new(ReasonCode::Quarantined);
    let log = Op::Log {
        what: "quarantine",
        document: Some(sha256.clone()),
        page: Some(page),
        detail: words,
    };
    vec![Op::Quarantine { sha256, page, reader, reason }, log]
}

fn count(note: Note, summary: &mut Summary, progress: &dyn Progress) {
    match note {
        Note::FileKnown => {
            summary.files += 1;
            summary.files_known += 1;
            progress.skipped(1);
        }
        Note::Opened { pages, known } => {
            summary.files += 1;
            summary.pages_known += known;
            progress.opened(pages);
            progress.skipped(known);
        }
        Note::Refused { page } => {
            summary.files += usize::from(!page);
            summary.refused += 1;
            progress.page();
        }
        Note::Quarantined { page } => {
            summary.files += usize::from(!page);
            summary.quarantined += 1;
            progress.page();
        }
        Note::Read => {
            summary.pages_read += 1;
            progress.page();
        }
        Note::Left(file) => {
            summary.files += 1;
            summary.left.push(file);
            progress.skipped(1);
        }
    }
}
