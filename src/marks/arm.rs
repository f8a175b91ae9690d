//! Does the ink in a box lie on the straight end of a stroke that comes from another box? The long
//! arm of a tick does: seen from the box it ends in, it is a thin line that leads back to the other.

use super::window::{Area, Window};
use crate::raster::Bitmap;

/// Straight: the ink's spread across its line, as a standard deviation, in px: a pen of 6 px has 1.7, and
/// arms bend.
const SPREAD: f32 = 3.0;
/// So straight is a piece on its own, outside every box: 3 px took a tick beside a box for an arm (seed
/// 9404).
const THIN: f32 = 2.0;
/// The line leads to a box if it passes this close to its middle, in px: half a box and a bend.
const AIM: f32 = 24.0;
/// And reaches it if it comes this close to its inside, in px: its line.
const GOAL: isize = 6;
/// Longest arm, in px: 14 mm.
const LONGEST: f32 = 112.0;
/// Arms bend: ink this far beside the line is on it, in px.
const BESIDE: isize = 6;
/// Share of the way between the boxes, print left out, that may be without ink.
const BROKEN: f32 = 0.25;
/// Share of the way, print included, on which ink must be seen.
const DRAWN: f32 = 0.4;
/// Boxes farther apart than this from left to right do not stand in one column, in px.
const ASIDE: f32 = 20.0;
/// A piece this long has a direction, in px.
const LENGTH: f32 = 8.0;

/// So near the inside of a marked box a piece this small needs none: a stroke's end or a tick's
/// corner, cut off by the box's line, in px.
const END: isize = 16;
const SMALL: f32 = 24.0;
/// A scribble over the line is as wide as its box, in px.
const WIDE: f32 = 40.0;

/// An arm inside a box it does not belong to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// How far its line passes the middle of the box, in px.
    pub off: f32,
    /// How much of it is inside, in px.
    pub length: f32,
    /// Ink inside the box it comes from, in px.
    pub from: u32,
    /// That box lies to the left or right, not just below.
    pub aside: bool,
}

/// The arm of one of the `sources`' strokes that the ink inside a box is; none if it is something else.
pub fn through(window: &Window, print: &Bitmap, inside: Area, sources: &[Area]) -> Option<Arm> {
    let ink = window.inked(inside);
    let line = Line::through(&ink).filter(|l| l.spread <= SPREAD)?;
    let (cx, cy) = centre(inside);
    let leads = sources.iter().filter(|s| line.leads_to(window, print, **s, inside));
    let source = leads.max_by_key(|s| window.count(**s))?;
    Some(Arm {
        off: line.distance(cx, cy),
        length: line.length,
        from: window.count(*source),
        aside: (centre(*source).0 - cx).abs() >= ASIDE,
    })
}

/// Whether a piece of ink is part of such an arm.
pub fn is_part(ink: &[(isize, isize)], window: &Window, print: &Bitmap, sources: &[Area]) -> bool {
    Line::through(ink).is_some_and(|l| {
        // A tick's corner is never above its own box; a scribble's may be.
        let at = |s: &Area| {
            s.grown(END, END).has(l.x as isize, l.y as isize)
                && (l.y > s.y0 as f32 || scribbled(window, *s))
        };
        let small = |s: &Area| l.length <= if scribbled(window, *s) { WIDE } else { SMALL };
        let own = Area { x0: 0, y0: 0, x1: 0, y1: 0 };
        // The long arm of a tick goes up: below its box only the end of a stroke is cut off.
        let arm = |s: &Area| l.y < s.y1 as f32 || l.beyond(*s) <= END as f32;
        let leads = |s: &Area| arm(s) && l.leads_to(window, print, *s, own);
        sources
            .iter()
            .any(|s| (small(s) && at(s)) || (l.spread <= THIN && l.length >= LENGTH && leads(s)))
    })
}

/// A box filled to this share overshoots in any shape.
const FILLED: f32 = 0.25;

fn scribbled(window: &Window, source: Area) -> bool {
    window.count(source) as f32 >= FILLED * source.area()
}

/// How much ink of an area is explained, if it is no straight stroke that comes from a source:
/// corners are drawn on purpose.
pub fn bent(
    window: &Window,
    (explained, print): (&Bitmap, &Bitmap),
    a: Area,
    sources: &[Area],
) -> u32 {
    let mut ink = window.inked(a);
    ink.retain(|(x, y)| explained.count_in(*x, *y, x + 1, y + 1) > 0);
    if sources.iter().any(|s| scribbled(window, *s) && s.grown(END, END).overlaps(a)) {
        return 0;
    }
    let straight = Line::through(&ink).is_none_or(|l| {
        l.spread <= SPREAD && sources.iter().any(|s| l.leads_to(window, print, *s, a))
    });
    if straight { 0 } else { ink.len() as u32 }
}

fn centre(a: Area) -> (f32, f32) {
    ((a.x0 + a.x1) as f32 / 2.0, (a.y0 + a.y1) as f32 / 2.0)
}

/// The main axis of some ink.
struct Line {
    x: f32,
    y: f32,
    along: (f32, f32),
    spread: f32,
    length: f32,
}

impl Line {
    /// By the covariance of the pixels; none of fewer than three.
    fn through(ink: &[(isize, isize)]) -> Option<Self> {
        if ink.len() < 3 {
            return None;
        }
        let n = ink.len() as f32;
        let x = ink.iter().map(|p| p.0 as f32).sum::<f32>() / n;
        let y = ink.iter().map(|p| p.1 as f32).sum::<f32>() / n;
        let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
        for (u, v) in ink.iter().map(|p| (p.0 as f32 - x, p.1 as f32 - y)) {
            (a, b, c) = (a + u * u / n, b + u * v / n, c + v * v / n);
        }
        let angle = 0.5 * (2.0 * b).atan2(a - c);
        let along = (angle.cos(), angle.sin());
        let narrow = f32::midpoint(a, c) - ((a - c) / 2.0).hypot(b);
        let wide = f32::midpoint(a, c) + ((a - c) / 2.0).hypot(b);
        // An evenly inked line of length l has a standard deviation of l / sqrt(12) along it.
        let length = (12.0 * wide.max(0.0)).sqrt();
        Some(Self { x, y, along, spread: narrow.max(0.0).sqrt(), length })
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        ((x - self.x) * self.along.1 - (y - self.y) * self.along.0).abs()
    }

    /// From its near end to the corners of an area, about, in px.
    fn beyond(&self, a: Area) -> f32 {
        let (x, y) = centre(a);
        (x - self.x).hypot(y - self.y) - self.length / 2.0 - a.width() as f32 / 2.0
    }

    /// Whether the line, followed towards a box, reaches it and is drawn all the way; what is in the
    /// box that it comes out of (`own`) does not count.
    fn leads_to(&self, window: &Window, print: &Bitmap, source: Area, own: Area) -> bool {
        let (sx, sy) = centre(source);
        let way = (sx - self.x) * self.along.0 + (sy - self.y) * self.along.1;
        if self.distance(sx, sy) > AIM || way.abs() > LONGEST {
            return false;
        }
        let goal = source.grown(GOAL, GOAL);
        let (mut inked, mut open, mut all) = (0.0, 0.0, 0.0);
        for step in 0..=way.abs() as usize {
            let s = step as f32 * way.signum();
            let (x, y) = (self.x + s * self.along.0, self.y + s * self.along.1);
            let (x, y) = (x.round() as isize, y.round() as isize);
            if goal.has(x, y) {
                return open <= BROKEN * (inked + open) && inked >= DRAWN * all;
            }
            if own.has(x, y) {
                continue;
            }
            let around = Area { x0: x, x1: x + 1, y0: y, y1: y + 1 }.grown(BESIDE, BESIDE);
            all += 1.0;
            if window.count(around) > 0 {
                inked += 1.0;
            } else if print.count_in(x, y, x + 1, y + 1) == 0 {
                open += 1.0;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A marked box at (100, 100) to (120, 120), and a stroke of 2 px straight up or down beside its middle.
    fn is_explained(rows: std::ops::Range<usize>) -> bool {
        let source = Area { x0: 100, y0: 100, x1: 120, y1: 120 };
        let mut sheet = Bitmap::new(220, 320);
        // The tick in the box is none that fills it.
        (102..118).for_each(|k| sheet.set(k, k, true));
        let stroke: Vec<(isize, isize)> =
            rows.flat_map(|y| [(110, y as isize), (111, y as isize)]).collect();
        for (x, y) in &stroke {
            sheet.set(*x as usize, *y as usize, true);
        }
        let none = Bitmap::new(1, 1);
        let window = Window::cut(&sheet, &none, Area { x0: 0, y0: 0, x1: 220, y1: 320 }, (0, 0));
        is_part(&stroke, &window, &none, &[source])
    }

    #[test]
    fn beyond_is_what_lies_between_a_stroke_and_a_box() {
        let line = Line::through(&(0..21).map(|x| (x, 10)).collect::<Vec<_>>()).unwrap();
        let gap = |x0| line.beyond(Area { x0, y0: 0, x1: x0 + 20, y1: 20 });
        assert!((gap(40) - 20.0).abs() < 1.0, "{}", gap(40));
        assert!(gap(21) < 2.0 && gap(10) < 0.0);
    }

    #[test]
    fn an_arm_goes_up_and_below_its_box_there_is_only_a_cut_off_end() {
        // The long arm of a tick, with as much missing of it as print hides.
        assert!(is_explained(20..82));
        // As far below, a stroke of its own: somebody's mark at the next option.
        assert!(!is_explained(138..200));
        assert!(is_explained(124..150));
    }
}
