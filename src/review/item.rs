//! What a person is asked: one item a flagged answer, written field or page, and the order of the queue.

use std::fmt;
use std::str::FromStr;

use crate::account::{Answer, Field, PageEntry, PageStatus, Response, Source, Written};
use crate::form::{Form, Question, QuestionType};
use crate::reading::{FieldState, Reason, ReasonCode};

/// One item of one response; as text `r-0123456789abcdef/answer/q3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub response: String,
    pub field: Field,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.response, self.field.kind(), self.field.name())
    }
}

impl FromStr for Key {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '/');
        let (Some(response), Some(kind), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        if !matches!(kind, "answer" | "text" | "page") {
            return Err(());
        }
        Ok(Self { response: response.to_owned(), field: Field::new(kind, name.to_owned()) })
    }
}

/// The machine's value, as far as it has one.
#[derive(Clone, Debug, PartialEq)]
pub enum Guess {
    Options(Vec<String>),
    Text(String),
    Nothing,
}

/// One thing that waits for a person.
#[derive(Clone, Debug)]
pub struct Item {
    pub key: Key,
    pub form: Option<String>,
    pub file: String,
    pub page: u32,
    /// The one option that is doubtful; `None` if the whole answer is.
    pub option: Option<String>,
    pub guess: Guess,
    pub reasons: Vec<Reason>,
    /// A person decided, and a later reading says otherwise.
    pub again: bool,
    pub confidence: f32,
}

/// Where an item stands in the queue: pages first, for their answers wait behind them; then what figures
/// depend on, question by question so that the eye keeps to one thing; the least sure first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    class: u8,
    question: usize,
    option: Option<String>,
    confidence: u32,
    key: Key,
}

impl Item {
    pub fn order(&self, forms: &[Form]) -> Order {
        let name = self.key.field.name();
        let found =
            forms.iter().find_map(|f| f.questions().iter().enumerate().find(|(_, q)| q.id == name));
        let class = match (&self.key.field, found) {
            (Field::Page, _) => 0,
            (Field::Answer(_), _) => 1,
            (_, Some((_, q))) if q.kind == QuestionType::Integer => 2,
            (_, Some((_, q))) if q.lexicon.is_some() => 3,
            _ => 4,
        };
        Order {
            class,
            question: found.map_or(0, |(i, _)| i),
            option: self.option.clone(),
            confidence: (self.confidence * 1e6) as u32,
            key: self.key.clone(),
        }
    }
}

/// The items of a page: itself while it is pending, its pending answers once it counts.
pub fn items(entry: Option<&PageEntry>, response: Option<&Response>, forms: &[Form]) -> Vec<Item> {
    if let Some(entry) = entry.filter(|e| e.status == PageStatus::Pending) {
        return page_item(entry).into_iter().collect();
    }
    let Some(r) = response.filter(|r| r.status == PageStatus::Counted) else { return Vec::new() };
    let form = forms.iter().find(|f| f.id() == r.form);
    let answers = r.answers.iter().filter(|(_, a)| a.state == FieldState::Pending);
    let text = r.text.iter().filter(|(_, t)| t.state == FieldState::Pending);
    let answers = answers.map(|(id, a)| answer_item(r, id, a, form.and_then(|f| f.question(id))));
    answers.chain(text.map(|(id, t)| text_item(r, id, t))).collect()
}

fn page_item(entry: &PageEntry) -> Option<Item> {
    // What was never opened is no person's business: the next `read` opens it.
    let waits = entry.reasons.iter().any(|r| r.code == ReasonCode::NotReadYet);
    let id = entry.response.clone().filter(|_| entry.page > 0 && !waits)?;
    Some(Item {
        key: Key { response: id, field: Field::Page },
        form: entry.form.clone(),
        file: entry.file.clone(),
        page: entry.page,
        option: None,
        guess: Guess::Nothing,
        reasons: entry.reasons.clone(),
        again: false,
        confidence: 0.0,
    })
}

fn answer_item(r: &Response, id: &str, a: &Answer, question: Option<&Question>) -> Item {
    Item {
        key: Key { response: r.id.clone(), field: Field::Answer(id.to_owned()) },
        form: Some(r.form.clone()),
        file: r.file.clone(),
        page: r.page,
        option: question.and_then(|q| doubtful(q, &a.reasons)),
        guess: Guess::Options(a.value.clone()),
        reasons: a.reasons.clone(),
        again: a.source == Source::Person,
        confidence: a.confidence.get(),
    }
}

fn text_item(r: &Response, id: &str, t: &Written) -> Item {
    Item {
        key: Key { response: r.id.clone(), field: Field::Text(id.to_owned()) },
        form: Some(r.form.clone()),
        file: r.file.clone(),
        page: r.page,
        option: None,
        guess: Guess::Text(t.value.clone()),
        reasons: t.reasons.clone(),
        again: t.source == Source::Person,
        confidence: t.confidence.get(),
    }
}

/// The option that every reason names, where several may be chosen: then its box alone is shown. A single
/// choice is always seen whole, for its options exclude each other.
fn doubtful(question: &Question, reasons: &[Reason]) -> Option<String> {
    if question.kind != QuestionType::SelectMultiple || reasons.is_empty() {
        return None;
    }
    let named = |r: &Reason| {
        let about = r.about.as_deref()?.rsplit('.').next()?;
        question.options.iter().find(|o| o.id == about).map(|o| o.id.clone())
    };
    let first = named(&reasons[0])?;
    reasons.iter().all(|r| named(r).as_ref() == Some(&first)).then_some(first)
}
