//! Decoded rows on their way into a [`Bitmap`]: grown row by row, so that a promised height allocates
//! nothing.

use crate::raster::Bitmap;

/// Rows of packed words in the layout of [`Bitmap`]; see there.
pub(super) struct Rows {
    width: usize,
    stride: usize,
    words: Vec<u64>,
    count: usize,
    /// Rows beyond this are dropped.
    cap: usize,
    /// A run that the code calls white is black (`PhotometricInterpretation` 1).
    pub invert: bool,
}

impl Rows {
    pub fn new(width: usize, cap: usize) -> Self {
        Self { width, stride: width.div_ceil(64), words: Vec::new(), count: 0, cap, invert: false }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn cap(&self) -> usize {
        self.cap
    }

    /// Cuts back to `count` rows or fills up to it with white ones.
    pub fn set_count(&mut self, count: usize) {
        self.count = count.min(self.cap);
        self.words.resize(self.count * self.stride, 0);
    }

    fn push(&mut self, fill: impl FnOnce(&mut [u64])) {
        if self.count >= self.cap || self.stride == 0 {
            return;
        }
        let start = self.words.len();
        self.words.resize(start + self.stride, 0);
        let row = &mut self.words[start..];
        fill(row);
        if self.invert {
            for word in row.iter_mut() {
                *word = !*word;
            }
        }
        let pad = self.stride * 64 - self.width;
        row[self.stride - 1] &= !0 << pad;
        self.count += 1;
    }

    /// One row of bytes, most significant bit left, 1 = black; what is missing stays white.
    pub fn push_packed(&mut self, bytes: &[u8]) {
        self.push(|row| {
            for (word, chunk) in row.iter_mut().zip(bytes.chunks(8)) {
                let mut b = [0; 8];
                b[..chunk.len()].copy_from_slice(chunk);
                *word = u64::from_be_bytes(b);
            }
        });
    }

    pub fn into_bitmap(self) -> Bitmap {
        Bitmap::from_words(self.width, self.count, self.words)
    }
}

impl hayro_ccitt::Decoder for Rows {
    /// `changes` are the columns where the colour changes, the first to black.
    fn push_row(&mut self, changes: &[u32]) {
        let width = self.width;
        self.push(|row| {
            for run in changes.chunks(2) {
                let end = run.get(1).map_or(width, |e| *e as usize).min(width);
                blacken(row, run[0] as usize, end);
            }
        });
    }
}

/// Sets the pixels `start..end` of one row; `end` must lie in the row.
fn blacken(row: &mut [u64], start: usize, end: usize) {
    if start >= end {
        return;
    }
    let (first, last) = (start / 64, (end - 1) / 64);
    let from = !0u64 >> (start % 64);
    let to = !0u64 << (63 - (end - 1) % 64);
    if first == last {
        row[first] |= from & to;
    } else {
        row[first] |= from;
        row[first + 1..last].fill(!0);
        row[last] |= to;
    }
}

#[cfg(test)]
mod tests {
    use hayro_ccitt::Decoder;

    use super::*;

    #[test]
    fn runs_become_the_same_pixels_one_by_one() {
        for (start, end) in [(0, 1), (0, 64), (63, 65), (5, 130), (64, 128), (127, 130), (7, 7)] {
            let mut rows = Rows::new(130, 9);
            rows.push_row(&[start, end]);
            let page = rows.into_bitmap();
            for x in 0..140 {
                let want = (start as usize..end as usize).contains(&x);
                assert_eq!(page.get(x, 0), want, "{start}..{end} at {x}");
            }
        }
    }

    #[test]
    fn an_inverted_row_keeps_its_padding_white() {
        let mut rows = Rows::new(70, 1);
        rows.invert = true;
        rows.push_row(&[]);
        rows.push_row(&[]);
        let page = rows.into_bitmap();
        assert_eq!((page.height(), page.count()), (1, 70));
    }
}
