//! `form.json` as it is written: serde types whose unknown keys are errors, and the published
//! JSON Schema made from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Mm, Rect};

/// One survey's page: what it looks like, in millimetres from its top left corner, and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawForm {
    /// Where editors find the schema; not read.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// 1.
    pub schema_version: u32,
    /// ASCII, stable, unique among the forms of a survey.
    pub id: String,
    /// The logical survey; its forms are layouts of the same questions.
    pub survey: String,
    pub title: Localized,
    pub page: RawPage,
    pub questions: Vec<RawQuestion>,
}

/// The sheet of paper and the picture of it without answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPage {
    pub width: Mm,
    pub height: Mm,
    /// A PNG of the whole sheet beside `form.json`, at least 200 dots per inch.
    pub blank: String,
}

/// One text in both languages; either may stand for the other when only one is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    pub ja: String,
    pub en: String,
}

/// `XLSForm`'s words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionType {
    SelectOne,
    SelectMultiple,
    Integer,
    Text,
}

impl QuestionType {
    pub fn is_choice(self) -> bool {
        matches!(self, Self::SelectOne | Self::SelectMultiple)
    }
}

/// One question. Choices have `options`, written fields have a `box`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawQuestion {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    pub label: Localized,
    /// Where people write (`integer`, `text`).
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Rect<Mm>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<RawOption>,
    /// Of whom the percentages are taken; all responses if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Condition>,
    /// Who is meant to answer it (`XLSForm` `relevant`); for people, the tally goes by `base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<Condition>,
    /// `question.option` whose number this is (`integer`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of: Option<String>,
    /// Smallest and largest number that can be meant (`integer`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[i64; 2]>,
    /// The sum is published as "at least": not everybody wrote a number (`integer`).
    #[serde(default)]
    pub lower_bound: bool,
    /// A named list of the only texts that can be meant: `prefectures` (`text`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lexicon: Option<String>,
    /// The same as a list of its own: one entry a line, other spellings of it after tabs (`text`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<String>,
}

impl RawQuestion {
    /// Is it answered from a list?
    pub fn is_listed(&self) -> bool {
        self.lexicon.is_some() || !self.entries.is_empty()
    }
}

/// Those who chose (or did not choose) any of some options of another question. Exactly one of
/// `with`, `without` and `answered` is given. Blanks of that question fulfil `without`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub question: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    #[serde(default)]
    pub answered: bool,
}

/// One checkbox and its label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOption {
    pub id: String,
    pub label: Localized,
    /// The printed box (or oval), outline included.
    #[serde(rename = "box")]
    pub place: Rect<Mm>,
    /// The printed label: people circle it, and ticks overshoot into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_box: Option<Rect<Mm>>,
    /// Cannot stand together with any other option.
    #[serde(default)]
    pub exclusive: bool,
    /// The option of the same question that this one refines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The written field that says more ("other (...)").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_text: Option<String>,
}

/// The schema published as `forms/form.schema.json`, pretty-printed.
///
/// # Panics
/// Never: a schema is plain JSON.
pub fn json_schema() -> String {
    let mut text =
        serde_json::to_string_pretty(&schemars::schema_for!(RawForm)).expect("plain JSON");
    text.push('\n');
    text
}
