//! What a run tells the store: a list of operations is one transaction, durable when `commit` returns.

use super::worker::{Db, sql};
use super::{
    Packed, Recognition, Store, StoreError, Unread, chain, now, number, packed, schema, to_json,
    writings,
};
use crate::account::block::Packer;
use crate::account::{Labels, response_id};
use crate::reading::{PageReading, Reason};

/// How long a page may take before another host may think its reader dead: a page takes milliseconds,
/// with text a second (design.md, section 5). Nobody steals leases yet: one run at a time.
const LEASE_S: i64 = 600;

/// A file's size and time of change: while they stay, its bytes are taken to be the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub bytes: u64,
    /// Nanoseconds since 1970.
    pub modified_ns: i64,
}

/// One change. `reader` names what decides a reading (forms, program, policy).
#[derive(Clone, Debug)]
pub enum Op {
    /// A content was had.
    Receive {
        sha256: String,
        bytes: u64,
    },
    /// It, or an input without content, was seen at a place.
    Sight {
        location: String,
        inbox: String,
        path: String,
        labels: Labels,
        stamp: Stamp,
        document: Option<String>,
        reason: Option<Reason>,
    },
    /// The same content at the same place with a new time of change.
    Restamp {
        location: String,
        document: String,
        stamp: Stamp,
    },
    /// The same content, but the file was moved with its inbox.
    Move {
        from: String,
        to: String,
        inbox: String,
        document: String,
        stamp: Stamp,
    },
    /// About to open a document; whoever finds this state later knows that the program ended here.
    Opening {
        sha256: String,
        reader: String,
    },
    /// It has this many pages.
    Opened {
        sha256: String,
        reader: String,
        pages: u32,
    },
    RefuseDocument {
        sha256: String,
        reader: String,
        reason: Reason,
    },
    /// About to read a page.
    Start {
        sha256: String,
        page: u32,
        reader: String,
    },
    /// It was not read after all (interrupted), and it was none of its fault.
    Release {
        sha256: String,
        page: u32,
    },
    Read {
        sha256: String,
        page: u32,
        reader: String,
        reading: Box<PageReading>,
    },
    /// The writing on the page whose reading was stored just before.
    Written {
        sha256: String,
        page: u32,
        writings: Vec<Packed>,
    },
    /// About to read a page's writing.
    Begin {
        page: Unread,
        reader: String,
    },
    /// It was not read after all (interrupted).
    PutBack {
        page: Unread,
        reader: String,
    },
    Recognise {
        page: Unread,
        reader: String,
        fields: Vec<Recognition>,
    },
    RefusePage {
        sha256: String,
        page: u32,
        reader: String,
        reason: Reason,
    },
    Quarantine {
        sha256: String,
        page: u32,
        reader: String,
        reason: Reason,
    },
    Log {
        what: &'static str,
        document: Option<String>,
        page: Option<u32>,
        detail: String,
    },
}

impl Store {
    /// Applies the operations in order, all or none, and waits until they are on the disk.
    ///
    /// # Errors
    /// `DiskFull`, `ReadOnly`, `Damaged`, `Database`: nothing of the list was kept.
    pub fn commit(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        if ops.is_empty() {
            return Ok(());
        }
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| {
                let mut packer = Packer::default();
                ops.into_iter().try_for_each(|op| apply(db, op, &mut packer))?;
                packed::keep(db, packer)
            })
        })
    }
}

fn apply(db: &mut Db, op: Op, packer: &mut Packer) -> Result<(), StoreError> {
    match op {
        Op::Receive { sha256, bytes } => db
            .run(
                sql("INSERT INTO document (sha256, bytes, state) VALUES ($1, $2, 'received')
                     ON CONFLICT DO NOTHING")
                .bind(sha256)
                .bind(bytes as i64),
            )
            .map(|_| ()),
        Op::Sight { .. } | Op::Restamp { .. } | Op::Move { .. } => sight(db, op),
        Op::Opening { .. } | Op::Opened { .. } | Op::RefuseDocument { .. } => document(db, op),
        Op::Read { sha256, page, reader, reading } => {
            let document = packed::hash(db, &sha256)?;
            let (rev, reading) = read(db, &sha256, page, &reader, *reading)?;
            packer.reading(&document, (page, rev), &reading);
            Ok(())
        }
        Op::Written { sha256, page, writings } => writings::add(db, &sha256, page, writings),
        Op::Begin { page, reader } => writings::begin(db, &page, &reader),
        Op::PutBack { page, reader } => writings::release(db, &page, &reader),
        Op::Recognise { page, reader, fields } => {
            let document = packed::hash(db, &page.sha256)?;
            let read = fields.iter().map(|f| (f.field.as_str(), &f.reading));
            packer.texts(&document, (page.page, page.rev), read);
            writings::recognise(db, &page, &reader, fields)
        }
        Op::Log { what, document, page, detail } => {
            log(db, "read", what, document.as_deref(), page, &detail)
        }
        other => page(db, other),
    }
}

fn sight(db: &mut Db, op: Op) -> Result<(), StoreError> {
    let statement = match op {
        Op::Sight { location, inbox, path, labels, stamp, document, reason } => {
            let why = reason.map(|r| to_json(db.path(), &r)).transpose()?;
            sql("INSERT INTO sighting (location, inbox, path, document, bytes, modified_ns,
                     batch, arrived, association, why, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING")
            .bind(location)
            .bind(inbox)
            .bind(path)
            .bind(document)
            .bind(stamp.bytes as i64)
            .bind(stamp.modified_ns)
            .bind(labels.batch)
            .bind(labels.arrived)
            .bind(labels.association)
            .bind(why)
            .bind(now())
        }
        Op::Restamp { location, document, stamp } => {
            sql("UPDATE sighting SET bytes = $1, modified_ns = $2
                 WHERE location = $3 AND document = $4")
            .bind(stamp.bytes as i64)
            .bind(stamp.modified_ns)
            .bind(location)
            .bind(document)
        }
        Op::Move { from, to, inbox, document, stamp } => {
            sql("UPDATE sighting SET location = $1, inbox = $2, bytes = $3, modified_ns = $4
                 WHERE location = $5 AND document = $6")
            .bind(to)
            .bind(inbox)
            .bind(stamp.bytes as i64)
            .bind(stamp.modified_ns)
            .bind(from)
            .bind(document)
        }
        _ => return Ok(()),
    };
    db.run(statement).map(|_| ())
}

fn document(db: &mut Db, op: Op) -> Result<(), StoreError> {
    match op {
        Op::Opening { sha256, reader } => {
            // Crashes under another program or other forms are not held against it.
            let text = "UPDATE document SET state = 'opening', why = NULL, reader = $2,
                attempts = CASE WHEN reader = $2 THEN attempts + 1 ELSE 1 END WHERE sha256 = $1";
            db.run(sql(text).bind(sha256).bind(reader))?;
        }
        Op::Opened { sha256, reader, pages } => {
            let text = "UPDATE document SET state = 'open', why = NULL, pages = $3, reader = $2,
                attempts = 0 WHERE sha256 = $1";
            db.run(sql(text).bind(sha256.clone()).bind(reader).bind(i64::from(pages)))?;
            for no in 1..=pages {
                let text = "INSERT INTO page (document, no, response, state)
                    VALUES ($1, $2, $3, 'received') ON CONFLICT DO NOTHING";
                let response = response_id(&sha256, no);
                db.run(sql(text).bind(sha256.clone()).bind(i64::from(no)).bind(response))?;
            }
        }
        Op::RefuseDocument { sha256, reader, reason } => {
            let why = to_json(db.path(), &reason)?;
            let text = "UPDATE document SET state = 'refused', why = $3, reader = $2
                WHERE sha256 = $1";
            db.run(sql(text).bind(sha256).bind(reader).bind(why))?;
        }
        _ => {}
    }
    Ok(())
}

fn page(db: &mut Db, op: Op) -> Result<(), StoreError> {
    let statement = match op {
        Op::Start { sha256, page, reader } => {
            sql("UPDATE page SET state = 'reading', worker = $4, lease_until = $5, reader = $3,
                     attempts = CASE WHEN reader = $3 THEN attempts + 1 ELSE 1 END
                 WHERE document = $1 AND no = $2")
            .bind(sha256)
            .bind(i64::from(page))
            .bind(reader)
            .bind(std::process::id().to_string())
            .bind(now() + LEASE_S)
        }
        Op::Release { sha256, page } => {
            sql("UPDATE page SET state = 'received', worker = NULL, lease_until = NULL,
                     attempts = attempts - 1
                 WHERE document = $1 AND no = $2 AND state = 'reading'")
            .bind(sha256)
            .bind(i64::from(page))
        }
        Op::RefusePage { sha256, page, reader, reason } => {
            return finish(db, sha256, page, reader, "refused", Some(&reason));
        }
        Op::Quarantine { sha256, page, reader, reason } => {
            return finish(db, sha256, page, reader, "quarantined", Some(&reason));
        }
        _ => return Ok(()),
    };
    db.run(statement).map(|_| ())
}

fn finish(
    db: &mut Db,
    sha256: String,
    page: u32,
    reader: String,
    state: &'static str,
    reason: Option<&Reason>,
) -> Result<(), StoreError> {
    let why = reason.map(|r| to_json(db.path(), r)).transpose()?;
    let text = "UPDATE page SET state = $4, reader = $3, why = $5, worker = NULL,
        lease_until = NULL, attempts = 0 WHERE document = $1 AND no = $2";
    let statement = sql(text).bind(sha256).bind(i64::from(page)).bind(reader).bind(state).bind(why);
    db.run(statement).map(|_| ())
}

fn read(
    db: &mut Db,
    sha256: &str,
    page: u32,
    reader: &str,
    mut reading: PageReading,
) -> Result<(u32, PageReading), StoreError> {
    let boxes = to_json(db.path(), &std::mem::take(&mut reading.boxes))?;
    let cells = std::mem::take(&mut reading.ink);
    let ink = to_json(db.path(), &cells)?;
    let body = to_json(db.path(), &reading)?;
    reading.ink = cells;
    let text = "INSERT INTO reading (document, page, rev, reader, at, body, ink, boxes)
        SELECT $1, $2, COALESCE(MAX(rev), 0) + 1, $3, $4, $5, $6, $7
        FROM reading WHERE document = $1 AND page = $2 RETURNING rev";
    let row = db.row(
        sql(text)
            .bind(sha256.to_owned())
            .bind(i64::from(page))
            .bind(reader.to_owned())
            .bind(now())
            .bind(body)
            .bind(ink)
            .bind(boxes),
    )?;
    finish(db, sha256.to_owned(), page, reader.to_owned(), "read", None)?;
    let rev = row.map_or(Ok(0), |r| number(db.path(), &r, 0))?;
    Ok((rev as u32, reading))
}

/// Adds a line to the log; `who` is a person's name or `read`.
pub fn log(
    db: &mut Db,
    who: &str,
    what: &'static str,
    document: Option<&str>,
    page: Option<u32>,
    detail: &str,
) -> Result<(), StoreError> {
    let line = chain::Line { at: now(), who, what, document, page: page.map(i64::from), detail };
    chain::append(db, &line)
}
