//! Named accounts of the browser side. The store keeps the hash that it is given and knows no password.

use super::worker::sql;
use super::{Store, StoreError, now, ops, schema, text};

/// An account: a name and an argon2 hash in PHC form (empty: closed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub phc: String,
}

impl Store {
    /// Every account, by name.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn people(&self) -> Result<Vec<Person>, StoreError> {
        self.worker.ask(|db| {
            let rows = db.rows(sql("SELECT name, phc FROM person ORDER BY name"))?;
            let path = db.path();
            rows.iter()
                .map(|r| Ok(Person { name: text(path, r, 0)?, phc: text(path, r, 1)? }))
                .collect()
        })
    }

    /// Opens an account, or gives it a new hash; an empty one closes it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn set_person(&self, person: Person) -> Result<(), StoreError> {
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| {
                let closed = person.phc.is_empty();
                let what = if closed { "account closed" } else { "account opened" };
                let row = "INSERT INTO person (name, phc, at) VALUES ($1, $2, $3)
                    ON CONFLICT (name) DO UPDATE SET phc = excluded.phc, at = excluded.at";
                db.run(sql(row).bind(person.name.clone()).bind(person.phc).bind(now()))?;
                ops::log(db, &person.name, what, None, None, "")
            })
        })
    }

    /// A line in the log about a person (signed in, a wrong password).
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn note(&self, who: &str, what: &'static str, detail: &str) -> Result<(), StoreError> {
        let (who, detail) = (who.to_owned(), detail.to_owned());
        self.worker.ask(move |db| {
            db.transaction(schema::BEGIN_WRITE, |db| ops::log(db, &who, what, None, None, &detail))
        })
    }
}
