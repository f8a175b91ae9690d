//! One respondent fills in one printed form.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::IndexedRandom;
use serde::Serialize;

use super::SimRng;
use super::answers::Response;
use super::canvas::Canvas;
use super::fonts::Fonts;
use super::handwriting;
use super::marks::{self, MarkStyle};
use super::pen::Hand;
use super::phrases::short_prefecture;
use super::stray;
use crate::form::{Form, Question, QuestionType};

/// Share of single choices where the wrong box was marked first and struck out (the brief's).
const CORRECTED: f64 = 0.01;

/// What was done to the sheet, for the truth's notes.
#[derive(Clone, Debug, Serialize)]
pub struct SheetNotes {
    pub hand: Hand,
    /// `question.option` -> style, for every mark that means an answer.
    pub marks: BTreeMap<String, MarkStyle>,
    /// `question.option` -> how it was struck out, for marks that mean nothing any more.
    pub struck: BTreeMap<String, &'static str>,
    /// Field -> the characters on the paper, where they differ from what they mean.
    pub written: BTreeMap<String, String>,
    /// Fields whose writing left its box.
    pub overflow: Vec<String>,
    pub stray: Vec<&'static str>,
}

/// Fills in the form printed on the canvas.
pub fn fill_in(
    canvas: &mut Canvas,
    form: &Form,
    fonts: &Fonts,
    response: &Response,
    rng: &mut SimRng,
) -> SheetNotes {
    let hand = Hand::draw(fonts.hands.len(), rng);
    let mut notes = SheetNotes {
        hand: hand.clone(),
        marks: BTreeMap::new(),
        struck: BTreeMap::new(),
        written: BTreeMap::new(),
        overflow: Vec::new(),
        stray: stray::add(canvas, form, fonts, &hand, rng),
    };
    for q in form.questions() {
        if q.kind.is_choice() {
            choose(canvas, form, q, response, &mut notes, rng);
        } else if let (Some(text), Some(place)) = (response.text.get(&q.id), q.place) {
            let written = on_paper(q, text, rng);
            if handwriting::write(canvas, fonts, &hand, &written, place, rng) {
                notes.overflow.push(q.id.clone());
            }
            if &written != text {
                notes.written.insert(q.id.clone(), written);
            }
        }
    }
    notes
}

fn choose(
    canvas: &mut Canvas,
    form: &Form,
    q: &Question,
    response: &Response,
    notes: &mut SheetNotes,
    rng: &mut SimRng,
) {
    let hand = notes.hand.clone();
    let chosen = |id: &str| response.chose(&q.id, id);
    let corrects = q.kind == QuestionType::SelectOne && rng.random_bool(CORRECTED);
    if corrects && q.options.iter().any(|o| chosen(&o.id)) {
        let others: Vec<_> = q.options.iter().filter(|o| !chosen(&o.id)).collect();
        if let Some(wrong) = others.choose(rng) {
            let style = hand.style_of_mark(rng);
            marks::mark(canvas, form, wrong, style, &hand, rng);
            let how = marks::strike(canvas, wrong, &hand, rng);
            notes.struck.insert(format!("{}.{}", q.id, wrong.id), how);
        }
    }
    for o in q.options.iter().filter(|o| chosen(&o.id)) {
        let style = hand.style_of_mark(rng);
        let style = marks::mark(canvas, form, o, style, &hand, rng);
        notes.marks.insert(format!("{}.{}", q.id, o.id), style);
    }
}

/// The characters that people put down: a prefecture mostly without 都, 府 or 県, which is printed.
fn on_paper(q: &Question, text: &str, rng: &mut SimRng) -> String {
    if q.lexicon.is_some() && rng.random_bool(0.75) {
        return short_prefecture(text).to_owned();
    }
    text.to_owned()
}
