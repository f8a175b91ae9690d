//! The blank form's own way to the respondent: faxed once, printed by the machine that received it,
//! and only then filled in.

use super::condition::Condition;
use super::feed::Affine;
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
    let (w, h) = (page.width() as i64, page.height() as i64);
    let back = placed.inverse();
    let (rx, ry) = (f64::from(blank.resolution.x), f64::from(blank.resolution.y));
    let (kx, ky) = (f64::from(Resolution::FINE.x) / 25.4, f64::from(Resolution::FINE.y) / 25.4);
    let mut sheet = GrayImage::from_pixel(blank.grey.width(), blank.grey.height(), [255].into());
    let columns = blank.grey.width().max(1) as usize;
    for (y, row) in sheet.chunks_mut(columns).enumerate() {
        let (u, v) = back.apply(0.5 * 25.4 / rx, (y as f64 + 0.5) * 25.4 / ry);
        let (mut px, mut py) = ((u * kx * 256.0) as i64 - 128, (v * ky * 256.0) as i64 - 128);
        px <<= 8;
        py <<= 8;
        let dx = (back.a / rx * 25.4 * kx * 65536.0).round() as i64;
        let dy = (back.d / rx * 25.4 * ky * 65536.0).round() as i64;
        for out in row {
            *out = sample(&dots, w, h, px, py);
            px += dx;
            py += dy;
        }
    }
    sheet
}

/// White paper outside the dots.
fn sample(dots: &[u8], w: i64, h: i64, px: i64, py: i64) -> u8 {
    let (x, y) = (px >> 16, py >> 16);
    if x < 0 || y < 0 || x + 1 >= w || y + 1 >= h {
        return 255;
    }
    let (fx, fy) = ((px >> 8 & 255) as u32, (py >> 8 & 255) as u32);
    let at = (y * w + x) as usize;
    let line = |i: usize| u32::from(dots[i]) * (256 - fx) + u32::from(dots[i + 1]) * fx;
    ((line(at) * (256 - fy) + line(at + w as usize) * fy) >> 16) as u8
}

/// Each dot's ink reaches its four neighbours by `gain`.
fn soften(page: &Bitmap, gain: f32) -> Vec<u8> {
    let (w, h) = (page.width(), page.height());
    let grey = page.to_luma().into_raw();
    let depth = f32::from(255 - TONER);
    let spread = (depth * gain) as u8;
    let mut out = vec![255; w * h];
    for y in 0..h {
        for x in 0..w {
            let at = y * w + x;
            if grey[at] == 0 {
                out[at] = TONER;
                continue;
            }
            let black = |dy: i64, dx: i64| {
                let (x, y) = (x as i64 + dx, y as i64 + dy);
                x >= 0 && y >= 0 && page.get(x as usize, y as usize)
            };
            let near = [(0, 1), (0, -1), (1, 0), (-1, 0)].iter().filter(|(y, x)| black(*y, *x));
            out[at] = 255 - spread.saturating_mul(near.count() as u8);
        }
    }
    out
}
