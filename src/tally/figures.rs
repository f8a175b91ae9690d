//! The figures as they are published: types whose fields stand in the contract's order of keys.

use serde::Serialize;

use super::{AuditFigure, Note, Percent};
use crate::form::QuestionType;

/// The figures of one survey, in the contract's order of keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tally {
    pub survey: SurveyHead,
    pub status: Status,
    /// Only what had arrived by the end of this day; absent: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    pub sent: Option<u64>,
    /// N: counted responses.
    pub responses: u64,
    pub response_rate: Option<Percent>,
    pub pages: PageCounts,
    pub questions: Vec<Figure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What the blind audit says of silent errors; left out where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditFigure>,
}

/// What was tallied, by which forms and programs: enough to repeat it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SurveyHead {
    pub id: String,
    pub title: String,
    pub forms: Vec<FormHead>,
    pub program: String,
    pub reader: String,
}

/// A form and the hash its readings are bound to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FormHead {
    pub id: String,
    pub sha256: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Interim,
    Final,
}

/// Pages by status; their sum is every page of every input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PageCounts {
    pub counted: u64,
    pub duplicate: u64,
    pub set_aside: u64,
    pub refused: u64,
    pub pending: u64,
}

/// One question's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    Choice(ChoiceFigure),
    Number(NumberFigure),
    Text(TextFigure),
}

/// `select_one` and `select_multiple`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceFigure {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    pub label: String,
    pub base: u64,
    pub base_rule: String,
    pub options: Vec<OptionFigure>,
    pub no_answer: Share,
    /// Answers that can still join the base.
    pub pending: u64,
    /// Of the answers in the base, those that a person gave their value.
    pub decided_by_people: u64,
    /// Options counted together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nets: Vec<NetFigure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// Several options as one: a response that chose two of them is counted once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetFigure {
    pub id: String,
    pub label: String,
    pub count: u64,
    pub percent: Option<Percent>,
    /// Of `count`, those who gave no answer (a net of those *without* some options has them).
    pub no_answer: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionFigure {
    pub id: String,
    pub label: String,
    pub count: u64,
    /// `null` on an empty base.
    pub percent: Option<Percent>,
    /// Pending answers whose best guess has this option or whose reasons name it.
    pub pending: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    pub count: u64,
    pub percent: Option<Percent>,
}

/// `integer`: a sum over those who wrote a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberFigure {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// Those who were to write one: who chose the option it belongs to.
    pub base: u64,
    pub sum: u64,
    /// Numbers in `sum`.
    pub filled: u64,
    /// Published as "at least": not everybody in the base wrote one.
    pub lower_bound: bool,
    pub pending: u64,
}

/// `text`: no figure depends on it but how many wrote something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextFigure {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    pub base: u64,
    pub filled: u64,
    pub pending: u64,
}

impl Figure {
    pub fn id(&self) -> &str {
        match self {
            Self::Choice(f) => &f.id,
            Self::Number(f) => &f.id,
            Self::Text(f) => &f.id,
        }
    }

    pub fn pending(&self) -> u64 {
        match self {
            Self::Choice(f) => f.pending,
            Self::Number(f) => f.pending,
            Self::Text(f) => f.pending,
        }
    }
}

impl Tally {
    /// What people still have to decide before a figure can be published: pending pages, and
    /// pending answers of choices and numbers. Free text is left out: no figure depends on it.
    pub fn unreviewed(&self) -> u64 {
        let answers = self.questions.iter().filter(|f| !matches!(f, Figure::Text(_)));
        self.pages.pending + answers.map(Figure::pending).sum::<u64>()
    }

    /// Pretty-printed, with a line feed at the end.
    ///
    /// # Errors
    /// None that a tally can cause; passed on from the serialiser.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}
