//! What a person is asked: one item a flagged answer, written field or page, and the order of the queue.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::book::Book;
use crate::account::{Field, PageEntry, PageStatus, Response, Source, response_id};
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
    /// Of the form's questions.
    question: u16,
    /// Of the question's options the one that is doubtful, from 1; 0: the whole answer is.
    option: u16,
    /// Millionths.
    confidence: u32,
    /// Of a page: in the book's lines; else in its responses.
    pub place: u32,
    /// Of the survey's forms.
    form: u16,
    /// Of the lists of reasons that the desk knows.
    pub why: u16,
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

/// Lists of reasons, each once: a survey has a few dozen.
#[derive(Debug, Default)]
pub struct Whys {
    all: Vec<Vec<ReasonCode>>,
    places: BTreeMap<Vec<ReasonCode>, u16>,
}

impl Whys {
    fn place(&mut self, reasons: &[Reason]) -> u16 {
        let mut codes: Vec<ReasonCode> = reasons.iter().map(|r| r.code).collect();
        codes.sort_unstable();
        codes.dedup();
        if let Some(at) = self.places.get(&codes) {
            return *at;
        }
        // There are fewer lists than 16 bits can number; beyond, none is named rather than a wrong one.
        let Ok(at) = u16::try_from(self.all.len()) else { return u16::MAX };
        self.all.push(codes.clone());
        self.places.insert(codes, at);
        at
    }

    pub fn get(&self, at: u16) -> &[ReasonCode] {
        self.all.get(usize::from(at)).map_or(&[], Vec::as_slice)
    }
}

impl Slot {
    /// It is about a page, not about what is on it.
    pub fn is_page(&self) -> bool {
        matches!(self.class, Class::Page | Class::Aside)
    }

    /// A page that the machine took for no response, which a person may look at.
    pub fn is_aside(&self) -> bool {
        self.class == Class::Aside
    }

    fn of_page(entry: &PageEntry, place: usize, whys: &mut Whys) -> Option<Self> {
        // What was never opened is no person's business: the next `read` opens it.
        let waits = entry.reasons.iter().any(|r| r.code == ReasonCode::NotReadYet);
        let named = entry.page > 0 && !waits;
        let (class, confidence) = match entry.status {
            PageStatus::Pending => (Class::Page, 0),
            PageStatus::SetAside => (Class::Aside, no_form(&entry.reasons)),
            _ => return None,
        };
        let (place, why) = (place as u32, whys.place(&entry.reasons));
        let slot = Self { class, question: 0, option: 0, confidence, place, form: 0, why };
        named.then_some(slot)
    }

    /// What of the survey it is about.
    pub fn view<'a>(&self, book: &'a Book, whys: &'a Whys, forms: &'a [Form]) -> View<'a> {
        let (place, question) = (self.place as usize, self.question(forms));
        let file = if self.is_page() { book.file_of_line(place) } else { book.file_of(place) };
        let response = if self.is_page() { book.id_of_line(place) } else { book.id_of(place) };
        let option = usize::from(self.option).checked_sub(1);
        let option = option.zip(question).and_then(|(i, q)| Some(q.options.get(i)?.id.as_str()));
        View {
            kind: match self.class {
                Class::Page | Class::Aside => "page",
                Class::Answer => "answer",
                Class::Number | Class::Listed | Class::Text => "text",
            },
            name: question.map_or("", |q| &q.id),
            option,
            file,
            response,
            reasons: whys.get(self.why),
            confidence: if self.is_page() { 0.0 } else { self.confidence as f32 / MILLION },
        }
    }

    fn question<'a>(&self, forms: &'a [Form]) -> Option<&'a Question> {
        let form = forms.get(usize::from(self.form)).filter(|_| !self.is_page())?;
        form.questions().get(usize::from(self.question))
    }
}

/// A confidence in a slot.
const MILLION: f32 = 1e6;

/// How surely a page is no form, in millionths: the more its ink is like one's, the less; blank, black and noisy
/// pages come after all that had something on them.
fn no_form(reasons: &[Reason]) -> u32 {
    let looked = reasons.iter().find(|r| r.code == ReasonCode::NoForm);
    let likely = looked.map_or(0.0, |r| 0.5 + 0.5 * r.measured.unwrap_or(0.0).clamp(0.0, 1.0));
    ((1.0 - likely) * f64::from(MILLION)) as u32
}

/// What a slot is about, as far as lists and filters need it: without a copy of anything.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub kind: &'static str,
    /// The question's or field's id; of a page "".
    pub name: &'a str,
    pub option: Option<&'a str>,
    pub file: &'a str,
    pub response: &'a str,
    pub reasons: &'a [ReasonCode],
    pub confidence: f32,
}

impl View<'_> {
    pub fn is(&self, field: &Field) -> bool {
        self.kind == field.kind() && self.name == field.name()
    }

    pub fn key(&self) -> Key {
        let field = Field::new(self.kind, self.name.to_owned());
        Key { response: self.response.to_owned(), field }
    }

    /// All of it; `None` if the book no longer has it.
    pub fn item(&self, slot: Slot, book: &Book) -> Option<Item> {
        let place = slot.place as usize;
        let mut item = Item {
            key: self.key(),
            form: None,
            file: self.file.to_owned(),
            page: 0,
            option: self.option.map(str::to_owned),
            guess: Guess::Nothing,
            reasons: Vec::new(),
            again: false,
        };
        if slot.is_page() {
            let entry = book.line(place)?;
            (item.form, item.page, item.reasons) = (entry.form, entry.page, entry.reasons);
            return Some(item);
        }
        let mut r = book.response(place)?;
        (item.form, item.page) = (Some(r.form), r.page);
        if self.kind == "answer" {
            let a = r.answers.remove(self.name)?;
            (item.guess, item.reasons) = (Guess::Options(a.value), a.reasons);
            item.again = a.source == Source::Person;
        } else {
            let t = r.text.remove(self.name)?;
            (item.guess, item.reasons) = (Guess::Text(t.value), t.reasons);
            item.again = t.source == Source::Person;
        }
        Some(item)
    }
}

/// A page's id; that of a page which is no response is in no export, but people can still be asked about it.
pub fn id_of(entry: &PageEntry) -> Cow<'_, str> {
    match &entry.response {
        Some(id) => Cow::Borrowed(id),
        None => Cow::Owned(response_id(&entry.sha256, entry.page)),
    }
}

/// The slots of a page: itself while it is pending, its pending answers once it counts.
pub fn slots(
    entry: Option<(usize, &PageEntry)>,
    response: Option<(usize, &Response)>,
    forms: &[Form],
    whys: &mut Whys,
) -> Vec<Slot> {
    if let Some(slot) = entry.and_then(|(place, e)| Slot::of_page(e, place, whys)) {
        return vec![slot];
    }
    let Some((place, r)) = response.filter(|(_, r)| r.status == PageStatus::Counted) else {
        return Vec::new();
    };
    let Some((form, at)) = forms.iter().zip(0..).find(|(f, _)| f.id() == r.form) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    // What the form does not ask is in no figure either.
    for (q, question) in form.questions().iter().zip(0..) {
        let mut add = |class, confidence: Score, reasons: &[Reason], option| {
            out.push(Slot {
                class,
                question,
                option,
                confidence: (confidence.get() * MILLION) as u32,
                place: place as u32,
                form: at,
                why: whys.place(reasons),
            });
        };
        if let Some(a) = r.answers.get(&q.id).filter(|a| a.state == FieldState::Pending) {
            add(Class::Answer, a.confidence, &a.reasons, doubtful(q, &a.reasons));
        }
        if let Some(t) = r.text.get(&q.id).filter(|t| t.state == FieldState::Pending) {
            let class = match q {
                q if q.kind == QuestionType::Integer => Class::Number,
                q if q.lexicon.is_some() => Class::Listed,
                _ => Class::Text,
            };
            add(class, t.confidence, &t.reasons, 0);
        }
    }
    out
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
