//! What of this survey is set against what of the earlier one. People write it down once; nothing is
//! guessed from likeness.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Earlier;
use crate::form::Localized;
use crate::tally::{ChoiceFigure, Figure, Tally};

/// Why a mapping cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    #[error("line {line}, column {column}: {message}")]
    Json { line: usize, column: usize, message: String },
    #[error("schema_version {found}, this program reads 1")]
    Version { found: u32 },
    #[error("is for survey {given}, not {here}")]
    OtherSurvey { given: String, here: String },
    #[error("{place}: no {what} {id:?} in survey {survey}")]
    Unknown { place: String, what: &'static str, id: String, survey: String },
    #[error("{place}: {problem}")]
    Wrong { place: String, problem: &'static str },
}

/// Pairs of questions and options.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where editors find the schema; not read.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// 1.
    pub schema_version: u32,
    /// This survey's id.
    pub this: String,
    /// The earlier survey's id.
    pub earlier: String,
    pub questions: Vec<MappedQuestion>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedQuestion {
    pub id: String,
    /// The earlier survey's question.
    pub earlier: String,
    #[serde(default)]
    pub rebase: Rebase,
    /// For choices: what is set against what, in the order of the table.
    #[serde(default)]
    pub options: Vec<MappedOption>,
    /// Printed beside the table.
    #[serde(default)]
    pub remark: Option<Localized>,
}

/// Of whom the shares of a comparison are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rebase {
    /// As either survey published them.
    #[default]
    AsPublished,
    /// All responses, on both sides.
    AllResponses,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedOption {
    /// This survey's option; `na` for no answer.
    pub id: String,
    /// The earlier survey's option, with `question.` before it if it is another question's; `null`: it
    /// was not asked.
    #[serde(default)]
    pub earlier: Option<String>,
    /// People have seen that the two mean the same although they are not worded alike.
    #[serde(default)]
    pub same_meaning: bool,
    /// Printed beside the row.
    #[serde(default)]
    pub remark: Option<Localized>,
}

impl MappedOption {
    /// (question, option) of the earlier survey.
    pub fn target<'a>(&'a self, question: &'a str) -> Option<(&'a str, &'a str)> {
        let path = self.earlier.as_deref()?;
        Some(path.split_once('.').unwrap_or((question, path)))
    }
}

impl Mapping {
    /// Reads a mapping's text; [`Self::check`] tells whether it fits two surveys.
    ///
    /// # Errors
    /// `Json`, `Version`.
    pub fn parse(json: &[u8]) -> Result<Self, MappingError> {
        let mapping: Self = serde_json::from_slice(json).map_err(|e| MappingError::Json {
            line: e.line(),
            column: e.column(),
            message: e.to_string(),
        })?;
        match mapping.schema_version {
            1 => Ok(mapping),
            found => Err(MappingError::Version { found }),
        }
    }

    /// Whatever has the same id on both sides, with every option of this survey: for two rounds of one
    /// questionnaire.
    pub fn same_ids(tally: &Tally, earlier: &Earlier) -> Self {
        let option = |q: &ChoiceFigure, id: &str| MappedOption {
            id: id.to_owned(),
            earlier: earlier.question(&q.id).and_then(|e| e.option(id)).map(|o| o.id),
            same_meaning: false,
            remark: None,
        };
        let options = |f: &Figure| match f {
            Figure::Choice(q) => {
                let ids = q.options.iter().map(|o| o.id.as_str());
                let known =
                    |id: &&str| earlier.question(&q.id).and_then(|e| e.option(id)).is_some();
                let blank = Some("na").filter(known);
                ids.chain(blank).map(|id| option(q, id)).collect()
            }
            _ => Vec::new(),
        };
        let shared = |f: &&Figure| {
            let then = earlier.question(f.id());
            then.is_some_and(|e| match f {
                Figure::Choice(_) => !e.options.is_empty(),
                Figure::Number(_) => e.sum.is_some(),
                Figure::Text(_) => false,
            })
        };
        let question = |f: &Figure| MappedQuestion {
            id: f.id().to_owned(),
            earlier: f.id().to_owned(),
            rebase: Rebase::AsPublished,
            options: options(f),
            remark: None,
        };
        Self {
            schema: None,
            schema_version: 1,
            this: tally.survey.id.clone(),
            earlier: earlier.survey.id.clone(),
            questions: tally.questions.iter().filter(shared).map(question).collect(),
        }
    }

    /// Whether everything it names is there, on both sides.
    ///
    /// # Errors
    /// `OtherSurvey`, `Unknown`, `Wrong`, with the place.
    pub fn check(&self, tally: &Tally, earlier: &Earlier) -> Result<(), MappingError> {
        for (given, here) in [(&self.this, &tally.survey.id), (&self.earlier, &earlier.survey.id)] {
            if given != here {
                let (given, here) = (given.clone(), here.clone());
                return Err(MappingError::OtherSurvey { given, here });
            }
        }
        let mut seen = BTreeSet::new();
        for (i, q) in self.questions.iter().enumerate() {
            let place = format!("questions[{i}] ({})", q.id);
            if !seen.insert(&q.id) {
                return Err(MappingError::Wrong { place, problem: "this id stands twice" });
            }
            let unknown = |id: &str, survey: &str| MappingError::Unknown {
                place: place.clone(),
                what: "question",
                id: id.to_owned(),
                survey: survey.to_owned(),
            };
            let figure = tally.questions.iter().find(|f| f.id() == q.id);
            let figure = figure.ok_or_else(|| unknown(&q.id, &self.this))?;
            earlier.question(&q.earlier).ok_or_else(|| unknown(&q.earlier, &self.earlier))?;
            self.check_options(q, figure, earlier, &place)?;
        }
        Ok(())
    }

    fn check_options(
        &self,
        q: &MappedQuestion,
        figure: &Figure,
        earlier: &Earlier,
        place: &str,
    ) -> Result<(), MappingError> {
        let choice = match figure {
            Figure::Choice(f) => Some(f),
            Figure::Number(_) => None,
            Figure::Text(_) => {
                let problem = "free text has no figures to compare";
                return Err(MappingError::Wrong { place: place.to_owned(), problem });
            }
        };
        let mut seen = BTreeSet::new();
        for (i, o) in q.options.iter().enumerate() {
            let place = format!("{place}.options[{i}] ({})", o.id);
            let unknown = |id: &str, survey: &str| MappingError::Unknown {
                place: place.clone(),
                what: "option",
                id: id.to_owned(),
                survey: survey.to_owned(),
            };
            let known = |f: &&ChoiceFigure| f.options.iter().any(|x| x.id == o.id) || o.id == "na";
            choice.filter(known).ok_or_else(|| unknown(&o.id, &self.this))?;
            if !seen.insert(&o.id) {
                return Err(MappingError::Wrong { place, problem: "this id stands twice" });
            }
            if let Some((question, option)) = o.target(&q.earlier) {
                let found = earlier.question(question).and_then(|e| e.option(option));
                found.ok_or_else(|| unknown(&format!("{question}.{option}"), &self.earlier))?;
            }
        }
        Ok(())
    }

    /// The earlier (question, option) that stands for one of this survey.
    pub fn find(&self, question: &str, option: &str) -> Option<(&str, &str)> {
        let q = self.questions.iter().find(|q| q.id == question)?;
        q.options.iter().find(|o| o.id == option)?.target(&q.earlier)
    }
}

/// The schema published as `forms/mapping.schema.json`, pretty-printed.
///
/// # Panics
/// Never: a schema is plain JSON.
pub fn mapping_schema() -> String {
    let schema = schemars::schema_for!(Mapping);
    serde_json::to_string_pretty(&schema).expect("plain JSON") + "\n"
}
