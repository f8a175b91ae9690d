//! The run lengths of fax codes (ITU-T T.4, tables 2 and 3), by the next thirteen bits.

use crate::t4::{self, Code};

/// Bits of the longest code.
const BITS: u32 = 13;

/// A colour's runs: by the next `BITS` bits the length of a code (upper four bits, 0 if there is none) and its
/// run (lower twelve).
pub(super) struct Runs([u16; 1 << BITS]);

pub(super) static WHITE: Runs = Runs::of(&t4::WHITE, &t4::WHITE_MAKEUP);
pub(super) static BLACK: Runs = Runs::of(&t4::BLACK, &t4::BLACK_MAKEUP);

impl Runs {
    /// Codes of runs of 0 to 63, which end a run, and of 64, 128 and so on to 1,728, which go before one of them.
    const fn of(ends: &[Code; 64], makeup: &[Code; 27]) -> Self {
        let mut table = [0; 1 << BITS];
        enter(&mut table, ends, 0, 1);
        enter(&mut table, makeup, 64, 64);
        enter(&mut table, &t4::LONG_MAKEUP, 1792, 64);
        Self(table)
    }

    /// The code that `bits` begin with, the first the highest: its length in bits (0 if there is none) and its
    /// run in pixels; 64 and more are only a part of a run.
    #[inline]
    pub fn code(&self, bits: u64) -> (u32, u32) {
        let entry = u32::from(self.0[(bits >> (64 - BITS)) as usize]);
        (entry >> 12, entry & 0xfff)
    }
}

/// Every number that begins with one of the codes stands for its run: the first `from`, each `step` longer.
const fn enter(table: &mut [u16; 1 << BITS], codes: &[Code], from: usize, step: usize) {
    let mut i = 0;
    while i < codes.len() {
        let (code, length) = codes[i];
        let free = BITS - length as u32;
        let (mut k, first) = (0, (code as usize) << free);
        while k < 1 << free {
            table[first + k] = (length as u16) << 12 | (from + i * step) as u16;
            k += 1;
        }
        i += 1;
    }
}
