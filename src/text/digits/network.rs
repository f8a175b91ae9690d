//! The small network that tells digits from each other and from everything else: three layers of 3 x 3
//! convolutions, two dense ones, 41,000 weights of 8 bits.
//!
//! `weights.bin` is what `examples/digit-training` made (its README names the data and their licences).

use crate::network::{Convolution, Dense, Planes, Weights, larger, positive};

/// Pixels of a picture each way.
pub const SIDE: usize = 24;
/// 0 to 9, and what is no digit.
pub const CLASSES: usize = 11;
pub const NO_DIGIT: usize = 10;
/// Outputs of each convolution; after each the larger of 2 x 2 goes on.
const CONVOLUTIONS: [usize; 3] = [10, 24, 48];
const HIDDEN: usize = 64;
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// What the file holds, for the name of the reader.
pub fn weights() -> &'static [u8] {
    WEIGHTS
}

/// The network, its weights unpacked.
pub struct Network {
    convolutions: Vec<Convolution>,
    hidden: Dense,
    last: Dense,
}

impl Network {
    /// `None` if the weights are not those of this network.
    pub fn new(file: &[u8]) -> Option<Self> {
        let mut file = Weights(file);
        let (mut inputs, mut side) = (1, SIDE);
        let mut convolutions = Vec::new();
        for outputs in CONVOLUTIONS {
            convolutions.push(Convolution::take(&mut file, inputs, outputs, 1)?);
            inputs = outputs;
            side /= 2;
        }
        let hidden = Dense::take(&mut file, inputs * side * side, HIDDEN)?;
        let last = Dense::take(&mut file, HIDDEN, CLASSES)?;
        file.is_empty().then_some(Self { convolutions, hidden, last })
    }

    /// The chances of all classes, of a picture of `SIDE` x `SIDE` (1 is ink).
    pub fn classes(&self, picture: &[f32]) -> [f32; CLASSES] {
        let mut seen = Planes { values: picture.to_vec(), rows: SIDE, columns: SIDE };
        for layer in &self.convolutions {
            seen = larger(&layer.of(&seen));
        }
        let mut hidden = self.hidden.of(&seen.values);
        positive(&mut hidden);
        softmax(&self.last.of(&hidden))
    }
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
