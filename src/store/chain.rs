//! The log as a hash chain: every line carries SHA-256 over the line before and itself, so that none can
//! be changed, left out or put in between without all later ones telling. What a line says of a decision
//! is compared with the decision itself.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::worker::{Db, sql};
use super::{AnyRow, Store, StoreError, maybe, maybe_number, number, schema, text};
use crate::account::document_hash;

/// What `audit verify` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Lines of the log.
    pub lines: u64,
    /// Of them, those before the chain began (a survey of a former version); sealed by its first line.
    pub before: u64,
    /// Hash of the last line: who notes it down can later prove that nothing was cut off.
    pub head: String,
    /// Decisions, remarks, probes and undone steps that were compared with their lines.
    pub rows: u64,
    /// Numbers of lines that do not follow from the line before.
    pub broken: Vec<u64>,
    /// Rows without a line of their own.
    pub unlogged: Vec<String>,
}

impl Proof {
    pub fn is_whole(&self) -> bool {
        self.broken.is_empty() && self.unlogged.is_empty()
    }
}

/// One line as the chain sees it.
pub struct Line<'a> {
    pub at: i64,
    pub who: &'a str,
    pub what: &'a str,
    pub document: Option<&'a str>,
    pub page: Option<i64>,
    pub detail: &'a str,
}

impl Line<'_> {
    fn seal(&self, before: &str) -> String {
        // JSON keeps the parts apart, whatever they contain.
        let parts = serde_json::json!([
            before,
            self.at,
            self.who,
            self.what,
            self.document,
            self.page,
            self.detail
        ]);
        document_hash(parts.to_string().as_bytes())
    }
}

/// Adds a line; the caller holds the write lock.
pub fn append(db: &mut Db, line: &Line) -> Result<(), StoreError> {
    let last = db.row(sql("SELECT chain FROM log ORDER BY seq DESC LIMIT 1"))?;
    let before = match &last {
        None => String::new(),
        Some(row) => match maybe(db.path(), row, 0)? {
            Some(chain) => chain,
            None => unchained(db)?,
        },
    };
    let chain = line.seal(&before);
    let insert = "INSERT INTO log (at, who, what, document, page, detail, chain)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let statement = sql(insert)
        .bind(line.at)
        .bind(line.who.to_owned())
        .bind(line.what.to_owned())
        .bind(line.document.map(str::to_owned))
        .bind(line.page)
        .bind(line.detail.to_owned())
        .bind(chain);
    db.run(statement).map(|_| ())
}

const ALL: &str = "SELECT at, who, what, document, page, detail, chain FROM log ORDER BY seq";

/// The seal of all lines of a store whose version knew no chain yet.
fn unchained(db: &mut Db) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    for row in db.rows(sql(ALL))? {
        hash.update(with_line(db, &row, |line| line.seal(""))?);
    }
    Ok(document_hash(&hash.finalize()))
}

fn with_line<T>(db: &Db, row: &AnyRow, f: impl FnOnce(&Line) -> T) -> Result<T, StoreError> {
    let path = db.path();
    let (who, what, detail) = (text(path, row, 1)?, text(path, row, 2)?, text(path, row, 5)?);
    let document = maybe(path, row, 3)?;
    let page = maybe_number(path, row, 4)?;
    Ok(f(&Line {
        at: number(path, row, 0)?,
        who: &who,
        what: &what,
        document: document.as_deref(),
        page,
        detail: &detail,
    }))
}

impl Store {
    /// Goes through the whole log and compares it with what people did.
    ///
    /// # Errors
    /// Whatever the database says; what is found wrong is in the result.
    pub fn prove(&self) -> Result<Proof, StoreError> {
        self.worker.ask(|db| db.transaction(schema::BEGIN_READ, prove))
    }

    /// Whether a line with this hash is in the log: what was noted down once is still there.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn has_line(&self, chain: &str) -> Result<bool, StoreError> {
        let chain = chain.to_owned();
        self.worker.ask(move |db| {
            let row = db.row(sql("SELECT at FROM log WHERE chain = $1").bind(chain))?;
            Ok(row.is_some())
        })
    }
}

fn prove(db: &mut Db) -> Result<Proof, StoreError> {
    let mut proof = Proof::default();
    let mut said = BTreeSet::new();
    let mut early = Sha256::new();
    for row in db.rows(sql(ALL))? {
        proof.lines += 1;
        let chain = maybe(db.path(), &row, 6)?;
        said.insert(with_line(db, &row, |l| {
            (l.what.to_owned(), l.document.map(str::to_owned), l.page, l.detail.to_owned())
        })?);
        match chain {
            None if proof.head.is_empty() => {
                proof.before += 1;
                early.update(with_line(db, &row, |l| l.seal(""))?);
            }
            None => proof.broken.push(proof.lines),
            Some(chain) => {
                let first = proof.head.is_empty() && proof.before > 0;
                let sealed = first.then(|| document_hash(&early.clone().finalize()));
                let before = sealed.unwrap_or_else(|| proof.head.clone());
                if with_line(db, &row, |l| l.seal(&before))? != chain {
                    proof.broken.push(proof.lines);
                }
                proof.head = chain;
            }
        }
    }
    for (what, query) in TABLES {
        for row in db.rows(sql(query))? {
            proof.rows += 1;
            let (document, page, detail, former) = told(db, &row)?;
            let line = |detail: &str| (what.to_owned(), document.clone(), page, detail.to_owned());
            if !said.contains(&line(&detail)) && !said.contains(&line(&former)) {
                proof.unlogged.push(format!("{what} {detail}"));
            }
        }
    }
    Ok(proof)
}

/// (what its line says, its columns): document, page, then all others as text in the order of the line,
/// and last the line of a former version.
const TABLES: [(&str, &str); 4] = [
    (
        "decide",
        "SELECT document, page, CAST(rev AS TEXT), kind, field, machine, value, who, CAST(at AS TEXT),
         CAST(step AS TEXT), CAST(took_ms AS TEXT), kind || ' ' || field || ' = ' || value FROM decision",
    ),
    (
        "remark",
        "SELECT document, page, CAST(step AS TEXT), kind, field, what, value, note, who,
         CAST(at AS TEXT), CAST(took_ms AS TEXT), '-' FROM remark",
    ),
    (
        "probe",
        "SELECT document, page, CAST(step AS TEXT), kind, field, option, machine, person, who,
         CAST(at AS TEXT), NULL, '-' FROM probe",
    ),
    (
        "undo",
        "SELECT NULL, NULL, CAST(seq AS TEXT), CAST(undoes AS TEXT), who, CAST(at AS TEXT), NULL,
         NULL, NULL, NULL, NULL, '-' FROM step WHERE undoes IS NOT NULL",
    ),
];

type Told = (Option<String>, Option<i64>, String, String);

fn told(db: &Db, row: &AnyRow) -> Result<Told, StoreError> {
    let path = db.path();
    let document = maybe(path, row, 0)?;
    let page = maybe_number(path, row, 1)?;
    let columns = (2..11).map(|i| maybe(path, row, i)).collect::<Result<Vec<_>, _>>()?;
    Ok((document, page, columns_text(&columns), text(path, row, 11)?))
}

/// A row's columns as its line has them; missing ones at the end are left out.
pub fn columns_text(columns: &[Option<String>]) -> String {
    let used = columns.iter().rposition(Option::is_some).map_or(0, |i| i + 1);
    serde_json::json!(columns[..used]).to_string()
}
