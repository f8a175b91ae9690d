//! Steps: what one key press commits, all of it or none, and what is undone as one. The rows stay for
//! ever; an undone step only counts no more.

use super::chain::columns_text;
use super::decisions::{By, check, insert, last_decision, latest, locate, machine_value};
use super::ops::log;
use super::remarks::{RemarkKind, add_probe, add_remark};
use super::worker::{Db, sql};
use super::{Store, StoreError, forms, maybe_number, now, number, schema, snapshot, text};
use crate::account::{Decision, Field, Seen, Verdict, response_id};
use crate::form::FormFile;

/// What a person does with an item.
#[derive(Clone, Debug)]
pub enum Act {
    Decide(Verdict),
    Remark { field: Field, kind: RemarkKind, value: String, note: String },
}

impl Act {
    pub fn field(&self) -> Field {
        match self {
            Self::Decide(verdict) => verdict.field(),
            Self::Remark { field, .. } => field.clone(),
        }
    }
}

/// One item of a step.
#[derive(Clone, Debug)]
pub struct Entry {
    pub response: String,
    pub act: Act,
    /// Latest revision of the page that the person had seen.
    pub seen: u32,
    pub took_ms: Option<i64>,
    /// Set for an answer of the blind audit: the option asked about (empty: the whole answer).
    pub probe: Option<String>,
}

/// What became of one item of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Kept,
    /// Another person had decided about it in the meantime; nothing was written.
    Conflict(Decision),
    /// No form can hold it.
    Refused(String),
}

/// A step as it was committed; `None` if nothing of it could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub step: Option<i64>,
    pub outcomes: Vec<Outcome>,
}

/// A step taken back or brought back: the items it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    pub step: i64,
    pub items: Vec<(String, Field)>,
}

impl Store {
    /// Commits a step: what conflicts or cannot be held is left out and told, the rest is durable when
    /// this returns.
    ///
    /// # Errors
    /// `NoResponse`; whatever the database says: then nothing was kept.
    pub fn step(&self, who: &str, entries: Vec<Entry>) -> Result<Done, StoreError> {
        let who = who.to_owned();
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| {
                let forms = forms::files(db)?;
                let seq = next_step(db)?;
                begin(db, seq, &who, None)?;
                let mut outcomes = Vec::with_capacity(entries.len());
                for entry in &entries {
                    outcomes.push(apply(db, seq, &who, entry, &forms)?);
                }
                let kept = outcomes.contains(&Outcome::Kept);
                Ok(Done { step: kept.then_some(seq), outcomes })
            })
        })
    }

    /// Takes back the last step of `who` that stands; `None` if there is none.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn undo(&self, who: &str) -> Result<Option<Undone>, StoreError> {
        let who = who.to_owned();
        self.worker.ask(move |db| db.transaction(schema::BEGIN_WRITE, |db| undo(db, &who)))
    }
}

fn next_step(db: &mut Db) -> Result<i64, StoreError> {
    let row = db.row(sql("SELECT COALESCE(MAX(seq), 0) + 1 FROM step"))?;
    row.map_or(Ok(1), |r| number(db.path(), &r, 0))
}

fn begin(db: &mut Db, seq: i64, who: &str, undoes: Option<i64>) -> Result<(), StoreError> {
    let at = now();
    let row = "INSERT INTO step (seq, at, who, undoes) VALUES ($1, $2, $3, $4)";
    db.run(sql(row).bind(seq).bind(at).bind(who.to_owned()).bind(undoes))?;
    let Some(undoes) = undoes else { return Ok(()) };
    let columns = [seq.to_string(), undoes.to_string(), who.to_owned(), at.to_string()];
    log(db, who, "undo", None, None, &columns_text(&columns.map(Some)))
}

fn apply(
    db: &mut Db,
    step: i64,
    who: &str,
    entry: &Entry,
    forms: &[FormFile],
) -> Result<Outcome, StoreError> {
    let (sha256, page) = locate(db, &entry.response)?;
    let field = entry.act.field();
    if let Some(other) = decided_since(db, (&sha256, page), &field, entry.seen)? {
        return Ok(Outcome::Conflict(other));
    }
    let reading = latest(db, &sha256, page)?;
    match &entry.act {
        Act::Decide(verdict) => {
            match check(db, &entry.response, verdict, reading.as_ref(), forms) {
                Err(StoreError::Decision { problem, .. }) => return Ok(Outcome::Refused(problem)),
                other => other?,
            }
            let (rev, _) = last_decision(db, &sha256, page)?;
            let by = By { who, step: Some(step), took_ms: entry.took_ms };
            insert(db, (&sha256, page, rev + 1), verdict, reading.as_ref(), by)?;
        }
        Act::Remark { kind, value, note, .. } => {
            add_remark(db, step, who, entry, (&sha256, page), (*kind, value, note))?;
        }
    }
    if let Some((option, machine)) =
        entry.probe.as_ref().zip(machine_value(reading.as_ref(), &field))
    {
        let person = match &entry.act {
            Act::Decide(Verdict::Answer { value, .. }) => Some(Seen::Answer(value.clone())),
            Act::Decide(Verdict::Text { value, .. }) => Some(Seen::Text(value.clone())),
            _ => None,
        };
        add_probe(db, step, who, (&sha256, page), &field, option, (&machine, person.as_ref()))?;
    }
    Ok(Outcome::Kept)
}

/// The latest standing decision about a field, if it is younger than what the person had seen.
fn decided_since(
    db: &mut Db,
    (sha256, page): (&str, i64),
    field: &Field,
    seen: u32,
) -> Result<Option<Decision>, StoreError> {
    let find = "SELECT document, page, rev, kind, field, machine, value, who, at FROM decision
        WHERE document = $1 AND page = $2 AND kind = $3 AND field = $4 AND rev > $5
        AND (step IS NULL OR step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL))
        ORDER BY rev DESC LIMIT 1";
    let statement = sql(find)
        .bind(sha256.to_owned())
        .bind(page)
        .bind(field.kind())
        .bind(field.name().to_owned())
        .bind(i64::from(seen));
    db.row(statement)?.map(|row| snapshot::decision(db, &row)).transpose()
}

fn undo(db: &mut Db, who: &str) -> Result<Option<Undone>, StoreError> {
    // A step of which nothing could be kept has no rows, and nothing to take back.
    let last = "SELECT MAX(seq) FROM step s WHERE who = $1 AND undoes IS NULL
        AND NOT EXISTS (SELECT 1 FROM step u WHERE u.undoes = s.seq)
        AND (EXISTS (SELECT 1 FROM decision d WHERE d.step = s.seq)
          OR EXISTS (SELECT 1 FROM remark r WHERE r.step = s.seq))";
    let row = db.row(sql(last).bind(who.to_owned()))?;
    let Some(step) = row.map(|r| maybe_number(db.path(), &r, 0)).transpose()?.flatten() else {
        return Ok(None);
    };
    let seq = next_step(db)?;
    begin(db, seq, who, Some(step))?;
    let rows = "SELECT document, page, kind, field FROM decision WHERE step = $1
        UNION SELECT document, page, kind, field FROM remark WHERE step = $1";
    let path = db.path().to_owned();
    let rows = db.rows(sql(rows).bind(step))?;
    let items = rows.iter().map(|r| {
        let id = response_id(&text(&path, r, 0)?, number(&path, r, 1)? as u32);
        Ok((id, Field::new(&text(&path, r, 2)?, text(&path, r, 3)?)))
    });
    let items = items.collect::<Result<_, StoreError>>()?;
    Ok(Some(Undone { step, items }))
}
