//! Ink on paper, finer than a scanner sees it, and the scanner.

use faxtally::raster::Bitmap;
use image::imageops::{FilterType, resize};
use image::{GrayImage, Luma};
use imageproc::filter::gaussian_blur_f32;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// Paper pixels a scanner's pixel, each way.
pub const SCALE: f32 = 3.0;

pub type Point = (f32, f32);

/// A line of a round pen; lengths in the scanner's pixels.
pub fn line(paper: &mut GrayImage, way: &[Point], width: f32) {
    let r = (width * SCALE / 2.0).max(0.6);
    for pair in way.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let steps = ((x1 - x0).hypot(y1 - y0) * SCALE).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            dot(paper, ((x0 + t * (x1 - x0)) * SCALE, (y0 + t * (y1 - y0)) * SCALE), r);
        }
    }
}

fn dot(paper: &mut GrayImage, (x, y): Point, r: f32) {
    let reach = r.ceil() as i64;
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let (px, py) = (x as i64 + dx, y as i64 + dy);
            let inside = (px as f32 - x).hypot(py as f32 - y) <= r;
            let on = px >= 0 && py >= 0 && px < paper.width().into() && py < paper.height().into();
            if inside && on {
                paper.put_pixel(px as u32, py as u32, Luma([0]));
            }
        }
    }
}

/// Standard normal (Box and Muller 1958).
pub fn normal(rng: &mut Pcg64Mcg, deviation: f32) -> f32 {
    let (u, v): (f32, f32) = (rng.random_range(1e-6..1.0), rng.random());
    deviation * (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
}

/// Paper as a scanner of 204 x 196 dots an inch sees it: blurred, noisy, cut at a grey level from
/// `levels` (a low one loses thin lines); `coarse`: every second row is the one above.
pub fn scanned(
    paper: &GrayImage,
    levels: std::ops::Range<f32>,
    coarse: bool,
    rng: &mut Pcg64Mcg,
) -> Bitmap {
    let side = |v: u32| (v as f32 / SCALE) as u32;
    let small = resize(paper, side(paper.width()), side(paper.height()), FilterType::Triangle);
    let soft = gaussian_blur_f32(&small, rng.random_range(0.4..0.9));
    let mut dirt = GrayImage::from_pixel(soft.width(), soft.height(), Luma([128]));
    for p in dirt.pixels_mut() {
        p.0[0] = (128.0 + normal(rng, 60.0)).clamp(0.0, 255.0) as u8;
    }
    let dirt = gaussian_blur_f32(&dirt, 0.7);
    let level = rng.random_range(levels);
    let (w, h) = (soft.width() as usize, soft.height() as usize);
    let mut out = Bitmap::new(w, h);
    for y in 0..h {
        let row = if coarse { y / 2 * 2 } else { y };
        for x in 0..w {
            let at = |g: &GrayImage| f32::from(g.get_pixel(x as u32, row as u32).0[0]);
            out.set(x, y, at(&soft) + at(&dirt) - 128.0 < level);
        }
    }
    out
}
