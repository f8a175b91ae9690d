//! Ink outside every box: whose is it? A tick overshoots, a circle goes round, writing leaves its
//! frame: such ink is explained by what is marked. What is left may be a mark beside a box.

use super::look::Look;
use super::policy::Policy;
use crate::marks::{Area, Marks, Stray};
use crate::register::Template;
use crate::units::{Px, Rect};

/// How far bits of a mark may lie from its box, in px: the arms of its strokes are known already.
const OVERSHOOT: Reach = Reach { left: 14.0, right: 20.0, up: 16.0, down: 16.0 };
/// Writing leaves its field by so much: 2 mm across, 1.5 mm up and down.
const WRITING: Reach = Reach { left: 16.0, right: 16.0, up: 12.0, down: 12.0 };
/// Where a mark beside a box lies, from the box's middle, in px: 6 mm to the left, level with it.
const BESIDE: Area = Area { x0: -50, y0: -20, x1: -6, y1: 20 };
/// How large marks beside boxes are at most, in px: 6 mm; and at least, the shorter and the longer side: a touch
/// of the pen of 2 mm is none.
const LARGEST: isize = 48;
const LEAST: (isize, isize) = (14, 18);
/// And so level with the box's middle, in px: a touch between two rows is nobody's.
const LEVEL: f32 = 10.0;
/// What lies so near on its other side may be what it is meant for, in px: as far as `BESIDE` reaches.
const CLEAR: isize = 40;
/// Flat pieces are rows of print moved by lost lines: pens make higher ones.
const FLAT: isize = 4;
/// The same where rows are known to two or three only, in px: a garbled row's rest of small print; marks
/// beside boxes are larger.
const FLAT_ROUGH: isize = 8;
/// Dirt on the glass is a hairline, or longer than 6 mm, in px.
const HAIR: isize = 3;
const TALL: isize = 48;
/// And so many times as high as wide.
const SLIM: isize = 6;
/// Print under a stroke, in px: by eye, part of a printed character (what rounds one on seed 9321 has more).
const PRINT: u32 = 12;
/// Marks beside boxes that make a habit.
const HABIT: usize = 3;

/// Ink near one box that nothing explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unexplained {
    /// In pixels.
    pub ink: u32,
    /// It lies in the place of a mark beside the box, is large enough, and is all there is.
    pub beside: bool,
    /// No other option, nor a field, is near that place: it can be meant for no other.
    pub alone: bool,
    /// It lies over print, or there is more ink around an option on its other side: it may be the end of
    /// a line around that one.
    pub crowded: bool,
    /// Where the strokes in that place lie.
    pub place: Option<Area>,
}

/// Dirt on the glass: a hairline straight down, or a longer line than people draw beside boxes.
fn upright(a: Area) -> bool {
    a.width() <= HAIR || (a.height() >= TALL && a.height() >= SLIM * a.width())
}

/// The unexplained ink near each box. A stroke beside one box is that box's alone.
pub fn unexplained(
    t: &Template,
    marks: &Marks,
    looks: &[Look],
    policy: &Policy,
) -> Vec<Unexplained> {
    let known = territories(t, looks);
    let flat = if marks.rough { FLAT_ROUGH } else { FLAT };
    let beside = |s: &Stray| BESIDE.has(s.dx as isize, s.dy as isize);
    let left: Vec<Vec<&Stray>> = marks
        .boxes
        .iter()
        .map(|e| {
            e.strays
                .iter()
                .filter(|s| s.bounds.height() > FLAT && !upright(s.bounds))
                .filter(|s| !known.iter().any(|k| holds(*k, s.bounds)))
                .filter(|s| marks.lost.share(s.bounds.y0, s.bounds.y1) < 0.5)
                .collect()
        })
        .collect();
    let claimed: Vec<Area> =
        left.iter().flatten().filter(|s| beside(s)).map(|s| s.bounds).collect();
    left.iter()
        .enumerate()
        .map(|(i, own)| {
            let here: u32 = own.iter().filter(|s| beside(s)).map(|s| s.ink).sum();
            let elsewhere =
                own.iter().filter(|s| !beside(s) && !claimed.iter().any(|c| c.overlaps(s.bounds)));
            let others: u32 = elsewhere.clone().map(|s| s.ink).sum();
            let drawn: u32 = elsewhere.filter(|s| s.bounds.height() > flat).map(|s| s.ink).sum();
            // In its own place even a thin pen's mark means something.
            let here_counts = here >= policy.beside_least;
            Unexplained {
                ink: if here_counts { here.max(policy.stray_ink) + drawn } else { here + drawn },
                beside: here >= policy.beside_ink
                    && others < policy.stray_ink
                    && own.iter().filter(|s| beside(s)).all(|s| is_mark(s)),
                crowded: own
                    .iter()
                    .filter(|s| beside(s))
                    .any(|s| over_print(t, s.bounds) || ends(t, marks, i, s.bounds, here)),
                alone: own.iter().filter(|s| beside(s)).all(|s| alone(t, i, s.bounds)),
                place: own.iter().filter(|s| beside(s)).map(|s| s.bounds).reduce(Area::joined),
            }
        })
        .collect()
}

/// Has it the size of a mark, level with its box?
fn is_mark(s: &Stray) -> bool {
    sized(s.bounds) && s.dy.abs() <= LEVEL
}

/// Has it the size of a mark?
fn sized(a: Area) -> bool {
    let (short, long) = (a.width().min(a.height()), a.width().max(a.height()));
    short >= LEAST.0 && long >= LEAST.1 && long <= LARGEST
}

/// Is a stroke beside box `i` of a mark's size, and far from every other option and field?
fn alone(t: &Template, i: usize, a: Area) -> bool {
    sized(a)
        && neighbours(t, i, a).next().is_none()
        && !t.fields.iter().any(|f| overlap(f.px, on_its_left(a)))
}

/// Marks are drawn where there is room: what goes round print is the end of a circle.
fn over_print(t: &Template, a: Area) -> bool {
    t.plain.count_in(a.x0, a.y0, a.x1, a.y1) >= PRINT
}

/// Is there ink around an option to the left of box `i`, too, a quarter of what lies between them? Of a
/// circle whose line print hides its end may be all that is clearly seen.
fn ends(t: &Template, marks: &Marks, i: usize, a: Area, ink: u32) -> bool {
    neighbours(t, i, a).any(|k| 4 * marks.boxes[k].near > ink)
}

/// The other options near the place of a stroke beside box `i`.
fn neighbours(t: &Template, i: usize, a: Area) -> impl Iterator<Item = usize> {
    let about = on_its_left(a);
    (0..t.boxes.len()).filter(move |k| *k != i && overlap(whole(t, *k), about))
}

/// A stroke's place and what lies close to its left.
fn on_its_left(a: Area) -> Rect<Px> {
    Rect {
        x: Px((a.x0 - CLEAR) as f32),
        y: Px(a.y0 as f32),
        w: Px((a.width() + CLEAR) as f32),
        h: Px(a.height() as f32),
    }
}

fn whole(t: &Template, k: usize) -> Rect<Px> {
    let b = &t.boxes[k];
    b.label.map_or(b.px, |l| joined(b.px, l))
}

fn overlap(a: Rect<Px>, b: Rect<Px>) -> bool {
    a.x.0 < b.x.0 + b.w.0 && b.x.0 < a.x.0 + a.w.0 && a.y.0 < b.y.0 + b.h.0 && b.y.0 < a.y.0 + a.h.0
}

/// Does this page mark beside its boxes throughout? Several such marks, and not many others.
pub fn habit(strays: &[Unexplained], looks: &[Look]) -> bool {
    let beside = strays.iter().zip(looks).filter(|(s, l)| s.beside && l.mark.is_none()).count();
    let others = looks.iter().filter(|l| l.mark.is_some()).count();
    beside >= HABIT && 4 * beside >= others
}

/// The parts of the page in which ink is explained.
fn territories(t: &Template, looks: &[Look]) -> Vec<Rect<Px>> {
    let mut out: Vec<Rect<Px>> = t.fields.iter().map(|f| grown(f.px, WRITING)).collect();
    let marked = looks.iter().enumerate().filter(|(_, l)| l.mark.is_some());
    out.extend(marked.map(|(k, _)| grown(t.boxes[k].px, OVERSHOOT)));
    out
}

fn joined(a: Rect<Px>, b: Rect<Px>) -> Rect<Px> {
    let (x, y) = (a.x.0.min(b.x.0), a.y.0.min(b.y.0));
    let (right, low) = ((a.x.0 + a.w.0).max(b.x.0 + b.w.0), (a.y.0 + a.h.0).max(b.y.0 + b.h.0));
    Rect { x: Px(x), y: Px(y), w: Px(right - x), h: Px(low - y) }
}

/// How far something extends beyond a rectangle, in px.
#[derive(Clone, Copy, Debug)]
struct Reach {
    left: f32,
    right: f32,
    up: f32,
    down: f32,
}

fn grown(r: Rect<Px>, by: Reach) -> Rect<Px> {
    Rect {
        x: Px(r.x.0 - by.left),
        y: Px(r.y.0 - by.up),
        w: Px(r.w.0 + by.left + by.right),
        h: Px(r.h.0 + by.up + by.down),
    }
}

/// Whether the middle of a stroke lies in a territory.
fn holds(r: Rect<Px>, a: Area) -> bool {
    let (x, y) = ((a.x0 + a.x1) as f32 / 2.0, (a.y0 + a.y1) as f32 / 2.0);
    x >= r.x.0 && x < r.x.0 + r.w.0 && y >= r.y.0 && y < r.y.0 + r.h.0
}
