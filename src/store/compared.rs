//! What was found by comparing pages with each other. Derived, and a hint: whatever does not fit the pages
//! is found out anew.

use sqlx::Row;

use super::worker::{Db, sql};
use super::{Store, StoreError, wrong};
use crate::account::Snapshot;
use crate::resent::Known;

/// Sheets that were sent twice.
const RESENT: &str = "resent";

impl Store {
    /// Keeps what is known of sheets that were sent twice. No figure depends on it, so it is no new content.
    ///
    /// # Errors
    /// `ReadOnly`, `DiskFull`, `Database`: the next search looks at all pairs.
    pub fn keep_known(&self, known: &Known) -> Result<(), StoreError> {
        let body = known.to_bytes();
        let keep = "INSERT INTO compared (name, body) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET body = excluded.body";
        self.worker.ask(move |db| db.run(sql(keep).bind(RESENT).bind(body)).map(|_| ()))
    }
}

/// Puts it into a snapshot.
pub fn load(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    let row = db.row(sql("SELECT body FROM compared WHERE name = $1").bind(RESENT))?;
    let body = row.map(|r| r.try_get::<Vec<u8>, _>(0)).transpose();
    let body = body.map_err(|e| wrong(db.path(), &e))?;
    into.known(body.as_deref().and_then(Known::from_bytes).unwrap_or_default());
    Ok(())
}
