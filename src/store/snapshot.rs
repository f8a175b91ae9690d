//! One consistent view of everything, for the fold.

use super::worker::{Db, sql};
use super::{
    Store, StoreError, compared, forms, json, lumps, maybe, maybe_number, number, packed, schema,
    text, wrong,
};
use crate::account::{Decision, PageState, Seen, Snapshot, Verdict};

impl Store {
    /// Everything the fold needs, in one read transaction: a run or a reviewer that writes meanwhile is
    /// either in it wholly or not at all.
    ///
    /// # Errors
    /// `Damaged` if a stored value is not what this version writes; whatever the database says.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.worker.ask(|db| {
            db.transaction(schema::BEGIN_READ, |db| {
                let mut out = Snapshot::new(forms::files(db)?);
                documents(db, &mut out)?;
                lumps::load(db, &mut out)?;
                pages(db, &mut out)?;
                decisions(db, &mut out)?;
                compared::load(db, &mut out)?;
                out.complete();
                Ok(out)
            })
        })
    }
}

/// Documents that are not simply one page.
fn documents(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    // Word for word the condition of the index.
    let all = "SELECT sha256, why, pages FROM document
        WHERE why IS NOT NULL OR pages IS NULL OR pages <> 1";
    for r in db.rows(sql(all))? {
        let path = db.path();
        let refused = maybe(path, &r, 1)?.map(|why| json(path, &why)).transpose()?;
        let pages = maybe_number(path, &r, 2)?.unwrap_or(0) as u32;
        let done = into.unusual(&text(path, &r, 0)?, refused, pages);
        done.map_err(|e| wrong(path, &e))?;
    }
    Ok(())
}

/// Pages that were not simply read.
fn pages(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    // Word for word the condition of the index.
    let all = "SELECT document, no, state, why FROM page WHERE state <> 'read' OR why IS NOT NULL";
    for row in db.rows(sql(all))? {
        let (document, no) = place(db, &row)?;
        let state = PageState::from_word(&text(db.path(), &row, 2)?);
        let reason = maybe(db.path(), &row, 3)?.map(|why| json(db.path(), &why)).transpose()?;
        into.state(&document, no, state, reason);
    }
    Ok(())
}

/// The page of a row that begins with (document, page).
fn place(db: &Db, row: &super::AnyRow) -> Result<(crate::account::block::Hash, u32), StoreError> {
    let document = packed::hash(db, &text(db.path(), row, 0)?)?;
    let no = u32::try_from(number(db.path(), row, 1)?).map_err(|e| wrong(db.path(), &e))?;
    Ok((document, no))
}

fn decisions(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    // What was undone stays in the table and counts no more.
    let all = "SELECT document, page, rev, kind, field, machine, value, who, at FROM decision
        WHERE step IS NULL OR step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL)
        ORDER BY document, page, rev";
    for row in db.rows(sql(all))? {
        let decision = decision(db, &row)?;
        let (document, no) = place(db, &row)?;
        into.decided(&document, no, decision);
    }
    Ok(())
}

pub fn decision(db: &Db, row: &super::AnyRow) -> Result<Decision, StoreError> {
    let path = db.path();
    let (field, value) = (text(path, row, 4)?, text(path, row, 6)?);
    let verdict = match text(path, row, 3)?.as_str() {
        "answer" => Verdict::Answer { question: field, value: json(path, &value)? },
        "text" => Verdict::Text { field, value: json(path, &value)? },
        _ => Verdict::Page(json(path, &value)?),
    };
    let machine: Option<Seen> = maybe(path, row, 5)?.map(|m| json(path, &m)).transpose()?;
    Ok(Decision {
        rev: number(path, row, 2)? as u32,
        who: text(path, row, 7)?,
        at: number(path, row, 8)?,
        machine,
        verdict,
    })
}
