//! The same sheet sent again: the same marks, the same handwriting, another transmission. Two clinics
//! with the same ticks are two, because two hands do not draw through the same half millimetres.
//!
//! Two things must come together: nearly all ink of either lies on the other's (`similarity`), and
//! either strangers' pages hardly ever lie so well upon each other (`chance`), or most strokes run
//! through the very same cells (`ONE_SHEET`), which needs no strangers to compare with. The first alone
//! would join any two people who fill in the same boxes from edge to edge.
//!
//! Every pair is looked at, cheapest test first: chosen options, number of inked cells, 16 sampled
//! cells, the whole overlap, and for the few that are left the chance.

mod evidence;
mod ink;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use evidence::Yardstick;
use ink::{Digest, Mask, Sheet};
pub use ink::{GRID_COLUMNS, GRID_ROWS};
pub(crate) use ink::{base64url, cells, from_base64url};

use crate::reading::{AnswerReading, FieldState, PageReading};

/// At or above this the two are one response. Placeholder until measured on resent simulated pages.
pub const SAME: f64 = 0.80;
/// At or above this a person is asked. Placeholder, see `SAME`.
pub const POSSIBLE: f64 = 0.65;
/// Chance above which nothing is joined without a person: of 35 million pairs among 8,330 pages a
/// thousandth of one. Strangers of one pen habit agree better than the yardstick's mixture; see `SAME`.
const CERTAIN_CHANCE: f64 = 1e-10;
/// Chance above which nobody is asked: a thousand pages with the very same answers make half a million
/// pairs, of which a handful are shown in vain.
const POSSIBLE_CHANCE: f64 = 1e-5;
/// Fewer cells say nothing about the hand: a single tick of 7 mm covers 15 to 40 of them.
pub const LEAST_INK: usize = 30;
/// Fewest inked cells of one to the other's: standard and fine resolution thicken strokes by up to
/// a cell on a side (estimate). Placeholder, see `SAME`.
const LEAST_INK_RATIO: f64 = 0.5;
/// Questions that may be answered otherwise on a copy, each time with a person's look at it: a sheet that
/// was corrected and sent again. Where the machine is unsure of either, nothing is said against it.
const MOST_ANSWERS_APART: usize = 3;
/// Options that may be chosen on one and not on the other: three answers that changed sides.
const MOST_OPTIONS_APART: u32 = 6;
/// Of the first 8 sampled cells, those that must lie on the other's ink; pages with nothing in common
/// have fewer, and are most pairs.
const LEAST_FIRST_SAMPLES: usize = 3;
/// Of the 16 sampled cells: half, where a copy has nine tenths (estimate).
const LEAST_SAMPLES: usize = 8;

/// From here on, cell for cell and without tolerance, two are one sheet however few pages there are to
/// compare with. On 182 simulated pages of all lines resent ones reached 0.74 to 0.95 (two of them 0.48
/// and 0.56), one fax in several containers 1.00, scans of it 0.87 to 0.96; of 16,000 pairs of strangers
/// none more than 0.47.
const ONE_SHEET: f64 = 0.70;
/// And from here on a person is asked.
const PERHAPS_ONE_SHEET: f64 = 0.52;
/// With fewer cells (three or four ticks) two boxes filled in from edge to edge could do it (estimate).
const LEAST_INK_ALONE: usize = 100;

/// Boxes filled in from edge to edge are over half solid (8 x 8 cells: 36 of 64), a pen's strokes of one or
/// two cells hardly at all; only strokes show a hand.
const MOST_SOLID: f64 = 0.3;

/// One page found to be another's copy, or perhaps.
#[derive(Clone, Debug, PartialEq)]
pub struct Match<K> {
    pub copy: K,
    pub original: K,
    /// Share of ink that both have, with a tolerance of one cell (Dice's coefficient); at least
    /// `POSSIBLE`.
    pub similarity: f64,
    /// A person must say: not similar enough, or too likely among strangers, or answers differ.
    pub doubtful: bool,
}

/// What the search asks of a page.
pub trait Sent {
    /// Only pages of one form are compared.
    fn form(&self) -> &str;
    /// Inked cells (row * `GRID_COLUMNS` + column), ascending.
    fn cells(&self) -> Vec<u32>;
    fn answers(&self) -> Cow<'_, BTreeMap<String, AnswerReading>>;
}

impl Sent for &PageReading {
    fn form(&self) -> &str {
        self.form.as_deref().unwrap_or_default()
    }

    fn cells(&self) -> Vec<u32> {
        self.ink.cells()
    }

    fn answers(&self) -> Cow<'_, BTreeMap<String, AnswerReading>> {
        Cow::Borrowed(&self.answers)
    }
}

/// Finds what was sent again, among pages of one form each. The earlier in the slice is the original;
/// a page that is certainly a copy is no original itself. At most one match a page, the best.
pub fn find<K: Clone, S: Sent>(pages: &[(K, S)]) -> Vec<Match<K>> {
    let mut forms: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (_, page)) in pages.iter().enumerate() {
        forms.entry(page.form()).or_default().push(i);
    }
    let mut found: Vec<(usize, Pair)> = Vec::new();
    for members in forms.values() {
        let readings: Vec<&S> = members.iter().map(|i| &pages[*i].1).collect();
        let pairs = Search::new(&readings).run();
        found.extend(pairs.into_iter().map(|p| {
            let pair = Pair { original: members[p.1.original], ..p.1 };
            (members[p.0], pair)
        }));
    }
    found.sort_by_key(|m| m.0);
    let key = |i: usize| pages[i].0.clone();
    let matched = |(copy, Pair { original, similarity, doubtful }): (usize, Pair)| Match {
        copy: key(copy),
        original: key(original),
        similarity,
        doubtful,
    };
    found.into_iter().map(matched).collect()
}

#[derive(Clone, Copy)]
struct Pair {
    original: usize,
    similarity: f64,
    doubtful: bool,
}

/// All pages of one form.
struct Search<'a, S> {
    readings: &'a [&'a S],
    sheets: Vec<Sheet>,
    /// Beside the sheets, because every pair is tested by them: 8 bytes a page stay in the cache.
    options: Vec<u64>,
    digests: Vec<Digest>,
}

impl<'a, S: Sent> Search<'a, S> {
    fn new(readings: &'a [&'a S]) -> Self {
        let sheets: Vec<Sheet> = readings.iter().map(|r| Sheet { cells: r.cells() }).collect();
        let options = ink::options(readings);
        let digests = sheets.iter().map(Sheet::digest).collect();
        Self { readings, sheets, options, digests }
    }

    /// (copy, its pair), by copy.
    fn run(&self) -> Vec<(usize, Pair)> {
        let mut found = Vec::new();
        let mut copies = BTreeSet::new();
        let (mut mask, mut spare) = (Mask::default(), Mask::default());
        let mut near = Vec::new();
        for (i, sheet) in self.sheets.iter().enumerate() {
            if sheet.cells.len() < LEAST_INK {
                continue;
            }
            mask.draw(&sheet.cells);
            near.clear();
            ink::near(&self.options[..i], self.options[i], MOST_OPTIONS_APART, &mut near);
            let close: Vec<(usize, f64)> = near
                .iter()
                .filter(|j| self.worth_comparing(i, **j, &mask) && !copies.contains(*j))
                .map(|j| (*j, self.overlap(i, *j, &mask, &mut spare)))
                .filter(|(_, similarity)| *similarity >= POSSIBLE)
                .collect();
            let best = self.best(i, &close, &mask, &copies);
            mask.wipe(&sheet.cells);
            if let Some(pair) = best {
                if !pair.doubtful {
                    copies.insert(i);
                }
                found.push((i, pair));
            }
        }
        found
    }

    fn worth_comparing(&self, i: usize, j: usize, mask_of_i: &Mask) -> bool {
        let (a, b) = (self.digests[i].size as usize, self.digests[j].size as usize);
        b >= LEAST_INK && a.min(b) as f64 >= LEAST_INK_RATIO * a.max(b) as f64 && {
            let (first, rest) = self.digests[j].samples.split_at(8);
            let hits = mask_of_i.hits(first);
            hits >= LEAST_FIRST_SAMPLES && hits + mask_of_i.hits(rest) >= LEAST_SAMPLES
        }
    }

    /// Dice's coefficient; 0 if it is certain to stay under `POSSIBLE`.
    fn overlap(&self, i: usize, j: usize, mask_of_i: &Mask, spare: &mut Mask) -> f64 {
        let (a, b) = (&self.sheets[i].cells, &self.sheets[j].cells);
        let all = (a.len() + b.len()) as f64;
        let there = mask_of_i.hits(b);
        if ((there + a.len()) as f64) < POSSIBLE * all {
            return 0.0;
        }
        spare.draw(b);
        let back = spare.hits(a);
        spare.wipe(b);
        (there + back) as f64 / all
    }

    /// Of the pages that lie well on page `i`, the one that does so best, if strangers would not.
    fn best(
        &self,
        i: usize,
        close: &[(usize, f64)],
        mask_of_i: &Mask,
        copies: &BTreeSet<usize>,
    ) -> Option<Pair> {
        if close.is_empty() {
            return None;
        }
        let yardstick = Yardstick::new(&self.sheets, i, mask_of_i, |j| copies.contains(&j));
        let pairs = close.iter().filter_map(|(original, similarity)| {
            let apart =
                answers_apart(&self.readings[i].answers(), &self.readings[*original].answers());
            let chance = yardstick.log_chance(&self.sheets, *original, mask_of_i);
            let (a, b) = (&self.sheets[i].cells, &self.sheets[*original].cells);
            let telling = a.len().min(b.len()) >= LEAST_INK_ALONE && solid(a) <= MOST_SOLID;
            let same = if telling { same_cells(a, b) } else { 0.0 };
            let certain = same >= ONE_SHEET || chance <= CERTAIN_CHANCE.ln();
            let perhaps = same >= PERHAPS_ONE_SHEET || chance <= POSSIBLE_CHANCE.ln();
            let doubtful = *similarity < SAME || apart > 0 || !certain;
            let possible = apart <= MOST_ANSWERS_APART && perhaps;
            possible.then_some(Pair { original: *original, similarity: *similarity, doubtful })
        });
        // The earliest of equally good ones.
        pairs.reduce(|a, b| if b.similarity > a.similarity { b } else { a })
    }
}

/// Share of cells whose four neighbours are inked too; `cells` ascend.
fn solid(cells: &[u32]) -> f64 {
    let inked = |c: u32| cells.binary_search(&c).is_ok();
    let around =
        |c: u32| [c + 1, c.wrapping_sub(1), c + GRID_COLUMNS, c.wrapping_sub(GRID_COLUMNS)];
    let inner = cells.iter().filter(|c| around(**c).into_iter().all(inked)).count();
    inner as f64 / cells.len().max(1) as f64
}

/// Dice's coefficient of two ascending lists.
fn same_cells(a: &[u32], b: &[u32]) -> f64 {
    let both = a.iter().filter(|c| b.binary_search(c).is_ok()).count();
    2.0 * both as f64 / (a.len() + b.len()).max(1) as f64
}

type Answers = BTreeMap<String, AnswerReading>;

/// Questions that the machine is sure of on both, and that are answered differently.
fn answers_apart(a: &Answers, b: &Answers) -> usize {
    let apart = |(id, x): &(&String, &AnswerReading)| {
        b.get(*id).is_some_and(|y| {
            x.state != FieldState::Pending && y.state != FieldState::Pending && x.value != y.value
        })
    };
    a.iter().filter(apart).count()
}
