//! What people decide, laid down beside the readings; and one page in full, for whoever shows it.

use std::path::PathBuf;

use super::chain::columns_text;
use super::ops::log;
use super::worker::{Db, sql};
use super::{Store, StoreError, forms, json, now, number, schema, text, to_json, writings};
use crate::account::{Field, PageVerdict, Seen, Verdict};
use crate::form::{FormFile, QuestionType};
use crate::reading::PageReading;

/// Where a page's picture lies, and what the machine read there.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Every place at which the document was seen, first sighting first.
    pub files: Vec<PathBuf>,
    pub sha256: String,
    pub page: u32,
    /// With its boxes and ink.
    pub reading: Option<PageReading>,
    /// Decisions about this page so far; what `decide` wants as `seen`.
    pub decisions: u32,
}

impl Store {
    /// Adds a decision about one field or the page of a response and returns its revision. `seen` is the
    /// number of decisions that the person had before them: if there are more by now, the second of two
    /// people is told and nothing is written. `None` decides over whatever is there.
    ///
    /// # Errors
    /// `NoResponse`, `Conflict`, `Decision` (no such question, option, form or original).
    pub fn decide(
        &self,
        response: &str,
        verdict: Verdict,
        who: &str,
        seen: Option<u32>,
    ) -> Result<u32, StoreError> {
        let revisions = self.decide_all(response, vec![verdict], who, seen)?;
        Ok(revisions)
    }

    /// Several decisions about one page, all or none; returns the last revision.
    ///
    /// # Errors
    /// As `decide`.
    pub fn decide_all(
        &self,
        response: &str,
        verdicts: Vec<Verdict>,
        who: &str,
        seen: Option<u32>,
    ) -> Result<u32, StoreError> {
        let (response, who) = (response.to_owned(), who.to_owned());
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| write(db, &response, verdicts, &who, seen))
        })
    }

    /// One page in full.
    ///
    /// # Errors
    /// `NoResponse`; whatever the database says.
    pub fn sheet(&self, response: &str) -> Result<Sheet, StoreError> {
        let response = response.to_owned();
        self.worker.ask(move |db| db.transaction(schema::BEGIN_READ, |db| sheet(db, &response)))
    }
}

fn sheet(db: &mut Db, response: &str) -> Result<Sheet, StoreError> {
    let (sha256, page) = locate(db, response)?;
    let places = "SELECT location FROM sighting WHERE document = $1 ORDER BY seq";
    let rows = db.rows(sql(places).bind(sha256.clone()))?;
    let files = rows.iter().map(|r| text(db.path(), r, 0).map(PathBuf::from));
    let files = files.collect::<Result<_, _>>()?;
    let reading = latest(db, &sha256, page)?;
    let (decisions, _) = last_decision(db, &sha256, page)?;
    Ok(Sheet { files, sha256, page: page as u32, reading, decisions })
}

/// (document, page) of a response.
pub fn locate(db: &mut Db, response: &str) -> Result<(String, i64), StoreError> {
    let find = "SELECT document, no FROM page WHERE response = $1";
    let row = db.row(sql(find).bind(response.to_owned()))?;
    let Some(row) = row else {
        return Err(StoreError::NoResponse { response: response.to_owned() });
    };
    Ok((text(db.path(), &row, 0)?, number(db.path(), &row, 1)?))
}

pub fn latest(db: &mut Db, sha256: &str, page: i64) -> Result<Option<PageReading>, StoreError> {
    let find = "SELECT body, ink, boxes, rev FROM reading WHERE document = $1 AND page = $2
        ORDER BY rev DESC LIMIT 1";
    let Some(row) = db.row(sql(find).bind(sha256.to_owned()).bind(page))? else {
        return Ok(None);
    };
    let path = db.path();
    let mut reading: PageReading = json(path, &text(path, &row, 0)?)?;
    reading.ink = json(path, &text(path, &row, 1)?)?;
    reading.boxes = json(path, &text(path, &row, 2)?)?;
    let rev = number(path, &row, 3)?;
    writings::lay_over(db, sha256, (page, rev), &mut reading)?;
    Ok(Some(reading))
}

/// Revision and author of the last decision about a page; 0 and nobody if there is none.
pub fn last_decision(db: &mut Db, sha256: &str, page: i64) -> Result<(u32, String), StoreError> {
    let find = "SELECT rev, who FROM decision WHERE document = $1 AND page = $2
        ORDER BY rev DESC LIMIT 1";
    match db.row(sql(find).bind(sha256.to_owned()).bind(page))? {
        Some(r) => Ok((number(db.path(), &r, 0)? as u32, text(db.path(), &r, 1)?)),
        None => Ok((0, String::new())),
    }
}

fn write(
    db: &mut Db,
    response: &str,
    verdicts: Vec<Verdict>,
    who: &str,
    seen: Option<u32>,
) -> Result<u32, StoreError> {
    let (sha256, page) = locate(db, response)?;
    let (mut rev, last) = last_decision(db, &sha256, page)?;
    if seen.is_some_and(|s| s != rev) {
        return Err(StoreError::Conflict { response: response.to_owned(), who: last, rev });
    }
    let reading = latest(db, &sha256, page)?;
    let forms = forms::files(db)?;
    let by = By { who, step: None, took_ms: None };
    for verdict in verdicts {
        check(db, response, &verdict, reading.as_ref(), &forms)?;
        rev += 1;
        insert(db, (&sha256, page, rev), &verdict, reading.as_ref(), by)?;
    }
    Ok(rev)
}

/// Who decides, in which step of the browser side, and how long it took.
#[derive(Clone, Copy)]
pub struct By<'a> {
    pub who: &'a str,
    pub step: Option<i64>,
    pub took_ms: Option<i64>,
}

/// Lays one decision down as revision `rev`, with its line in the log.
pub fn insert(
    db: &mut Db,
    (sha256, page, rev): (&str, i64, u32),
    verdict: &Verdict,
    reading: Option<&PageReading>,
    by: By,
) -> Result<(), StoreError> {
    let field = verdict.field();
    let value = value_json(db, verdict)?;
    let machine = machine_value(reading, &field);
    let machine = machine.map(|m| to_json(db.path(), &m)).transpose()?;
    let (at, kind, name) = (now(), field.kind(), field.name().to_owned());
    let text = |v: Option<i64>| v.map(|v| v.to_string());
    let columns = [
        Some(rev.to_string()),
        Some(kind.to_owned()),
        Some(name.clone()),
        machine.clone(),
        Some(value.clone()),
        Some(by.who.to_owned()),
        Some(at.to_string()),
        text(by.step),
        text(by.took_ms),
    ];
    let row = "INSERT INTO decision
        (document, page, rev, kind, field, machine, value, who, at, step, took_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    db.run(
        sql(row)
            .bind(sha256.to_owned())
            .bind(page)
            .bind(i64::from(rev))
            .bind(kind)
            .bind(name)
            .bind(machine)
            .bind(value)
            .bind(by.who.to_owned())
            .bind(at)
            .bind(by.step)
            .bind(by.took_ms),
    )?;
    let detail = columns_text(&columns);
    log(db, by.who, "decide", Some(sha256), Some(page as u32), &detail)
}

fn value_json(db: &Db, verdict: &Verdict) -> Result<String, StoreError> {
    match verdict {
        Verdict::Answer { value, .. } => to_json(db.path(), value),
        Verdict::Text { value, .. } => to_json(db.path(), value),
        Verdict::Page(verdict) => to_json(db.path(), verdict),
    }
}

/// The machine's value of a field; `None` if it had nothing to say.
pub fn machine_value(reading: Option<&PageReading>, field: &Field) -> Option<Seen> {
    let reading = reading?;
    match field {
        Field::Page => None,
        Field::Answer(q) => reading.answers.get(q).map(|a| Seen::Answer(a.value.clone())),
        Field::Text(f) => reading.text.get(f).map(|t| Seen::Text(t.value.clone())),
    }
}

/// A decision that no form can hold would be counted nowhere, so it is refused at the door.
pub fn check(
    db: &mut Db,
    response: &str,
    verdict: &Verdict,
    reading: Option<&PageReading>,
    forms: &[FormFile],
) -> Result<(), StoreError> {
    let problem = match verdict {
        Verdict::Answer { question, value } => answer_problem(question, value, reading, forms),
        Verdict::Text { field, .. } => {
            let known =
                questions(reading, forms).any(|(id, kind)| id == field && !kind.is_choice());
            (!known).then(|| format!("no written field {field:?}"))
        }
        Verdict::Page(PageVerdict::Counted { form: Some(form) }) => {
            let known = forms.iter().any(|f| f.id == *form);
            (!known).then(|| format!("no form {form:?} in this survey"))
        }
        Verdict::Page(PageVerdict::Counted { form: None }) => reading
            .is_none_or(|r| r.form.is_none())
            .then(|| "say which form it is before it can count".to_owned()),
        Verdict::Page(PageVerdict::Duplicate { of }) if of == response => {
            Some("a page cannot be its own duplicate".to_owned())
        }
        Verdict::Page(PageVerdict::Duplicate { of }) => locate(db, of).err().map(|e| e.to_string()),
        Verdict::Page(PageVerdict::SetAside) => None,
    };
    match problem {
        Some(problem) => Err(StoreError::Decision { response: response.to_owned(), problem }),
        None => Ok(()),
    }
}

/// The questions of the page's own form, or of all forms where the page has none.
fn questions<'a>(
    reading: Option<&'a PageReading>,
    forms: &'a [FormFile],
) -> impl Iterator<Item = (&'a String, QuestionType)> {
    on_form(reading, forms).flat_map(|f| &f.questions).map(|q| (&q.id, q.kind))
}

fn on_form<'a>(
    reading: Option<&'a PageReading>,
    forms: &'a [FormFile],
) -> impl Iterator<Item = &'a FormFile> {
    let form = reading.and_then(|r| r.form.as_ref());
    forms.iter().filter(move |f| form.is_none_or(|id| f.id == *id))
}

fn answer_problem(
    question: &str,
    value: &[String],
    reading: Option<&PageReading>,
    forms: &[FormFile],
) -> Option<String> {
    let mut found = None;
    for q in on_form(reading, forms).flat_map(|f| &f.questions).filter(|q| q.id == question) {
        if !q.kind.is_choice() {
            return Some(format!("{question:?} is no choice question"));
        }
        let stranger = value.iter().find(|v| !q.options.iter().any(|o| o.id == **v));
        found = Some(match stranger {
            Some(v) => Some(format!("question {question} has no option {v:?}")),
            None if q.kind == QuestionType::SelectOne && value.len() > 1 => {
                Some(format!("question {question} has one answer, not {}", value.len()))
            }
            None => return None,
        });
    }
    found.unwrap_or_else(|| Some(format!("no question {question:?}")))
}
