//! Why an input gave no page, with what was measured.

use crate::reading::{Reason, ReasonCode};

/// One input or one page that gave no pixels at all. Pages that gave some carry a
/// [`Damage`](super::Damage) instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the file is empty")]
    Empty,
    #[error("not a TIFF, PDF, PNG or JPEG file (it starts with {start:02x?})")]
    UnknownFormat {
        /// The first bytes, at most eight.
        start: Vec<u8>,
    },
    #[error("the file ends at byte {have}, its own structure goes on to byte {needed}")]
    Truncated { needed: u64, have: u64 },
    #[error("damaged: {what}")]
    Damaged { what: String },
    #[error("{value} {unit}, more than the limit of {limit}")]
    TooLarge {
        /// What was counted: `bytes` or `pixels`.
        unit: &'static str,
        value: u64,
        limit: u64,
    },
    #[error("more than {limit} pages")]
    TooManyPages { limit: u32 },
    #[error("not supported: {what}")]
    Unsupported { what: String },
}

impl DecodeError {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }

    /// The same in the vocabulary of readings; `measured` is in bytes, pixels or pages.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Empty => Reason::new(ReasonCode::Empty),
            Self::UnknownFormat { .. } => Reason::new(ReasonCode::UnknownFormat),
            Self::Truncated { have, .. } => {
                Reason::new(ReasonCode::Truncated).measured(*have as f64)
            }
            Self::Damaged { what } => Reason::new(ReasonCode::DamagedFile).about(what.clone()),
            Self::TooLarge { unit, value, .. } => {
                Reason::new(ReasonCode::TooLarge).about(*unit).measured(*value as f64)
            }
            Self::TooManyPages { limit } => {
                Reason::new(ReasonCode::TooManyPages).measured(f64::from(*limit))
            }
            Self::Unsupported { what } => Reason::new(ReasonCode::Unsupported).about(what.clone()),
        }
    }
}
