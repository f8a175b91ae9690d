//! Dilation and counting in rectangles.

use multiversion::multiversion;

use super::Bitmap;
use super::warp::word_at;

impl Bitmap {
    /// Black grown by `rx` pixels to both sides and `ry` rows up and down.
    #[must_use]
    pub fn dilated(&self, rx: usize, ry: usize) -> Self {
        let mut wide = self.clone();
        for y in 0..self.height {
            let src = self.row(y);
            let dst = wide.row_mut(y);
            for (i, d) in dst.iter_mut().enumerate() {
                let x = i as isize * 64;
                for k in 1..=rx as isize {
                    *d |= word_at(src, x - k) | word_at(src, x + k);
                }
            }
        }
        wide.clear_padding();
        let mut out = wide.clone();
        for y in 0..self.height {
            for k in y.saturating_sub(ry)..=(y + ry).min(self.height.saturating_sub(1)) {
                for i in 0..self.stride {
                    out.words[y * self.stride + i] |= wide.words[k * self.stride + i];
                }
            }
        }
        out
    }

    /// What is black here and white there; both of one size.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (a, b) in out.words.iter_mut().zip(&other.words) {
            *a &= !b;
        }
        out
    }

    /// What is black in either; both of one size.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (a, b) in out.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
        out
    }

    /// Black pixels in columns `x0..x1`, rows `y0..y1`, cut to the page.
    pub fn count_in(&self, x0: isize, y0: isize, x1: isize, y1: isize) -> u32 {
        let (x0, x1) = (x0.max(0), x1.min(self.width as isize));
        let (y0, y1) = (y0.max(0), y1.min(self.height as isize));
        if x0 >= x1 || y0 >= y1 {
            return 0;
        }
        count(self, x0 as usize, y0 as usize, x1 as usize, y1 as usize)
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn count(page: &Bitmap, x0: usize, y0: usize, x1: usize, y1: usize) -> u32 {
    let (first, last) = (x0 / 64, (x1 - 1) / 64);
    let head = !0u64 >> (x0 % 64);
    let tail = !0u64 << (63 - (x1 - 1) % 64);
    let mut sum = 0;
    for y in y0..y1 {
        let row = page.row(y);
        for (i, word) in row.iter().enumerate().take(last + 1).skip(first) {
            let mut w = *word;
            if i == first {
                w &= head;
            }
            if i == last {
                w &= tail;
            }
            sum += w.count_ones();
        }
    }
    sum
}
