//! Is a box marked, by what it and its surroundings look like? A small network sees the picture of a box
//! (`marks::picture`) and knows its numbers (`NAMES`), too: four layers of convolutions, 170,000 weights of
//! 8 bits, grown on the same pages as the trees (CONTRIBUTING.md says how).
//!
//! `sight.bin`: of every number the mean and the deviation, then the layers.

use std::sync::LazyLock;

use super::NAMES;
use crate::marks::picture::{COLUMNS, PLANES, ROWS};
use crate::network::{Convolution, Dense, Planes, Weights, positive};

/// Outputs of each convolution; each halves rows and columns.
const CONVOLUTIONS: [usize; 4] = [16, 32, 48, 64];
/// What the picture and the numbers come down to, and both together.
const SEEN: usize = 64;
const TOLD: usize = 32;
const BOTH: usize = 32;
/// Numbers are cut off so many deviations from their mean.
const FARTHEST: f32 = 5.0;

/// `None` if it cannot be read: then there is no second opinion at all.
static SIGHT: LazyLock<Option<Sight>> = LazyLock::new(|| Sight::new(include_bytes!("sight.bin")));

/// The network, its weights unpacked.
#[derive(Debug)]
pub struct Sight {
    mean: Vec<f32>,
    deviation: Vec<f32>,
    convolutions: Vec<Convolution>,
    seen: Dense,
    told: Dense,
    both: Dense,
    last: Dense,
}

impl Sight {
    /// The one in the program.
    pub fn own() -> Option<&'static Self> {
        SIGHT.as_ref()
    }

    /// `None` if the weights are not those of this network.
    fn new(file: &[u8]) -> Option<Self> {
        let mut file = Weights(file);
        let (mean, deviation) = (file.floats(NAMES.len())?, file.floats(NAMES.len())?);
        let (mut inputs, mut cells) = (PLANES, ROWS * COLUMNS);
        let mut convolutions = Vec::new();
        for outputs in CONVOLUTIONS {
            convolutions.push(Convolution::take(&mut file, inputs, outputs, 2)?);
            inputs = outputs;
            cells /= 4;
        }
        let seen = Dense::take(&mut file, inputs * cells, SEEN)?;
        let told = Dense::take(&mut file, NAMES.len(), TOLD)?;
        let both = Dense::take(&mut file, SEEN + TOLD, BOTH)?;
        let last = Dense::take(&mut file, BOTH, 1)?;
        let all = Self { mean, deviation, convolutions, seen, told, both, last };
        file.is_empty().then_some(all)
    }

    /// The log of the odds that it is marked.
    pub fn odds(&self, picture: Planes, numbers: &[f32]) -> f32 {
        let mut seen = picture;
        for layer in &self.convolutions {
            seen = layer.of(&seen);
        }
        let mut both = self.seen.of(&seen.values);
        both.extend(self.told.of(&self.usual(numbers)));
        positive(&mut both);
        let mut both = self.both.of(&both);
        positive(&mut both);
        self.last.of(&both)[0]
    }

    /// Numbers of any size, as deviations from what they mostly are.
    fn usual(&self, numbers: &[f32]) -> Vec<f32> {
        let usual = self.mean.iter().zip(&self.deviation);
        let one = |(v, (mean, deviation)): (&f32, (&f32, &f32))| {
            let small = v.signum() * v.abs().ln_1p();
            ((small - mean) / deviation).clamp(-FARTHEST, FARTHEST)
        };
        numbers.iter().zip(usual).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_in_the_program_is_whole() {
        assert!(Sight::own().is_some());
        let bytes = include_bytes!("sight.bin");
        assert!(Sight::new(&bytes[1..]).is_none() && Sight::new(&[]).is_none());
    }
}
