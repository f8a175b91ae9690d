//! Pictures for the eye: a field cut out of the page, level and upright; the whole page; the sender's line
//! covered. Where a millimetre of the form lies on the page is known from its boxes, which were each found.

mod grey;

use image::{GrayImage, Luma};

pub use grey::png;

use crate::decode::FaxPage;
use crate::form::{Form, Question};
use crate::raster::Bitmap;
use crate::reading::PageReading;
use crate::register::{Affine, Match};
use crate::units::{Mm, Rect};

/// Pixels a millimetre of a cut-out: a fine fax has 8.03 by 7.7.
const CROP_SCALE: f32 = 8.0;
/// Of a whole page: 1,260 x 1,782 for A4, enough to read 7-point print.
const PAGE_SCALE: f32 = 6.0;
/// Boxes within this many millimetres above and below say where a field is: slips act by scan line.
const NEAR: f32 = 18.0;
/// Around a box and its label: marks beside a box and rings around labels reach 5 mm (samples).
const MARGIN: (f32, f32) = (6.0, 4.0);
/// The sender's line is 16 rows at 3.85 a millimetre, within the first 6 mm (design.md, section 2).
const BANNER: f32 = 6.0;
/// Sides of a picture in pixels: what every browser draws; a roll is shown smaller.
const LARGEST: f32 = 4096.0;
/// Dots an inch of what is cut out of written fields (`store::Cropped`): a fine fax's.
const FINE: (f32, f32) = (204.0, 196.0);
/// Rows fewer than this share of columns: 98 lines an inch, each drawn twice.
const FLAT: f32 = 0.75;

/// What covered rows are drawn in: greys that neither ink nor paper is.
const HATCH: (u8, u8) = (153, 221);

/// Where the form's millimetres lie on the page as decoded.
pub struct Frame {
    found: Vec<Match>,
}

impl Frame {
    /// `None` where the form was not found on the page.
    pub fn new(reading: &PageReading, form: &Form) -> Option<Self> {
        let found: Vec<Match> = reading
            .boxes
            .iter()
            .filter_map(|b| {
                let option =
                    form.question(&b.question)?.options.iter().find(|o| o.id == b.option)?;
                let (x, y) = option.place.centre();
                let p = b.place;
                let to = (p.x.0 + p.w.0 / 2.0, p.y.0 + p.h.0 / 2.0);
                Some(Match { from: (x.0, y.0), to, weight: 1.0 })
            })
            .collect();
        let frame = Self { found };
        frame.around(0.0).map(|_| frame)
    }

    /// The map for what lies `y` millimetres down the form.
    fn around(&self, y: f32) -> Option<Affine> {
        let weigh = |m: &Match| {
            let far = (m.from.1 - y) / NEAR;
            // Far boxes still hold the map level where few are near.
            Match { weight: 1.0 / (1.0 + far.powi(4)) + 0.02, ..*m }
        };
        Affine::fit(&self.found.iter().map(weigh).collect::<Vec<_>>())
    }
}

/// The part of the form that shows a question, or one option of it.
pub fn region(question: &Question, option: Option<&str>) -> Rect<Mm> {
    let mut parts: Vec<Rect<Mm>> = question.place.into_iter().collect();
    for o in question.options.iter().filter(|o| option.is_none_or(|id| o.id == id)) {
        parts.push(o.place);
        parts.extend(o.label_box);
    }
    let low = |f: fn(&Rect<Mm>) -> f32| parts.iter().map(f).fold(f32::INFINITY, f32::min);
    let high = |f: fn(&Rect<Mm>) -> f32| parts.iter().map(f).fold(0.0, f32::max);
    let (x, y) = (low(|r| r.x.0) - MARGIN.0, low(|r| r.y.0) - MARGIN.1);
    let (right, bottom) = (high(|r| r.x.0 + r.w.0), high(|r| r.y.0 + r.h.0));
    Rect::new(x, y, right + MARGIN.0 - x, bottom + MARGIN.1 - y)
}

/// A part of the form as it is on the page, level and upright; `None` where that is not known.
pub fn crop(page: &FaxPage, frame: &Frame, rect: Rect<Mm>, mask: Mask) -> Option<GrayImage> {
    let map = frame.around(rect.y.0 + rect.h.0 / 2.0)?;
    Some(draw(page, &map, rect, CROP_SCALE, mask))
}

/// The form's print in grey, and over it in black what was cut out of a page; `origin` is the form's pixel
/// under the left top corner of `ink`.
pub fn over_blank(form: &Form, rect: Rect<Mm>, ink: &Bitmap, origin: (i32, i32)) -> GrayImage {
    let (paper, print, pen) = (255, 187, 0);
    let at = |bitmap: &Bitmap, x: f32, y: f32| {
        let inside =
            x >= 0.0 && y >= 0.0 && (x as usize) < bitmap.width() && (y as usize) < bitmap.height();
        inside && bitmap.get(x as usize, y as usize)
    };
    let size = |mm: f32| ((mm * CROP_SCALE).round() as u32).clamp(1, LARGEST as u32);
    GrayImage::from_fn(size(rect.w.0), size(rect.h.0), |x, y| {
        let (mm_x, mm_y) =
            (rect.x.0 + (x as f32 + 0.5) / CROP_SCALE, rect.y.0 + (y as f32 + 0.5) / CROP_SCALE);
        let dots = |mm: f32, per_inch: f32| mm * per_inch / 25.4;
        let pen_at = (dots(mm_x, FINE.0) - origin.0 as f32, dots(mm_y, FINE.1) - origin.1 as f32);
        let r = form.blank_resolution;
        if at(ink, pen_at.0, pen_at.1) {
            Luma([pen])
        } else if at(&form.blank, dots(mm_x, r.x), dots(mm_y, r.y)) {
            Luma([print])
        } else {
            Luma([paper])
        }
    })
}

/// The whole sheet, level and upright.
pub fn sheet(page: &FaxPage, frame: &Frame, form: &Form, mask: Mask) -> Option<GrayImage> {
    let map = frame.around(form.page_size().1.0 / 2.0)?;
    let (w, h) = form.page_size();
    Some(draw(page, &map, Rect { x: Mm(0.0), y: Mm(0.0), w, h }, PAGE_SCALE, mask))
}

/// The page as it arrived, at most so many pixels wide.
pub fn received(page: &FaxPage, mask: Mask) -> GrayImage {
    let rows = rows_per_line(page);
    let (w, h) = (page.bitmap.width() as f32, page.bitmap.height() as f32 * rows);
    let scale = (210.0 * PAGE_SCALE / w).min(LARGEST / h).min(1.0);
    let map = Affine { a: 1.0, b: 0.0, c: 0.0, d: 0.0, e: 1.0 / rows, f: 0.0 };
    draw(page, &map, Rect::new(0.0, 0.0, w, h), scale, mask)
}

fn rows_per_line(page: &FaxPage) -> f32 {
    let flat = match page.resolution {
        Some(r) => r.y / r.x.max(1.0) < FLAT,
        None => (page.bitmap.height() as f32) < page.bitmap.width() as f32 * FLAT,
    };
    if flat { 2.0 } else { 1.0 }
}

/// Whether the sender's line is covered, and how far down it may reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mask {
    rows: f32,
}

impl Mask {
    pub const NONE: Self = Self { rows: 0.0 };

    /// Covers the page's first millimetres, but never a field of the form.
    pub fn banner(page: &FaxPage, frame: Option<&Frame>) -> Self {
        let width = page.bitmap.width() as f32;
        let lines = match page.resolution {
            Some(r) => r.y,
            None => width / 8.27 / rows_per_line(page),
        };
        let first = frame.map_or(f32::INFINITY, |f| {
            f.found.iter().map(|m| m.to.1).fold(f32::INFINITY, f32::min)
        });
        Self { rows: (BANNER * lines / 25.4).min((first - BANNER * lines / 25.4).max(0.0)) }
    }
}

/// Grey by the four pixels around every point; covered rows are hatched, so that nobody takes them for
/// paper.
fn draw(page: &FaxPage, map: &Affine, rect: Rect<Mm>, scale: f32, mask: Mask) -> GrayImage {
    let size = |mm: f32| ((mm * scale).round() as u32).clamp(1, LARGEST as u32);
    let Affine { a, b, d, e, .. } = *map;
    let (c, f) = map.apply(rect.x.0, rect.y.0);
    // From the picture's pixels.
    let map = Affine { a: a / scale, b: b / scale, c, d: d / scale, e: e / scale, f };
    let mut out = grey::draw(&page.bitmap, (size(rect.w.0), size(rect.h.0)), &map);
    let down = |x: u32, y: u32| map.apply(x as f32 + 0.5, y as f32 + 0.5).1;
    let width = out.width();
    for (y, row) in out.enumerate_rows_mut() {
        if down(0, y).min(down(width, y)) >= mask.rows {
            continue;
        }
        for (x, _, pixel) in row {
            if (0.0..mask.rows).contains(&down(x, y)) {
                *pixel = Luma([if (x + y) % 8 < 2 { HATCH.0 } else { HATCH.1 }]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Damage;
    use crate::units::Resolution;

    /// A page of black rows, so that whatever is not covered shows.
    fn black() -> FaxPage {
        let mut bitmap = Bitmap::new(1728, 2200);
        (0..2200).for_each(|y| (0..1728).for_each(|x| bitmap.set(x, y, true)));
        let resolution = Some(Resolution { x: 204.0, y: 196.0 });
        FaxPage { bitmap, resolution, damage: Damage::default() }
    }

    #[test]
    fn the_senders_line_is_covered_unless_asked_for() {
        let page = black();
        let scale = 210.0 * PAGE_SCALE / 1728.0;
        let rows = |mask| {
            let drawn = received(&page, mask);
            let row = |mm: f32| drawn.get_pixel(600, (mm * 196.0 / 25.4 * scale) as u32).0[0];
            (row(1.0), row(5.5), row(7.0))
        };
        assert_eq!(rows(Mask::NONE), (0, 0, 0));
        let (top, last, below) = rows(Mask::banner(&page, None));
        assert!(top >= 150 && last >= 150, "{top} {last}");
        assert_eq!(below, 0, "nothing but the sender's line");
    }
}
