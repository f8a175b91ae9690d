//! Where the pages of a survey have ink, and how much two of them share beyond that.

use super::ink::{Mask, STRIDE, Sheet, place};

/// Cells across a neighbourhood: 7 mm hold a box of 4 mm and what overshoots it.
const TILE: u32 = 14;
const TILES_ACROSS: u32 = STRIDE.div_ceil(TILE);
/// Neighbourhoods on the grid with its margins.
const TILES: usize = (TILES_ACROSS * (super::GRID_ROWS + 2).div_ceil(TILE)) as usize;

/// The chance that a hand which writes in a neighbourhood inks a given cell or one beside it, before any
/// page has been seen: a stroke of 3 cells with its margins through a box of 8 (estimate).
const PRIOR_CHANCE: f64 = 0.4;
/// How many pages the prior is worth: below some tens of pages counting is too noisy to go by.
const PRIOR_PAGES: f64 = 10.0;

pub struct Population {
    /// Pages whose ink, grown by a cell, covers a place.
    inked: Vec<u32>,
    /// Pages with any grown ink in a neighbourhood.
    written: Vec<u32>,
}

impl Population {
    pub fn new(sheets: &[Sheet]) -> Self {
        let mut mask = Mask::default();
        let mut out = Self { inked: vec![0; Mask::PLACES], written: vec![0; TILES] };
        for sheet in sheets {
            let mut tiles = Tiles::default();
            mask.draw_new(&sheet.cells, |at| {
                out.inked[at as usize] += 1;
                if tiles.insert(tile(at)) {
                    out.written[tile(at)] += 1;
                }
            });
            mask.wipe(&sheet.cells);
        }
        out
    }

    /// Share of a's ink that lies on b's, beyond chance: 1 is all, 0 is what two hands have in common
    /// that write in the same places, negative is less. Cells count by what they can tell (1 - chance).
    pub fn agreement(&self, a: &Sheet, b: &Sheet, mask_of_b: &Mask) -> f64 {
        let mut tiles_of_b = Tiles::default();
        for cell in &b.cells {
            // The corners of the grown cell reach every neighbourhood that it touches.
            let at = place(*cell);
            for corner in [at - STRIDE - 1, at - STRIDE + 1, at + STRIDE - 1, at + STRIDE + 1] {
                tiles_of_b.insert(tile(corner));
            }
        }
        let (mut all, mut hit, mut expected) = (0.0, 0.0, 0.0);
        for cell in &a.cells {
            let at = place(*cell);
            let on = mask_of_b.is_set(at);
            // The two pages themselves say nothing about chance.
            let others = u32::from(on) + 1;
            let writers = u32::from(tiles_of_b.has(tile(at))) + 1;
            let inked = f64::from(self.inked[at as usize].saturating_sub(others));
            let written = f64::from(self.written[tile(at)].saturating_sub(writers));
            let chance = (inked + PRIOR_CHANCE * PRIOR_PAGES) / (written + PRIOR_PAGES);
            let weight = 1.0 - chance.min(1.0);
            all += weight;
            hit += if on { weight } else { 0.0 };
            expected += weight * chance;
        }
        if all - expected <= f64::EPSILON { 0.0 } else { (hit - expected) / (all - expected) }
    }
}

fn tile(at: u32) -> usize {
    (at / STRIDE / TILE * TILES_ACROSS + at % STRIDE / TILE) as usize
}

/// A set of neighbourhoods.
struct Tiles([u64; TILES.div_ceil(64)]);

impl Default for Tiles {
    fn default() -> Self {
        Self([0; TILES.div_ceil(64)])
    }
}

impl Tiles {
    fn has(&self, tile: usize) -> bool {
        self.0[tile / 64] >> (tile % 64) & 1 == 1
    }

    /// Whether it is new.
    fn insert(&mut self, tile: usize) -> bool {
        let new = !self.has(tile);
        self.0[tile / 64] |= 1 << (tile % 64);
        new
    }
}
