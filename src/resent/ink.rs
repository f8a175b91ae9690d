//! The ink map's encoding.

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
