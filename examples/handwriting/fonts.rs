//! Sentences by fonts that Debian ships: as print, and as handwriting in which no character is like the
//! next one.

use std::error::Error;
use std::path::Path;

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use faxtally::raster::Bitmap;
use image::{GrayImage, Luma};
use imageproc::geometric_transformations::{Border, Interpolation, rotate_about_center};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;

use super::draw::{SCALE, normal, scanned};

pub const PRINT: [&str; 2] =
    ["opentype/ipaexfont-gothic/ipaexg.ttf", "truetype/vlgothic/VL-Gothic-Regular.ttf"];
pub const HANDS: [&str; 5] = [
    "truetype/klee/KleeOne-Regular.ttf",
    "truetype/yusei-magic/YuseiMagic-Regular.ttf",
    "truetype/kiloji/kiloji.ttf",
    "truetype/seto/setofont.ttf",
    "truetype/yozvox-yozfont/YOzRS_.ttf",
];
/// Grey levels at which scanners cut, of black ink on white paper.
const LEVELS: std::ops::Range<f32> = 110.0..170.0;

/// Those of the fonts that are installed.
pub fn load(files: &[&str]) -> Result<Vec<FontVec>, Box<dyn Error>> {
    let found = files.iter().filter_map(|f| {
        let bytes = std::fs::read(Path::new("/usr/share/fonts").join(f)).ok()?;
        FontVec::try_from_vec(bytes).ok()
    });
    let found: Vec<FontVec> = found.collect();
    if found.is_empty() { Err(format!("none of {files:?} is installed").into()) } else { Ok(found) }
}

/// Print of 8 to 13 points.
pub fn printed(fonts: &[FontVec], text: &str, coarse: bool, rng: &mut Pcg64Mcg) -> Bitmap {
    let size = rng.random_range(26.0..40.0f32);
    line(fonts, text, size, 0.0, coarse, rng)
}

/// Characters of 4 to 6.5 mm, each turned, shifted and spaced on its own.
pub fn written(fonts: &[FontVec], text: &str, coarse: bool, rng: &mut Pcg64Mcg) -> Bitmap {
    let size = rng.random_range(34.0..52.0f32);
    line(fonts, text, size, 1.0, coarse, rng)
}

fn line(
    fonts: &[FontVec],
    text: &str,
    size: f32,
    untidy: f32,
    coarse: bool,
    rng: &mut Pcg64Mcg,
) -> Bitmap {
    let font = fonts.choose(rng).expect("there are fonts");
    let em = size * SCALE;
    let count = text.chars().count() as f32;
    let paper = ((count + 2.0) * em * 1.2, em * 2.2);
    let mut paper = GrayImage::from_pixel(paper.0 as u32, paper.1 as u32, Luma([255]));
    let mut x = em / 2.0;
    for c in text.chars() {
        let drawn = glyph(font, c, em);
        let turned = rotate_about_center(
            &drawn,
            normal(rng, 0.052) * untidy,
            Interpolation::Bilinear,
            Border::Constant(Luma([0])),
        );
        let y = em * 0.4 + normal(rng, 0.04) * untidy * em;
        blacken(&mut paper, &turned, (x - em / 2.0) as i64, (y - em / 2.0) as i64);
        let wide = font.as_scaled(PxScale::from(em)).h_advance(font.glyph_id(c));
        x += wide * (1.0 + untidy * rng.random_range(-0.08..0.08f32));
    }
    scanned(&paper, LEVELS, coarse, rng)
}

/// One character, white on black, with half an em around it.
fn glyph(font: &FontVec, c: char, em: f32) -> GrayImage {
    let mut out = GrayImage::new((2.0 * em) as u32, (2.0 * em) as u32);
    let scale = PxScale::from(em);
    let base = em / 2.0 + font.as_scaled(scale).ascent();
    let at = ab_glyph::point(em / 2.0, base);
    let Some(shape) = font.outline_glyph(font.glyph_id(c).with_scale_and_position(scale, at))
    else {
        return out;
    };
    let corner = shape.px_bounds().min;
    shape.draw(|dx, dy, share| {
        let (x, y) = (corner.x as i64 + i64::from(dx), corner.y as i64 + i64::from(dy));
        let on = x >= 0 && y >= 0 && x < out.width().into() && y < out.height().into();
        if on {
            out.put_pixel(x as u32, y as u32, Luma([(share * 255.0) as u8]));
        }
    });
    out
}

fn blacken(paper: &mut GrayImage, ink: &GrayImage, x: i64, y: i64) {
    for (dx, dy, p) in ink.enumerate_pixels() {
        let (px, py) = (x + i64::from(dx), y + i64::from(dy));
        let on = px >= 0 && py >= 0 && px < paper.width().into() && py < paper.height().into();
        if on && p.0[0] > 0 {
            let there = paper.get_pixel_mut(px as u32, py as u32);
            there.0[0] = there.0[0].min(255 - p.0[0]);
        }
    }
}
