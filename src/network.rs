//! Small neural networks, asked in plain loops: 3 x 3 convolutions and dense layers with weights of 8 bits.
//!
//! A file of weights is one layer after the other: for each output a scale and a bias (f32, little endian),
//! then the weights (i8), for each output those of its inputs in the order input, row, column. The sums are
//! made in one order whatever the processor, so the same picture gives the same chances everywhere.

use multiversion::multiversion;

/// Rows and columns of a kernel.
const KERNEL: usize = 3;
/// Columns are made up to a multiple of this, and outputs added up in fours: what fits vectors and registers.
const LANES: usize = 8;
const TOGETHER: usize = 4;

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
    /// Every so manieth row and column of what it is asked about.
    step: usize,
    bias: Vec<f32>,
    weights: Vec<f32>,
}

impl Convolution {
    /// `None` if the file is too short.
    pub fn take(file: &mut Weights, inputs: usize, outputs: usize, step: usize) -> Option<Self> {
        let (bias, weights) = file.layer(KERNEL * KERNEL * inputs, outputs)?;
        Some(Self { inputs, step, bias, weights })
    }

    /// White around, and nothing below zero. Rows and columns are multiples of the step.
    pub fn of(&self, from: &Planes) -> Planes {
        let (rows, columns) = (from.rows / self.step, from.columns / self.step);
        let padded = Padded::of(from, self.inputs, self.step);
        let wide = columns.next_multiple_of(LANES);
        let mut values = Vec::with_capacity(self.bias.len() * rows * columns);
        let each = KERNEL * KERNEL * self.inputs;
        let kernels = self.weights.chunks(TOGETHER * each);
        for (kernels, bias) in kernels.zip(self.bias.chunks(TOGETHER)) {
            let mut sums: Vec<f32> = Vec::with_capacity(bias.len() * rows * wide);
            for b in bias {
                sums.resize(sums.len() + rows * wide, *b);
            }
            if bias.len() == TOGETHER {
                add_four(&mut sums, wide, &padded, kernels);
            } else {
                let each = sums.chunks_exact_mut(rows * wide).zip(kernels.chunks_exact(each));
                each.for_each(|(sums, kernels)| add_one(sums, wide, &padded, kernels));
            }
            sums.chunks_exact(wide).for_each(|row| values.extend_from_slice(&row[..columns]));
        }
        positive(&mut values);
        Planes { values, rows, columns }
    }
}

/// Planes with a white edge; every step-th column stands side by side, so that loops run over whole rows.
struct Padded {
    values: Vec<f32>,
    /// Values of a plane, of a row of it, and of one phase of a row.
    plane: usize,
    row: usize,
    phase: usize,
    step: usize,
}

impl Padded {
    fn of(from: &Planes, planes: usize, step: usize) -> Self {
        let phase = (from.columns + 2).div_ceil(step);
        let row = phase * step;
        let plane = row * (from.rows + 2);
        // The last row's lanes reach beyond it.
        let mut values = vec![0.0f32; planes * plane + LANES];
        for (i, own) in from.values.chunks_exact(from.columns).enumerate() {
            let at = i / from.rows * plane + (i % from.rows + 1) * row;
            for (x, v) in own.iter().enumerate() {
                values[at + (x + 1) % step * phase + (x + 1) / step] = *v;
            }
        }
        Self { values, plane, row, phase, step }
    }

    /// What row `k % 3` of the kernel to plane `k / 3` sees for row `y`: left, middle, right.
    fn three(&self, k: usize, y: usize, wide: usize) -> [&[f32]; KERNEL] {
        let start = k / KERNEL * self.plane + (y * self.step + k % KERNEL) * self.row;
        std::array::from_fn(|x| {
            let from = start + x % self.step * self.phase + x / self.step;
            &self.values[from..from + wide]
        })
    }
}

/// Adds up one output by whole rows: so the compiler makes vectors of them.
#[multiversion(targets("x86_64+avx2"))]
fn add_one(sums: &mut [f32], wide: usize, padded: &Padded, kernels: &[f32]) {
    for (k, a) in kernels.chunks_exact(KERNEL).enumerate() {
        for (y, sums) in sums.chunks_exact_mut(wide).enumerate() {
            let [u, v, w] = padded.three(k, y, wide);
            for (s, ((u, v), w)) in sums.iter_mut().zip(u.iter().zip(v).zip(w)) {
                *s = *s + a[0] * u + a[1] * v + a[2] * w;
            }
        }
    }
}

/// The same of four outputs at once: what they look at is fetched once.
#[multiversion(targets("x86_64+avx2"))]
fn add_four(sums: &mut [f32], wide: usize, padded: &Padded, kernels: &[f32]) {
    let (each, size) = (kernels.len() / TOGETHER, sums.len() / TOGETHER);
    let (p, rest) = sums.split_at_mut(size);
    let (q, rest) = rest.split_at_mut(size);
    let (r, s) = rest.split_at_mut(size);
    for k in 0..each / KERNEL {
        let [a, b, c, d]: [[f32; KERNEL]; TOGETHER] =
            std::array::from_fn(|o| std::array::from_fn(|x| kernels[o * each + k * KERNEL + x]));
        let rows = p.chunks_exact_mut(wide).zip(q.chunks_exact_mut(wide));
        let rows = rows.zip(r.chunks_exact_mut(wide).zip(s.chunks_exact_mut(wide)));
        for (y, ((p, q), (r, s))) in rows.enumerate() {
            let [u, v, w] = padded.three(k, y, wide);
            let sums = p.iter_mut().zip(q).zip(r.iter_mut().zip(s));
            for (((p, q), (r, s)), ((u, v), w)) in sums.zip(u.iter().zip(v).zip(w)) {
                *p = *p + a[0] * u + a[1] * v + a[2] * w;
                *q = *q + b[0] * u + b[1] * v + b[2] * w;
                *r = *r + c[0] * u + c[1] * v + c[2] * w;
                *s = *s + d[0] * u + d[1] * v + d[2] * w;
            }
        }
    }
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
