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
    /// Questions whose answers stand beside a quote: the prefecture, the kind of facility.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quote_by: Vec<String>,
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

/// For whom figures are written down. The ids of questions and options are the same in all of them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// In the words of the form itself.
    #[default]
    Form,
    /// Charts and their captions: short labels.
    Slides,
    /// The press text.
    Press,
}

/// Labels of one output where they differ from the form's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slides: Option<Localized>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub press: Option<Localized>,
}

impl Labels {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn of(&self, output: Output) -> Option<&Localized> {
        match output {
            Output::Form => None,
            Output::Slides => self.slides.as_ref(),
            Output::Press => self.press.as_ref(),
        }
    }
}

/// Several options of one question counted as one: a response that chose two of them counts once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNet {
    /// ASCII; no option of the question has it.
    pub id: String,
    pub label: Localized,
    /// Those in the base who chose any of these. Exactly one of `with` and `without` is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Those in the base who chose none of these; blanks among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
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

    /// As files have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::SelectOne => "select_one",
            Self::SelectMultiple => "select_multiple",
            Self::Integer => "integer",
            Self::Text => "text",
        }
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
    /// Labels of other outputs where they differ.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Where people write (`integer`, `text`).
    #[serde(rename = "box", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Rect<Mm>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<RawOption>,
    /// Of whom the percentages are taken; all responses if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Condition>,
    /// Percentages are of those who answered this question at all: blanks leave its base.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered_only: bool,
    /// Outputs whose tables have no row for no answer; a note says so there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hide_no_answer: Vec<Output>,
    /// Options counted together, after the options themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nets: Vec<RawNet>,
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
    /// How its entries may end, printed beside the field to be circled: 都, 道, 府, 県 (a `text` with a
    /// list). The end that is circled must be that of what is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endings: Vec<RawEnding>,
}

impl RawQuestion {
    /// Is it answered from a list?
    pub fn is_listed(&self) -> bool {
        self.lexicon.is_some() || !self.entries.is_empty()
    }
}

/// An ending printed to be circled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEnding {
    /// 県
    pub text: String,
    /// The printed character, tight.
    #[serde(rename = "box")]
    pub place: Rect<Mm>,
}

/// Those who chose (or did not choose) any of some options of another question. Exactly one of
/// `with`, `without`, `answered` and `unanswered` is given. Blanks of that question fulfil `without`.
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
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
}

/// One checkbox and its label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOption {
    pub id: String,
    pub label: Localized,
    /// Labels of other outputs where they differ.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
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

impl RawQuestion {
    /// Its label in the words of `output`.
    pub fn label_for(&self, output: Output) -> &Localized {
        self.labels.of(output).unwrap_or(&self.label)
    }

    /// Whether tables of `output` have a row for no answer.
    pub fn shows_no_answer(&self, output: Output) -> bool {
        !self.hide_no_answer.contains(&output)
    }
}

impl RawOption {
    /// Its label in the words of `output`.
    pub fn label_for(&self, output: Output) -> &Localized {
        self.labels.of(output).unwrap_or(&self.label)
    }
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
