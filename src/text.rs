//! Written fields: a field's added ink -> its text, by whichever recogniser is there.
//!
//! `text/prepare` cuts the writing of one field out of a rectified page, `text/lines` cuts it into lines,
//! and a [`TextReader`] says what is written there and how sure it is. What that means for the survey
//! (answered, pending and why) is `judge`'s to say.
//!
//! Pixels are those of the fine grid (`Resolution::FINE`, 204 x 196 dots an inch, so 8.03 px/mm across
//! and 7.72 px/mm down) in the form's own frame: nearly square, the same for every page.

#[cfg(feature = "ocr")]
pub mod ctc;
#[cfg(feature = "ocr")]
pub mod decoding;
pub mod digits;
mod distance;
pub mod engines;
#[cfg(feature = "ocr")]
pub mod language;
pub mod lexicon;
pub mod lines;
pub mod picture;
pub mod pieces;
#[cfg(feature = "ocr")]
pub mod ppocr;
pub mod prepare;
pub mod spec;
pub mod strike;
#[cfg(feature = "ocr")]
pub mod tesseract;
#[cfg(feature = "ocr")]
pub mod views;
#[cfg(feature = "ocr")]
pub mod wordlist;

use std::time::{Duration, Instant};

use crate::raster::Bitmap;
use crate::units::{Px, Rect, Score};

pub use distance::distance;
pub use lexicon::Lexicon;

/// One field's writing: what people added there, print, specks and neighbours' ink left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    /// Black is ink. Its size is the writing's extent with some white around it.
    pub ink: Bitmap,
    /// Where the left top corner of `ink` lies in the form's frame.
    pub origin: (Px, Px),
    /// The page came with 98 lines an inch, or lost lines: every second row of `ink` is a guess.
    pub rough: bool,
    /// From top to bottom; never empty where there is ink. Engines read these, not `ink`.
    pub lines: Vec<Line>,
}

/// One line of writing, made level and cut free of the other lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Tight around the ink: whoever needs white around it adds it.
    pub ink: Bitmap,
    /// Where that lies in `Crop::ink`, before it was made level.
    pub place: Rect<Px>,
}

/// What can be meant in a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind<'a> {
    /// A whole number from `min` to `max`, both included.
    Integer { min: i64, max: i64 },
    /// One of a list. `Recognised::text` is then the entry's `value`.
    Lexicon(&'a Lexicon),
    /// Anything.
    Free,
}

/// What is asked of a reader about one crop.
#[derive(Clone, Copy, Debug)]
pub struct FieldAsk<'a> {
    /// The question's id.
    pub id: &'a str,
    pub kind: FieldKind<'a>,
    /// Words that are likelier here than elsewhere: the form's own labels, a list of the user's.
    pub words: &'a [String],
    /// A reader looks at the clock between lines and gives up with `TimedOut`; `None`: no limit.
    pub until: Option<Instant>,
}

impl FieldAsk<'_> {
    /// # Errors
    /// `TimedOut` once the time is over.
    pub fn in_time(&self) -> Result<(), TextError> {
        match self.until {
            Some(until) if Instant::now() >= until => Err(TextError::TimedOut),
            _ => Ok(()),
        }
    }
}

/// One recognised character.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// Usually one character.
    pub text: String,
    /// Where it stands in `Crop::ink`.
    pub place: Rect<Px>,
    pub confidence: Score,
}

/// What a reader makes of a crop.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// Lines are joined without a break: Japanese runs on. Digits only for `Integer`, an entry's
    /// `value` for `Lexicon`. Empty if nothing was recognised, which is no blank.
    pub text: String,
    /// Chance that the text is right: of `Integer` and `Lexicon` that the value is; of `Free` that
    /// its character error rate is at most 10 %.
    pub confidence: Score,
    pub symbols: Vec<Symbol>,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TextError {
    /// Something is not installed; `advice` names the package or the command.
    #[error("{engine}: {what} is missing: {advice}")]
    Missing { engine: &'static str, what: String, advice: String },
    /// A model or language file is cut, of another version, or not the one it should be.
    #[error("{path}: {problem}")]
    Model { path: std::path::PathBuf, problem: String },
    /// The engine itself failed on this crop.
    #[error("{engine}: {detail}")]
    Engine { engine: &'static str, detail: String },
    #[error("it took too long")]
    TimedOut,
}

/// Reads crops; one for each worker thread, so nothing is shared and nothing waits.
pub trait TextReader: Send {
    /// # Errors
    /// `Engine`, `TimedOut`. The reader can be used for the next crop afterwards.
    fn read(&mut self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError>;
}

/// An installed recogniser: makes a reader for each worker.
pub trait TextEngine: Send + Sync {
    /// Name, version and the beginning of the model's SHA-256 ("tesseract 5.5.0 jpn:36bdf9ac"): part
    /// of what a reading depends on, and kept with it.
    fn name(&self) -> &str;

    /// Loads the model; 0.1 to 0.5 s.
    ///
    /// # Errors
    /// `Missing`, `Model`, `Engine`.
    fn reader(&self) -> Result<Box<dyn TextReader>, TextError>;
}

/// Longest that one crop may take by default; the slowest measured was 3.4 s, of dense noise.
pub const CROP_LIMIT: Duration = Duration::from_secs(5);
