//! What a network saw in a field's lines -> the text that was meant: any text by a beam with the
//! language, numbers by their digits, lists by scoring every spelling. Pure; knows no network.

use super::ctc::{AnyText, Found, Frames, Width, forward, search, spikes};
use super::language::{FieldLanguage, Weights, Words};
use super::lexicon::Lexicon;
use super::{FieldAsk, FieldKind};
use crate::units::Score;

/// Simulated scrawls (`KanjiVG` strokes, seed 3101) decide little between .7 and 1.1, 5 and 7:
/// the middle.
const WEIGHTS: Weights = Weights { language: 0.9, bonus: 6.0, mark: 1.0 };
/// Twice as wide gains nothing measurable.
const WIDTH: Width = Width { beam: 16, symbols: 30 };
/// For digits and what looks like them: everything that matters.
const DIGITS_WIDTH: Width = Width { beam: 48, symbols: 16 };

/// What a network's symbols stand for.
#[derive(Clone, Debug)]
pub struct Alphabet {
    /// `\0` for the blank and for what is no single character.
    letters: Vec<char>,
    /// The symbol of a character, sorted by the character.
    symbols: Vec<(char, usize)>,
    /// Characters that Japanese is written with.
    japanese: Vec<bool>,
}

impl Alphabet {
    /// `entries` has a string for each symbol after the blank.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let letter = |entry: &str| {
            let mut all = entry.chars();
            all.next().filter(|_| all.next().is_none()).unwrap_or('\0')
        };
        let letters: Vec<char> =
            std::iter::once('\0').chain(entries.into_iter().map(letter)).collect();
        let named = letters.iter().enumerate().filter(|(_, c)| **c != '\0');
        let mut symbols: Vec<(char, usize)> = named.map(|(i, c)| (*c, i)).collect();
        symbols.sort_unstable();
        symbols.dedup_by_key(|s| s.0);
        let japanese = letters.iter().map(|c| is_japanese(*c)).collect();
        Self { letters, symbols, japanese }
    }

    pub fn len(&self) -> usize {
        self.letters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    fn symbol(&self, c: char) -> Option<usize> {
        let at = self.symbols.binary_search_by_key(&c, |s| s.0).ok()?;
        Some(self.symbols[at].1)
    }

    fn spelt(&self, text: &str) -> Option<Vec<usize>> {
        text.chars().map(|c| self.symbol(c)).collect()
    }

    fn text(&self, symbols: &[usize]) -> String {
        symbols.iter().map(|s| self.letters[*s]).collect()
    }
}

/// In JIS X 0208 (with its vendors' additions): no simplified Chinese, no Hangul, no emoji; and no
/// Greek, Cyrillic, arrows or rules, which stray strokes resemble.
fn is_japanese(c: char) -> bool {
    let mut one = [0; 4];
    let odd = matches!(c, '\0' | '\u{370}'..='\u{4ff}' | '\u{2190}'..='\u{245f}' | '\u{2500}'..='\u{257f}');
    !odd && !encoding_rs::EUC_JP.encode(c.encode_utf8(&mut one)).2
}

/// A text, how sure it is, and where its characters stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub text: String,
    pub confidence: Score,
    /// One for each recognised character: its frames and the network's probability.
    pub letters: Vec<(char, std::ops::Range<usize>, f32)>,
}

/// Decodes one field. `own` are the words of `ask`; frames of several lines stand one after the other.
pub fn decode(
    frames: &Frames,
    alphabet: &Alphabet,
    words: &Words,
    own: &Words,
    ask: &FieldAsk,
) -> Decoded {
    match ask.kind {
        FieldKind::Free => free(frames, alphabet, words, own),
        FieldKind::Integer { min, max } => integer(frames, alphabet, (min, max)),
        FieldKind::Lexicon(list) => lexicon(frames, alphabet, list),
    }
}

/// What the network would read by itself: for each frame its likeliest symbol.
fn unaided(frames: &Frames, alphabet: &Alphabet) -> Vec<usize> {
    let narrow = Width { beam: 4, symbols: 4 };
    let all = |s: usize| alphabet.letters.get(s).is_some_and(|c| *c != '\0');
    search(frames, &AnyText, &all, narrow).into_iter().next().map_or_else(Vec::new, |f| f.text)
}

fn with_letters(frames: &Frames, alphabet: &Alphabet, text: &[usize]) -> Decoded {
    let places = spikes(frames, text);
    let letters = text.iter().map(|s| alphabet.letters[*s]).zip(places);
    Decoded {
        text: alphabet.text(text),
        confidence: Score::new(0.0),
        letters: letters.map(|(c, (at, p))| (c, at, p)).collect(),
    }
}

fn free(frames: &Frames, alphabet: &Alphabet, words: &Words, own: &Words) -> Decoded {
    let allowed = |s: usize| alphabet.japanese.get(s).copied().unwrap_or(false);
    let found = if words.is_empty() {
        search(frames, &AnyText, &allowed, WIDTH)
    } else {
        let letters = &alphabet.letters;
        let language = FieldLanguage { words, own, letters, weights: WEIGHTS };
        search(frames, &language, &allowed, WIDTH)
    };
    let rival = found.get(1).map_or(f32::NEG_INFINITY, Found::score);
    let Some(best) = found.into_iter().next() else { return with_letters(frames, alphabet, &[]) };
    let mut out = with_letters(frames, alphabet, &best.text);
    let own = forward(frames, &unaided(frames, alphabet));
    let per = |v: f32| v / best.text.len().max(1) as f32;
    let features = Features {
        sure: per(out.letters.iter().map(|l| l.2).sum()),
        bent: per(own - best.seen).max(0.0),
        ahead: (best.score() - rival).clamp(0.0, FAR_AHEAD),
    };
    if !best.text.is_empty() {
        out.confidence = Score::new(features.confidence());
    }
    out
}

/// A text further ahead of the next one than this is just as sure.
const FAR_AHEAD: f32 = 5.0;

/// What tells a good text from a bad one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Features {
    /// Mean of the network's probabilities of the characters.
    sure: f32,
    /// How much likelier the network found its own reading, per character, in ln.
    bent: f32,
    /// How much better the text is than the next best one, in ln.
    ahead: f32,
}

impl Features {
    /// Chance that at most 10 % of the characters are wrong: logistic regression on 480 simulated fields
    /// from print to the worst scrawl (`examples/handwriting`, seed 6751; none of it real writing).
    fn confidence(self) -> f32 {
        let x = -11.9 + 14.65 * self.sure - 1.02 * self.bent + 0.89 * self.ahead;
        1.0 / (1.0 + (-x).exp())
    }
}

/// Digits, wide or narrow, within the range; another reading as likely halves the confidence, and so
/// does ink that no digit explains.
fn integer(frames: &Frames, alphabet: &Alphabet, (min, max): (i64, i64)) -> Decoded {
    let digit = |s: usize| alphabet.letters.get(s).and_then(|c| narrow_digit(*c));
    let found = search(frames, &AnyText, &|s| digit(s).is_some(), DIGITS_WIDTH);
    let mut all: Vec<(i64, f32, Vec<usize>)> = Vec::new();
    for f in found {
        let written: String = f.text.iter().filter_map(|s| digit(*s)).collect();
        let Ok(n) = written.parse::<i64>() else { continue };
        match all.iter_mut().find(|(m, ..)| *m == n) {
            Some((_, p, _)) => *p += f.seen.exp(),
            None => all.push((n, f.seen.exp(), f.text)),
        }
    }
    all.retain(|(n, ..)| (min..=max).contains(n));
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let Some((n, p, text)) = all.first() else { return with_letters(frames, alphabet, &[]) };
    let mut out = with_letters(frames, alphabet, text);
    out.text = n.to_string();
    // Of all readings, digits or not: what the network gives to others is doubt.
    out.confidence = Score::new(*p);
    out
}

/// What a character is among digits: the network knows nothing of the field and doubts whether a ring
/// is a 0 or an O, which is no doubt about the number.
fn narrow_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        'O' | 'o' | 'Ｏ' | 'ｏ' | '〇' | '○' => Some('0'),
        'l' | 'I' | '|' | '｜' => Some('1'),
        'Z' | 'z' => Some('2'),
        'S' | 's' => Some('5'),
        'b' => Some('6'),
        'q' | 'g' => Some('9'),
        _ => None,
    }
}

/// Weight of a spelling's score against the network's own reading, for each character: 1 is the
/// network's own view; less, since a list is far smaller than all texts.
const LIST_TRUST: f32 = 0.5;

/// The entry whose spellings the network finds likeliest.
fn lexicon(frames: &Frames, alphabet: &Alphabet, list: &Lexicon) -> Decoded {
    let mut sums = vec![0.0f64; list.entries.len()];
    let mut best: (f32, Vec<usize>) = (f32::NEG_INFINITY, Vec::new());
    let scored: Vec<(usize, f32, Vec<usize>)> = list
        .spellings()
        .filter_map(|(i, s)| {
            let symbols = alphabet.spelt(s)?;
            Some((i, forward(frames, &symbols), symbols))
        })
        .filter(|(_, score, _)| score.is_finite())
        .collect();
    for (_, score, symbols) in &scored {
        if *score > best.0 {
            best = (*score, symbols.clone());
        }
    }
    for (i, score, _) in &scored {
        sums[*i] += f64::from(score - best.0).exp();
    }
    let all: f64 = sums.iter().sum();
    let first = (0..sums.len()).max_by(|a, b| sums[*a].total_cmp(&sums[*b]).then(b.cmp(a)));
    let Some(first) = first.filter(|_| all > 0.0) else {
        return with_letters(frames, alphabet, &[]);
    };
    let mut out = with_letters(frames, alphabet, &best.1);
    out.text.clone_from(&list.entries[first].value);
    // Nothing of the list may be there at all: then the network's own reading is far likelier.
    let own = unaided(frames, alphabet);
    let worse = (best.0 - forward(frames, &own)).min(0.0) / best.1.len().max(1) as f32;
    out.confidence = Score::new((sums[first] / all) as f32 * (LIST_TRUST * worse).exp());
    out
}

#[cfg(test)]
mod tests;
