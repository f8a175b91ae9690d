//! One box among the others: marked, unmarked, or a person must look.

use super::beside::{self, Unexplained};
use super::confidence;
use super::look::{self, Look, Mark, Round};
use super::page::{self, PagePen};
use super::policy::Policy;
use crate::marks::{Evidence, Framed, Marks, Owner, Stroke};
use crate::reading::{BoxOutcome, Overruled, Overruler, Reason, ReasonCode};
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
    pub ink: Ink,
    /// How likely it is marked by the second opinion, if that was asked.
    pub marked: Option<f32>,
    /// The second opinion does not share what it was.
    pub disputed: bool,
    /// What the rules above said, where something after them says otherwise.
    pub overruled: Option<Overruled>,
}

impl Verdict {
    /// Keeps what was said so far; to be called before it is changed. What is kept first stays.
    pub fn overrule(&mut self, by: Overruler) {
        if self.overruled.is_none() {
            let why = self.reasons.iter().map(|r| r.code).collect();
            let marked = self.marked.map(kept);
            self.overruled = Some(Overruled { by, rules: self.outcome, why, marked });
        }
    }
}

/// A probability as it is stored: to a tenth of a percent towards the middle, so that nobody reads 100 %.
fn kept(marked: f32) -> Score {
    let shares = marked * 1000.0;
    let shares = if marked > 0.5 { shares.floor() } else { shares.ceil() };
    Score::new(shares / 1000.0)
}

/// Ink of one box, as it is compared with that of the other options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// Around box and label, in px.
    pub near: u32,
    /// Share of the inside.
    pub inner: f32,
    /// Some of it is in the box, right at its lines, or a line around it: a mark for this box, if it is one.
    pub its_own: bool,
    /// A stroke goes over its label: somebody's mark, if not for this box.
    pub on_label: bool,
}

/// A page: what each of its boxes looks like, and what all of them together tell.
struct Scene<'a> {
    t: &'a Template,
    looks: Vec<Look>,
    strays: Vec<Unexplained>,
    pen: PagePen,
    /// Ink near a box that stands out from the page's dirt, in px.
    dirt: u32,
    /// Ink within a box's own lines that is a mark on this page, and that may be one, in px.
    framed: (u32, u32),
    /// The same with the edges of the lines, where a stroke stands out around the box, too.
    hugging: u32,
    marks: &'a Marks,
    /// Specks inside boxes are this page's dirt.
    specked: bool,
    /// Ink right beside a box's lines, as they arrived, that is a mark's, in px.
    flank: u32,
    /// This page's marks are circles: what is another kind of mark is none of its hand's.
    circles: bool,
    /// Median distance of the anchors from the map, in px.
    residual: f32,
    policy: &'a Policy,
}

/// The boxes that are clearly marked: what their marks explain says nothing about others.
pub fn owners(t: &Template, marks: &Marks, round: Round, policy: &Policy) -> Vec<Owner> {
    let scene = Scene::of(t, marks, round, 0.0, policy);
    let all = marks.boxes.iter().zip(&scene.looks).zip(&scene.strays);
    all.filter_map(|((e, look), stray)| look::owner(e, look, stray.place, policy)).collect()
}

/// Judges all boxes of a page, and says what its pen is like.
pub fn verdicts(
    t: &Template,
    marks: &Marks,
    residual: f32,
    policy: &Policy,
) -> (Vec<Verdict>, PagePen) {
    let scene = Scene::of(t, marks, Round::Later, residual, policy);
    let all = marks.boxes.iter().zip(&scene.looks).zip(&scene.strays);
    let verdicts = all.map(|((e, look), stray)| scene.verdict(e, look, stray)).collect();
    (verdicts, scene.pen)
}

impl<'a> Scene<'a> {
    fn of(
        t: &'a Template,
        marks: &'a Marks,
        round: Round,
        residual: f32,
        policy: &'a Policy,
    ) -> Self {
        let looks: Vec<Look> = marks.boxes.iter().map(|e| Look::of(e, round, policy)).collect();
        let strays = beside::unexplained(t, marks, &looks, policy);
        let pen = PagePen::of(&marks.boxes, &looks);
        let dirt = page::dirt(&marks.boxes, &looks, pen, policy);
        // A faint pen's own marks are specks.
        let specked = pen.near >= policy.faint_pen && page::specked(&marks.boxes, &looks, policy);
        let jitter = 2 * page::jitter(&marks.boxes, &looks);
        let framed = if marks.rough {
            (policy.framed_rough + jitter, policy.framed_rough_marginal + jitter)
        } else {
            (policy.framed + jitter, policy.framed_marginal + jitter)
        };
        let hugging = policy.hugging + framed.0 - policy.framed;
        let flank = policy.flank + 2 * page::beside_lines(&marks.boxes, &looks);
        let circles = page::circles(&marks.boxes, &looks, policy);
        let mut scene = Self {
            t,
            looks,
            strays,
            pen,
            dirt,
            framed,
            hugging,
            marks,
            specked,
            flank,
            circles,
            residual,
            policy,
        };
        if round == Round::Later {
            scene.look_again(marks);
        }
        scene
    }

    /// Marks that only the whole page shows to be some: beside the box, or with little ink inside.
    fn look_again(&mut self, marks: &Marks) {
        let habit = beside::habit(&self.strays, &self.looks);
        for (i, e) in marks.boxes.iter().enumerate() {
            if self.looks[i].mark.is_some() {
                continue;
            }
            let stray = &self.strays[i];
            let beside = stray.beside && self.looks[i].inner < self.policy.marginal;
            if beside && (stray.alone || (habit && !stray.crowded)) {
                self.looks[i].mark = Some(Mark::Beside);
            } else if self.drawn(e) || self.framed(e) {
                self.looks[i].mark = Some(Mark::Inside);
            }
        }
    }

    fn verdict(&self, e: &Evidence, look: &Look, stray: &Unexplained) -> Verdict {
        let policy = self.policy;
        let mut reasons = Vec::new();
        let name = &self.t.option(&self.t.boxes[e.index]).id;
        let mut doubt = |(code, v): (ReasonCode, f32)| {
            reasons.push(Reason::new(code).about(name).measured(f64::from(v)));
        };
        self.place(e).into_iter().for_each(&mut doubt);
        match look.mark {
            Some(mark) => self.marked(e, look, mark).into_iter().for_each(&mut doubt),
            None => self.unmarked(e, look, stray).into_iter().for_each(&mut doubt),
        }
        let outcome = match (reasons.is_empty(), look.mark) {
            (false, _) => BoxOutcome::Doubtful,
            (true, Some(_)) => BoxOutcome::Marked,
            (true, None) => BoxOutcome::Unmarked,
        };
        let struck = reasons.iter().any(|r| r.code == ReasonCode::StruckOut);
        let strength = if struck { STRUCK } else { strength(look, stray.ink, policy) };
        let confidence = confidence::of_box(look, outcome, policy);
        // Where no label is known, what lies to the right is the next option's.
        let near = if self.t.boxes[e.index].label.is_some() { e.near } else { e.close };
        let (its_own, on_label) = (self.its_own(e, look), self.on_label(e));
        let ink = Ink { near, inner: e.inner, its_own, on_label };
        Verdict {
            outcome,
            mark: look.mark,
            strength,
            confidence,
            reasons,
            ink,
            marked: None,
            disputed: false,
            overruled: None,
        }
    }

    /// Little ink inside, but more of it around: a stroke that nothing else explains passes here.
    fn drawn(&self, e: &Evidence) -> bool {
        let policy = self.policy;
        let usual = e.inner >= policy.thin_share * self.pen.inner
            || e.own as f32 >= policy.pen_near * self.pen.near as f32;
        usual
            && e.inner >= policy.marginal
            && e.close >= self.drawn_least()
            && e.missing < policy.drawn_missing
            && e.bars < 2
            && e.lost == 0.0
            && e.foreign == 0.0
            && e.arm.is_none()
            && e.bits < self.policy.bits
    }

    /// Ink around a box, in px, that is a stroke's.
    fn drawn_least(&self) -> u32 {
        self.policy.drawn.max(self.dirt)
    }

    /// More ink within the box's own lines than their jitter leaves: a stroke that hugs them.
    fn framed(&self, e: &Evidence) -> bool {
        let whole = e.missing < self.policy.drawn_missing;
        let hugs = |edges| whole && edges >= self.hugging && e.close >= self.drawn_least();
        let thick = |f: &Framed| f.rows >= THICK && f.columns >= THICK;
        // A broken line's rest lies within, too, but nothing of it in the middle or outside.
        let seen = e.inner >= self.policy.marginal || e.close >= self.policy.near_least;
        e.framed.is_some_and(|f| (f.inner >= self.framed.0 && thick(&f)) || hugs(f.edges))
            && seen
            && e.missing < self.policy.worn
            && e.lost == 0.0
            && e.foreign == 0.0
            && e.passing == 0
            && e.arm.is_none()
            && e.bits < self.policy.bits
    }

    /// How high a flat line is here.
    fn flat(&self, e: &Evidence) -> isize {
        if e.missing < self.policy.drawn_missing { FLAT } else { FLAT_MOVED }
    }

    /// Ink where print is not, and yet nothing within the box's lines: these have moved.
    fn moved(&self, e: &Evidence) -> bool {
        e.missing >= self.policy.drawn_missing
            && e.framed.is_some_and(|f| f.inner < self.framed.1)
            && !self.framed(e)
    }

    /// A row that the line garbled lies flat across a box, dirt on the glass runs straight down through
    /// it; so may a dash or an upright stroke.
    fn runs_through(&self, e: &Evidence) -> bool {
        let flat = self.flat(e);
        let through = |w, h| (h <= flat && w >= WIDE) || (w <= STREAK && h >= HIGH);
        // What lies within the box's own lines says it better than one piece of it.
        let all = e.framed.filter(|f| f.inner > 0);
        e.stroke.as_ref().is_some_and(|s| {
            let (w, h) = (s.bounds.width(), s.bounds.height());
            let band = w >= WIDE && h <= BAND && s.ink as f32 >= SOLID * s.bounds.area();
            let low = all.is_some_and(|f| f.rows < THICK) && h < THICK as isize;
            band || low || (h <= flat && w >= WIDE) || (all.is_none() && through(w, h))
        }) || all.is_some_and(|f| through(f.columns as isize, f.rows as isize))
    }

    /// Little ink inside, flat, and bits of a garbled row all along the same line.
    fn is_bit(&self, e: &Evidence, look: &Look) -> bool {
        let low = e.stroke.as_ref().is_some_and(|s| s.bounds.height() <= LOW);
        let little = e.inner < 2.0 * self.policy.definite;
        let bits = if self.marks.rough { self.policy.bits_low } else { self.policy.bits };
        // Half of a circle is little and flat, too.
        e.bits >= bits && low && little && look.circle < self.policy.circle_marginal
    }

    /// Is the box's place known, and did it arrive?
    fn place(&self, e: &Evidence) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        if e.lost > policy.lost_rows || self.marks.blind[e.index] {
            Some((ReasonCode::DamagedField, e.lost))
        } else if self.residual > policy.residual {
            Some((ReasonCode::PoorRegistration, self.residual))
        } else if e.missing > policy.unknown_place
            || self.marks.mistaken[e.index] > policy.other_row
            || (e.lines && e.framed.is_none() && e.missing >= policy.unframed)
        {
            Some((ReasonCode::PoorRegistration, e.missing))
        } else {
            None
        }
    }

    /// Ink that is in the box, right at its lines, or makes a line around it.
    fn its_own(&self, e: &Evidence, look: &Look) -> bool {
        e.close >= self.policy.near_least
            && (e.specks >= self.policy.specks
                || e.framed.and_then(|f| f.flank).is_some_and(|n| n >= self.flank)
                || look.sides >= self.policy.circle_marginal
                || look::hidden_circle(e, self.policy).is_some())
    }

    /// What speaks against a mark.
    fn marked(&self, e: &Evidence, look: &Look, mark: Mark) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        let crossed = e.around_label.as_ref().map_or(0.0, |a| a.core);
        match mark {
            Mark::Inside | Mark::Circled if crossed >= policy.struck => {
                Some((ReasonCode::StruckOut, crossed))
            }
            Mark::Inside | Mark::Circled if self.crossed(e) => {
                Some((ReasonCode::StruckOut, e.crossing.rows as f32))
            }
            Mark::Inside if e.arm.is_some() && look.inner < policy.definite => {
                Some((ReasonCode::MarginalMark, look.inner))
            }
            Mark::Inside if self.moved(e) || self.runs_through(e) || self.is_bit(e, look) => {
                Some((ReasonCode::MarginalMark, look.inner))
            }
            // A circle that cuts through its box leaves a line around it as well.
            Mark::Inside
                if self.circles
                    && look.inner < policy.definite
                    && look.sides < policy.circle_marginal =>
            {
                Some((ReasonCode::PenMismatch, look.inner))
            }
            Mark::Beside if self.circles => Some((ReasonCode::MarkOutsideBox, e.near as f32)),
            Mark::Circled => look::half_open(e, policy).map(|c| (ReasonCode::MarkOutsideBox, c)),
            Mark::Inside
                if look.inner < policy.pen_share * self.pen.inner
                    && (e.own as f32) < policy.pen_near * self.pen.near as f32
                    && (self.marks.rough || e.framed.is_none_or(|f| f.inner < self.framed.0)) =>
            {
                Some((ReasonCode::PenMismatch, look.inner / self.pen.inner))
            }
            _ => None,
        }
    }

    /// Two flat lines through a box and out on both sides, or one broad one: half of a circle is one thin one.
    fn crossed(&self, e: &Evidence) -> bool {
        e.crossing.lines >= 2 || e.crossing.rows >= self.policy.crossing
    }

    /// A stroke over the label; where rows moved, so did its print.
    fn on_label(&self, e: &Evidence) -> bool {
        let policy = self.policy;
        let moved = e.missing >= policy.drawn_missing || e.bits >= policy.bits / 2;
        let on_label = if self.marks.rough { e.label.drawn } else { e.label.ink };
        e.near >= policy.near_label && on_label >= policy.on_label && !moved
    }

    /// What speaks against calling a box unmarked.
    fn unmarked(
        &self,
        e: &Evidence,
        look: &Look,
        stray: &Unexplained,
    ) -> Option<(ReasonCode, f32)> {
        let policy = self.policy;
        let crossed = e.around_label.as_ref().map_or(0.0, |a| a.core);
        let clean = !self.specked && e.missing < policy.crisp;
        let passes_by = look::passes_by(e, policy);
        let rest = e.framed.is_some_and(|f| f.inner >= policy.specks_worn);
        let worn = e.missing >= policy.worn && rest;
        let specks = (clean && e.specks >= policy.specks) || worn;
        let inked = e.inner >= policy.marginal || specks;
        // Ink where only a line that moved can be.
        let inked = inked
            && e.framed.is_none_or(|f| worn || f.inner > 0 || f.edges >= self.hugging || narrow(e));
        if inked && !passes_by {
            Some((ReasonCode::MarginalMark, e.inner))
        } else if e.framed.is_some_and(|f| f.inner >= self.framed.1) && !passes_by {
            Some((ReasonCode::MarginalMark, e.framed.map_or(0, |f| f.inner) as f32))
        } else if e.passing >= policy.passing && !passes_by {
            Some((ReasonCode::MarginalMark, e.passing as f32))
        } else if e.bent >= policy.bent {
            Some((ReasonCode::MarkOutsideBox, e.bent as f32))
        } else if let Some(merged) = look::hidden_circle(e, policy) {
            Some((ReasonCode::MarkOutsideBox, merged))
        } else if let Some(n) = e.framed.and_then(|f| f.flank).filter(|n| *n >= self.flank) {
            Some((ReasonCode::MarkOutsideBox, n as f32))
        } else if stray.ink >= policy.stray_ink {
            Some((ReasonCode::MarkOutsideBox, stray.ink as f32))
        } else if look.sides >= policy.circle_marginal {
            Some((ReasonCode::MarkOutsideBox, look.sides))
        } else if crossed >= policy.across_label && e.missing < policy.worn {
            Some((ReasonCode::MarkOutsideBox, crossed))
        } else if self.on_label(e) {
            Some((ReasonCode::MarkOutsideBox, e.near as f32))
        } else if e.close >= self.dirt + (policy.rest * e.explained as f32) as u32
            && (!self.marks.rough || e.close_rows >= policy.near_rows)
        {
            Some((ReasonCode::MarkOutsideBox, e.close as f32))
        } else {
            None
        }
    }
}

/// Ink inside that is no piece of a line along the box: a dot that touches it.
fn narrow(e: &Evidence) -> bool {
    let dot = |s: &Stroke| s.bounds.width().max(s.bounds.height()) <= DOT && s.ink >= SEEN;
    e.bars == 0 && e.stroke.as_ref().is_some_and(dot)
}

/// A dot that touches its box's line shows so far inside at most, in px, and has so much ink there.
const DOT: isize = 8;
const SEEN: u32 = 8;
/// Rows and columns that a stroke takes at least, in px: a row that the line repeated takes up to three.
const THICK: u32 = 4;
/// How high a garbled row's rest inside a box is at most, in px: four rows of 98 an inch.
const LOW: isize = 8;
/// A streak's width and least height in a box, in px: dirt of a quarter of a millimetre.
const STREAK: isize = 4;
const HIGH: isize = 12;
/// A line this high or less lies flat, in px: two rows of 98 an inch; where print has moved, a box's
/// own line of 3 rows, repeated.
const FLAT: isize = 4;
const FLAT_MOVED: isize = 7;
/// And one this long or more, in px, lies across: three quarters of the inside.
const WIDE: isize = 15;
/// Repeated rows of a box's line make a solid band, so high at most, in px, and so much of it inked.
const BAND: isize = 12;
const SOLID: f32 = 0.9;
/// A struck option is the last that would be guessed.
const STRUCK: f32 = 0.2;

fn strength(look: &Look, stray: u32, policy: &Policy) -> f32 {
    let beside = (stray as f32 / policy.beside_ink.max(1) as f32).min(1.0) * 0.9;
    let inside = look.inner / policy.definite;
    let round = look.circle / policy.circle_definite * 0.95;
    inside.max(round).max(beside).min(1.0)
}
