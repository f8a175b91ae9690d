//! Is something circled? Rays from its middle line outwards must meet ink on all four sides, and
//! there must be little in the middle.

use super::window::{Area, Window};

/// Rays start every so many pixels along a side.
const RAY_STEP: usize = 2;
/// How far beyond its edge a circle around something still means it, in px: 3.2 mm.
const REACH: isize = 26;

/// Share of the rays of each side that meet ink: up, right, down, left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Enclosure {
    pub sides: [f32; 4],
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
        let mut s = self.sides;
        s.sort_by(f32::total_cmp);
        s[1]
    }
}

/// Looks for a line around `a` (a printed box, a label, or both).
pub fn enclosure(window: &Window, a: Area) -> Enclosure {
    let (mx, my) = (isize::midpoint(a.x0, a.x1), isize::midpoint(a.y0, a.y1));
    let across =
        |x: isize, y0: isize, y1: isize| window.count(Area { x0: x, x1: x + 2, y0, y1 }) > 0;
    let down = |y: isize, x0: isize, x1: isize| window.count(Area { y0: y, y1: y + 2, x0, x1 }) > 0;
    // Ellipses cut the corners of what they go round: rays run over the middle 80 % of each side.
    let (ix, iy) = (a.width() / 10, a.height() / 10);
    let xs = || (a.x0 + ix..a.x1 - ix).step_by(RAY_STEP);
    let ys = || (a.y0 + iy..a.y1 - iy).step_by(RAY_STEP);
    let share = |hits: usize, of: usize| hits as f32 / of.max(1) as f32;
    let up = xs().filter(|x| across(*x, a.y0 - REACH, my)).count();
    let low = xs().filter(|x| across(*x, my, a.y1 + REACH)).count();
    let reach = (mx - a.x0).min(a.height());
    let left = ys().filter(|y| down(*y, a.x0 - REACH, a.x0 + reach)).count();
    let right = ys().filter(|y| down(*y, a.x1 - reach, a.x1 + REACH)).count();
    let (nx, ny) = (xs().count(), ys().count());
    let core = a.grown(-a.width() / 4, -a.height() / 4);
    Enclosure {
        sides: [share(up, nx), share(right, ny), share(low, nx), share(left, ny)],
        core: window.count(core) as f32 / core.area().max(1.0),
    }
}
