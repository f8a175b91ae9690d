//! Numbered migrations and the words that differ between databases.

use std::cmp::Ordering;
use std::sync::atomic::{self, AtomicU64};
use std::time::{SystemTime, UNIX_EPOCH};

use super::worker::{Db, sql};
use super::{StoreError, number, text};

/// (version, portable text, `SQLite`'s own additions).
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, include_str!("schema/0001.sql"), include_str!("schema/0001.sqlite.sql")),
    (2, include_str!("schema/0002.sql"), include_str!("schema/0002.sqlite.sql")),
    (3, include_str!("schema/0003.sql"), include_str!("schema/0003.sqlite.sql")),
    (5, include_str!("schema/0005.sql"), include_str!("schema/0005.sqlite.sql")),
    (8, include_str!("schema/0008.sql"), include_str!("schema/0008.sqlite.sql")),
    (9, include_str!("schema/0009.sql"), include_str!("schema/0009.sqlite.sql")),
];

/// `SQLite`'s row number; `PostgreSQL` says `BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY`.
const IDENTITY: &str = "INTEGER PRIMARY KEY";

/// `SQLite`'s bytes; `PostgreSQL` says `BYTEA`.
const BYTES: &str = "BLOB";

/// How many readings and recognised fields there are. Both are append-only, so `SQLite`'s row numbers say
/// it without counting; `PostgreSQL` counts.
pub const COUNTS: &str = "SELECT COALESCE((SELECT MAX(rowid) FROM reading), 0),
    COALESCE((SELECT MAX(rowid) FROM recognised), 0)";

/// Between a sighting's fields, and behind its last: a character that hardly any name has.
pub const SEPARATOR: char = '\u{1f}';

/// Sightings after $1, at most $2 of them, in one text: how many, the last one's number, and their fields
/// one behind the other; which of them are none is in the third. Row by row the database's interface would
/// take ten times as long as the database. `PostgreSQL` says `string_agg`.
pub const SIGHTINGS: &str = "SELECT COUNT(*), COALESCE(MAX(seq), 0), COALESCE(group_concat(format(
        '%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}%s\u{1f}', path, location,
        (batch IS NULL) + 2 * (arrived IS NULL) + 4 * (association IS NULL)
            + 8 * (document IS NULL) + 16 * (why IS NULL),
        batch, arrived, association, document, why), ''), '')
    FROM (SELECT * FROM sighting WHERE seq > $1 ORDER BY seq LIMIT $2)";

/// The same where a name has that character: each field has its length in bytes before it (`-`: none). Three
/// times as slow.
pub const MEASURED_SIGHTINGS: &str = "SELECT COALESCE(group_concat(
        octet_length(path) || ':' || path || octet_length(location) || ':' || location
        || COALESCE(octet_length(batch) || ':' || batch, '-')
        || COALESCE(octet_length(arrived) || ':' || arrived, '-')
        || COALESCE(octet_length(association) || ':' || association, '-')
        || COALESCE(octet_length(document) || ':' || document, '-')
        || COALESCE(octet_length(why) || ':' || why, '-'), ''), '')
    FROM (SELECT * FROM sighting WHERE seq > $1 ORDER BY seq LIMIT $2)";

/// Takes the write lock at once: a deferred transaction that turns into a writer fails when another
/// process has written in between.
pub const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// Name of the setting that every write changes.
pub const CONTENT: &str = "content";

/// A word that no other write anywhere has had.
pub fn fresh_word() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    let count = COUNT.fetch_add(1, atomic::Ordering::Relaxed);
    format!("{now:x}-{:x}-{count:x}", std::process::id())
}

/// One snapshot for all reads inside; `PostgreSQL` needs REPEATABLE READ here.
pub const BEGIN_READ: &str = "BEGIN DEFERRED";

/// WAL lets people review while a run reads; FULL means that what was acknowledged survives power loss.
const SETTINGS: [&str; 3] =
    ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"];

/// For a store that cannot be written: it must be of this very version.
pub fn check(db: &mut Db) -> Result<(), StoreError> {
    let found = version(db)?;
    let known = MIGRATIONS.last().map_or(0, |m| m.0);
    let path = db.path().to_owned();
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::Newer { path, found, known }),
        Ordering::Less => {
            let detail = format!("schema {found} would have to be brought to {known}");
            Err(StoreError::ReadOnly { path, detail })
        }
    }
}

/// Brings a store to this program's version, or says why it cannot be used.
pub fn migrate(db: &mut Db) -> Result<(), StoreError> {
    let found = version(db)?;
    let known = MIGRATIONS.last().map_or(0, |m| m.0);
    if found > known {
        return Err(StoreError::Newer { path: db.path().to_owned(), found, known });
    }
    for setting in SETTINGS {
        db.rows(sql(setting))?;
    }
    if found == known {
        return Ok(());
    }
    db.transaction(BEGIN_WRITE, |db| {
        // Another process may have done it while this one waited for the write lock.
        let found = version(db)?;
        for (version, portable, own) in MIGRATIONS.iter().filter(|m| m.0 > found) {
            if *version == 1 {
                db.script(
                    "CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"
                        .into(),
                )?;
            }
            let portable = portable.replace("{IDENTITY}", IDENTITY).replace("{BYTES}", BYTES);
            db.script(portable)?;
            db.script((*own).to_owned())?;
            set(db, "schema_version", version.to_string())?;
        }
        Ok(())
    })
}

/// 0 for an empty file. A database with other tables is somebody else's and is not touched.
fn version(db: &mut Db) -> Result<i64, StoreError> {
    let row = db.row(sql("SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = 'setting' THEN 1 ELSE 0 END), 0) FROM sqlite_master"))?;
    let (tables, own) = match &row {
        Some(r) => (number(db.path(), r, 0)?, number(db.path(), r, 1)?),
        None => (0, 0),
    };
    if tables == 0 {
        return Ok(0);
    }
    let stranger = |detail: &str| StoreError::NotASurvey {
        path: db.path().to_owned(),
        detail: detail.to_owned(),
    };
    if own == 0 {
        return Err(stranger("a database of another program"));
    }
    let none = stranger("it has no schema version");
    let row =
        db.row(sql("SELECT value FROM setting WHERE name = 'schema_version'"))?.ok_or(none)?;
    let version = text(db.path(), &row, 0)?;
    version.parse().map_err(|_| StoreError::NotASurvey {
        path: db.path().to_owned(),
        detail: format!("schema version {version:?}"),
    })
}

pub fn set(db: &mut Db, name: &'static str, value: String) -> Result<u64, StoreError> {
    db.run(
        sql("INSERT INTO setting (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value),
    )
}
