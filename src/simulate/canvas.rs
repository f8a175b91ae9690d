//! A sheet of paper to draw on: grey pixels, where the form's millimetres lie on it, and the stroke
//! rasteriser (a polyline of round nibs, anti-aliased).

use image::GrayImage;

use super::line::{Affine, Sheet};
use crate::units::{Mm, Rect, Resolution};

/// A point on the form, in mm.
pub type Point = [f32; 2];

/// What a pen leaves behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    /// Grey value of a full stroke, 0 black.
    pub tone: u8,
    /// 0 liquid ink, 1 a hard pencil on rough paper: the share of a pixel's coverage lost to grain.
    pub grain: f32,
}

/// A pen's round tip at one place: position on the form in mm, radius in mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nib {
    pub at: Point,
    pub radius: f32,
}

/// Paper with something printed on it.
#[derive(Clone, Debug)]
pub struct Canvas {
    pub sheet: Sheet,
    /// Where the form's millimetres lie on the sheet: a form that was faxed before it was filled in
    /// is printed a little turned, stretched and shifted.
    pub placement: Affine,
}

const MM_PER_INCH: f32 = 25.4;

impl Canvas {
    /// White paper of the given size.
    pub fn white(width: Mm, height: Mm, dpi: f32) -> Self {
        let px = |mm: Mm| (mm.0 * dpi / MM_PER_INCH).round().max(1.0) as u32;
        Self {
            sheet: Sheet {
                grey: GrayImage::from_pixel(px(width), px(height), image::Luma([255])),
                resolution: Resolution { x: dpi, y: dpi },
            },
            placement: Affine::IDENTITY,
        }
    }

    /// The form's point in pixels of the sheet.
    pub fn px(&self, at: Point) -> Point {
        let (x, y) = self.placement.apply(f64::from(at[0]), f64::from(at[1]));
        let r = self.sheet.resolution;
        [r.x_px(Mm(x as f32)).0, r.y_px(Mm(y as f32)).0]
    }

    /// Pixels a mm, the mean of both axes.
    pub fn scale(&self) -> f32 {
        (self.sheet.resolution.x + self.sheet.resolution.y) / (2.0 * MM_PER_INCH)
    }

    /// Draws a stroke: round caps, width from nib to nib.
    pub fn stroke(&mut self, nibs: &[Nib], ink: Ink) {
        let scale = self.scale();
        let tips: Vec<(Point, f32)> =
            nibs.iter().map(|n| (self.px(n.at), n.radius * scale)).collect();
        if let [only] = tips[..] {
            self.capsule(only, only, ink);
        }
        for pair in tips.windows(2) {
            self.capsule(pair[0], pair[1], ink);
        }
    }

    /// One segment: coverage from the distance to its spine, one pixel of ramp.
    fn capsule(&mut self, (p, r0): (Point, f32), (q, r1): (Point, f32), ink: Ink) {
        let reach = r0.max(r1) + 1.0;
        let (w, h) = self.sheet.grey.dimensions();
        let span = |a: f32, b: f32, end: u32| {
            let from = (a.min(b) - reach).floor().max(0.0) as u32;
            let to = (a.max(b) + reach).ceil().clamp(0.0, end as f32) as u32;
            from..to
        };
        let d = [q[0] - p[0], q[1] - p[1]];
        let length2 = d[0] * d[0] + d[1] * d[1];
        for y in span(p[1], q[1], h) {
            for x in span(p[0], q[0], w) {
                let v = [x as f32 + 0.5 - p[0], y as f32 + 0.5 - p[1]];
                let along = v[0] * d[0] + v[1] * d[1];
                let t = if length2 > 0.0 { (along / length2).clamp(0.0, 1.0) } else { 0.0 };
                let off = (v[0] - t * d[0]).hypot(v[1] - t * d[1]);
                self.darken(x, y, r0 + t * (r1 - r0) - off + 0.5, ink);
            }
        }
    }

    /// Lays ink on a pixel; the darker of old and new stays, so overlaps need no order.
    pub fn darken(&mut self, x: u32, y: u32, coverage: f32, ink: Ink) {
        if coverage <= 0.0 || x >= self.sheet.grey.width() || y >= self.sheet.grey.height() {
            return;
        }
        let kept = if ink.grain > 0.0 { 1.0 - ink.grain * grain(x, y) } else { 1.0 };
        let depth = coverage.min(1.0) * kept * f32::from(255 - ink.tone);
        let px = &mut self.sheet.grey.get_pixel_mut(x, y).0[0];
        *px = (*px).min((255.0 - depth) as u8);
    }

    /// A filled upright rectangle of the form.
    pub fn bar(&mut self, r: Rect<Mm>, tone: u8) {
        let [x0, y0] = self.px([r.x.0, r.y.0]);
        let [x1, y1] = self.px([r.x.0 + r.w.0, r.y.0 + r.h.0]);
        let (w, h) = self.sheet.grey.dimensions();
        for y in (y0.max(0.0) as u32)..(y1.max(0.0) as u32).min(h) {
            for x in (x0.max(0.0) as u32)..(x1.max(0.0) as u32).min(w) {
                let px = &mut self.sheet.grey.get_pixel_mut(x, y).0[0];
                *px = (*px).min(tone);
            }
        }
    }
}

/// The paper's tooth: 0..1, fixed to the place.
fn grain(x: u32, y: u32) -> f32 {
    let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 13;
    (h & 0xffff) as f32 / 65_536.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_has_its_width_and_place() {
        let mut c = Canvas::white(Mm(20.0), Mm(20.0), 254.0);
        let nib = |x, y| Nib { at: [x, y], radius: 0.5 };
        c.stroke(&[nib(5.0, 10.0), nib(15.0, 10.0)], Ink { tone: 40, grain: 0.0 });
        // 10 px a mm: the stroke is 10 px high about y = 100.
        let column: Vec<u8> = (0..200).map(|y| c.sheet.grey.get_pixel(100, y).0[0]).collect();
        let dark: Vec<usize> = (0..200).filter(|&y| column[y] < 100).collect();
        assert_eq!((dark.first(), dark.last()), (Some(&95), Some(&104)));
        assert_eq!(column[100], 40);
        assert_eq!(c.sheet.grey.get_pixel(170, 100).0[0], 255);
    }
}
