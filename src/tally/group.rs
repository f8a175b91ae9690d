//! Into which groups a response falls: by its answer to a question, by the prefecture it wrote, by
//! association, batch or form. Cuts and cross tables are made of these.

use super::base::{Member, Rule};
use super::count::asked;
use super::cross::{Axis, Heading};
use super::sheet::{Choices, Names, Sheet, Standing, Writings};
use crate::form::{PREFECTURES, QuestionType, prefecture};
use crate::lang::Lang;

/// Why nothing can be cut by this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    #[error("no question {id:?}; its questions: {known}")]
    NoQuestion { id: String, known: String },
    #[error("{id} is free text or a number; responses cannot be put into groups by it")]
    NoGroups { id: String },
    #[error("{id} by itself is no cross table")]
    Itself { id: String },
}

/// Axes that are no questions.
pub const LABELS: [&str; 3] = ["association", "batch", "form"];

/// All groups of one axis.
pub struct Grouping<'s, 'f> {
    pub axis: Axis,
    /// In order; `na` last where somebody can be without a group.
    pub headings: Vec<Heading>,
    /// A response can be in several.
    pub several: bool,
    by: By<'s, 'f>,
}

enum By<'s, 'f> {
    Choice { column: &'s Choices<'f>, rule: Rule<'s, 'f>, answered_only: bool },
    Words { column: &'s Writings, rule: Rule<'s, 'f>, places: Vec<usize> },
    Names { column: &'s Names, places: Vec<usize> },
    Form { sheet: &'s Sheet<'f> },
}

/// How a response stands to the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In none, rightly: not in the base, or not asked.
    Out,
    /// A person must say.
    Pending,
    /// In those that were reported.
    In,
}

impl<'s, 'f> Grouping<'s, 'f> {
    /// `id`: a question, or one of [`LABELS`].
    ///
    /// # Errors
    /// `NoQuestion`, `NoGroups`.
    pub fn new(sheet: &'s Sheet<'f>, id: &str, lang: Lang) -> Result<Self, CutError> {
        match id {
            "association" => {
                let label = lang.say("協会", "association");
                Ok(Self::names(id, label, &sheet.association, lang))
            }
            "batch" => Ok(Self::names(id, lang.say("受信の組", "batch"), &sheet.batch, lang)),
            "form" => Ok(Self::forms(sheet, lang)),
            _ => Self::question(sheet, id, lang),
        }
    }

    fn question(sheet: &'s Sheet<'f>, id: &str, lang: Lang) -> Result<Self, CutError> {
        let questions = asked(sheet.forms);
        let Some(q) = questions.iter().find(|q| q.id == id) else {
            let known: Vec<_> = questions.iter().map(|q| q.id.as_str()).collect();
            return Err(CutError::NoQuestion { id: id.to_owned(), known: known.join(", ") });
        };
        let axis = axis(id, lang.pick(&q.label));
        let rule = Rule::new(sheet, id);
        if let Some(column) = sheet.choices(id) {
            let label = |option: &str| {
                let all = sheet.forms.iter().filter_map(|f| f.question(id));
                let found = all.flat_map(|q| &q.options).find(|o| o.id == option);
                found.map(|o| lang.pick(&o.label).to_owned()).unwrap_or_default()
            };
            let mut headings: Vec<Heading> = column
                .options
                .iter()
                .map(|o| Heading { id: (*o).to_owned(), label: label(o) })
                .collect();
            if !q.answered_only {
                headings.push(none(lang));
            }
            let several = q.kind == QuestionType::SelectMultiple;
            let answered_only = q.answered_only;
            let by = By::Choice { column, rule, answered_only };
            return Ok(Self { axis, headings, several, by });
        }
        let Some(column) = sheet.writing(id).filter(|w| w.has_words()) else {
            return Err(CutError::NoGroups { id: id.to_owned() });
        };
        let (places, headings) = in_order(column.words.names(), true, lang);
        Ok(Self { axis, headings, several: false, by: By::Words { column, rule, places } })
    }

    fn names(id: &str, label: &str, column: &'s Names, lang: Lang) -> Self {
        let (places, headings) = in_order(column.names(), false, lang);
        Self { axis: axis(id, label), headings, several: false, by: By::Names { column, places } }
    }

    fn forms(sheet: &'s Sheet<'f>, lang: Lang) -> Self {
        let heading = |f: &crate::form::Form| Heading {
            id: f.id().to_owned(),
            label: lang.pick(&f.file.title).to_owned(),
        };
        let headings = sheet.forms.iter().map(heading).collect();
        let axis = axis("form", lang.say("調査票", "form"));
        Self { axis, headings, several: false, by: By::Form { sheet } }
    }

    /// Reports the groups of a row as indices into `headings`.
    pub fn place(&self, row: usize, mut into: impl FnMut(usize)) -> Place {
        let none = self.headings.len().saturating_sub(1);
        match &self.by {
            By::Form { sheet } => into(usize::from(sheet.form[row])),
            By::Names { column, places } => into(column.at(row).map_or(none, |i| places[i])),
            By::Words { column, rule, places } => match (rule.member(row), column.standing(row)) {
                (Member::Out, _) | (_, Standing::NotAsked) => return Place::Out,
                (Member::Unknown, _) | (_, Standing::Pending) => return Place::Pending,
                _ => into(column.words.at(row).map_or(none, |i| places[i])),
            },
            By::Choice { column, rule, answered_only } => {
                match (rule.member(row), column.standing(row)) {
                    (Member::Out, _) | (_, Standing::NotAsked) => return Place::Out,
                    (Member::Unknown, _) | (_, Standing::Pending) => return Place::Pending,
                    (Member::In, Standing::Blank) if *answered_only => return Place::Out,
                    (Member::In, Standing::Blank) => into(none),
                    (Member::In, Standing::Answered) => column.each(row, into),
                }
            }
        }
        Place::In
    }
}

fn axis(id: &str, label: &str) -> Axis {
    Axis { id: id.to_owned(), label: label.to_owned() }
}

fn none(lang: Lang) -> Heading {
    Heading { id: "na".to_owned(), label: lang.say("無回答・不明", "none given").to_owned() }
}

/// Names by their characters, then "none": where each name of the column goes. Of what people wrote,
/// prefectures come first, north to south, and two spellings of one are one group; labels are what they
/// are: the association of 東京 is not the prefecture.
fn in_order(names: &[String], written: bool, lang: Lang) -> (Vec<usize>, Vec<Heading>) {
    let group = |name: &str| match prefecture(name).filter(|_| written) {
        Some(p) => (p, PREFECTURES[p].to_owned()),
        None => (PREFECTURES.len(), name.to_owned()),
    };
    let mut groups: Vec<_> = names.iter().map(|n| group(n)).collect();
    groups.sort();
    groups.dedup();
    let place = |n: &String| groups.binary_search(&group(n)).unwrap_or_default();
    let places = names.iter().map(place).collect();
    let headings = groups.iter().map(|g| Heading { id: g.1.clone(), label: g.1.clone() });
    (places, headings.chain([none(lang)]).collect())
}
