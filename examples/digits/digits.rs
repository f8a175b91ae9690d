//! Digits as 28 x 28 grey pixels, from files that hold all of one digit one after the other.

use std::error::Error;
use std::path::Path;

use serde::Deserialize;

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

#[derive(Deserialize)]
struct File {
    data: Vec<f32>,
}

/// Half of all digits, by what they are.
pub struct Digits(Vec<Vec<Digit>>);

impl Digits {
    /// `odd`: which half.
    pub fn open(folder: &Path, odd: bool) -> Result<Self, Box<dyn Error>> {
        let of = |n: u32| -> Result<Vec<Digit>, Box<dyn Error>> {
            let file: File =
                serde_json::from_slice(&std::fs::read(folder.join(format!("{n}.json")))?)?;
            let all = file.data.chunks_exact(SIDE * SIDE).enumerate();
            Ok(all.filter(|(i, _)| (i % 2 == 1) == odd).map(|(_, d)| Digit::new(d)).collect())
        };
        Ok(Self((0..10).map(of).collect::<Result<_, _>>()?))
    }

    /// Every picture of a digit.
    pub fn of(&self, digit: char) -> &[Digit] {
        digit.to_digit(10).and_then(|d| self.0.get(d as usize)).map_or(&[], Vec::as_slice)
    }
}
