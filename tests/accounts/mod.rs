//! Hand-made forms and accounts: what the tally, the exports and the score are tested on.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use faxtally::account::{
    Account, Answer, Labels, PageEntry, PageStatus, Response, Source, Written,
};
use faxtally::form::Form;
use faxtally::reading::{FieldState, Reason, ReasonCode};
use faxtally::units::Score;
use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value, json};

/// The published figures of the 2024 survey: question,option,parent,count,percent,base.
pub const PUBLISHED: &str = include_str!("../data/published-2024.csv");

/// A form of these questions, checked like any other, whose geometry nobody looks at.
pub fn form(id: &str, questions: &Value) -> Form {
    let json = json!({
        "schema_version": 1, "id": id, "survey": "test-survey",
        "title": {"ja": "試しの調査", "en": "A test survey"},
        "page": {"width": 60.0, "height": 120.0, "blank": "blank.png"},
        "questions": questions,
    });
    // 8 px a mm, with one black bar for print.
    let blank = GrayImage::from_fn(480, 960, |_, y| Luma([if y < 40 { 0 } else { 255 }]));
    let mut png = Cursor::new(Vec::new());
    blank.write_to(&mut png, ImageFormat::Png).unwrap();
    Form::from_bytes(json.to_string().as_bytes(), png.get_ref(), Path::new("test")).unwrap()
}

pub fn choice(id: &str, kind: &str, options: &[&str]) -> Value {
    let options: Vec<_> = options
        .iter()
        .enumerate()
        .map(|(i, o)| {
            json!({"id": o, "label": {"ja": format!("選択肢 {o}"), "en": format!("option {o}")},
                   "box": {"x": 20.0, "y": 20.0 + 5.0 * i as f32, "w": 3.0, "h": 3.0}})
        })
        .collect();
    json!({"id": id, "type": kind, "options": options,
           "label": {"ja": format!("設問 {id}"), "en": format!("question {id}")}})
}

pub fn field(id: &str, kind: &str) -> Value {
    json!({"id": id, "type": kind, "label": {"ja": format!("記入 {id}"), "en": format!("field {id}")},
           "box": {"x": 25.0, "y": 20.0, "w": 30.0, "h": 8.0}})
}

/// `value` with another key.
pub fn with(mut value: Value, key: &str, what: Value) -> Value {
    value[key] = what;
    value
}

pub fn answered(options: &[&str]) -> Answer {
    Answer {
        value: options.iter().map(ToString::to_string).collect(),
        state: if options.is_empty() { FieldState::Blank } else { FieldState::Answered },
        confidence: Score::new(0.9993),
        source: Source::Machine,
        reasons: Vec::new(),
    }
}

pub fn pending(guess: &[&str], code: ReasonCode) -> Answer {
    Answer {
        state: FieldState::Pending,
        confidence: Score::new(0.5),
        reasons: vec![Reason::new(code)],
        ..answered(guess)
    }
}

pub fn decided(options: &[&str]) -> Answer {
    Answer { source: Source::Person, confidence: Score::ONE, ..answered(options) }
}

pub fn written(value: &str) -> Written {
    Written {
        value: value.to_owned(),
        state: if value.is_empty() { FieldState::Blank } else { FieldState::Answered },
        confidence: Score::new(0.98),
        source: Source::Machine,
        reasons: Vec::new(),
    }
}

pub fn unread() -> Written {
    Written {
        state: FieldState::Pending,
        confidence: Score::ZERO,
        reasons: vec![Reason::new(ReasonCode::TextNotRead)],
        ..written("")
    }
}

/// A counted response of page 1 of `fax<n>.tif`.
pub fn response(n: usize, form: &str, answers: &[(&str, Answer)]) -> Response {
    Response {
        id: format!("r-{n:016x}"),
        file: format!("fax{n:05}.tif"),
        page: 1,
        form: form.to_owned(),
        labels: Labels::default(),
        status: PageStatus::Counted,
        answers: answers.iter().map(|(q, a)| ((*q).to_owned(), a.clone())).collect(),
        text: BTreeMap::new(),
    }
}

/// A page with nothing measured on it.
pub fn page(file: &str, status: PageStatus) -> PageEntry {
    PageEntry {
        file: file.to_owned(),
        page: 1,
        sha256: "00".repeat(32),
        labels: Labels::default(),
        status,
        form: None,
        response: None,
        duplicate_of: None,
        orientation: 0,
        skew_deg: 0.0,
        residual_px: 0.0,
        reasons: Vec::new(),
    }
}

/// The responses with a page for each.
pub fn account(responses: Vec<Response>) -> Account {
    let pages = responses
        .iter()
        .map(|r| PageEntry {
            form: Some(r.form.clone()),
            response: Some(r.id.clone()),
            ..page(&r.file, r.status)
        })
        .collect();
    Account { pages, responses }
}

/// The published table's rows: question, option, count, percent, base.
pub fn published() -> Vec<(&'static str, &'static str, usize, &'static str, u64)> {
    let row = |line: &'static str| {
        let c: Vec<_> = line.split(',').collect();
        (c[0], c[1], c[3].parse().unwrap(), c[4], c[5].parse().unwrap())
    };
    PUBLISHED.lines().skip(1).map(row).collect()
}
