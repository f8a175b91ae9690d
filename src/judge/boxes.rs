//! One box among the others: marked, unmarked, or a person must look.

use super::beside::{self, Unexplained};
use super::confidence;
use super::look::{Look, Mark};
use super::policy::Policy;
use crate::marks::{Evidence, Marks, Stroke};
use crate::reading::{BoxOutcome, Reason, ReasonCode};
use crate::register::Template;
use crate::units::Score;

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
    fn of(boxes: &[Evidence], looks: &[Look]) -> Self {
        let marked = |m: Mark| {
            boxes.iter().zip(looks).filter(move |(_, l)| l.mark == Some(m)).map(|(e, _)| e)
        };
        let mut inner: Vec<f32> = marked(Mark::Inside).map(|e| e.inner).collect();
        inner.sort_by(f32::total_cmp);
        let drawn = marked(Mark::Inside).chain(marked(Mark::Circled));
        let mut near: Vec<u32> = drawn.map(|e| e.near).collect();
        near.sort_unstable();
        Self {
            inner: inner.get(inner.len() / 2).copied().unwrap_or(0.0),
            near: near.get(near.len() / 2).copied().unwrap_or(0),
        }
    }
}

/// The page around a box.
struct Scene<'a> {
    t: &'a Template,
    pen: PagePen,
    /// The page marks beside its boxes throughout.
    habit: bool,
    /// Ink near a box that stands out from the page's dirt, in px.
    dirt: u32,
    /// Median distance of the anchors from the map, in px.
    residual: f32,
    policy: &'a Policy,
}

/// Judges all boxes of a page, and says what its pen is like.
pub fn verdicts(
    t: &Template,
    marks: &Marks,
    residual: f32,
    policy: &Policy,
) -> (Vec<Verdict>, PagePen) {
    let mut looks: Vec<Look> = marks.boxes.iter().map(|e| Look::of(e, policy)).collect();
    beside::complete_rings(t, marks, &mut looks);
    let pen = PagePen::of(&marks.boxes, &looks);
    let strays = beside::unexplained(t, marks, &looks, policy);
    let habit = beside::habit(&strays, &looks);
    let dirt = dirt(&marks.boxes, &looks, &strays, policy);
    let scene = Scene { t, pen, habit, dirt, residual, policy };
    let all = marks.boxes.iter().zip(&looks).zip(&strays);
    let verdicts = all.map(|((e, look), stray)| scene.verdict(e, *look, *stray)).collect();
    (verdicts, pen)
}

/// How much ink near an unmarked box stands out on this page: its dirtier boxes three times over.
fn dirt(boxes: &[Evidence], looks: &[Look], strays: &[Unexplained], policy: &Policy) -> u32 {
    let alone = |l: &Look, s: &Unexplained| {
        l.mark.is_none() && l.inner < policy.marginal && !s.reached && !s.ringed
    };
    let all = boxes.iter().zip(looks).zip(strays);
    let mut near: Vec<u32> =
        all.filter(|((_, l), s)| alone(l, s)).map(|((e, _), _)| e.near).collect();
    near.sort_unstable();
    let dirty = near.get(near.len() * 17 / 20).copied().unwrap_or(0);
    policy.near_least + 3 * dirty
}

impl Scene<'_> {
    fn verdict(&self, e: &Evidence, mut look: Look, stray: Unexplained) -> Verdict {
        let policy = self.policy;
        if self.habit && stray.beside && look.mark.is_none() && look.inner < policy.marginal {
            look.mark = Some(Mark::Beside);
        }
        if look.mark.is_none() && self.as_thin_as_the_others(e, &look, stray) {
            look.mark = Some(Mark::Inside);
        }
        let mut reasons = Vec::new();
        let name = &self.t.option(&self.t.boxes[e.index]).id;
        let mut doubt = |(code, v): (ReasonCode, f32)| {
            reasons.push(Reason::new(code).about(name).measured(f64::from(v)));
        };
        self.place(e).into_iter().for_each(&mut doubt);
        match look.mark {
            Some(mark) => self.marked(e, &look, mark, stray).into_iter().for_each(&mut doubt),
            None => self.unmarked(e, &look, stray).into_iter().for_each(&mut doubt),
        }
        let outcome = match (reasons.is_empty(), look.mark) {
            (false, _) => BoxOutcome::Doubtful,
            (true, Some(_)) => BoxOutcome::Marked,
            (true, None) => BoxOutcome::Unmarked,
        };
        let struck = reasons.iter().any(|r| r.code == ReasonCode::StruckOut);
        let strength = if struck { STRUCK } else { strength(&look, stray.ink, policy) };
        let confidence = confidence::of_box(&look, outcome, policy);
        Verdict { outcome, mark: look.mark, strength, confidence, reasons }
    }

    /// Little ink, but a line, in a place without dirt, and this page's other marks are thin too.
    fn as_thin_as_the_others(&self, e: &Evidence, look: &Look, stray: Unexplained) -> bool {
        let policy = self.policy;
        let usual = self.pen.inner * policy.thin_share;
        self.pen.inner > 0.0
            && look.line
            && look.inner >= policy.thin_least.max(usual)
            && e.missing < policy.crisp
            && e.bars < 2
            && e.lost == 0.0
            && !stray.crowded
            && !stray.ringed
    }

    /// Is the box's place known, and did it arrive?
    fn place(&self, e: &Evidence) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        if e.lost > policy.lost_rows {
            Some((ReasonCode::DamagedField, e.lost))
        } else if self.residual > policy.residual {
            Some((ReasonCode::PoorRegistration, self.residual))
        } else if e.missing > policy.unknown_place {
            Some((ReasonCode::PoorRegistration, e.missing))
        } else {
            None
        }
    }

    /// What speaks against a mark.
    fn marked(
        &self,
        e: &Evidence,
        look: &Look,
        mark: Mark,
        stray: Unexplained,
    ) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        let crossed = e.around_label.map_or(0.0, |a| a.core);
        match mark {
            Mark::Inside if crossed >= policy.struck => Some((ReasonCode::StruckOut, crossed)),
            Mark::Inside if (stray.crowded || stray.ringed) && look.inner < policy.definite => {
                Some((ReasonCode::MarginalMark, look.inner))
            }
            Mark::Inside if e.stroke.as_ref().is_some_and(runs_through) => {
                Some((ReasonCode::MarginalMark, look.inner))
            }
            Mark::Inside if look.inner < policy.pen_share * self.pen.inner => {
                Some((ReasonCode::PenMismatch, look.inner / self.pen.inner))
            }
            Mark::Circled if stray.crowded && look.seen < policy.circle_definite => {
                Some((ReasonCode::MarkOutsideBox, look.seen))
            }
            _ => None,
        }
    }

    /// What speaks against calling a box unmarked.
    fn unmarked(&self, e: &Evidence, look: &Look, stray: Unexplained) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        let crossed = e.around_label.map_or(0.0, |a| a.core);
        let round = if stray.crowded { policy.circle_crowded } else { policy.circle_marginal };
        let clean = self.dirt <= policy.near_least + CLEAN && e.missing < policy.crisp;
        if e.inner >= policy.marginal || (clean && e.specks >= policy.specks) {
            Some((ReasonCode::MarginalMark, e.inner))
        } else if stray.ink >= policy.stray_ink {
            Some((ReasonCode::MarkOutsideBox, stray.ink as f32))
        } else if look.circle >= round {
            Some((ReasonCode::MarkOutsideBox, look.circle))
        } else if !stray.crowded && two_sides(e) >= policy.two_sides {
            Some((ReasonCode::MarkOutsideBox, two_sides(e)))
        } else if crossed >= policy.across_label && e.missing < policy.worn && !stray.crowded {
            Some((ReasonCode::MarkOutsideBox, crossed))
        } else if !stray.reached && !stray.ringed && e.near >= self.dirt {
            Some((ReasonCode::MarkOutsideBox, e.near as f32))
        } else if !stray.box_reached && e.close >= self.dirt {
            Some((ReasonCode::MarkOutsideBox, e.close as f32))
        } else {
            None
        }
    }
}

/// Share of the rays that meet ink on the second best side of a box.
fn two_sides(e: &Evidence) -> f32 {
    let mut seen = e.around_box.seen;
    seen.sort_by(f32::total_cmp);
    seen[2]
}

/// A row that the line garbled lies flat across a box, dirt on the glass runs straight down through
/// it; so may a dash or an upright stroke.
fn runs_through(s: &Stroke) -> bool {
    let (w, h) = (s.bounds.width(), s.bounds.height());
    (h <= FLAT && w >= WIDE) || (w <= STREAK && h >= HIGH)
}

/// A streak's width and least height in a box, in px: dirt of a quarter of a millimetre.
const STREAK: isize = 3;
const HIGH: isize = 12;
/// A line this high or less lies flat, in px: two rows of 98 an inch.
const FLAT: isize = 4;
/// And one this long or more, in px, lies across: three quarters of the inside.
const WIDE: isize = 15;
/// Dirt that still is none, in px: a speck near one box in seven.
const CLEAN: u32 = 6;
/// A struck option is the last that would be guessed.
const STRUCK: f32 = 0.2;

fn strength(look: &Look, stray: u32, policy: &Policy) -> f32 {
    let beside = (stray as f32 / policy.beside_ink.max(1) as f32).min(1.0) * 0.9;
    let inside = look.inner / policy.definite;
    let round = look.circle / policy.circle_definite * 0.95;
    inside.max(round).max(beside).min(1.0)
}
