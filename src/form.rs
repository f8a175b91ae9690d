//! `form.json` checked: ids unique, references resolved, every region on the page, the blank read.

mod check;
mod prefectures;
mod proof;
mod raw;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::raster::Bitmap;
use crate::units::{Mm, Resolution};

pub use prefectures::{PREFECTURES, prefecture};
pub use proof::proof;
pub use raw::{
    Condition, Labels, Localized, Output, QuestionType, RawEnding as Ending, RawForm as FormFile,
    RawNet as Net, RawOption as FormOption, RawQuestion as Question, json_schema,
};

/// A form that has passed every check. The blank is at its own resolution: `blank` its clear print,
/// `traces` every trace of print down to light grey.
#[derive(Clone, Debug)]
pub struct Form {
    pub file: FormFile,
    pub blank: Bitmap,
    pub traces: Bitmap,
    pub blank_resolution: Resolution,
    /// SHA-256 of `form.json` and the blank's bytes, in hex: readings are bound to it.
    pub hash: String,
}

/// Why a form cannot be used. Each names the key and where it stands.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    #[error("{path}: cannot be read: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: line {line}, column {column}: {message}")]
    Json { path: PathBuf, line: usize, column: usize, message: String },
    #[error("{path}: schema_version {found}, this program reads 1")]
    Version { path: PathBuf, found: u32 },
    #[error("{path}: {place}: {problem}")]
    Invalid { path: PathBuf, place: String, problem: String },
    #[error("{path}: the blank is no usable PNG: {problem}")]
    Blank { path: PathBuf, problem: String },
}

impl Form {
    /// Reads and checks `DIR/form.json` and its blank.
    ///
    /// # Errors
    /// The first thing found wrong, with its place.
    pub fn open(dir: &Path) -> Result<Self, FormError> {
        Ok(Self::open_whole(dir)?.0)
    }

    /// The same, with `form.json` and the blank's PNG as they were read.
    pub(crate) fn open_whole(dir: &Path) -> Result<(Self, Vec<u8>, Vec<u8>), FormError> {
        let path = dir.join("form.json");
        let json = read(&path)?;
        let file = parse(&json, &path)?;
        let png = read(&dir.join(&file.page.blank))?;
        Ok((Self::from_parts(file, &json, &png, &path)?, json, png))
    }

    /// The same from bytes already at hand (a survey's store keeps its forms).
    ///
    /// # Errors
    /// As `open`.
    pub fn from_bytes(json: &[u8], png: &[u8], path: &Path) -> Result<Self, FormError> {
        Self::from_parts(parse(json, path)?, json, png, path)
    }

    fn from_parts(file: FormFile, json: &[u8], png: &[u8], path: &Path) -> Result<Self, FormError> {
        if file.schema_version != 1 {
            return Err(FormError::Version { path: path.to_owned(), found: file.schema_version });
        }
        check::check(&file).map_err(|(place, problem)| FormError::Invalid {
            path: path.to_owned(),
            place,
            problem,
        })?;
        let (blank, traces) = check::blank(png)
            .map_err(|problem| FormError::Blank { path: path.to_owned(), problem })?;
        if !check::fine_enough(&blank, file.page.width) {
            let problem = format!("{} px across is under 196 dpi", blank.width());
            return Err(FormError::Blank { path: path.to_owned(), problem });
        }
        let blank_resolution = Resolution {
            x: blank.width() as f32 * 25.4 / file.page.width.0,
            y: blank.height() as f32 * 25.4 / file.page.height.0,
        };
        let mut hash = Sha256::new();
        hash.update(json);
        hash.update(png);
        let hash = hex(&hash.finalize());
        Ok(Self { file, blank, traces, blank_resolution, hash })
    }

    pub fn id(&self) -> &str {
        &self.file.id
    }

    pub fn survey(&self) -> &str {
        &self.file.survey
    }

    pub fn page_size(&self) -> (Mm, Mm) {
        (self.file.page.width, self.file.page.height)
    }

    pub fn questions(&self) -> &[Question] {
        &self.file.questions
    }

    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().iter().find(|q| q.id == id)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, FormError> {
    std::fs::read(path).map_err(|source| FormError::Io { path: path.to_owned(), source })
}

fn parse(json: &[u8], path: &Path) -> Result<FormFile, FormError> {
    serde_json::from_slice(json).map_err(|e| FormError::Json {
        path: path.to_owned(),
        line: e.line(),
        column: e.column(),
        message: e.to_string(),
    })
}

/// Lower case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}
