//! What a run must know before it begins: which files were seen, which pages are done.

use std::collections::HashMap;

use super::worker::{Db, sql};
use super::{Stamp, Store, StoreError, maybe, number, text, wrong};

/// The latest sighting at one place.
#[derive(Clone, Debug)]
pub struct Known {
    pub stamp: Stamp,
    /// `None`: its bytes could not be had then.
    pub document: Option<String>,
}

/// One content and how far it has come under the reader that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// Nothing is left to do.
    Done,
    /// Never opened, or pages are missing.
    Unfinished,
    /// The program ended while it was opened, so many times.
    Suspect(u32),
}

/// One page's queue entry under the reader that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRow {
    pub no: u32,
    pub done: bool,
    /// Times that the program ended while it was read.
    pub crashes: u32,
}

impl Store {
    /// Every place that was seen, with its latest sighting.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn known(&self) -> Result<HashMap<String, Known>, StoreError> {
        self.worker.ask(|db| {
            let rows = db.rows(sql(
                "SELECT location, bytes, modified_ns, document FROM sighting ORDER BY seq",
            ))?;
            let mut out = HashMap::with_capacity(rows.len());
            for r in &rows {
                let stamp = Stamp {
                    bytes: number(db.path(), r, 1)? as u64,
                    modified_ns: number(db.path(), r, 2)?,
                };
                let known = Known { stamp, document: maybe(db.path(), r, 3)? };
                out.insert(text(db.path(), r, 0)?, known);
            }
            Ok(out)
        })
    }

    /// Every content's state under `reader`.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn documents(&self, reader: &str) -> Result<HashMap<String, DocumentState>, StoreError> {
        let reader = reader.to_owned();
        self.worker.ask(move |db| {
            // Pages first: one pass over the index instead of one query a document.
            let done = "SELECT document, COUNT(*) FROM page WHERE reader = $1
                AND state IN ('read', 'refused', 'quarantined') GROUP BY document";
            let mut pages = HashMap::new();
            for r in db.rows(sql(done).bind(reader.clone()))? {
                pages.insert(text(db.path(), &r, 0)?, number(db.path(), &r, 1)?);
            }
            let all = "SELECT sha256, state, pages, attempts, reader FROM document";
            let mut out = HashMap::new();
            for r in db.rows(sql(all))? {
                let sha = text(db.path(), &r, 0)?;
                let done = pages.get(&sha).copied().unwrap_or(0);
                let state = document_state(db, &r, &reader, done)?;
                out.insert(sha, state);
            }
            Ok(out)
        })
    }

    /// The pages of one document under `reader`, in order.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn pages(&self, sha256: &str, reader: &str) -> Result<Vec<PageRow>, StoreError> {
        let (sha256, reader) = (sha256.to_owned(), reader.to_owned());
        self.worker.ask(move |db| {
            let all =
                "SELECT no, state, attempts, reader FROM page WHERE document = $1 ORDER BY no";
            let rows = db.rows(sql(all).bind(sha256))?;
            rows.iter().map(|r| page_row(db, r, &reader)).collect()
        })
    }

    /// Places at which a content was seen under this path relative to its inbox.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn places(&self, sha256: &str, path: &str) -> Result<Vec<String>, StoreError> {
        let (sha256, path) = (sha256.to_owned(), path.to_owned());
        self.worker.ask(move |db| {
            let all =
                "SELECT location FROM sighting WHERE document = $1 AND path = $2 ORDER BY seq";
            let rows = db.rows(sql(all).bind(sha256).bind(path))?;
            rows.iter().map(|r| text(db.path(), r, 0)).collect()
        })
    }
}

fn document_state(
    db: &Db,
    row: &super::AnyRow,
    reader: &str,
    done: i64,
) -> Result<DocumentState, StoreError> {
    let state = text(db.path(), row, 1)?;
    let pages: Option<i64> = sqlx::Row::try_get(row, 2).map_err(|e| wrong(db.path(), &e))?;
    let attempts = number(db.path(), row, 3)?;
    let same = text(db.path(), row, 4)? == reader;
    Ok(match state.as_str() {
        "opening" if same => DocumentState::Suspect(attempts as u32),
        "refused" if same => DocumentState::Done,
        "open" if same && pages.is_some_and(|p| done >= p) => DocumentState::Done,
        _ => DocumentState::Unfinished,
    })
}

fn page_row(db: &Db, row: &super::AnyRow, reader: &str) -> Result<PageRow, StoreError> {
    let state = text(db.path(), row, 1)?;
    let same = text(db.path(), row, 3)? == reader;
    Ok(PageRow {
        no: number(db.path(), row, 0)? as u32,
        done: same && matches!(state.as_str(), "read" | "refused" | "quarantined"),
        crashes: if same && state == "reading" { number(db.path(), row, 2)? as u32 } else { 0 },
    })
}
