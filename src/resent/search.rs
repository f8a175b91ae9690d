//! The search among the pages of one form.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Sent;
use super::evidence::{Yardstick, lot, strangers};
use super::known::{Last, Remembered};
use super::sift::{Answers, Digest, near};
use super::tiles::{Mask, Sheet};

/// At or above this the two are one response. Of 444 simulated sheets sent again (three seeds, fine, mixed and
/// rough lines) 353 are joined, 59 asked about and 31 missed; of 8,330 strangers none is joined.
pub const SAME: f64 = 0.80;
/// At or above this a person is asked; see `SAME`. Ten of the 31 lie under it.
pub const POSSIBLE: f64 = 0.65;
/// Chance above which nothing is joined without a person: of 35 million pairs among 8,330 pages a
/// thousandth of one. Strangers of one pen habit agree better than the yardstick's mixture; see `SAME`.
const CERTAIN_CHANCE: f64 = 1e-10;
/// Chance above which nobody is asked. Among 8,330 strangers 65 pages are shown in vain; with 1e-4 it is 137,
/// with 1e-2 761, for which 5 and 13 of the 31 that are missed would be shown too (see `SAME`).
const POSSIBLE_CHANCE: f64 = 1e-5;
/// Fewer cells say nothing about the hand: a single tick of 7 mm covers 15 to 40 of them.
pub const LEAST_INK: usize = 30;
/// Questions that may be answered otherwise on a copy, each time with a person's look at it: a sheet that
/// was corrected and sent again. Where the machine is unsure of either, nothing is said against it.
const MOST_ANSWERS_APART: usize = 3;
/// Options that may be chosen on one and not on the other: three answers that changed sides.
const MOST_OPTIONS_APART: u32 = 6;

/// From here on, stroke for stroke and without tolerance, two are one sheet however few pages there are to
/// compare with. Of the strangers among 8,330 simulated pages of all lines whose ink lies on each other's one
/// pair reached 0.67 and no other more than 0.54; of 142 sheets sent again 105 are joined without a person.
const ONE_SHEET: f64 = 0.80;
/// And from here on a person is asked.
const PERHAPS_ONE_SHEET: f64 = 0.55;
/// With fewer cells (three or four ticks) two boxes filled in from edge to edge could do it (estimate).
const LEAST_INK_ALONE: usize = 100;

/// Pages whose ink is compared with that of all before them, on all cores, before the next are.
const TOGETHER: usize = 256;

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
    strangers: Vec<usize>,
}

impl Search {
    pub fn new<S: Sent>(pages: &[&S]) -> Self {
        let mut sums = Vec::with_capacity(pages.len());
        let both = |p: &&S| {
            let cells = p.cells();
            sums.push(lot(&cells));
            (Sheet::new(&cells), Digest::new(&cells))
        };
        let (sheets, digests) = pages.iter().map(both).unzip();
        Self { sheets, answers: Answers::of(pages), digests, strangers: strangers(&sums) }
    }

    /// All pairs but those that are remembered. Whose ink lies on whose is found on all cores; what it means is
    /// decided page by page, because a copy is no original.
    pub fn run(&self, remembered: &Remembered) -> Found {
        let mut out = Found { close: Vec::new(), last: Vec::new(), copies: BTreeSet::new() };
        let mut mask = Mask::default();
        let news = News::new(&self.answers, remembered);
        for start in (0..self.sheets.len()).step_by(TOGETHER) {
            let some = start..self.sheets.len().min(start + TOGETHER);
            let found = some.clone().into_par_iter().map_init(
                || (Mask::default(), Mask::default()),
                |masks, i| self.close(i, &news.before(i, &self.answers), masks),
            );
            let found: Vec<_> = found.collect();
            for (i, mut close) in some.zip(found) {
                let sheet = &self.sheets[i];
                if sheet.size() < LEAST_INK {
                    continue;
                }
                close.retain(|(j, _)| !out.copies.contains(j));
                close.extend(&remembered.close[i]);
                out.close.extend(close.iter().map(|(j, s)| (i as u32, *j as u32, *s)));
                close.retain(|(j, _)| !out.copies.contains(j));
                if close.is_empty() {
                    continue;
                }
                close.sort_by_key(|c| c.0);
                mask.draw(sheet);
                let best = self.best(i, &close, &mask, &out.copies);
                mask.wipe(sheet);
                if best.is_some_and(|m| !m.doubtful) {
                    out.copies.insert(i);
                }
                out.last.extend(best);
            }
        }
        out
    }

    /// Of those that were answered like page `i`, the ones with the same ink.
    fn close(
        &self,
        i: usize,
        like: &[usize],
        (mask, spare): &mut (Mask, Mask),
    ) -> Vec<(usize, f64)> {
        let sheet = &self.sheets[i];
        if sheet.size() < LEAST_INK || like.is_empty() {
            return Vec::new();
        }
        mask.draw(sheet);
        let worth = |j: &usize| {
            self.digests[*j].worth_comparing(sheet.size(), LEAST_INK, mask)
                && self.answers.apart(i, *j) <= MOST_ANSWERS_APART
        };
        let worth: Vec<usize> = like.iter().copied().filter(worth).collect();
        let all = worth.into_iter().map(|j| (j, self.overlap(i, j, mask, spare)));
        let close = all.filter(|(_, similarity)| *similarity >= POSSIBLE).collect();
        mask.wipe(sheet);
        close
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
        let few = close.iter().map(|c| c.0);
        let yardstick = Yardstick::new((&self.sheets, &self.strangers), i, mask_of_i, few, |j| {
            copies.contains(&j)
        });
        let a = (&self.sheets[i], self.sheets[i].strokes());
        let pairs = close.iter().filter_map(|(original, similarity)| {
            let apart = self.answers.apart(i, *original);
            let chance = yardstick.log_chance(&self.sheets, *original, mask_of_i);
            let b = &self.sheets[*original];
            let same = same_strokes(&a, &(b, b.strokes()));
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

/// The pages of which nothing is remembered.
struct News {
    all: Vec<usize>,
    options: Vec<u64>,
    old: Vec<bool>,
}

impl News {
    fn new(answers: &Answers, remembered: &Remembered) -> Self {
        let old = remembered.old.clone();
        let all: Vec<usize> = (0..old.len()).filter(|i| !old[*i]).collect();
        let options = all.iter().map(|i| answers.options[*i]).collect();
        Self { all, options, old }
    }

    /// The earlier pages that were answered like page `i` and not compared with it before.
    fn before(&self, i: usize, answers: &Answers) -> Vec<usize> {
        let (mut like, own) = (Vec::new(), answers.options[i]);
        if self.old[i] {
            let before = self.all.partition_point(|j| *j < i);
            near(&self.options[..before], own, MOST_OPTIONS_APART, &mut like);
            for at in &mut like {
                *at = self.all[*at];
            }
        } else {
            near(&answers.options[..i], own, MOST_OPTIONS_APART, &mut like);
        }
        like
    }
}

/// Of both pages' strokes the share whose cells are inked on the other too; 0 where there are too few. What
/// is solid looks alike by every hand.
fn same_strokes(a: &(&Sheet, Sheet), b: &(&Sheet, Sheet)) -> f64 {
    if a.1.size().min(b.1.size()) < LEAST_INK_ALONE {
        return 0.0;
    }
    (a.1.common(b.0) + b.1.common(a.0)) as f64 / (a.1.size() + b.1.size()) as f64
}
