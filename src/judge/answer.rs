//! Verdicts on the boxes of a question -> its answer, or why a person must give it.

use super::boxes::Verdict;
use super::confidence;
use crate::form::{Question, QuestionType};
use crate::reading::{AnswerReading, BoxOutcome, FieldState, Reason, ReasonCode};
use crate::units::Score;

/// Strength above which a doubtful box is guessed to be marked.
const GUESS: f32 = 0.6;

/// The answer of one choice question from its boxes, in the order of its options.
pub fn answer(q: &Question, boxes: &[&Verdict]) -> AnswerReading {
    let mut reasons: Vec<Reason> = boxes.iter().flat_map(|v| v.reasons.iter().cloned()).collect();
    let marked = |v: &Verdict| v.outcome == BoxOutcome::Marked;
    let clear: Vec<usize> = (0..boxes.len()).filter(|i| marked(boxes[*i])).collect();
    reasons.extend(conflicts(q, &clear));
    let chosen = if reasons.is_empty() { clear } else { guess(q, boxes, &clear) };
    let state = match (reasons.is_empty(), chosen.is_empty()) {
        (false, _) => FieldState::Pending,
        (true, true) => FieldState::Blank,
        (true, false) => FieldState::Answered,
    };
    let together: f32 = boxes.iter().map(|v| v.confidence.get()).product();
    let settled = state != FieldState::Pending;
    let confidence = if settled { confidence::of_answer(together) } else { Score::new(together) };
    AnswerReading {
        value: chosen.into_iter().map(|i| q.options[i].id.clone()).collect(),
        state,
        confidence,
        reasons,
    }
}

/// Marks that contradict each other.
fn conflicts(q: &Question, chosen: &[usize]) -> Vec<Reason> {
    let mut out = Vec::new();
    if q.kind == QuestionType::SelectOne && chosen.len() > 1 {
        out.push(Reason::new(ReasonCode::Overvote).measured(chosen.len() as f64));
    }
    for i in chosen {
        let o = &q.options[*i];
        if q.kind == QuestionType::SelectMultiple && o.exclusive && chosen.len() > 1 {
            out.push(Reason::new(ReasonCode::ExclusiveConflict).about(&o.id));
        }
        let has = |id: &String| chosen.iter().any(|k| &q.options[*k].id == id);
        if o.parent.as_ref().is_some_and(|p| !has(p)) {
            out.push(Reason::new(ReasonCode::ChildWithoutParent).about(&o.id));
        }
    }
    out
}

/// The best guess where something is doubtful: of a single choice the strongest box.
fn guess(q: &Question, boxes: &[&Verdict], clear: &[usize]) -> Vec<usize> {
    if q.kind == QuestionType::SelectMultiple {
        return (0..boxes.len())
            .filter(|i| clear.contains(i) || boxes[*i].strength > GUESS)
            .collect();
    }
    let best = |of: &[usize]| {
        of.iter().copied().max_by(|a, b| boxes[*a].strength.total_cmp(&boxes[*b].strength))
    };
    let all: Vec<usize> = (0..boxes.len()).collect();
    match best(clear).or_else(|| best(&all).filter(|i| boxes[*i].strength > GUESS)) {
        Some(i) => vec![i],
        None => Vec::new(),
    }
}
