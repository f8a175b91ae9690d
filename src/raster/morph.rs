//! Dilation and counting in rectangles.

use multiversion::multiversion;

use super::Bitmap;

impl Bitmap {
    /// Black grown by `rx` pixels to both sides and `ry` rows up and down.
    #[must_use]
    pub fn dilated(&self, rx: usize, ry: usize) -> Self {
        self.dilated_in(&vec![true; self.height], rx, ry)
    }

    /// The same in those rows that are `wanted`; the others are white.
    #[must_use]
    pub fn dilated_in(&self, wanted: &[bool], rx: usize, ry: usize) -> Self {
        dilate(self, wanted, rx, ry)
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

    /// Rows `y0..y1`, cut to the page, laid over each other: which columns are black in any of them.
    #[must_use]
    pub fn columns_in(&self, y0: isize, y1: isize) -> Vec<u64> {
        let mut out = vec![0u64; self.stride];
        for y in y0.max(0)..y1.min(self.height as isize) {
            for (o, w) in out.iter_mut().zip(self.row(y as usize)) {
                *o |= w;
            }
        }
        out
    }

    /// Blackens up to 64 pixels of a row from a place on, the first the highest bit; what lies off the
    /// bitmap is left out.
    pub fn blacken(&mut self, x: isize, y: isize, bits: u64) {
        if y < 0 || y >= self.height() as isize {
            return;
        }
        let (word, by) = (x.div_euclid(64), x.rem_euclid(64) as u32);
        let (last, padding) = (self.stride() as isize - 1, self.stride() * 64 - self.width());
        let row = self.row_mut(y as usize);
        for (at, part) in [(word, bits >> by), (word + 1, bits.checked_shl(64 - by).unwrap_or(0))] {
            let part = if at == last { part & (!0 << padding) } else { part };
            if let Some(w) = usize::try_from(at).ok().and_then(|i| row.get_mut(i)) {
                *w |= part;
            }
        }
    }

    /// Is nothing black on the page?
    pub fn is_white(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
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

#[multiversion(targets("x86_64+avx2"))]
fn dilate(page: &Bitmap, wanted: &[bool], rx: usize, ry: usize) -> Bitmap {
    let near = |y: usize| y.saturating_sub(ry)..(y + ry + 1).min(page.height);
    let mut wide = Bitmap::new(page.width, page.height);
    for y in (0..page.height).filter(|y| wanted[near(*y)].contains(&true)) {
        let to = wide.row_mut(y);
        to.copy_from_slice(page.row(y));
        // A word's neighbours know what is black up to 63 pixels away.
        for first in (0..rx).step_by(63) {
            let from = if first == 0 { page.row(y) } else { &to.to_vec() };
            widen(to, from, (rx - first).min(63));
        }
    }
    wide.clear_padding();
    let mut out = Bitmap::new(page.width, page.height);
    for y in (0..page.height).filter(|y| wanted[*y]) {
        let to = &mut out.words[y * page.stride..][..page.stride];
        for k in near(y) {
            to.iter_mut().zip(wide.row(k)).for_each(|(to, from)| *to |= from);
        }
    }
    out
}

/// Adds to a row what is black up to `rx` pixels to both sides, at most 63.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn widen(to: &mut [u64], from: &[u64], rx: usize) {
    for k in 1..=rx {
        to.iter_mut().zip(from).for_each(|(to, here)| *to |= here >> k | here << k);
        to.iter_mut().skip(1).zip(from).for_each(|(to, left)| *to |= left << (64 - k));
        to.iter_mut().zip(from.iter().skip(1)).for_each(|(to, right)| *to |= right >> (64 - k));
    }
}

/// Set bits of all words.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn ones(words: &[u64]) -> u64 {
    words.iter().map(|w| u64::from(w.count_ones())).sum()
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn count(page: &Bitmap, x0: usize, y0: usize, x1: usize, y1: usize) -> u32 {
    let (first, last) = (x0 / 64, (x1 - 1) / 64);
    let head = !0u64 >> (x0 % 64);
    let tail = !0u64 << (63 - (x1 - 1) % 64);
    // Most rectangles are cells and rays of a few pixels: one word of every row.
    if first == last {
        let words = page.words[y0 * page.stride + first..].iter().step_by(page.stride);
        return words.take(y1 - y0).map(|w| (w & head & tail).count_ones()).sum();
    }
    let mut sum = 0;
    for y in y0..y1 {
        let row = &page.row(y)[first..=last];
        if let [left, middle @ .., right] = row {
            sum += (left & head).count_ones() + (right & tail).count_ones();
            sum += middle.iter().map(|w| w.count_ones()).sum::<u32>();
        }
    }
    sum
}
