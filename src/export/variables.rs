//! The variables of a survey, for everyone who writes one row a response: the wide CSV, the workbook,
//! SPSS and Parquet files have the same columns under the same names.
//!
//! A choice of one is one variable, a choice of several one variable an option. Beside every question
//! stands its standing, so that a blank, an unread answer and one that does not belong to the
//! question's base are never the same empty cell.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use crate::account::Response;
use crate::form::{Form, FormOption, Question, QuestionType};
use crate::reading::FieldState;
use crate::tally::asked as questions;
use crate::tally::{AnswerStanding, Member, Rule, Sheet};

/// Rows whose bases are worked out together: enough that setting up costs nothing, few enough that
/// they need no memory to speak of.
const CHUNK: usize = 1024;

/// One column.
pub struct Variable<'a> {
    /// ASCII, unique: a question's id, `question.option`, `question.standing`.
    pub name: String,
    pub of: Of<'a>,
    /// Index of its question; meaningless for columns that have none.
    at: usize,
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
    pub questions: Vec<&'a Question>,
    forms: &'a [Form],
}

impl<'a> Variables<'a> {
    /// What the forms of a survey ask, each question once, in the order of the first form.
    pub fn new(forms: &'a [Form]) -> Self {
        let questions = questions(forms);
        let mut taken = BTreeSet::new();
        let mut columns = Vec::new();
        for (name, of) in labels() {
            columns.push(Variable { name: unused(name.to_owned(), &mut taken), of, at: 0 });
        }
        for (at, question) in questions.iter().enumerate() {
            for (name, of) in of_question(forms, question) {
                columns.push(Variable { name: unused(name, &mut taken), of, at });
            }
        }
        Self { columns, questions, forms }
    }

    /// The forms that say what the columns mean.
    pub fn forms(&self) -> &'a [Form] {
        self.forms
    }

    /// The same without what may point to a person: file names, and writing that is no word of a closed
    /// list. What leaves of that passes the gate for quotes.
    pub fn without_writing(forms: &'a [Form]) -> Self {
        let mut all = Self::new(forms);
        all.columns.retain(|c| match c.of {
            Of::File | Of::Page => false,
            Of::Text(q) => q.lexicon.is_some(),
            _ => true,
        });
        all
    }

    /// Visits every response with its cells in the order of the columns.
    ///
    /// # Errors
    /// The first that `visit` gives.
    pub fn each<R: Borrow<Response>, E>(
        &self,
        responses: impl IntoIterator<Item = R>,
        mut visit: impl FnMut(&Response, &[Value]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut responses = responses.into_iter();
        loop {
            let chunk: Vec<R> = responses.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            let standings = Standings::new(self, &chunk);
            for (row, response) in chunk.iter().enumerate() {
                let response = response.borrow();
                let standing = standings.row(row);
                let cell = |c: &Variable| {
                    value(
                        response,
                        standing.get(c.at).copied().unwrap_or(Standing::NotAsked),
                        &c.of,
                    )
                };
                let cells: Vec<Value> = self.columns.iter().map(cell).collect();
                visit(response, &cells)?;
            }
        }
    }

    /// Visits every response with its standing to every question, in the order of the questions.
    ///
    /// # Errors
    /// The first that `visit` gives.
    pub fn each_standing<R: Borrow<Response>, E>(
        &self,
        responses: impl IntoIterator<Item = R>,
        mut visit: impl FnMut(&Response, &[Standing]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut responses = responses.into_iter();
        loop {
            let chunk: Vec<R> = responses.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return Ok(());
            }
            let standings = Standings::new(self, &chunk);
            for (row, response) in chunk.iter().enumerate() {
                visit(response.borrow(), standings.row(row))?;
            }
        }
    }
}

/// How the responses of one chunk stand to every question, by the rules of the tally.
struct Standings {
    all: Vec<Standing>,
    questions: usize,
}

impl Standings {
    fn new<R: Borrow<Response>>(variables: &Variables, chunk: &[R]) -> Self {
        let mut sheet = Sheet::new(variables.forms);
        // A response of a form that the survey does not have is not asked anything.
        let rows: Vec<Option<usize>> =
            chunk.iter().map(|r| sheet.push(r.borrow()).then(|| sheet.rows() - 1)).collect();
        let rules: Vec<Rule> =
            variables.questions.iter().map(|q| Rule::new(&sheet, &q.id)).collect();
        let mut all = Vec::with_capacity(chunk.len() * rules.len());
        for row in rows {
            for (question, rule) in variables.questions.iter().zip(&rules) {
                all.push(row.map_or(Standing::NotAsked, |row| stand(&sheet, rule, question, row)));
            }
        }
        Self { all, questions: rules.len() }
    }

    fn row(&self, row: usize) -> &[Standing] {
        &self.all[row * self.questions..(row + 1) * self.questions]
    }
}

fn stand(sheet: &Sheet, rule: &Rule, question: &Question, row: usize) -> Standing {
    let id = question.id.as_str();
    let number = question.kind == QuestionType::Integer;
    let own = match (sheet.choices(id), sheet.writing(id)) {
        (Some(column), _) => column.standing(row),
        (None, Some(column)) => match column.standing(row) {
            // Writing that is no number is none yet.
            AnswerStanding::Answered if number && column.number(row).is_none() => {
                AnswerStanding::Pending
            }
            standing => standing,
        },
        (None, None) => AnswerStanding::NotAsked,
    };
    match (rule.member(row), own) {
        (_, AnswerStanding::NotAsked) => Standing::NotAsked,
        (Member::Out, _) => Standing::Out,
        (Member::Unknown, _) if question.kind.is_choice() => Standing::Pending,
        (Member::Unknown, _) => Standing::Unsettled,
        (Member::In, AnswerStanding::Answered) => Standing::Answered,
        (Member::In, AnswerStanding::Blank) => Standing::Blank,
        (Member::In, AnswerStanding::Pending) => Standing::Pending,
    }
}

fn labels<'a>() -> [(&'static str, Of<'a>); 7] {
    [
        ("response", Of::Response),
        ("file", Of::File),
        ("page", Of::Page),
        ("form", Of::Form),
        ("batch", Of::Batch),
        ("arrived", Of::Arrived),
        ("association", Of::Association),
    ]
}

fn of_question<'a>(forms: &'a [Form], question: &'a Question) -> Vec<(String, Of<'a>)> {
    let id = &question.id;
    let mut out = match question.kind {
        QuestionType::SelectOne => vec![(id.clone(), Of::One(question, options(forms, id)))],
        QuestionType::SelectMultiple => options(forms, id)
            .into_iter()
            .map(|o| (format!("{id}.{}", o.id), Of::Chosen(question, o)))
            .collect(),
        QuestionType::Integer => vec![(id.clone(), Of::Number(question))],
        QuestionType::Text => vec![(id.clone(), Of::Text(question))],
    };
    out.push((format!("{id}.standing"), Of::Standing(question)));
    out
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

fn value<'r>(r: &'r Response, standing: Standing, of: &Of) -> Value<'r> {
    let label = |text: &'r Option<String>| {
        text.as_deref().map_or(Value::Nothing(Standing::NotAsked), Value::Text)
    };
    let chosen = |q: &Question| {
        let answer = r.answers.get(&q.id);
        answer.filter(|a| a.state != FieldState::Pending && standing != Standing::NotAsked)
    };
    match of {
        Of::Response => Value::Text(&r.id),
        Of::File => Value::Text(&r.file),
        Of::Page => Value::Whole(u64::from(r.page)),
        Of::Form => Value::Text(&r.form),
        Of::Batch => label(&r.labels.batch),
        Of::Arrived => label(&r.labels.arrived),
        Of::Association => label(&r.labels.association),
        Of::One(q, options) => {
            let value = chosen(q).and_then(|a| a.value.first());
            let at = value.and_then(|v| options.iter().position(|o| o.id == *v));
            at.map_or(Value::Nothing(standing), Value::Option)
        }
        Of::Chosen(q, option) => chosen(q)
            .map_or(Value::Nothing(standing), |a| Value::Chosen(a.value.contains(&option.id))),
        Of::Number(q) => {
            let written = r.text.get(&q.id).filter(|w| w.state == FieldState::Answered);
            written.and_then(|w| digits(&w.value)).map_or(Value::Nothing(standing), Value::Whole)
        }
        // Words are worth reading while they wait; the standing says that nobody has confirmed them.
        Of::Text(q) => match r.text.get(&q.id) {
            Some(w) if !w.value.is_empty() => Value::Text(&w.value),
            _ => Value::Nothing(standing),
        },
        Of::Standing(_) => Value::Standing(standing),
    }
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
