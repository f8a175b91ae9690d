//! Bytes to pages, under limits. Strict first, lenient on failure, and then it says so.

mod ccitt;
mod error;
mod grey;
mod guard;
mod ifd;
mod orient;
mod picture;
mod rows;
mod tiff;
mod tiff_grey;
mod unpack;

use std::sync::Arc;

use crate::raster::Bitmap;
use crate::units::Resolution;

pub use error::DecodeError;
use guard::guarded;

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

/// What the magic bytes said, with what opening found.
enum Kind {
    Tiff(ifd::Chain),
    Picture(picture::Format),
}

/// An opened file; pages are decoded one by one when asked for. Shared between threads by reference.
pub struct Document {
    bytes: Arc<[u8]>,
    limits: Limits,
    kind: Kind,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({} bytes, {} pages)", self.bytes.len(), self.page_count())
    }
}

impl Document {
    /// Decides by the first bytes, never by a name, and finds the pages without decoding any.
    ///
    /// # Errors
    /// Every [`DecodeError`]: here they mean that no page of the file can be had.
    pub fn open(bytes: impl Into<Arc<[u8]>>, limits: &Limits) -> Result<Self, DecodeError> {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        if size > limits.file_bytes {
            return Err(DecodeError::TooLarge {
                unit: "bytes",
                value: size,
                limit: limits.file_bytes,
            });
        }
        let kind = guarded(|| Self::recognise(&bytes, limits))?;
        Ok(Self { bytes, limits: *limits, kind })
    }

    fn recognise(bytes: &[u8], limits: &Limits) -> Result<Kind, DecodeError> {
        match bytes {
            [] => Err(DecodeError::Empty),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
                Ok(Kind::Tiff(ifd::walk(bytes, limits.pages)?))
            }
            [0x89, b'P', b'N', b'G', ..] => Ok(Kind::Picture(picture::Format::Png)),
            [0xff, 0xd8, 0xff, ..] => Ok(Kind::Picture(picture::Format::Jpeg)),
            _ => Err(DecodeError::UnknownFormat { start: bytes[..bytes.len().min(8)].to_vec() }),
        }
    }

    pub fn page_count(&self) -> u32 {
        match &self.kind {
            Kind::Tiff(chain) => chain.offsets.len() as u32,
            Kind::Picture(_) => 1,
        }
    }

    /// Why the file certainly or probably had more pages than [`Self::page_count`]: it is cut off or
    /// its directory chain is broken. The pages that were found can be read all the same.
    pub fn incomplete(&self) -> Option<&DecodeError> {
        match &self.kind {
            Kind::Tiff(chain) => chain.broken.as_ref(),
            Kind::Picture(_) => None,
        }
    }

    /// Decodes page `index`, counted from 0. A page that gave only some rows is a page with
    /// [`Damage`]; its bitmap ends with the last row that was had.
    ///
    /// # Errors
    /// Every [`DecodeError`] but `Empty` and `UnknownFormat`; this page gave no pixels, others may.
    pub fn page(&self, index: u32) -> Result<FaxPage, DecodeError> {
        let none = || DecodeError::damaged(format!("no page {}", u64::from(index) + 1));
        guarded(|| match &self.kind {
            Kind::Tiff(chain) => {
                let offset = chain.offsets.get(index as usize).ok_or_else(none)?;
                tiff::page(&self.bytes, *offset, &self.limits)
            }
            Kind::Picture(_) if index > 0 => Err(none()),
            Kind::Picture(format) => picture::page(&self.bytes, *format, &self.limits),
        })
    }
}
