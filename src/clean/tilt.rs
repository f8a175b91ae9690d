//! Sheets that lie on the glass askew by more than a feeder lets through: a true rotation, because two
//! shears of one slope stretch the page by 3 % at 15 degrees.

use crate::raster::{Bitmap, warp::RowMap};
use crate::units::Resolution;

/// Pixels of the grid are not square: 204 across, 196 down.
const SQUARE: f32 = Resolution::FINE.x / Resolution::FINE.y;

/// A window onto a page that is turned level about its centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lie {
    sin: f32,
    cos: f32,
    /// The page's centre, in its own pixels.
    centre: (f32, f32),
    /// The window's first pixel on the level page, counted from the centre.
    origin: (f32, f32),
    size: (usize, usize),
}

impl Lie {
    /// The whole of a page of `width` x `height` whose lines of print rise by `slope` (dy per dx), in a
    /// window whose sides are multiples of 64.
    pub fn around(width: usize, height: usize, slope: f32) -> Self {
        let angle = (slope * SQUARE).atan();
        let (sin, cos) = angle.sin_cos();
        let (w, h) = (width as f32, height as f32);
        let side = |length: f32| (length as usize).next_multiple_of(64);
        let size = (side(w * cos + h * SQUARE * sin.abs()), side(h * cos + w / SQUARE * sin.abs()));
        let origin = (size.0 as f32 / -2.0, size.1 as f32 / -2.0);
        Self { sin, cos, centre: (w / 2.0, h / 2.0), origin, size }
    }

    /// Pixels seen through the window.
    pub fn area(&self) -> f32 {
        self.size.0 as f32 * self.size.1 as f32
    }

    /// Another window onto the same level page.
    #[must_use]
    pub fn window(self, origin: (f32, f32), size: (usize, usize)) -> Self {
        Self { origin, size, ..self }
    }

    /// Where a pixel of the window lies on the page.
    pub fn on_page(&self, x: f32, y: f32) -> (f32, f32) {
        let (u, v) = (x + self.origin.0, y + self.origin.1);
        (
            self.centre.0 + self.cos * u - self.sin * SQUARE * v,
            self.centre.1 + self.sin / SQUARE * u + self.cos * v,
        )
    }

    /// What is seen through the window.
    pub fn level(&self, page: &Bitmap) -> Bitmap {
        page.remapped(self.size.0, self.size.1, |y| {
            let (x0, y0) = self.on_page(0.0, y as f32);
            RowMap { dx: x0, kx: self.cos - 1.0, sy: y0, ky: self.sin / SQUARE }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_that_slope_becomes_level() {
        let mut page = Bitmap::new(1728, 2287);
        let slope = -0.2f32;
        for x in 200..1500 {
            page.set(x, (1400.0 + slope * x as f32).round() as usize, true);
        }
        let lie = Lie::around(1728, 2287, slope);
        let level = lie.level(&page);
        let rows: Vec<usize> =
            (0..level.height()).filter(|y| level.row(*y).iter().any(|w| *w != 0)).collect();
        assert!(rows.len() <= 3, "one row, give or take its rounding: {rows:?}");
        let y = rows[0] as f32;
        let back = |x: f32| lie.on_page(x, y).1 - (1400.0 + slope * lie.on_page(x, y).0);
        assert!(back(500.0).abs() < 2.5 && back(1200.0).abs() < 2.5);
    }
}
