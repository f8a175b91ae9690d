//! A survey whose readings were put straight into the store, without a page: what the figures are
//! tested on.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use faxtally::account::{Labels, document_hash};
use faxtally::form::{Form, QuestionType};
use faxtally::reading::{
    AnswerReading, FieldState, InkMap, PageKind, PageReading, Reason, ReasonCode, TextReading,
};
use faxtally::simulate::answers::Response;
use faxtally::store::{Op, Stamp, Store};
use faxtally::units::Score;

pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// What the machine reads where somebody answered this: surely, or nothing at all.
pub fn reading(form: &Form, r: &Response, sure: bool) -> PageReading {
    let state = |blank: bool| match (sure, blank) {
        (false, _) => FieldState::Pending,
        (true, true) => FieldState::Blank,
        (true, false) => FieldState::Answered,
    };
    let reasons = if sure { vec![] } else { vec![Reason::new(ReasonCode::MarginalMark)] };
    let confidence = Score::new(if sure { 0.9993 } else { 0.5 });
    let mut answers = BTreeMap::new();
    let mut text = BTreeMap::new();
    for q in form.questions() {
        let reasons = reasons.clone();
        if q.kind.is_choice() {
            let value = r.answers.get(&q.id).cloned().unwrap_or_default();
            let state = state(value.is_empty());
            let value = if sure { value } else { Vec::new() };
            answers.insert(q.id.clone(), AnswerReading { value, state, confidence, reasons });
        } else {
            let kept = q.kind == QuestionType::Integer || q.lexicon.is_some();
            let value = r.text.get(&q.id).cloned().filter(|_| kept).unwrap_or_default();
            let state = state(value.is_empty());
            let value = if sure { value } else { String::new() };
            text.insert(q.id.clone(), TextReading { value, state, confidence, reasons });
        }
    }
    PageReading {
        reader: "kept".into(),
        kind: PageKind::Response,
        form: Some(form.id().to_owned()),
        form_hash: Some(form.hash.clone()),
        orientation: 0,
        skew_deg: 0.0,
        residual_px: 0.0,
        agreement: Score::ONE,
        reasons: Vec::new(),
        answers,
        text,
        boxes: Vec::new(),
        ink: InkMap::default(),
        writings: Vec::new(),
    }
}

/// The operations that put one page into the store as `file`.
pub fn ops(file: &str, labels: Labels, reading: PageReading) -> Vec<Op> {
    let sha256 = document_hash(file.as_bytes());
    let stamp = Stamp { bytes: 1, modified_ns: 0 };
    let reader = "kept".to_owned();
    vec![
        Op::Receive { sha256: sha256.clone(), bytes: 1 },
        Op::Sight {
            location: format!("/inbox/{file}"),
            inbox: "/inbox".into(),
            path: file.into(),
            labels,
            stamp,
            document: Some(sha256.clone()),
            reason: None,
        },
        Op::Opened { sha256: sha256.clone(), reader: reader.clone(), pages: 1 },
        Op::Read { sha256, page: 1, reader, reading: Box::new(reading) },
    ]
}

/// A line of `truth.jsonl`.
pub fn truth(file: &str, form: &Form, r: &Response) -> String {
    let line = serde_json::json!({"file": file, "page": 1, "form": form.id(),
                                  "answers": r.answers, "text": r.text});
    line.to_string() + "\n"
}

/// Keeps everybody's answers; every `doubt`-th response is left wholly to people, who then decide it
/// as it was.
pub fn keep(
    store: &Store,
    form: &Form,
    people: &[Response],
    doubt: usize,
    labels: impl Fn(usize) -> Labels,
) {
    let file = |i: usize| format!("fax{i:05}.tif");
    let unsure = |i: usize| doubt > 0 && i % doubt == doubt - 1;
    let numbered: Vec<(usize, &Response)> = people.iter().enumerate().collect();
    for chunk in numbered.chunks(500) {
        let all = chunk
            .iter()
            .flat_map(|(i, r)| ops(&file(*i), labels(*i), reading(form, r, !unsure(*i))));
        store.commit(all.collect()).unwrap();
    }
    let decided = numbered.iter().filter(|(i, _)| unsure(*i));
    let lines: String = decided.map(|(i, r)| truth(&file(*i), form, r)).collect();
    store.import_decisions(lines.as_bytes(), "山田").unwrap();
}
