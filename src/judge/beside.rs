//! Ink outside every box: whose is it? A tick overshoots, a circle goes round, writing leaves its
//! frame: such ink is explained by what is marked. What is left may be a mark beside a box.

use super::boxes::{Look, Mark};
use super::policy::Policy;
use crate::marks::{Area, Marks, Stray};
use crate::register::Template;
use crate::units::{Px, Rect};

/// How far the strokes of a mark reach from its box, in px: 8 mm across, 6 mm up and down.
const OVERSHOOT: (f32, f32) = (64.0, 48.0);
/// How far a circle lies outside what it goes round: 4 mm.
const AROUND: (f32, f32) = (34.0, 30.0);
/// Writing leaves its field by so much: 2 mm across, 1.5 mm up and down.
const WRITING: (f32, f32) = (16.0, 12.0);
/// Where a mark beside a box lies, from the box's middle, in px: 6 mm to the left, level with it.
const BESIDE: Area = Area { x0: -50, y0: -20, x1: -6, y1: 20 };
/// Flat pieces are rows of print moved by lost lines: pens make higher ones.
const FLAT: isize = 4;
/// Marks beside boxes that make a habit.
const HABIT: usize = 3;

/// Ink near one box that nothing explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unexplained {
    /// In pixels.
    pub ink: u32,
    /// It is one stroke, in the place of a mark beside the box, and large enough.
    pub beside: bool,
}

/// The unexplained ink near each box. A stroke beside one box is that box's alone.
pub fn unexplained(
    t: &Template,
    marks: &Marks,
    looks: &[Look],
    policy: &Policy,
) -> Vec<Unexplained> {
    let known = territories(t, marks, looks);
    let left: Vec<Vec<&Stray>> = marks
        .boxes
        .iter()
        .map(|e| {
            e.strays
                .iter()
                .filter(|s| s.bounds.height() > FLAT)
                .filter(|s| !known.iter().any(|k| holds(*k, s.bounds)))
                .filter(|s| marks.lost.share(s.bounds.y0, s.bounds.y1) < 0.5)
                .collect()
        })
        .collect();
    let beside = |s: &Stray| BESIDE.has(s.dx as isize, s.dy as isize);
    let claimed: Vec<Area> =
        left.iter().flatten().filter(|s| beside(s)).map(|s| s.bounds).collect();
    left.iter()
        .map(|own| {
            let here: u32 = own.iter().filter(|s| beside(s)).map(|s| s.ink).sum();
            let others: u32 = own
                .iter()
                .filter(|s| !beside(s) && !claimed.iter().any(|c| c.overlaps(s.bounds)))
                .map(|s| s.ink)
                .sum();
            Unexplained {
                ink: here + others,
                beside: here >= policy.beside_ink && others < policy.stray_ink,
            }
        })
        .collect()
}

/// Does this page mark beside its boxes throughout? Several such marks, and not many others.
pub fn habit(strays: &[Unexplained], looks: &[Look]) -> bool {
    let beside = strays.iter().zip(looks).filter(|(s, l)| s.beside && l.mark.is_none()).count();
    let others = looks.iter().filter(|l| l.mark.is_some()).count();
    beside >= HABIT && 2 * beside >= others
}

/// The parts of the page in which ink is explained.
fn territories(t: &Template, marks: &Marks, looks: &[Look]) -> Vec<Rect<Px>> {
    let mut out: Vec<Rect<Px>> = t.fields.iter().map(|f| grown(f.px, WRITING)).collect();
    for (e, look) in marks.boxes.iter().zip(looks) {
        let b = &t.boxes[e.index];
        match look.mark {
            Some(Mark::Circled) => {
                out.push(grown(b.px, AROUND));
                out.extend(b.label.map(|l| grown(l, AROUND)));
            }
            Some(_) => out.push(grown(b.px, OVERSHOOT)),
            None => {}
        }
    }
    out
}

fn grown(r: Rect<Px>, (x, y): (f32, f32)) -> Rect<Px> {
    Rect { x: Px(r.x.0 - x), y: Px(r.y.0 - y), w: Px(r.w.0 + 2.0 * x), h: Px(r.h.0 + 2.0 * y) }
}

/// Whether the middle of a stroke lies in a territory.
fn holds(r: Rect<Px>, a: Area) -> bool {
    let (x, y) = ((a.x0 + a.x1) as f32 / 2.0, (a.y0 + a.y1) as f32 / 2.0);
    x >= r.x.0 && x < r.x.0 + r.w.0 && y >= r.y.0 && y < r.y.0 + r.h.0
}
