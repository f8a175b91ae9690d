//! A grey picture read along slanted lines, by bilinear interpolation.

use image::GrayImage;

/// Sixteenths of a grey level, so that what follows is `i16` arithmetic.
pub const UNIT: i16 = 16;
pub const WHITE: i16 = 255 * UNIT;
/// Blocks that are remembered as blank: most of a form is, and need not be interpolated.
const BLOCK_W: usize = 32;
const BLOCK_H: usize = 8;
/// Pixels read at a time.
const SPAN: usize = 32;

pub struct Picture<'a> {
    pixels: &'a [u8],
    w: usize,
    h: usize,
    blank: Vec<bool>,
    /// What is seen outside.
    beside: i16,
}

/// A line over a picture in pixels, 16.16 fixed point: its first point and the step to the next.
/// Pixel centres are at whole numbers.
#[derive(Clone, Copy)]
pub struct Line {
    pub x: i64,
    pub y: i64,
    pub dx: i64,
    pub dy: i64,
}

impl Line {
    /// From positions in pixels whose centres are at .5.
    pub fn new(start: (f64, f64), step: (f64, f64)) -> Self {
        let fixed = |v: f64| (v * 65536.0).round() as i64;
        Self {
            x: fixed(start.0) - 32768,
            y: fixed(start.1) - 32768,
            dx: fixed(step.0),
            dy: fixed(step.1),
        }
    }

    fn after(self, n: usize) -> Self {
        Self { x: self.x + self.dx * n as i64, y: self.y + self.dy * n as i64, ..self }
    }
}

impl<'a> Picture<'a> {
    pub fn new(grey: &'a GrayImage, beside: i16) -> Self {
        let (w, h) = (grey.width() as usize, grey.height() as usize);
        let pixels = grey.as_raw().as_slice();
        let mut blank = vec![true; w.div_ceil(BLOCK_W) * h.div_ceil(BLOCK_H)];
        for (y, row) in pixels.chunks(w.max(1)).enumerate() {
            let from = y / BLOCK_H * w.div_ceil(BLOCK_W);
            for (block, part) in blank[from..].iter_mut().zip(row.chunks(BLOCK_W)) {
                *block &= part.iter().fold(255, |all, v| all & v) == 255;
            }
        }
        Self { pixels, w, h, blank, beside }
    }

    pub fn read(&self, line: Line, out: &mut [i16]) {
        for (i, span) in out.chunks_mut(SPAN).enumerate() {
            let line = line.after(i * SPAN);
            if self.is_blank(line, line.after(span.len())) {
                span.fill(WHITE);
            } else {
                self.interpolate(line, span);
            }
        }
    }

    /// Whether nothing but white lies between two points, all of it on the picture.
    fn is_blank(&self, a: Line, b: Line) -> bool {
        let (left, right) = (a.x.min(b.x) >> 16, (a.x.max(b.x) >> 16) + 1);
        let (top, bottom) = (a.y.min(b.y) >> 16, (a.y.max(b.y) >> 16) + 1);
        if left < 0 || top < 0 || right >= self.w as i64 || bottom >= self.h as i64 {
            return false;
        }
        let across = left as usize / BLOCK_W..=right as usize / BLOCK_W;
        let mut down = top as usize / BLOCK_H..=bottom as usize / BLOCK_H;
        down.all(|y| {
            let row = y * self.w.div_ceil(BLOCK_W);
            across.clone().all(|x| self.blank[row + x])
        })
    }

    fn interpolate(&self, line: Line, span: &mut [i16]) {
        let (mut x, mut y) = (line.x, line.y);
        for out in span {
            *out = self.at(x, y).unwrap_or(self.beside);
            x += line.dx;
            y += line.dy;
        }
    }

    fn at(&self, x: i64, y: i64) -> Option<i16> {
        // A negative position becomes a huge one and fails the test against the far edge.
        let (left, top) = ((x >> 16) as usize, (y >> 16) as usize);
        if left >= self.w.saturating_sub(1) || top >= self.h.saturating_sub(1) {
            return None;
        }
        let (fx, fy) = ((x >> 8 & 255) as i32, (y >> 8 & 255) as i32);
        let at = top * self.w + left;
        let upper = self.pixels.get(at..at + 2)?;
        let lower = self.pixels.get(at + self.w..at + self.w + 2)?;
        let mix = |p: &[u8]| i32::from(p[0]) * (256 - fx) + i32::from(p[1]) * fx;
        Some(((mix(upper) * (256 - fy) + mix(lower) * fy) >> 12) as i16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn between_two_pixels_is_their_mean() {
        let picture = GrayImage::from_fn(4, 4, |x, _| Luma([if x < 2 { 0 } else { 200 }]));
        let picture = Picture::new(&picture, WHITE);
        let mut out = [0; 3];
        // Centres of columns 1 and 2 are at 1.5 and 2.5.
        picture.read(Line::new((1.5, 2.0), (0.5, 0.0)), &mut out);
        assert_eq!(out, [0, 100 * UNIT, 200 * UNIT]);
    }

    #[test]
    fn outside_is_what_lies_beside() {
        let picture = GrayImage::from_pixel(300, 9, Luma([255]));
        let picture = Picture::new(&picture, 7);
        let mut out = [0; 320];
        picture.read(Line::new((-9.5, 4.5), (1.0, 0.0)), &mut out);
        assert_eq!(out.iter().filter(|v| **v == 7).count(), 21);
        assert!(out[10..309].iter().all(|v| *v == WHITE));
    }

    #[test]
    fn blank_blocks_do_not_hide_ink() {
        let mut picture = GrayImage::from_pixel(200, 200, Luma([255]));
        for i in (3..197).step_by(7) {
            picture.put_pixel(i, (i * 53) % 190, Luma([0]));
        }
        let reader = Picture::new(&picture, WHITE);
        for y in 0..199 {
            let mut out = [0; 199];
            reader.read(Line::new((0.5, f64::from(y) + 0.5), (1.0, 0.0)), &mut out);
            for (x, v) in out.iter().enumerate() {
                let there = picture.get_pixel(x as u32, y)[0];
                assert_eq!(*v, i16::from(there) * UNIT, "{x} {y}");
            }
        }
    }
}
