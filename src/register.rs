//! A clean page and a form -> the page in the form's own frame, pixel by pixel; or why not.
//!
//! Coarse correlation places the form, XOR patches place it to a fraction of a pixel, a residual by
//! scan line takes up slips of the feeder, and the page is resampled into the form's frame.

mod affine;
mod coarse;
mod fine;
mod layout;
mod own_row;
mod rows;
mod shade;
mod slip;
mod template;

pub use coarse::PageCells;
pub use fine::{Found, Patch};
pub use layout::{Hit, Layout};
pub use own_row::mistaken;
pub use slip::median;
pub use template::{BoxPlace, FieldPlace, Grey, Template, is_around, is_on};

pub use affine::{Affine, Match};
use slip::Slip;

use crate::raster::{Bitmap, warp::RowMap};
use crate::units::{Px, Score};

/// First search of an anchor, and the wide one for pages where too few were found.
const REACH: (isize, isize) = (10, 14);
const WIDE_REACH: (isize, isize) = (14, 36);
/// Weighted mismatch above which an anchor was not found: an empty place costs 0.67.
const ANCHOR_COST: f32 = 0.6;
/// The second best place must be this much worse (trial value).
const ANCHOR_MARGIN: f32 = 1.08;
/// Agreement of anchors with one affine map; slips of the feeder are allowed for down the page.
const TOLERANCE: (f32, f32) = (6.0, 14.0);
/// Below this share of anchors the wide search is tried.
const POOR: f32 = 0.75;
/// Rows between two looks at the residual; slips shorter than one line of print do not matter.
const SLIP_STEP: usize = 8;

/// A residual that nothing was measured for: beyond every threshold, and a number that JSON can hold.
const UNKNOWN: f32 = 99.0;

/// How well a form was found.
#[derive(Clone, Debug)]
pub struct Placement {
    map: Affine,
    slip: Slip,
    /// Share of the form's visible anchors that were found in place: right form >= 0.95, wrong form
    /// <= 0.31 in the trial.
    pub agreement: Score,
    /// Anchors found in place.
    pub inliers: usize,
    /// Share of the form's anchors whose place is on the page at all.
    pub visible: Score,
}

/// How far a search for the form goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    Ordinary,
    Wide,
}

/// Looks for a form on a page (`level`: deskewed, on the fine grid). `None`: no sign of it.
pub fn place(t: &Template, level: &Bitmap, cells: &PageCells, effort: Effort) -> Option<Placement> {
    let reach = match effort {
        Effort::Ordinary => coarse::ORDINARY,
        Effort::Wide => coarse::WIDE,
    };
    let (coarse, found) = t.coarse.place(cells, reach)?;
    if found < coarse::ENOUGH.min(t.coarse.len()) {
        return None;
    }
    let first = settle(t, level, &coarse, REACH);
    match first {
        Some(p) if p.agreement.get() >= POOR => Some(p),
        first => {
            let second = settle(t, level, &coarse, WIDE_REACH);
            [first, second].into_iter().flatten().max_by(|a, b| {
                a.agreement.partial_cmp(&b.agreement).unwrap_or(std::cmp::Ordering::Equal)
            })
        }
    }
}

/// Places a form where a person put it, given as matches of the form's corners; anchors around make it
/// exact where there are enough of them. `None` if the corners are no sheet of paper.
pub fn place_by_hand(t: &Template, level: &Bitmap, corners: &[Match]) -> Option<Placement> {
    let guess = Affine::fit(corners).filter(Affine::is_sheet)?;
    let found = settle(t, level, &guess, WIDE_REACH).filter(|p| p.agreement.get() >= POOR);
    Some(found.unwrap_or_else(|| Placement {
        slip: Slip::new(&guess, &[]),
        map: guess,
        agreement: Score::ZERO,
        inliers: 0,
        visible: Score::ONE,
    }))
}

/// Finds the anchors around where `guess` puts them and fits the final map.
fn settle(
    t: &Template,
    level: &Bitmap,
    guess: &Affine,
    reach: (isize, isize),
) -> Option<Placement> {
    let (w, h) = (level.width() as f32, level.height() as f32);
    let (mut visible, mut matches) = (0usize, Vec::new());
    for p in &t.anchors {
        let (cx, cy) = p.centre();
        let (u, v) = guess.apply(cx, cy);
        if u < 0.0 || v < 0.0 || u >= w || v >= h {
            continue;
        }
        visible += 1;
        let x = (u - fine::WIDTH as f32 / 2.0).round() as isize;
        let y = (v - fine::HEIGHT as f32 / 2.0).round() as isize;
        let f = p.search(level, x, y, reach);
        if f.cost < ANCHOR_COST && f.margin > ANCHOR_MARGIN {
            let to_x = x as f32 + f.dx + fine::WIDTH as f32 / 2.0;
            let to_y = y as f32 + f.dy + fine::HEIGHT as f32 / 2.0;
            let weight = (f.margin - 1.0).min(1.0);
            matches.push(Match { from: (cx, cy), to: (to_x, to_y), weight });
        }
    }
    let down = TOLERANCE.1.max(reach.1 as f32 * 0.8);
    let (map, inliers) = Affine::consensus(&matches, (TOLERANCE.0, down))?;
    let slip = Slip::new(&map, &inliers);
    let share = |n: usize, of: usize| Score::new(n as f32 / of.max(1) as f32);
    Some(Placement {
        slip,
        agreement: share(inliers.len(), visible),
        inliers: inliers.len(),
        visible: share(visible, t.anchors.len()),

        map,
    })
}

impl Placement {
    /// Median distance of the anchors from the final map, in pixels of the fine grid; `UNKNOWN` where there
    /// are none (a form that a person placed).
    pub fn residual(&self) -> Px {
        Px(self.slip.spread().min(UNKNOWN))
    }

    /// Where pixels of the form lie on the level page.
    pub fn on_page(&self, places: &[(f32, f32)]) -> Vec<(f32, f32)> {
        let slips = self.slip.around(places.iter().copied());
        let one = |((x, y), (dx, dy)): (&(f32, f32), (f32, f32))| {
            let (u, v) = self.map.apply(*x, *y);
            (u + dx, v + dy)
        };
        places.iter().zip(slips).map(one).collect()
    }

    /// The same line's slope on the form: px to the right a row, `slope` being that on the level page.
    pub fn on_form(&self, slope: f32) -> f32 {
        (slope * self.map.e - self.map.b) / self.map.a
    }

    /// The page in the form's frame, and which of its rows and columns came from the page.
    pub fn rectify(&self, t: &Template, level: &Bitmap) -> Rectified {
        let (w, h) = (t.blank.width(), t.blank.height());
        let mid = w as f32 / 2.0;
        let steps = (0..=h / SLIP_STEP).map(|k| (mid, (k * SLIP_STEP) as f32));
        let slips = self.slip.around(steps);
        let m = self.map;
        let row = |y: usize| {
            let (dx, dy) = slips[(y + SLIP_STEP / 2) / SLIP_STEP];
            let yf = y as f32;
            RowMap { dx: m.b * yf + m.c + dx, kx: m.a - 1.0, sy: m.e * yf + m.f + dy, ky: m.d }
        };
        let inside = |x: f32, y: f32| {
            let (u, v) = self.map.apply(x, y);
            u >= 0.0 && v >= 0.0 && u < level.width() as f32 && v < level.height() as f32
        };
        let top = (0..h).find(|y| inside(mid, *y as f32)).unwrap_or(h);
        let bottom = (top..h).rev().find(|y| inside(mid, *y as f32)).map_or(top, |y| y + 1);
        let mut sheet = level.remapped(w, h, row);
        let moved = rows::align(&t.blank, &t.writable, &mut sheet);
        let (sheet, blind) = match &t.shade {
            None => (sheet, None),
            Some(shade) => shade.lifted(&sheet),
        };
        Rectified { sheet, rows: (top, bottom), rough: moved, blind }
    }
}

/// A page in the form's frame: same size as the blank, same pixel for the same spot of paper, the dots of the
/// form's shading taken out.
#[derive(Clone, Debug)]
pub struct Rectified {
    pub sheet: Bitmap,
    /// Rows of the form that the page holds: first, and one past the last.
    pub rows: (usize, usize),
    /// Rows are known to no better than two or three: lines were lost, or there were only half of them.
    pub rough: bool,
    /// Where its shading is so dark that a pen's lines cannot be told from it.
    pub blind: Option<Bitmap>,
}
