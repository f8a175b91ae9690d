//! One respondent fills in one printed form.

use std::collections::BTreeMap;

use image::GrayImage;
use image::imageops::crop_imm;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde::Serialize;

use super::SimRng;
use super::answers::Response;
use super::canvas::{Canvas, Point};
use super::fonts::Fonts;
use super::handwriting;
use super::marks;
use super::pen::{Hand, MarkStyle};
use super::phrases::short_prefecture;
use super::stray;
use crate::form::{Form, Question, QuestionType};
use crate::units::{Mm, Px, Rect};

/// Share of single choices where the wrong box was marked first and struck out: an assumption, one
/// correction in every 67 responses of five single choices.
const CORRECTED: f64 = 0.003;

/// Grey levels by which paper is darker at least where a pen wrote: the palest pencil takes 70 away.
const DARKER: u8 = 40;

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
    /// The pen's way of each of `marks` where it runs clear of the print, and of each field, mm on the paper.
    #[serde(skip)]
    pub paths: BTreeMap<String, Vec<Point>>,
}

/// Fills in the form printed on the canvas. `pressed`: grey levels by which the pen is darker than
/// this hand's usual (see `seen`).
pub fn fill_in(
    canvas: &mut Canvas,
    form: &Form,
    fonts: &Fonts,
    response: &Response,
    pressed: u8,
    rng: &mut SimRng,
) -> SheetNotes {
    let mut hand = Hand::draw(fonts.hands.len(), rng);
    hand.tone = hand.tone.saturating_sub(pressed);
    let mut notes = SheetNotes {
        hand: hand.clone(),
        marks: BTreeMap::new(),
        struck: BTreeMap::new(),
        written: BTreeMap::new(),
        overflow: Vec::new(),
        stray: stray::add(canvas, form, fonts, &hand, rng),
        paths: BTreeMap::new(),
    };
    for q in form.questions() {
        if q.kind.is_choice() {
            choose(canvas, form, q, response, &mut notes, rng);
        } else if let (Some(text), Some(place)) = (response.text.get(&q.id), q.place) {
            let written = on_paper(q, text, rng);
            let before = Window::of(canvas, place);
            if handwriting::write(canvas, fonts, &hand, &written, place, rng) {
                notes.overflow.push(q.id.clone());
            }
            notes.paths.insert(q.id.clone(), before.new_ink(canvas));
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
        let (style, path) = marks::mark(canvas, form, o, style, &hand, rng);
        let key = format!("{}.{}", q.id, o.id);
        let placed = off_print(form, path).into_iter().map(|[x, y]| {
            let (x, y) = canvas.placement.apply(f64::from(x), f64::from(y));
            [x as f32, y as f32]
        });
        notes.paths.insert(key.clone(), placed.collect());
        notes.marks.insert(key, style);
    }
}

/// The points of a pen's way with nothing printed within 0.3 mm, so that print is not taken for ink;
/// all of them if a mark hardly leaves the print.
fn off_print(form: &Form, path: Vec<Point>) -> Vec<Point> {
    let r = form.blank_resolution;
    let reach = r.x_px(Mm(0.3)).0.ceil() as i64;
    let clear = |p: &&Point| {
        let (x, y) = (r.x_px(Mm(p[0])).0 as i64, r.y_px(Mm(p[1])).0 as i64);
        (-reach..=reach).all(|dy| {
            (-reach..=reach).all(|dx| {
                let at = (usize::try_from(x + dx), usize::try_from(y + dy));
                !matches!(at, (Ok(x), Ok(y)) if form.blank.get(x, y))
            })
        })
    };
    let off: Vec<Point> = path.iter().filter(clear).copied().collect();
    if off.len() < 3 { path } else { off }
}

/// The sheet around a field before something was written into it.
struct Window {
    /// Pixels of the sheet to the left and above.
    at: (u32, u32),
    grey: GrayImage,
}

impl Window {
    fn of(canvas: &Canvas, place: Rect<Mm>) -> Self {
        let [left, top] = canvas.px([place.x.0, place.y.0]).map(|v| v.max(0.0) as u32);
        let [right, bottom] = canvas.px([place.x.0 + place.w.0, place.y.0 + place.h.0]);
        let (w, h) = ((right as u32).saturating_sub(left), (bottom as u32).saturating_sub(top));
        let grey = crop_imm(&canvas.sheet.grey, left, top, w, h).to_image();
        Self { at: (left, top), grey }
    }

    /// Where it got darker, mm on the paper.
    fn new_ink(&self, canvas: &Canvas) -> Vec<Point> {
        let r = canvas.sheet.resolution;
        let (left, top) = self.at;
        let now = |x, y| canvas.sheet.grey.get_pixel(left + x, top + y).0[0];
        let pixels = self.grey.enumerate_pixels();
        let darker = pixels.filter(|(x, y, was)| now(*x, *y).saturating_add(DARKER) < was.0[0]);
        let middle = |px: u32| Px(px as f32 + 0.5);
        darker.map(|(x, y, _)| [r.x_mm(middle(left + x)).0, r.y_mm(middle(top + y)).0]).collect()
    }
}

/// The characters that people put down: a prefecture mostly without 都, 府 or 県, which is printed.
fn on_paper(q: &Question, text: &str, rng: &mut SimRng) -> String {
    if q.lexicon.is_some() && rng.random_bool(0.75) {
        return short_prefecture(text).to_owned();
    }
    text.to_owned()
}
