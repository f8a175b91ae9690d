//! Quarter turns, inversion and rows doubled: exact rearrangements of pixels.

use super::Bitmap;

impl Bitmap {
    /// Turned by 180 degrees.
    #[must_use]
    pub fn turned_180(&self) -> Self {
        let mut out = Self::new(self.width, self.height);
        let pad = (self.stride * 64 - self.width) as u32;
        for y in 0..self.height {
            let src = self.row(self.height - 1 - y);
            let dst = out.row_mut(y);
            // Reversed words start with the source's padding; move the row left over it.
            for (i, d) in dst.iter_mut().enumerate() {
                let here = src[src.len() - 1 - i].reverse_bits();
                let next = src.len().checked_sub(2 + i).map_or(0, |k| src[k].reverse_bits());
                *d = if pad == 0 { here } else { here << pad | next >> (64 - pad) };
            }
        }
        out
    }

    /// Turned clockwise by 90 degrees: the left edge becomes the top.
    #[must_use]
    pub fn turned_90(&self) -> Self {
        let mut out = Self::new(self.height, self.width);
        for y in 0..self.height {
            for (i, word) in self.row(y).iter().enumerate() {
                let mut w = *word;
                while w != 0 {
                    let bit = w.leading_zeros() as usize;
                    w &= !(1u64 << (63 - bit));
                    out.set(self.height - 1 - y, i * 64 + bit, true);
                }
            }
        }
        out
    }

    /// White for black.
    #[must_use]
    pub fn inverted(&self) -> Self {
        let mut out = self.clone();
        out.words.iter_mut().for_each(|w| *w = !*w);
        out.clear_padding();
        out
    }

    /// Every row twice: 98 lines an inch become 196.
    #[must_use]
    pub fn rows_doubled(&self) -> Self {
        let mut out = Self::new(self.width, self.height * 2);
        for y in 0..self.height {
            out.row_mut(2 * y).copy_from_slice(self.row(y));
            out.row_mut(2 * y + 1).copy_from_slice(self.row(y));
        }
        out
    }
}
