//! The ink map's encoding and the bit masks that compare two of them.

use sha2::{Digest, Sha256};

use crate::reading::{InkMap, PageReading};

/// Cells across: an A4 page in halves of a millimetre. Other sheets are scaled to it by the reader.
pub const GRID_COLUMNS: u32 = 420;
/// Cells down, as `GRID_COLUMNS`.
pub const GRID_ROWS: u32 = 594;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// A page that is black all over is no handwriting, and its map need not be kept: a tenth of the grid.
const MOST_CELLS: usize = (GRID_COLUMNS * GRID_ROWS / 10) as usize;
/// Samples fill one cache line of a candidate.
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
        let mut out = Vec::with_capacity(self.cells.len() / 2);
        let (mut cell, mut gap, mut shift) = (0u32, 0u32, 0);
        for byte in from_base64url(&self.cells) {
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
        out
    }
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
    let digit = |c: u8| ALPHABET.iter().position(|a| *a == c).map(|v| v as u32);
    let mut table = [None; 256];
    for (i, slot) in table.iter_mut().enumerate() {
        *slot = digit(i as u8);
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut word, mut bits) = (0u32, 0);
    for value in text.bytes().map_while(|c| table[usize::from(c)]) {
        word = word << 6 | value;
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
    /// Cells spread evenly over `cells`, every second one first: eight of them span the page too.
    pub samples: [u32; SAMPLES],
}

impl Sheet {
    pub fn new(page: &PageReading) -> Self {
        let cells = page.ink.cells();
        let mut samples = [0; SAMPLES];
        for (i, s) in samples.iter_mut().enumerate() {
            let i = if i < SAMPLES / 2 { 2 * i } else { 2 * i - SAMPLES + 1 };
            *s = cells.get(cells.len() * i / SAMPLES).copied().unwrap_or(0);
        }
        Self { cells, samples }
    }
}

/// A bit for every chosen option; different options may share one, which only lets more pairs through.
pub fn options(page: &PageReading) -> u64 {
    let mut out = 0;
    for (question, answer) in &page.answers {
        for option in &answer.value {
            let hash = Sha256::new().chain_update(question).chain_update([0]).chain_update(option);
            out |= 1 << (hash.finalize()[0] & 63);
        }
    }
    out
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
