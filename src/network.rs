//! Small neural networks: 3 x 3 convolutions and dense layers with weights of 8 bits, asked in the processor's vectors.
//!
//! A file of weights is one layer after the other: for each output a scale and a bias (f32, little endian),
//! then the weights (i8), for each output those of its inputs in the order input, row, column. The sums are
//! made in one order whatever the processor, so the same picture gives the same chances everywhere.

use fearless_simd::{Level, Simd, dispatch, f32x8, prelude::*};
use multiversion::multiversion;

/// Rows and columns of a kernel.
const KERNEL: usize = 3;
/// Columns and outputs that are added up together: what fits vectors and registers.
const LANES: usize = 8;
const TOGETHER: usize = 8;

/// Planes of the same size, one after the other, row by row.
#[derive(Clone, Debug)]
pub struct Planes {
    pub values: Vec<f32>,
    pub rows: usize,
    pub columns: usize,
}

/// The parts of a file, from its start.
pub struct Weights<'a>(pub &'a [u8]);

impl Weights<'_> {
    /// So many numbers; `None` if the file is too short.
    pub fn floats(&mut self, n: usize) -> Option<Vec<f32>> {
        let (own, rest) = self.0.split_at_checked(4 * n)?;
        self.0 = rest;
        let one = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        Some(own.chunks_exact(4).map(one).collect())
    }

    /// The biases of a layer, and for each output its weights.
    fn layer(&mut self, inputs: usize, outputs: usize) -> Option<(Vec<f32>, Vec<f32>)> {
        let (scales, bias) = (self.floats(outputs)?, self.floats(outputs)?);
        let (own, rest) = self.0.split_at_checked(inputs * outputs)?;
        self.0 = rest;
        let rows = own.chunks_exact(inputs).zip(&scales);
        let weights = rows.flat_map(|(row, s)| row.iter().map(move |w| f32::from(*w as i8) * s));
        Some((bias, weights.collect()))
    }

    /// Is that all there is?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A layer of convolutions.
#[derive(Debug)]
pub struct Convolution {
    inputs: usize,
    outputs: usize,
    /// Every so manieth row and column of what it is asked about.
    step: usize,
    together: Vec<Together>,
}

/// Of outputs that are added up together the biases, and for each row of the kernels their weights.
type Together = ([f32; TOGETHER], Vec<[[f32; KERNEL]; TOGETHER]>);

impl Convolution {
    /// `None` if the file is too short.
    pub fn take(file: &mut Weights, inputs: usize, outputs: usize, step: usize) -> Option<Self> {
        let each = KERNEL * KERNEL * inputs;
        let (bias, weights) = file.layer(each, outputs)?;
        let group = |first: usize| {
            let of = |all: &[f32], o: usize, i: usize, each: usize| {
                if first + o < outputs { all[(first + o) * each + i] } else { 0.0 }
            };
            let bias = std::array::from_fn(|o| of(&bias, o, 0, 1));
            let row = |k: usize| {
                std::array::from_fn(|o| {
                    std::array::from_fn(|x| of(&weights, o, k * KERNEL + x, each))
                })
            };
            (bias, (0..each / KERNEL).map(row).collect())
        };
        let together = (0..outputs).step_by(TOGETHER).map(group).collect();
        Some(Self { inputs, outputs, step, together })
    }

    /// White around, and nothing below zero. Rows and columns are multiples of the step.
    pub fn of(&self, from: &Planes) -> Planes {
        let (rows, columns) = (from.rows / self.step, from.columns / self.step);
        let padded = Padded::of(from, self.inputs, self.step);
        let mut values = vec![0.0; self.outputs * rows * columns];
        for y in 0..rows {
            let seen = padded.seen(y);
            let out = values.chunks_mut(columns).skip(y).step_by(rows);
            dispatch!(Level::new(), simd => self.row(simd, &padded, &seen, columns, out));
        }
        Planes { values, rows, columns }
    }

    /// A row of every output.
    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's vectors"
    )]
    #[inline(always)]
    fn row<'a, S: Simd>(
        &self,
        simd: S,
        padded: &Padded,
        seen: &[(usize, usize)],
        columns: usize,
        mut out: impl Iterator<Item = &'a mut [f32]>,
    ) {
        for together in &self.together {
            let mut out: [&mut [f32]; TOGETHER] =
                std::array::from_fn(|_| out.next().unwrap_or_default());
            for x in (0..columns).step_by(LANES) {
                let sums = add(simd, together, &padded.values, seen, padded.neighbours(x));
                for (out, sums) in out.iter_mut().zip(sums) {
                    let to = out.iter_mut().skip(x);
                    to.zip(sums).for_each(|(to, sum)| *to = sum.max(0.0));
                }
            }
        }
    }
}

/// Planes with a white edge; every step-th column stands side by side, so that what neighbours see does, too.
struct Padded {
    values: Vec<f32>,
    /// Rows of nothing.
    bare: Vec<bool>,
    planes: usize,
    /// Rows of a plane, values of a row, and of one phase of it.
    rows: usize,
    row: usize,
    phase: usize,
    step: usize,
}

impl Padded {
    fn of(from: &Planes, planes: usize, step: usize) -> Self {
        let phase = (from.columns + 2).div_ceil(step);
        let (rows, row) = (from.rows + 2, phase * step);
        // The last row's lanes reach beyond it.
        let mut values = vec![0.0f32; planes * rows * row + LANES];
        let mut bare = vec![true; planes * rows];
        for (i, own) in from.values.chunks_exact(from.columns).enumerate() {
            let y = i / from.rows * rows + i % from.rows + 1;
            bare[y] = own.iter().fold(0, |all, v| all | v.to_bits()) == 0;
            for (first, to) in (0..step).zip((y * row..).step_by(phase)) {
                // Column x here is column x - 1 there.
                let skip = (first + step - 1) % step;
                let to = &mut values[to + (skip + 1) / step..];
                to.iter_mut().zip(own.iter().skip(skip).step_by(step)).for_each(|(to, v)| *to = *v);
            }
        }
        Self { values, bare, planes, rows, row, phase, step }
    }

    /// The rows of the kernels that see anything for row `y`, and where that row starts: most of a picture is white.
    fn seen(&self, y: usize) -> Vec<(usize, usize)> {
        let row = |k: usize| k / KERNEL * self.rows + y * self.step + k % KERNEL;
        let inked = (0..KERNEL * self.planes).filter(|k| !self.bare[row(*k)]);
        inked.map(|k| (k, row(k) * self.row)).collect()
    }

    /// Where left, middle and right of column `x` stand in a row.
    fn neighbours(&self, x: usize) -> [usize; KERNEL] {
        std::array::from_fn(|i| x + i % self.step * self.phase + i / self.step)
    }
}

/// Adds up `TOGETHER` outputs of `LANES` columns, all in registers; `seen` are the rows of the kernels and where what
/// they see starts, `at` how far from there its left, middle and right stand.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn add<S: Simd>(
    simd: S,
    (bias, kernels): &Together,
    values: &[f32],
    seen: &[(usize, usize)],
    at: [usize; KERNEL],
) -> [[f32; LANES]; TOGETHER] {
    let mut sums = bias.map(|b| f32x8::splat(simd, b));
    for (k, start) in seen {
        let [u, v, w] = at.map(|at| f32x8::from_slice(simd, &values[start + at..][..LANES]));
        for (sum, [a, b, c]) in sums.iter_mut().zip(&kernels[*k]) {
            *sum = *sum + u * *a + v * *b + w * *c;
        }
    }
    sums.map(Into::into)
}

/// A layer in which every output sees every input.
#[derive(Debug)]
pub struct Dense {
    bias: Vec<f32>,
    /// For each input its weights to all outputs.
    weights: Vec<f32>,
}

impl Dense {
    /// `None` if the file is too short.
    pub fn take(file: &mut Weights, inputs: usize, outputs: usize) -> Option<Self> {
        let (bias, rows) = file.layer(inputs, outputs)?;
        let weights = (0..inputs).flat_map(|i| rows.iter().skip(i).step_by(inputs).copied());
        Some(Self { weights: weights.collect(), bias })
    }

    pub fn of(&self, from: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0f32; self.bias.len()];
        weigh(&mut sums, &self.weights, from);
        for (sum, bias) in sums.iter_mut().zip(&self.bias) {
            *sum += bias;
        }
        sums
    }
}

/// Half of what comes in is nothing.
#[multiversion(targets("x86_64+avx2"))]
fn weigh(sums: &mut [f32], weights: &[f32], from: &[f32]) {
    for (own, v) in weights.chunks_exact(sums.len()).zip(from).filter(|(_, v)| **v != 0.0) {
        for (sum, w) in sums.iter_mut().zip(own) {
            *sum += w * v;
        }
    }
}

/// Nothing below zero.
pub fn positive(values: &mut [f32]) {
    for v in values {
        *v = v.max(0.0);
    }
}

/// Of each 2 x 2 the largest.
pub fn larger(from: &Planes) -> Planes {
    let pairs = from.values.chunks_exact(2 * from.columns).flat_map(|two| {
        let (a, b) = two.split_at(from.columns);
        let both = a.chunks_exact(2).zip(b.chunks_exact(2));
        both.map(|(a, b)| a[0].max(a[1]).max(b[0]).max(b[1]))
    });
    Planes { values: pairs.collect(), rows: from.rows / 2, columns: from.columns / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer of one output: all weights as given, scale 1, a bias.
    fn file(bias: f32, weights: &[i8]) -> Vec<u8> {
        let head = [1.0f32, bias].into_iter().flat_map(f32::to_le_bytes);
        head.chain(weights.iter().map(|w| *w as u8)).collect()
    }

    fn counted(rows: usize, columns: usize) -> Planes {
        Planes { values: (1..=rows * columns).map(|v| v as f32).collect(), rows, columns }
    }

    #[test]
    fn a_convolution_adds_up_what_is_around_each_pixel() {
        let bytes = file(0.5, &[1; 9]);
        let mut weights = Weights(&bytes);
        let layer = Convolution::take(&mut weights, 1, 1, 1).unwrap();
        assert!(weights.is_empty());
        // 1 2 3 / 4 5 6: the corner sees 1 2 4 5, the middle of the first row all.
        let out = layer.of(&counted(2, 3));
        assert_eq!(out.values, [12.5, 21.5, 16.5, 12.5, 21.5, 16.5]);
    }

    #[test]
    fn a_step_of_two_asks_about_every_other_row_and_column() {
        // Left, here and right in the same row.
        let bytes = file(0.0, &[0, 0, 0, 1, 10, 100, 0, 0, 0]);
        let layer = Convolution::take(&mut Weights(&bytes), 1, 1, 2).unwrap();
        let out = layer.of(&counted(2, 4));
        assert_eq!((out.rows, out.columns), (1, 2));
        assert_eq!(out.values, [10.0 + 200.0, 2.0 + 30.0 + 400.0]);
    }

    #[test]
    fn more_outputs_than_go_together_and_rows_without_ink_give_the_plain_sums() {
        // Of two planes; output o weighs everything o + 1 times.
        let outputs = TOGETHER as i8 + 1;
        let numbers = [1.0f32, 0.0].into_iter().flat_map(|v| vec![v; outputs as usize]);
        let weights = (1..=outputs).flat_map(|w| [w; 2 * KERNEL * KERNEL]);
        let bytes: Vec<u8> =
            numbers.flat_map(f32::to_le_bytes).chain(weights.map(|w| w as u8)).collect();
        let mut file = Weights(&bytes);
        let layer = Convolution::take(&mut file, 2, outputs as usize, 1).unwrap();
        assert!(file.is_empty());
        let (rows, columns) = (5, 11);
        let mut from = Planes { values: vec![0.0; 2 * rows * columns], rows, columns };
        let ink = [(0, 1, 0), (0, 1, 10), (1, 4, 8)];
        for (p, y, x) in ink {
            from.values[(p * rows + y) * columns + x] = 1.0;
        }
        let out = layer.of(&from).values;
        for (i, value) in out.iter().enumerate() {
            let (o, y, x) = (i / columns / rows, i / columns % rows, i % columns);
            let near = ink.iter().filter(|(_, v, u)| v.abs_diff(y) <= 1 && u.abs_diff(x) <= 1);
            let plain = near.count() as f32 * (o + 1) as f32;
            assert!((value - plain).abs() < 1e-6, "{o} {y} {x}: {value}, not {plain}");
        }
    }

    #[test]
    fn what_is_below_zero_ends_here() {
        let bytes = file(0.0, &[0, 0, 0, 0, -1, 0, 0, 0, 0]);
        let layer = Convolution::take(&mut Weights(&bytes), 1, 1, 1).unwrap();
        assert_eq!(layer.of(&counted(1, 2)).values, [0.0, 0.0]);
    }

    #[test]
    fn dense_layers_weigh_every_input_and_short_files_are_refused() {
        let bytes = file(0.25, &[2, -3]);
        let layer = Dense::take(&mut Weights(&bytes), 2, 1).unwrap();
        assert_eq!(layer.of(&[1.0, 0.5]), [0.75]);
        assert!(Dense::take(&mut Weights(&bytes), 3, 1).is_none());
    }

    #[test]
    fn of_four_pixels_the_largest_goes_on() {
        assert_eq!(larger(&counted(2, 4)).values, [6.0, 8.0]);
    }
}
