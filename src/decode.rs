//! Bytes to pages, under limits. Strict first, lenient on failure, and then it says so.

mod ccitt;
mod codes;
mod error;
mod g4;
mod grey;
mod guard;
mod ifd;
mod orient;
mod pdf;
mod picture;
mod rows;
mod tiff;
mod tiff_grey;
mod unpack;

use std::sync::Arc;

use crate::raster::Bitmap;
use crate::units::Resolution;

pub use error::DecodeError;
pub(crate) use guard::caught;
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
    Pdf(Box<hayro_syntax::Pdf>, Option<DecodeError>),
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

    fn recognise(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Kind, DecodeError> {
        match &bytes[..] {
            [] => Err(DecodeError::Empty),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
                Ok(Kind::Tiff(ifd::walk(bytes, limits.pages)?))
            }
            [0x89, b'P', b'N', b'G', ..] => Ok(Kind::Picture(picture::Format::Png)),
            [0xff, 0xd8, 0xff, ..] => Ok(Kind::Picture(picture::Format::Jpeg)),
            _ if has_pdf_header(bytes) => {
                let pdf = pdf::open(bytes, limits)?;
                let broken = pdf::incomplete(&pdf);
                Ok(Kind::Pdf(Box::new(pdf), broken))
            }
            _ => Err(DecodeError::UnknownFormat { start: bytes[..bytes.len().min(8)].to_vec() }),
        }
    }

    pub fn page_count(&self) -> u32 {
        match &self.kind {
            Kind::Tiff(chain) => chain.offsets.len() as u32,
            Kind::Pdf(pdf, _) => pdf.pages().len() as u32,
            Kind::Picture(_) => 1,
        }
    }

    /// Why the file certainly or probably had more pages than [`Self::page_count`]: it is cut off or
    /// its directory chain is broken. The pages that were found can be read all the same.
    pub fn incomplete(&self) -> Option<&DecodeError> {
        match &self.kind {
            Kind::Tiff(chain) => chain.broken.as_ref(),
            Kind::Pdf(_, broken) => broken.as_ref(),
            Kind::Picture(_) => None,
        }
    }

    /// Decodes page `index`, counted from 0. A page that gave only some rows is a page with
    /// [`Damage`]; its bitmap ends with the last row that was had.
    ///
    /// # Errors
    /// Every [`DecodeError`] but `Empty` and `UnknownFormat`; this page gave no pixels, others may.
    pub fn page(&self, index: u32) -> Result<FaxPage, DecodeError> {
        let page = guarded(|| self.decode(index))?;
        let resolution = page.resolution.filter(|r| fits_paper(*r, &page.bitmap));
        Ok(FaxPage { resolution, ..page })
    }

    fn decode(&self, index: u32) -> Result<FaxPage, DecodeError> {
        let none = || DecodeError::damaged(format!("no page {}", u64::from(index) + 1));
        match &self.kind {
            Kind::Tiff(chain) => {
                let offset = chain.offsets.get(index as usize).ok_or_else(none)?;
                tiff::page(&self.bytes, *offset, &self.limits)
            }
            Kind::Pdf(pdf, _) if index < self.page_count() => {
                pdf::page(pdf, index as usize, &self.limits)
            }
            Kind::Picture(format) if index == 0 => {
                picture::page(&self.bytes, *format, &self.limits)
            }
            Kind::Pdf(..) | Kind::Picture(_) => Err(none()),
        }
    }
}

/// Mail gateways put lines before the header; Adobe's readers look through the first 1,024 bytes
/// (PDF Reference 1.7, appendix H, note 13).
fn has_pdf_header(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(1024)].windows(5).any(|w| w == b"%PDF-")
}

/// A3's short side is 11.7 inches; a raster that is wider than that and a margin both ways carries a
/// scanner's default (72 or 96 dpi), not its resolution. The long side may be any length of a roll.
const MOST_SHORT_SIDE_INCHES: f32 = 12.5;

fn fits_paper(r: Resolution, page: &Bitmap) -> bool {
    let (w, h) = (page.width() as f32 / r.x, page.height() as f32 / r.y);
    w.min(h) <= MOST_SHORT_SIDE_INCHES
}
