//! The data part: byte codes for eight values at a time, then the values that have none.

use std::io::{self, Write};

/// Small whole numbers are one byte: their value and this.
const BIAS: f64 = 100.0;
/// Codes that mean something else than a number (PSPP, "Data Record").
const RAW: u8 = 253;
const SPACES: u8 = 254;
const MISSING: u8 = 255;
/// Bytes of a string segment: 255 of text and one of padding.
const SEGMENT: usize = 255;

/// Cases being written.
pub struct Cases<'w> {
    out: &'w mut dyn Write,
    codes: Vec<u8>,
    raw: Vec<u8>,
}

impl<'w> Cases<'w> {
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self { out, codes: Vec::with_capacity(8), raw: Vec::with_capacity(64) }
    }

    /// A number, or the system-missing value.
    pub fn number(&mut self, value: Option<f64>) -> io::Result<()> {
        let Some(value) = value else { return self.code(MISSING) };
        let biased = value + BIAS;
        if (1.0..=251.0).contains(&biased) && biased.fract() == 0.0 {
            return self.code(biased as u8);
        }
        self.raw.extend(value.to_le_bytes());
        self.code(RAW)
    }

    /// A text of a variable of so many bytes, padded with spaces.
    pub fn text(&mut self, text: &str, width: usize) -> io::Result<()> {
        let mut rest = text.as_bytes();
        for segment in segments(width) {
            let (own, later) = rest.split_at(rest.len().min(SEGMENT));
            rest = later;
            for start in (0..segment).step_by(8) {
                let mut unit = [b' '; 8];
                let part = own.get(start..own.len().min(start + 8)).unwrap_or_default();
                unit[..part.len()].copy_from_slice(part);
                if unit == [b' '; 8] {
                    self.code(SPACES)?;
                } else {
                    self.raw.extend(unit);
                    self.code(RAW)?;
                }
            }
        }
        Ok(())
    }

    fn code(&mut self, code: u8) -> io::Result<()> {
        self.codes.push(code);
        if self.codes.len() == 8 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.codes)?;
        self.out.write_all(&self.raw)?;
        self.codes.clear();
        self.raw.clear();
        Ok(())
    }

    /// Fills the last eight codes up with ones that are skipped.
    pub fn finish(mut self) -> io::Result<()> {
        if self.codes.is_empty() {
            return Ok(());
        }
        self.codes.resize(8, 0);
        self.flush()
    }
}

/// Widths of the variables that a string of `width` bytes is stored in. Segments overlap on paper:
/// each but the last is 255 bytes wide and stands for 252.
pub fn segments(width: usize) -> Vec<usize> {
    if width <= SEGMENT {
        return vec![width.max(1)];
    }
    let count = width.div_ceil(252);
    let mut out = vec![SEGMENT; count - 1];
    out.push(width - (count - 1) * 252);
    out
}
