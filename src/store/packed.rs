//! The packed readings: a block a transaction, written with the readings that it is made of. Derived, so
//! that it can be wrong in one way only: it does not fit the readings, and then it is made anew.

use super::worker::{Db, sql};
use super::{StoreError, bytes, json, number, schema, text, wrong};
use crate::account::block::{Block, Hash, Packer, VERSION};
use crate::account::{Snapshot, hash_of};
use crate::reading::{PageReading, TextReading};

/// What the setting's value says: version of the bytes, readings and recognised fields in them.
const SETTING: &str = "packed";
/// Bytes of a block when all are made anew: a few thousand pages, or some hundred with their ink.
const FULL: usize = 1 << 19;
/// Readings fetched at a time: 2 KB each as text, so a megabyte.
const CHUNK: i64 = 512;
/// So many small blocks in a row are made one, and what small is in bytes: of 64 times a dozen pages one block
/// has 80 KB, with which it is left alone.
const MERGED: i64 = 64;
const SMALL: i64 = 1 << 16;
/// Most blocks fetched at a time, and about as many bytes.
const BLOCKS: i64 = 64;
const FETCHED: usize = 1 << 20;

/// A document's name as the packed readings have it.
pub fn hash(db: &Db, sha256: &str) -> Result<Hash, StoreError> {
    hash_of(sha256).map_err(|e| wrong(db.path(), &e))
}

/// Keeps what one transaction has stored. Where the former blocks do not fit any more they are left as they
/// are: the setting goes on to say so.
pub fn keep(db: &mut Db, packer: Packer) -> Result<(), StoreError> {
    let (readings, fields) = packer.counts();
    let Some((body, ink)) = packer.finish() else { return Ok(()) };
    let value = setting(db)?;
    insert(db, body, ink)?;
    merge(db)?;
    let (version, r, f) = value.unwrap_or((VERSION, 0, 0));
    schema::set(db, SETTING, format!("{version} {} {}", r + readings, f + fields))?;
    Ok(())
}

fn insert(db: &mut Db, body: Vec<u8>, ink: Vec<u8>) -> Result<u64, StoreError> {
    db.run(sql("INSERT INTO packed (body, ink) VALUES ($1, $2)").bind(body).bind(ink))
}

/// Makes one block of the last ones if there are many and all are small: a run leaves one every few dozen
/// pages, each with the same words. Of a million pages a third of the bytes is saved so, and half of the time
/// to load them.
fn merge(db: &mut Db) -> Result<(), StoreError> {
    let last = "SELECT seq, LENGTH(body) FROM packed ORDER BY seq DESC LIMIT $1";
    let rows = db.rows(sql(last).bind(MERGED))?;
    let mut from = 0;
    for row in &rows {
        from = number(db.path(), row, 0)?;
        if number(db.path(), row, 1)? > SMALL {
            return Ok(());
        }
    }
    if rows.len() < MERGED as usize {
        return Ok(());
    }
    let (mut packer, mut whole) = (Packer::default(), true);
    each_kept(db, from - 1, |db, row| {
        let block = Block::open(bytes(db.path(), row, 1)?, bytes(db.path(), row, 2)?);
        whole &= block.is_some_and(|block| packer.block(&block));
        Ok(whole)
    })?;
    // Where one is damaged, all stay as they are: whoever loads them finds it and makes all anew.
    let Some((body, ink)) = packer.finish().filter(|_| whole) else { return Ok(()) };
    db.run(sql("DELETE FROM packed WHERE seq >= $1").bind(from))?;
    insert(db, body, ink).map(|_| ())
}

fn setting(db: &mut Db) -> Result<Option<(i64, u64, u64)>, StoreError> {
    let row = db.row(sql("SELECT value FROM setting WHERE name = $1").bind(SETTING))?;
    let value = row.map(|r| text(db.path(), &r, 0)).transpose()?;
    Ok(value.and_then(|v| {
        let mut parts = v.split(' ');
        let version = parts.next()?.parse().ok()?;
        let mut count = || parts.next()?.parse().ok();
        Some((version, count()?, count()?))
    }))
}

/// Whether the blocks are of all readings and of nothing else.
pub fn fits(db: &mut Db) -> Result<bool, StoreError> {
    let row = db.row(sql(schema::COUNTS))?;
    let (readings, fields) = match &row {
        Some(r) => (number(db.path(), r, 0)? as u64, number(db.path(), r, 1)? as u64),
        None => (0, 0),
    };
    let packed = setting(db)?;
    Ok(packed == Some((VERSION, readings, fields)) || (packed.is_none() && readings == 0))
}

/// Makes the blocks anew if they do not fit: after a migration, or an older program. A transaction of its
/// own; a million pages take a minute, once.
pub fn mend(db: &mut Db) -> Result<(), StoreError> {
    if fits(db)? {
        return Ok(());
    }
    db.transaction(schema::BEGIN_WRITE, |db| {
        if fits(db)? {
            return Ok(());
        }
        db.run(sql("DELETE FROM packed"))?;
        let (mut readings, mut fields) = (0, 0);
        each_made(db, |db, packer| {
            let (r, f) = packer.counts();
            (readings, fields) = (readings + r, fields + f);
            let Some((body, ink)) = packer.finish() else { return Ok(()) };
            insert(db, body, ink).map(|_| ())
        })?;
        schema::set(db, SETTING, format!("{VERSION} {readings} {fields}"))?;
        Ok(())
    })
}

/// Puts all readings into a snapshot from the readings themselves: where the blocks do not fit (a survey
/// that cannot be written).
pub fn remake(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    each_made(db, |_, packer| {
        if let Some(block) = packer.finish().and_then(|(bytes, ink)| Block::open(bytes, ink)) {
            into.block(block);
        }
        Ok(())
    })
}

/// Number, body and ink of every block after `last`, in order, until `visit` says false.
pub fn each_kept(
    db: &mut Db,
    mut last: i64,
    mut visit: impl FnMut(&Db, &super::AnyRow) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    // As large as the last ones were, so will the next be.
    let mut most = 1;
    loop {
        let some = "SELECT seq, body, ink, LENGTH(body) + LENGTH(ink) FROM packed
            WHERE seq > $1 ORDER BY seq LIMIT $2";
        let rows = db.rows(sql(some).bind(last).bind(most))?;
        if rows.is_empty() {
            return Ok(());
        }
        let (count, mut size) = (rows.len(), 0);
        for row in rows {
            last = number(db.path(), &row, 0)?;
            size += number(db.path(), &row, 3)? as usize;
            if !visit(db, &row)? {
                return Ok(());
            }
        }
        most = ((FETCHED * count / size.max(1)) as i64).clamp(1, BLOCKS);
    }
}

/// Packs everything there is, a block at a time.
fn each_made(
    db: &mut Db,
    mut visit: impl FnMut(&mut Db, Packer) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut packer = Packer::default();
    let mut full = |db: &mut Db, packer: &mut Packer| {
        if packer.size() < FULL { Ok(()) } else { visit(db, std::mem::take(packer)) }
    };
    each_page(db, |db, row| {
        let (sha256, page) = (text(db.path(), row, 0)?, number(db.path(), row, 1)? as u32);
        let mut reading: PageReading = json(db.path(), &text(db.path(), row, 2)?)?;
        reading.ink = json(db.path(), &text(db.path(), row, 3)?)?;
        let rev = number(db.path(), row, 4)? as u32;
        packer.reading(&hash(db, &sha256)?, (page, rev), &reading);
        full(db, &mut packer)
    })?;
    // Few texts a page, and all small: a row a field.
    let all = "SELECT document, page, rev, field, body FROM recognised
        ORDER BY document, page, rev, field, no";
    for row in db.rows(sql(all))? {
        let sha256 = text(db.path(), &row, 0)?;
        let (page, rev) = (number(db.path(), &row, 1)? as u32, number(db.path(), &row, 2)? as u32);
        let field = text(db.path(), &row, 3)?;
        let read: TextReading = json(db.path(), &text(db.path(), &row, 4)?)?;
        packer.texts(&hash(db, &sha256)?, (page, rev), [(field.as_str(), &read)].into_iter());
        full(db, &mut packer)?;
    }
    visit(db, packer)
}

/// Every reading of every page, by key in chunks: never all of them as text at once.
fn each_page(
    db: &mut Db,
    mut visit: impl FnMut(&mut Db, &super::AnyRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (mut document, mut page, mut rev) = (String::new(), 0i64, 0i64);
    loop {
        let chunk = "SELECT document, page, body, ink, rev FROM reading
            WHERE document > $1 OR (document = $1 AND (page > $2 OR (page = $2 AND rev > $3)))
            ORDER BY document, page, rev LIMIT $4";
        let statement = sql(chunk).bind(document.clone()).bind(page).bind(rev).bind(CHUNK);
        let rows = db.rows(statement)?;
        for row in &rows {
            visit(db, row)?;
        }
        let Some(last) = rows.last() else { return Ok(()) };
        (document, page) = (text(db.path(), last, 0)?, number(db.path(), last, 1)?);
        rev = number(db.path(), last, 4)?;
    }
}
