//! A form + answers -> faxes with truth: rehearsals, samples, benches, tests.
//!
//! One page's way: answers drawn -> a printed sheet -> marks and handwriting as one respondent makes
//! them -> the fax line -> a file, and a truth line beside it. Everything is drawn from generators
//! seeded by (seed, stream, index), so no page depends on its neighbours or on the number of threads.

pub mod answers;
mod canvas;
pub mod encode;
mod fonts;
mod handwriting;
mod job;
pub mod line;
mod marks;
mod page;
mod pen;
mod phrases;
mod plan;
mod prints;
pub mod published;
mod run;
mod seen;
mod sheet;
mod strangers;
mod stray;
mod truth;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sha2::{Digest, Sha256};

pub use fonts::Fonts;
pub use job::{Container, SimulateError, SimulateJob, Summary};
pub use phrases::PREFECTURES;
pub use run::{run, run_with};

/// Small, fast and the same on every platform.
pub type SimRng = Pcg64Mcg;

/// What a generator is for: the same page draws its paper and its line independently, so that a
/// sheet can be sent twice.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    Answers,
    Paper,
    Line,
    Print,
    Plan,
    Stranger,
}

/// The generator of one thing of one run.
pub fn rng_for(seed: u64, stream: Stream, index: u64) -> SimRng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update([stream as u8]);
    hash.update(index.to_le_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    SimRng::from_seed(bytes)
}

/// A normal deviate (Box and Muller 1958), cut at three standard deviations: nobody's hand does worse.
pub(crate) fn normal(rng: &mut SimRng, mean: f32, sd: f32) -> f32 {
    let u: f32 = rng.random_range(f32::EPSILON..1.0);
    let v: f32 = rng.random_range(0.0..std::f32::consts::TAU);
    mean + sd * ((-2.0 * u.ln()).sqrt() * v.cos()).clamp(-3.0, 3.0)
}

/// One of the items, by weight. The weights are positive constants of this program.
pub(crate) fn weighted<T: Copy>(rng: &mut SimRng, items: &[(T, f32)]) -> T {
    let total: f32 = items.iter().map(|(_, w)| w).sum();
    let mut at = rng.random_range(0.0..total);
    for (item, w) in items {
        if at < *w {
            return *item;
        }
        at -= w;
    }
    items[items.len() - 1].0
}
