//! Boxes' pictures in a file: a byte a cell for page, print and what was added (fourths of it, to the base of
//! five), then a byte a cell for what stands there (a bit each: this box, others, its label, others').

use std::fs::File;
use std::io::{BufWriter, Result, Write};

use faxtally::judge::Verdict;
use faxtally::marks::Marks;
use faxtally::marks::picture::{COLUMNS, ROWS, picture};
use faxtally::raster::Bitmap;
use faxtally::reading::BoxOutcome;
use faxtally::register::Template;

/// Of plain boxes so many are enough: there are so many. A probability farther from 0 and 1 than `SURE` is not plain.
const ONE_IN: u32 = 20;
const SURE: f32 = 0.0005;

pub struct Pictures(BufWriter<File>);

impl Pictures {
    pub fn create(path: &str) -> Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    pub fn add(&mut self, t: &Template, sheet: &Bitmap, marks: &Marks, index: usize) -> Result<()> {
        let planes = picture(t, sheet, marks, index).values;
        let plane = |k: usize| &planes[k * ROWS * COLUMNS..(k + 1) * ROWS * COLUMNS];
        let bytes = |first: usize, count: usize, worth: &dyn Fn(usize, f32) -> u8| -> Vec<u8> {
            let cell = |i: usize| (0..count).map(|k| worth(k, plane(first + k)[i])).sum();
            (0..ROWS * COLUMNS).map(cell).collect()
        };
        self.0.write_all(&bytes(0, 3, &|k, v| (4.0 * v) as u8 * [25, 5, 1][k]))?;
        self.0.write_all(&bytes(3, 4, &|k, v| u8::from(v > 0.5) << k))
    }
}

/// Is the box one to learn from: doubted by the rules or after all, not sure, or one of the plain ones?
pub fn is_taken(key: &str, rules: &Verdict, last: &Verdict) -> bool {
    let doubted = [rules, last].iter().any(|v| v.outcome == BoxOutcome::Doubtful);
    let unsure = last.marked.is_some_and(|p| p > SURE && p < 1.0 - SURE);
    // FNV-1a: the same boxes every time.
    let hash =
        key.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    doubted || unsure || hash % ONE_IN == 0
}
