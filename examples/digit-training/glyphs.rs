//! The pictures that `glyphs.py` made.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;

/// One character: how dark, row by row.
pub struct Glyph {
    pub char: char,
    pub source: u8,
    pub width: usize,
    pub height: usize,
    /// Pixels of a digit's height.
    pub unit: f32,
    grey: Vec<u8>,
    /// The columns with ink.
    pub from: f32,
    pub to: f32,
}

impl Glyph {
    /// Darkness (0 to 1) between the pixels' middles, in pixels from the corner (bilinear).
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let (x, y) = (x.floor() as isize, y.floor() as isize);
        let pixel = |x: isize, y: isize| {
            let on = x >= 0 && y >= 0 && x < self.width as isize && y < self.height as isize;
            if on {
                f32::from(self.grey[y as usize * self.width + x as usize]) / 255.0
            } else {
                0.0
            }
        };
        let row = |y: isize| pixel(x, y) * (1.0 - fx) + pixel(x + 1, y) * fx;
        row(y) * (1.0 - fy) + row(y + 1) * fy
    }
}

/// Digits and others by where they come from.
pub struct Glyphs {
    digits: BTreeMap<(u8, char), Vec<Glyph>>,
    others: Vec<Glyph>,
}

/// Shares of 100 of the sources: MNIST, fonts, `KanjiVG`, shapes of our own.
const SOURCES: [(u8, u32); 4] = [(0, 58), (1, 12), (2, 8), (3, 22)];

impl Glyphs {
    pub fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let bytes = std::fs::read(path)?;
        let mut rest = bytes.as_slice();
        let (mut digits, mut others) = (BTreeMap::<_, Vec<Glyph>>::new(), Vec::new());
        while let Some((head, tail)) = rest.split_at_checked(11) {
            let two = |i: usize| usize::from(u16::from_le_bytes([head[i], head[i + 1]]));
            let (width, height) = (two(5), two(7));
            let (own, tail) = tail.split_at_checked(width * height).ok_or("GLYPHS is cut")?;
            rest = tail;
            let code = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
            let char = char::from_u32(code).ok_or("no character")?;
            let inked = |x: &usize| (0..height).any(|y| own[y * width + x] > 100);
            let Some(from) = (0..width).find(inked) else { continue };
            let to = (0..width).rev().find(inked).unwrap_or(from) + 1;
            let (from, to, source) = (from as f32, to as f32, head[4]);
            let unit = two(9) as f32;
            let glyph = Glyph { char, source, width, height, unit, grey: own.to_vec(), from, to };
            if char.is_ascii_digit() {
                digits.entry((source, char)).or_default().push(glyph);
            } else {
                others.push(glyph);
            }
        }
        Ok(Self { digits, others })
    }

    /// One of the sources.
    pub fn source(rng: &mut Pcg64Mcg) -> u8 {
        let mut at = rng.random_range(0..100);
        for (source, share) in SOURCES {
            if at < share {
                return source;
            }
            at -= share;
        }
        SOURCES[0].0
    }

    pub fn digit(&self, source: u8, char: char, rng: &mut Pcg64Mcg) -> Option<&Glyph> {
        self.digits.get(&(source, char))?.choose(rng)
    }

    pub fn other(&self, rng: &mut Pcg64Mcg) -> Option<&Glyph> {
        self.others.choose(rng)
    }
}
