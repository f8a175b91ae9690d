//! The variables of a survey, for everyone who writes one row a response: the wide CSV, the workbook,
//! SPSS and Parquet files have the same columns under the same names.
//!
//! A choice of one is one variable, a choice of several one variable an option. Beside every question
//! stands its standing, so that a blank, an unread answer and one that does not belong to the
//! question's base are never the same empty cell.

use std::collections::BTreeSet;

use crate::account::{Account, PageStatus, Response};
use crate::form::{Form, FormOption, Question, QuestionType};
use crate::reading::FieldState;
use crate::tally::{Member, member};

/// One column.
pub struct Variable<'a> {
    /// ASCII, unique: a question's id, `question.option`, `question.standing`.
    pub name: String,
    pub of: Of<'a>,
}

/// What a column holds.
pub enum Of<'a> {
    Response,
    File,
    Page,
    Form,
    Batch,
    Arrived,
    Association,
    /// The one option chosen.
    One(&'a Question, Vec<&'a FormOption>),
    /// Whether this option was chosen.
    Chosen(&'a Question, &'a FormOption),
    Number(&'a Question),
    Text(&'a Question),
    Standing(&'a Question),
}

/// How one response stands to one question. The words in files are those of [`Standing::word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Answered,
    Blank,
    /// Waits for a person, or whether it belongs to the base does. Of a number or text: is in the base.
    Pending,
    /// Whether it belongs to the base of a written field waits for a person.
    Unsettled,
    /// Not in the base of the question.
    Out,
    /// The response's form does not ask it.
    NotAsked,
}

impl Standing {
    pub const ALL: [Self; 6] =
        [Self::Answered, Self::Blank, Self::Pending, Self::Unsettled, Self::Out, Self::NotAsked];

    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Blank => "blank",
            Self::Pending => "pending",
            Self::Unsettled => "unsettled",
            Self::Out => "out_of_base",
            Self::NotAsked => "not_asked",
        }
    }
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value; the standing says why.
    Nothing(Standing),
    /// Chosen option, counted from 0 in the order of [`Of::One`].
    Option(usize),
    Chosen(bool),
    Whole(u64),
    Text(&'a str),
    Standing(Standing),
}

/// All columns and the forms that say what they mean.
pub struct Variables<'a> {
    pub columns: Vec<Variable<'a>>,
    forms: &'a [Form],
}

impl<'a> Variables<'a> {
    /// What the forms of a survey ask, each question once, in the order of the first form.
    pub fn new(forms: &'a [Form]) -> Self {
        let mut taken = BTreeSet::new();
        let mut columns = Vec::new();
        let mut add = |name: String, of: Of<'a>| {
            columns.push(Variable { name: unused(name, &mut taken), of });
        };
        add("response".into(), Of::Response);
        add("file".into(), Of::File);
        add("page".into(), Of::Page);
        add("form".into(), Of::Form);
        add("batch".into(), Of::Batch);
        add("arrived".into(), Of::Arrived);
        add("association".into(), Of::Association);
        for question in questions(forms) {
            let id = &question.id;
            match question.kind {
                QuestionType::SelectOne => {
                    add(id.clone(), Of::One(question, options(forms, id)));
                }
                QuestionType::SelectMultiple => {
                    for option in options(forms, id) {
                        add(format!("{id}.{}", option.id), Of::Chosen(question, option));
                    }
                }
                QuestionType::Integer => add(id.clone(), Of::Number(question)),
                QuestionType::Text => add(id.clone(), Of::Text(question)),
            }
            add(format!("{id}.standing"), Of::Standing(question));
        }
        Self { columns, forms }
    }

    /// One row: the cells of a response in the order of the columns.
    pub fn row<'r>(&self, response: &'r Response) -> Vec<Value<'r>> {
        let form = self.forms.iter().find(|f| f.id() == response.form);
        self.columns.iter().map(|c| value(response, form, &c.of)).collect()
    }
}

/// The responses that figures are made of: pages that wait for a person as a whole are not among them.
pub fn counted(account: &Account) -> impl Iterator<Item = &Response> {
    account.responses.iter().filter(|r| r.status == PageStatus::Counted)
}

/// Every question that any form asks, once.
pub fn questions(forms: &[Form]) -> Vec<&Question> {
    let mut found: Vec<&Question> = Vec::new();
    for q in forms.iter().flat_map(Form::questions) {
        if !found.iter().any(|f| f.id == q.id) {
            found.push(q);
        }
    }
    found
}

/// Every option that any form has for a question, in order of first appearance.
pub fn options<'a>(forms: &'a [Form], id: &str) -> Vec<&'a FormOption> {
    let mut found: Vec<&FormOption> = Vec::new();
    for o in forms.iter().filter_map(|f| f.question(id)).flat_map(|q| &q.options) {
        if !found.iter().any(|f| f.id == o.id) {
            found.push(o);
        }
    }
    found
}

/// Ids have no dot, so a clash needs two questions of different kinds and one name; case does not
/// tell names apart in SPSS.
fn unused(mut name: String, taken: &mut BTreeSet<String>) -> String {
    while !taken.insert(name.to_ascii_lowercase()) {
        name.push('_');
    }
    name
}

fn value<'r>(r: &'r Response, form: Option<&Form>, of: &Of) -> Value<'r> {
    let label = |text: &'r Option<String>| {
        text.as_deref().map_or(Value::Nothing(Standing::NotAsked), Value::Text)
    };
    match of {
        Of::Response => Value::Text(&r.id),
        Of::File => Value::Text(&r.file),
        Of::Page => Value::Whole(u64::from(r.page)),
        Of::Form => Value::Text(&r.form),
        Of::Batch => label(&r.labels.batch),
        Of::Arrived => label(&r.labels.arrived),
        Of::Association => label(&r.labels.association),
        Of::One(q, options) => settled(r, form, q, |value| {
            let at = value.first().and_then(|v| options.iter().position(|o| o.id == *v));
            at.map_or(Value::Nothing(Standing::Pending), Value::Option)
        }),
        Of::Chosen(q, option) => {
            settled(r, form, q, |value| Value::Chosen(value.contains(&option.id)))
        }
        Of::Number(q) => match standing(r, form, q) {
            Standing::Answered => r.text.get(&q.id).and_then(|w| digits(&w.value)).map_or(
                // `standing` has made sure that it is a number.
                Value::Nothing(Standing::Pending),
                Value::Whole,
            ),
            other => Value::Nothing(other),
        },
        // Words are worth reading while they wait; the standing says that nobody has confirmed them.
        Of::Text(q) => match r.text.get(&q.id) {
            Some(w) if !w.value.is_empty() => Value::Text(&w.value),
            _ => Value::Nothing(standing(r, form, q)),
        },
        Of::Standing(q) => Value::Standing(standing(r, form, q)),
    }
}

/// A choice that was made, in its base or not; otherwise the reason why there is none.
fn settled<'r>(
    r: &'r Response,
    form: Option<&Form>,
    question: &Question,
    chosen: impl FnOnce(&'r [String]) -> Value<'r>,
) -> Value<'r> {
    let answer = r.answers.get(&question.id);
    match standing(r, form, question) {
        Standing::NotAsked => Value::Nothing(Standing::NotAsked),
        Standing::Blank if question.kind == QuestionType::SelectMultiple => Value::Chosen(false),
        why => match answer {
            Some(a) if a.state == FieldState::Answered => chosen(&a.value),
            Some(a) if a.state == FieldState::Blank && why == Standing::Pending => {
                Value::Nothing(Standing::Pending)
            }
            _ => Value::Nothing(why),
        },
    }
}

/// How a response stands to a question of the survey, by the rules of the tally.
pub fn standing(r: &Response, form: Option<&Form>, question: &Question) -> Standing {
    let own = form.and_then(|f| Some((f, f.question(&question.id)?)));
    let Some((form, question)) = own else { return Standing::NotAsked };
    let member = member(r, form, question);
    if member == Member::Out {
        return Standing::Out;
    }
    let state = if question.kind.is_choice() {
        r.answers.get(&question.id).map(|a| a.state)
    } else {
        let written = r.text.get(&question.id);
        let number = question.kind == QuestionType::Integer;
        let unread = |v: &str| number && digits(v).is_none();
        match written.map(|w| w.state) {
            Some(FieldState::Answered) if written.is_some_and(|w| unread(&w.value)) => None,
            state => state,
        }
    };
    match (member, state) {
        (Member::Unknown, _) if question.kind.is_choice() => Standing::Pending,
        (Member::Unknown, _) => Standing::Unsettled,
        (_, Some(FieldState::Answered)) => Standing::Answered,
        (_, Some(FieldState::Blank)) => Standing::Blank,
        (_, Some(FieldState::Pending) | None) => Standing::Pending,
    }
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
