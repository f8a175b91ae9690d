//! Wrong characters, and whether a reader knew.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Read;

/// A field is good with at most this share of its characters wrong (what confidence means).
const GOOD: f32 = 0.1;
/// Resamplings of a bootstrap interval (Efron 1979).
const DRAWS: usize = 2000;

struct Field {
    truth: String,
    read: Vec<Read>,
}

/// What was read, by kind of hand.
pub struct Table {
    names: Vec<String>,
    rows: BTreeMap<&'static str, Vec<Field>>,
}

impl Table {
    pub fn new(names: &[&str]) -> Self {
        Self { names: names.iter().map(|n| (*n).to_owned()).collect(), rows: BTreeMap::new() }
    }

    pub fn add(&mut self, kind: &'static str, truth: String, read: Vec<Read>) {
        self.rows.entry(kind).or_default().push(Field { truth, read });
    }

    /// One kind: fields, and for each reader wrong characters, AUC with its interval, ms a line.
    pub fn row(&self, kind: &str) -> String {
        let fields = self.rows.get(kind).map_or(&[][..], Vec::as_slice);
        let mut out = format!("{kind:<18} {:>4}", fields.len());
        for (i, name) in self.names.iter().enumerate() {
            let (mut wrong, mut all, mut ms) = (0, 0, 0.0);
            for f in fields {
                let (w, n) = errors(&f.truth, &f.read[i].text);
                (wrong, all, ms) = (wrong + w, all + n, ms + f.read[i].ms);
            }
            let marked: Vec<(f32, bool)> = fields.iter().map(|f| judged(f, i)).collect();
            let good = marked.iter().filter(|m| m.1).count();
            let auc = match (auc(&marked), interval(&marked)) {
                (Some(a), Some((low, high))) => format!("{a:.3} [{low:.2}-{high:.2}]"),
                _ => "-".into(),
            };
            let (rate, ms) = (100.0 * wrong as f32 / all.max(1) as f32, ms / fields.len() as f32);
            let _ = write!(
                out,
                " | {name} {rate:>5.1} % wrong, {good:>3} good, AUC {auc:<17} {ms:>4.0} ms/line"
            );
        }
        out
    }

    /// Over all fields: what was said beside what was so, by tenths of the confidence.
    pub fn calibration(&self) -> String {
        let mut out = String::new();
        for (i, name) in self.names.iter().enumerate() {
            let all: Vec<(f32, bool)> =
                self.rows.values().flatten().map(|f| judged(f, i)).collect();
            let auc = auc(&all).map_or("-".into(), |a| format!("{a:.3}"));
            let _ = writeln!(out, "{name}: {} fields, AUC {auc}; fields, said, good:", all.len());
            for tenth in 0..10 {
                let low = tenth as f32 / 10.0;
                let inside = |m: &&(f32, bool)| (m.0 * 10.0).floor().min(9.0) as usize == tenth;
                let part: Vec<_> = all.iter().filter(inside).collect();
                if part.is_empty() {
                    continue;
                }
                let said = part.iter().map(|m| m.0).sum::<f32>() / part.len() as f32;
                let good = part.iter().filter(|m| m.1).count() as f32 / part.len() as f32;
                let _ = writeln!(out, "  {low:.1} {:>4}  {said:.2} {good:.2}", part.len());
            }
        }
        out
    }

    /// Every field: kind, truth, then each reader's text, confidence and wrong characters.
    pub fn each(&self) -> String {
        let mut out = String::new();
        for (kind, f) in self.rows.iter().flat_map(|(k, all)| all.iter().map(move |f| (k, f))) {
            let _ = write!(out, "{kind}\t{}", f.truth);
            for r in &f.read {
                let _ = write!(out, "\t{}\t{:.4}\t{}", r.text, r.sure, errors(&f.truth, &r.text).0);
            }
            out.push('\n');
        }
        out
    }
}

fn judged(f: &Field, i: usize) -> (f32, bool) {
    let (wrong, all) = errors(&f.truth, &f.read[i].text);
    (f.read[i].sure, wrong as f32 <= GOOD * all as f32)
}

/// Chance that a good field has more confidence than a bad one.
fn auc(all: &[(f32, bool)]) -> Option<f32> {
    let of = |good: bool| all.iter().filter(move |m| m.1 == good).map(|m| m.0);
    let pairs = of(true).flat_map(|g| of(false).map(move |b| (g, b)));
    let (mut sum, mut n) = (0.0, 0);
    for (g, b) in pairs {
        sum += match g.total_cmp(&b) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        n += 1;
    }
    (n > 0).then(|| sum / n as f32)
}

/// 95 % of resamplings of the fields lie in it.
fn interval(all: &[(f32, bool)]) -> Option<(f32, f32)> {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(1);
    let mut found: Vec<f32> = (0..DRAWS)
        .filter_map(|_| {
            let some: Vec<_> =
                (0..all.len()).map(|_| all[rng.random_range(0..all.len())]).collect();
            auc(&some)
        })
        .collect();
    found.sort_by(f32::total_cmp);
    let at = |share: f32| found.get((share * found.len() as f32) as usize).copied();
    Some((at(0.025)?, at(0.975)?))
}

/// Wrong characters and how many there are, without punctuation and blanks.
fn errors(truth: &str, read: &str) -> (usize, usize) {
    let (a, b) = (plain(truth), plain(read));
    (faxtally::text::distance(&a, &b), a.len())
}

/// Letters, kana, kanji and digits; wide ones made narrow.
fn plain(text: &str) -> Vec<char> {
    let narrow = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(narrow).filter(|c| c.is_alphanumeric()).collect()
}
