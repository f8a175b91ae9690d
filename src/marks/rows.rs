//! Rows that the line lost: print was there on the form, and is not on the page.

use multiversion::multiversion;

use crate::raster::Bitmap;
use crate::register::Rectified;

/// A row tells only if it has this much print.
const TELLING: u32 = 30;
/// A row with less of its print than this, allowing one pixel either way, was lost.
const PRESENT: f32 = 0.2;

/// Which rows of the form did not arrive.
#[derive(Clone, Debug)]
pub struct LostRows {
    lost: Vec<bool>,
}

impl LostRows {
    pub fn find(blank: &Bitmap, page: &Rectified) -> Self {
        let (top, bottom) = page.rows;
        let seen = |y: usize| {
            let print: u32 = overlap(blank.row(y), blank.row(y));
            if print < TELLING {
                return None;
            }
            // Slips leave a row or two of error: any of five neighbouring rows will do, and the row
            // itself mostly does.
            let rows = y.saturating_sub(2)..=(y + 2).min(page.sheet.height() - 1);
            let here =
                |k| overlap(blank.row(y), page.sheet.row(k)) as f32 >= PRESENT * print as f32;
            Some(here(y.min(page.sheet.height() - 1)) || rows.into_iter().any(here))
        };
        let mut lost = vec![false; blank.height()];
        let mut last = true;
        for (y, l) in lost.iter_mut().enumerate() {
            let outside = y < top || y >= bottom;
            if !outside && let Some(present) = seen(y) {
                last = present;
            } else if !outside && print_free(blank, y) {
                last = true;
            }
            *l = outside || !last;
        }
        Self { lost }
    }

    /// Share of rows `y0..y1` of the form that are not there.
    pub fn share(&self, y0: isize, y1: isize) -> f32 {
        let (a, b) = (y0.max(0) as usize, (y1.max(0) as usize).min(self.lost.len()));
        if a >= b {
            return 1.0;
        }
        self.lost[a..b].iter().filter(|l| **l).count() as f32 / (b - a) as f32
    }
}

fn print_free(blank: &Bitmap, y: usize) -> bool {
    blank.row(y).iter().all(|w| *w == 0)
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn overlap(print: &[u64], page: &[u64]) -> u32 {
    print.iter().zip(page).map(|(p, s)| (p & (s | s << 1 | s >> 1)).count_ones()).sum()
}
