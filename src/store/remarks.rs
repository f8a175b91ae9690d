//! What lies beside the decisions: remarks (later, another person, cannot be told, one entry of two) and
//! the answers of the blind audit. Rows stay; those of an undone step only count no more.

use super::chain::columns_text;
use super::decisions::locate;
use super::ops::log;
use super::steps::Entry;
use super::worker::{Db, sql};
use super::{Store, StoreError, json, maybe, maybe_number, now, number, text, to_json};
use crate::account::{Field, Seen, response_id};

/// What can be done with an item without deciding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// Later, or somebody else.
    Skip,
    /// Another person must.
    Escalate,
    /// A person looked, and it cannot be told.
    CannotTell,
    /// One entry of two (double entry): counts when another person's agrees.
    Entry,
}

impl RemarkKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Escalate => "escalate",
            Self::CannotTell => "cannot_tell",
            Self::Entry => "entry",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "skip" => Self::Skip,
            "escalate" => Self::Escalate,
            "entry" => Self::Entry,
            _ => Self::CannotTell,
        }
    }
}

/// A remark as it stands beside an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub response: String,
    pub field: Field,
    pub kind: RemarkKind,
    /// An entry's value as JSON, else empty.
    pub value: String,
    pub note: String,
    pub who: String,
    pub at: i64,
    pub took_ms: Option<i64>,
}

/// An answer of the blind audit: as the machine had it, and as a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub response: String,
    pub field: Field,
    /// The option that was asked about; empty for the whole answer.
    pub option: String,
    pub machine: Seen,
    /// `None`: it could not be told.
    pub person: Option<Seen>,
    pub who: String,
}

impl Store {
    /// Every remark that stands, oldest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn remarks(&self) -> Result<Vec<Remark>, StoreError> {
        self.worker.ask(|db| {
            let all = "SELECT document, page, kind, field, what, value, note, who, at, took_ms
                FROM remark WHERE step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL)
                ORDER BY seq";
            let rows = db.rows(sql(all))?;
            rows.iter().map(|r| remark(db, r)).collect()
        })
    }

    /// Those about one response.
    ///
    /// # Errors
    /// `NoResponse`, or whatever the database says.
    pub fn remarks_on(&self, response: &str) -> Result<Vec<Remark>, StoreError> {
        let response = response.to_owned();
        self.worker.ask(move |db| {
            let (sha256, page) = locate(db, &response)?;
            let own = "SELECT document, page, kind, field, what, value, note, who, at, took_ms
                FROM remark WHERE document = $1 AND page = $2
                AND step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL) ORDER BY seq";
            let rows = db.rows(sql(own).bind(sha256).bind(page))?;
            rows.iter().map(|r| remark(db, r)).collect()
        })
    }

    /// Every answer of the blind audit that stands, oldest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn probes(&self) -> Result<Vec<Probe>, StoreError> {
        self.worker.ask(|db| {
            let all = "SELECT document, page, kind, field, option, machine, person, who
                FROM probe WHERE step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL)
                ORDER BY seq";
            let rows = db.rows(sql(all))?;
            rows.iter().map(|r| probe(db, r)).collect()
        })
    }
}

pub fn add_remark(
    db: &mut Db,
    step: i64,
    who: &str,
    entry: &Entry,
    (sha256, page): (&str, i64),
    (kind, value, note): (RemarkKind, &str, &str),
) -> Result<(), StoreError> {
    let (at, field) = (now(), entry.act.field());
    let row = "INSERT INTO remark
        (step, document, page, kind, field, what, value, note, who, at, took_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    db.run(
        sql(row)
            .bind(step)
            .bind(sha256.to_owned())
            .bind(page)
            .bind(field.kind())
            .bind(field.name().to_owned())
            .bind(kind.word())
            .bind(value.to_owned())
            .bind(note.to_owned())
            .bind(who.to_owned())
            .bind(at)
            .bind(entry.took_ms),
    )?;
    let mut columns: Vec<Option<String>> = [
        &step.to_string(),
        field.kind(),
        field.name(),
        kind.word(),
        value,
        note,
        who,
        &at.to_string(),
    ]
    .iter()
    .map(|v| Some((*v).to_owned()))
    .collect();
    columns.push(entry.took_ms.map(|v| v.to_string()));
    let detail = columns_text(&columns);
    log(db, who, "remark", Some(sha256), Some(page as u32), &detail)
}

pub fn add_probe(
    db: &mut Db,
    step: i64,
    who: &str,
    (sha256, page): (&str, i64),
    field: &Field,
    option: &str,
    (machine, person): (&Seen, Option<&Seen>),
) -> Result<(), StoreError> {
    let at = now();
    let machine = to_json(db.path(), machine)?;
    let person = person.map(|p| to_json(db.path(), p)).transpose()?;
    let row = "INSERT INTO probe
        (step, document, page, kind, field, option, machine, person, who, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    db.run(
        sql(row)
            .bind(step)
            .bind(sha256.to_owned())
            .bind(page)
            .bind(field.kind())
            .bind(field.name().to_owned())
            .bind(option.to_owned())
            .bind(machine.clone())
            .bind(person.clone())
            .bind(who.to_owned())
            .bind(at),
    )?;
    let owned = |v: &str| Some(v.to_owned());
    let columns = [
        Some(step.to_string()),
        owned(field.kind()),
        owned(field.name()),
        owned(option),
        Some(machine),
        person,
        owned(who),
        Some(at.to_string()),
    ];
    log(db, who, "probe", Some(sha256), Some(page as u32), &columns_text(&columns))
}

fn remark(db: &Db, row: &super::AnyRow) -> Result<Remark, StoreError> {
    let path = db.path();
    Ok(Remark {
        response: response_id(&text(path, row, 0)?, number(path, row, 1)? as u32),
        field: Field::new(&text(path, row, 2)?, text(path, row, 3)?),
        kind: RemarkKind::from_word(&text(path, row, 4)?),
        value: text(path, row, 5)?,
        note: text(path, row, 6)?,
        who: text(path, row, 7)?,
        at: number(path, row, 8)?,
        took_ms: maybe_number(path, row, 9)?,
    })
}

fn probe(db: &Db, row: &super::AnyRow) -> Result<Probe, StoreError> {
    let path = db.path();
    let person = maybe(path, row, 6)?.map(|p| json(path, &p)).transpose()?;
    Ok(Probe {
        response: response_id(&text(path, row, 0)?, number(path, row, 1)? as u32),
        field: Field::new(&text(path, row, 2)?, text(path, row, 3)?),
        option: text(path, row, 4)?,
        machine: json(path, &text(path, row, 5)?)?,
        person,
        who: text(path, row, 7)?,
    })
}
