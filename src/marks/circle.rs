//! Is something circled? Rays from its middle line outwards must meet ink on all four sides, and
//! there must be little in the middle.

use super::window::{Area, Window};
use crate::raster::Bitmap;

/// Rays start every so many pixels along a side.
const RAY_STEP: usize = 2;
/// Rays are as wide as they are apart: no ink slips between two of them.
const RAY: isize = RAY_STEP as isize;
/// How far beyond its edge a circle around something still means it, in px: 3.2 mm.
const REACH: isize = 26;

/// A ray is hidden if print covers this share of its way outside: a circle's line is 3 px of 26.
const HIDDEN: f32 = 0.15;

/// Share of the rays of each side that meet ink: up, right, down, left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Enclosure {
    pub sides: [f32; 4],
    /// The same of all rays, those that print hides included.
    pub seen: [f32; 4],
    /// Ink in the middle (the inner half each way) as a share of that middle.
    pub core: f32,
}

impl Enclosure {
    /// All four sides together.
    pub fn mean(&self) -> f32 {
        self.sides.iter().sum::<f32>() / 4.0
    }

    /// The third best side: print beside a box hides one side of a circle around it.
    pub fn third_side(&self) -> f32 {
        third(self.sides)
    }

    /// The same by all rays: what can be seen for certain.
    pub fn third_seen(&self) -> f32 {
        third(self.seen)
    }
}

fn third(mut sides: [f32; 4]) -> f32 {
    sides.sort_by(f32::total_cmp);
    sides[1]
}

/// Looks for a line around `a` (a printed box, a label, or both). A ray that meets no ink but runs
/// into print says nothing: ink on print cannot be told from it.
pub fn enclosure(window: &Window, print: &Bitmap, a: Area) -> Enclosure {
    let (mx, my) = (isize::midpoint(a.x0, a.x1), isize::midpoint(a.y0, a.y1));
    if window.count(a.grown(REACH, REACH)) == 0 {
        return Enclosure::default();
    }
    // Ellipses cut the corners of what they go round: rays run over the middle 80 % of each side.
    let (ix, iy) = (a.width() / 10, a.height() / 10);
    let reach = (mx - a.x0).min(a.height());
    let xs = || (a.x0 + ix..a.x1 - ix).step_by(RAY_STEP);
    let ys = || (a.y0 + iy..a.y1 - iy).step_by(RAY_STEP);
    let across = |y0: isize, y1: isize, out0: isize, out1: isize| {
        let columns = window.columns(y0, y1);
        let rays = xs().map(|x| {
            let outside = Area { x0: x, x1: x + RAY, y0: out0, y1: out1 };
            (columns.any(x, x + RAY), outside)
        });
        closed(print, &rays.collect::<Vec<_>>())
    };
    let along = |x0: isize, x1: isize, out0: isize, out1: isize| {
        let rays = ys().map(|y| {
            let ray = Area { y0: y, y1: y + RAY, x0, x1 };
            (window.count(ray) > 0, Area { y0: y, y1: y + RAY, x0: out0, x1: out1 })
        });
        closed(print, &rays.collect::<Vec<_>>())
    };
    let sides = [
        across(a.y0 - REACH, my, a.y0 - REACH, a.y0),
        along(a.x1 - reach, a.x1 + REACH, a.x1, a.x1 + REACH),
        across(my, a.y1 + REACH, a.y1, a.y1 + REACH),
        along(a.x0 - REACH, a.x0 + reach, a.x0 - REACH, a.x0),
    ];
    let core = a.grown(-a.width() / 4, -a.height() / 4);
    Enclosure {
        sides: sides.map(|s| s.0.min(1.0)),
        seen: sides.map(|s| s.1.min(1.0)),
        core: window.count(core) as f32 / core.area().max(1.0),
    }
}

/// How far a side is closed: of the rays that print does not hide, and of all. Each ray says whether
/// it met ink, and where print would hide it.
fn closed(print: &Bitmap, rays: &[(bool, Area)]) -> (f32, f32) {
    let hits = rays.iter().filter(|(hit, _)| *hit).count();
    // One ray may meet a speck.
    if hits <= 1 {
        return (0.0, 0.0);
    }
    let hidden = |o: &Area| print.count_in(o.x0, o.y0, o.x1, o.y1) as f32 > HIDDEN * o.area();
    let open = rays.iter().filter(|(hit, outside)| *hit || !hidden(outside)).count();
    let share = |of: usize| (hits as f32 - 1.0) / (of as f32 - 1.0).max(1.0);
    // A side that print hides altogether is not closed.
    (share(open.max(rays.len() / 3)), share(rays.len()))
}
