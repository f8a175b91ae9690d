//! What a person is asked: one item a flagged answer, written field or page, and the order of the queue.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::account::{
    Account, Answer, Field, PageEntry, PageStatus, Response, Source, Written, response_id,
};
use crate::form::{Form, Question, QuestionType};
use crate::reading::{FieldState, Reason, ReasonCode};
use crate::units::Score;

/// One item of one response; as text `r-0123456789abcdef/answer/q3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub response: String,
    pub field: Field,
}

impl Key {
    /// The page itself.
    pub fn page(response: &str) -> Self {
        Self { response: response.to_owned(), field: Field::Page }
    }
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
}

/// An item as it lies in the queue: a few numbers in the queue's order, for there may be tens of thousands.
/// Pages first, for their answers wait behind them; then what figures depend on, question by question so
/// that the eye keeps to one thing; the least sure first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    class: Class,
    question: u16,
    /// Of the question's options the one that is doubtful, from 1; 0: the whole answer is.
    option: u16,
    /// Millionths.
    confidence: u32,
    /// Of a page: in the account's pages; else in its responses.
    pub place: u32,
    /// Of an answer or a written field: in the alphabetical order of the response's.
    field: u16,
}

/// What sort of item, in the order in which they are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Page,
    Answer,
    Number,
    Listed,
    Text,
    /// A page that the machine took for no response.
    Aside,
}

impl Slot {
    /// A page that the machine took for no response, which a person may look at.
    pub fn is_aside(&self) -> bool {
        self.class == Class::Aside
    }

    fn of_page(entry: &PageEntry, place: usize) -> Option<Self> {
        // What was never opened is no person's business: the next `read` opens it.
        let waits = entry.reasons.iter().any(|r| r.code == ReasonCode::NotReadYet);
        let named = entry.page > 0 && !waits;
        let class = match entry.status {
            PageStatus::Pending => Class::Page,
            PageStatus::SetAside => Class::Aside,
            _ => return None,
        };
        let slot =
            Self { class, question: 0, option: 0, confidence: 0, place: place as u32, field: 0 };
        named.then_some(slot)
    }

    /// What of the account it is about.
    pub fn view<'a>(&self, account: &'a Account, forms: &'a [Form]) -> Option<View<'a>> {
        let (place, field) = (self.place as usize, usize::from(self.field));
        if matches!(self.class, Class::Page | Class::Aside) {
            return account.pages.get(place).map(|e| View { part: Part::Page(e), option: None });
        }
        let r = account.responses.get(place)?;
        let part = match self.class {
            Class::Answer => r.answers.iter().nth(field).map(|(id, a)| Part::Answer(r, id, a)),
            _ => r.text.iter().nth(field).map(|(id, t)| Part::Text(r, id, t)),
        }?;
        let question =
            forms.iter().find(|f| f.id() == r.form).and_then(|f| f.question(part.name()));
        let option = usize::from(self.option).checked_sub(1);
        let option = option.zip(question).and_then(|(i, q)| Some(q.options.get(i)?.id.as_str()));
        Some(View { part, option })
    }
}

/// What a slot is about, without a copy of it.
pub struct View<'a> {
    pub part: Part<'a>,
    pub option: Option<&'a str>,
}

pub enum Part<'a> {
    Page(&'a PageEntry),
    Answer(&'a Response, &'a str, &'a Answer),
    Text(&'a Response, &'a str, &'a Written),
}

impl<'a> Part<'a> {
    pub fn name(&self) -> &'a str {
        match self {
            Self::Page(_) => "",
            Self::Answer(_, name, _) | Self::Text(_, name, _) => name,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::Answer(..) => "answer",
            Self::Text(..) => "text",
        }
    }

    pub fn file(&self) -> &'a str {
        match self {
            Self::Page(e) => &e.file,
            Self::Answer(r, ..) | Self::Text(r, ..) => &r.file,
        }
    }

    pub fn reasons(&self) -> &'a [Reason] {
        match self {
            Self::Page(e) => &e.reasons,
            Self::Answer(_, _, a) => &a.reasons,
            Self::Text(_, _, t) => &t.reasons,
        }
    }

    pub fn confidence(&self) -> f32 {
        match self {
            Self::Page(_) => 0.0,
            Self::Answer(_, _, a) => a.confidence.get(),
            Self::Text(_, _, t) => t.confidence.get(),
        }
    }

    pub fn response(&self) -> Cow<'a, str> {
        match self {
            Self::Page(e) => id_of(e),
            Self::Answer(r, ..) | Self::Text(r, ..) => Cow::Borrowed(&r.id),
        }
    }

    fn field(&self) -> Field {
        Field::new(self.kind(), self.name().to_owned())
    }

    pub fn is(&self, field: &Field) -> bool {
        self.kind() == field.kind() && self.name() == field.name()
    }
}

/// A page's id; that of a page which is no response is in no export, but people can still be asked about it.
pub fn id_of(entry: &PageEntry) -> Cow<'_, str> {
    match &entry.response {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Owned(response_id(&entry.sha256, entry.page)),
    }
}

impl View<'_> {
    pub fn key(&self) -> Key {
        Key { response: self.part.response().into_owned(), field: self.part.field() }
    }

    /// A copy that leaves the account behind.
    pub fn item(&self) -> Item {
        let (form, page, guess, again) = match self.part {
            Part::Page(e) => (e.form.clone(), e.page, Guess::Nothing, false),
            Part::Answer(r, _, a) => {
                let again = a.source == Source::Person;
                (Some(r.form.clone()), r.page, Guess::Options(a.value.clone()), again)
            }
            Part::Text(r, _, t) => {
                let again = t.source == Source::Person;
                (Some(r.form.clone()), r.page, Guess::Text(t.value.clone()), again)
            }
        };
        Item {
            key: self.key(),
            form,
            file: self.part.file().to_owned(),
            page,
            option: self.option.map(str::to_owned),
            guess,
            reasons: self.part.reasons().to_vec(),
            again,
        }
    }
}

/// The slots of a page: itself while it is pending, its pending answers once it counts.
pub fn slots(
    entry: Option<(usize, &PageEntry)>,
    response: Option<(usize, &Response)>,
    forms: &[Form],
) -> Vec<Slot> {
    if let Some(slot) = entry.and_then(|(place, e)| Slot::of_page(e, place)) {
        return vec![slot];
    }
    let Some((place, r)) = response.filter(|(_, r)| r.status == PageStatus::Counted) else {
        return Vec::new();
    };
    let form = forms.iter().find(|f| f.id() == r.form);
    let question =
        |id: &str| form.and_then(|f| f.questions().iter().zip(0u16..).find(|(q, _)| q.id == id));
    let slot = |id: &str, field: usize, class: Class, confidence: Score, option: u16| Slot {
        class,
        question: question(id).map_or(0, |(_, i)| i),
        option,
        confidence: (confidence.get() * 1e6) as u32,
        place: place as u32,
        field: field as u16,
    };
    let answers = r.answers.iter().enumerate().filter(|(_, (_, a))| a.state == FieldState::Pending);
    let answers = answers.map(|(i, (id, a))| {
        let option = question(id).map_or(0, |(q, _)| doubtful(q, &a.reasons));
        slot(id, i, Class::Answer, a.confidence, option)
    });
    let text = r.text.iter().enumerate().filter(|(_, (_, t))| t.state == FieldState::Pending);
    let text = text.map(|(i, (id, t))| {
        let class = match question(id) {
            Some((q, _)) if q.kind == QuestionType::Integer => Class::Number,
            Some((q, _)) if q.lexicon.is_some() => Class::Listed,
            _ => Class::Text,
        };
        slot(id, i, class, t.confidence, 0)
    });
    answers.chain(text).collect()
}

/// The option that every reason names, where several may be chosen: then its box alone is shown; from 1.
/// A single choice is always seen whole, for its options exclude each other.
fn doubtful(question: &Question, reasons: &[Reason]) -> u16 {
    if question.kind != QuestionType::SelectMultiple || reasons.is_empty() {
        return 0;
    }
    let named = |r: &Reason| {
        let about = r.about.as_deref()?.rsplit('.').next()?;
        question.options.iter().position(|o| o.id == about)
    };
    let Some(first) = named(&reasons[0]) else { return 0 };
    if reasons.iter().all(|r| named(r) == Some(first)) { first as u16 + 1 } else { 0 }
}
