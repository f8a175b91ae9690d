//! Bilevel pages to the files that fax servers write: TIFF in Group 3 and Group 4, PDF with Group 4.
//!
//! Own encoder: crate `fax` 0.3 has only Group 4, pixel by pixel; `hayro-ccitt` only decodes. Output
//! depends on the pixels alone (no dates, no ids).

pub mod ccitt;
mod pdf;
mod tiff;

pub use pdf::pdf;
pub use tiff::tiff;

/// How the rows of a page are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// T.4 one-dimensional (MH).
    G31d,
    /// T.4 two-dimensional (MR): at least every `k`th row stands for itself. T.4 sets 2 for
    /// standard and 4 for fine pages.
    G32d { k: u8 },
    /// T.6 (MMR).
    G4,
}

/// Which end of a byte holds the leftmost pixel (TIFF tag 266).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillOrder {
    MsbFirst,
    LsbFirst,
}

/// A scheme and how its bits are laid out in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codec {
    pub scheme: Scheme,
    pub fill_order: FillOrder,
    /// Group 3 only: zeros before each end of line, so that it ends on a byte.
    pub aligned_eols: bool,
}

impl Codec {
    /// What `HylaFAX`, gateways and multi-function printers write most.
    pub const G4: Self = Self::plain(Scheme::G4);
    pub const G3_1D: Self = Self::plain(Scheme::G31d);
    pub const G3_2D: Self = Self::plain(Scheme::G32d { k: 4 });
    /// Group 3 as spandsp (Asterisk, `FreeSWITCH`) stores it.
    pub const SPANDSP: Self =
        Self { scheme: Scheme::G32d { k: 4 }, fill_order: FillOrder::LsbFirst, aligned_eols: true };

    const fn plain(scheme: Scheme) -> Self {
        Self { scheme, fill_order: FillOrder::MsbFirst, aligned_eols: false }
    }
}
