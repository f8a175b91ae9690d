//! A page's bits as grey pixels, in sixteen shades: a sheet of 1,260 x 1,782 in six milliseconds, so that the
//! browser beside the server keeps the processor.

use image::GrayImage;

use crate::raster::Bitmap;
use crate::register::Affine;

/// Bits behind the point of a place on the page: 2^31 pixels fit before it, and the sum of 4,096 steps is
/// exact to a millionth.
const FINE: u32 = 32;
/// Places between two pixels that are told apart are 2 to this: eighths of a pixel, an eighth of a shade's
/// worth at most.
const STEPS: u32 = 3;
const PLACES: usize = 1 << STEPS;

/// Grey by the four bits around a point and the point's place among them.
pub struct Shades {
    table: Vec<u8>,
}

impl Shades {
    pub fn new() -> Self {
        let mut table = Vec::with_capacity(16 * PLACES * PLACES);
        for bits in 0..16u32 {
            for y in 0..PLACES {
                for x in 0..PLACES {
                    let share = |v: usize| (v as f32 + 0.5) / PLACES as f32;
                    let (fx, fy) = (share(x), share(y));
                    let bit = |n: u32| (bits >> n & 1) as f32;
                    let top = bit(3) * (1.0 - fx) + bit(2) * fx;
                    let bottom = bit(1) * (1.0 - fx) + bit(0) * fx;
                    let ink = top * (1.0 - fy) + bottom * fy;
                    // Sixteen shades, as the picture keeps them: 255 / 15 = 17.
                    table.push(255 - (ink * 15.0).round() as u8 * 17);
                }
            }
        }
        Self { table }
    }

    /// One row of a picture: pixel `x` shows the page at `from + x * step`, a pixel's middle being a half.
    pub fn row(&self, page: &Bitmap, from: (f32, f32), step: (f32, f32), out: &mut [u8]) {
        let fixed = |v: f32| (f64::from(v) * f64::from(FINE).exp2()) as i64;
        let (mut u, mut v) = (fixed(from.0 - 0.5), fixed(from.1 - 0.5));
        let (du, dv) = (fixed(step.0), fixed(step.1));
        let part = |at: i64| (at >> (FINE - STEPS)) as usize & (PLACES - 1);
        for pixel in out {
            let (x, y) = (u >> FINE, v >> FINE);
            let bits = pair(page, x, y) << 2 | pair(page, x, y + 1);
            // Nearly all of a page is paper.
            *pixel = match bits {
                0 => 255,
                bits => self.table[(bits * PLACES + part(v)) * PLACES + part(u)],
            };
            u += du;
            v += dv;
        }
    }
}

/// Two pixels side by side; beyond the page is white.
fn pair(page: &Bitmap, x: i64, y: i64) -> usize {
    if y < 0 || y >= page.height() as i64 || x < -1 || x >= page.width() as i64 {
        return 0;
    }
    let row = page.row(y as usize);
    if x < 0 {
        return (row[0] >> 63) as usize;
    }
    let (word, bit) = (x as usize / 64, x as u32 % 64);
    // The padding right of a row is white.
    let next = if bit == 63 { row.get(word + 1).map_or(0, |w| w >> 63) } else { 0 };
    let both = if bit == 63 { (row[word] & 1) << 1 | next } else { row[word] >> (62 - bit) & 3 };
    both as usize
}

/// The picture of `width` x `height` pixels whose pixel (x, y) shows the page at `place(x, y)`, an affine map.
pub fn draw(page: &Bitmap, (width, height): (u32, u32), place: &Affine) -> GrayImage {
    let shades = Shades::new();
    let mut out = GrayImage::new(width, height);
    let step = (place.a, place.d);
    for (row, y) in out.chunks_mut(width as usize).zip(0u32..) {
        shades.row(page, place.apply(0.5, y as f32 + 0.5), step, row);
    }
    out
}

/// As PNG of sixteen shades, quickly: it travels a few metres and is thrown away. Rows are written as their
/// difference from the one above: paper below paper is nothing.
pub fn png(picture: &GrayImage) -> Vec<u8> {
    let (w, h) = picture.dimensions();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, w, h);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Up);
    let packed: Vec<u8> = picture
        .chunks(w.max(1) as usize)
        .flat_map(|row| row.chunks(2).map(|two| two[0] & 0xf0 | two.get(1).map_or(0, |p| p >> 4)))
        .collect();
    // Writing to memory cannot fail; an empty answer is no picture to a browser.
    let written = encoder.write_header().and_then(|mut w| w.write_image_data(&packed));
    written.map_or_else(|_| Vec::new(), |()| out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every pixel should be, one at a time.
    fn plain(page: &Bitmap, u: f32, v: f32) -> f32 {
        let (u, v) = (u - 0.5, v - 0.5);
        let (x, y) = (u.floor(), v.floor());
        let (fx, fy) = (u - x, v - y);
        let ink = |dx: f32, dy: f32| {
            let (px, py) = (x + dx, y + dy);
            let inside = px >= 0.0 && py >= 0.0;
            f32::from(u8::from(inside && page.get(px as usize, py as usize)))
        };
        let top = ink(0.0, 0.0) * (1.0 - fx) + ink(1.0, 0.0) * fx;
        let bottom = ink(0.0, 1.0) * (1.0 - fx) + ink(1.0, 1.0) * fx;
        255.0 * (1.0 - top * (1.0 - fy) - bottom * fy)
    }

    fn speckled() -> Bitmap {
        let mut page = Bitmap::new(200, 90);
        for y in 0..90 {
            (0..200).filter(|x| (x * 7 + y * 13) % 5 < 2).for_each(|x| page.set(x, y, true));
        }
        page
    }

    #[test]
    fn drawing_by_tables_is_drawing() {
        let page = speckled();
        // Turned a little, larger than the page on every side.
        let map = Affine { a: 0.83, b: 0.04, c: -12.0, d: -0.03, e: 0.91, f: -7.0 };
        let drawn = draw(&page, (290, 140), &map);
        for (x, y, pixel) in drawn.enumerate_pixels() {
            let (u, v) = map.apply(x as f32 + 0.5, y as f32 + 0.5);
            let off = (f32::from(pixel.0[0]) - plain(&page, u, v)).abs();
            // Half a step each way and half a shade.
            assert!(off < 255.0 / 16.0 * 2.0 + 9.0, "{x} {y}: {off}");
        }
    }

    #[test]
    fn a_png_holds_the_sixteen_shades() {
        let page = speckled();
        let map = Affine { a: 0.7, b: 0.0, c: 0.0, d: 0.0, e: 0.7, f: 0.0 };
        let drawn = draw(&page, (251, 120), &map);
        let read = image::load_from_memory(&png(&drawn)).unwrap().to_luma8();
        assert_eq!(read, drawn);
    }
}
