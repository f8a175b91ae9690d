//! PDF: a page that is one scanned image gives that image, pixel for pixel; anything else is drawn
//! (feature `pdf`) on the fine fax grid.

#[cfg(feature = "pdf")]
mod render;
mod scan;

use std::sync::Arc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Dict, Name, Number, Stream};
use hayro_syntax::page::{Page, Rotation};
use hayro_syntax::{LoadPdfError, Pdf};

use super::error::DecodeError;
use super::orient::Orient;
use super::tiff::sane_resolution;
use super::{FaxPage, Limits};

/// Opens the file and finds its pages.
pub(super) fn open(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Pdf, DecodeError> {
    let pdf = Pdf::new(Arc::new(Arc::clone(bytes))).map_err(|e| match e {
        LoadPdfError::Decryption(_) => DecodeError::unsupported("an encrypted PDF"),
        LoadPdfError::Invalid => DecodeError::damaged("a PDF without readable pages"),
    })?;
    if pdf.pages().len() > limits.pages as usize {
        return Err(DecodeError::TooManyPages { limit: limits.pages });
    }
    Ok(pdf)
}

/// Why pages are probably missing: the file's end is, or its page tree promises more.
pub(super) fn incomplete(pdf: &Pdf) -> Option<DecodeError> {
    // Viewers look for the end mark in the last 1,024 bytes (PDF Reference 1.7, appendix H, note 18).
    const TAIL: usize = 1024;
    let bytes: &[u8] = pdf.data().as_ref();
    let have = bytes.len() as u64;
    if !bytes[bytes.len().saturating_sub(TAIL)..].windows(5).any(|w| w == b"%%EOF") {
        return Some(DecodeError::Truncated { needed: have + 1, have });
    }
    let catalog: Dict = pdf.xref().get(pdf.xref().root_id())?;
    let promised = catalog.get::<Dict>("Pages")?.get::<u32>("Count")?;
    let found = pdf.pages().len();
    let what = format!("{promised} pages promised, {found} found");
    (promised as usize > found).then_some(DecodeError::Damaged { what })
}

/// Decodes page `index`.
pub(super) fn page(pdf: &Pdf, index: usize, limits: &Limits) -> Result<FaxPage, DecodeError> {
    let page = pdf.pages().get(index).ok_or_else(|| DecodeError::damaged("no such page"))?;
    if let Some(placed) = only_image(page)
        && let Some(orient) = placed.orient(page)
        && let Some(raster) = scan::decode(&placed.image, placed.coloured, limits)?
    {
        let (w, h) = (raster.bitmap.width() as f32, raster.rows_meant as f32);
        let resolution = sane_resolution(w / placed.inches().0, h / placed.inches().1);
        let flat = FaxPage { bitmap: raster.bitmap, resolution, damage: raster.damage };
        return Ok(orient.apply(flat));
    }
    drawn(page, limits)
}

#[cfg(feature = "pdf")]
fn drawn(page: &Page, limits: &Limits) -> Result<FaxPage, DecodeError> {
    render::page(page, limits)
}

#[cfg(not(feature = "pdf"))]
fn drawn(_: &Page, _: &Limits) -> Result<FaxPage, DecodeError> {
    Err(DecodeError::unsupported("a PDF page that is not one scanned image (built without `pdf`)"))
}

const POINTS_PER_INCH: f32 = 72.0;

/// The linear part of a PDF matrix, `[a b c d]` of ISO 32000-1 8.3.3.
type Linear = [f64; 4];

/// The only thing that a page shows, and the unit square's image in points.
struct Placed<'a> {
    image: Stream<'a>,
    matrix: Linear,
    /// The fill colour was set before: an image mask may be painted in something other than black.
    coloured: bool,
}

impl Placed<'_> {
    fn inches(&self) -> (f32, f32) {
        let [a, b, c, d] = self.matrix;
        let inch = |x: f64, y: f64| x.hypot(y) as f32 / POINTS_PER_INCH;
        (inch(a, b), inch(c, d))
    }

    /// How the stored image must be turned to stand as the page shows it; `None` when it stands askew
    /// or covers less than half of the page, so that it is not the page.
    fn orient(&self, page: &Page) -> Option<Orient> {
        let [a, b, c, d] = self.matrix;
        let (w, h) = page.base_dimensions();
        if (a * d - b * c).abs() < 0.5 * f64::from(w) * f64::from(h) {
            return None;
        }
        let upright = a.abs() > b.abs();
        let (major, minor) = if upright {
            (a.abs().min(d.abs()), b.abs().max(c.abs()))
        } else {
            (b.abs().min(c.abs()), a.abs().max(d.abs()))
        };
        // A hundredth is 0.6 degrees; the registration takes up to 5.
        if minor > 0.01 * major {
            return None;
        }
        // Columns run along (a, b), rows along (-c, -d), with y upwards.
        let own = if upright {
            Orient { transpose: false, flip_x: a < 0.0, flip_y: d < 0.0 }
        } else {
            Orient { transpose: true, flip_x: c > 0.0, flip_y: b > 0.0 }
        };
        let turn = match page.rotation() {
            Rotation::None => 0,
            Rotation::Horizontal => 1,
            Rotation::Flipped => 2,
            Rotation::FlippedHorizontal => 3,
        };
        Some(own.then(Orient::quarters(turn)))
    }
}

/// What of the graphics state decides how an image lies and whether text is seen.
#[derive(Clone, Copy)]
struct State {
    matrix: Linear,
    /// Text rendering mode 3, the recognised text behind a scan.
    text_hidden: bool,
    coloured: bool,
}

/// The deepest nesting of `q` that ISO 32000-1 annex C asks readers to take is 28.
const MOST_SAVED: usize = 1000;

/// The image of a page that paints one image and nothing else.
fn only_image<'a>(page: &Page<'a>) -> Option<Placed<'a>> {
    let mut state = State { matrix: [1.0, 0.0, 0.0, 1.0], text_hidden: false, coloured: false };
    let mut saved = Vec::new();
    let mut found = None;
    let mut ops: TypedIter = page.typed_operations();
    while let Some(op) = ops.next() {
        match op {
            Op::SaveState(_) if saved.len() < MOST_SAVED => saved.push(state),
            Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
            Op::Transform(m) => state.matrix = concat([&m.0, &m.1, &m.2, &m.3], state.matrix),
            Op::TextRenderingMode(mode) => state.text_hidden = mode.0.as_i64() == 3,
            Op::XObject(name) => {
                let image = page.resources().get_x_object(name.0)?;
                let is_image = image.dict().get::<Name>("Subtype").is_some_and(|s| &*s == b"Image");
                if found.is_some() || !is_image {
                    return None;
                }
                let State { matrix, coloured, .. } = state;
                found = Some(Placed { image, matrix, coloured });
            }
            op if sets_colour(&op) => state.coloured = true,
            op if shows_text(&op) && !state.text_hidden => return None,
            op if paints(&op) => return None,
            _ => {}
        }
    }
    found
}

/// `m` before `ctm`: ISO 32000-1 8.3.4, row vectors.
fn concat(m: [&Number; 4], ctm: Linear) -> Linear {
    let [a, b, c, d] = m.map(Number::as_f64);
    [
        a * ctm[0] + b * ctm[2],
        a * ctm[1] + b * ctm[3],
        c * ctm[0] + d * ctm[2],
        c * ctm[1] + d * ctm[3],
    ]
}

fn sets_colour(op: &Op) -> bool {
    matches!(
        op,
        Op::ColorSpaceNonStroke(_)
            | Op::NonStrokeColor(_)
            | Op::NonStrokeColorNamed(_)
            | Op::NonStrokeColorDeviceGray(_)
            | Op::NonStrokeColorDeviceRgb(_)
            | Op::NonStrokeColorCmyk(_)
    )
}

fn shows_text(op: &Op) -> bool {
    matches!(
        op,
        Op::ShowText(_)
            | Op::ShowTexts(_)
            | Op::NextLineAndShowText(_)
            | Op::ShowTextWithParameters(_)
    )
}

fn paints(op: &Op) -> bool {
    matches!(
        op,
        Op::StrokePath(_)
            | Op::CloseAndStrokePath(_)
            | Op::FillPathNonZero(_)
            | Op::FillPathNonZeroCompatibility(_)
            | Op::FillPathEvenOdd(_)
            | Op::FillAndStrokeNonZero(_)
            | Op::FillAndStrokeEvenOdd(_)
            | Op::CloseFillAndStrokeNonZero(_)
            | Op::CloseFillAndStrokeEvenOdd(_)
            | Op::Shading(_)
            | Op::InlineImage(_)
    )
}
