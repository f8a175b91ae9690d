//! The same sheet sent again: the same marks, the same handwriting, another transmission. Two clinics
//! with the same ticks are two, because two hands do not draw through the same half millimetres.
//!
//! Three things are asked. How much ink of either lies on the other's, with some tolerance (`similarity`):
//! cheap, and it keeps nearly all pairs from the rest. How alike the ink is cell for cell, beyond what so much
//! ink agrees by chance (`likeness`): lines of dense writing cover each other whatever they say, but only the same
//! strokes run through the same cells. And how rarely strangers' pages lie so well upon each other (`chance`):
//! boxes filled in from edge to edge agree by anyone's hand. `verdict` weighs the last two.
//!
//! Every pair is looked at, cheapest test first: chosen options, number of inked cells, 16 sampled
//! cells, the whole overlap, the likeness, and for the few that are left the chance. What came of a pair
//! is a function of its two readings, so it is kept (`Known`): after new pages only those are compared.

mod evidence;
mod ink;
mod known;
mod likeness;
mod search;
mod sift;
mod tiles;
mod verdict;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use ink::{GRID_COLUMNS, GRID_ROWS};
pub(crate) use ink::{base64url, cells, from_base64url};
pub use known::{Id, Known};
use known::{Last, Remembered};
use search::{Found, Search};
pub use search::{LEAST_INK, POSSIBLE};
pub use verdict::SAME;

use crate::reading::{AnswerReading, PageReading};

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
    let found = all_forms(pages, &Remembered::nothing(pages.len()));
    let last: Vec<Last> = found.iter().flat_map(|f| f.last.iter().copied()).collect();
    matches(pages, &last)
}

/// The same, with what was `known` of pairs of them before; `ids` name the pages' readings and forms. What
/// is known afterwards, unless it is the same.
pub fn search<K: Clone, S: Sent>(
    pages: &[(K, S)],
    ids: Vec<Id>,
    known: &Known,
) -> (Vec<Match<K>>, Option<Known>) {
    if ids == known.ids {
        return (matches(pages, &known.last), None);
    }
    let remembered = known.of(&ids);
    let mut found = all_forms(pages, &remembered);
    let copies: BTreeSet<usize> = found.iter().flat_map(|f| f.copies.iter().copied()).collect();
    if !remembered.passed_over.is_subset(&copies) {
        // Some were not compared because they were copies, and they are none any more.
        found = all_forms(pages, &Remembered::nothing(pages.len()));
    }
    let now = Known::new(ids, found);
    (matches(pages, &now.last), Some(now))
}

/// Form by form, in places of `pages`.
fn all_forms<K, S: Sent>(pages: &[(K, S)], remembered: &Remembered) -> Vec<Found> {
    let mut forms: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (_, page)) in pages.iter().enumerate() {
        forms.entry(page.form()).or_default().push(i);
    }
    let one = |members: &Vec<usize>| {
        let own: Vec<&S> = members.iter().map(|i| &pages[*i].1).collect();
        Search::new(&own).run(&remembered.among(members)).placed(members)
    };
    forms.values().map(one).collect()
}

fn matches<K: Clone, S>(pages: &[(K, S)], last: &[Last]) -> Vec<Match<K>> {
    let key = |i: u32| pages.get(i as usize).map(|p| p.0.clone());
    let matched = |m: &Last| {
        let (copy, original) = (key(m.copy)?, key(m.original)?);
        Some(Match { copy, original, similarity: m.similarity, doubtful: m.doubtful })
    };
    let mut last: Vec<&Last> = last.iter().collect();
    last.sort_by_key(|m| m.copy);
    last.into_iter().filter_map(matched).collect()
}
