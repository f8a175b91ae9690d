//! One box: marked, unmarked, or a person must look.

use super::confidence;
use super::policy::Policy;
use crate::marks::{Area, Evidence, Marks, Stray};
use crate::reading::{BoxOutcome, Reason, ReasonCode};
use crate::register::Template;
use crate::units::Score;

/// Where a mark that is meant for a box may lie beside it, in px from the box's middle: 6 mm to the
/// left, 3 mm above and below.
const BESIDE: Area = Area { x0: -50, y0: -24, x1: 16, y1: 24 };

/// How a box was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Inside,
    Circled,
}

/// What one box came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub outcome: BoxOutcome,
    pub mark: Option<Mark>,
    /// How much it looks marked, for the best guess: above 0.5 marked.
    pub strength: f32,
    pub confidence: Score,
    pub reasons: Vec<Reason>,
}

/// What this page's own pen and noise are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PagePen {
    /// Inner ink of the page's unmarked boxes: the fax's own dirt.
    pub noise: f32,
    /// Median inner ink of the page's clear marks; 0 if there are none.
    pub mark: f32,
}

impl PagePen {
    pub fn of(boxes: &[Evidence], policy: &Policy) -> Self {
        let mut all: Vec<f32> = boxes.iter().map(|e| e.inner).collect();
        all.sort_by(f32::total_cmp);
        // Two fifths: fewer than half the boxes of any form are marked.
        let noise = all.get(all.len() * 2 / 5).copied().unwrap_or(0.0).min(policy.marginal);
        let marks: Vec<f32> = all.into_iter().filter(|v| *v >= policy.definite).collect();
        Self { noise, mark: marks.get(marks.len() / 2).copied().unwrap_or(0.0) }
    }
}

/// Judges all boxes of a page.
pub fn verdicts(
    t: &Template,
    marks: &Marks,
    pen: &PagePen,
    residual: f32,
    policy: &Policy,
) -> Vec<Verdict> {
    marks.boxes.iter().map(|e| verdict(t, marks, e, pen, residual, policy)).collect()
}

fn verdict(
    t: &Template,
    marks: &Marks,
    e: &Evidence,
    pen: &PagePen,
    residual: f32,
    policy: &Policy,
) -> Verdict {
    let inner = (e.inner * (1.0 - e.foreign) - pen.noise).max(0.0);
    let circle = circled(e);
    let stray = if inner < policy.definite && circle < policy.circle_definite {
        stray(t, marks, e, policy)
    } else {
        None
    };
    let reasons = doubts(t, e, inner, circle, stray, pen, residual, policy);
    let inside = inner / (2.0 * policy.definite);
    let round = circle * 0.5 / policy.circle_definite;
    let strength = if e.strike >= policy.strike { 0.3 } else { inside.max(round).min(1.0) };
    let marked = inner >= policy.definite || circle >= policy.circle_definite;
    let outcome = match (reasons.is_empty(), marked) {
        (false, _) => BoxOutcome::Doubtful,
        (true, true) => BoxOutcome::Marked,
        (true, false) => BoxOutcome::Unmarked,
    };
    let mark =
        marked.then_some(if inner >= policy.definite { Mark::Inside } else { Mark::Circled });
    let confidence = confidence::of_box(inner, circle, outcome, policy);
    Verdict { outcome, mark, strength, confidence, reasons }
}

/// The best evidence of a circle around the box, its label or both, with nothing much in the middle.
fn circled(e: &Evidence) -> f32 {
    let around = [Some(e.around_box), e.around_label, e.around_both];
    around
        .into_iter()
        .flatten()
        // A scribble or a strike has its ink in the middle; a circle has less than 5 % there.
        .filter(|a| a.core < 0.08)
        .map(|a| a.coverage())
        .fold(0.0, f32::max)
}

/// A stroke that touches no box, in the place where people mark beside this one.
fn stray<'a>(t: &Template, marks: &Marks, e: &'a Evidence, policy: &Policy) -> Option<&'a Stray> {
    e.strays.iter().find(|s| {
        let long = s.bounds.width().max(s.bounds.height()) >= 12;
        s.ink >= policy.stray_ink
            && long
            && BESIDE.has(s.dx as isize, s.dy as isize)
            && !in_field(t, s.bounds)
            && marks.lost.share(s.bounds.y0, s.bounds.y1) < 0.5
    })
}

fn in_field(t: &Template, a: Area) -> bool {
    let (x, y) = ((a.x0 + a.x1) as f32 / 2.0, (a.y0 + a.y1) as f32 / 2.0);
    t.fields.iter().any(|f| {
        let r = f.px;
        x >= r.x.0 - 8.0 && x < r.x.0 + r.w.0 + 8.0 && y >= r.y.0 - 8.0 && y < r.y.0 + r.h.0 + 8.0
    })
}

#[allow(clippy::too_many_arguments)] // the whole evidence is weighed in one place
fn doubts(
    t: &Template,
    e: &Evidence,
    inner: f32,
    circle: f32,
    stray: Option<&Stray>,
    pen: &PagePen,
    residual: f32,
    policy: &Policy,
) -> Vec<Reason> {
    let name = &t.option(&t.boxes[e.index]).id;
    let reason = |code: ReasonCode, v: f32| Reason::new(code).about(name).measured(f64::from(v));
    let mut out = Vec::new();
    if e.lost > policy.lost_rows {
        out.push(reason(ReasonCode::DamagedField, e.lost));
    }
    if residual > policy.residual {
        out.push(reason(ReasonCode::PoorRegistration, residual));
    } else if e.missing > policy.unknown_place {
        out.push(reason(ReasonCode::PoorRegistration, e.missing));
    }
    if e.strike >= policy.strike && inner > policy.marginal {
        out.push(reason(ReasonCode::StruckOut, e.strike));
    }
    if inner >= policy.marginal && inner < policy.definite && circle < policy.circle_definite {
        out.push(reason(ReasonCode::MarginalMark, inner));
    } else if e.foreign > 0.0 && e.inner - inner >= policy.definite && inner < policy.definite {
        out.push(reason(ReasonCode::MarginalMark, e.inner));
    }
    if inner >= policy.definite && inner < policy.pen_share * pen.mark {
        out.push(reason(ReasonCode::PenMismatch, inner / pen.mark));
    }
    if inner < policy.marginal {
        if circle >= policy.circle_marginal && circle < policy.circle_definite {
            out.push(reason(ReasonCode::MarkOutsideBox, circle));
        } else if let Some(s) = stray {
            out.push(reason(ReasonCode::MarkOutsideBox, s.ink as f32));
        }
    }
    out
}
