//! A line for every counted or pending response, with every answer of its form.

use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::csv::{Cell, row};
use super::pages::status_word;
use super::{CONFIDENCE_DECIMALS, ReasonRow, line, reason_codes, reason_rows, rounded};
use crate::account::{Answer, PageStatus, Response, Rows, Source, Written};
use crate::form::{Form, Question};
use crate::lang::Lang;
use crate::reading::FieldState;
use crate::units::Score;

/// The contract's keys, in its order.
#[derive(Serialize)]
struct ResponseRow<'a> {
    response: &'a str,
    file: &'a str,
    page: u32,
    form: &'a str,
    status: PageStatus,
    answers: InOrder<AnswerRow<'a, &'a [String]>>,
    text: InOrder<AnswerRow<'a, &'a str>>,
}

#[derive(Serialize)]
struct AnswerRow<'a, V> {
    #[serde(skip)]
    id: &'a str,
    value: V,
    state: FieldState,
    confidence: f64,
    source: Source,
    reasons: Vec<ReasonRow>,
}

/// A JSON object whose keys stand in the form's order.
struct InOrder<T>(Vec<T>);

impl<V: Serialize> Serialize for InOrder<AnswerRow<'_, V>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for row in &self.0 {
            map.serialize_entry(row.id, row)?;
        }
        map.end()
    }
}

pub fn jsonl(
    account: &dyn Rows,
    forms: &[Form],
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    account.responses().try_for_each(|r| line(out, &response_row(&r, forms, lang)))
}

fn response_row<'a>(r: &'a Response, forms: &'a [Form], lang: Lang) -> ResponseRow<'a> {
    let questions = forms.iter().find(|f| f.id() == r.form).map_or(&[][..], Form::questions);
    ResponseRow {
        response: &r.id,
        file: &r.file,
        page: r.page,
        form: &r.form,
        status: r.status,
        answers: InOrder(questions.iter().filter_map(|q| answer_row(r, q, lang)).collect()),
        text: InOrder(questions.iter().filter_map(|q| text_row(r, q, lang)).collect()),
    }
}

/// `None` for a written field. What the reading does not have is unread: pending.
fn answer_row<'a>(
    r: &'a Response,
    q: &'a Question,
    lang: Lang,
) -> Option<AnswerRow<'a, &'a [String]>> {
    let answer = r.answers.get(&q.id);
    q.kind.is_choice().then(|| AnswerRow {
        id: &q.id,
        value: answer.map_or(&[][..], |a| &a.value),
        state: answer.map_or(FieldState::Pending, |a| a.state),
        confidence: confidence(answer.map(|a| a.confidence)),
        source: answer.map_or(Source::Machine, |a| a.source),
        reasons: answer.map_or_else(Vec::new, |a| reason_rows(&a.reasons, lang)),
    })
}

fn text_row<'a>(r: &'a Response, q: &'a Question, lang: Lang) -> Option<AnswerRow<'a, &'a str>> {
    let written = r.text.get(&q.id);
    (!q.kind.is_choice()).then(|| AnswerRow {
        id: &q.id,
        value: written.map_or("", |w| &w.value),
        state: written.map_or(FieldState::Pending, |w| w.state),
        confidence: confidence(written.map(|w| w.confidence)),
        source: written.map_or(Source::Machine, |w| w.source),
        reasons: written.map_or_else(Vec::new, |w| reason_rows(&w.reasons, lang)),
    })
}

fn confidence(score: Option<Score>) -> f64 {
    rounded(score.unwrap_or_default().get(), CONFIDENCE_DECIMALS)
}

/// A row a response; per question its value (option ids joined by `;`), state, source, confidence
/// and reasons. Questions of several forms stand side by side, those not asked stay empty.
pub fn csv(account: &dyn Rows, forms: &[Form], _: Lang, out: &mut dyn Write) -> io::Result<()> {
    let questions = columns(forms);
    let head = ["response", "file", "page", "form", "status", "batch", "arrived", "association"];
    let of_question = questions.iter().flat_map(|q| {
        ["", "_state", "_source", "_confidence", "_reasons"]
            .map(|suffix| Cell::own(format!("{}{suffix}", q.id)))
    });
    row(out, head.map(Cell::own).into_iter().chain(of_question))?;
    account.responses().try_for_each(|r| row(out, cells(&r, forms, &questions)))
}

fn columns(forms: &[Form]) -> Vec<&Question> {
    let mut found: Vec<&Question> = Vec::new();
    for q in forms.iter().flat_map(Form::questions) {
        if !found.iter().any(|f| f.id == q.id) {
            found.push(q);
        }
    }
    found
}

fn cells(r: &Response, forms: &[Form], questions: &[&Question]) -> Vec<Cell> {
    let label = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
    let form = forms.iter().find(|f| f.id() == r.form);
    let mut cells = vec![
        Cell::own(&r.id),
        Cell::text(&r.file),
        Cell::own(r.page),
        Cell::own(&r.form),
        Cell::own(status_word(r.status)),
        label(&r.labels.batch),
        label(&r.labels.arrived),
        label(&r.labels.association),
    ];
    for q in questions {
        let asked = form.is_some_and(|f| f.question(&q.id).is_some());
        match (asked, r.answers.get(&q.id), r.text.get(&q.id)) {
            (false, _, _) => cells.extend([""; 5].map(Cell::own)),
            (true, Some(a), _) => cells.extend(answer_cells(a)),
            (true, None, Some(w)) => cells.extend(text_cells(w)),
            (true, None, None) => {
                cells.extend(["", "pending", "machine", "0", ""].map(Cell::own));
            }
        }
    }
    cells
}

fn answer_cells(a: &Answer) -> [Cell; 5] {
    [
        Cell::own(a.value.join(";")),
        Cell::own(state_word(a.state)),
        Cell::own(source_word(a.source)),
        Cell::own(confidence(Some(a.confidence))),
        Cell::own(reason_codes(&a.reasons)),
    ]
}

fn text_cells(w: &Written) -> [Cell; 5] {
    [
        Cell::text(&w.value),
        Cell::own(state_word(w.state)),
        Cell::own(source_word(w.source)),
        Cell::own(confidence(Some(w.confidence))),
        Cell::own(reason_codes(&w.reasons)),
    ]
}

fn state_word(state: FieldState) -> &'static str {
    match state {
        FieldState::Answered => "answered",
        FieldState::Blank => "blank",
        FieldState::Pending => "pending",
    }
}

fn source_word(source: Source) -> &'static str {
    match source {
        Source::Machine => "machine",
        Source::Person => "person",
    }
}
