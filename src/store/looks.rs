//! What the browser side looks up between decisions: one page as it stands, who decided what and how
//! fast, and whether another program has written.

use super::decisions::{last_decision, latest, locate};
use super::worker::{Db, sql};
use super::{Store, StoreError, json, maybe, maybe_number, number, schema, snapshot, text};
use crate::account::{Decision, Page, PageState, PageVerdict, response_id};
use crate::reading::BoxReading;

impl Store {
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

    /// Pages of which people have said, and say still, that they are no response.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn set_aside_by_people(&self) -> Result<u64, StoreError> {
        self.worker.ask(|db| {
            let latest = "SELECT value FROM decision d WHERE kind = 'page' AND rev =
                (SELECT MAX(rev) FROM decision o WHERE o.document = d.document AND o.page = d.page
                AND o.kind = 'page' AND (o.step IS NULL OR o.step NOT IN
                (SELECT undoes FROM step WHERE undoes IS NOT NULL)))";
            let path = db.path().to_owned();
            let mut seen = 0;
            for row in db.rows(sql(latest))? {
                let said: PageVerdict = json(&path, &text(&path, &row, 0)?)?;
                seen += u64::from(said == PageVerdict::SetAside);
            }
            Ok(seen)
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

    /// The boxes of the latest readings of these responses' pages; those without a reading are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn boxes(
        &self,
        responses: Vec<String>,
    ) -> Result<Vec<(String, Vec<BoxReading>)>, StoreError> {
        self.worker.ask(move |db| {
            let mut out = Vec::with_capacity(responses.len());
            for response in responses {
                let find = "SELECT r.boxes FROM page p
                    JOIN reading r ON r.document = p.document AND r.page = p.no
                    WHERE p.response = $1 ORDER BY r.rev DESC LIMIT 1";
                let Some(row) = db.row(sql(find).bind(response.clone()))? else { continue };
                out.push((response, json(db.path(), &text(db.path(), &row, 0)?)?));
            }
            Ok(out)
        })
    }
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
