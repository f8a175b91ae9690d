//! The Japanese font of charts and pages: found on the machine, embedded as outlines or as a subset
//! of the characters used.
//!
//! First choice is `IPAex` Gothic (IPA Font License 1.0, which allows embedding in documents); it is
//! what `setup.sh` installs. The font's own permissions are asked before it is embedded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ab_glyph::{Font as _, FontVec, OutlineCurve};
use unicode_width::UnicodeWidthChar;

/// `TrueType` fonts with Japanese that may be embedded, best first: where Debian puts them.
const PLACES: [&str; 5] = [
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf",
    "/usr/share/fonts/truetype/vlgothic/VL-Gothic-Regular.ttf",
    "/usr/share/fonts/truetype/fonts-japanese-gothic.ttf",
    "/usr/share/fonts/truetype/klee/KleeOne-Regular.ttf",
];
/// What a character is replaced by that the font lacks: Japanese print's own mark for a missing type.
const GETA: char = '〓';

/// Why a font cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    #[error("{path}: cannot be read: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: is no TrueType font that can be embedded: {problem}")]
    Unusable { path: PathBuf, problem: String },
    #[error("no Japanese font: install fonts-ipaexfont-gothic, or name one with --font")]
    Missing,
}

/// A font that may be embedded.
pub struct Face {
    bytes: Vec<u8>,
    font: FontVec,
    em: f32,
}

/// One stroke of an outline, in pixels, y down.
#[derive(Clone, Copy, Debug)]
pub enum Curve {
    Line([(f32, f32); 2]),
    Quad([(f32, f32); 3]),
    Cubic([(f32, f32); 4]),
}

impl Face {
    /// The font at `path`, or the first that is installed.
    ///
    /// # Errors
    /// If there is none, or the one named cannot be used.
    pub fn open(path: Option<&Path>) -> Result<Self, FontError> {
        if let Some(path) = path {
            return Self::read(path);
        }
        let found = PLACES.iter().map(Path::new).find(|p| p.is_file());
        Self::read(found.ok_or(FontError::Missing)?)
    }

    fn read(path: &Path) -> Result<Self, FontError> {
        let io = |source| FontError::Io { path: path.to_owned(), source };
        let bad = |problem: String| FontError::Unusable { path: path.to_owned(), problem };
        let bytes = std::fs::read(path).map_err(io)?;
        let font = FontVec::try_from_vec(bytes.clone()).map_err(|e| bad(e.to_string()))?;
        let em = font.units_per_em().ok_or_else(|| bad("no size".into()))?;
        let permissions =
            font_subset::Font::opentype(&bytes).map_err(|e| bad(e.to_string()))?.permissions();
        if !permissions.embedding.is_lenient() || !permissions.allow_subsetting {
            return Err(bad("its licence does not allow it".into()));
        }
        Ok(Self { bytes, font, em })
    }

    fn has(&self, c: char) -> bool {
        self.font.glyph_id(c).0 != 0
    }

    /// Pixels that a text takes.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |c: char| self.font.h_advance_unscaled(self.font.glyph_id(self.shown(c)));
        text.chars().map(advance).sum::<f32>() * size / self.em
    }

    fn shown(&self, c: char) -> char {
        if self.has(c) { c } else { GETA }
    }

    /// The outlines of a text whose baseline begins at `x`, `y`.
    pub fn outlines(&self, text: &str, x: f32, y: f32, size: f32) -> Vec<Curve> {
        let scale = size / self.em;
        let (mut out, mut pen) = (Vec::new(), x);
        for c in text.chars() {
            let id = self.font.glyph_id(self.shown(c));
            let at = |p: ab_glyph::Point| (pen + p.x * scale, y - p.y * scale);
            for curve in self.font.outline(id).map(|o| o.curves).unwrap_or_default() {
                out.push(match curve {
                    OutlineCurve::Line(a, b) => Curve::Line([at(a), at(b)]),
                    OutlineCurve::Quad(a, b, c) => Curve::Quad([at(a), at(b), at(c)]),
                    OutlineCurve::Cubic(a, b, c, d) => Curve::Cubic([at(a), at(b), at(c), at(d)]),
                });
            }
            pen += self.font.h_advance_unscaled(id) * scale;
        }
        out
    }

    /// A font file with just these characters; `None` if the font cannot be taken apart.
    pub fn subset(&self, chars: &BTreeSet<char>) -> Option<Vec<u8>> {
        let chars: BTreeSet<char> = chars.iter().copied().filter(|c| self.has(*c)).collect();
        let font = font_subset::Font::opentype(&self.bytes).ok()?;
        font.subset(&chars).ok().map(|s| s.to_opentype())
    }
}

/// Pixels that a text takes in a font that is not there: Japanese characters are square, others half.
pub fn guessed_width(text: &str, size: f32) -> f32 {
    let columns: usize = text.chars().map(|c| c.width().unwrap_or(0)).sum();
    columns as f32 * size / 2.0
}
