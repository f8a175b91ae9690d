//! One box: marked, unmarked, or a person must look.

use super::beside;
use super::confidence;
use super::policy::Policy;
use crate::marks::{Enclosure, Evidence, Marks};
use crate::reading::{BoxOutcome, Reason, ReasonCode};
use crate::register::Template;
use crate::units::Score;

/// How a box was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Inside,
    Circled,
    Beside,
}

/// What one box came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub outcome: BoxOutcome,
    pub mark: Option<Mark>,
    /// How much it looks marked, for the best guess: 0 not at all, 1 at the definite threshold.
    pub strength: f32,
    pub confidence: Score,
    pub reasons: Vec<Reason>,
}

/// What this page's own pen is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PagePen {
    /// Median inner ink of the marks inside boxes; 0 if there are none.
    pub inner: f32,
    /// Median ink near box and label of all clear marks, in px; 0 without marks.
    pub near: u32,
}

impl PagePen {
    fn of(boxes: &[Evidence], first: &[Look]) -> Self {
        let marked = |m: Mark| {
            boxes.iter().zip(first).filter(move |(_, l)| l.mark == Some(m)).map(|(e, _)| e)
        };
        let mut inner: Vec<f32> = marked(Mark::Inside).map(|e| e.inner).collect();
        inner.sort_by(f32::total_cmp);
        let mut near: Vec<u32> =
            marked(Mark::Inside).chain(marked(Mark::Circled)).map(|e| e.near).collect();
        near.sort_unstable();
        Self {
            inner: inner.get(inner.len() / 2).copied().unwrap_or(0.0),
            near: near.get(near.len() / 2).copied().unwrap_or(0),
        }
    }
}

/// A first look at one box, by its own evidence alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Inner ink that is this box's own.
    pub inner: f32,
    /// How far three sides of a circle around it are closed.
    pub circle: f32,
    pub mark: Option<Mark>,
}

/// Judges all boxes of a page, and says what its pen is like.
pub fn verdicts(
    t: &Template,
    marks: &Marks,
    residual: f32,
    policy: &Policy,
) -> (Vec<Verdict>, PagePen) {
    let looks: Vec<Look> = marks.boxes.iter().map(|e| look(e, policy)).collect();
    let pen = PagePen::of(&marks.boxes, &looks);
    let strays = beside::unexplained(t, marks, &looks, policy);
    let habit = beside::habit(&strays, &looks);
    let verdicts = marks
        .boxes
        .iter()
        .zip(&looks)
        .zip(&strays)
        .map(|((e, look), stray)| {
            let mut look = *look;
            let mut reasons = doubts(t, e, &look, pen, residual, policy);
            if look.mark.is_none() && reasons.is_empty() && stray.ink >= policy.stray_ink {
                if habit && stray.beside {
                    look.mark = Some(Mark::Beside);
                } else {
                    let name = &t.option(&t.boxes[e.index]).id;
                    let reason = Reason::new(ReasonCode::MarkOutsideBox).about(name);
                    reasons.push(reason.measured(f64::from(stray.ink)));
                }
            }
            verdict(&look, stray.ink, reasons, policy)
        })
        .collect();
    (verdicts, pen)
}

fn look(e: &Evidence, policy: &Policy) -> Look {
    let inner = e.inner * (1.0 - e.foreign);
    let (circle, mean) = circled(e, policy);
    let round = circle >= policy.circle_definite && mean >= policy.circle_mean;
    let mark = if inner >= policy.definite {
        Some(Mark::Inside)
    } else if round {
        Some(Mark::Circled)
    } else {
        None
    };
    Look { inner, circle, mark }
}

/// The best evidence of a circle around the box, its label or both: how far three sides are closed,
/// and the mean of all four.
fn circled(e: &Evidence, policy: &Policy) -> (f32, f32) {
    let around = [Some(e.around_box), e.around_label, e.around_both];
    let hollow = around.into_iter().flatten().filter(|a| a.core < policy.circle_core);
    hollow
        .map(|a: Enclosure| (a.third_side(), a.mean()))
        .max_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)))
        .unwrap_or((0.0, 0.0))
}

fn verdict(look: &Look, stray: u32, reasons: Vec<Reason>, policy: &Policy) -> Verdict {
    let outcome = match (reasons.is_empty(), look.mark) {
        (false, _) => BoxOutcome::Doubtful,
        (true, Some(_)) => BoxOutcome::Marked,
        (true, None) => BoxOutcome::Unmarked,
    };
    let struck = reasons.iter().any(|r| r.code == ReasonCode::StruckOut);
    let beside = (stray as f32 / policy.beside_ink.max(1) as f32).min(1.0) * 0.9;
    let inside = look.inner / policy.definite;
    let round = look.circle / policy.circle_definite;
    let strength = if struck { 0.2 } else { inside.max(round * 0.95).max(beside).min(1.0) };
    let confidence = confidence::of_box(look, outcome, policy);
    Verdict { outcome, mark: look.mark, strength, confidence, reasons }
}

/// Why this box alone would need a person.
fn doubts(
    t: &Template,
    e: &Evidence,
    look: &Look,
    pen: PagePen,
    residual: f32,
    policy: &Policy,
) -> Vec<Reason> {
    let name = &t.option(&t.boxes[e.index]).id;
    let mut out = Vec::new();
    let mut doubt = |code: ReasonCode, v: f32| {
        out.push(Reason::new(code).about(name).measured(f64::from(v)));
    };
    if e.lost > policy.lost_rows {
        doubt(ReasonCode::DamagedField, e.lost);
    }
    if residual > policy.residual {
        doubt(ReasonCode::PoorRegistration, residual);
    } else if e.missing > policy.unknown_place {
        doubt(ReasonCode::PoorRegistration, e.missing);
    }
    let inside = look.mark == Some(Mark::Inside);
    let crossed = e.around_label.map_or(0.0, |a| a.core);
    if inside && crossed >= policy.struck {
        doubt(ReasonCode::StruckOut, crossed);
    }
    let marginal = if e.missing > policy.worn || e.lost > 0.0 {
        policy.marginal / 2.0
    } else {
        policy.marginal
    };
    if look.mark.is_none() && e.inner >= marginal {
        doubt(ReasonCode::MarginalMark, e.inner);
    } else if inside && look.inner < policy.pen_share * pen.inner {
        doubt(ReasonCode::PenMismatch, look.inner / pen.inner);
    }
    if look.mark.is_none() && e.inner < marginal && look.circle >= policy.circle_marginal {
        doubt(ReasonCode::MarkOutsideBox, look.circle);
    }
    out
}
