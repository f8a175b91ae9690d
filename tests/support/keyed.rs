//! Pages whose truth is known, read in memory by all cores, and compared answer by answer.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use faxtally::decode::{Document, FaxPage, Limits};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::reading::{FieldState, PageKind, PageReading, ReasonCode};
use faxtally::score::{TruthPage, read_truth};
use rayon::prelude::*;

pub fn form_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/mynahoken-2024")
}

pub fn form() -> Form {
    Form::open(&form_dir()).unwrap()
}

pub fn reader() -> Reader {
    Reader::new(vec![form()], Policy::default())
}

/// Every page of the truth with its pixels, in the truth's order.
pub fn pages(inbox: &Path) -> Vec<(TruthPage, FaxPage)> {
    let truth = BufReader::new(File::open(inbox.join("truth.jsonl")).unwrap());
    let mut files: BTreeMap<String, Document> = BTreeMap::new();
    let mut out = Vec::new();
    for line in read_truth(truth).unwrap() {
        let document = files.entry(line.file.clone()).or_insert_with(|| {
            let bytes = std::fs::read(inbox.join(&line.file)).unwrap();
            Document::open(bytes, &Limits::default()).unwrap()
        });
        let page = document.page(line.page - 1).unwrap();
        out.push((line, page));
    }
    out
}

pub fn read(reader: &Reader, pages: &[(TruthPage, FaxPage)]) -> Vec<PageReading> {
    pages.par_iter().map(|(_, page)| reader.read_page(page)).collect()
}

/// What became of pages whose truth is known.
#[derive(Debug, Default)]
pub struct Outcome {
    pub pages: usize,
    /// Pages on which the form was not set in place.
    pub unregistered: Vec<String>,
    /// Pages that wait as a whole for a person.
    pub pending_pages: Vec<String>,
    /// Answers that the machine settled, and that it left to people on pages that count.
    pub settled: usize,
    pub pending: usize,
    /// Why: answers by the first reason given for them.
    pub pending_by: BTreeMap<ReasonCode, usize>,
    /// Boxes on which a settled answer differs from the truth.
    pub wrong_positions: Vec<String>,
}

impl Outcome {
    pub fn of(form: &Form, pages: &[(TruthPage, FaxPage)], readings: &[PageReading]) -> Self {
        assert_eq!(pages.len(), readings.len());
        let mut out = Self { pages: pages.len(), ..Self::default() };
        for ((truth, _), reading) in pages.iter().zip(readings) {
            let name = format!("{}#{}", truth.file, truth.page);
            // A page that was not registered has no boxes.
            if reading.form.as_deref() != Some(form.id()) || reading.boxes.is_empty() {
                out.unregistered.push(format!("{name}: {:?}", reading.reasons));
            } else if reading.kind != PageKind::Response {
                out.pending_pages.push(format!("{name}: {:?}", reading.reasons));
            } else {
                out.answers(form, &name, truth, reading);
            }
        }
        out
    }

    fn answers(&mut self, form: &Form, name: &str, truth: &TruthPage, reading: &PageReading) {
        for q in form.questions().iter().filter(|q| q.kind.is_choice()) {
            let answer = &reading.answers[&q.id];
            if answer.state == FieldState::Pending {
                self.pending += 1;
                if let Some(first) = answer.reasons.first() {
                    *self.pending_by.entry(first.code).or_default() += 1;
                }
                continue;
            }
            self.settled += 1;
            let really = truth.answer(&q.id);
            for o in
                q.options.iter().filter(|o| answer.value.contains(&o.id) != really.contains(&o.id))
            {
                let said = answer.value.contains(&o.id);
                self.wrong_positions.push(format!("{name} {}.{}: said {said}", q.id, o.id));
            }
        }
    }

    /// Answers left to people, as a share of all answers.
    pub fn to_people(&self, form: &Form) -> f64 {
        let choices = form.questions().iter().filter(|q| q.kind.is_choice()).count();
        let unread = (self.unregistered.len() + self.pending_pages.len()) * choices;
        (self.pending + unread) as f64 / (self.pages * choices) as f64
    }
}
