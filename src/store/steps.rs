//! Steps: what one key press commits, all of it or none, and what is undone as one. The rows stay for
//! ever; an undone step only counts no more.

use super::chain::columns_text;
use super::decisions::{By, check, insert, last_decision, latest, locate, machine_value};
use super::ops::log;
use super::worker::{Db, sql};
use super::{
    Store, StoreError, forms, json, maybe, maybe_number, now, number, schema, snapshot, text,
    to_json,
};
use crate::account::{Decision, Field, Page, PageState, Seen, Verdict, response_id};
use crate::form::FormFile;

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
    fn word(self) -> &'static str {
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

    /// The page of a response as the fold needs it, and its latest revision. Decisions that were undone
    /// are not in it.
    ///
    /// # Errors
    /// `NoResponse`; whatever the database says.
    pub fn page_now(&self, response: &str) -> Result<(Page, u32), StoreError> {
        let response = response.to_owned();
        self.worker.ask(move |db| db.transaction(schema::BEGIN_READ, |db| page_now(db, &response)))
    }

    /// What decided the latest reading of a response's page (forms, program, policy).
    ///
    /// # Errors
    /// `NoResponse`; whatever the database says.
    pub fn page_reader(&self, response: &str) -> Result<String, StoreError> {
        let response = response.to_owned();
        self.worker.ask(move |db| {
            let (sha256, no) = locate(db, &response)?;
            let find = "SELECT reader FROM page WHERE document = $1 AND no = $2";
            let row = db.row(sql(find).bind(sha256).bind(no))?;
            row.map_or(Ok(String::new()), |r| text(db.path(), &r, 0))
        })
    }

    /// Latest revision of every page that people decided about.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn revisions(&self) -> Result<Vec<(String, u32)>, StoreError> {
        self.worker.ask(|db| {
            let all = "SELECT document, page, MAX(rev) FROM decision GROUP BY document, page";
            let path = db.path().to_owned();
            let rows = db.rows(sql(all))?;
            rows.iter()
                .map(|r| {
                    let id = response_id(&text(&path, r, 0)?, number(&path, r, 1)? as u32);
                    Ok((id, number(&path, r, 2)? as u32))
                })
                .collect()
        })
    }

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

    /// Standing decisions of the browser side: (response, decision, milliseconds it took).
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn timed_decisions(&self) -> Result<Vec<(String, Decision, Option<i64>)>, StoreError> {
        self.worker.ask(|db| {
            let all = "SELECT document, page, rev, kind, field, machine, value, who, at, took_ms
                FROM decision WHERE step IS NOT NULL
                AND step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL)
                ORDER BY at, document, page, rev";
            let path = db.path().to_owned();
            let rows = db.rows(sql(all))?;
            rows.iter()
                .map(|r| {
                    let id = response_id(&text(&path, r, 0)?, number(&path, r, 1)? as u32);
                    Ok((id, snapshot::decision(db, r)?, maybe_number(&path, r, 9)?))
                })
                .collect()
        })
    }

    /// Grows when another program has written to the survey since the last call.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn changed_elsewhere(&self) -> Result<i64, StoreError> {
        // Differs only after commits of other connections (sqlite.org/pragma.html#pragma_data_version).
        self.worker.ask(|db| {
            let row = db.row(sql("PRAGMA data_version"))?;
            row.map_or(Ok(0), |r| number(db.path(), &r, 0))
        })
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

fn add_remark(
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

fn add_probe(
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

fn page_now(db: &mut Db, response: &str) -> Result<(Page, u32), StoreError> {
    let (sha256, no) = locate(db, response)?;
    let find = "SELECT state, why FROM page WHERE document = $1 AND no = $2";
    let row = db.row(sql(find).bind(sha256.clone()).bind(no))?;
    let mut page = Page { reading: latest(db, &sha256, no)?, ..Page::default() };
    if let Some(row) = row {
        page.state = PageState::from_word(&text(db.path(), &row, 0)?);
        let why = maybe(db.path(), &row, 1)?;
        page.reason = why.map(|why| json(db.path(), &why)).transpose()?;
    }
    let all = "SELECT document, page, rev, kind, field, machine, value, who, at FROM decision
        WHERE document = $1 AND page = $2
        AND (step IS NULL OR step NOT IN (SELECT undoes FROM step WHERE undoes IS NOT NULL))
        ORDER BY rev";
    for row in db.rows(sql(all).bind(sha256.clone()).bind(no))? {
        let decision = snapshot::decision(db, &row)?;
        page.decisions.push(decision);
    }
    let (rev, _) = last_decision(db, &sha256, no)?;
    Ok((page, rev))
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
