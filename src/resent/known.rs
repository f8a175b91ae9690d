//! What a search leaves for the next one. Derived: bytes that do not fit are no error, then every pair is
//! looked at once more.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::search::{Close, Found};

/// Grows whenever a pair would come out otherwise: what an older search left is then forgotten.
const VERSION: u8 = 3;
/// First bytes of SHA-256 over all: an accident passes once in 10^19.
const SUM: usize = 8;
/// Bytes of a match: two places, its similarity, whether it is doubtful.
const LAST: usize = 17;
/// Bytes of a pair: two places, its similarity.
const CLOSE: usize = 16;
/// A million pairs: among ever more pages they grow with the square, and 16 MB is what they may take. Beyond
/// that only the matches are kept.
const MOST_CLOSE: usize = 1 << 20;

/// Names one reading of one page as one form: nothing of it can change without its name changing.
pub type Id = [u8; 20];

/// A page that is (or may be) another sent again, both by their places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Last {
    pub copy: u32,
    pub original: u32,
    pub similarity: f64,
    pub doubtful: bool,
}

/// The pages that were searched last, and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    pub(super) ids: Vec<Id>,
    pub(super) last: Vec<Last>,
    /// Every pair of them that is close, but for pairs with those passed over.
    close: Vec<Close>,
    /// Copies, with which later pages were not compared.
    passed_over: Vec<u32>,
    /// `close` is not all there is.
    cut: bool,
}

/// The part of it that says something about the pages at hand, in their places.
pub struct Remembered {
    /// Whether all pairs of it with others of the old ones are known.
    pub old: Vec<bool>,
    /// The earlier ones that it is close to.
    pub close: Vec<Vec<(usize, f64)>>,
    pub passed_over: BTreeSet<usize>,
}

impl Known {
    /// What was found among the pages of these names.
    pub(super) fn new(ids: Vec<Id>, found: Vec<Found>) -> Self {
        let mut out = Self { ids, ..Self::default() };
        for form in found {
            out.last.extend(form.last);
            out.close.extend(form.close);
            out.passed_over.extend(form.copies.iter().map(|i| *i as u32));
        }
        out.cut = out.close.len() > MOST_CLOSE;
        if out.cut {
            out.close = Vec::new();
        }
        out
    }

    pub(super) fn of(&self, ids: &[Id]) -> Remembered {
        let mut out = Remembered::nothing(ids.len());
        let places: HashMap<&Id, usize> = ids.iter().enumerate().map(|(i, id)| (id, i)).collect();
        let now: Vec<Option<usize>> = self.ids.iter().map(|id| places.get(id).copied()).collect();
        let there: Vec<usize> = now.iter().copied().flatten().collect();
        // Which of two was first decides which is the copy.
        if self.cut || places.len() != ids.len() || !there.is_sorted() {
            return out;
        }
        for i in &there {
            out.old[*i] = true;
        }
        let place = |i: u32| now.get(i as usize).copied().flatten();
        for (later, earlier, similarity) in &self.close {
            if let (Some(later), Some(earlier)) = (place(*later), place(*earlier)) {
                out.close[later].push((earlier, *similarity));
            }
        }
        out.passed_over = self.passed_over.iter().filter_map(|i| place(*i)).collect();
        out
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION, u8::from(self.cut)];
        let lists = [self.ids.len(), self.last.len(), self.close.len(), self.passed_over.len()];
        for n in &lists {
            out.extend((*n as u32).to_le_bytes());
        }
        self.ids.iter().for_each(|id| out.extend(id));
        for m in &self.last {
            out.extend(m.copy.to_le_bytes());
            out.extend(m.original.to_le_bytes());
            out.extend(m.similarity.to_le_bytes());
            out.push(u8::from(m.doubtful));
        }
        for (later, earlier, similarity) in &self.close {
            out.extend(later.to_le_bytes());
            out.extend(earlier.to_le_bytes());
            out.extend(similarity.to_le_bytes());
        }
        self.passed_over.iter().for_each(|i| out.extend(i.to_le_bytes()));
        let sum = Sha256::digest(&out);
        out.extend(&sum[..SUM]);
        out
    }

    /// `None`: damaged, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
        if Sha256::digest(body)[..SUM] != *sum {
            return None;
        }
        let (head, mut rest) = body.split_at_checked(2)?;
        let mut count = || {
            let (n, after) = rest.split_at_checked(4)?;
            rest = after;
            word(n).map(|n| n as usize)
        };
        let (ids, last, close, over) = (count()?, count()?, count()?, count()?);
        let mut take = |n: usize, each: usize| {
            let (list, after) = rest.split_at_checked(n.checked_mul(each)?)?;
            rest = after;
            Some(list.chunks_exact(each))
        };
        let ids = take(ids, size_of::<Id>())?.filter_map(|b| b.try_into().ok()).collect();
        let last = take(last, LAST)?.map(|b| {
            let (copy, original) = (word(&b[..4])?, word(&b[4..8])?);
            Some(Last { copy, original, similarity: share(&b[8..16])?, doubtful: b[16] != 0 })
        });
        let last = last.collect::<Option<_>>()?;
        let close = take(close, CLOSE)?;
        let close = close.map(|b| Some((word(&b[..4])?, word(&b[4..8])?, share(&b[8..])?)));
        let close = close.collect::<Option<_>>()?;
        let passed_over = take(over, 4)?.map(word).collect::<Option<_>>()?;
        let fits = head[0] == VERSION && rest.is_empty();
        fits.then_some(Self { ids, last, close, passed_over, cut: head[1] != 0 })
    }
}

impl Remembered {
    /// Of so many pages.
    pub fn nothing(pages: usize) -> Self {
        let close = vec![Vec::new(); pages];
        Self { old: vec![false; pages], close, passed_over: BTreeSet::new() }
    }

    /// What it says of some of the pages, in places among those.
    pub fn among(&self, members: &[usize]) -> Self {
        let place: HashMap<usize, usize> =
            members.iter().enumerate().map(|(i, m)| (*m, i)).collect();
        let close = |m: &usize| {
            let all = self.close[*m].iter();
            all.filter_map(|(j, s)| Some((*place.get(j)?, *s))).collect()
        };
        Self {
            old: members.iter().map(|m| self.old[*m]).collect(),
            close: members.iter().map(close).collect(),
            passed_over: BTreeSet::new(),
        }
    }
}

fn word(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_le_bytes)
}

fn share(bytes: &[u8]) -> Option<f64> {
    bytes.try_into().ok().map(f64::from_le_bytes)
}
