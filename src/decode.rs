//! Bytes to pages, under limits. Strict first, lenient on failure, and then it says so.

use crate::raster::Bitmap;
use crate::units::Resolution;

/// What is accepted by default; each has a flag-free default that no fax server exceeds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// 512 MiB: a 2,000-page G4 file is about 80 MB.
    pub file_bytes: u64,
    /// A3 at 600 dpi is 70 million pixels.
    pub pixels: u64,
    /// A whole day's fax log in one file.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 512 << 20, pixels: 120_000_000, pages: 10_000 }
    }
}

/// What was wrong with a page's data though pixels could be had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// Rows the directory promised; 0 if it did not say.
    pub rows_expected: u32,
    pub rows_got: u32,
    /// Rows that the decoder or the receiving fax machine found wrong and repaired.
    pub bad_rows: u32,
}

impl Damage {
    pub fn is_clean(&self) -> bool {
        self.bad_rows == 0 && self.rows_got >= self.rows_expected
    }
}

/// One page, black = 1, upright as stored.
#[derive(Clone, Debug)]
pub struct FaxPage {
    pub bitmap: Bitmap,
    /// `None`: the file does not say (or says nonsense); decide by the page's shape.
    pub resolution: Option<Resolution>,
    pub damage: Damage,
}
