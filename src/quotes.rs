//! What people wrote, on its way to print. A quote is chosen by one person, its published wording is
//! kept apart from the original, and a second person approves it; nothing else leaves. What may point
//! to a person is marked, and a mark that is left standing must be named by whoever approves.
//!
//! Everything here is a pure function of the account and of the recorded steps; `store` keeps the steps.

mod gate;
mod personal;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::account::{Response, Rows};
use crate::form::{Form, Question, QuestionType};
use crate::lang::Lang;
use crate::reading::FieldState;

pub use crate::account::{Act, Step};
pub use gate::{GateError, admit};
pub use personal::{Mark, MarkKind, marks, redacted};

/// How far a quote has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteState {
    /// Nobody has taken it up.
    Candidate,
    /// Worded; a second person has to approve it.
    Proposed,
    Approved,
    /// What was written has been corrected since it was worded: it must be worded again.
    Stale,
    Withdrawn,
}

/// One written field of one counted response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quote {
    pub response: String,
    pub field: String,
    pub question: String,
    /// Prefecture, kind of facility ...: what stands beside the quote, in the form's order.
    pub attributes: Vec<Attribute>,
    /// Responses with the same attributes; few of them may point to a person.
    pub alike: u64,
    pub original: String,
    /// What may point to a person, in the original.
    pub marks: Vec<Mark>,
    pub state: QuoteState,
    /// For print.
    pub wording: Option<String>,
    /// What may point to a person, in the wording.
    pub left: Vec<Mark>,
    /// Who worded it since it was taken up.
    pub authors: BTreeSet<String>,
    pub approved_by: Option<String>,
    /// Marked words that whoever approved it let stand.
    pub kept: Vec<String>,
    /// Steps so far; what the next one must have seen.
    pub rev: u32,
}

/// An answer that stands beside a quote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Attribute {
    pub question: String,
    /// Option id, or the text of a closed list; empty: none was given.
    pub value: String,
    pub label: String,
}

/// What may be printed, and nothing more: neither the original nor whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub field: String,
    pub question: String,
    pub attributes: Vec<Attribute>,
    pub text: String,
}

/// Every writing of every counted response, with the steps taken. In the order of (question, file, page).
/// One pass: of whoever wrote nothing only what stands beside a quote is counted.
pub fn quotes(rows: &dyn Rows, forms: &[Form], steps: &[Step], lang: Lang) -> Vec<Quote> {
    let mut taken: BTreeMap<(&str, &str), Vec<&Step>> = BTreeMap::new();
    for step in steps {
        taken.entry((&step.response, &step.field)).or_default().push(step);
    }
    let questions: Vec<&Question> =
        crate::tally::asked(forms).into_iter().filter(|q| is_free(q)).collect();
    let mut by_question: Vec<Vec<Quote>> = vec![Vec::new(); questions.len()];
    let mut alike: BTreeMap<Vec<Attribute>, u64> = BTreeMap::new();
    for response in rows.counted() {
        let Some(form) = forms.iter().find(|f| f.id() == response.form) else { continue };
        let attributes = attributes(&response, form, lang);
        for (question, found) in questions.iter().zip(&mut by_question) {
            let Some(original) = settled(&response, &question.id) else { continue };
            let steps = taken.get(&(response.id.as_str(), question.id.as_str()));
            let mut quote = fresh(&response, question, original, lang);
            quote.attributes.clone_from(&attributes);
            steps.into_iter().flatten().for_each(|step| quote.take(step));
            found.push(quote);
        }
        *alike.entry(attributes).or_default() += 1;
    }
    let mut out: Vec<Quote> = by_question.into_iter().flatten().collect();
    for quote in &mut out {
        quote.alike = alike.get(&quote.attributes).copied().unwrap_or(0);
    }
    out
}

/// What has passed the gate.
pub fn published(quotes: &[Quote]) -> Vec<Published> {
    let approved = quotes.iter().filter(|q| q.state == QuoteState::Approved);
    let one = |q: &Quote| {
        Some(Published {
            field: q.field.clone(),
            question: q.question.clone(),
            attributes: q.attributes.clone(),
            text: q.wording.clone()?,
        })
    };
    approved.filter_map(one).collect()
}

/// Free text: not a number, not a word of a closed list.
fn is_free(q: &Question) -> bool {
    q.kind == QuestionType::Text && q.lexicon.is_none()
}

/// Writing that was read or typed; what waits for a person cannot be quoted.
fn settled<'a>(response: &'a Response, field: &str) -> Option<&'a str> {
    let written = response.text.get(field).filter(|w| w.state == FieldState::Answered)?;
    Some(written.value.as_str()).filter(|v| !v.trim().is_empty())
}

fn attributes(response: &Response, form: &Form, lang: Lang) -> Vec<Attribute> {
    let questions = form.file.quote_by.iter().filter_map(|id| form.question(id));
    let one = |q: &Question| {
        let choice = response.answers.get(&q.id).filter(|a| a.state == FieldState::Answered);
        let ids = choice.map(|a| a.value.join(" "));
        let labels = choice.map(|a| {
            let chosen = q.options.iter().filter(|o| a.value.contains(&o.id));
            chosen.map(|o| lang.pick(&o.label)).collect::<Vec<_>>().join(lang.say("・", ", "))
        });
        let text = settled(response, &q.id).map(str::to_owned);
        Attribute {
            question: q.id.clone(),
            value: ids.or_else(|| text.clone()).unwrap_or_default(),
            label: labels.or(text).unwrap_or_default(),
        }
    };
    questions.map(one).collect()
}

fn fresh(response: &Response, question: &Question, original: &str, lang: Lang) -> Quote {
    Quote {
        response: response.id.clone(),
        field: question.id.clone(),
        question: lang.pick(&question.label).to_owned(),
        attributes: Vec::new(),
        alike: 0,
        original: original.to_owned(),
        marks: marks(original),
        state: QuoteState::Candidate,
        wording: None,
        left: Vec::new(),
        authors: BTreeSet::new(),
        approved_by: None,
        kept: Vec::new(),
        rev: 0,
    }
}

impl Quote {
    /// Lays one recorded step over it.
    fn take(&mut self, step: &Step) {
        self.rev = step.rev;
        match &step.act {
            Act::Word { wording, original } => {
                let again = matches!(self.state, QuoteState::Proposed | QuoteState::Approved);
                if !again {
                    self.authors.clear();
                }
                self.authors.insert(step.who.clone());
                self.left = marks(wording);
                self.wording = Some(wording.clone());
                let same = *original == self.original;
                self.state = if same { QuoteState::Proposed } else { QuoteState::Stale };
                (self.approved_by, self.kept) = (None, Vec::new());
            }
            Act::Approve { kept } if self.state == QuoteState::Proposed => {
                self.state = QuoteState::Approved;
                self.approved_by = Some(step.who.clone());
                self.kept.clone_from(kept);
            }
            // The original has changed since: what was approved is not what would be printed.
            Act::Approve { .. } => {}
            Act::Withdraw { .. } => {
                self.state = QuoteState::Withdrawn;
                self.approved_by = None;
            }
        }
    }
}
