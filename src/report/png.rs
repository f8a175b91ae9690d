//! A picture as PNG: the same shapes, drawn with exact area coverage by the rasteriser that the fonts
//! bring along.

use std::io::{self, Cursor};

use ab_glyph::point;
use ab_glyph_rasterizer::Rasterizer;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Rgb, RgbImage};

use super::font::{Curve, Face};
use super::picture::{DOT, Fill, INK, OUTLINE, Picture, STRIPE, STRIPES, Shape, slice_points};
use super::svg::shift;

/// Pixels of the file per pixel of the picture: 960 become 1920, a slide's width.
const SCALE: f32 = 2.0;

/// The picture's PNG file.
///
/// # Errors
/// What the encoder says; nothing that a survey can cause.
pub fn png(picture: &Picture, face: &Face) -> io::Result<Vec<u8>> {
    let (w, h) = ((picture.width * SCALE).ceil() as u32, (picture.height * SCALE).ceil() as u32);
    let mut page = Page { image: RgbImage::from_pixel(w, h, Rgb([255; 3])) };
    for shape in &picture.shapes {
        page.shape(shape, face);
    }
    let mut out = Cursor::new(Vec::new());
    // Flat areas and patterns: repeated rows pack better as they are than as differences.
    let encoder =
        PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::NoFilter);
    page.image.write_with_encoder(encoder).map_err(io::Error::other)?;
    Ok(out.into_inner())
}

struct Page {
    image: RgbImage,
}

impl Page {
    fn shape(&mut self, shape: &Shape, face: &Face) {
        match shape {
            Shape::Bar { x, y, w, h, fill } => {
                self.outlined(&[(*x, *y), (x + w, *y), (x + w, y + h), (*x, y + h)], *fill);
            }
            Shape::White { x, y, w, h } => {
                self.polygon(&[(*x, *y), (x + w, *y), (x + w, y + h), (*x, y + h)], Fill::White);
            }
            Shape::Line { x, y, to_x, to_y } => self.stroke((*x, *y), (*to_x, *to_y)),
            Shape::Slice { x, y, r, from, to, fill } => {
                self.outlined(&slice_points(*x, *y, *r, *from, *to), *fill);
            }
            Shape::Text { x, y, size, anchor, text } => {
                let left = x - shift(*anchor) * face.width(text, *size);
                self.curves(&face.outlines(text, left, *y, *size));
            }
        }
    }

    fn outlined(&mut self, points: &[(f32, f32)], fill: Fill) {
        self.polygon(points, fill);
        let next = points.iter().cycle().skip(1);
        for (a, b) in points.iter().zip(next) {
            self.stroke(*a, *b);
        }
    }

    /// A line of the outline's width, a little longer than it is so that corners close.
    fn stroke(&mut self, (x1, y1): (f32, f32), (x2, y2): (f32, f32)) {
        let (dx, dy) = (x2 - x1, y2 - y1);
        let length = dx.hypot(dy);
        if length == 0.0 {
            return;
        }
        let half = OUTLINE / 2.0;
        let (ux, uy) = (dx / length * half, dy / length * half);
        let corners = [
            (x1 - ux - uy, y1 - uy + ux),
            (x2 + ux - uy, y2 + uy + ux),
            (x2 + ux + uy, y2 + uy - ux),
            (x1 - ux + uy, y1 - uy - ux),
        ];
        self.polygon(&corners, Fill::Ink);
    }

    fn polygon(&mut self, points: &[(f32, f32)], fill: Fill) {
        let next = points.iter().cycle().skip(1);
        let lines: Vec<Curve> =
            points.iter().zip(next).map(|(a, b)| Curve::Line([*a, *b])).collect();
        self.fill(&lines, fill);
    }

    fn curves(&mut self, curves: &[Curve]) {
        self.fill(curves, Fill::Ink);
    }

    /// Fills what the curves enclose, within their own bounds.
    fn fill(&mut self, curves: &[Curve], fill: Fill) {
        let Some((x, y, w, h)) = self.bounds(curves) else { return };
        let mut raster = Rasterizer::new(w as usize, h as usize);
        let at = |(px, py): (f32, f32)| point(px * SCALE - x as f32, py * SCALE - y as f32);
        for curve in curves {
            match curve {
                Curve::Line([a, b]) => raster.draw_line(at(*a), at(*b)),
                Curve::Quad([a, b, c]) => raster.draw_quad(at(*a), at(*b), at(*c)),
                Curve::Cubic([a, b, c, d]) => raster.draw_cubic(at(*a), at(*b), at(*c), at(*d)),
            }
        }
        raster.for_each_pixel_2d(|dx, dy, coverage| {
            let (px, py) = (x + dx, y + dy);
            let ink = inked(fill, px as f32 / SCALE, py as f32 / SCALE);
            let pixel = self.image.get_pixel_mut(px, py);
            for (channel, dark) in pixel.0.iter_mut().zip(INK) {
                let target = 255.0 - ink * (255.0 - f32::from(dark));
                let mixed = f32::from(*channel) * (1.0 - coverage.min(1.0));
                *channel = (mixed + target * coverage.min(1.0)).round() as u8;
            }
        });
    }

    /// The pixels that the curves touch, cut to the page.
    fn bounds(&self, curves: &[Curve]) -> Option<(u32, u32, u32, u32)> {
        let points = curves.iter().flat_map(|c| match c {
            Curve::Line(p) => p.to_vec(),
            Curve::Quad(p) => p.to_vec(),
            Curve::Cubic(p) => p.to_vec(),
        });
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, 0f32, 0f32);
        for (x, y) in points {
            (x0, x1) = (x0.min(x * SCALE), x1.max(x * SCALE));
            (y0, y1) = (y0.min(y * SCALE), y1.max(y * SCALE));
        }
        let (x0, y0) = (x0.max(0.0).floor() as u32, y0.max(0.0).floor() as u32);
        let x1 = (x1.ceil() as u32 + 1).min(self.image.width());
        let y1 = (y1.ceil() as u32 + 1).min(self.image.height());
        (x0 < x1 && y0 < y1).then(|| (x0, y0, x1 - x0, y1 - y0))
    }
}

/// How much ink a fill has at a point of the picture: 0 or 1, softened over one pixel of the file.
fn inked(fill: Fill, x: f32, y: f32) -> f32 {
    let stripe = |along: f32| {
        let at = along.rem_euclid(STRIPES);
        ((STRIPE / 2.0 - (at - STRIPES / 2.0).abs()) * SCALE + 0.5).clamp(0.0, 1.0)
    };
    match fill {
        Fill::Ink => 1.0,
        Fill::White => 0.0,
        Fill::Rising => stripe((x + y) * std::f32::consts::FRAC_1_SQRT_2),
        Fill::Falling => stripe((x - y) * std::f32::consts::FRAC_1_SQRT_2),
        Fill::Level => stripe(y),
        Fill::Upright => stripe(x),
        Fill::Grid => stripe(x).max(stripe(y)),
        Fill::Dots => {
            let off = |v: f32| v.rem_euclid(STRIPES) - STRIPES / 2.0;
            ((DOT - off(x).hypot(off(y))) * SCALE + 0.5).clamp(0.0, 1.0)
        }
    }
}
