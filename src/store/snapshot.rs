//! One consistent view of everything, for the fold.

use std::collections::BTreeMap;

use super::worker::{Db, sql};
use super::{Store, StoreError, forms, json, maybe, number, schema, text, writings, wrong};
use crate::account::{
    Decision, Document, Labels, Page, PageState, Seen, Sighting, Snapshot, Verdict,
};
use crate::reading::PageReading;

/// Readings fetched at a time: 2 KB each as text, so a megabyte.
const CHUNK: usize = 512;

type Documents = BTreeMap<String, Document>;

impl Store {
    /// Everything the fold needs, in one read transaction: a run or a reviewer that writes meanwhile is
    /// either in it wholly or not at all.
    ///
    /// # Errors
    /// `Damaged` if a stored value is not what this version writes; whatever the database says.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.worker.ask(|db| {
            db.transaction(schema::BEGIN_READ, |db| {
                let mut documents = documents(db)?;
                pages(db, &mut documents)?;
                readings(db, &mut documents)?;
                recognised(db, &mut documents)?;
                decisions(db, &mut documents)?;
                Ok(Snapshot { forms: forms::files(db)?, sightings: sightings(db)?, documents })
            })
        })
    }
}

fn sightings(db: &mut Db) -> Result<Vec<Sighting>, StoreError> {
    let rows = db.rows(sql(
        "SELECT path, location, batch, arrived, association, document, why FROM sighting
         ORDER BY seq",
    ))?;
    let path = db.path();
    rows.iter()
        .map(|r| {
            Ok(Sighting {
                file: text(path, r, 0)?,
                location: text(path, r, 1)?,
                labels: Labels {
                    batch: maybe(path, r, 2)?,
                    arrived: maybe(path, r, 3)?,
                    association: maybe(path, r, 4)?,
                },
                document: maybe(path, r, 5)?,
                reason: maybe(path, r, 6)?.map(|why| json(path, &why)).transpose()?,
            })
        })
        .collect()
}

fn documents(db: &mut Db) -> Result<Documents, StoreError> {
    let rows = db.rows(sql("SELECT sha256, why, COALESCE(pages, 0) FROM document"))?;
    let path = db.path();
    rows.iter()
        .map(|r| {
            let refused = maybe(path, r, 1)?.map(|why| json(path, &why)).transpose()?;
            let pages = vec![Page::default(); number(path, r, 2)? as usize];
            Ok((text(path, r, 0)?, Document { refused, pages }))
        })
        .collect()
}

/// The page of a row that begins with (document, page). `None`: a former version of the reader found
/// more pages in the document than there are now.
fn slot<'a>(
    db: &Db,
    documents: &'a mut Documents,
    row: &super::AnyRow,
) -> Result<Option<&'a mut Page>, StoreError> {
    let document = text(db.path(), row, 0)?;
    let no = number(db.path(), row, 1)?;
    let at = usize::try_from(no - 1).map_err(|e| wrong(db.path(), &e))?;
    Ok(documents.get_mut(&document).and_then(|d| d.pages.get_mut(at)))
}

fn pages(db: &mut Db, documents: &mut Documents) -> Result<(), StoreError> {
    for row in db.rows(sql("SELECT document, no, state, why FROM page"))? {
        let state = PageState::from_word(&text(db.path(), &row, 2)?);
        let reason = maybe(db.path(), &row, 3)?.map(|why| json(db.path(), &why)).transpose()?;
        if let Some(page) = slot(db, documents, &row)? {
            (page.state, page.reason) = (state, reason);
        }
    }
    Ok(())
}

/// The latest reading of every page, by key in chunks: never all of them as text at once.
fn readings(db: &mut Db, documents: &mut Documents) -> Result<(), StoreError> {
    let (mut document, mut no) = (String::new(), 0i64);
    loop {
        let chunk = "SELECT document, page, body, ink FROM reading r
            WHERE (document > $1 OR (document = $1 AND page > $2))
            AND rev = (SELECT MAX(rev) FROM reading s
                       WHERE s.document = r.document AND s.page = r.page)
            ORDER BY document, page LIMIT $3";
        let rows = db.rows(sql(chunk).bind(document.clone()).bind(no).bind(CHUNK as i64))?;
        for row in &rows {
            let mut reading: PageReading = json(db.path(), &text(db.path(), row, 2)?)?;
            reading.ink = json(db.path(), &text(db.path(), row, 3)?)?;
            if let Some(page) = slot(db, documents, row)? {
                page.reading = Some(reading);
            }
        }
        let Some(last) = rows.last().filter(|_| rows.len() == CHUNK) else {
            return Ok(());
        };
        (document, no) = (text(db.path(), last, 0)?, number(db.path(), last, 1)?);
    }
}

/// What recognisers made of the written fields, over the readings' "not read yet".
fn recognised(db: &mut Db, documents: &mut Documents) -> Result<(), StoreError> {
    for row in db.rows(sql(writings::LATEST))? {
        let (field, body) = (text(db.path(), &row, 2)?, text(db.path(), &row, 3)?);
        let read = json(db.path(), &body)?;
        if let Some(reading) = slot(db, documents, &row)?.and_then(|p| p.reading.as_mut()) {
            reading.text.insert(field, read);
        }
    }
    Ok(())
}

fn decisions(db: &mut Db, documents: &mut Documents) -> Result<(), StoreError> {
    // What was undone stays in the table and counts no more.
    let all = "SELECT document, page, rev, kind, field, machine, value, who, at FROM decision
        WHERE step IS NULL OR step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL)
        ORDER BY document, page, rev";
    for row in db.rows(sql(all))? {
        let decision = decision(db, &row)?;
        if let Some(page) = slot(db, documents, &row)? {
            page.decisions.push(decision);
        }
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
