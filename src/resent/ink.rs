//! The ink map's encoding and the bit masks that compare two of them.

use std::collections::BTreeMap;

use multiversion::multiversion;

use super::Sent;
use crate::reading::InkMap;

/// Cells across: an A4 page in halves of a millimetre. Other sheets are scaled to it by the reader.
pub const GRID_COLUMNS: u32 = 420;
/// Cells down, as `GRID_COLUMNS`.
pub const GRID_ROWS: u32 = 594;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The alphabet's inverse; 64 for what is not in it.
const DIGITS: [u8; 256] = {
    let mut out = [64; 256];
    let mut i = 0;
    while i < 64 {
        out[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    out
};
/// A page that is black all over is no handwriting, and its map need not be kept: a tenth of the grid.
const MOST_CELLS: usize = (GRID_COLUMNS * GRID_ROWS / 10) as usize;
/// Samples fill one cache line.
const SAMPLES: usize = 16;

impl InkMap {
    /// From cell indexes (row * `GRID_COLUMNS` + column) in any order; doubles and cells off the grid
    /// are left out. Gaps between neighbours as LEB128, in base64url without padding.
    pub fn from_cells(cells: impl IntoIterator<Item = u32>) -> Self {
        let mut cells: Vec<u32> =
            cells.into_iter().filter(|c| *c < GRID_COLUMNS * GRID_ROWS).collect();
        cells.sort_unstable();
        cells.dedup();
        cells.truncate(MOST_CELLS);
        let mut bytes = Vec::with_capacity(cells.len() * 2);
        let mut last = 0;
        for cell in &cells {
            let mut gap = cell - last;
            last = *cell;
            while gap >= 0x80 {
                bytes.push(gap as u8 | 0x80);
                gap >>= 7;
            }
            bytes.push(gap as u8);
        }
        Self { cells: base64url(&bytes), count: cells.len() as u32 }
    }

    /// The cells in ascending order. A damaged map gives the cells before the damage.
    pub fn cells(&self) -> Vec<u32> {
        cells(&from_base64url(&self.cells))
    }
}

/// Cells from their gaps.
pub(crate) fn cells(gaps: &[u8]) -> Vec<u32> {
    let mut out = Vec::with_capacity(gaps.len());
    let (mut cell, mut gap, mut shift) = (0u32, 0u32, 0);
    for byte in gaps {
        gap |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 != 0 && shift < 28 {
            continue;
        }
        cell = cell.saturating_add(gap);
        if cell >= GRID_COLUMNS * GRID_ROWS {
            break;
        }
        out.push(cell);
        (gap, shift) = (0, 0);
    }
    out.shrink_to_fit();
    out
}

/// RFC 4648, section 5, without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]));
        }
    }
    out
}

/// The inverse; stops at the first character that is none of the alphabet.
pub(crate) fn from_base64url(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut word, mut bits) = (0u32, 0);
    for value in text.bytes().map(|c| DIGITS[usize::from(c)]).take_while(|d| *d < 64) {
        word = word << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
        }
    }
    out
}

/// What the comparison needs of one page.
pub struct Sheet {
    pub cells: Vec<u32>,
}

impl Sheet {
    /// The page's number of cells, and some of them.
    pub fn digest(&self) -> Digest {
        let mut samples = [0; SAMPLES];
        for (i, s) in samples.iter_mut().enumerate() {
            let i = if i < SAMPLES / 2 { 2 * i } else { 2 * i - SAMPLES + 1 };
            *s = self.cells.get(self.cells.len() * i / SAMPLES).copied().unwrap_or(0);
        }
        Digest { size: self.cells.len() as u32, samples }
    }
}

/// What most comparisons need of a page, in one place of the memory.
pub struct Digest {
    pub size: u32,
    /// Cells spread evenly over all, every second one first: eight of them span the page too.
    pub samples: [u32; SAMPLES],
}

/// A bit for every chosen option, page by page. Beyond 64 options some share one, which only lets more
/// pairs through.
pub fn options<S: Sent>(pages: &[&S]) -> Vec<u64> {
    let mut bits: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut out = Vec::with_capacity(pages.len());
    for page in pages {
        let mut chosen = 0;
        for (question, answer) in &*page.answers() {
            for option in &answer.value {
                let next = bits.len() as u32;
                let bit = *bits.entry((question.clone(), option.clone())).or_insert(next);
                chosen |= 1 << (bit % 64);
            }
        }
        out.push(chosen);
    }
    out
}

/// Appends the places in `all` whose options differ from `of` in at most `most`. Every pair of a survey
/// comes by here: 1.25 thousand million among 50,000 pages, 0.5 s with the processor's own bit count.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub fn near(all: &[u64], of: u64, most: u32, out: &mut Vec<usize>) {
    // 64 at a time without a branch, because hardly any is near.
    for (block, chunk) in all.chunks(64).enumerate() {
        let mut found = 0u64;
        for (i, options) in chunk.iter().enumerate() {
            found |= u64::from((options ^ of).count_ones() <= most) << i;
        }
        while found != 0 {
            out.push(block * 64 + found.trailing_zeros() as usize);
            found &= found - 1;
        }
    }
}

/// A bit a cell, grown by one cell to every side: a transmission moves a stroke by up to 0.25 mm.
pub struct Mask(Vec<u64>);

/// One cell of margin on every side spares the edge tests.
pub const STRIDE: u32 = GRID_COLUMNS + 2;

impl Default for Mask {
    fn default() -> Self {
        Self(vec![0; Self::PLACES.div_ceil(64)])
    }
}

impl Mask {
    /// Cells and their margin.
    pub const PLACES: usize = (STRIDE * (GRID_ROWS + 2)) as usize;

    /// Adds `cells` and all their neighbours.
    pub fn draw(&mut self, cells: &[u32]) {
        self.each(cells, |word, bit| *word |= bit);
    }

    /// Takes away what `draw` of the same cells has set.
    pub fn wipe(&mut self, cells: &[u32]) {
        self.each(cells, |word, bit| *word &= !bit);
    }

    pub fn is_set(&self, at: u32) -> bool {
        self.0[(at / 64) as usize] >> (at % 64) & 1 == 1
    }

    pub fn each_set(&self, mut take: impl FnMut(u32)) {
        for (i, word) in self.0.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                take(i as u32 * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }

    /// How many of `cells` lie on the mask.
    pub fn hits(&self, cells: &[u32]) -> usize {
        cells.iter().filter(|c| self.is_set(place(**c))).count()
    }

    fn each(&mut self, cells: &[u32], change: impl Fn(&mut u64, u64)) {
        for cell in cells {
            let centre = place(*cell);
            for row in [centre - STRIDE, centre, centre + STRIDE] {
                for at in row - 1..=row + 1 {
                    change(&mut self.0[(at / 64) as usize], 1 << (at % 64));
                }
            }
        }
    }
}

/// Where a cell lies in a mask.
pub fn place(cell: u32) -> u32 {
    (cell / GRID_COLUMNS + 1) * STRIDE + cell % GRID_COLUMNS + 1
}
