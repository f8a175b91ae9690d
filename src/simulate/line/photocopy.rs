//! The blank form's own way to the respondent: faxed once, printed by the machine that received it,
//! and only then filled in.

use super::condition::Condition;
use super::feed::{Affine, per_mm};
use super::sample::{Line, Picture, UNIT, WHITE};
use super::{Sheet, transmit};
use crate::raster::Bitmap;
use crate::units::{Px, Resolution};
use image::GrayImage;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// Toner as a scanner sees it.
const TONER: u8 = 25;

/// The blank after one mild fax at 204x196 and one print, on paper as large as before and at the
/// same resolution; and where each point of the blank now lies, in millimetres (to within 0.1).
pub fn photocopy_pass(blank: &Sheet, rng: &mut Pcg64Mcg) -> (Sheet, Affine) {
    let condition = Condition::mild(rng);
    let (bitmap, trace, _) = transmit(blank, &condition, rng);
    let printed = print_placement(blank, &bitmap, rng);
    let grey = print(blank, &bitmap, &printed, rng);
    let moved = trace.feed.even().inverse().then(&printed);
    (Sheet { grey, resolution: blank.resolution }, moved)
}

/// Line millimetres to paper millimetres: the printer's own small errors.
fn print_placement(blank: &Sheet, page: &Bitmap, rng: &mut Pcg64Mcg) -> Affine {
    let (w, h) = (f64::from(blank.width().0), f64::from(blank.height().0));
    let line = f64::from(Resolution::FINE.x_mm(Px(page.width() as f32)).0);
    let feed = f64::from(Resolution::FINE.y_mm(Px(page.height() as f32)).0);
    // A laser printer's register: half a percent, a millimetre, a fifth of a degree (assumed).
    let mut small = |limit: f64| rng.random_range(-limit..=limit);
    let stretch = (1.0 + small(0.005), 1.0 + small(0.005));
    let to = (w / 2.0 + small(1.0), h / 2.0 + small(1.0));
    Affine::about((line / 2.0, feed / 2.0), stretch, small(0.2), to)
}

fn print(blank: &Sheet, page: &Bitmap, placed: &Affine, rng: &mut Pcg64Mcg) -> GrayImage {
    // Toner spreads by a share of a dot; the soft dots are cut again by the next scanner.
    let dots = soften(page, rng.random_range(0.1..=0.22));
    let dots = Picture::new(&dots, WHITE);
    let back = placed.inverse();
    let (kx, ky) = per_mm(blank.resolution);
    let (dots_x, dots_y) = per_mm(Resolution::FINE);
    let mut sheet = GrayImage::new(blank.grey.width(), blank.grey.height());
    let columns = blank.grey.width() as usize;
    let mut levels = vec![0; columns];
    for (y, row) in sheet.chunks_mut(columns.max(1)).enumerate() {
        let (u, v) = back.apply(0.5 / kx, (y as f64 + 0.5) / ky);
        let step = (back.a / kx * dots_x, back.d / kx * dots_y);
        dots_line(&dots, Line::new((u * dots_x, v * dots_y), step), &mut levels, row);
    }
    sheet
}

fn dots_line(dots: &Picture<'_>, line: Line, levels: &mut [i16], row: &mut [u8]) {
    dots.read(line, levels);
    for (out, level) in row.iter_mut().zip(levels) {
        *out = (*level / UNIT) as u8;
    }
}

/// Each dot's ink reaches its four neighbours by `gain`.
fn soften(page: &Bitmap, gain: f32) -> GrayImage {
    let mut out = GrayImage::from_pixel(page.width() as u32, page.height() as u32, [255].into());
    let spread = (f32::from(255 - TONER) * gain) as u8;
    let (w, h) = (page.width() as i64, page.height() as i64);
    for (y, x) in black_pixels(page) {
        for (dy, dx) in [(0, 1), (0, -1), (1, 0), (-1, 0)] {
            let (y, x) = (y + dy, x + dx);
            if (0..h).contains(&y) && (0..w).contains(&x) {
                let level = &mut out.get_pixel_mut(x as u32, y as u32).0[0];
                *level = level.saturating_sub(spread);
            }
        }
    }
    for (y, x) in black_pixels(page) {
        out.get_pixel_mut(x as u32, y as u32).0[0] = TONER;
    }
    out
}

fn black_pixels(page: &Bitmap) -> impl Iterator<Item = (i64, i64)> + '_ {
    let words =
        (0..page.height()).flat_map(|y| page.row(y).iter().enumerate().map(move |w| (y, w)));
    words.filter(|(_, (_, word))| **word != 0).flat_map(|(y, (i, word))| {
        let bits = (0..64).filter(move |bit| word >> (63 - bit) & 1 == 1);
        bits.map(move |bit| (y as i64, i as i64 * 64 + bit))
    })
}
