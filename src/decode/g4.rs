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
    let (mut above, mut row) = (Changes::new(width, end), Changes::new(width, end));
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
        line(&mut bits, &above.places, &mut row)?;
        if bits.at > end {
            return None;
        }
        row.end();
        out.push_row(&row.places[1..=row.count]);
        std::mem::swap(&mut above, &mut row);
    }
    (bits.at <= end).then(|| bits.at.div_ceil(8))
}

/// A row ends with its width so many times: no look to its right leaves it.
const EDGE: usize = 4;

/// A row: the columns at which its colour changes, the first to black.
struct Changes {
    /// From the second on, each farther right than the one before, but for those at the right edge; the first
    /// is 0, so that a look to the left of all stays in it.
    places: Vec<u32>,
    count: usize,
    width: u32,
}

impl Changes {
    /// A white row, with room for all that so many bits can tell.
    fn new(width: u32, bits: usize) -> Self {
        // As many as there are pixels, the right edge, and a run of nothing there; a change takes a bit.
        let mut places = vec![width; (width as usize).min(bits) + 3 + EDGE];
        places[0] = 0;
        Self { places, count: 0, width }
    }

    /// What is decoded of it is all.
    fn end(&mut self) {
        self.places[self.count + 1..][..EDGE].fill(self.width);
    }

    /// From column `at` on one colour to `to`, where it changes if it is `ended`.
    #[inline]
    fn push(&mut self, at: u32, to: u32, ended: bool) -> Option<()> {
        // Runs of nothing stand at the left edge or at the right one.
        if to.wrapping_sub(at).wrapping_sub(1) >= self.width - at
            && (to != at || self.count > 0 && at < self.width)
        {
            return None;
        }
        self.places[self.count + 1] = to;
        self.count += usize::from(ended);
        Some(())
    }
}

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

/// One row, from the changes of the row above.
#[inline]
fn line(bits: &mut Bits, above: &[u32], row: &mut Changes) -> Option<()> {
    row.count = 0;
    let (mut next, mut left) = (bits.peek(), SEEN);
    // Where we are, and T.6's b1: the first change right of it to the other colour (those to black are odd).
    let (mut at, mut b1) = (0, 1);
    while at < row.width {
        if left < MODE_BITS {
            (next, left) = (bits.peek(), SEEN);
        }
        let mode = MODES[(next >> (64 - MODE_BITS)) as usize];
        bits.at += mode.length as usize;
        (next, left) = (next << mode.length, left - u32::from(mode.length));
        match mode.kind {
            // Four of five modes, and which of them cannot be foreseen: no branch tells them apart.
            Kind::Near => {
                let by = b1 + usize::from(mode.passes);
                let to = above[by].wrapping_add_signed(i32::from(mode.shift));
                row.push(at, to, !mode.passes)?;
                at = to;
                // The next change has the other colour; where this one was not straight below, that before it
                // may still be to the right, or the next already to the left (of three the next but two, too).
                b1 = by + 1 + 2 * usize::from(above[by + 1] <= at)
                    - 2 * usize::from(above[by - 1] > at);
                if mode.shift < 3 {
                    continue;
                }
            }
            Kind::Horizontal => {
                for black in [row.count & 1, !row.count & 1] {
                    let to = at.saturating_add(run(bits, black)?);
                    row.push(at, to, true)?;
                    at = to;
                }
                (next, left) = (bits.peek(), SEEN);
            }
            Kind::Other => return None,
        }
        while above[b1] <= at && at < row.width {
            b1 += 2;
        }
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
    /// Vertical or pass: told by the row above.
    Near,
    Horizontal,
    Other,
}

/// A mode of T.6 table 1.
#[derive(Clone, Copy)]
struct Mode {
    kind: Kind,
    length: u8,
    /// Of a vertical mode: how far right of the change above.
    shift: i8,
    /// The change above and the next are passed, and ours is still to come.
    passes: bool,
}

static MODES: [Mode; 1 << MODE_BITS] = modes();

const fn modes() -> [Mode; 1 << MODE_BITS] {
    let none = Mode { kind: Kind::Other, length: 0, shift: 0, passes: false };
    let mut out = [none; 1 << MODE_BITS];
    let mut i = 0;
    while i < t4::VERTICAL.len() {
        let mode = Mode { kind: Kind::Near, shift: i as i8 - 3, ..none };
        enter(&mut out, mode, t4::VERTICAL[i]);
        i += 1;
    }
    enter(&mut out, Mode { kind: Kind::Near, passes: true, ..none }, t4::PASS);
    enter(&mut out, Mode { kind: Kind::Horizontal, ..none }, t4::HORIZONTAL);
    out
}

/// Every number that begins with the code stands for the mode.
const fn enter(modes: &mut [Mode; 1 << MODE_BITS], mode: Mode, code: Code) {
    let (bits, length) = code;
    let free = MODE_BITS - length as u32;
    let mut k = 0;
    while k < 1 << free {
        modes[((bits as usize) << free) + k] = Mode { length, ..mode };
        k += 1;
    }
}

#[cfg(test)]
mod tests {
    use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::raster::Bitmap;

    /// Rows of a strip as the library decodes them, if it finds no fault.
    fn others(data: &[u8], width: usize, most: usize) -> Option<Bitmap> {
        let mut rows = Rows::new(width, most);
        let settings = DecodeSettings {
            columns: width as u32,
            rows: most as u32,
            end_of_block: true,
            end_of_line: false,
            rows_are_byte_aligned: false,
            encoding: EncodingMode::Group4,
            strict: true,
        };
        hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings)).ok()?;
        Some(rows.into_bitmap())
    }

    fn ours(data: &[u8], width: usize, most: usize) -> Option<Bitmap> {
        let mut rows = Rows::new(width, most);
        decode(data, most, &mut rows)?;
        Some(rows.into_bitmap())
    }

    /// Codes as they come, with or without sense.
    fn any_codes(random: &mut Pcg64Mcg) -> Vec<u8> {
        let mut bits = Vec::new();
        for _ in 0..random.random_range(1..200) {
            let (code, length) = match random.random_range(0..12) {
                0..5 => t4::VERTICAL[3],
                5..9 => t4::VERTICAL[random.random_range(0..7)],
                9 => t4::PASS,
                10 => t4::HORIZONTAL,
                _ => (random.random_range(0..256), 8),
            };
            bits.extend((0..length).rev().map(|i| code >> i & 1 == 1));
        }
        bits.chunks(8)
            .map(|b| b.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)) << (8 - b.len()))
            .collect()
    }

    #[test]
    fn what_it_calls_plain_the_library_reads_alike_whatever_the_codes() {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        let mut plain = 0;
        for round in 0..20_000 {
            let (width, most) = (random.random_range(1..90), random.random_range(1..12));
            let data = any_codes(&mut random);
            let Some(rows) = ours(&data, width, most) else { continue };
            plain += 1;
            assert_eq!(
                Some(rows),
                others(&data, width, most),
                "round {round}: {width} {most} {data:?}"
            );
        }
        assert!(plain > 2_000, "only {plain} were plain");
    }
}
