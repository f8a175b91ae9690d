//! Sightings and packed readings on their way into a snapshot. They are nearly all of it, and come in order:
//! this thread asks the database for the next lump while another one takes in the last.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::worker::{Db, sql};
use super::{StoreError, bytes, json, number, packed, schema, text, wrong};
use crate::account::block::Block;
use crate::account::{Labels, Place, Snapshot};

/// Sightings fetched at a time: 250 bytes each.
const CHUNK: i64 = 1024;
/// Lumps that may wait, each a quarter of a megabyte or less: neither thread waits for the other's slower
/// moments.
const AHEAD: usize = 8;

/// Fields of a sighting, as `schema::SIGHTINGS` has them.
const FIELDS: i64 = 8;

enum Lump {
    /// So many, one behind the other.
    Sightings(i64, String),
    /// The same, with lengths: a name among them has a separator in it.
    Measured(i64, String),
    /// `None`: damaged.
    Block(Option<Block>),
}

/// Puts all sightings and all readings into the snapshot.
pub fn load(db: &mut Db, into: &mut Snapshot) -> Result<(), StoreError> {
    let fits = packed::fits(db)?;
    let whole = std::thread::scope(|scope| {
        let path = db.path().to_owned();
        let (lumps, inbox) = sync_channel(AHEAD);
        let taker = scope.spawn(|| {
            let path = path;
            take(&path, inbox, into)
        });
        let asked = ask(db, fits, &lumps);
        drop(lumps);
        let taken = taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Whoever could not take what was sent is whom the sender then could not reach.
        taken.and_then(|whole| asked.map(|()| whole))
    })?;
    // Where a block is damaged, all that was read is laid over those that came before it: the same again.
    if fits && whole { Ok(()) } else { packed::remake(db, into) }
}

fn ask(db: &mut Db, blocks: bool, to: &SyncSender<Lump>) -> Result<(), StoreError> {
    let (mut last, mut count) = (0, CHUNK);
    while count == CHUNK {
        let Some(row) = db.row(sql(schema::SIGHTINGS).bind(last).bind(CHUNK))? else { break };
        count = number(db.path(), &row, 0)?;
        let mut lump = Lump::Sightings(count, text(db.path(), &row, 2)?);
        if !separated(&lump) {
            let row = db.row(sql(schema::MEASURED_SIGHTINGS).bind(last).bind(CHUNK))?;
            let Some(row) = row else { break };
            lump = Lump::Measured(count, text(db.path(), &row, 0)?);
        }
        last = number(db.path(), &row, 1)?;
        if to.send(lump).is_err() {
            return Ok(());
        }
    }
    if !blocks {
        return Ok(());
    }
    packed::each_kept(db, 0, |db, row| {
        let (body, ink) = (bytes(db.path(), row, 1)?, bytes(db.path(), row, 2)?);
        Ok(to.send(Lump::Block(Block::open(body, ink))).is_ok())
    })
}

/// No name has a separator in it.
fn separated(lump: &Lump) -> bool {
    let Lump::Sightings(count, joined) = lump else { return false };
    let separators = joined.bytes().filter(|b| char::from(*b) == schema::SEPARATOR);
    separators.count() as i64 == count * FIELDS
}

/// False: a block is damaged, and those after it were left.
fn take(path: &Path, from: Receiver<Lump>, into: &mut Snapshot) -> Result<bool, StoreError> {
    for lump in from {
        match lump {
            Lump::Sightings(count, joined) => sightings(path, (count, &joined), short, into)?,
            Lump::Measured(count, joined) => sightings(path, (count, &joined), long, into)?,
            Lump::Block(Some(block)) => into.block(block),
            Lump::Block(None) => return Ok(false),
        }
    }
    Ok(true)
}

/// One sighting as it lies in a lump: batch, day of arrival, association, document and reason may be none.
struct Seen<'t> {
    place: Place<'t>,
    fields: [Option<&'t str>; 5],
}

fn sightings<'t>(
    path: &Path,
    (count, joined): (i64, &'t str),
    next: impl Fn(&mut &'t str) -> Option<Seen<'t>>,
    into: &mut Snapshot,
) -> Result<(), StoreError> {
    let mut rest = joined;
    for _ in 0..count {
        let seen = next(&mut rest).ok_or_else(|| wrong(path, &"a sighting cannot be read"))?;
        let [batch, arrived, association, document, why] = seen.fields;
        let owned = |t: Option<&str>| t.map(str::to_owned);
        let named = || Labels {
            batch: owned(batch),
            arrived: owned(arrived),
            association: owned(association),
        };
        let reason = why.map(|why| json(path, why)).transpose()?;
        into.see_at(&seen.place, named, document, reason).map_err(|e| wrong(path, &e))?;
    }
    Ok(())
}

/// The next sighting of those that have separators; `None`: they end too soon.
fn short<'t>(rest: &mut &'t str) -> Option<Seen<'t>> {
    let next = |rest: &mut &'t str| {
        let (own, after) = rest.split_once(schema::SEPARATOR)?;
        *rest = after;
        Some(own)
    };
    let (file, location) = (next(rest)?, next(rest)?);
    let before = *rest;
    let none: u32 = next(rest)?.parse().ok()?;
    let (batch, arrived, association) = (next(rest)?, next(rest)?, next(rest)?);
    // With what is none of them before them they are a name for themselves.
    let labels = &before[..before.len() - rest.len()];
    let (document, why) = (next(rest)?, next(rest)?);
    let mut fields = [batch, arrived, association, document, why].map(Some);
    for (i, field) in fields.iter_mut().enumerate() {
        *field = field.filter(|_| none >> i & 1 == 0);
    }
    Some(Seen { place: Place { file, location, labels }, fields })
}

/// The next sighting of those that have lengths.
fn long<'t>(rest: &mut &'t str) -> Option<Seen<'t>> {
    let (file, location) = (field(rest)??, field(rest)??);
    let before = *rest;
    let (batch, arrived, association) = (field(rest)?, field(rest)?, field(rest)?);
    let labels = &before[..before.len() - rest.len()];
    let fields = [batch, arrived, association, field(rest)?, field(rest)?];
    Some(Seen { place: Place { file, location, labels }, fields })
}

/// The next field: its length, a colon, so many bytes; `-` for none. The outer `None`: it ends too soon.
#[allow(clippy::option_option, reason = "a field that is NULL is no error")]
fn field<'t>(rest: &mut &'t str) -> Option<Option<&'t str>> {
    if let Some(after) = rest.strip_prefix('-') {
        *rest = after;
        return Some(None);
    }
    let (length, after) = rest.split_once(':')?;
    let (own, after) = after.split_at_checked(length.parse().ok()?)?;
    *rest = after;
    Some(Some(own))
}
