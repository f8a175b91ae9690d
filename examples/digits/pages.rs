//! A printed form with nothing on it but a number, sent by fax.

use std::error::Error;

use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::simulate::line::{Affine, Profile, Sheet, photocopy_pass, send};
use faxtally::simulate::{Stream, rng_for};
use faxtally::units::{Mm, Px, Rect};
use image::Luma;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;

use super::digits::{Digit, Digits, INSIDE, SIDE};

/// Faxed prints of the form, and share of people who write on an original, as in `simulate`.
const PRINTS: u64 = 6;
const ORIGINALS: f64 = 0.15;
/// Grey of pens and their shares of 100: ballpoint, gel, felt, pencil, as in `simulate/pen.rs`, but for
/// pencils that scanners do not see at all: `simulate` sends those again, pressed harder.
const PENS: [(u32, std::ops::Range<f32>); 4] =
    [(54, 30.0..105.0), (30, 10.0..60.0), (10, 5.0..50.0), (6, 85.0..125.0)];

pub struct Desk {
    pub form: Form,
    place: Rect<Mm>,
    prints: Vec<(Sheet, Affine)>,
    seed: u64,
}

impl Desk {
    pub fn new(form: Form, field: &str, seed: u64) -> Result<Self, Box<dyn Error>> {
        let place = form.question(field).and_then(|q| q.place).ok_or("no such field")?;
        let blank = Sheet { grey: form.blank.to_luma(), resolution: form.blank_resolution };
        let print = |i| photocopy_pass(&blank, &mut rng_for(seed, Stream::Print, i));
        let mut prints: Vec<_> = (0..PRINTS).map(print).collect();
        prints.push((blank, Affine::IDENTITY));
        Ok(Self { form, place, prints, seed })
    }

    /// A page, its number, and the kind of line it came by.
    pub fn page(
        &self,
        i: u64,
        digits: &Digits,
        profile: Profile,
    ) -> (FaxPage, String, &'static str) {
        let mut rng = rng_for(self.seed, Stream::Paper, i);
        let original = rng.random_bool(ORIGINALS);
        let nth =
            if original { self.prints.len() - 1 } else { rng.random_range(0..PRINTS as usize) };
        let (sheet, placed) = &self.prints[nth];
        let mut sheet = sheet.clone();
        let number = number(&mut rng);
        self.write(&mut sheet, placed, &number, digits, &mut rng);
        let (bitmap, resolution, notes) =
            send(&sheet, profile, &mut rng_for(self.seed, Stream::Line, i));
        let page = FaxPage { bitmap, resolution: Some(resolution), damage: Damage::default() };
        (page, number, notes.profile.name())
    }

    /// Digits of 3.4 to 5 mm beside each other, as simulated hands write.
    fn write(
        &self,
        sheet: &mut Sheet,
        placed: &Affine,
        number: &str,
        digits: &Digits,
        rng: &mut Pcg64Mcg,
    ) {
        let pen = pen(rng);
        let size = rng.random_range(3.4..5.0f32);
        let mm = size / INSIDE;
        let gap = rng.random_range(0.1..0.9f32);
        let middle = self.place.y.0 + self.place.h.0 / 2.0 + rng.random_range(-0.3..0.3f32);
        let mut x = self.place.x.0 + rng.random_range(0.8..5.0f32);
        for c in number.chars() {
            let Some(digit) = digits.of(c).choose(rng) else { continue };
            let own = mm * rng.random_range(0.92..1.08f32);
            let top = middle - own * SIDE as f32 / 2.0 + rng.random_range(-0.25..0.25f32);
            draw(sheet, placed, digit, (x - digit.from * own, top), own, &pen);
            x += (digit.to - digit.from) * own + gap;
        }
    }
}

struct Pen {
    tone: f32,
    /// How dark a picture of a digit must be for ink: a high level makes a thin line, a higher one loses
    /// those of pale digits.
    level: f32,
}

fn pen(rng: &mut Pcg64Mcg) -> Pen {
    let all: u32 = PENS.iter().map(|p| p.0).sum();
    let mut at = rng.random_range(0..all);
    let mut tones = PENS[0].1.clone();
    for (share, own) in &PENS {
        tones = own.clone();
        if at < *share {
            break;
        }
        at -= share;
    }
    Pen { tone: rng.random_range(tones), level: rng.random_range(0.3..0.55) }
}

/// Each length as likely as it is in surveys (mostly one digit), each digit alike: what matters is how
/// digits are read.
fn number(rng: &mut Pcg64Mcg) -> String {
    let length = match rng.random_range(0..100) {
        0..50 => 1,
        50..85 => 2,
        85..97 => 3,
        _ => 4,
    };
    let mut digit = |i| rng.random_range(u32::from(i == 0)..10);
    (0..length).filter_map(|i| char::from_digit(digit(i), 10)).collect()
}

/// Lays a digit on the paper: `at` is its picture's corner, `mm` the size of its pixels.
fn draw(sheet: &mut Sheet, placed: &Affine, digit: &Digit, at: (f32, f32), mm: f32, pen: &Pen) {
    let side = SIDE as f32 * mm;
    let r = sheet.resolution;
    let back = placed.inverse();
    let corner = |x: f32, y: f32| placed.apply(f64::from(x), f64::from(y));
    let (a, b) = (corner(at.0 - 1.0, at.1 - 1.0), corner(at.0 + side + 1.0, at.1 + side + 1.0));
    let px = |v: f64, of: &dyn Fn(Mm) -> Px| of(Mm(v as f32)).0.max(0.0) as u32;
    let (w, h) = sheet.grey.dimensions();
    // A ramp as wide as a pixel of the paper.
    let steep = r.x_px(Mm(mm)).0;
    for y in px(a.1, &|v| r.y_px(v))..px(b.1, &|v| r.y_px(v)).min(h) {
        for x in px(a.0, &|v| r.x_px(v))..px(b.0, &|v| r.x_px(v)).min(w) {
            let (u, v) = (r.x_mm(Px(x as f32 + 0.5)).0, r.y_mm(Px(y as f32 + 0.5)).0);
            let (u, v) = back.apply(f64::from(u), f64::from(v));
            let seen = digit.at((u as f32 - at.0) / mm, (v as f32 - at.1) / mm);
            let covered = ((seen - pen.level) * steep + 0.5).clamp(0.0, 1.0);
            let ink = 255.0 - covered * (255.0 - pen.tone);
            let there = sheet.grey.get_pixel_mut(x, y);
            *there = Luma([there.0[0].min(ink as u8)]);
        }
    }
}
