//! Group 4 (ITU-T T.6) without a fault, which nearly all strips are: rows of vertical modes, decoded without a
//! branch for each. Whatever is not plain and right is left to `hayro-ccitt`, from the strip's beginning.

use hayro_ccitt::Decoder;

use super::codes::{BLACK, WHITE};
use super::rows::Rows;
use crate::t4::{self, Code};

/// End of block: two end-of-line codes (T.6 2.4.1.1).
const END: u64 = 0x00_1001;
/// Bits that are surely there after a look, of 64: up to seven went before in the first byte.
const SEEN: u32 = 57;
/// The longest mode is a horizontal one without its runs: seven bits are looked up.
const MODE_BITS: u32 = 7;

/// Appends a strip's rows to `out`, at most `most`; the bytes that they took. `None`: something in it is not
/// plain Group 4, and what was appended means nothing.
pub(super) fn decode(data: &[u8], most: usize, out: &mut Rows) -> Option<usize> {
    let width = u32::try_from(out.width()).ok().filter(|w| *w > 0 && most > 0)?;
    let end = data.len() * 8;
    let mut bits = Bits { data: [data, &[0; 16]].concat(), at: 0 };
    let (mut above, mut row) = (vec![width; EDGE], Vec::new());
    for rows in 0.. {
        let next = bits.peek();
        if next >> 40 == END {
            bits.at += 24;
            break;
        }
        let done = rows == most;
        if next >> 53 == 0 && !(done && bits.is_blank(end)) {
            return None;
        }
        if done || bits.at / 8 >= data.len() {
            break;
        }
        row.clear();
        line(&mut bits, &above, &mut row, width)?;
        if bits.at > end {
            return None;
        }
        out.push_row(&row);
        row.extend([width; EDGE]);
        std::mem::swap(&mut above, &mut row);
    }
    (bits.at <= end).then(|| bits.at.div_ceil(8))
}

/// The row above ends with its width so many times: no look to its right leaves it.
const EDGE: usize = 4;

/// The bits of a strip, zeros behind them.
struct Bits {
    data: Vec<u8>,
    at: usize,
}

impl Bits {
    /// The next bits, the first the highest: `SEEN` of them and more.
    #[inline]
    fn peek(&self) -> u64 {
        let next = self.data.get(self.at / 8..).and_then(<[u8]>::first_chunk);
        next.map_or(0, |b| u64::from_be_bytes(*b)) << (self.at % 8)
    }

    /// Only zeros are left, and not many.
    fn is_blank(&self, end: usize) -> bool {
        end - self.at.min(end) <= SEEN as usize && self.peek() == 0
    }
}

/// A row as it is decoded: the columns at which its colour changes.
struct Row<'a> {
    changes: &'a mut Vec<u32>,
    width: u32,
    /// Where the next pixel goes.
    at: u32,
    /// Its colour: 0 is white, 1 black.
    colour: usize,
}

impl Row<'_> {
    /// So many pixels more; a change is one where the colour is another than the last pixel's.
    #[inline]
    fn push(&mut self, pixels: u32) -> Option<()> {
        if pixels > self.width - self.at {
            return None;
        }
        if pixels > 0 {
            if self.changes.len() & 1 != self.colour {
                self.changes.push(self.at);
            }
            self.at += pixels;
        }
        Some(())
    }
}

/// One row, from the changes of the row above.
#[inline]
fn line(bits: &mut Bits, above: &[u32], changes: &mut Vec<u32>, width: u32) -> Option<()> {
    let mut row = Row { changes, width, at: 0, colour: 0 };
    let (mut next, mut left) = (bits.peek(), SEEN);
    // T.6's b1; at a row's beginning it may be at the very edge, later it is right of where we are.
    let (mut near, mut b1) = (0, 0);
    while row.at < width {
        if left < MODE_BITS {
            (next, left) = (bits.peek(), SEEN);
        }
        let mode = MODES[(next >> (64 - MODE_BITS)) as usize];
        bits.at += mode.length as usize;
        (next, left) = (next << mode.length, left - u32::from(mode.length));
        match mode.kind {
            Kind::Vertical => {
                let a1 = above[b1].checked_add_signed(i32::from(mode.shift))?;
                row.push(a1.checked_sub(row.at)?)?;
                row.colour ^= 1;
            }
            Kind::Pass => row.push(above[b1 + 1].checked_sub(row.at)?)?,
            Kind::Horizontal => {
                for _ in 0..2 {
                    row.push(run(bits, row.colour)?)?;
                    row.colour ^= 1;
                }
                (next, left) = (bits.peek(), SEEN);
            }
            Kind::Other => return None,
        }
        let from = if row.at == 0 { 0 } else { row.at + 1 };
        while near + EDGE < above.len() && above[near] < from {
            near += 1;
        }
        // A change to the other colour: white begins a row, so those to black have even places.
        b1 = near + (near & 1 ^ row.colour);
    }
    Some(())
}

/// A run's length: any number of multiples of 64, and what is left.
#[inline]
fn run(bits: &mut Bits, black: usize) -> Option<u32> {
    let runs = if black == 0 { &WHITE } else { &BLACK };
    let mut sum = 0u32;
    loop {
        let (length, run) = runs.code(bits.peek());
        if length == 0 {
            return None;
        }
        bits.at += length as usize;
        sum = sum.checked_add(run)?;
        if run < 64 {
            return Some(sum);
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Vertical,
    Horizontal,
    Pass,
    Other,
}

/// A mode of T.6 table 1.
#[derive(Clone, Copy)]
struct Mode {
    kind: Kind,
    length: u8,
    /// Of a vertical mode: how far right of the change above.
    shift: i8,
}

static MODES: [Mode; 1 << MODE_BITS] = modes();

const fn modes() -> [Mode; 1 << MODE_BITS] {
    let mut out = [Mode { kind: Kind::Other, length: 0, shift: 0 }; 1 << MODE_BITS];
    let mut i = 0;
    while i < t4::VERTICAL.len() {
        enter(&mut out, Kind::Vertical, t4::VERTICAL[i], i as i8 - 3);
        i += 1;
    }
    enter(&mut out, Kind::Horizontal, t4::HORIZONTAL, 0);
    enter(&mut out, Kind::Pass, t4::PASS, 0);
    out
}

/// Every number that begins with the code stands for the mode.
const fn enter(modes: &mut [Mode; 1 << MODE_BITS], kind: Kind, code: Code, shift: i8) {
    let (bits, length) = code;
    let free = MODE_BITS - length as u32;
    let mut k = 0;
    while k < 1 << free {
        modes[((bits as usize) << free) + k] = Mode { kind, length, shift };
        k += 1;
    }
}
