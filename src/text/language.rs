//! What Japanese looks like, character by character: words one after the other, as often as a list of
//! frequencies has them. No blanks part Japanese words, so a text is all its ways to be cut into words
//! at once: the state is where in which word it may be, with the chance of each (the forward filter
//! of a hidden Markov model over words, Rabiner 1989). Words are a trie, so a word that has
//! just begun already says what may follow.

use super::ctc::Language;

/// Chance of a character that no word allows: about one of 500 characters is a name's, spread over the
/// 6,500 kanji in use.
const UNKNOWN: f32 = 3e-7;
/// Ways less likely than this, of 1, are forgotten.
const FORGOTTEN: f32 = 1e-4;
/// Chance of punctuation, digits and blanks, which no list of words has: one of 50 characters of print.
const MARK: f32 = 0.02;
/// Chance that a word is one of the form's or the user's: they are a few of twenty words of an answer.
const OWN: f32 = 0.05;
/// Longest run of kanji or katakana in a label that is a word of its own.
const LONGEST: usize = 12;

/// Any word of the language may begin here.
const BETWEEN: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    letter: char,
    /// Share of the words that go through here, of all words.
    through: f32,
    /// Share of the words that end here.
    ends: f32,
    first_child: u32,
    children: u32,
}

/// Words by their beginnings.
#[derive(Clone, Debug)]
pub struct Words {
    nodes: Vec<Node>,
}

/// Words on their way into a trie: all letters in one row, so that 215,000 words take 6 MB and not 30.
#[derive(Default)]
struct Sorting {
    letters: Vec<char>,
    /// Where a word begins, how many letters it has, its share.
    words: Vec<(u32, u32, f32)>,
}

impl Sorting {
    fn new<'a>(words: impl IntoIterator<Item = (&'a str, f32)>) -> Self {
        let mut out = Self::default();
        for (word, share) in words {
            if word.is_empty() || !share.is_finite() || share <= 0.0 {
                continue;
            }
            let start = out.letters.len();
            out.letters.extend(word.chars().map(folded));
            out.words.push((start as u32, (out.letters.len() - start) as u32, share));
        }
        let Self { letters, words } = &mut out;
        let word = |w: &(u32, u32, f32)| &letters[w.0 as usize..(w.0 + w.1) as usize];
        words.sort_unstable_by(|a, b| word(a).cmp(word(b)).then(a.2.total_cmp(&b.2)));
        out
    }

    fn length(&self, word: u32) -> u32 {
        self.words[word as usize].1
    }

    fn letter(&self, word: u32, depth: u32) -> char {
        self.letters[(self.words[word as usize].0 + depth) as usize]
    }

    fn share(&self, words: std::ops::Range<u32>) -> f32 {
        self.words[words.start as usize..words.end as usize].iter().map(|w| w.2).sum()
    }
}

impl Words {
    /// Shares need not add up to one. Words of no letters are left out.
    pub fn new<'a>(words: impl IntoIterator<Item = (&'a str, f32)>) -> Self {
        let list = Sorting::new(words);
        let root = Node { letter: '\0', through: 0.0, ends: 0.0, first_child: 0, children: 0 };
        let mut nodes = vec![root];
        // Level by level, so that the children of a node lie together: words `from..to` share the
        // node's `depth` letters.
        let all = list.words.len() as u32;
        let mut open = std::collections::VecDeque::from([(0u32, 0u32, all, 0u32)]);
        while let Some((node, mut from, to, depth)) = open.pop_front() {
            let first_child = nodes.len() as u32;
            let place = &mut nodes[node as usize];
            place.first_child = first_child;
            place.through = list.share(from..to);
            while from < to && list.length(from) == depth {
                place.ends += list.share(from..from + 1);
                from += 1;
            }
            while from < to {
                let letter = list.letter(from, depth);
                let next = (from..to).find(|w| list.letter(*w, depth) != letter).unwrap_or(to);
                open.push_back((nodes.len() as u32, from, next, depth + 1));
                nodes.push(Node { letter, ..root });
                nodes[node as usize].children += 1;
                from = next;
            }
        }
        nodes.shrink_to_fit();
        Self { nodes }
    }

    /// The words that labels are made of, and whole short labels: all alike.
    pub fn of_labels(labels: &[String]) -> Self {
        let mut all: Vec<String> = Vec::new();
        for label in labels {
            if label.chars().count() <= LONGEST {
                all.push(label.clone());
            }
            let runs = label.split(|c| !is_word_letter(c)).map(str::to_owned);
            all.extend(runs.filter(|r| (2..=LONGEST).contains(&r.chars().count())));
        }
        all.sort_unstable();
        all.dedup();
        Self::new(all.iter().map(|w| (w.as_str(), 1.0)))
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    fn child(&self, node: u32, letter: char) -> Option<u32> {
        let n = self.nodes.get(node as usize)?;
        let all = &self.nodes[n.first_child as usize..(n.first_child + n.children) as usize];
        let at = all.binary_search_by(|c| c.letter.cmp(&letter)).ok()?;
        Some(n.first_child + at as u32)
    }

    /// Chance that a text at `from` goes on to `to`.
    fn step(&self, from: u32, to: u32) -> f32 {
        self.nodes[to as usize].through / self.nodes[from as usize].through.max(f32::MIN_POSITIVE)
    }

    /// Chance that a word which has come so far is over.
    fn over(&self, node: u32) -> f32 {
        let n = self.nodes[node as usize];
        n.ends / n.through.max(f32::MIN_POSITIVE)
    }
}

fn is_word_letter(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | 'ー' | '々' | '\u{4e00}'..='\u{9fff}')
        || c.is_ascii_alphabetic()
}

/// Full-width letters as narrow ones, capitals as small ones: as the list has them.
fn folded(c: char) -> char {
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    narrow.to_ascii_lowercase()
}

/// How much the language counts beside what is seen.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Factor of the language's logarithms: the network is surer of itself than it is right.
    pub language: f32,
    /// For each character: a network that is unsure says nothing rather than something wrong.
    pub bonus: f32,
    /// The same for punctuation, digits and blanks, which are easily seen where nothing is.
    pub mark: f32,
}

/// The language of one field: everyone's words and its own.
pub struct FieldLanguage<'a> {
    pub words: &'a Words,
    pub own: &'a Words,
    /// What each of the network's symbols stands for.
    pub letters: &'a [char],
    pub weights: Weights,
}

/// One way to have come here: in which word (of its own, or everyone's), and how likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    own: bool,
    node: u32,
    share: f32,
}

const START: Way = Way { own: false, node: BETWEEN, share: 1.0 };

impl FieldLanguage<'_> {
    /// Chance of a letter, and the ways on from there.
    fn letter(&self, ways: &[Way], letter: char) -> (f32, Vec<Way>) {
        let mut on: Vec<Way> = Vec::with_capacity(ways.len() + 2);
        let mut ended = 0.0;
        for way in ways {
            if way.node == BETWEEN {
                ended += way.share;
                continue;
            }
            let words = if way.own { self.own } else { self.words };
            ended += way.share * words.over(way.node);
            if let Some(node) = words.child(way.node, letter) {
                on.push(Way { node, share: way.share * words.step(way.node, node), ..*way });
            }
        }
        let own = if self.own.is_empty() { 0.0 } else { OWN };
        for (own, words, share) in [(false, self.words, 1.0 - own), (true, self.own, own)] {
            if let Some(node) = words.child(0, letter).filter(|_| ended > 0.0) {
                on.push(Way { own, node, share: ended * share * words.step(0, node) });
            }
        }
        on.push(Way { share: UNKNOWN, ..START });
        let sum: f32 = on.iter().map(|w| w.share).sum();
        on.retain_mut(|w| {
            w.share /= sum;
            w.share >= FORGOTTEN
        });
        (sum, on)
    }
}

impl Language for FieldLanguage<'_> {
    type State = Vec<Way>;

    fn start(&self) -> Vec<Way> {
        vec![START]
    }

    fn next(&self, state: &Vec<Way>, symbol: usize) -> (f32, Vec<Way>) {
        let letter = folded(self.letters.get(symbol).copied().unwrap_or('\0'));
        let Weights { language, bonus, mark } = self.weights;
        if letter.is_alphabetic() || letter == 'ー' {
            let (chance, state) = self.letter(state, letter);
            (language * chance.ln() + bonus, state)
        } else {
            (language * MARK.ln() + mark, self.start())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters() -> Vec<char> {
        "\0受付で保険証。9Ａ".chars().collect()
    }

    fn words(list: &[(&str, f32)]) -> Words {
        Words::new(list.iter().copied())
    }

    /// Chance of a text, with weights that leave it as it is.
    fn chance(all: &Words, own: &Words, text: &str) -> f32 {
        let letters = letters();
        let weights = Weights { language: 1.0, bonus: 0.0, mark: 0.0 };
        let language = FieldLanguage { words: all, own, letters: &letters, weights };
        let mut state = language.start();
        text.chars().fold(0.0, |sum, c| {
            let symbol = letters.iter().position(|l| *l == c).unwrap();
            let (score, next) = language.next(&state, symbol);
            state = next;
            sum + score
        })
    }

    #[test]
    fn a_text_is_as_likely_as_all_its_ways_to_be_words() {
        let all = words(&[("受付", 0.5), ("受", 0.1), ("付", 0.1), ("で", 0.3)]);
        let none = Words::new([]);
        let got = chance(&all, &none, "受付で").exp();
        // 受付|で and 受|付|で; what may follow the last letter is open.
        assert!((got - (0.5 + 0.01) * 0.3).abs() < 1e-4, "{got}");
    }

    #[test]
    fn a_begun_word_expects_its_end() {
        let all = words(&[("保険証", 0.01), ("証", 0.0001), ("付", 0.2), ("で", 0.79)]);
        let none = Words::new([]);
        let gain = |text: &str| chance(&all, &none, text) - chance(&all, &none, "保険");
        assert!(gain("保険証") > -0.01);
        assert!(gain("保険付") < -10.0);
    }

    #[test]
    fn own_words_help_and_marks_end_words() {
        let all = words(&[("で", 0.5), ("保", 0.001), ("険", 0.001)]);
        let none = Words::new([]);
        let own = Words::of_labels(&["保険証。受付9".to_owned()]);
        assert!(chance(&all, &own, "保険証") > chance(&all, &none, "保険証") + 10.0);
        assert!((chance(&all, &none, "。") - MARK.ln()).abs() < 1e-6);
        assert!((chance(&all, &none, "9") - MARK.ln()).abs() < 1e-6);
        // A wide capital is the list's small letter.
        let latin = words(&[("a", 1.0)]);
        assert!(chance(&latin, &none, "Ａ") > -0.01);
    }

    #[test]
    fn without_words_every_letter_is_alike() {
        let none = Words::new([("", 1.0), ("受", f32::NAN)]);
        assert!(none.is_empty());
        assert!((chance(&none, &none, "受付") - 2.0 * UNKNOWN.ln()).abs() < 1e-3);
    }
}
