//! Responses with the published answers, made without a page and without a store.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::path::{Path, PathBuf};

use faxtally::account::{Account, Answer, Labels, PageStatus, Response, Source, Written};
use faxtally::form::{Form, QuestionType};
use faxtally::reading::{FieldState, Reason, ReasonCode};
use faxtally::simulate::answers::Response as Drawn;
use faxtally::simulate::published::{Margins, draw};
use faxtally::units::Score;

pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn form(dir: &str) -> Form {
    Form::open(&here(dir)).unwrap()
}

/// As many people as answered, with the answers that were published.
pub fn people(form: &Form) -> Vec<Drawn> {
    let margins = Margins::open(&here("tests/data/published.json"), None, form).unwrap();
    draw(form, &margins, margins.n, 42).unwrap()
}

/// One response as the account has it; unsure: every answer waits for a person.
pub fn response(form: &Form, i: usize, drawn: &Drawn, sure: bool) -> Response {
    let state = |blank: bool| match (sure, blank) {
        (false, _) => FieldState::Pending,
        (true, true) => FieldState::Blank,
        (true, false) => FieldState::Answered,
    };
    let confidence = Score::new(if sure { 0.9993 } else { 0.5 });
    let source = Source::Machine;
    let reasons = if sure { vec![] } else { vec![Reason::new(ReasonCode::MarginalMark)] };
    let mut r = Response {
        id: format!("r-{i:016x}"),
        file: format!("fax{i:07}.tif"),
        page: 1,
        form: form.id().to_owned(),
        labels: Labels { association: Some(format!("協会 {:02}", i % 34)), ..Labels::default() },
        status: PageStatus::Counted,
        answers: std::collections::BTreeMap::new(),
        text: std::collections::BTreeMap::new(),
    };
    for q in form.questions() {
        let reasons = reasons.clone();
        if q.kind.is_choice() {
            let value = drawn.answers.get(&q.id).cloned().unwrap_or_default();
            let state = state(value.is_empty());
            let answer = Answer { value, state, confidence, source, reasons };
            r.answers.insert(q.id.clone(), answer);
        } else {
            let kept =
                q.kind == QuestionType::Integer || q.lexicon.is_some() || i.is_multiple_of(10);
            let value = drawn.text.get(&q.id).cloned().filter(|_| kept).unwrap_or_default();
            let state = state(value.is_empty());
            let written = Written { value, state, confidence, source, reasons };
            r.text.insert(q.id.clone(), written);
        }
    }
    r
}

/// Everybody.
pub fn account(form: &Form) -> Account {
    let all = people(form);
    let responses = all.iter().enumerate().map(|(i, p)| response(form, i, p, true)).collect();
    Account { pages: Vec::new(), responses }
}
