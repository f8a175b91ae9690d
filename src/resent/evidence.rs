//! How unlikely an agreement is among strangers: the survey's other pages are the yardstick.
//!
//! The page is cut into neighbourhoods of a box's size. In each, the share of one page's ink that lies on
//! the other's is ranked among the shares that other pages of the survey reach there. Two boxes filled in
//! from edge to edge agree as well as any two, so they say nothing; one stroke of handwriting that lies
//! on another where nobody else's does says much. The ranks of all neighbourhoods are joined by Fisher's
//! method (Statistical Methods for Research Workers, section 21.1).

use super::tiles::{Mask, NOWHERE, Sheet, TILES, Tile};

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

/// One page and how well others of the survey lie on it, where one of a few has ink.
pub struct Yardstick {
    /// Neighbourhood -> its place in what follows; `NOWHERE` if none of the few has ink there.
    slots: Vec<u16>,
    /// Shares reached by other pages, and whose they are.
    shares: Vec<Vec<(u32, f32)>>,
    /// The guess at full agreement.
    prior: Vec<f64>,
}

impl Yardstick {
    /// `mask` is the page's ink grown by a cell; `own` is its place in `sheets`; `few` are those that it
    /// is to be held against. What is known to be a copy is no stranger.
    pub fn new(
        (sheets, strangers): (&[Sheet], &[usize]),
        own: usize,
        mask: &Mask,
        few: impl Iterator<Item = usize>,
        known_copy: impl Fn(usize) -> bool,
    ) -> Self {
        let mut slots = vec![NOWHERE; TILES];
        let mut prior = Vec::new();
        for tile in few.flat_map(|other| telling(&sheets[other])) {
            let slot = &mut slots[usize::from(tile.at)];
            if *slot == NOWHERE {
                *slot = prior.len() as u16;
                prior.push(full_agreement(&sheets[own], tile.at, mask));
            }
        }
        let mut shares = vec![Vec::with_capacity(REFERENCES); prior.len()];
        let others = strangers.iter().copied().filter(|i| *i != own && !known_copy(*i));
        let mut reached = Vec::new();
        for other in others {
            mask.shares(&sheets[other], LEAST_CELLS, &slots, &mut reached);
            for (slot, share) in &reached {
                shares[usize::from(*slot)].push((other as u32, *share));
            }
        }
        Self { slots, shares, prior }
    }

    /// The natural logarithm of the chance that a stranger's page agrees with this one so well: 0 is what
    /// any page reaches, -20 is one in 500 million. `other` is one of the few.
    pub fn log_chance(&self, sheets: &[Sheet], other: usize, mask: &Mask) -> f64 {
        let (mut surprise, mut places) = (0.0, 0);
        let mut reached = Vec::new();
        mask.shares(&sheets[other], LEAST_CELLS, &self.slots, &mut reached);
        for (slot, share) in reached {
            let slot = usize::from(slot);
            let (shares, full) = (&self.shares[slot], self.prior[slot]);
            // The page in question is no witness against itself.
            let all = shares.iter().filter(|(page, _)| *page as usize != other);
            let (as_good, writers) =
                all.fold((0u32, 0u32), |(good, n), (_, s)| (good + u32::from(*s >= share), n + 1));
            let miss = 1.0 - f64::from(share);
            let guess = full + (1.0 - full) * miss * (2.0 - miss);
            let chance =
                (f64::from(as_good) + PRIOR_PAGES * guess) / (f64::from(writers) + PRIOR_PAGES);
            surprise -= chance.min(1.0).ln();
            places += 1;
        }
        log_gamma_tail(places, surprise)
    }
}

/// A page's lot: a number that its ink alone decides, and that says nothing about it (splitmix64's steps).
pub fn lot(cells: &[u32]) -> u64 {
    cells.iter().fold(0x9E37_79B9_7F4A_7C15, |sum: u64, cell| {
        let mut z = (sum ^ u64::from(*cell)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    })
}

/// Who is held against every page: those whose ink has the smallest sums. It is as good as drawing lots, and
/// a page more or less in the survey changes next to nothing of it: what was asked about yesterday is not
/// another pair today.
pub fn strangers(sums: &[u64]) -> Vec<usize> {
    let mut all: Vec<usize> = (0..sums.len()).collect();
    if all.len() > REFERENCES {
        all.select_nth_unstable_by_key(REFERENCES, |i| (sums[*i], *i));
        all.truncate(REFERENCES);
        all.sort_unstable();
    }
    all
}

/// The neighbourhoods with ink enough.
fn telling(sheet: &Sheet) -> impl Iterator<Item = &Tile> {
    sheet.tiles().iter().filter(|t| t.count >= LEAST_CELLS)
}

fn full_agreement(sheet: &Sheet, at: u16, mask: &Mask) -> f64 {
    let (cells, grown) = (sheet.tile(at).map_or(0, |t| t.count), mask.count(at));
    (f64::from(cells) / f64::from(grown.max(1))).powi(BLOB_POWER).max(PRIOR_FULL)
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
