//! The search among the pages of one form.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::Sent;
use super::evidence::{Yardstick, lot, strangers};
use super::known::{Last, Remembered};
use super::likeness::Hand;
use super::sift::{Answers, Digest, near};
use super::tiles::{Mask, Sheet};
use super::verdict::{Pair, choose, worth_asking};

/// Under this nobody is asked: so much ink of either must lie on the other's. With 0.55 four more of 2,130 sheets
/// sent again were found, and the search of 8,330 pages took 2.6 s in place of 1.8.
pub const POSSIBLE: f64 = 0.65;
/// Fewer cells say nothing about the hand: a single tick of 7 mm covers 15 to 40 of them.
pub const LEAST_INK: usize = 30;
/// Questions that may be answered otherwise on a copy, each time with a person's look at it: a sheet that
/// was corrected and sent again. Where the machine is unsure of either, nothing is said against it.
const MOST_ANSWERS_APART: usize = 3;
/// Options that may be chosen on one and not on the other: three answers that changed sides.
const MOST_OPTIONS_APART: u32 = 6;

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
    /// Which sheet a page shows, as far as it is known: its own, or the first that it is (or may be) a copy of.
    fn sheet(&self, page: usize) -> usize {
        let mut first = page as u32;
        // Pages come in their order, and an original is always earlier.
        while let Ok(at) = self.last.binary_search_by_key(&first, |m| m.copy) {
            first = self.last[at].original;
        }
        first as usize
    }

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
                let best = self.best(i, &close, &mask, &out);
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
        let mut close: Vec<_> = all.filter(|(_, similarity)| *similarity >= POSSIBLE).collect();
        mask.wipe(sheet);
        if !close.is_empty() {
            let hand = Hand::new(sheet);
            close.retain(|(j, _)| self.alike(i, *j, &hand).is_some());
        }
        close
    }

    /// How alike the ink of two pages is, unless too little for anybody to look at them.
    fn alike(&self, i: usize, j: usize, hand_of_i: &Hand) -> Option<f64> {
        let least = worth_asking(self.answers.apart(i, j));
        let likeness = hand_of_i.likeness(&self.sheets[j]);
        (likeness >= least).then_some(likeness)
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

    /// Of the pages that lie well on page `i`, the one that is the same sheet or may be.
    fn best(
        &self,
        i: usize,
        close: &[(usize, f64)],
        mask_of_i: &Mask,
        found: &Found,
    ) -> Option<Last> {
        let few = close.iter().map(|c| c.0);
        let yardstick = Yardstick::new((&self.sheets, &self.strangers), i, mask_of_i, few, |j| {
            found.copies.contains(&j)
        });
        let hand = Hand::new(&self.sheets[i]);
        let pairs = close.iter().filter_map(|(j, similarity)| {
            let (j, similarity) = (*j, *similarity);
            let pair = Pair {
                similarity,
                likeness: self.alike(i, j, &hand)?,
                ink: self.sheets[i].size().min(self.sheets[j].size()),
                apart: self.answers.apart(i, j),
                log_chance: yardstick.log_chance(&self.sheets, j, mask_of_i),
                sheet: found.sheet(j),
            };
            Some((j as u32, pair))
        });
        let (originals, pairs): (Vec<u32>, Vec<Pair>) = pairs.unzip();
        let (at, doubtful) = choose(&pairs)?;
        let (copy, original, similarity) = (i as u32, originals[at], pairs[at].similarity);
        Some(Last { copy, original, similarity, doubtful })
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
