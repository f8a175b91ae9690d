//! The survey folder: documents by content hash, where each was seen, pages that are their own queue
//! entries, append-only readings, decisions and log. `SQLite` now; nothing but TEXT, BIGINT and numbered
//! placeholders, so that a shared database is a matter of the URL.

mod chain;
mod compared;
mod decisions;
mod error;
mod forms;
mod import;
mod lock;
mod looks;
mod lumps;
mod ops;
mod packed;
mod people;
mod queue;
mod quotes;
mod remarks;
mod schema;
mod snapshot;
mod steps;
mod worker;
mod writings;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::Row;

pub use chain::Proof;
pub use decisions::Sheet;
pub use error::StoreError;
pub use import::Imported;
pub use lock::ReadLock;
pub use ops::{Op, Stamp};
pub use people::Person;
pub use queue::{DocumentState, Known, PageRow};
pub use remarks::{Probe, Remark, RemarkKind};
pub use steps::{Act, Done, Entry, Outcome, Undone};
use worker::{Worker, sql};
pub use writings::{Cropped, Packed, Recognition, Unread};

/// The database inside a survey folder.
pub const FILE: &str = "survey.db";

/// The packed answers of a large survey beside it: may be deleted at any time.
pub const PACKED: &str = "figures.cache";

/// Everything in a survey folder that is not to be taken for a fax when the folder lies in an inbox.
pub const OWN_FILES: [&str; 7] = [
    FILE,
    "survey.db-wal",
    "survey.db-shm",
    "survey.db-journal",
    lock::FILE,
    PACKED,
    "figures.part",
];

/// One survey's store. Shared by reference between threads; every call waits until it is durable.
pub struct Store {
    dir: PathBuf,
    worker: Worker,
}

impl Store {
    /// Opens a survey folder, or makes one where there is none.
    ///
    /// # Errors
    /// `ReadOnly`, `DiskFull`, `NotASurvey`, `Damaged`, `Newer`, `Io`.
    pub fn create(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(|e| StoreError::io(dir, e))?;
        Self::start(dir, "rwc")
    }

    /// Opens a survey folder that must exist. One that cannot be written (an archive) can still be read:
    /// whatever would change it gives `ReadOnly`.
    ///
    /// # Errors
    /// `Missing`, `ReadOnly`, `NotASurvey`, `Damaged`, `Newer`, `Io`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        match std::fs::metadata(&path) {
            // A run that was killed while it made the store, or a copy that failed.
            Ok(meta) if meta.len() == 0 && quiet(dir) => {
                Err(StoreError::NotASurvey { path, detail: "the file is empty".into() })
            }
            Ok(meta) if meta.is_file() => match Self::start(dir, "rw") {
                Err(StoreError::ReadOnly { .. }) if quiet(dir) => Self::start(dir, READ_ONLY),
                other => other,
            },
            Ok(_) => Err(StoreError::NotASurvey { path, detail: "it is no file".into() }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Err(StoreError::Missing { dir: dir.to_owned() })
            }
            Err(e) => Err(StoreError::io(&path, e)),
        }
    }

    fn start(dir: &Path, mode: &str) -> Result<Self, StoreError> {
        let dir = dir.canonicalize().map_err(|e| StoreError::io(dir, e))?;
        let path = dir.join(FILE);
        let worker = Worker::start(&path, url(&path, mode)?)?;
        worker.ask(if mode == READ_ONLY { schema::check } else { schema::migrate })?;
        if mode != READ_ONLY {
            worker.ask(packed::mend)?;
        }
        Ok(Self { dir, worker })
    }

    /// Absolute, without symbolic links.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A remembered setting (`sent`, `status`, ...).
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn setting(&self, name: &'static str) -> Result<Option<String>, StoreError> {
        self.worker.ask(move |db| {
            let row = db.row(sql("SELECT value FROM setting WHERE name = $1").bind(name))?;
            row.map(|r| text(db.path(), &r, 0)).transpose()
        })
    }

    /// A word that is another one after every write, on this store and on every copy of it: what was
    /// made from the one content can be told from what was made from the other.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn content(&self) -> Result<Option<String>, StoreError> {
        self.setting(schema::CONTENT)
    }

    /// Remembers a setting.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn set(&self, name: &'static str, value: &str) -> Result<(), StoreError> {
        let value = value.to_owned();
        self.worker.ask(move |db| {
            schema::set(db, name, value)?;
            Ok(())
        })
    }

    /// Rows of the log, oldest first: (seconds since 1970, who, what, detail).
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn log(&self) -> Result<Vec<(i64, String, String, String)>, StoreError> {
        self.worker.ask(|db| {
            let rows = db.rows(sql("SELECT at, who, what, detail FROM log ORDER BY seq"))?;
            rows.iter()
                .map(|r| {
                    let (path, word) = (db.path(), |i| text(db.path(), r, i));
                    Ok((number(path, r, 0)?, word(1)?, word(2)?, word(3)?))
                })
                .collect()
        })
    }

    /// Takes the survey for a `read` run; it is given back when the lock is dropped or the process ends,
    /// however it ends.
    ///
    /// # Errors
    /// `Busy` at once if another run has it.
    pub fn lock(&self) -> Result<ReadLock, StoreError> {
        ReadLock::take(&self.dir)
    }
}

/// For folders that cannot be written: without the index of the write-ahead log, which cannot be made
/// there (sqlite.org/wal.html, "Read-Only Databases").
const READ_ONLY: &str = "ro&immutable=1";

/// Nothing is left in the write-ahead log, so the one file is the whole survey.
fn quiet(dir: &Path) -> bool {
    std::fs::metadata(dir.join("survey.db-wal")).map_or(0, |m| m.len()) == 0
}

/// A `SQLite` URL is percent-decoded, so that any name of a folder survives.
fn url(path: &Path, mode: &str) -> Result<String, StoreError> {
    let Some(text) = path.to_str() else {
        let detail = "the survey folder's name must be UTF-8".to_owned();
        return Err(StoreError::ReadOnly { path: path.to_owned(), detail });
    };
    let mut out = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    Ok(format!("{out}?mode={mode}"))
}

/// Seconds since 1970; the log's and the decisions' clock.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}

type AnyRow = sqlx::any::AnyRow;

fn wrong(path: &Path, what: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), detail: what.to_string() }
}

fn bytes(path: &Path, row: &AnyRow, column: usize) -> Result<Vec<u8>, StoreError> {
    row.try_get(column).map_err(|e| wrong(path, &e))
}

fn text(path: &Path, row: &AnyRow, column: usize) -> Result<String, StoreError> {
    row.try_get(column).map_err(|e| wrong(path, &e))
}

fn maybe(path: &Path, row: &AnyRow, column: usize) -> Result<Option<String>, StoreError> {
    row.try_get(column).map_err(|e| wrong(path, &e))
}

fn number(path: &Path, row: &AnyRow, column: usize) -> Result<i64, StoreError> {
    row.try_get(column).map_err(|e| wrong(path, &e))
}

fn maybe_number(path: &Path, row: &AnyRow, column: usize) -> Result<Option<i64>, StoreError> {
    row.try_get(column).map_err(|e| wrong(path, &e))
}

fn json<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| wrong(path, &e))
}

fn to_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| wrong(path, &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big_log(n: usize) -> Vec<Op> {
        let detail = "x".repeat(4000);
        let op = Op::Log { what: "test", document: None, page: None, detail };
        vec![op; n]
    }

    #[test]
    fn a_full_disk_keeps_all_that_was_acknowledged_and_nothing_else() {
        let dir = tempfile::TempDir::new().unwrap();
        let store = Store::create(dir.path()).unwrap();
        store.commit(big_log(3)).unwrap();
        // SQLite's own limit gives the same error as a disk without room.
        store.worker.ask(|db| db.rows(sql("PRAGMA max_page_count = 60"))).unwrap();
        let error = store.commit(big_log(100)).unwrap_err();
        assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
        assert!(!error.blames_store());
        assert_eq!(store.log().unwrap().len(), 3);
        store.worker.ask(|db| db.rows(sql("PRAGMA max_page_count = 6000"))).unwrap();
        store.commit(big_log(100)).unwrap();
        assert_eq!(store.log().unwrap().len(), 103);
    }
}
