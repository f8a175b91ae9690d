//! Written fields: what was cut out of the pages, and what recognisers made of it. A second queue beside
//! that of the pages, so that marks never wait for text.

use serde::{Deserialize, Serialize};

use super::worker::{Db, made, sql};
use super::{Store, StoreError, decisions, json, now, number, text, to_json, wrong};
use crate::raster::Bitmap;
use crate::reading::{PageReading, TextDetail, TextReading, Writing};
use crate::resent::{base64url, from_base64url};
use crate::text::picture::{from_png, to_png};

/// A writing packed for the store; made on the workers' threads, since packing takes a millisecond.
#[derive(Clone, Debug)]
pub struct Packed {
    field: String,
    facts: Facts,
    picture: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Facts {
    x: i32,
    y: i32,
    rough: bool,
    overflow: bool,
    strike: bool,
    /// Surveys from before forms had endings have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    circled: Vec<String>,
}

impl Packed {
    pub fn of(w: &Writing) -> Self {
        let (x, y) = w.origin;
        let circled = w.circled.clone();
        Self {
            field: w.field.clone(),
            facts: Facts { x, y, rough: w.rough, overflow: w.overflow, strike: w.strike, circled },
            picture: base64url(&to_png(&w.ink)),
        }
    }
}

/// One page's writing that a recogniser has not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    pub sha256: String,
    pub page: u32,
    /// Revision of the page's reading.
    pub rev: u32,
    pub form: String,
    /// Times that the program ended while it was read.
    pub crashes: u32,
}

/// What one recogniser made of one field.
#[derive(Clone, Debug)]
pub struct Recognition {
    pub field: String,
    pub reading: TextReading,
    pub detail: TextDetail,
}

/// One field's crop as people see it, with everything that was made of it.
#[derive(Clone, Debug)]
pub struct Cropped {
    /// One bit a pixel, black on white: the added ink alone.
    pub png: Vec<u8>,
    /// The form's pixel (204 x 196 dots an inch) under the picture's left top corner.
    pub origin: (i32, i32),
    /// Latest first; empty while no recogniser has read it.
    pub readings: Vec<(TextReading, TextDetail)>,
}

impl Store {
    /// Every page with writing that has not been read under `reader`, in a fixed order. Only the latest
    /// reading of a page counts.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn unread(&self, reader: &str) -> Result<Vec<Unread>, StoreError> {
        let reader = reader.to_owned();
        self.worker.ask(move |db| {
            let all = "SELECT w.document, w.page, w.rev,
                    MAX(CASE WHEN w.state = 'begun' AND w.reader = $1 THEN w.attempts ELSE 0 END),
                    (SELECT body FROM reading r
                     WHERE r.document = w.document AND r.page = w.page AND r.rev = w.rev)
                FROM writing w
                WHERE (w.state <> 'done' OR w.reader <> $1)
                AND w.rev = (SELECT MAX(rev) FROM reading r
                             WHERE r.document = w.document AND r.page = w.page)
                GROUP BY w.document, w.page, w.rev ORDER BY w.document, w.page";
            let rows = db.rows(sql(all).bind(reader))?;
            rows.iter().map(|r| unread(db, r)).collect()
        })
    }

    /// The writing on one page that has not been read under `reader`, by field.
    ///
    /// # Errors
    /// `Damaged` if a picture cannot be had back.
    pub fn writings(&self, page: &Unread, reader: &str) -> Result<Vec<Writing>, StoreError> {
        let (page, reader) = (page.clone(), reader.to_owned());
        self.worker.ask(move |db| {
            let all = "SELECT field, facts, picture FROM writing
                WHERE document = $1 AND page = $2 AND rev = $3
                AND (state <> 'done' OR reader <> $4) ORDER BY field";
            let asked = sql(all)
                .bind(page.sha256)
                .bind(i64::from(page.page))
                .bind(i64::from(page.rev))
                .bind(reader);
            db.rows(asked)?.iter().map(|r| writing(db, r)).collect()
        })
    }

    /// The crop of one field of a response; `None` where nothing was cut out.
    ///
    /// # Errors
    /// `NoResponse`; `Damaged`.
    pub fn crop(&self, response: &str, field: &str) -> Result<Option<Cropped>, StoreError> {
        let (response, field) = (response.to_owned(), field.to_owned());
        self.worker.ask(move |db| {
            let (sha256, page) = decisions::locate(db, &response)?;
            let find = "SELECT facts, picture, rev FROM writing
                WHERE document = $1 AND page = $2 AND field = $3
                AND rev = (SELECT MAX(rev) FROM reading WHERE document = $1 AND page = $2)";
            let asked = sql(find).bind(sha256.clone()).bind(page).bind(field.clone());
            let Some(row) = db.row(asked)? else { return Ok(None) };
            let facts: Facts = json(db.path(), &text(db.path(), &row, 0)?)?;
            let png = from_base64url(&text(db.path(), &row, 1)?);
            let rev = number(db.path(), &row, 2)?;
            let all = "SELECT body, detail FROM recognised
                WHERE document = $1 AND page = $2 AND rev = $3 AND field = $4 ORDER BY no DESC";
            let rows = db.rows(sql(all).bind(sha256).bind(page).bind(rev).bind(field))?;
            let path = db.path();
            let read = |r| Ok((json(path, &text(path, r, 0)?)?, json(path, &text(path, r, 1)?)?));
            let readings = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
            Ok(Some(Cropped { png, origin: (facts.x, facts.y), readings }))
        })
    }
}

fn unread(db: &Db, row: &super::AnyRow) -> Result<Unread, StoreError> {
    /// All that is wanted of a reading.
    #[derive(Deserialize)]
    struct Head {
        form: Option<String>,
    }
    let head: Head = json(db.path(), &text(db.path(), row, 4)?)?;
    Ok(Unread {
        sha256: text(db.path(), row, 0)?,
        page: number(db.path(), row, 1)? as u32,
        rev: number(db.path(), row, 2)? as u32,
        form: head.form.unwrap_or_default(),
        crashes: number(db.path(), row, 3)? as u32,
    })
}

fn writing(db: &Db, row: &super::AnyRow) -> Result<Writing, StoreError> {
    let facts: Facts = json(db.path(), &text(db.path(), row, 1)?)?;
    let ink: Bitmap =
        from_png(&from_base64url(&text(db.path(), row, 2)?)).map_err(|e| wrong(db.path(), &e))?;
    Ok(Writing {
        field: text(db.path(), row, 0)?,
        ink,
        origin: (facts.x, facts.y),
        rough: facts.rough,
        overflow: facts.overflow,
        strike: facts.strike,
        circled: facts.circled,
    })
}

/// Lays writings down beside the reading that was stored just before.
pub fn add(db: &mut Db, sha256: &str, page: u32, all: Vec<Packed>) -> Result<(), StoreError> {
    // One statement for all: each is a message to the database's own thread and back.
    let row = |i: usize| {
        let rev = "(SELECT MAX(rev) FROM reading WHERE document = $1 AND page = $2)";
        format!("($1, $2, {rev}, ${}, ${}, ${}, 'waiting')", 3 * i + 3, 3 * i + 4, 3 * i + 5)
    };
    let rows: Vec<String> = (0..all.len()).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns = "document, page, rev, field, facts, picture, state";
    let insert = format!("INSERT INTO writing ({columns}) VALUES {}", rows.join(", "));
    let mut statement = made(insert).bind(sha256.to_owned()).bind(i64::from(page));
    for w in all {
        let facts = to_json(db.path(), &w.facts)?;
        statement = statement.bind(w.field).bind(facts).bind(w.picture);
    }
    db.run(statement).map(|_| ())
}

/// Marks a page's writing as begun.
pub fn begin(db: &mut Db, page: &Unread, reader: &str) -> Result<(), StoreError> {
    let text = "UPDATE writing SET state = 'begun', reader = $4,
            attempts = CASE WHEN state = 'begun' AND reader = $4 THEN attempts + 1 ELSE 1 END
        WHERE document = $1 AND page = $2 AND rev = $3 AND (state <> 'done' OR reader <> $4)";
    run(db, text, page, reader)
}

/// It was not read after all, through no fault of its own. What an earlier reader made of it stands.
pub fn release(db: &mut Db, page: &Unread, reader: &str) -> Result<(), StoreError> {
    let text = "UPDATE writing SET state = 'waiting', attempts = attempts - 1
        WHERE document = $1 AND page = $2 AND rev = $3 AND state = 'begun' AND reader = $4";
    run(db, text, page, reader)
}

fn run(db: &mut Db, text: &'static str, page: &Unread, reader: &str) -> Result<(), StoreError> {
    let statement = sql(text)
        .bind(page.sha256.clone())
        .bind(i64::from(page.page))
        .bind(i64::from(page.rev))
        .bind(reader.to_owned());
    db.run(statement).map(|_| ())
}

/// Stores what was read on a page.
pub fn recognise(
    db: &mut Db,
    page: &Unread,
    reader: &str,
    all: Vec<Recognition>,
) -> Result<(), StoreError> {
    for r in all {
        let (body, detail) = (to_json(db.path(), &r.reading)?, to_json(db.path(), &r.detail)?);
        let insert = "INSERT INTO recognised
                (document, page, rev, field, no, reader, at, body, detail)
            SELECT $1, $2, $3, $4, COALESCE(MAX(no), 0) + 1, $5, $6, $7, $8 FROM recognised
            WHERE document = $1 AND page = $2 AND rev = $3 AND field = $4";
        let statement = sql(insert)
            .bind(page.sha256.clone())
            .bind(i64::from(page.page))
            .bind(i64::from(page.rev))
            .bind(r.field.clone())
            .bind(reader.to_owned())
            .bind(now())
            .bind(body)
            .bind(detail);
        db.run(statement)?;
        let done = "UPDATE writing SET state = 'done', attempts = 0, reader = $5
            WHERE document = $1 AND page = $2 AND rev = $3 AND field = $4";
        let statement = sql(done)
            .bind(page.sha256.clone())
            .bind(i64::from(page.page))
            .bind(i64::from(page.rev))
            .bind(r.field)
            .bind(reader.to_owned());
        db.run(statement)?;
    }
    Ok(())
}

/// Puts what recognisers read in the place of "not read yet". `rev` is the reading's revision.
pub fn lay_over(
    db: &mut Db,
    sha256: &str,
    (page, rev): (i64, i64),
    reading: &mut PageReading,
) -> Result<(), StoreError> {
    let all = "SELECT field, body FROM recognised
        WHERE document = $1 AND page = $2 AND rev = $3 ORDER BY no";
    for row in db.rows(sql(all).bind(sha256.to_owned()).bind(page).bind(rev))? {
        let (field, body) = (text(db.path(), &row, 0)?, text(db.path(), &row, 1)?);
        reading.text.insert(field, json(db.path(), &body)?);
    }
    Ok(())
}
