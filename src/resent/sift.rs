//! The cheap tests that hardly any pair passes: which options were chosen, and a few cells of the ink.

use std::collections::BTreeMap;

use multiversion::multiversion;

use super::Sent;
use super::tiles::{Mask, Spot};
use crate::reading::FieldState;

/// Samples of a page.
const SAMPLES: usize = 16;
/// Of the first 8 sampled cells, those that must lie on the other's ink; pages with nothing in common
/// have fewer, and are most pairs.
const LEAST_FIRST_SAMPLES: usize = 3;
/// Of the 16 sampled cells: half, where a copy has nine tenths (estimate).
const LEAST_SAMPLES: usize = 8;
/// Fewest inked cells of one to the other's. A poor line thickens strokes and adds dirt: of 142 simulated
/// sheets sent again nine came with less than half and were missed; a fifth finds five of them.
const LEAST_INK_RATIO: f64 = 0.2;

/// What most comparisons need of a page, in one place of the memory.
pub struct Digest {
    size: u32,
    /// Cells spread evenly over all, every second one first: eight of them span the page too.
    samples: [Spot; SAMPLES],
}

impl Digest {
    /// Of ascending cells.
    pub fn new(cells: &[u32]) -> Self {
        let mut samples = [Spot::default(); SAMPLES];
        for (i, s) in samples.iter_mut().enumerate() {
            let i = if i < SAMPLES / 2 { 2 * i } else { 2 * i - SAMPLES + 1 };
            *s = Spot::new(cells.get(cells.len() * i / SAMPLES).copied().unwrap_or(0));
        }
        Self { size: cells.len() as u32, samples }
    }

    /// Whether a page may be like one of `size` cells whose grown ink is `mask`; both have `least` cells.
    pub fn worth_comparing(&self, size: usize, least: usize, mask: &Mask) -> bool {
        let own = self.size as usize;
        own >= least && own.min(size) as f64 >= LEAST_INK_RATIO * own.max(size) as f64 && {
            let hits = |some: &[Spot]| some.iter().filter(|s| mask.is_set(**s)).count();
            let (first, rest) = self.samples.split_at(SAMPLES / 2);
            let found = hits(first);
            found >= LEAST_FIRST_SAMPLES && found + hits(rest) >= LEAST_SAMPLES
        }
    }
}

/// What was answered on every page, in numbers.
#[derive(Default)]
pub struct Answers {
    /// A bit for every chosen option, page by page. Beyond 64 options some share one, which only lets
    /// more pairs through.
    pub options: Vec<u64>,
    /// Page by page, question by question: 0 where nothing is sure, else which answer it is.
    settled: Vec<u32>,
    questions: usize,
}

impl Answers {
    pub fn of<S: Sent>(pages: &[&S]) -> Self {
        let mut out = Self::default();
        let mut bits: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut values: BTreeMap<Vec<String>, u32> = BTreeMap::new();
        let mut sure: Vec<Vec<(usize, u32)>> = Vec::with_capacity(pages.len());
        for page in pages {
            let (mut chosen, mut settled) = (0, Vec::new());
            for (question, answer) in &*page.answers() {
                for option in &answer.value {
                    let next = bits.len() as u32;
                    let bit = *bits.entry((question.clone(), option.clone())).or_insert(next);
                    chosen |= 1 << (bit % 64);
                }
                if answer.state == FieldState::Pending {
                    continue;
                }
                let next = places.len();
                let place = *places.entry(question.clone()).or_insert(next);
                let next = values.len() as u32 + 1;
                settled.push((place, *values.entry(answer.value.clone()).or_insert(next)));
            }
            out.options.push(chosen);
            sure.push(settled);
        }
        out.questions = places.len();
        out.settled = vec![0; pages.len() * places.len()];
        for (page, settled) in sure.iter().enumerate() {
            for (place, value) in settled {
                out.settled[page * out.questions + place] = *value;
            }
        }
        out
    }

    /// Questions that the machine is sure of on both, and that are answered differently.
    pub fn apart(&self, a: usize, b: usize) -> usize {
        let of = |page: usize| &self.settled[page * self.questions..(page + 1) * self.questions];
        of(a).iter().zip(of(b)).filter(|(x, y)| **x != 0 && **y != 0 && x != y).count()
    }
}

/// Appends the places in `all` whose options differ from `of` in at most `most`. Every pair of a survey
/// comes by here: 1.25 thousand million among 50,000 pages, 0.5 s with the processor's own bit count.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub fn near(all: &[u64], of: u64, most: u32, out: &mut Vec<usize>) {
    // 64 at a time without a branch, because hardly any is near.
    for (block, chunk) in all.chunks(64).enumerate() {
        let mut found = 0u64;
        for (i, options) in chunk.iter().enumerate() {
            found |= u64::from((options ^ of).count_ones() <= most) << i;
        }
        while found != 0 {
            out.push(block * 64 + found.trailing_zeros() as usize);
            found &= found - 1;
        }
    }
}
