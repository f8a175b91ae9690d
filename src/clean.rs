//! A decoded page made fit for registration: black on white, on the fine fax grid, streaks out,
//! lines of print level.

pub mod skew;
pub mod streaks;
mod tilt;
pub mod views;

use std::borrow::Cow;

use crate::raster::{Bitmap, warp::unsheared};
use crate::reading::ReasonCode;
use crate::units::{Px, Resolution};

pub use tilt::Lie;

/// Above this share of black a page is a negative: the darkest scan of a filled-in form had 22 %.
const NEGATIVE_SHARE: f32 = 0.6;
/// Below this share nothing is on the page: one line of print is 0.1 %.
const BLANK_SHARE: f32 = 0.0008;
/// Resolutions within this of the grid are taken as they are; the registration's scale takes the
/// rest (sheets come stretched by 3.5 % anyway).
const SAME_GRID: f32 = 0.03;
/// Black share of a target pixel's area; under a half so that thin pens survive 300 -> 204 dpi.
const AREA_THRESHOLD: f32 = 0.4;

/// One way of looking at a page: which resolution, which way up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub resolution: Resolution,
    /// Clockwise degrees: 0, 90, 180 or 270.
    pub turn: u16,
}

/// The page level and on the grid of `Resolution::FINE`.
#[derive(Clone, Debug)]
pub struct CleanPage {
    pub level: Bitmap,
    pub slope: f32,
    view: View,
    native: (usize, usize),
    grid: (usize, usize),
    /// The rotation that made it level, where that was no pair of shears.
    lie: Option<Lie>,
}

/// Black on white; or what the page is instead.
///
/// # Errors
/// `BlankPage` or `BlackPage` where there is nothing to read.
pub fn positive(page: &Bitmap) -> Result<Bitmap, ReasonCode> {
    let area = (page.width() * page.height()).max(1) as f32;
    let share = page.count() as f32 / area;
    if share < BLANK_SHARE {
        return Err(ReasonCode::BlankPage);
    }
    if share <= NEGATIVE_SHARE {
        return Ok(page.clone());
    }
    if 1.0 - share < BLANK_SHARE { Err(ReasonCode::BlackPage) } else { Ok(page.inverted()) }
}

/// Turns, scales and levels a positive page.
pub fn clean(page: &Bitmap, view: View) -> CleanPage {
    let grid = gridded(page, view);
    let slope = skew::slope(&grid);
    let size = (grid.width(), grid.height());
    CleanPage {
        level: grid.sheared(slope),
        slope,
        view,
        native: (page.width(), page.height()),
        grid: size,
        lie: None,
    }
}

/// A positive page turned and scaled, and levelled as `lie` says that it lies on the grid.
pub fn laid(page: &Bitmap, view: View, slope: f32, window: impl FnOnce(Lie) -> Lie) -> CleanPage {
    let grid = gridded(page, view);
    let lie = window(Lie::around(grid.width(), grid.height(), slope));
    CleanPage {
        level: lie.level(&grid),
        slope,
        view,
        native: (page.width(), page.height()),
        grid: (grid.width(), grid.height()),
        lie: Some(lie),
    }
}

/// A page turned and brought to the grid of `Resolution::FINE`.
pub fn gridded(page: &Bitmap, view: View) -> Cow<'_, Bitmap> {
    let turned = match view.turn {
        90 => Cow::Owned(page.turned_90()),
        180 => Cow::Owned(page.turned_180()),
        270 => Cow::Owned(page.turned_90().turned_180()),
        _ => Cow::Borrowed(page),
    };
    let resolution = match view.turn {
        90 | 270 => Resolution { x: view.resolution.y, y: view.resolution.x },
        _ => view.resolution,
    };
    on_grid(turned, resolution)
}

fn on_grid(page: Cow<'_, Bitmap>, r: Resolution) -> Cow<'_, Bitmap> {
    let (fx, fy) = (Resolution::FINE.x / r.x, Resolution::FINE.y / r.y);
    let near = |f: f32, to: f32| (f / to - 1.0).abs() <= SAME_GRID;
    if near(fx, 1.0) && near(fy, 1.0) {
        return page;
    }
    if near(fx, 1.0) && near(fy, 2.0) {
        return Cow::Owned(page.rows_doubled());
    }
    let w = (page.width() as f32 * fx).round().max(1.0) as usize;
    let h = (page.height() as f32 * fy).round().max(1.0) as usize;
    let threshold = if fx < 0.95 { AREA_THRESHOLD } else { 0.5 };
    Cow::Owned(page.resampled(w, h, threshold))
}

impl CleanPage {
    /// Where a pixel of the level page lies on the page as decoded.
    pub fn native(&self, x: Px, y: Px) -> (Px, Px) {
        let (gw, gh) = self.grid;
        let (x, y) = match self.lie {
            Some(lie) => lie.on_page(x.0, y.0),
            None => unsheared(x.0, y.0, self.slope, gw, gh),
        };
        let (nw, nh) = (self.native.0 as f32, self.native.1 as f32);
        let (u, v) = (x / gw as f32, y / gh as f32);
        let (px, py) = match self.view.turn {
            90 => (v * nw, (1.0 - u) * nh),
            180 => ((1.0 - u) * nw, (1.0 - v) * nh),
            270 => ((1.0 - v) * nw, u * nh),
            _ => (u * nw, v * nh),
        };
        (Px(px), Px(py))
    }

    /// Came with about half the grid's lines an inch.
    pub fn half_rows(&self) -> bool {
        self.view.resolution.y < 0.75 * Resolution::FINE.y
    }

    /// How far what ran straight down the page as it was scanned moves to the right on the level page, in
    /// px a row; `None` if it came sideways.
    pub fn upright(&self) -> Option<f32> {
        self.view.turn.is_multiple_of(180).then_some(self.slope)
    }

    pub fn skew_deg(&self) -> f32 {
        self.slope.atan().to_degrees()
    }
}
