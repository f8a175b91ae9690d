//! The earlier survey's figures: a tally that this program wrote, or the same shape filled in by hand
//! from what was published. What was not published is left out or `null`; nothing is made up for it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::form::QuestionType;
use crate::tally::Percent;

/// Why figures cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum EarlierError {
    #[error("line {line}, column {column}: {message}")]
    Json { line: usize, column: usize, message: String },
    #[error("{place}: no such key {key:?} in a file that was written by hand")]
    UnknownKey { place: String, key: String },
    #[error("{place}: this id stands twice")]
    Twice { place: String },
    #[error("{place}: {problem}")]
    Figure { place: String, problem: String },
}

/// One survey's figures as far as they are known.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Earlier {
    pub survey: EarlierSurvey,
    /// N.
    #[serde(default)]
    pub responses: Option<u64>,
    pub questions: Vec<EarlierQuestion>,
    /// What only a tally by this program has.
    #[serde(flatten)]
    #[schemars(skip)]
    other: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct EarlierSurvey {
    pub id: String,
    #[serde(default)]
    pub title: String,
    /// Where the figures were published, if they were typed from there.
    #[serde(default)]
    pub source: Option<String>,
    /// What wrote the file; hand-written ones have none.
    #[serde(default)]
    pub program: Option<String>,
    #[serde(flatten)]
    #[schemars(skip)]
    other: BTreeMap<String, Value>,
}

/// One question's figures.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct EarlierQuestion {
    pub id: String,
    #[serde(rename = "type", default)]
    pub kind: Option<QuestionType>,
    #[serde(default)]
    pub label: Option<String>,
    /// Of how many the percentages were taken; absent: not published.
    #[serde(default)]
    pub base: Option<u64>,
    /// Of whom, in the words of a tally: `all responses`, `responses without q6=none (blank q6
    /// included)`, `responses with q1=yes`, or any other that was published; absent: not published.
    #[serde(default)]
    pub base_rule: Option<String>,
    #[serde(default)]
    pub options: Vec<EarlierOption>,
    #[serde(default)]
    pub no_answer: Option<EarlierShare>,
    /// Of a number field.
    #[serde(default)]
    pub sum: Option<u64>,
    #[serde(default)]
    pub lower_bound: bool,
    #[serde(default)]
    pub pending: u64,
    #[serde(flatten)]
    #[schemars(skip)]
    other: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct EarlierOption {
    pub id: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub count: Option<u64>,
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub percent: Option<Percent>,
    #[serde(flatten)]
    #[schemars(skip)]
    other: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct EarlierShare {
    #[serde(default)]
    pub count: Option<u64>,
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub percent: Option<Percent>,
}

impl Earlier {
    /// Reads and checks the file's text.
    ///
    /// # Errors
    /// The first thing found wrong, with its place.
    pub fn parse(json: &[u8]) -> Result<Self, EarlierError> {
        let earlier: Self = serde_json::from_slice(json).map_err(|e| EarlierError::Json {
            line: e.line(),
            column: e.column(),
            message: e.to_string(),
        })?;
        // A tally's further keys are its own business; in a hand-written file one is a slip of the pen
        // that would leave a figure out unseen.
        if earlier.survey.program.is_none() {
            earlier.no_other_keys()?;
        }
        earlier.check()?;
        Ok(earlier)
    }

    pub fn question(&self, id: &str) -> Option<&EarlierQuestion> {
        self.questions.iter().find(|q| q.id == id)
    }

    fn no_other_keys(&self) -> Result<(), EarlierError> {
        let none = |place: String, other: &BTreeMap<String, Value>| match other.keys().next() {
            // Where editors find the schema.
            Some(key) if key != "$schema" => {
                Err(EarlierError::UnknownKey { place, key: key.clone() })
            }
            _ => Ok(()),
        };
        none("the file".into(), &self.other)?;
        none("survey".into(), &self.survey.other)?;
        for q in &self.questions {
            none(q.id.clone(), &q.other)?;
            q.options.iter().try_for_each(|o| none(format!("{}.{}", q.id, o.id), &o.other))?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), EarlierError> {
        let mut seen = BTreeSet::new();
        for q in &self.questions {
            if !seen.insert(q.id.clone()) {
                return Err(EarlierError::Twice { place: q.id.clone() });
            }
            q.check(self.responses)?;
            for o in &q.options {
                if !seen.insert(format!("{}.{}", q.id, o.id)) {
                    return Err(EarlierError::Twice { place: format!("{}.{}", q.id, o.id) });
                }
            }
        }
        Ok(())
    }
}

impl EarlierQuestion {
    fn check(&self, responses: Option<u64>) -> Result<(), EarlierError> {
        let wrong = |place: &str, problem: String| {
            Err(EarlierError::Figure { place: place.to_owned(), problem })
        };
        if let (Some(base), Some(n)) = (self.base, responses)
            && base > n
        {
            return wrong(&self.id, format!("a base of {base} is more than all {n} responses"));
        }
        let most = self.base.or(responses);
        let blank = self.no_answer.map(|s| ("na", s.count, s.percent));
        let options = self.options.iter().map(|o| (o.id.as_str(), o.count, o.percent));
        for (id, count, percent) in options.chain(blank) {
            let place = format!("{}.{id}", self.id);
            if let (Some(count), Some(most)) = (count, most)
                && count > most
            {
                return wrong(&place, format!("{count} of a base of {most}"));
            }
            if let Some(p) = percent.filter(|p| p.tenths() > 1000) {
                return wrong(&place, format!("{p} % is more than all"));
            }
        }
        Ok(())
    }

    pub fn option(&self, id: &str) -> Option<EarlierOption> {
        if id == "na" {
            let share = self.no_answer?;
            return Some(EarlierOption {
                id: "na".to_owned(),
                label: None,
                count: share.count,
                percent: share.percent,
                other: BTreeMap::new(),
            });
        }
        self.options.iter().find(|o| o.id == id).cloned()
    }
}

/// The schema published as `forms/earlier.schema.json`, pretty-printed.
///
/// # Panics
/// Never: a schema is plain JSON.
pub fn earlier_schema() -> String {
    let schema = schemars::schema_for!(Earlier);
    serde_json::to_string_pretty(&schema).expect("plain JSON") + "\n"
}
