//! What a respondent answers when nobody says what the survey found: plausible, not clever. See
//! `published` for answers with given margins.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::phrases::{LONG, SHORT, fitting};
use super::{SimRng, weighted};
use crate::form::{Condition, Form, PREFECTURES, Question, QuestionType};

/// One respondent's answers: every choice question (blank is empty), and the fields that were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// Option ids in the form's order.
    pub answers: BTreeMap<String, Vec<String>>,
    /// What the writing means: a prefecture by its full name, a number as digits.
    pub text: BTreeMap<String, String>,
}

impl Response {
    pub fn chose(&self, question: &str, option: &str) -> bool {
        self.answers.get(question).is_some_and(|v| v.iter().any(|o| o == option))
    }

    /// Whether the condition of a form's `base` or `relevant` is fulfilled.
    pub fn fulfils(&self, c: &Condition) -> bool {
        if c.answered || c.unanswered {
            let written = self.text.get(&c.question).is_some_and(|t| !t.is_empty());
            let chosen = self.answers.get(&c.question).is_some_and(|v| !v.is_empty());
            return (written || chosen) == c.answered;
        }
        if c.with.is_empty() {
            return !c.without.iter().any(|o| self.chose(&c.question, o));
        }
        c.with.iter().any(|o| self.chose(&c.question, o))
    }
}

/// Share of questions that people leave blank (the published tables have 1.6 to 2.1 %).
const BLANK: f64 = 0.02;
/// Share of people who answer a question not meant for them.
const UNASKED: f64 = 0.02;
/// Share of frames left empty (the brief's).
const EMPTY_FRAME: f64 = 0.4;

/// A respondent's choices and writing.
pub fn draw(form: &Form, prefectures: &[&'static str], rng: &mut SimRng) -> Response {
    let mut r = Response::default();
    for q in form.questions().iter().filter(|q| q.kind.is_choice()) {
        let chosen = choice(q, &r, rng);
        r.answers.insert(q.id.clone(), chosen);
    }
    write_fields(form, prefectures, &mut r, rng);
    r
}

/// One choice question at random; conditions are judged on what is answered so far.
pub(super) fn choice(q: &Question, so_far: &Response, rng: &mut SimRng) -> Vec<String> {
    let meant = [&q.relevant, &q.base].into_iter().flatten().all(|c| so_far.fulfils(c));
    if rng.random_bool(if meant { BLANK } else { 1.0 - UNASKED }) {
        return Vec::new();
    }
    if q.kind == QuestionType::SelectOne {
        return q.options.choose(rng).map(|o| o.id.clone()).into_iter().collect();
    }
    multiple(q, rng)
}

fn multiple(q: &Question, rng: &mut SimRng) -> Vec<String> {
    let exclusive: Vec<_> = q.options.iter().filter(|o| o.exclusive).collect();
    // 11 % said "no trouble" in the published survey.
    if !exclusive.is_empty() && rng.random_bool(0.11) {
        return exclusive.choose(rng).map(|o| o.id.clone()).into_iter().collect();
    }
    let mut chosen: Vec<&str> = Vec::new();
    for o in q.options.iter().filter(|o| !o.exclusive) {
        let p = match &o.parent {
            None => 0.25,
            Some(p) if chosen.contains(&p.as_str()) => 0.4,
            Some(_) => 0.002,
        };
        if rng.random_bool(p) {
            chosen.push(&o.id);
        }
    }
    if chosen.is_empty() {
        let top: Vec<_> = q.options.iter().filter(|o| !o.exclusive && o.parent.is_none()).collect();
        chosen.extend(top.choose(rng).map(|o| o.id.as_str()));
    }
    chosen.into_iter().map(str::to_owned).collect()
}

/// Fills in the written fields that are not yet filled in, to suit the choices.
pub(super) fn write_fields(
    form: &Form,
    prefectures: &[&'static str],
    r: &mut Response,
    rng: &mut SimRng,
) {
    for q in form.questions().iter().filter(|q| !q.kind.is_choice()) {
        if r.text.contains_key(&q.id) {
            continue;
        }
        let text = match q.kind {
            QuestionType::Integer => number(q, r, rng),
            _ if q.lexicon.is_some() => {
                prefectures.choose(rng).filter(|_| !rng.random_bool(0.02)).map(|p| (*p).to_owned())
            }
            _ => words(form, q, r, rng),
        };
        if let Some(text) = text {
            r.text.insert(q.id.clone(), text);
        }
    }
}

fn number(q: &Question, r: &Response, rng: &mut SimRng) -> Option<String> {
    let meant = match q.number_of.as_deref().and_then(|t| t.split_once('.')) {
        Some((question, option)) => r.chose(question, option),
        None => q.relevant.as_ref().is_none_or(|c| r.fulfils(c)),
    };
    if !meant || rng.random_bool(0.05) {
        return None;
    }
    let [low, high] = q.range.unwrap_or([1, 9]);
    // One case is by far the most common; two digits are rare.
    let n =
        weighted(rng, &[(1, 50.0), (2, 22.0), (3, 12.0), (5, 8.0), (7, 3.0), (9, 2.0), (12, 3.0)]);
    Some(n.clamp(low, high).to_string())
}

fn words(form: &Form, q: &Question, r: &Response, rng: &mut SimRng) -> Option<String> {
    let belongs = form
        .questions()
        .iter()
        .flat_map(|c| c.options.iter().map(move |o| (c, o)))
        .find(|(_, o)| o.other_text.as_deref() == Some(&q.id));
    let share = match belongs {
        Some((c, o)) if r.chose(&c.id, &o.id) => 0.9,
        Some(_) => 0.0,
        None if q.relevant.as_ref().is_none_or(|c| r.fulfils(c)) => 1.0 - EMPTY_FRAME,
        None => UNASKED,
    };
    let place = q.place.filter(|_| rng.random_bool(share))?;
    // Characters of 4.2 mm on lines of 5.5 mm: what people squeeze into such a box.
    let lines = (place.h.0 / 5.5).floor().max(1.0);
    let capacity = (place.w.0 / 4.2) as usize * lines as usize;
    let mut text = if lines > 1.0 && capacity > 30 {
        (*LONG.choose(rng)?).to_owned()
    } else {
        (*fitting(&SHORT, capacity.max(9)).choose(rng)?).to_owned()
    };
    let more = LONG.choose(rng)?;
    let room = capacity.saturating_sub(text.chars().count());
    if lines > 1.0
        && more.chars().count() + 4 < room
        && !text.contains(more)
        && rng.random_bool(0.4)
    {
        text.push_str(more);
    }
    Some(text)
}

/// All 47.
pub fn all_prefectures() -> Vec<&'static str> {
    PREFECTURES.to_vec()
}
