//! The same sheet sent again: the same marks, the same handwriting, another transmission. Two clinics
//! with the same ticks are two, because two hands do not draw through the same half millimetres.
//!
//! Every pair is looked at, cheapest test first: number of inked cells, chosen options, 16 sampled
//! cells, then the full overlap.

mod ink;

use std::collections::{BTreeMap, BTreeSet};

pub use ink::{GRID_COLUMNS, GRID_ROWS};
use ink::{Mask, Sheet};
pub(crate) use ink::{base64url, from_base64url};

use crate::reading::PageReading;

/// At or above this the two are one response. Placeholder until measured on resent simulated pages.
pub const SAME: f64 = 0.80;
/// At or above this a person is asked. Placeholder, see `SAME`.
pub const POSSIBLE: f64 = 0.65;
/// Fewer cells say nothing about the hand: a single tick of 7 mm covers 15 to 40 of them.
pub const LEAST_INK: usize = 30;
/// Fewest inked cells of one to the other's: standard and fine resolution thicken strokes by up to
/// a cell on a side (estimate). Placeholder, see `SAME`.
const LEAST_INK_RATIO: f64 = 0.5;
/// Options that may be chosen on one and not on the other: three answers that changed sides.
const MOST_OPTIONS_APART: u32 = 6;
/// Of the 16 sampled cells, those that must lie on the other's ink: half, where `POSSIBLE` asks for
/// two thirds of all cells.
const LEAST_SAMPLES: usize = 8;

/// One page found to be another's copy, or perhaps.
#[derive(Clone, Debug, PartialEq)]
pub struct Match<K> {
    pub copy: K,
    pub original: K,
    /// `similarity` of the two; at least `POSSIBLE`.
    pub similarity: f64,
}

/// Share of ink that both have, with a tolerance of one cell: Dice's coefficient, 0 to 1.
pub fn similarity(a: &PageReading, b: &PageReading) -> f64 {
    let (a, b) = (Sheet::new(a), Sheet::new(b));
    let mut mask = Mask::default();
    mask.draw(&a.cells);
    overlap(&a, &b, &mut mask)
}

/// Finds what was sent again, among pages of one form each. The earlier in the slice is the original;
/// a page that is certainly a copy (`SAME`) is no original itself. At most one match a page, the best.
pub fn find<K: Clone>(pages: &[(K, &PageReading)]) -> Vec<Match<K>> {
    let mut forms: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (_, reading)) in pages.iter().enumerate() {
        forms.entry(reading.form.as_deref().unwrap_or_default()).or_default().push(i);
    }
    let mut found: Vec<(usize, usize, f64)> = Vec::new();
    for members in forms.values() {
        let sheets: Vec<Sheet> = members.iter().map(|i| Sheet::new(pages[*i].1)).collect();
        found.extend(find_in(&sheets).iter().map(|(c, o, s)| (members[*c], members[*o], *s)));
    }
    found.sort_by_key(|m| m.0);
    let key = |i: usize| pages[i].0.clone();
    found
        .into_iter()
        .map(|(c, o, s)| Match { copy: key(c), original: key(o), similarity: s })
        .collect()
}

fn find_in(sheets: &[Sheet]) -> Vec<(usize, usize, f64)> {
    let mut found = Vec::new();
    let mut copies = BTreeSet::new();
    let mut mask = Mask::default();
    let mut other = Mask::default();
    for (i, sheet) in sheets.iter().enumerate() {
        if sheet.cells.len() < LEAST_INK {
            continue;
        }
        mask.draw(&sheet.cells);
        let best = sheets[..i]
            .iter()
            .enumerate()
            .filter(|(j, earlier)| worth_comparing(sheet, earlier, &mask) && !copies.contains(j))
            .map(|(j, earlier)| (j, both_ways(sheet, earlier, &mask, &mut other)))
            .filter(|(_, s)| *s >= POSSIBLE)
            // The earliest of equally good ones.
            .fold(None, |best: Option<(usize, f64)>, m| match best {
                Some(b) if b.1 >= m.1 => Some(b),
                _ => Some(m),
            });
        mask.wipe(&sheet.cells);
        if let Some((j, s)) = best {
            if s >= SAME {
                copies.insert(i);
            }
            found.push((i, j, s));
        }
    }
    found
}

fn worth_comparing(a: &Sheet, b: &Sheet, mask_of_a: &Mask) -> bool {
    let (few, many) = (a.cells.len().min(b.cells.len()), a.cells.len().max(b.cells.len()));
    few >= LEAST_INK
        && few as f64 >= LEAST_INK_RATIO * many as f64
        && (a.options ^ b.options).count_ones() <= MOST_OPTIONS_APART
        && mask_of_a.hits(&b.samples) >= LEAST_SAMPLES
}

fn both_ways(a: &Sheet, b: &Sheet, mask_of_a: &Mask, spare: &mut Mask) -> f64 {
    // The better half of Dice is 1: if the other cannot reach the threshold, neither can the sum.
    let there = mask_of_a.hits(&b.cells);
    if ((there + a.cells.len()) as f64) < POSSIBLE * (a.cells.len() + b.cells.len()) as f64 {
        return 0.0;
    }
    spare.draw(&b.cells);
    let back = spare.hits(&a.cells);
    spare.wipe(&b.cells);
    (there + back) as f64 / (a.cells.len() + b.cells.len()) as f64
}

fn overlap(a: &Sheet, b: &Sheet, mask_of_a: &mut Mask) -> f64 {
    if a.cells.is_empty() && b.cells.is_empty() {
        return 1.0;
    }
    let mut spare = Mask::default();
    spare.draw(&b.cells);
    let both = mask_of_a.hits(&b.cells) + spare.hits(&a.cells);
    both as f64 / (a.cells.len() + b.cells.len()) as f64
}
