//! Tesseract by `tesseract-rs` on the system's library: print and a second opinion on numbers and
//! prefectures. Lines are cut before (PSM 7 reads a line; 13 % instead of 18 % wrong on 98-line
//! pages, design.md section 5) and are not enlarged (that triples the errors).
//!
//! **One thread.** `libtesseract` starts `OpenMP` threads that fight over the cores of several
//! workers: `OMP_THREAD_LIMIT=1` must be in the environment before the program starts
//! ([`one_thread`] says whether it is).

use super::distance;
use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use imageproc::filter::gaussian_blur_f32;
use sha2::{Digest, Sha256};
use tesseract_rs::{TessPageIteratorLevel, TessPageSegMode, TesseractAPI, TesseractError};

use super::lexicon::Lexicon;
use super::{
    Crop, FieldAsk, FieldKind, Line, Recognised, Symbol, TextEngine, TextError, TextReader,
};
use crate::units::{Px, Rect, Score};

const NAME: &str = "tesseract";
/// The model's language; Debian's package of it holds `tessdata_fast`.
const LANGUAGE: &str = "jpn";
/// Whose model reads digits where it is there, as it is with Debian's `tesseract-ocr`: of 4,076 written
/// numbers (seeds 5100 to 5124) the Japanese model took 20 % for others, this one some 6 %.
const DIGITS: &str = "eng";
/// Both models know writing from grey scans and stumble over hard edges: half as many digits wrong
/// as without (240 crops of those seeds; between .6 and 1.2 px little changes).
const SOFT: f32 = 0.8;
const PACKAGE: &str = "tesseract-ocr-jpn";
/// Where Debian 12 and 13, older ones and others keep their language data.
const DATA: [&str; 5] = [
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/usr/share/tesseract/tessdata",
];
/// White around a line, in px: without it the first and last characters suffer.
const WHITE: usize = 12;
/// Dots an inch of the fine grid, rounded; Tesseract guesses otherwise, and says so on stderr.
const DPI: i32 = 200;
/// Spellings further than this share of their characters away are not what was written.
const FAR: f32 = 0.51;

/// Whether `OpenMP` is held to one thread.
pub fn one_thread() -> bool {
    std::env::var("OMP_THREAD_LIMIT").is_ok_and(|v| v.trim() == "1")
}

/// The installed library and its Japanese model.
pub struct Tesseract {
    folder: PathBuf,
    name: String,
    /// The model for digits is there.
    digits: bool,
}

impl Tesseract {
    /// Looks where `TESSDATA_PREFIX` says, then where systems keep language data.
    ///
    /// # Errors
    /// `Missing` with the package to install; `Model` if the file cannot be read.
    pub fn find() -> Result<Self, TextError> {
        let given = std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from);
        let given = given.into_iter().flat_map(|p| [p.join("tessdata"), p]);
        let all = given.chain(DATA.iter().map(PathBuf::from));
        let found = all.into_iter().find(|p| p.join(model(LANGUAGE)).is_file());
        found.map_or_else(|| Err(missing()), |folder| Self::at(&folder))
    }

    /// The model in this folder.
    ///
    /// # Errors
    /// As `find`.
    pub fn at(folder: &Path) -> Result<Self, TextError> {
        let path = folder.join(model(LANGUAGE));
        let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => missing(),
            _ => TextError::Model { path, problem: e.to_string() },
        })?;
        let mut name =
            format!("{NAME} {} {LANGUAGE}:{}", TesseractAPI::version(), short_hash(&bytes));
        let digits = std::fs::read(folder.join(model(DIGITS))).ok();
        if let Some(bytes) = &digits {
            name = format!("{name} {DIGITS}:{}", short_hash(bytes));
        }
        Ok(Self { folder: folder.to_owned(), name, digits: digits.is_some() })
    }

    fn engine(&self, language: &str) -> Result<TesseractAPI, TextError> {
        let path = self.folder.join(model(language));
        let bad = |problem: String| TextError::Model { path: path.clone(), problem };
        // The library takes a C string.
        if self.folder.to_str().is_none_or(|p| p.contains('\0')) {
            return Err(bad("the folder's name must be UTF-8".into()));
        }
        let api = TesseractAPI::new();
        api.init(&self.folder, language).map_err(|e| bad(e.to_string()))?;
        // Its own remarks are not for the user's terminal.
        for (name, value) in [("debug_file", "/dev/null"), ("tessedit_do_invert", "0")] {
            api.set_variable(name, value).map_err(|e| failed(&e))?;
        }
        Ok(api)
    }
}

fn model(language: &str) -> String {
    format!("{language}.traineddata")
}

fn short_hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!("{:08x}", hash.iter().take(4).fold(0u32, |all, b| all << 8 | u32::from(*b)))
}

fn missing() -> TextError {
    let advice = format!("apt install {PACKAGE}");
    TextError::Missing { engine: NAME, what: model(LANGUAGE), advice }
}

fn failed(e: &TesseractError) -> TextError {
    TextError::Engine { engine: NAME, detail: e.to_string() }
}

impl TextEngine for Tesseract {
    fn name(&self) -> &str {
        &self.name
    }

    fn reader(&self) -> Result<Box<dyn TextReader>, TextError> {
        let api = self.engine(LANGUAGE)?;
        let digits = if self.digits { Some(self.engine(DIGITS)?) } else { None };
        Ok(Box::new(Reader { api, digits }))
    }
}

/// One worker's engine: 38 MB, and what reads digits.
struct Reader {
    api: TesseractAPI,
    digits: Option<TesseractAPI>,
}

impl TextReader for Reader {
    fn read(&mut self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError> {
        let api = match (ask.kind, &self.digits) {
            (FieldKind::Integer { .. }, Some(digits)) => digits,
            _ => &self.api,
        };
        let set = || {
            api.set_page_seg_mode(TessPageSegMode::PSM_SINGLE_LINE)?;
            api.set_variable("tessedit_char_whitelist", &whitelist(ask.kind))
        };
        set().map_err(|e| failed(&e))?;
        let mut symbols = Vec::new();
        for line in &crop.lines {
            ask.in_time()?;
            symbols.extend(read_line(api, line).map_err(|e| failed(&e))?);
        }
        ask.in_time()?;
        Ok(answer(symbols, ask.kind))
    }
}

fn read_line(api: &TesseractAPI, line: &Line) -> Result<Vec<Symbol>, TesseractError> {
    let (w, h) = (line.ink.width() + 2 * WHITE, line.ink.height() + 2 * WHITE);
    let mut grey = GrayImage::from_pixel(w as u32, h as u32, Luma([255]));
    for y in 0..line.ink.height() {
        for x in (0..line.ink.width()).filter(|x| line.ink.get(*x, y)) {
            grey.put_pixel((x + WHITE) as u32, (y + WHITE) as u32, Luma([0]));
        }
    }
    let soft = gaussian_blur_f32(&grey, SOFT);
    api.set_image(soft.as_raw(), w as i32, h as i32, 1, w as i32)?;
    api.set_source_resolution(DPI)?;
    api.recognize()?;
    let symbols = symbols(api, line);
    api.clear()?;
    Ok(symbols)
}

/// The iterator lives no longer than this function: it points into what `clear` frees.
fn symbols(api: &TesseractAPI, line: &Line) -> Vec<Symbol> {
    let level = TessPageIteratorLevel::RIL_SYMBOL;
    let mut out = Vec::new();
    let Ok(at) = api.get_iterator() else { return out };
    loop {
        if let (Ok(text), Ok(sure), Ok(b)) =
            (at.get_utf8_text(level), at.confidence(level), at.get_bounding_box(level))
        {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            if !text.is_empty() {
                let place = on_crop(line, b);
                out.push(Symbol { text, place, confidence: Score::new(sure / 100.0) });
            }
        }
        if !at.next(level).unwrap_or(false) {
            return out;
        }
    }
}

fn on_crop(line: &Line, (x0, y0, x1, y1): (i32, i32, i32, i32)) -> Rect<Px> {
    let (x, y) = (x0 as f32 - WHITE as f32, y0 as f32 - WHITE as f32);
    let place = |at: f32, from: Px| Px((from.0 + at).max(0.0));
    Rect {
        x: place(x, line.place.x),
        y: place(y, line.place.y),
        w: Px((x1 - x0) as f32),
        h: Px((y1 - y0) as f32),
    }
}

/// Empty: any character.
fn whitelist(kind: FieldKind) -> String {
    match kind {
        FieldKind::Integer { .. } => "0123456789".into(),
        FieldKind::Lexicon(list) => {
            let mut all: Vec<char> = list.spellings().flat_map(|s| s.1.chars()).collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().filter(|c| *c != '\0').collect()
        }
        FieldKind::Free => String::new(),
    }
}

fn answer(symbols: Vec<Symbol>, kind: FieldKind) -> Recognised {
    let text: String = symbols.iter().map(|s| s.text.as_str()).collect();
    let least = symbols.iter().map(|s| s.confidence.get()).fold(1.0, f32::min);
    let mean =
        symbols.iter().map(|s| s.confidence.get()).sum::<f32>() / symbols.len().max(1) as f32;
    let (text, confidence) = match kind {
        _ if text.is_empty() => (text, 0.0),
        FieldKind::Integer { min, max } => {
            let fits = text.parse::<i64>().is_ok_and(|n| (min..=max).contains(&n));
            (text, if fits { least * least } else { 0.0 })
        }
        FieldKind::Lexicon(list) => nearest(list, &text, mean),
        FieldKind::Free => (text, good(mean)),
    };
    Recognised { text, confidence: Score::new(confidence), symbols }
}

/// Chance that at most 10 % of a free text's characters are wrong, by the mean of what Tesseract says
/// of them: it says .9 of what it cannot read. Logistic regression on 800 fields of the example
/// `handwriting` (seed 5601); on 813 of another seed AUC .980, .93 said of 135 of which .99 were good.
fn good(mean: f32) -> f32 {
    1.0 / (1.0 + (93.2 - 96.5 * mean).exp())
}

/// The entry with the nearest spelling, and how sure that is: a second one as near halves it.
fn nearest(list: &Lexicon, text: &str, sure: f32) -> (String, f32) {
    let read: Vec<char> = text.chars().collect();
    let mut best: Option<(f32, usize)> = None;
    let mut second = f32::MAX;
    for (i, spelling) in list.spellings() {
        let meant: Vec<char> = spelling.chars().collect();
        let off = distance(&read, &meant) as f32 / meant.len().max(read.len()).max(1) as f32;
        match best {
            Some((b, k)) if off < b => {
                second = if k == i { second } else { b };
                best = Some((off, i));
            }
            Some((_, k)) if k != i => second = second.min(off),
            Some(_) => {}
            None => best = Some((off, i)),
        }
    }
    match best {
        Some((off, i)) if off <= FAR => {
            let rivals = if second <= off { 0.5 } else { 1.0 };
            (list.entries[i].value.clone(), sure * (1.0 - off).powi(2) * rivals)
        }
        _ => (String::new(), 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_prefecture_is_meant_and_a_tie_is_doubted() {
        let list = Lexicon::prefectures();
        assert_eq!(nearest(&list, "三重県", 0.9), ("三重県".into(), 0.9));
        assert_eq!(nearest(&list, "神奈川", 0.9), ("神奈川県".into(), 0.9));
        let (value, sure) = nearest(&list, "福山", 0.9);
        assert!(sure < 0.2, "福島, 岡山 or 富山? {value} {sure}");
        assert_eq!(nearest(&list, "ABC", 0.9), (String::new(), 0.0));
    }

    #[test]
    fn a_folder_without_the_language_names_the_package() {
        let dir = tempfile::TempDir::new().unwrap();
        let error = Tesseract::at(dir.path()).err().unwrap();
        assert!(error.to_string().contains("tesseract-ocr-jpn"), "{error}");
    }

    #[test]
    fn a_model_that_is_cut_is_an_error_and_not_a_crash() {
        let Ok(whole) = Tesseract::find() else { return };
        let bytes = std::fs::read(whole.folder.join(model(LANGUAGE))).unwrap();
        for length in [0, 10, 1000, bytes.len() / 2] {
            let dir = tempfile::TempDir::new().unwrap();
            std::fs::write(dir.path().join(model(LANGUAGE)), &bytes[..length]).unwrap();
            let cut = Tesseract::at(dir.path()).unwrap();
            assert!(matches!(cut.reader().err(), Some(TextError::Model { .. })), "{length} bytes");
        }
    }
}
