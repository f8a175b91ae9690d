//! Flat lines through a box that come out on both sides: a strike. A tick, a cross or a slash comes out at
//! different heights, or on one side.

use super::window::{Area, Window};

/// A strike comes out of a box by so much, beyond the box's thickened line, in px.
const OUT: isize = 11;
const LINE_GROWN: isize = 3;
/// It climbs so much from the box's middle to its sides, in px: 6 degrees.
const STEEP: isize = 2;
/// And crosses so much of the box's inside in a row.
const THROUGH: f32 = 0.6;

/// How many flat lines go through a box, and in how many of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    pub lines: u32,
    pub rows: u32,
}

impl Crossing {
    pub fn of(window: &Window, own: Area, inside: Area) -> Self {
        // Most boxes are empty.
        if inside.width() > 0 && window.count(inside) == 0 {
            return Self { lines: 0, rows: 0 };
        }
        let level =
            |a: Area, y: isize| window.count(Area { y0: y - STEEP, y1: y + STEEP + 1, ..a }) > 0;
        let left = Area { x0: own.x0 - OUT, x1: own.x0 - LINE_GROWN, ..own };
        let right = Area { x0: own.x1 + LINE_GROWN, x1: own.x1 + OUT, ..own };
        let across = |y: isize| {
            let row = window.count(Area { y0: y, y1: y + 1, ..inside });
            row as f32 >= THROUGH * inside.width() as f32
        };
        let crossed = |y: isize| across(y) && level(left, y) && level(right, y);
        let rows: Vec<bool> = (inside.y0..inside.y1).map(crossed).collect();
        let all = rows.iter().filter(|r| **r).count() as u32;
        let ended = rows.windows(2).filter(|w| w[0] && !w[1]).count() as u32;
        Self { rows: all, lines: ended + u32::from(rows.last() == Some(&true)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Bitmap;

    const OWN: Area = Area { x0: 40, y0: 40, x1: 67, y1: 67 };

    /// The crossing of a box by what a pen of 3 px draws: at `x`, its middle at height `y(x)`.
    fn crossing(strokes: &[&dyn Fn(usize) -> usize]) -> Crossing {
        let mut sheet = Bitmap::new(128, 128);
        for x in 20..100 {
            for y in strokes.iter().map(|s| s(x)) {
                (y - 1..=y + 1).for_each(|v| sheet.set(x, v, true));
            }
        }
        let none = Bitmap::new(128, 128);
        let all = Area { x0: 0, y0: 0, x1: 128, y1: 128 };
        Crossing::of(&Window::cut(&sheet, &none, all, (0, 0)), OWN, OWN.grown(-4, -4))
    }

    #[test]
    fn two_level_lines_are_a_strike_and_a_cross_is_none() {
        assert_eq!(crossing(&[&|_| 48, &|_| 58]), Crossing { lines: 2, rows: 6 });
        assert_eq!(crossing(&[&|_| 53]), Crossing { lines: 1, rows: 3 });
        let (down, up): (&dyn Fn(usize) -> usize, &dyn Fn(usize) -> usize) = (&|x| x, &|x| 107 - x);
        assert_eq!(crossing(&[down, up]), Crossing { lines: 0, rows: 0 });
    }
}
