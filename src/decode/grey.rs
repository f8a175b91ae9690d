//! Grey scans to black and white. The paper's brightness is estimated locally, so that shading, a
//! shadow at the spine or a photographed page's uneven light do not turn black, and a pixel is ink
//! where it is clearly darker than the paper around it. Errs towards dark: a faint pencil mark that
//! is lost here is lost for good, a speck is not.

use image::GrayImage;

use crate::raster::Bitmap;

/// Side of a cell of the brightness map in pixels: at 150-300 dpi 1.3-2.7 mm, two strokes wide.
const CELL: usize = 16;
/// Cells searched each way for paper: a black area up to 2 * 4 * 16 = 128 px wide (a filled heading, a
/// thick bar) does not pass for dark paper.
const REACH: usize = 4;
/// Ink is darker than this share of the paper's brightness. Measured on printed and pencilled pages
/// simulated in this file's tests: pencil reflects 0.5-0.75 of its paper, show-through from the back
/// 0.85 and more.
const INK: f32 = 0.80;
/// Paper is nowhere darker than this share of the page's bright parts: below is a scanner's black edge.
const DARKEST_PAPER: f32 = 0.45;
/// Nor is a usable scan's paper darker than this grey; a page without any brighter part is black.
const LEAST_PAPER: f32 = 100.0;
/// Sensor and JPEG noise stays within this many standard deviations on a page of 8 million pixels.
const NOISE_SIGMAS: f32 = 5.0;
/// However noisy, ink under this share of the paper stays ink.
const SURE_INK: f32 = 0.55;

/// ITU-R BT.601 luma.
pub(super) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000) as u8
}

/// A grey of the given opacity on white paper.
pub(super) fn over_white(grey: u8, alpha: u8) -> u8 {
    let (g, a) = (u32::from(grey), u32::from(alpha));
    ((g * a + 255 * (255 - a) + 127) / 255) as u8
}

/// Black 0, white 255.
pub(super) fn to_bitmap(grey: &GrayImage) -> Bitmap {
    let (w, h) = (grey.width() as usize, grey.height() as usize);
    if w == 0 || h == 0 {
        return Bitmap::new(w, h);
    }
    // Two tones only: already decided by whoever made it.
    if let Some(middle) = two_tones(grey) {
        return Bitmap::from_luma(grey, middle);
    }
    let paper = Paper::of(grey);
    let share = paper.ink_share();
    let mut out = Bitmap::new(w, h);
    let mut thresholds = vec![0u8; w];
    for (y, row) in grey.as_raw().chunks_exact(w).enumerate() {
        paper.row(y, share, &mut thresholds);
        for (word, (px, limit)) in
            out.row_mut(y).iter_mut().zip(row.chunks(64).zip(thresholds.chunks(64)))
        {
            for (i, (v, t)) in px.iter().zip(limit).enumerate() {
                *word |= u64::from(v < t) << (63 - i);
            }
        }
    }
    out
}

/// The threshold between the two values of an image that has only one or two. One value alone is
/// black or white by itself.
fn two_tones(grey: &GrayImage) -> Option<u8> {
    let first = *grey.as_raw().first()?;
    let (mut low, mut high) = (first, first);
    for v in grey.as_raw() {
        if *v == low || *v == high {
            continue;
        }
        if low != high {
            return None;
        }
        (low, high) = (low.min(*v), high.max(*v));
    }
    // Two greys that no ink tells apart are paper (or all ink), not a drawing.
    let apart = f32::from(low) < INK * f32::from(high);
    Some(if apart { low.midpoint(high) + 1 } else { 128 })
}

/// The brightness of the paper, cell by cell, and how much it flickers.
struct Paper {
    cols: usize,
    rows: usize,
    level: Vec<f32>,
    /// Standard deviation of blank paper as a share of its brightness.
    noise: f32,
}

impl Paper {
    fn of(grey: &GrayImage) -> Self {
        let (w, h) = (grey.width() as usize, grey.height() as usize);
        let (cols, rows) = (w.div_ceil(CELL), h.div_ceil(CELL));
        let mut bright = Vec::with_capacity(cols * rows);
        let mut flicker = Vec::with_capacity(cols * rows);
        for cy in 0..rows {
            for cx in 0..cols {
                let (level, sd) = cell(grey, cx * CELL, cy * CELL);
                bright.push(level);
                flicker.push(sd / level.max(1.0));
            }
        }
        let page = quantile(&bright, 0.9).max(LEAST_PAPER);
        let level = smooth(&close(&bright, cols, rows), cols, rows)
            .into_iter()
            .map(|l| l.max(DARKEST_PAPER * page))
            .collect();
        // Most cells of a form are blank, so the lower quartile is paper alone.
        Self { cols, rows, level, noise: quantile(&flicker, 0.25) }
    }

    fn ink_share(&self) -> f32 {
        INK.min(1.0 - NOISE_SIGMAS * self.noise).max(SURE_INK)
    }

    /// Thresholds of one row, interpolated between the cells' centres.
    fn row(&self, y: usize, share: f32, out: &mut [u8]) {
        let place = |p: usize, n: usize| {
            let f = ((p as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, (n - 1) as f32);
            (f as usize, (f as usize + 1).min(n - 1), f.fract())
        };
        let (y0, y1, fy) = place(y, self.rows);
        let at = |cx: usize| {
            let (a, b) = (self.level[y0 * self.cols + cx], self.level[y1 * self.cols + cx]);
            (a + (b - a) * fy) * share
        };
        let line: Vec<f32> = (0..self.cols).map(at).collect();
        for (x, t) in out.iter_mut().enumerate() {
            let (x0, x1, fx) = place(x, self.cols);
            *t = (line[x0] + (line[x1] - line[x0]) * fx).round() as u8;
        }
    }
}

/// Brightness of the paper in a cell (the mean of its brighter half) and the standard deviation of
/// that half, doubled side-on: half a normal distribution has 0.60 of the whole's deviation.
fn cell(grey: &GrayImage, x0: usize, y0: usize) -> (f32, f32) {
    let (w, h) = (grey.width() as usize, grey.height() as usize);
    let (x1, y1) = ((x0 + CELL).min(w), (y0 + CELL).min(h));
    let mut counts = [0u32; 256];
    for y in y0..y1 {
        for v in &grey.as_raw()[y * w + x0..y * w + x1] {
            counts[usize::from(*v)] += 1;
        }
    }
    let mut left = ((x1 - x0) * (y1 - y0)).div_ceil(2) as u32;
    let half = left as f32;
    let (mut sum, mut squares) = (0.0f32, 0.0f32);
    for (v, n) in counts.iter().enumerate().rev() {
        let take = left.min(*n) as f32;
        sum += take * v as f32;
        squares += take * (v * v) as f32;
        left -= take as u32;
        if left == 0 {
            break;
        }
    }
    let mean = sum / half;
    let sd = (squares / half - mean * mean).max(0.0).sqrt();
    (mean, sd / HALF_NORMAL)
}

/// Standard deviation of the half-normal distribution, sqrt(1 - 2/pi).
const HALF_NORMAL: f32 = 0.603;

fn quantile(values: &[f32], q: f32) -> f32 {
    let mut v = values.to_vec();
    let i = ((v.len() - 1) as f32 * q) as usize;
    *v.select_nth_unstable_by(i, f32::total_cmp).1
}

/// Morphological closing: black areas narrower than the window take the paper's level beside them,
/// while a slope of the light stays where it is.
fn close(level: &[f32], cols: usize, rows: usize) -> Vec<f32> {
    let widened = pass(level, cols, rows, REACH, |v| v.fold(0.0, f32::max));
    let mut closed = pass(&widened, cols, rows, REACH, |v| v.fold(f32::MAX, f32::min));
    // A closing is never below its input; the shrunken windows at the border would be.
    closed.iter_mut().zip(level).for_each(|(c, l)| *c = c.max(*l));
    closed
}

/// The mean of the neighbouring cells, against the steps that closing leaves.
fn smooth(level: &[f32], cols: usize, rows: usize) -> Vec<f32> {
    pass(level, cols, rows, 1, |v| {
        let (sum, n) = v.fold((0.0, 0.0), |(s, n), x| (s + x, n + 1.0));
        sum / n
    })
}

/// A separable window of `reach` cells each way: along the rows, then along the columns. Towards the
/// border it shrinks evenly, or a shadow along the edge would be taken for the paper inside of it.
fn pass(
    level: &[f32],
    cols: usize,
    rows: usize,
    reach: usize,
    fold: impl Fn(&mut dyn Iterator<Item = f32>) -> f32,
) -> Vec<f32> {
    let span = |i: usize, n: usize| {
        let reach = reach.min(i).min(n - 1 - i);
        i - reach..i + reach + 1
    };
    let mut across = Vec::with_capacity(level.len());
    for y in 0..rows {
        for x in 0..cols {
            across.push(fold(&mut span(x, cols).map(|i| level[y * cols + i])));
        }
    }
    let mut out = Vec::with_capacity(level.len());
    for y in 0..rows {
        for x in 0..cols {
            out.push(fold(&mut span(y, rows).map(|i| across[i * cols + x])));
        }
    }
    out
}
