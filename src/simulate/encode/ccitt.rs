//! Rows of pixels to the bit streams of ITU-T T.4 (Group 3) and T.6 (Group 4).

use super::{Codec, FillOrder, Scheme};
use crate::raster::Bitmap;
use crate::t4::{
    BLACK, BLACK_MAKEUP, Code, EOL, HORIZONTAL, LONG_MAKEUP, PASS, VERTICAL, WHITE, WHITE_MAKEUP,
};

/// One page's coded data, padded to a byte; Group 3 without the six closing EOLs, as TIFF class F
/// asks, Group 4 with its EOFB.
pub fn encode(page: &Bitmap, codec: Codec) -> Vec<u8> {
    let mut bits = Bits::default();
    match codec.scheme {
        Scheme::G4 => group4(page, &mut bits),
        Scheme::G31d => group3(page, None, codec.aligned_eols, &mut bits),
        Scheme::G32d { k } => group3(page, Some(k.max(1)), codec.aligned_eols, &mut bits),
    }
    let mut bytes = bits.finish();
    if codec.fill_order == FillOrder::LsbFirst {
        for b in &mut bytes {
            *b = b.reverse_bits();
        }
    }
    bytes
}

fn group4(page: &Bitmap, out: &mut Bits) {
    let (mut above, mut row) = (Vec::new(), Vec::new());
    for y in 0..page.height() {
        changes(page, y, &mut row);
        row_2d(&above, &row, page.width(), out);
        std::mem::swap(&mut above, &mut row);
    }
    out.put(EOL);
    out.put(EOL);
}

fn group3(page: &Bitmap, k: Option<u8>, aligned: bool, out: &mut Bits) {
    let (mut above, mut row) = (Vec::new(), Vec::new());
    for y in 0..page.height() {
        changes(page, y, &mut row);
        if aligned {
            out.pad_to_nibble();
        }
        out.put(EOL);
        let alone = k.is_none_or(|k| y % usize::from(k) == 0);
        if k.is_some() {
            // The tag bit: does the row stand for itself, or lean on the one above?
            out.put((u16::from(alone), 1));
        }
        if alone {
            row_1d(&row, page.width(), out);
        } else {
            row_2d(&above, &row, page.width(), out);
        }
        std::mem::swap(&mut above, &mut row);
    }
}

/// The columns at which row `y` changes colour, starting from white.
fn changes(page: &Bitmap, y: usize, out: &mut Vec<usize>) {
    out.clear();
    let mut left = 0;
    for (i, word) in page.row(y).iter().enumerate() {
        // A bit is set where a pixel differs from its left neighbour.
        let mut edges = word ^ (word >> 1 | left << 63);
        left = word & 1;
        while edges != 0 {
            let at = edges.leading_zeros();
            out.push(i * 64 + at as usize);
            edges &= !(1 << (63 - at));
        }
    }
    // The padding is white: a row that ends black "changes" there.
    while out.last().is_some_and(|x| *x >= page.width()) {
        out.pop();
    }
}

fn row_1d(row: &[usize], width: usize, out: &mut Bits) {
    let mut from = 0;
    for (i, to) in row.iter().copied().chain([width]).enumerate() {
        out.run(i % 2 == 1, to - from);
        from = to;
    }
}

/// T.4 4.2.1.3: `i` counts the row's changes passed, so its parity is the colour at `a0`.
fn row_2d(above: &[usize], row: &[usize], width: usize, out: &mut Bits) {
    let at = |list: &[usize], i: usize| list.get(i).copied().unwrap_or(width);
    let (mut i, mut j) = (0, 0);
    // `None` is the imaginary white pixel before the row.
    let mut a0: Option<usize> = None;
    while a0.is_none_or(|a| a < width) {
        let beyond = |x: usize| a0.is_none_or(|a| x > a);
        // b1 is the first change above that lies beyond a0 and has the colour opposite to a0's.
        j = j.min(above.len());
        while j > 0 && beyond(above[j - 1]) {
            j -= 1;
        }
        while j < above.len() && !beyond(above[j]) || j % 2 != i % 2 {
            j += 1;
        }
        let (a1, b1, b2) = (at(row, i), at(above, j), at(above, j + 1));
        if b2 < a1 {
            out.put(PASS);
            a0 = Some(b2);
        } else if a1 + 3 >= b1 && b1 + 3 >= a1 {
            out.put(VERTICAL[a1 + 3 - b1]);
            a0 = Some(a1);
            i += 1;
        } else {
            let a2 = at(row, i + 1);
            out.put(HORIZONTAL);
            out.run(i % 2 == 1, a1 - a0.unwrap_or(0));
            out.run(i % 2 == 0, a2 - a1);
            a0 = Some(a2);
            i += 2;
        }
    }
}

/// Bits, most significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u8,
}

impl Bits {
    fn put(&mut self, (code, len): Code) {
        self.pending = self.pending << len | u32::from(code);
        self.count += len;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
    }

    fn run(&mut self, black: bool, mut len: usize) {
        let (short, makeup) = if black { (&BLACK, &BLACK_MAKEUP) } else { (&WHITE, &WHITE_MAKEUP) };
        // 2560 is the longest make-up code and may be repeated.
        while len >= 2560 + 64 {
            self.put(LONG_MAKEUP[12]);
            len -= 2560;
        }
        match len / 64 {
            0 => {}
            n @ 1..=27 => self.put(makeup[n - 1]),
            n => self.put(LONG_MAKEUP[n - 28]),
        }
        self.put(short[len % 64]);
    }

    /// Leaves 4 bits in the last byte, so that a 12-bit EOL ends on a byte.
    fn pad_to_nibble(&mut self) {
        while self.count != 4 {
            self.put((0, 1));
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put((0, 8 - self.count));
        }
        self.bytes
    }
}
