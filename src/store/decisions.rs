//! What people decide, laid down beside the readings; and one page in full, for whoever shows it.

use std::path::PathBuf;

use super::ops::log;
use super::worker::{Db, sql};
use super::{Store, StoreError, forms, json, now, number, schema, text, to_json, writings};
use crate::account::{PageVerdict, Seen, Verdict};
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

fn latest(db: &mut Db, sha256: &str, page: i64) -> Result<Option<PageReading>, StoreError> {
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
fn last_decision(db: &mut Db, sha256: &str, page: i64) -> Result<(u32, String), StoreError> {
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
    for verdict in verdicts {
        check(db, response, &verdict, reading.as_ref(), &forms)?;
        rev += 1;
        insert(db, (&sha256, page, rev), verdict, reading.as_ref(), who)?;
    }
    Ok(rev)
}

fn insert(
    db: &mut Db,
    (sha256, page, rev): (&str, i64, u32),
    verdict: Verdict,
    reading: Option<&PageReading>,
    who: &str,
) -> Result<(), StoreError> {
    let path = db.path();
    let (kind, field, value, machine) = match verdict {
        Verdict::Answer { question, value } => {
            let machine = reading.and_then(|r| r.answers.get(&question));
            let machine = machine.map(|a| Seen::Answer(a.value.clone()));
            ("answer", question, to_json(path, &value)?, machine)
        }
        Verdict::Text { field, value } => {
            let machine = reading.and_then(|r| r.text.get(&field));
            let machine = machine.map(|t| Seen::Text(t.value.clone()));
            ("text", field, to_json(path, &value)?, machine)
        }
        Verdict::Page(verdict) => ("page", String::new(), to_json(path, &verdict)?, None),
    };
    let machine = machine.map(|m| to_json(path, &m)).transpose()?;
    let detail = format!("{kind} {field} = {value}");
    let text = "INSERT INTO decision (document, page, rev, kind, field, machine, value, who, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    db.run(
        sql(text)
            .bind(sha256.to_owned())
            .bind(page)
            .bind(i64::from(rev))
            .bind(kind)
            .bind(field)
            .bind(machine)
            .bind(value)
            .bind(who.to_owned())
            .bind(now()),
    )?;
    log(db, who, "decide", Some(sha256.to_owned()), Some(page as u32), detail)
}

/// A decision that no form can hold would be counted nowhere, so it is refused at the door.
fn check(
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
