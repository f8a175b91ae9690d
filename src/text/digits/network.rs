//! The small network that tells digits from each other and from everything else: three layers of 3 x 3
//! convolutions, two dense ones, 41,000 weights of 8 bits. Plain loops: one picture takes 1 ms.
//!
//! `weights.bin` is what `examples/digit-training` made (its README names the data and their licences).
//! Layer after layer: for each output a scale and a bias (f32, little endian), then the weights (i8), the
//! inputs' order being input, row, column.

/// Pixels of a picture each way.
pub const SIDE: usize = 24;
/// 0 to 9, and what is no digit.
pub const CLASSES: usize = 11;
pub const NO_DIGIT: usize = 10;
/// Outputs of each convolution, and whether the larger of each 2 x 2 goes on.
const CONVOLUTIONS: [(usize, bool); 3] = [(10, true), (24, true), (48, true)];
const HIDDEN: usize = 64;
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// What the file holds, for the name of the reader.
pub fn weights() -> &'static [u8] {
    WEIGHTS
}

/// One layer: for each output its bias and weights.
struct Layer {
    inputs: usize,
    bias: Vec<f32>,
    weights: Vec<f32>,
}

impl Layer {
    /// Takes its part of the file; `None` if that is too short.
    fn take(file: &mut &[u8], inputs: usize, outputs: usize) -> Option<Self> {
        let floats = |file: &mut &[u8]| -> Option<Vec<f32>> {
            let (own, rest) = file.split_at_checked(4 * outputs)?;
            *file = rest;
            let one = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            Some(own.chunks_exact(4).map(one).collect())
        };
        let (scales, bias) = (floats(file)?, floats(file)?);
        let (own, rest) = file.split_at_checked(inputs * outputs)?;
        *file = rest;
        let rows = own.chunks_exact(inputs).zip(&scales);
        let weights = rows.flat_map(|(row, s)| row.iter().map(move |w| f32::from(*w as i8) * s));
        Some(Self { inputs, bias, weights: weights.collect() })
    }

    fn rows(&self) -> impl Iterator<Item = (&[f32], f32)> {
        self.weights.chunks_exact(self.inputs).zip(self.bias.iter().copied())
    }
}

/// The network, its weights unpacked.
pub struct Network {
    convolutions: Vec<Layer>,
    hidden: Layer,
    last: Layer,
}

impl Network {
    /// `None` if the weights are not those of this network.
    pub fn new(mut file: &[u8]) -> Option<Self> {
        let mut inputs = 1;
        let mut side = SIDE;
        let mut convolutions = Vec::new();
        for (outputs, halved) in CONVOLUTIONS {
            convolutions.push(Layer::take(&mut file, 9 * inputs, outputs)?);
            inputs = outputs;
            side /= if halved { 2 } else { 1 };
        }
        let hidden = Layer::take(&mut file, inputs * side * side, HIDDEN)?;
        let last = Layer::take(&mut file, HIDDEN, CLASSES)?;
        file.is_empty().then_some(Self { convolutions, hidden, last })
    }

    /// The chances of all classes, of a picture of `SIDE` x `SIDE` (1 is ink).
    pub fn classes(&self, picture: &[f32]) -> [f32; CLASSES] {
        let (mut seen, mut side) = (picture.to_vec(), SIDE);
        for (layer, (_, halved)) in self.convolutions.iter().zip(CONVOLUTIONS) {
            seen = convolved(layer, &seen, side);
            if halved {
                seen = larger(&seen, side);
                side /= 2;
            }
        }
        let mut hidden = dense(&self.hidden, &seen);
        positive(&mut hidden);
        softmax(&dense(&self.last, &hidden))
    }
}

/// 3 x 3, white around, without what is negative. Rows are added up whole: so the compiler makes
/// vectors of them.
fn convolved(layer: &Layer, from: &[f32], side: usize) -> Vec<f32> {
    let wide = side + 2;
    let mut padded = vec![0.0f32; layer.inputs / 9 * wide * wide];
    for (i, row) in from.chunks_exact(side).enumerate() {
        let at = i / side * wide * wide + (i % side + 1) * wide + 1;
        padded[at..at + side].copy_from_slice(row);
    }
    let mut out = Vec::with_capacity(layer.bias.len() * side * side);
    for (weights, bias) in layer.rows() {
        let start = out.len();
        out.resize(start + side * side, bias);
        for (plane, kernel) in padded.chunks_exact(wide * wide).zip(weights.chunks_exact(9)) {
            for (y, row) in out[start..].chunks_exact_mut(side).enumerate() {
                for (k, w) in kernel.iter().enumerate() {
                    let at = (y + k / 3) * wide + k % 3;
                    for (sum, v) in row.iter_mut().zip(&plane[at..at + side]) {
                        *sum += w * v;
                    }
                }
            }
        }
    }
    positive(&mut out);
    out
}

fn positive(values: &mut [f32]) {
    for v in values {
        *v = v.max(0.0);
    }
}

/// Of each 2 x 2 the largest.
fn larger(from: &[f32], side: usize) -> Vec<f32> {
    let pairs = from.chunks_exact(2 * side).flat_map(|two| {
        let (a, b) = two.split_at(side);
        let both = a.chunks_exact(2).zip(b.chunks_exact(2));
        both.map(|(a, b)| a[0].max(a[1]).max(b[0]).max(b[1]))
    });
    pairs.collect()
}

fn dense(layer: &Layer, from: &[f32]) -> Vec<f32> {
    let sum = |row: &[f32]| row.iter().zip(from).map(|(w, v)| w * v).sum::<f32>();
    layer.rows().map(|(row, bias)| bias + sum(row)).collect()
}

fn softmax(values: &[f32]) -> [f32; CLASSES] {
    let most = values.iter().copied().fold(f32::MIN, f32::max);
    let mut out = [0.0; CLASSES];
    for (o, v) in out.iter_mut().zip(values) {
        *o = (v - most).exp();
    }
    let all: f32 = out.iter().sum();
    out.map(|v| v / all)
}
