//! Numbers by their digits: a small reader that knows nothing but digits and what is none, beside the large
//! ones that know all writing. It shares nothing with them, so what it agrees with them on is seldom wrong.
//!
//! A line falls into parts (`parts`), the network says of every group of neighbouring parts which digit it
//! is, if any (`network`), and the number is the likeliest way through all parts. A part that is no digit (a
//! dash, a point, a struck-out digit, 件) is in the way of every number: then there is none.

pub mod network;
pub mod parts;

use std::sync::Arc;

use network::{CLASSES, NO_DIGIT, Network};
use parts::{Part, groups, joined, parts, picture};
use sha2::{Digest, Sha256};

use super::pieces::Piece;
use super::{
    Crop, FieldAsk, FieldKind, Line, Recognised, Symbol, TextEngine, TextError, TextReader,
};
use crate::units::{Px, Rect, Score};

const NAME: &str = "digits";
/// A part is looked at as it stands and leaning by so much of its height to either side.
const LEANS: [f32; 3] = [0.0, 0.18, -0.18];
/// Of what the network was trained on more is no digit than of what stands in a field for a number: its
/// chance is divided by this. (Of 1, 5, 10 and 30 this counts most before the first two wrong ones:
/// `examples/digits`, even half, seed 6732.)
const RARER: f32 = 10.0;
/// Digits of a part that are followed, and numbers that are kept at each place.
const BEST: usize = 3;
const KEPT: usize = 6;

/// The engine: always there.
pub struct Digits {
    name: String,
    network: Option<Arc<Network>>,
}

impl Default for Digits {
    fn default() -> Self {
        Self::of(network::weights())
    }
}

impl Digits {
    /// With other weights than the program's, as training makes them.
    pub fn of(weights: &[u8]) -> Self {
        let hash = Sha256::digest(weights);
        let short = hash.iter().take(4).fold(0u32, |all, b| all << 8 | u32::from(*b));
        let network = Network::new(weights).map(Arc::new);
        Self { name: format!("{NAME} {short:08x}"), network }
    }
}

impl TextEngine for Digits {
    fn name(&self) -> &str {
        &self.name
    }

    fn reader(&self) -> Result<Box<dyn TextReader>, TextError> {
        match &self.network {
            Some(network) => Ok(Box::new(Reader(Arc::clone(network)))),
            None => Err(TextError::Engine { engine: NAME, detail: "weights.bin".into() }),
        }
    }
}

struct Reader(Arc<Network>);

impl TextReader for Reader {
    fn read(&mut self, crop: &Crop, ask: &FieldAsk) -> Result<Recognised, TextError> {
        ask.in_time()?;
        let nothing =
            Recognised { text: String::new(), confidence: Score::ZERO, symbols: Vec::new() };
        let FieldKind::Integer { min, max } = ask.kind else { return Ok(nothing) };
        // A number stands in one line; two may be two answers.
        let [line] = crop.lines.as_slice() else { return Ok(nothing) };
        let Some(found) = self.number(line, ask)? else { return Ok(nothing) };
        let fits = found.text.parse::<i64>().is_ok_and(|n| (min..=max).contains(&n));
        let confidence = Score::new(if fits { found.sure } else { 0.0 });
        Ok(Recognised { text: found.text, confidence, symbols: found.symbols })
    }
}

/// A number on its way from the left.
#[derive(Clone, Default)]
struct Way {
    text: String,
    /// Chance that each digit is what it is taken for.
    p: f32,
    /// Which parts each of them is, and its own chance.
    digits: Vec<(std::ops::Range<usize>, f32)>,
}

struct Number {
    text: String,
    sure: f32,
    symbols: Vec<Symbol>,
}

impl Reader {
    fn number(&self, line: &Line, ask: &FieldAsk) -> Result<Option<Number>, TextError> {
        let Some(all) = parts(&line.ink).filter(|p| !p.is_empty()) else { return Ok(None) };
        let high = line.ink.height();
        let mut ways: Vec<Vec<Way>> = vec![Vec::new(); all.len() + 1];
        ways[0].push(Way { p: 1.0, ..Way::default() });
        for group in groups(&all, high) {
            ask.in_time()?;
            if ways[group.start].is_empty() {
                continue;
            }
            let Some(part) = joined(&all[group.clone()]) else { continue };
            let more = longer(&ways[group.start], &self.classes(&part, high), &group);
            ways[group.end].extend(more);
            keep(&mut ways[group.end]);
        }
        let mut last = std::mem::take(&mut ways[all.len()]).into_iter();
        let Some(best) = last.next() else { return Ok(None) };
        let rival = last.next().map_or(0.0, |w| w.p);
        let sure = best.p * best.p / (best.p + rival).max(f32::MIN_POSITIVE);
        let symbols = symbols(&best, &all, line);
        Ok(Some(Number { text: best.text, sure, symbols }))
    }

    /// The chances of all classes: what all looks say, none of them louder than the others (the geometric
    /// mean). A digit that turns into another when it leans is not known.
    fn classes(&self, part: &Piece, high: usize) -> [f32; CLASSES] {
        let mut out = [1.0f32; CLASSES];
        for lean in LEANS {
            let seen = self.0.classes(&picture(part, high, lean));
            for (all, one) in out.iter_mut().zip(seen) {
                *all *= one.max(f32::EPSILON).powf(1.0 / LEANS.len() as f32);
            }
        }
        out[NO_DIGIT] /= RARER;
        let sum: f32 = out.iter().sum();
        out.map(|p| p / sum)
    }
}

fn symbols(way: &Way, all: &[Part], line: &Line) -> Vec<Symbol> {
    let each = way.text.chars().zip(&way.digits);
    let symbol = |(digit, (group, p)): (char, &(std::ops::Range<usize>, f32))| {
        let b = joined(&all[group.clone()])?.bounds;
        let (x, w) = (Px(line.place.x.0 + b.x0 as f32), Px(b.width() as f32));
        let place = Rect { x, w, ..line.place };
        Some(Symbol { text: digit.to_string(), place, confidence: Score::new(*p) })
    };
    each.filter_map(symbol).collect()
}

/// The ways that a group of parts makes one digit longer.
fn longer(ways: &[Way], seen: &[f32; CLASSES], group: &std::ops::Range<usize>) -> Vec<Way> {
    let mut digits: Vec<usize> = (0..10).collect();
    digits.sort_by(|a, b| seen[*b].total_cmp(&seen[*a]).then(a.cmp(b)));
    let mut out = Vec::new();
    for way in ways {
        for d in digits.iter().take(BEST) {
            let mut next = way.clone();
            next.text.extend(char::from_digit(*d as u32, 10));
            next.p *= seen[*d];
            next.digits.push((group.clone(), seen[*d]));
            out.push(next);
        }
    }
    out
}

/// The likeliest ways, each number once.
fn keep(ways: &mut Vec<Way>) {
    ways.sort_by(|a, b| b.p.total_cmp(&a.p).then_with(|| a.text.cmp(&b.text)));
    let mut known: Vec<String> = Vec::new();
    ways.retain(|w| {
        let new = known.len() < KEPT && !known.contains(&w.text);
        if new {
            known.push(w.text.clone());
        }
        new
    });
}

/// What training needs of a line: every group of parts, and what the network would see of it.
pub fn seen(line: &Line, lean: f32) -> Vec<(Piece, Vec<f32>)> {
    let all = parts(&line.ink).unwrap_or_default();
    let high = line.ink.height();
    let whole = groups(&all, high).into_iter().filter_map(|g| joined(&all[g]));
    let each = whole.map(|part| {
        let picture = picture(&part, high, lean);
        (part, picture)
    });
    each.collect()
}

#[cfg(test)]
mod tests;
