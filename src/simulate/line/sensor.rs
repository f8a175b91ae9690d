//! The scanner's line sensor: paper to analogue rows to black and white.
//!
//! Rows are read on the fine grid, blurred by the optics, dirtied, and cut at one threshold a page.
//! Grey levels are kept in sixteenths in `i16`, so that a page is integer arithmetic all the way
//! from the sampled paper on.

use super::Sheet;
use super::condition::{Condition, SensorCondition};
use super::feed::{Feed, fine_rows};
use crate::raster::Bitmap;
use crate::units::{Px, Resolution};
use rand::{Rng, RngExt};
use rand_pcg::Pcg64Mcg;

/// Sixteenths of a grey level.
const UNIT: i16 = 16;
const WHITE: i16 = 255 * UNIT;
/// The roller behind the paper, where it is black: about as dark as print.
const BLACK_ROLLER: i16 = 40 * UNIT;
/// Noise values in stock; each row starts at another place. Prime, so that rows do not line up.
const NOISE_LEN: usize = 16_381;

/// The page as the sending machine sees it, at its resolution.
pub fn scan(
    sheet: &Sheet,
    feed: &Feed,
    width: usize,
    condition: &Condition,
    rng: &mut Pcg64Mcg,
) -> Bitmap {
    let c = &condition.sensor;
    let fine = fine_rows(sheet.height(), condition.feed.stretch_y);
    let step = if condition.standard { 2 } else { 1 };
    let mut page = Bitmap::new(width, fine / step);
    let glass = Glass::new(c, width, fine);
    let noise = Noise::new(c.noise, width, rng);
    let mut optics = Optics::new(sheet, feed, width, c);
    let mut held = vec![WHITE; width];
    for y in 0..fine {
        let mut row = optics.row(y);
        glass.darken(&mut row, y);
        match (step, y % step) {
            (1, _) => noise.cut(&row, c.threshold, page.row_mut(y), rng),
            (_, 0) => held = row,
            _ => {
                if !c.skip_rows {
                    held.iter_mut().zip(&row).for_each(|(a, b)| *a = i16::midpoint(*a, *b));
                }
                noise.cut(&held, c.threshold, page.row_mut(y / 2), rng);
            }
        }
    }
    page.clear_padding();
    page
}

/// Paper to blurred rows; three sampled rows are held at a time.
struct Optics<'a> {
    sampler: Sampler<'a>,
    rows: [Vec<i16>; 3],
    /// 256ths from each neighbour.
    side: i32,
}

impl<'a> Optics<'a> {
    fn new(sheet: &'a Sheet, feed: &'a Feed, width: usize, c: &SensorCondition) -> Self {
        let beside = if c.black_edges { BLACK_ROLLER } else { WHITE };
        let sampler = Sampler { sheet, feed, beside };
        let side = (c.blur * 256.0).round() as i32;
        let mut optics = Self { sampler, rows: std::array::from_fn(|_| vec![beside; width]), side };
        optics.read_next(0);
        optics
    }

    fn read_next(&mut self, y: usize) {
        self.rows.rotate_left(1);
        let mut raw = vec![0; self.rows[2].len()];
        self.sampler.row(y, &mut raw);
        blur_across(&raw, self.side, &mut self.rows[2]);
    }

    /// Rows must be asked for in order.
    fn row(&mut self, y: usize) -> Vec<i16> {
        self.read_next(y + 1);
        let [above, here, below] = &self.rows;
        let (side, centre) = (self.side, 256 - 2 * self.side);
        let across = above.iter().zip(here).zip(below);
        across.map(|((a, h), b)| mix(*a, *h, *b, side, centre)).collect()
    }
}

fn mix(a: i16, here: i16, b: i16, side: i32, centre: i32) -> i16 {
    (((i32::from(a) + i32::from(b)) * side + i32::from(here) * centre) >> 8) as i16
}

fn blur_across(raw: &[i16], side: i32, out: &mut [i16]) {
    let centre = 256 - 2 * side;
    out.copy_from_slice(raw);
    let last = out.len().saturating_sub(1);
    if let Some(inner) = out.get_mut(1..last) {
        for (o, w) in inner.iter_mut().zip(raw.windows(3)) {
            *o = mix(w[0], w[1], w[2], side, centre);
        }
    }
}

struct Sampler<'a> {
    sheet: &'a Sheet,
    feed: &'a Feed,
    /// What is seen where there is no paper.
    beside: i16,
}

impl Sampler<'_> {
    /// The paper under row `y`, by bilinear interpolation in 16.16 fixed point.
    fn row(&self, y: usize, out: &mut [i16]) {
        let pitch = f64::from(Resolution::FINE.x_mm(Px(1.0)).0);
        let v = f64::from(Resolution::FINE.y_mm(Px(y as f32 + 0.5)).0);
        let (x_mm, y_mm) = self.feed.paper_at(pitch / 2.0, v);
        let (dx_mm, dy_mm) = self.feed.along();
        let res = self.sheet.resolution;
        let (kx, ky) = (f64::from(res.x) / 25.4 * 65536.0, f64::from(res.y) / 25.4 * 65536.0);
        // Pixel centres are at .5.
        let (mut px, mut py) = ((x_mm * kx) as i64 - 32768, (y_mm * ky) as i64 - 32768);
        let (dx, dy) = ((dx_mm * pitch * kx).round() as i64, (dy_mm * pitch * ky).round() as i64);
        let grey = &self.sheet.grey;
        let (w, h) = (grey.width() as usize, grey.height() as usize);
        let pixels = grey.as_raw().as_slice();
        for o in out {
            *o = bilinear(pixels, w, h, px, py).unwrap_or(self.beside);
            px += dx;
            py += dy;
        }
    }
}

fn bilinear(pixels: &[u8], w: usize, h: usize, px: i64, py: i64) -> Option<i16> {
    // A negative position becomes a huge one and fails with the far edge's test.
    let (x, y) = ((px >> 16) as usize, (py >> 16) as usize);
    if x >= w.saturating_sub(1) || y >= h.saturating_sub(1) {
        return None;
    }
    let (fx, fy) = ((px >> 8 & 255) as i32, (py >> 8 & 255) as i32);
    let at = y * w + x;
    let (top, bottom) = (pixels.get(at..at + 2)?, pixels.get(at + w..at + w + 2)?);
    let line = |p: &[u8]| i32::from(p[0]) * (256 - fx) + i32::from(p[1]) * fx;
    Some(((line(top) * (256 - fy) + line(bottom) * fy) >> 12) as i16)
}

/// Uneven light and dirt: what is added to a row by column.
struct Glass<'a> {
    shading: Vec<i16>,
    streaks: &'a [super::condition::Streak],
    rows: usize,
}

impl<'a> Glass<'a> {
    fn new(c: &'a SensorCondition, width: usize, rows: usize) -> Self {
        let fall_off = |x: usize| {
            let from_middle = 2.0 * x as f32 / width as f32 - 1.0;
            -(c.shading * f32::from(UNIT) * from_middle * from_middle) as i16
        };
        Self { shading: (0..width).map(fall_off).collect(), streaks: &c.streaks, rows }
    }

    fn darken(&self, row: &mut [i16], y: usize) {
        row.iter_mut().zip(&self.shading).for_each(|(v, s)| *v += s);
        let share = y as f32 / self.rows as f32;
        for s in self.streaks.iter().filter(|s| (s.from..=s.to).contains(&share)) {
            let at = (s.at * row.len() as f32) as usize;
            row.iter_mut().skip(at).take(s.pixels).for_each(|v| *v += s.light * UNIT);
        }
    }
}

/// Sensor noise, drawn once a page and laid under each row at a random place.
struct Noise {
    stock: Vec<i16>,
    width: usize,
}

impl Noise {
    fn new(deviation: f32, width: usize, rng: &mut Pcg64Mcg) -> Self {
        let stock = (0..NOISE_LEN + width).map(|_| near_gauss(deviation, rng)).collect();
        Self { stock, width }
    }

    /// Packs a row: black where level and noise stay below the threshold.
    fn cut(&self, row: &[i16], threshold: u8, out: &mut [u64], rng: &mut Pcg64Mcg) {
        let from = rng.random_range(0..NOISE_LEN);
        let noise = &self.stock[from..from + self.width];
        let limit = i16::from(threshold) * UNIT;
        for ((word, row), noise) in out.iter_mut().zip(row.chunks(64)).zip(noise.chunks(64)) {
            for (i, (v, n)) in row.iter().zip(noise).enumerate() {
                *word |= u64::from(v + n < limit) << (63 - i);
            }
        }
    }
}

/// The sum of the eight bytes of a draw: standard deviation 8 x 73.9^2 -> 209 (Irwin-Hall), near
/// enough to a bell for a threshold, and the same on every machine.
fn near_gauss(deviation: f32, rng: &mut Pcg64Mcg) -> i16 {
    let sum: i32 = rng.next_u64().to_le_bytes().iter().map(|b| i32::from(*b)).sum();
    ((sum - 1020) as f32 / 209.0 * deviation * f32::from(UNIT)) as i16
}
