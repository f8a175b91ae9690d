//! The steps of quotes, as they were taken. Whether a step may be taken is `quotes::admit`'s to say; here
//! only two people at once are kept apart.

use super::ops::log;
use super::worker::sql;
use super::{Store, StoreError, json, now, number, schema, text, to_json};
use crate::account::{Act, Step};

impl Store {
    /// Every step of every quote, oldest first.
    ///
    /// # Errors
    /// `Damaged` if a stored value is not what this version writes; whatever the database says.
    pub fn quote_steps(&self) -> Result<Vec<Step>, StoreError> {
        self.worker.ask(|db| {
            let all = "SELECT response, field, rev, body, who, at FROM quote
                ORDER BY response, field, rev";
            let rows = db.rows(sql(all))?;
            let path = db.path();
            let step = |row| {
                Ok(Step {
                    response: text(path, row, 0)?,
                    field: text(path, row, 1)?,
                    rev: number(path, row, 2)? as u32,
                    act: json(path, &text(path, row, 3)?)?,
                    who: text(path, row, 4)?,
                    at: number(path, row, 5)?,
                })
            };
            rows.iter().map(step).collect()
        })
    }

    /// Records one step. `seen` is the number of steps that the person had before them.
    ///
    /// # Errors
    /// `Conflict` if somebody was faster; whatever the database says.
    pub fn add_quote_step(
        &self,
        (response, field): (&str, &str),
        act: &Act,
        who: &str,
        seen: u32,
    ) -> Result<(), StoreError> {
        let (response, field, who) = (response.to_owned(), field.to_owned(), who.to_owned());
        let act = act.clone();
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| {
                let last = "SELECT rev, who FROM quote WHERE response = $1 AND field = $2
                    ORDER BY rev DESC LIMIT 1";
                let row = db.row(sql(last).bind(response.clone()).bind(field.clone()))?;
                let (rev, by) = match &row {
                    Some(r) => (number(db.path(), r, 0)?, text(db.path(), r, 1)?),
                    None => (0, String::new()),
                };
                if rev != i64::from(seen) {
                    return Err(StoreError::Conflict { response, who: by, rev: rev as u32 });
                }
                let body = to_json(db.path(), &act)?;
                let insert = "INSERT INTO quote (response, field, rev, body, who, at)
                    VALUES ($1, $2, $3, $4, $5, $6)";
                let detail = format!("{response} {field} {body}");
                let row = sql(insert).bind(response).bind(field).bind(rev + 1);
                db.run(row.bind(body).bind(who.clone()).bind(now()))?;
                log(db, &who, "quote", None, None, &detail)
            })
        })
    }
}
