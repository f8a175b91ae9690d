//! What can go wrong with a survey's store, each kind by itself: the command line gives them different
//! exit codes and different advice.

use std::path::{Path, PathBuf};

use crate::form::FormError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{dir}: no survey is here (there is no {file})", file = super::FILE)]
    Missing { dir: PathBuf },
    #[error("{path}: not a survey's store: {detail}")]
    NotASurvey { path: PathBuf, detail: String },
    #[error("{path}: the store is damaged: {detail}")]
    Damaged { path: PathBuf, detail: String },
    #[error("{path}: written by a newer version (schema {found}, this program knows {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{path}: cannot be written (read-only): {detail}")]
    ReadOnly { path: PathBuf, detail: String },
    #[error("{path}: the disk is full")]
    DiskFull { path: PathBuf, detail: String },
    #[error("{dir}: another run is reading into this survey ({holder})")]
    Busy { dir: PathBuf, holder: String },
    #[error("form {form} belongs to survey {given}, this folder holds {here}")]
    OtherSurvey { form: String, here: String, given: String },
    #[error(transparent)]
    Form(#[from] FormError),
    #[error("no response {response} in this survey")]
    NoResponse { response: String },
    #[error("{response}: {who} decided about this page in the meantime (revision {rev})")]
    Conflict { response: String, who: String, rev: u32 },
    #[error("{response}: {problem}")]
    Decision { response: String, problem: String },
    #[error("line {line}: {problem}")]
    Import { line: usize, problem: String },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: {detail}")]
    Database { path: PathBuf, detail: String },
}

impl StoreError {
    /// Whether the store itself is at fault (exit code 4), rather than the command, a form or the disk.
    pub fn blames_store(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::NotASurvey { .. }
                | Self::Damaged { .. }
                | Self::Newer { .. }
                | Self::Database { .. }
        )
    }

    /// Sorts a database error by `SQLite`'s primary result code (sqlite.org/rescode.html).
    pub(super) fn database(path: &Path, error: &sqlx::Error) -> Self {
        let code = match error {
            sqlx::Error::Database(e) => e.code().and_then(|c| c.parse::<i64>().ok()),
            _ => None,
        };
        let (path, detail) = (path.to_owned(), error.to_string());
        match code.map(|c| c & 0xff) {
            // READONLY, CANTOPEN, PERM
            Some(8 | 14 | 3) => Self::ReadOnly { path, detail },
            // FULL
            Some(13) => Self::DiskFull { path, detail },
            // CORRUPT
            Some(11) => Self::Damaged { path, detail },
            // NOTADB
            Some(26) => Self::NotASurvey { path, detail },
            _ => Self::Database { path, detail },
        }
    }

    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        let (path, detail) = (path.to_owned(), source.to_string());
        match source.kind() {
            PermissionDenied | ReadOnlyFilesystem => Self::ReadOnly { path, detail },
            StorageFull => Self::DiskFull { path, detail },
            _ => Self::Io { path, source },
        }
    }
}
