//! The search among the pages of one form.

use std::collections::BTreeSet;

use super::Sent;
use super::evidence::Yardstick;
use super::known::{Last, Remembered};
use super::sift::{Answers, Digest, near};
use super::tiles::{Mask, Sheet};

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
/// Questions that may be answered otherwise on a copy, each time with a person's look at it: a sheet that
/// was corrected and sent again. Where the machine is unsure of either, nothing is said against it.
const MOST_ANSWERS_APART: usize = 3;
/// Options that may be chosen on one and not on the other: three answers that changed sides.
const MOST_OPTIONS_APART: u32 = 6;

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

/// Two pages whose ink lies on each other's: the later, the earlier, and how similar they are.
pub type Close = (u32, u32, f64);

/// What a search found, in places among the pages searched.
pub struct Found {
    /// Pairs at or above `POSSIBLE` whose answers are not too far apart.
    pub close: Vec<Close>,
    pub last: Vec<Last>,
    /// Certain copies: later pages were not compared with them.
    pub copies: BTreeSet<usize>,
}

impl Found {
    /// The same in other places: `members[i]` stands for `i`.
    pub fn placed(mut self, members: &[usize]) -> Self {
        let place = |i: u32| members[i as usize] as u32;
        self.close.iter_mut().for_each(|c| (c.0, c.1) = (place(c.0), place(c.1)));
        for m in &mut self.last {
            (m.copy, m.original) = (place(m.copy), place(m.original));
        }
        self.copies = self.copies.into_iter().map(|i| members[i]).collect();
        self
    }
}

/// All pages of one form.
pub struct Search {
    sheets: Vec<Sheet>,
    answers: Answers,
    digests: Vec<Digest>,
}

impl Search {
    pub fn new<S: Sent>(pages: &[&S]) -> Self {
        let both = |p: &&S| {
            let cells = p.cells();
            (Sheet::new(&cells), Digest::new(&cells))
        };
        let (sheets, digests) = pages.iter().map(both).unzip();
        Self { sheets, answers: Answers::of(pages), digests }
    }

    /// All pairs but those that are remembered.
    pub fn run(&self, remembered: &Remembered) -> Found {
        let mut out = Found { close: Vec::new(), last: Vec::new(), copies: BTreeSet::new() };
        let mut masks = (Mask::default(), Mask::default());
        let news: Vec<usize> = (0..self.sheets.len()).filter(|i| !remembered.old[*i]).collect();
        let options: Vec<u64> = news.iter().map(|i| self.answers.options[*i]).collect();
        let mut like = Vec::new();
        let mut before = 0;
        for (i, sheet) in self.sheets.iter().enumerate() {
            like.clear();
            let own = self.answers.options[i];
            if remembered.old[i] {
                near(&options[..before], own, MOST_OPTIONS_APART, &mut like);
                like.iter_mut().for_each(|at| *at = news[*at]);
            } else {
                near(&self.answers.options[..i], own, MOST_OPTIONS_APART, &mut like);
                before += 1;
            }
            let old = &remembered.close[i];
            if sheet.size() < LEAST_INK || like.is_empty() && old.is_empty() {
                continue;
            }
            masks.0.draw(sheet);
            let mut close = self.close(i, &like, &mut masks, &out.copies);
            close.extend(old);
            out.close.extend(close.iter().map(|(j, s)| (i as u32, *j as u32, *s)));
            close.retain(|(j, _)| !out.copies.contains(j));
            close.sort_by_key(|c| c.0);
            let best = self.best(i, &close, &masks.0, &out.copies);
            masks.0.wipe(sheet);
            if best.is_some_and(|m| !m.doubtful) {
                out.copies.insert(i);
            }
            out.last.extend(best);
        }
        out
    }

    /// Of those that were answered like page `i`, the ones with the same ink.
    fn close(
        &self,
        i: usize,
        like: &[usize],
        (mask, spare): &mut (Mask, Mask),
        copies: &BTreeSet<usize>,
    ) -> Vec<(usize, f64)> {
        let size = self.sheets[i].size();
        let worth = |j: &usize| {
            self.digests[*j].worth_comparing(size, LEAST_INK, mask)
                && !copies.contains(j)
                && self.answers.apart(i, *j) <= MOST_ANSWERS_APART
        };
        let worth: Vec<usize> = like.iter().copied().filter(worth).collect();
        let all = worth.into_iter().map(|j| (j, self.overlap(i, j, mask, spare)));
        all.filter(|(_, similarity)| *similarity >= POSSIBLE).collect()
    }

    /// Dice's coefficient; 0 if it is certain to stay under `POSSIBLE`.
    fn overlap(&self, i: usize, j: usize, mask_of_i: &Mask, spare: &mut Mask) -> f64 {
        let (a, b) = (&self.sheets[i], &self.sheets[j]);
        let all = (a.size() + b.size()) as f64;
        let there = mask_of_i.hits(b);
        if ((there + a.size()) as f64) < POSSIBLE * all {
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
    ) -> Option<Last> {
        if close.is_empty() {
            return None;
        }
        let few = close.iter().map(|c| c.0);
        let yardstick = Yardstick::new(&self.sheets, i, mask_of_i, few, |j| copies.contains(&j));
        let a = &self.sheets[i];
        let solid = a.inner() as f64 > MOST_SOLID * a.size().max(1) as f64;
        let pairs = close.iter().filter_map(|(original, similarity)| {
            let apart = self.answers.apart(i, *original);
            let chance = yardstick.log_chance(&self.sheets, *original, mask_of_i);
            let b = &self.sheets[*original];
            let telling = a.size().min(b.size()) >= LEAST_INK_ALONE && !solid;
            let same = if telling { same_cells(a, b) } else { 0.0 };
            let certain = same >= ONE_SHEET || chance <= CERTAIN_CHANCE.ln();
            let perhaps = same >= PERHAPS_ONE_SHEET || chance <= POSSIBLE_CHANCE.ln();
            let doubtful = *similarity < SAME || apart > 0 || !certain;
            let (copy, original) = (i as u32, *original as u32);
            let pair = Last { copy, original, similarity: *similarity, doubtful };
            (apart <= MOST_ANSWERS_APART && perhaps).then_some(pair)
        });
        // The earliest of equally good ones.
        pairs.reduce(|a, b| if b.similarity > a.similarity { b } else { a })
    }
}

/// Dice's coefficient, cell for cell.
fn same_cells(a: &Sheet, b: &Sheet) -> f64 {
    2.0 * a.common(b) as f64 / (a.size() + b.size()).max(1) as f64
}
