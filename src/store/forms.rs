//! The survey's forms, kept whole: later reads and the tally need no form folder.

use std::path::Path;

use super::worker::{Db, sql};
use super::{Store, StoreError, number, schema, text, wrong};
use crate::form::{Form, FormFile};
use crate::resent::{base64url, from_base64url};

impl Store {
    /// Checks a form folder and remembers it. A form of the same id takes the place of the former one;
    /// what was read by the former keeps its own hash.
    ///
    /// # Errors
    /// `Form` if it cannot be used, `OtherSurvey` if the folder holds another survey.
    pub fn add_form(&self, dir: &Path) -> Result<Form, StoreError> {
        let (form, json, blank) = Form::open_whole(dir)?;
        let json = String::from_utf8(json).map_err(|e| wrong(&dir.join("form.json"), &e))?;
        let (id, survey, hash) =
            (form.id().to_owned(), form.survey().to_owned(), form.hash.clone());
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| {
                same_survey(db, &id, survey)?;
                insert(db, id, hash, json, base64url(&blank))
            })
        })?;
        Ok(form)
    }

    /// The forms in force, in the order in which their ids were first given.
    ///
    /// # Errors
    /// `Form` if this program's checks have become stricter than the one's that stored it.
    pub fn forms(&self) -> Result<Vec<Form>, StoreError> {
        let path = self.dir().join(super::FILE);
        let rows = self.worker.ask(rows)?;
        rows.iter()
            .map(|(json, blank)| {
                Ok(Form::from_bytes(json.as_bytes(), &from_base64url(blank), &path)?)
            })
            .collect()
    }
}

fn same_survey(db: &mut Db, form: &str, given: String) -> Result<(), StoreError> {
    let row = db.row(sql("SELECT value FROM setting WHERE name = 'survey'"))?;
    let here = row.map(|r| text(db.path(), &r, 0)).transpose()?;
    match here {
        Some(here) if here == given => Ok(()),
        Some(here) => Err(StoreError::OtherSurvey { form: form.to_owned(), here, given }),
        None => schema::set(db, "survey", given).map(|_| ()),
    }
}

fn insert(
    db: &mut Db,
    id: String,
    hash: String,
    json: String,
    blank: String,
) -> Result<(), StoreError> {
    let current = "SELECT hash FROM form WHERE id = $1 ORDER BY seq DESC LIMIT 1";
    let row = db.row(sql(current).bind(id.clone()))?;
    if row.map(|r| text(db.path(), &r, 0)).transpose()?.as_ref() == Some(&hash) {
        return Ok(());
    }
    let row = db.row(sql("SELECT COALESCE(MAX(seq), 0) + 1 FROM form"))?;
    let seq = row.map_or(Ok(1), |r| number(db.path(), &r, 0))?;
    let insert = "INSERT INTO form (seq, id, hash, json, blank) VALUES ($1, $2, $3, $4, $5)";
    db.run(sql(insert).bind(seq).bind(id).bind(hash).bind(json).bind(blank)).map(|_| ())
}

/// (json, blank in base64url) of the forms in force.
fn rows(db: &mut Db) -> Result<Vec<(String, String)>, StoreError> {
    let rows = db.rows(sql("SELECT json, blank FROM form f
        WHERE seq = (SELECT MAX(seq) FROM form g WHERE g.id = f.id)
        ORDER BY (SELECT MIN(seq) FROM form g WHERE g.id = f.id)"))?;
    rows.iter().map(|r| Ok((text(db.path(), r, 0)?, text(db.path(), r, 1)?))).collect()
}

/// What the fold needs of the forms in force.
pub fn files(db: &mut Db) -> Result<Vec<FormFile>, StoreError> {
    let rows = db.rows(sql("SELECT json FROM form f
        WHERE seq = (SELECT MAX(seq) FROM form g WHERE g.id = f.id)
        ORDER BY (SELECT MIN(seq) FROM form g WHERE g.id = f.id)"))?;
    rows.iter().map(|r| super::json(db.path(), &text(db.path(), r, 0)?)).collect()
}
