//! The scanner's line sensor: paper to analogue rows to black and white.
//!
//! Rows are read on the fine grid, blurred by the optics, dirtied, and cut at one threshold a page.
//! Grey levels are kept in sixteenths in `i16`, so that a page is integer arithmetic all the way
//! from the sampled paper on.

use super::Sheet;
use super::condition::{Condition, SensorCondition};
use super::feed::{Feed, fine_rows, per_mm};
use super::sample::{Line, Picture, UNIT, WHITE};
use crate::raster::Bitmap;
use crate::units::{Px, Resolution};
use rand::{Rng, RngExt};
use rand_pcg::Pcg64Mcg;

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
    let (mut row, mut held) = (vec![WHITE; width], vec![WHITE; width]);
    for y in 0..fine {
        optics.row(y, &mut row);
        glass.darken(&mut row, y);
        match (step, y % step) {
            (1, _) => noise.cut(&row, c.threshold, page.row_mut(y), rng),
            (_, 0) => held.copy_from_slice(&row),
            _ => {
                if !c.skip_rows {
                    average(&mut held, &row);
                }
                noise.cut(&held, c.threshold, page.row_mut(y / 2), rng);
            }
        }
    }
    page.clear_padding();
    page
}

fn average(held: &mut [i16], row: &[i16]) {
    for (a, b) in held.iter_mut().zip(row) {
        *a = (*a + b) >> 1;
    }
}

/// Paper to blurred rows; three sampled rows are held at a time.
struct Optics<'a> {
    paper: Picture<'a>,
    resolution: Resolution,
    feed: &'a Feed,
    raw: Vec<i16>,
    rows: [Vec<i16>; 3],
    /// 65,536ths from each neighbour.
    side: i16,
}

impl<'a> Optics<'a> {
    fn new(sheet: &'a Sheet, feed: &'a Feed, width: usize, c: &SensorCondition) -> Self {
        let beside = if c.black_edges { BLACK_ROLLER } else { WHITE };
        let mut optics = Self {
            paper: Picture::new(&sheet.grey, beside),
            resolution: sheet.resolution,
            feed,
            raw: vec![beside; width],
            rows: std::array::from_fn(|_| vec![beside; width]),
            side: (c.blur * 65536.0) as i16,
        };
        optics.read_next(0);
        optics
    }

    fn read_next(&mut self, y: usize) {
        self.rows.rotate_left(1);
        self.paper.read(self.line(y), &mut self.raw);
        let raw = &self.raw;
        let out = &mut self.rows[2];
        out.copy_from_slice(raw);
        let last = out.len().saturating_sub(1);
        if let Some(inner) = out.get_mut(1..last) {
            let beside = raw.iter().zip(&raw[1..]).zip(&raw[2..]);
            for (out, ((a, here), b)) in inner.iter_mut().zip(beside) {
                *out = mix(*a, *here, *b, self.side);
            }
        }
    }

    /// Where row `y` lies on the paper, in its pixels.
    fn line(&self, y: usize) -> Line {
        let pitch = f64::from(Resolution::FINE.x_mm(Px(1.0)).0);
        let v = f64::from(Resolution::FINE.y_mm(Px(y as f32 + 0.5)).0);
        let (x, y) = self.feed.paper_at(pitch / 2.0, v);
        let (dx, dy) = self.feed.along();
        let (kx, ky) = per_mm(self.resolution);
        Line::new((x * kx, y * ky), (dx * pitch * kx, dy * pitch * ky))
    }

    /// The blurred row `y`; rows must be asked for in order.
    fn row(&mut self, y: usize, out: &mut [i16]) {
        self.read_next(y + 1);
        let [above, here, below] = &self.rows;
        for (out, ((a, h), b)) in out.iter_mut().zip(above.iter().zip(here).zip(below)) {
            *out = mix(*a, *h, *b, self.side);
        }
    }
}

/// Written so that it becomes one 16-bit multiplication a pixel; `blur` stays below one half.
fn mix(a: i16, here: i16, b: i16, side: i16) -> i16 {
    let moved = i32::from(a + b - 2 * here) * i32::from(side);
    here + (moved >> 16) as i16
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
        for (v, s) in row.iter_mut().zip(&self.shading) {
            *v += s;
        }
        let share = y as f32 / self.rows as f32;
        for s in self.streaks.iter().filter(|s| (s.from..=s.to).contains(&share)) {
            let at = (s.at * row.len() as f32) as usize;
            for v in row.iter_mut().skip(at).take(s.pixels) {
                *v += s.light * UNIT;
            }
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
            let mut black = [0; 64];
            for (b, (v, n)) in black.iter_mut().zip(row.iter().zip(noise)) {
                *b = u8::from(v + n < limit);
            }
            *word = pack(&black);
        }
    }
}

/// 64 zeros and ones to a word, the first one highest.
fn pack(black: &[u8; 64]) -> u64 {
    black.chunks_exact(8).fold(0, |word, eight| {
        let ones = eight.iter().rev().fold(0, |all, b| all << 8 | u64::from(*b));
        // Each byte's one moves to its own bit of the top byte; no two products meet.
        word << 8 | ones.wrapping_mul(0x8040_2010_0804_0201) >> 56
    })
}

/// The sum of the eight bytes of a draw: standard deviation 8 x 73.9^2 -> 209 (Irwin-Hall), near
/// enough to a bell for a threshold, and the same on every machine.
fn near_gauss(deviation: f32, rng: &mut Pcg64Mcg) -> i16 {
    let sum: i32 = rng.next_u64().to_le_bytes().iter().map(|b| i32::from(*b)).sum();
    ((sum - 1020) as f32 / 209.0 * deviation * f32::from(UNIT)) as i16
}
