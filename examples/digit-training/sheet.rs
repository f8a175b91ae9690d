//! A white sheet full of fields: what is written there, by whom and with which pen.

use faxtally::simulate::line::Sheet;
use faxtally::units::{Mm, Px, Resolution};
use image::{GrayImage, Luma};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::glyphs::{Glyph, Glyphs};
use super::texts::{Over, Sign, text};

/// A field with the white around it, in mm, and how many of them stand on an A4 sheet.
pub const FIELDS: (f32, f32) = (27.0, 12.0);
const GRID: (usize, usize) = (7, 22);
/// Where the first one stands: below the banner, inside what scanners see.
const CORNER: (f32, f32) = (9.0, 16.0);
const DOTS: f32 = 300.0;

/// Whose ink it is: lines through what is written.
pub const OVER: u8 = 255;
/// Ink on the fax is somebody's who has some this near on the paper, in px of 300 dots an inch: .25 mm.
const NEAR: u32 = 3;

/// Something written.
pub struct Written {
    pub char: char,
    pub source: u8,
    /// Its ink in px of the fine grid, if all of it arrives.
    pub ink: f32,
    from: f32,
    to: f32,
}

/// What is on it, and for each pixel whose ink it is: nobody's (0), that of a field's sign (from 1), `OVER`.
pub struct Paper {
    pub sheet: Sheet,
    owners: GrayImage,
}

impl Paper {
    /// Whose ink lies at a point of the paper.
    pub fn owner(&self, x: Mm, y: Mm) -> u8 {
        let at = |v: f32| v.max(0.0) as u32;
        let r = self.sheet.resolution;
        let (x, y) = (at(r.x_px(x).0), at(r.y_px(y).0));
        let mut nearest = (u32::MAX, 0);
        for py in y.saturating_sub(NEAR)..(y + NEAR + 1).min(self.owners.height()) {
            for px in x.saturating_sub(NEAR)..(x + NEAR + 1).min(self.owners.width()) {
                let own = self.owners.get_pixel(px, py).0[0];
                let far = px.abs_diff(x).pow(2) + py.abs_diff(y).pow(2);
                if own > 0 && far < nearest.0 {
                    nearest = (far, own);
                }
            }
        }
        nearest.1
    }

    /// Makes a pixel as dark as this, for somebody.
    fn blacken(&mut self, x: u32, y: u32, tone: u8, owner: u8) {
        let there = self.sheet.grey.get_pixel_mut(x, y);
        there.0[0] = there.0[0].min(tone);
        // A line through a digit spoils it by what is not the digit's own.
        let free = owner != OVER || self.owners.get_pixel(x, y).0[0] == 0;
        if tone < 160 && free {
            self.owners.put_pixel(x, y, Luma([owner]));
        }
    }
}

pub struct Field {
    pub x: f32,
    pub y: f32,
    pub written: Vec<Written>,
}

pub fn write(glyphs: &Glyphs, rng: &mut Pcg64Mcg) -> (Paper, Vec<Field>) {
    let resolution = Resolution { x: DOTS, y: DOTS };
    let px = |mm: f32| resolution.x_px(Mm(mm)).0 as u32;
    let grey = GrayImage::from_pixel(px(210.0), px(297.0), Luma([255]));
    let owners = GrayImage::new(grey.width(), grey.height());
    let mut sheet = Paper { sheet: Sheet { grey, resolution }, owners };
    let mut fields = Vec::new();
    for i in 0..GRID.0 * GRID.1 {
        let x = CORNER.0 + (i % GRID.0) as f32 * FIELDS.0;
        let y = CORNER.1 + (i / GRID.0) as f32 * FIELDS.1;
        let written = field(&mut sheet, glyphs, (x, y), rng);
        fields.push(Field { x, y, written });
    }
    (sheet, fields)
}

/// A hand and its pen for one field.
struct Hand {
    tone: f32,
    level: f32,
    /// mm of a digit.
    size: f32,
    lean: f32,
    wide: f32,
    gap: f32,
}

impl Hand {
    fn new(rng: &mut Pcg64Mcg) -> Self {
        Self {
            tone: rng.random_range(5.0..110.0),
            level: rng.random_range(0.3..0.6),
            size: rng.random_range(2.6..5.6),
            lean: rng.random_range(-0.2..0.3f32) * rng.random_range(0.0..1.0f32),
            wide: rng.random_range(0.75..1.25),
            gap: rng.random_range(-0.25..1.0),
        }
    }
}

fn field(sheet: &mut Paper, glyphs: &Glyphs, at: (f32, f32), rng: &mut Pcg64Mcg) -> Vec<Written> {
    let hand = Hand::new(rng);
    let source = Glyphs::source(rng);
    let (signs, over) = text(rng);
    let middle = at.1 + FIELDS.1 / 2.0 + rng.random_range(-0.6..0.6f32);
    let (mut x, mut out) = (at.0 + rng.random_range(1.0..4.0f32), Vec::<Written>::new());
    for sign in signs {
        let glyph = match sign {
            Sign::Digit(c) => glyphs.digit(source, c, rng),
            Sign::Other => glyphs.other(rng),
        };
        let Some(glyph) = glyph else { continue };
        let mm = hand.size / glyph.unit * rng.random_range(0.9..1.1f32);
        let wide = (glyph.to - glyph.from) * mm * hand.wide;
        if x + wide + 1.0 > at.0 + FIELDS.0 {
            break;
        }
        let y = middle + rng.random_range(-0.3..0.3f32);
        let place = (x + wide / 2.0, y);
        let owner = out.len() as u8 + 1;
        let (from, to, ink) = draw(sheet, glyph, (place, owner), mm, &hand);
        out.push(Written { char: glyph.char, source: glyph.source, ink, from, to });
        x += wide + hand.gap.max(-0.12 * wide);
    }
    if let (Some(from), Some(to)) = (out.first().map(|w| w.from), out.last().map(|w| w.to)) {
        spoil(sheet, over, (from, to, middle), &hand, rng);
    }
    out
}

/// Lays a glyph on the paper about its middle column; says between which columns it stands, and its ink.
fn draw(
    paper: &mut Paper,
    g: &Glyph,
    (at, owner): ((f32, f32), u8),
    mm: f32,
    hand: &Hand,
) -> (f32, f32, f32) {
    let r = paper.sheet.resolution;
    let (w, h) = paper.sheet.grey.dimensions();
    let half = (g.width as f32 * mm * hand.wide / 2.0 + 1.5, g.height as f32 * mm / 2.0 + 0.3);
    let column = |mm: f32| r.x_px(Mm(mm)).0.max(0.0) as u32;
    // A ramp as wide as a pixel of the paper.
    let steep = r.x_px(Mm(mm)).0.max(1.0);
    let middle = f32::midpoint(g.from, g.to);
    let (mut from, mut to, mut ink) = (f32::MAX, f32::MIN, 0.0);
    for y in column(at.1 - half.1)..column(at.1 + half.1).min(h) {
        for x in column(at.0 - half.0)..column(at.0 + half.0).min(w) {
            let (u, v) = (r.x_mm(Px(x as f32 + 0.5)).0, r.y_mm(Px(y as f32 + 0.5)).0);
            let (du, dv) = (u - at.0, v - at.1);
            let gx = (du + hand.lean * dv) / (mm * hand.wide) + middle;
            let gy = dv / mm + g.height as f32 / 2.0;
            let covered = ((g.at(gx, gy) - hand.level) * steep + 0.5).clamp(0.0, 1.0);
            if covered > 0.5 {
                (from, to) = (from.min(u), to.max(u));
                ink += Resolution::FINE.x / r.x * Resolution::FINE.y / r.y;
            }
            if covered > 0.0 {
                let tone = 255.0 - covered * (255.0 - hand.tone);
                paper.blacken(x, y, tone as u8, owner);
            }
        }
    }
    (from, to, ink)
}

/// Draws what spoils the writing between two columns.
fn spoil(
    sheet: &mut Paper,
    over: Over,
    (from, to, middle): (f32, f32, f32),
    hand: &Hand,
    rng: &mut Pcg64Mcg,
) {
    let high = hand.size / 2.0;
    let to =
        if rng.random_bool(0.6) { to } else { from + (to - from) * rng.random_range(0.4..1.0f32) };
    let mut jitter = |by: f32| rng.random_range(-by..by);
    let mut ways: Vec<Vec<(f32, f32)>> = Vec::new();
    let (a, b) = (from - 0.5 + jitter(0.4), to + 0.5 + jitter(0.4));
    match over {
        Over::Nothing => return,
        Over::Struck => {
            let tilt = jitter(1.0) * high;
            for k in 0..=i32::from(jitter(1.0) > 0.0) {
                let y = middle + jitter(0.5) * high + k as f32 * 0.8;
                ways.push(vec![(a, y - tilt), (b, y + tilt)]);
            }
        }
        Over::Scribbled => {
            let n = ((b - a) / 0.7) as i32 + 3;
            let turn = |i: i32| if i % 2 == 0 { -0.8 } else { 0.8 };
            let point = |i: i32| (a + (b - a) * i as f32 / n as f32, middle + turn(i) * high);
            ways.push((0..=n).map(point).collect());
        }
        Over::Circled => {
            let (cx, rx, ry) = (f32::midpoint(a, b), (b - a) / 2.0 + 0.8, high + 0.9 + jitter(0.3));
            let point = |i: i32| {
                let t = i as f32 / 40.0 * std::f32::consts::TAU;
                (cx + rx * t.cos(), middle + ry * t.sin())
            };
            ways.push((0..=41).map(point).collect());
        }
    }
    let width = 0.3 + 0.35 * jitter(1.0).abs();
    for way in &ways {
        line(sheet, way, width, hand.tone.min(80.0));
    }
}

/// A line of a round pen, mm.
fn line(sheet: &mut Paper, way: &[(f32, f32)], width: f32, tone: f32) {
    let resolution = sheet.sheet.resolution;
    let r = resolution.x_px(Mm(width / 2.0)).0;
    for pair in way.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let steps = ((x1 - x0).hypot(y1 - y0) / 0.08).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            let (x, y) = (x0 + t * (x1 - x0), y0 + t * (y1 - y0));
            let at = (resolution.x_px(Mm(x)).0, resolution.y_px(Mm(y)).0);
            dot(sheet, at, r, tone as u8);
        }
    }
}

fn dot(paper: &mut Paper, (x, y): (f32, f32), r: f32, tone: u8) {
    let (w, h) = paper.sheet.grey.dimensions();
    let reach = r.ceil() as i64;
    for (dx, dy) in (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy))) {
        let (px, py) = (x as i64 + dx, y as i64 + dy);
        let on = px >= 0 && py >= 0 && px < i64::from(w) && py < i64::from(h);
        if on && (px as f32 - x).hypot(py as f32 - y) <= r {
            paper.blacken(px as u32, py as u32, tone, OVER);
        }
    }
}
