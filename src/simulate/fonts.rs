//! Fonts that Debian ships, found at their fixed places: hands to write with, and one to print with.

use std::path::{Path, PathBuf};

use ab_glyph::{
    Font, FontArc, FontVec, Glyph, Outline, OutlineCurve, OutlinedGlyph, PxScale, PxScaleFactor,
    Rect, point,
};

use super::canvas::{Canvas, Ink, Point};

const ROOT: &str = "/usr/share/fonts";

/// Handwriting: file under the root, Debian package.
const HANDS: [(&str, &str); 6] = [
    ("truetype/klee/KleeOne-Regular.ttf", "fonts-klee"),
    ("truetype/yusei-magic/YuseiMagic-Regular.ttf", "fonts-yusei-magic"),
    ("truetype/kiloji/kiloji.ttf", "fonts-kiloji"),
    ("truetype/seto/setofont.ttf", "fonts-seto"),
    ("truetype/yozvox-yozfont/YOzRS_.ttf", "fonts-yozvox-yozfont-standard-kana"),
    ("truetype/kiloji/kiloji_p.ttf", "fonts-kiloji"),
];

/// Print: for stamps, cover sheets and adverts.
const PRINT: [(&str, &str); 3] = [
    ("opentype/ipaexfont-gothic/ipaexg.ttf", "fonts-ipaexfont-gothic"),
    ("opentype/ipafont-gothic/ipag.ttf", "fonts-ipafont-gothic"),
    ("truetype/vlgothic/VL-Gothic-Regular.ttf", "fonts-vlgothic"),
];

/// Why nothing can be written.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    #[error("none of the {kind} fonts is under {ROOT}: install one of the packages {packages}")]
    Missing { kind: &'static str, packages: String },
    #[error("{path}: is no font that can be read")]
    Broken { path: PathBuf },
}

/// The fonts found. Which they are changes the pages, not the answers.
#[derive(Clone, Debug)]
pub struct Fonts {
    pub hands: Vec<FontArc>,
    pub print: FontArc,
}

impl Fonts {
    /// Loads what is installed.
    ///
    /// # Errors
    /// If there is none of a kind, naming the packages; if one cannot be read.
    pub fn load() -> Result<Self, FontError> {
        let mut print = load_all(&PRINT[..], "printing")?;
        Ok(Self { hands: load_all(&HANDS[..], "handwriting")?, print: print.swap_remove(0) })
    }
}

fn load_all(list: &[(&str, &str)], kind: &'static str) -> Result<Vec<FontArc>, FontError> {
    let mut found = Vec::new();
    for (file, _) in list {
        let path = Path::new(ROOT).join(file);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let font = FontVec::try_from_vec(bytes).map_err(|_| FontError::Broken { path })?;
        found.push(FontArc::new(font));
    }
    if found.is_empty() {
        let mut packages: Vec<_> = list.iter().map(|(_, p)| *p).collect();
        packages.dedup();
        return Err(FontError::Missing { kind, packages: packages.join(", ") });
    }
    Ok(found)
}

/// How one character differs from the font's.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Height of the em square, mm.
    pub size: f32,
    /// Width against the font's.
    pub wide: f32,
    /// Radians by which it leans to the right.
    pub lean: f32,
    /// Radians by which it is turned clockwise.
    pub turn: f32,
}

impl Shape {
    pub const fn upright(size: f32) -> Self {
        Self { size, wide: 1.0, lean: 0.0, turn: 0.0 }
    }
}

/// Width of a character, mm.
pub fn advance(font: &FontArc, c: char, size: f32) -> f32 {
    let em = font.units_per_em().unwrap_or(1000.0);
    font.h_advance_unscaled(font.glyph_id(c)) * size / em
}

/// Draws a character with its baseline's left end at a point of the form. Characters that the font
/// lacks are left out, as `has` tells beforehand.
pub fn draw(canvas: &mut Canvas, font: &FontArc, c: char, at: Point, shape: Shape, ink: Ink) {
    let id = font.glyph_id(c);
    let (Some(outline), Some(em)) = (font.outline(id), font.units_per_em()) else { return };
    let outline = bent(outline, shape);
    let k = shape.size * canvas.scale() / em;
    let [x, y] = canvas.px(at);
    let glyph = Glyph { id, scale: PxScale::from(k * em), position: point(x, y) };
    let drawn = OutlinedGlyph::new(glyph, outline, PxScaleFactor { horizontal: k, vertical: k });
    let min = drawn.px_bounds().min;
    drawn.draw(|dx, dy, coverage| {
        let (px, py) = (min.x as i64 + i64::from(dx), min.y as i64 + i64::from(dy));
        if let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py)) {
            canvas.darken(px, py, coverage, ink);
        }
    });
}

/// Whether the font can write it.
pub fn has(font: &FontArc, c: char) -> bool {
    font.glyph_id(c).0 != 0
}

/// The outline leaned, stretched and turned about the baseline's left end; bounds by control points.
fn bent(mut outline: Outline, shape: Shape) -> Outline {
    let (s, c) = shape.turn.sin_cos();
    let lean = shape.lean.tan();
    let (mut min, mut max) = (point(f32::MAX, f32::MAX), point(f32::MIN, f32::MIN));
    let mut bend = |p: &mut ab_glyph::Point| {
        let x = p.x * shape.wide + lean * p.y;
        *p = point(c * x + s * p.y, c * p.y - s * x);
        min = point(min.x.min(p.x), min.y.min(p.y));
        max = point(max.x.max(p.x), max.y.max(p.y));
    };
    for curve in &mut outline.curves {
        match curve {
            OutlineCurve::Line(a, b) => [a, b].into_iter().for_each(&mut bend),
            OutlineCurve::Quad(a, b, c) => [a, b, c].into_iter().for_each(&mut bend),
            OutlineCurve::Cubic(a, b, c, d) => [a, b, c, d].into_iter().for_each(&mut bend),
        }
    }
    // The font's y points up: its bounds' `min.y` is the top.
    outline.bounds = Rect { min: point(min.x, max.y), max: point(max.x, min.y) };
    if outline.curves.is_empty() {
        outline.bounds = Rect { min: point(0.0, 0.0), max: point(0.0, 0.0) };
    }
    outline
}
