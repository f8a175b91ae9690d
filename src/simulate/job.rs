//! What an inbox is wished to be, and why it cannot be made.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::encode::{self, Codec};
use super::fonts::FontError;
use super::line::Profile;
use super::published::AnswersError;
use crate::form::FormError;
use crate::raster::Bitmap;
use crate::units::Resolution;

/// What a fax server writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// Each file one of the others, mostly `TiffG4`.
    #[default]
    Mixed,
    TiffG4,
    TiffG31d,
    TiffG32d,
    /// Group 3 2-D, least significant bit first, byte-aligned ends of line.
    TiffSpandsp,
    Pdf,
    /// Several respondents a file, a page each.
    MultiTiff,
    MultiPdf,
}

impl Container {
    pub(super) fn holds_several(self) -> bool {
        matches!(self, Self::MultiTiff | Self::MultiPdf)
    }

    pub(super) fn extension(self) -> &'static str {
        if matches!(self, Self::Pdf | Self::MultiPdf) { "pdf" } else { "tif" }
    }

    pub(super) fn encode(self, pages: &[(Bitmap, Resolution)]) -> Vec<u8> {
        match self {
            Self::Pdf | Self::MultiPdf => encode::pdf(pages),
            Self::TiffG31d => encode::tiff(pages, Codec::G3_1D),
            Self::TiffG32d => encode::tiff(pages, Codec::G3_2D),
            Self::TiffSpandsp => encode::tiff(pages, Codec::SPANDSP),
            Self::Mixed | Self::TiffG4 | Self::MultiTiff => encode::tiff(pages, Codec::G4),
        }
    }
}

/// A validated wish for an inbox.
#[derive(Clone, Debug)]
pub struct SimulateJob {
    /// Form directories; several are layouts among which responses are shared out.
    pub forms: Vec<PathBuf>,
    /// Responses. Resent pages and strangers come on top.
    pub pages: u64,
    pub seed: u64,
    pub out: PathBuf,
    pub profile: Profile,
    /// Published figures whose margins the answers shall have.
    pub answers: Option<PathBuf>,
    /// Which of that file's surveys; the one that fits the form best if absent.
    pub answers_survey: Option<String>,
    pub container: Container,
    /// Number of the first file and the first response: a second run adds to the first.
    pub first_index: u64,
    /// Share of responses that are sent again, 0 to 1.
    pub duplicates: f64,
    /// Strangers for each response, 0 to 1.
    pub strangers: f64,
    /// Threads; 0 as many as the machine has. Changes no byte.
    pub jobs: usize,
}

impl SimulateJob {
    /// A job with nothing out of the ordinary: mixed line, mixed files, random answers.
    pub fn new(forms: Vec<PathBuf>, pages: u64, seed: u64, out: PathBuf) -> Self {
        Self {
            forms,
            pages,
            seed,
            out,
            profile: Profile::Mixed,
            answers: None,
            answers_survey: None,
            container: Container::Mixed,
            first_index: 0,
            duplicates: 0.0,
            strangers: 0.0,
            jobs: 0,
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub files: u64,
    pub responses: u64,
    pub resent: u64,
    pub strangers: u64,
}

/// Why an inbox cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("no form was given")]
    NoForm,
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Answers(#[from] AnswersError),
    #[error(transparent)]
    Fonts(#[from] FontError),
    #[error("{path}: cannot be written: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{jobs} threads cannot be started: {source}")]
    Threads { jobs: usize, source: rayon::ThreadPoolBuildError },
    #[error("stopped; what was written so far has no truth file")]
    Stopped,
}

pub(super) fn io(path: &Path, source: std::io::Error) -> SimulateError {
    SimulateError::Io { path: path.to_owned(), source }
}
