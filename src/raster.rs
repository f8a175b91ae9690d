//! The bilevel page: rows of `u64`, black = 1, the leftmost pixel in the highest bit. One fax page is
//! 0.5 MB and stays in the L2 cache.

mod morph;
mod scale;
mod turn;
pub mod warp;

use image::{GrayImage, Luma};

/// Pixels right of `width` in a row's last word are always 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    stride: usize,
    words: Vec<u64>,
}

impl Bitmap {
    /// All white.
    pub fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(64);
        Self { width, height, stride, words: vec![0; stride * height] }
    }

    /// Rows of words as they are kept here, padding white; missing rows stay white.
    pub(crate) fn from_words(width: usize, height: usize, mut words: Vec<u64>) -> Self {
        let stride = width.div_ceil(64);
        words.resize(stride * height, 0);
        Self { width, height, stride, words }
    }

    /// Rows of bytes, most significant bit left, 1 = black, each row padded to a byte. Missing rows
    /// stay white.
    pub fn from_packed(width: usize, height: usize, bytes: &[u8]) -> Self {
        let mut out = Self::new(width, height);
        let row_bytes = width.div_ceil(8);
        if row_bytes == 0 {
            return out;
        }
        for (y, row) in bytes.chunks(row_bytes).take(height).enumerate() {
            for (word, chunk) in out.row_mut(y).iter_mut().zip(row.chunks(8)) {
                let mut b = [0; 8];
                b[..chunk.len()].copy_from_slice(chunk);
                *word = u64::from_be_bytes(b);
            }
        }
        out.clear_padding();
        out
    }

    /// The inverse of `from_packed`.
    pub fn to_packed(&self) -> Vec<u8> {
        let row_bytes = self.width.div_ceil(8);
        let mut out = Vec::with_capacity(row_bytes * self.height);
        for y in 0..self.height {
            let bytes = self.row(y).iter().flat_map(|w| w.to_be_bytes()).take(row_bytes);
            out.extend(bytes);
        }
        out
    }

    /// Black where the grey value is below `threshold`.
    pub fn from_luma(grey: &GrayImage, threshold: u8) -> Self {
        let mut out = Self::new(grey.width() as usize, grey.height() as usize);
        if out.width == 0 {
            return out;
        }
        for (y, row) in grey.as_raw().chunks(out.width).enumerate() {
            for (word, px) in out.row_mut(y).iter_mut().zip(row.chunks(64)) {
                let bits = px.iter().fold(0, |bits, v| bits << 1 | u64::from(*v < threshold));
                *word = bits << (64 - px.len());
            }
        }
        out
    }

    /// Black 0, white 255.
    pub fn to_luma(&self) -> GrayImage {
        GrayImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            Luma([if self.get(x as usize, y as usize) { 0 } else { 255 }])
        })
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    /// Words in a row.
    pub fn stride(&self) -> usize {
        self.stride
    }

    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..(y + 1) * self.stride]
    }

    /// All rows, one after the other, `stride` words each.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// A row; none above and below the page.
    pub(crate) fn line(&self, y: isize) -> Option<&[u64]> {
        let y = usize::try_from(y).ok().filter(|y| *y < self.height)?;
        Some(self.row(y))
    }

    /// Whoever writes keeps the padding right of `width` white (`clear_padding`).
    pub fn row_mut(&mut self, y: usize) -> &mut [u64] {
        &mut self.words[y * self.stride..(y + 1) * self.stride]
    }

    /// Outside the page is white.
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && y < self.height && self.row(y)[x / 64] >> (63 - x % 64) & 1 == 1
    }

    pub fn set(&mut self, x: usize, y: usize, black: bool) {
        if x >= self.width || y >= self.height {
            return;
        }
        let bit = 1u64 << (63 - x % 64);
        let word = &mut self.row_mut(y)[x / 64];
        if black { *word |= bit } else { *word &= !bit }
    }

    /// Black pixels of the whole page.
    pub fn count(&self) -> u64 {
        morph::ones(&self.words)
    }

    /// Whitens what lies right of `width`.
    pub fn clear_padding(&mut self) {
        let pad = self.stride * 64 - self.width;
        if pad == 0 {
            return;
        }
        for y in 0..self.height {
            if let Some(last) = self.row_mut(y).last_mut() {
                *last &= !0u64 << pad;
            }
        }
    }
}
