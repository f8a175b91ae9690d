//! Ink outside every box: whose is it? A tick overshoots, a circle goes round, writing leaves its
//! frame: such ink is explained by what is marked. What is left may be a mark beside a box.

use super::look::{Look, Mark};
use super::policy::Policy;
use crate::marks::{Area, Marks, Stray};
use crate::register::Template;
use crate::units::{Px, Rect};

/// How far the strokes of a mark reach from its box, in px: ticks run 8 mm to the right and 6 mm up,
/// every mark 1.5 mm to the left and 3 mm down.
const OVERSHOOT: Reach = Reach { left: 12.0, right: 64.0, up: 48.0, down: 24.0 };
/// Where the far ends of large ticks still are.
const FAR_ENDS: Reach = Reach { left: 60.0, right: 130.0, up: 70.0, down: 40.0 };
/// How far a circle lies outside what it goes round: 4 mm.
const AROUND: Reach = Reach { left: 34.0, right: 34.0, up: 30.0, down: 30.0 };
/// Writing leaves its field by so much: 2 mm across, 1.5 mm up and down.
const WRITING: Reach = Reach { left: 16.0, right: 16.0, up: 12.0, down: 12.0 };
/// Where a mark beside a box lies, from the box's middle, in px: 6 mm to the left, level with it.
const BESIDE: Area = Area { x0: -50, y0: -20, x1: -6, y1: 20 };
/// Flat pieces are rows of print moved by lost lines: pens make higher ones.
const FLAT: isize = 4;
/// Dirt on the glass is a hairline, or longer than 6 mm, in px.
const HAIR: isize = 3;
const TALL: isize = 48;
/// Marks beside boxes that make a habit.
const HABIT: usize = 3;

/// Ink near one box that nothing explains.
#[allow(clippy::struct_excessive_bools, reason = "four observations, not states: any may hold")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unexplained {
    /// In pixels.
    pub ink: u32,
    /// It lies in the place of a mark beside the box, is large enough, and is all there is.
    pub beside: bool,
    /// Strokes of a mark inside a box nearby are likely here.
    pub crowded: bool,
    /// So is a circle around another option.
    pub ringed: bool,
    /// Ink of any mark nearby, its far ends included, may be here.
    pub reached: bool,
    /// The same of the box alone, its label left out.
    pub box_reached: bool,
}

/// Dirt on the glass: a hairline straight down, or a longer line than people draw beside boxes.
fn upright(a: Area) -> bool {
    a.width() <= HAIR || (a.width() <= HAIR + FLAT && a.height() >= TALL)
}

/// The unexplained ink near each box. A stroke beside one box is that box's alone.
pub fn unexplained(
    t: &Template,
    marks: &Marks,
    looks: &[Look],
    policy: &Policy,
) -> Vec<Unexplained> {
    let known = territories(t, looks);
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
    let beside = |s: &Stray| BESIDE.has(s.dx as isize, s.dy as isize);
    let claimed: Vec<Area> =
        left.iter().flatten().filter(|s| beside(s)).map(|s| s.bounds).collect();
    left.iter()
        .enumerate()
        .map(|(i, own)| {
            let here: u32 = own.iter().filter(|s| beside(s)).map(|s| s.ink).sum();
            let others: u32 = own
                .iter()
                .filter(|s| !beside(s) && !claimed.iter().any(|c| c.overlaps(s.bounds)))
                .map(|s| s.ink)
                .sum();
            // In its own place even a thin pen's mark means something.
            let here_counts = here >= policy.beside_least;
            Unexplained {
                ink: if here_counts { here.max(policy.stray_ink) + others } else { here + others },
                beside: here >= policy.beside_ink && others < policy.stray_ink,
                crowded: near(t, looks, whole(t, i), i, inside, OVERSHOOT),
                ringed: near(t, looks, whole(t, i), i, |l| l.ringed, AROUND),
                reached: near(t, looks, whole(t, i), i, inside, FAR_ENDS),
                box_reached: near(t, looks, t.boxes[i].px, i, inside, FAR_ENDS)
                    || near(t, looks, t.boxes[i].px, i, |l| l.ringed, AROUND),
            }
        })
        .collect()
}

/// Is there another such box than `i` whose ink reaches `zone`? Of a ringed one the ring, of
/// others the box is where ink starts.
fn near(
    t: &Template,
    looks: &[Look],
    zone: Rect<Px>,
    i: usize,
    such: impl Fn(&Look) -> bool,
    by: Reach,
) -> bool {
    looks.iter().enumerate().any(|(k, l)| {
        let from = if l.ringed { whole(t, k) } else { t.boxes[k].px };
        k != i && such(l) && overlap(grown(from, by), zone)
    })
}

fn inside(l: &Look) -> bool {
    l.mark == Some(Mark::Inside)
}

fn whole(t: &Template, k: usize) -> Rect<Px> {
    let b = &t.boxes[k];
    b.label.map_or(b.px, |l| joined(b.px, l))
}

/// Takes half a ring for a circle where no tick from above or below could have drawn it.
pub fn complete_rings(t: &Template, marks: &Marks, looks: &mut [Look]) {
    let alone: Vec<usize> = (0..marks.boxes.len())
        .filter(|i| looks[*i].half_ring && !near(t, looks, whole(t, *i), *i, inside, OVERSHOOT))
        .collect();
    for i in alone {
        looks[i].mark = Some(Mark::Circled);
        looks[i].ringed = true;
    }
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
    for (k, look) in looks.iter().enumerate().filter(|(_, l)| l.mark.is_some()) {
        out.push(grown(t.boxes[k].px, OVERSHOOT));
        if look.ringed {
            out.push(grown(whole(t, k), AROUND));
        }
    }
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
