//! What one figure is made of: which responses are in it, who read or decided each, what waits, and
//! by which rule the base was cut. Whoever is asked about a number can show the pages.

mod overruled;

use serde::Serialize;

use super::base::{Member, Rule, chose};
use super::count::asked;
use super::sheet::{Choices, Sheet, Standing};
use super::{AuditFigure, Figure, Note, Percent, SurveyHead, Tally, base_rule, base_sentence};
use crate::account::{Decision, Folded, Snapshot, Source, Verdict};
use crate::form::{Form, Question, QuestionType};
use crate::lang::Lang;
use crate::reading::{FieldState, Reason};
use crate::units::Score;

pub use overruled::{OverruledBox, tell};

/// Why a figure cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyError {
    #[error("no figure {path:?}; there are {known}")]
    NoFigure { path: String, known: String },
}

/// One figure taken apart. `counted = machine + people`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    pub survey: SurveyHead,
    /// `question.option`, `question.na`, `question.net`, or a number field.
    pub figure: String,
    pub question_label: String,
    pub label: String,
    /// Responses in it.
    pub counted: u64,
    /// Of a number field: what they add up to.
    pub sum: Option<u64>,
    pub base: u64,
    pub percent: Option<Percent>,
    /// Ids only, never translated.
    pub base_rule: String,
    /// The same for people.
    pub base_sentence: String,
    /// N of the survey.
    pub responses: u64,
    /// N less those in the base and those who may still join it.
    pub outside_base: u64,
    pub machine: u64,
    pub people: u64,
    /// Answers that may still turn out to be in the figure, as far as the machine can tell.
    pub pending: u64,
    /// All answers to the question that wait.
    pub question_pending: u64,
    /// The largest share of silent errors that the audit leaves likely; `null`: there was none.
    pub error_bound: Option<f64>,
    /// What the audit found: all figures share it.
    pub audit: Option<AuditFigure>,
    pub notes: Vec<Note>,
    /// In the order of (file, page): what counts, then what may still count; no more than were asked for.
    pub evidence: Vec<Evidence>,
}

/// One response behind a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub response: String,
    pub file: String,
    pub page: u32,
    /// False: it waits, and may turn out to be in the figure.
    pub counted: bool,
    /// The choice is read; what waits is the answer that says whether it belongs to the base.
    pub base_open: bool,
    pub source: Source,
    pub confidence: Score,
    /// The answer: option ids, or what was written.
    pub value: Vec<String>,
    pub reasons: Vec<Reason>,
    /// Boxes on which the rules did not have the last word, as far as they were asked for (`tell`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overruled: Vec<OverruledBox>,
    /// What people decided about this answer, oldest first.
    pub decisions: Vec<Decided>,
}

/// One line of the record of decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    pub rev: u32,
    pub who: String,
    /// Seconds since 1970.
    pub at: i64,
    pub value: Vec<String>,
}

/// Takes apart the figure at `path`. `tally` is that of the same fold: its numbers are repeated, not
/// counted again, and the evidence is what they were counted from (`sheet` has a row a place); at most `most` responses of it are
/// listed. Only those are taken out of the fold, so that a figure of a million costs no more than the tally.
///
/// # Errors
/// `NoFigure`, with those there are.
pub fn why(
    (folded, sheet, places): (&Folded<Snapshot>, &Sheet, &[(u32, u32)]),
    tally: &Tally,
    path: &str,
    (most, lang): (usize, Lang),
) -> Result<Why, WhyError> {
    let forms = sheet.forms;
    let missing = || WhyError::NoFigure { path: path.to_owned(), known: known(forms) };
    let (id, part) = path.split_once('.').map_or((path, None), |(q, o)| (q, Some(o)));
    let question = asked(forms).into_iter().find(|q| q.id == id).ok_or_else(missing)?;
    let figure = tally.questions.iter().find(|f| f.id() == id).ok_or_else(missing)?;
    let wanted = Wanted::new(sheet, question, part).ok_or_else(missing)?;
    let mut out = frame((tally, forms), question, figure, path, lang);
    let share = out.numbers(figure, part).ok_or_else(missing)?;
    (out.label, out.counted, out.percent) = share;
    let (mut counted, mut waiting) = (Vec::new(), Vec::new());
    for (row, place) in places.iter().enumerate() {
        match wanted.place(row) {
            Member::In => {
                out.people += u64::from(by_person(folded, *place, id));
                counted.push(place.1);
            }
            Member::Unknown => waiting.push(place.1),
            Member::Out => {}
        }
    }
    out.machine = counted.len() as u64 - out.people;
    out.pending = waiting.len() as u64;
    for (pages, counts) in [(&mut counted, true), (&mut waiting, false)] {
        let room = most.saturating_sub(out.evidence.len());
        folded.first_sheets(pages, room);
        let some = pages.iter();
        out.evidence.extend(some.filter_map(|page| evidence(folded, *page, id, counts)));
    }
    Ok(out)
}

/// Whether a person has said this answer; over most readings nothing lies at all.
fn by_person(folded: &Folded<Snapshot>, (block, page): (u32, u32), id: &str) -> bool {
    if block > 0 {
        return false;
    }
    let response = folded.sheet(page);
    let source = response.and_then(|r| {
        let answer = r.answers.get(id).map(|a| a.source);
        answer.or_else(|| r.text.get(id).map(|w| w.source))
    });
    source == Some(Source::Person)
}

fn known(forms: &[Form]) -> String {
    let one = |q: &Question| match q.kind {
        QuestionType::SelectOne | QuestionType::SelectMultiple => {
            let ids: Vec<_> = q.options.iter().map(|o| o.id.as_str()).collect();
            Some(format!("{}.{{{},na}}", q.id, ids.join(",")))
        }
        QuestionType::Integer => Some(q.id.clone()),
        QuestionType::Text => None,
    };
    asked(forms).into_iter().filter_map(one).collect::<Vec<_>>().join(", ")
}

fn frame(
    (tally, forms): (&Tally, &[Form]),
    question: &Question,
    figure: &Figure,
    path: &str,
    lang: Lang,
) -> Why {
    let (base, base_rule, notes) = match figure {
        Figure::Choice(f) => (f.base, f.base_rule.clone(), f.notes.clone()),
        Figure::Number(f) => {
            let least = f.lower_bound.then_some(Note::AtLeast);
            (f.base, number_rule(question), least.into_iter().collect())
        }
        Figure::Text(f) => (f.base, String::new(), Vec::new()),
    };
    let base_sentence = match figure {
        Figure::Choice(_) => base_sentence(lang, question, forms),
        Figure::Number(_) => number_sentence(lang, question, forms),
        Figure::Text(_) => String::new(),
    };
    let audit = tally.audit.filter(|a| a.checked > 0);
    // Of a choice, whoever waits is not in the base yet.
    let open = if let Figure::Choice(f) = figure { f.pending } else { 0 };
    Why {
        survey: tally.survey.clone(),
        figure: path.to_owned(),
        question_label: lang.pick(&question.label).to_owned(),
        label: String::new(),
        counted: 0,
        sum: if let Figure::Number(f) = figure { Some(f.sum) } else { None },
        base,
        percent: None,
        base_rule,
        base_sentence,
        responses: tally.responses,
        outside_base: tally.responses.saturating_sub(base + open),
        machine: 0,
        people: 0,
        pending: 0,
        question_pending: figure.pending(),
        error_bound: audit.map(|a| a.rate_at_most()),
        audit,
        notes,
        evidence: Vec::new(),
    }
}

/// Who was to write a number, in ids: whoever chose the option it belongs to.
fn number_rule(question: &Question) -> String {
    match question.number_of.as_deref().and_then(|of| of.split_once('.')) {
        None => base_rule(question),
        Some((target, option)) => format!("responses with {target}={option}"),
    }
}

/// The same for people.
fn number_sentence(lang: Lang, question: &Question, forms: &[Form]) -> String {
    match question.number_of.as_deref().and_then(|of| of.split_once('.')) {
        None => base_sentence(lang, question, forms),
        Some((target, option)) => chose(lang, forms, target, option),
    }
}

impl Why {
    /// Label, count and share of the part asked for.
    fn numbers(
        &self,
        figure: &Figure,
        part: Option<&str>,
    ) -> Option<(String, u64, Option<Percent>)> {
        match (figure, part) {
            (Figure::Number(f), None) => {
                Some((self.question_label.clone(), f.filled, Percent::of(f.filled, f.base)))
            }
            (Figure::Choice(f), Some("na")) => {
                Some(("na".to_owned(), f.no_answer.count, f.no_answer.percent))
            }
            (Figure::Choice(f), Some(id)) => {
                let option = f.options.iter().find(|o| o.id == id);
                let net = f.nets.iter().find(|n| n.id == id);
                let option = option.map(|o| (o.label.clone(), o.count, o.percent));
                option.or_else(|| net.map(|n| (n.label.clone(), n.count, n.percent)))
            }
            _ => None,
        }
    }
}

/// Which rows are in a figure.
pub(super) struct Wanted<'s, 'f> {
    sheet: &'s Sheet<'f>,
    rule: Rule<'s, 'f>,
    answered_only: bool,
    question: &'s str,
    what: What<'s, 'f>,
}

enum What<'s, 'f> {
    Blank(&'s Choices<'f>),
    /// Options' bits, and whether they must be absent.
    Any(&'s Choices<'f>, Vec<u8>, bool),
    Number,
}

impl<'s, 'f> Wanted<'s, 'f> {
    pub(super) fn new(
        sheet: &'s Sheet<'f>,
        question: &'s Question,
        part: Option<&str>,
    ) -> Option<Self> {
        let column = sheet.choices(&question.id);
        let what = match (column, part) {
            (None, None) if question.kind == QuestionType::Integer => What::Number,
            (Some(column), Some("na")) => What::Blank(column),
            (Some(column), Some(id)) => {
                let net = question.nets.iter().find(|n| n.id == id);
                match net {
                    Some(n) => What::Any(
                        column,
                        column.mask(n.with.iter().chain(&n.without)),
                        n.with.is_empty(),
                    ),
                    None => What::Any(column, column.mask([&id.to_owned()]), false),
                }
            }
            _ => return None,
        };
        let (rule, answered_only) = (Rule::new(sheet, &question.id), question.answered_only);
        Some(Self { sheet, rule, answered_only, question: &question.id, what })
    }

    /// In the figure, surely not, or perhaps.
    pub(super) fn place(&self, row: usize) -> Member {
        let member = self.rule.member(row);
        if member == Member::Out {
            return Member::Out;
        }
        let (standing, in_it, may) = match &self.what {
            What::Blank(c) => {
                let standing = c.standing(row);
                (standing, standing == Standing::Blank, false)
            }
            What::Any(c, mask, absent) => {
                let standing = c.standing(row);
                let blank = standing == Standing::Blank && self.answered_only;
                let any = c.any(row, mask);
                (standing, any != *absent && !blank, any != *absent)
            }
            What::Number => {
                let Some(w) = self.sheet.writing(self.question) else { return Member::Out };
                let standing = w.standing(row);
                let number = w.number(row).is_some();
                let doubtful = standing == Standing::Answered && !number;
                (if doubtful { Standing::Pending } else { standing }, number, true)
            }
        };
        match (standing, member) {
            (Standing::NotAsked, _) => Member::Out,
            (Standing::Pending, _) => {
                if may {
                    Member::Unknown
                } else {
                    Member::Out
                }
            }
            (_, m) => {
                if in_it {
                    m
                } else {
                    Member::Out
                }
            }
        }
    }
}

fn evidence(folded: &Folded<Snapshot>, page: u32, id: &str, counted: bool) -> Option<Evidence> {
    let r = folded.sheet(page)?;
    let mut open = false;
    let (source, confidence, value, reasons) = match (r.answers.get(id), r.text.get(id)) {
        (Some(a), _) => {
            open = a.state == FieldState::Pending;
            (a.source, a.confidence, a.value.clone(), a.reasons.clone())
        }
        (None, Some(w)) => {
            let blank = w.state == FieldState::Blank;
            let value = if blank { Vec::new() } else { vec![w.value.clone()] };
            (w.source, w.confidence, value, w.reasons.clone())
        }
        (None, None) => return None,
    };
    let decisions = decisions(folded.decisions_of_sheet(page), id);
    let (response, file) = (r.id, r.file);
    Some(Evidence {
        response,
        file,
        page: r.page,
        counted,
        base_open: !counted && !open && r.answers.contains_key(id),
        source,
        confidence,
        value,
        reasons,
        overruled: Vec::new(),
        decisions,
    })
}

/// What people decided about one question.
fn decisions(all: &[Decision], question: &str) -> Vec<Decided> {
    let one = |d: &Decision| {
        let value = match &d.verdict {
            Verdict::Answer { question: q, value } if q == question => value.clone(),
            Verdict::Text { field, value } if field == question => vec![value.clone()],
            _ => return None,
        };
        Some(Decided { rev: d.rev, who: d.who.clone(), at: d.at, value })
    };
    all.iter().filter_map(one).collect()
}
