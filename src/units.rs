//! Lengths and resolutions as types, so that millimetres and pixels never meet unconverted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Millimetres on paper, from the page's top left corner.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Mm(pub f32);

/// Pixels of one particular raster; fractions are sub-pixel positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Px(pub f32);

/// Dots per inch, across and down: a fax has two different ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    pub x: f32,
    pub y: f32,
}

const MM_PER_INCH: f32 = 25.4;

impl Resolution {
    /// ITU-T T.4 R8 x 7.7 lines/mm ("fine"), the grid on which every page is registered.
    pub const FINE: Self = Self { x: 204.0, y: 196.0 };
    /// ITU-T T.4 R8 x 3.85 lines/mm ("standard").
    pub const STANDARD: Self = Self { x: 204.0, y: 98.0 };

    pub fn x_px(self, mm: Mm) -> Px {
        Px(mm.0 * self.x / MM_PER_INCH)
    }

    pub fn y_px(self, mm: Mm) -> Px {
        Px(mm.0 * self.y / MM_PER_INCH)
    }

    pub fn x_mm(self, px: Px) -> Mm {
        Mm(px.0 * MM_PER_INCH / self.x)
    }

    pub fn y_mm(self, px: Px) -> Mm {
        Mm(px.0 * MM_PER_INCH / self.y)
    }

    pub fn rect_px(self, r: Rect<Mm>) -> Rect<Px> {
        Rect { x: self.x_px(r.x), y: self.y_px(r.y), w: self.x_px(r.w), h: self.y_px(r.h) }
    }
}

/// An upright rectangle: top left corner and size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rect<U> {
    pub x: U,
    pub y: U,
    pub w: U,
    pub h: U,
}

impl Rect<Mm> {
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x: Mm(x), y: Mm(y), w: Mm(w), h: Mm(h) }
    }

    pub fn centre(self) -> (Mm, Mm) {
        (Mm(self.x.0 + self.w.0 / 2.0), Mm(self.y.0 + self.h.0 / 2.0))
    }

    pub fn overlaps(self, o: Self) -> bool {
        self.x.0 < o.x.0 + o.w.0
            && o.x.0 < self.x.0 + self.w.0
            && self.y.0 < o.y.0 + o.h.0
            && o.y.0 < self.y.0 + self.h.0
    }
}

/// A probability or share, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(f32);

impl Score {
    pub const ZERO: Self = Self(0.0);
    pub const ONE: Self = Self(1.0);

    /// Clamps to 0..=1; NaN becomes 0, the least that can be claimed.
    pub fn new(v: f32) -> Self {
        if v.is_nan() { Self(0.0) } else { Self(v.clamp(0.0, 1.0)) }
    }

    pub fn get(self) -> f32 {
        self.0
    }
}
