//! Where on the paper the scanner looks when it reads a pixel of a row.

use super::Sheet;
use crate::units::{Mm, Px, Resolution};
use serde::Serialize;

/// `x' = a x + b y + c`, `y' = d x + e y + f`; millimetres to millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl Affine {
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 1.0, f: 0.0 };

    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f)
    }

    /// `self` first, then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let (c, f) = next.apply(self.c, self.f);
        Self {
            a: next.a * self.a + next.b * self.d,
            b: next.a * self.b + next.b * self.e,
            c,
            d: next.d * self.a + next.e * self.d,
            e: next.d * self.b + next.e * self.e,
            f,
        }
    }

    /// Stretches here are near 1 and turns are small or 180 degrees, so there always is one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let det = self.a * self.e - self.b * self.d;
        let (a, b, d, e) = (self.e / det, -self.b / det, -self.d / det, self.a / det);
        Self { a, b, c: -(a * self.c + b * self.f), d, e, f: -(d * self.c + e * self.f) }
    }

    /// Stretches about `centre`, turns clockwise by `deg`, then moves `centre` to `to`.
    pub fn about(centre: (f64, f64), stretch: (f64, f64), deg: f64, to: (f64, f64)) -> Self {
        let (sin, cos) = deg.to_radians().sin_cos();
        let (a, b, d, e) = (cos * stretch.0, -sin * stretch.0, sin * stretch.1, cos * stretch.1);
        let (x, y) = centre;
        Self { a, b, c: to.0 - a * x - b * y, d, e, f: to.1 - d * x - e * y }
    }
}

/// How the sheet is pulled past the sensor.
pub struct FeedCondition {
    pub skew_deg: f32,
    pub stretch_x: f32,
    pub stretch_y: f32,
    /// Millimetres.
    pub offset_x: f32,
    pub offset_y: f32,
    pub slips: Vec<Slip>,
    /// Millimetres by which the feed runs ahead and behind.
    pub wander: f32,
    pub wander_length: f32,
    pub upside_down: bool,
}

/// The feeder lost its grip: from this row on the paper lies elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slip {
    /// Millimetres of feed before it.
    pub at: f32,
    pub dx: f32,
    /// Positive: paper passed unseen; negative: seen twice.
    pub dy: f32,
}

/// Scan position (millimetres across the line, millimetres of feed) to paper.
#[derive(Clone, Debug)]
pub struct Feed {
    to_paper: Affine,
    slips: Vec<Slip>,
    /// Millimetres by which the feeder's speed wanders, and over how many.
    wander: f64,
    wander_length: f64,
}

impl Feed {
    pub(super) fn new(sheet: &Sheet, columns: usize, c: &FeedCondition) -> Self {
        let (w, h) = (f64::from(sheet.width().0), f64::from(sheet.height().0));
        let line = f64::from(Resolution::FINE.x_mm(Px(columns as f32)).0);
        let stretch = (f64::from(c.stretch_x), f64::from(c.stretch_y));
        // The sheet is guided to the middle of the line; its top edge starts the scan.
        let to = (line / 2.0 + f64::from(c.offset_x), h / 2.0 * stretch.1 + f64::from(c.offset_y));
        let turn = if c.upside_down { 180.0 } else { 0.0 };
        let placed = Affine::about((w / 2.0, h / 2.0), stretch, f64::from(c.skew_deg) + turn, to);
        Self {
            to_paper: placed.inverse(),
            slips: c.slips.clone(),
            wander: f64::from(c.wander),
            wander_length: f64::from(c.wander_length),
        }
    }

    /// How far the paper is from where an even feed would have it.
    fn drift(&self, v: f64) -> (f64, f64) {
        let turn = v / self.wander_length * std::f64::consts::TAU;
        let start = (0.0, self.wander * turn.sin());
        self.slips
            .iter()
            .filter(|s| f64::from(s.at) <= v)
            .fold(start, |(x, y), s| (x + f64::from(s.dx), y + f64::from(s.dy)))
    }

    /// The feed without slips and wander.
    pub(super) fn even(&self) -> Affine {
        self.to_paper
    }

    /// The point of the paper under scan position (`u`, `v`).
    pub fn paper_at(&self, u: f64, v: f64) -> (f64, f64) {
        let (du, dv) = self.drift(v);
        self.to_paper.apply(u + du, v + dv)
    }

    /// How far on the paper one goes for a millimetre along the line.
    pub(super) fn along(&self) -> (f64, f64) {
        (self.to_paper.a, self.to_paper.d)
    }

    /// On the row at `v`: the `u` nearest to a paper point's `x`, and by how much its `y` is missed.
    pub(super) fn column_of(&self, x: f64, y: f64, v: f64) -> (f64, f64) {
        let (x0, y0) = self.paper_at(0.0, v);
        let u = (x - x0) / self.to_paper.a;
        (u, y0 + u * self.to_paper.d - y)
    }
}

/// The feed of a whole sheet, in fine rows; even, so that standard rows are pairs.
pub(super) fn fine_rows(height: Mm, stretch_y: f32) -> usize {
    let rows = Resolution::FINE.y_px(Mm(height.0 * stretch_y)).0;
    (rows / 2.0).round() as usize * 2
}

/// Pixels of a millimetre.
pub(super) fn per_mm(resolution: Resolution) -> (f64, f64) {
    (f64::from(resolution.x_px(Mm(1.0)).0), f64::from(resolution.y_px(Mm(1.0)).0))
}
