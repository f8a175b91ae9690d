//! How unlikely an agreement is among strangers: the survey's other pages are the yardstick.
//!
//! The page is cut into neighbourhoods of a box's size. In each, the share of one page's ink that lies on
//! the other's is ranked among the shares that other pages of the survey reach there. Two boxes filled in
//! from edge to edge agree as well as any two, so they say nothing; one stroke of handwriting that lies
//! on another where nobody else's does says much. The ranks of all neighbourhoods are joined by Fisher's
//! method (Statistical Methods for Research Workers, section 21.1).

use super::GRID_ROWS;
use super::ink::{Mask, STRIDE, Sheet, place};

/// Cells across a neighbourhood: 7 mm hold a box of 4 mm and what overshoots it.
const TILE: u32 = 14;
const TILES_ACROSS: u32 = STRIDE.div_ceil(TILE);
/// Neighbourhoods on the grid with its margins.
const TILES: usize = (TILES_ACROSS * (GRID_ROWS + 2).div_ceil(TILE)) as usize;
/// Fewer cells of ink in a neighbourhood (a speck, the end of a stroke) land on anything.
const LEAST_CELLS: u16 = 3;
/// Pages that make the yardstick: one in 256 is rank enough where ten neighbourhoods are joined.
const REFERENCES: usize = 256;
/// How many pages the guess below is worth where few others have written.
const PRIOR_PAGES: f64 = 10.0;
/// A guess at how often a stranger agrees fully with a thin stroke, where nobody else has written at all.
const PRIOR_FULL: f64 = 0.01;
/// Makes that guess for thicker ink: its cells over its cells grown by one are 0.3 for a stroke, 0.35 for
/// a cross, 0.64 for a box of 8 cells filled in; to the fourth power 0.01, 0.02 and 0.17.
const BLOB_POWER: i32 = 4;

/// One page and how well others of the survey lie on it.
pub struct Yardstick {
    /// Shares reached by other pages, by neighbourhood, and whose they are.
    shares: Vec<Vec<(usize, f32)>>,
    /// The guess at full agreement, by neighbourhood.
    prior: Vec<f64>,
}

impl Yardstick {
    /// `mask` is the page's ink grown by a cell; `own` is its place in `sheets`. What is known to be a copy
    /// is no stranger.
    pub fn new(
        sheets: &[Sheet],
        own: usize,
        mask: &Mask,
        known_copy: impl Fn(usize) -> bool,
    ) -> Self {
        let mut shares = vec![Vec::new(); TILES];
        let step = sheets.len().div_ceil(REFERENCES).max(1);
        // Starting beside the page itself keeps the choice from being the same pages for all.
        let others = (0..sheets.len())
            .skip(own % step)
            .step_by(step)
            .filter(|i| *i != own && !known_copy(*i));
        for other in others {
            for (tile, share) in shares_on(&sheets[other], mask) {
                shares[tile].push((other, share));
            }
        }
        Self { shares, prior: prior(&sheets[own], mask) }
    }

    /// The natural logarithm of the chance that a stranger's page agrees with this one so well: 0 is what
    /// any page reaches, -20 is one in 500 million.
    pub fn log_chance(&self, sheets: &[Sheet], other: usize, mask: &Mask) -> f64 {
        let (mut surprise, mut places) = (0.0, 0);
        for (tile, share) in shares_on(&sheets[other], mask) {
            // The page in question is no witness against itself.
            let all = self.shares[tile].iter().filter(|(page, _)| *page != other);
            let (as_good, writers) = all.fold((0.0, 0.0), |(good, n), (_, s)| {
                (good + f64::from(u8::from(*s >= share)), n + 1.0)
            });
            let miss = 1.0 - f64::from(share);
            let full = self.prior[tile];
            let guess = full + (1.0 - full) * miss * (2.0 - miss);
            let chance = (as_good + PRIOR_PAGES * guess) / (writers + PRIOR_PAGES);
            surprise -= chance.min(1.0).ln();
            places += 1;
        }
        log_gamma_tail(places, surprise)
    }
}

fn prior(sheet: &Sheet, mask: &Mask) -> Vec<f64> {
    let mut cells = vec![0u32; TILES];
    let mut grown = vec![0u32; TILES];
    for cell in &sheet.cells {
        cells[tile(place(*cell))] += 1;
    }
    mask.each_set(|at| grown[tile(at)] += 1);
    let guess = |(c, g): (u32, u32)| (f64::from(c) / f64::from(g.max(1))).powi(BLOB_POWER);
    cells.into_iter().zip(grown).map(|pair| guess(pair).max(PRIOR_FULL)).collect()
}

fn tile(at: u32) -> usize {
    (at / STRIDE / TILE * TILES_ACROSS + at % STRIDE / TILE) as usize
}

/// (neighbourhood, share of the page's ink there that lies on the mask).
fn shares_on(sheet: &Sheet, mask: &Mask) -> Vec<(usize, f32)> {
    let mut cells = [0u16; TILES];
    let mut hits = [0u16; TILES];
    for cell in &sheet.cells {
        let at = place(*cell);
        cells[tile(at)] += 1;
        hits[tile(at)] += u16::from(mask.is_set(at));
    }
    let enough = (0..TILES).filter(|t| cells[*t] >= LEAST_CELLS);
    enough.map(|t| (t, f32::from(hits[t]) / f32::from(cells[t]))).collect()
}

/// ln P(X >= x) for a sum X of `n` exponential variables of mean 1: e^-x (1 + x + ... + x^(n-1)/(n-1)!).
fn log_gamma_tail(n: u32, x: f64) -> f64 {
    if n == 0 || x <= 0.0 {
        return 0.0;
    }
    let (mut log_term, mut largest) = (0.0, 0.0f64);
    let mut terms = Vec::with_capacity(n as usize);
    for k in 0..n {
        if k > 0 {
            log_term += x.ln() - f64::from(k).ln();
        }
        largest = largest.max(log_term);
        terms.push(log_term);
    }
    let sum: f64 = terms.iter().map(|t| (t - largest).exp()).sum();
    (largest + sum.ln() - x).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::log_gamma_tail;

    #[test]
    fn the_tail_of_a_sum_of_surprises() {
        // Chi-squared tables: P(chi2 with 2n degrees > 2x).
        for (n, x, p) in [(1, 3.0, 0.0498), (5, 9.15, 0.05), (10, 15.705, 0.05), (10, 22.66, 0.001)]
        {
            let found = log_gamma_tail(n, x).exp();
            assert!((found / p - 1.0).abs() < 0.02, "{n} {x}: {found} for {p}");
        }
        assert!(log_gamma_tail(1000, 8000.0) < -3000.0, "no overflow");
    }
}
