//! Turning a page by quarters and mirroring it: TIFF `Orientation`, PDF `/Rotate` and image matrices.

use crate::raster::Bitmap;
use crate::units::Resolution;

use super::FaxPage;

/// First swap x and y (if `transpose`), then mirror in the swapped frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orient {
    pub transpose: bool,
    pub flip_x: bool,
    pub flip_y: bool,
}

impl Orient {
    /// TIFF 6.0 page 36 (the same numbers as Exif's); anything else counts as upright.
    pub fn from_tiff(value: u64) -> Self {
        let (transpose, flip_x, flip_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transpose, flip_x, flip_y }
    }

    /// Clockwise quarter turns.
    pub fn quarters(n: u32) -> Self {
        Self::from_tiff([1, 6, 3, 8][n as usize % 4])
    }

    /// This one first, then `next`.
    pub fn then(self, next: Self) -> Self {
        // Moving `next`'s swap in front of this one's mirrors exchanges their axes.
        let (x, y) =
            if next.transpose { (self.flip_y, self.flip_x) } else { (self.flip_x, self.flip_y) };
        Self {
            transpose: self.transpose != next.transpose,
            flip_x: x != next.flip_x,
            flip_y: y != next.flip_y,
        }
    }

    fn bitmap(self, page: &Bitmap) -> Bitmap {
        let (w, h) = (page.width(), page.height());
        let (w, h) = if self.transpose { (h, w) } else { (w, h) };
        let mut out = Bitmap::new(w, h);
        for y in 0..page.height() {
            for (i, word) in page.row(y).iter().enumerate() {
                let mut left = *word;
                while left != 0 {
                    let bit = left.leading_zeros() as usize;
                    left &= !(1 << (63 - bit));
                    let x = i * 64 + bit;
                    let (tx, ty) = if self.transpose { (y, x) } else { (x, y) };
                    let tx = if self.flip_x { w - 1 - tx } else { tx };
                    let ty = if self.flip_y { h - 1 - ty } else { ty };
                    out.set(tx, ty, true);
                }
            }
        }
        out
    }

    pub fn apply(self, page: FaxPage) -> FaxPage {
        if self == Self::default() {
            return page;
        }
        let resolution =
            page.resolution.map(|r| if self.transpose { Resolution { x: r.y, y: r.x } } else { r });
        FaxPage { bitmap: self.bitmap(&page.bitmap), resolution, damage: page.damage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An L of three pixels has a different picture in each of the eight orientations.
    fn letter() -> Bitmap {
        let mut b = Bitmap::new(70, 3);
        for (x, y) in [(0, 0), (0, 1), (69, 0)] {
            b.set(x, y, true);
        }
        b
    }

    #[test]
    fn a_quarter_turn_sends_the_top_left_to_the_top_right() {
        let turned = Orient::quarters(1).bitmap(&letter());
        assert_eq!((turned.width(), turned.height(), turned.count()), (3, 70, 3));
        assert!(turned.get(2, 0) && turned.get(1, 0) && turned.get(2, 69));
    }

    #[test]
    fn orientations_compose() {
        for a in 1..=8 {
            for b in 1..=8 {
                let (a, b) = (Orient::from_tiff(a), Orient::from_tiff(b));
                let two = b.bitmap(&a.bitmap(&letter()));
                assert_eq!(a.then(b).bitmap(&letter()), two, "{a:?} then {b:?}");
            }
        }
    }
}
