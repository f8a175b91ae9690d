//! Decoding of what a CTC network says (Graves et al. 2006): for every frame (a few columns of the
//! line) a probability of each symbol or of none (the blank, symbol 0).
//!
//! [`forward`] scores a given text, [`search`] finds the likeliest one by a prefix beam with a language
//! model (Hannun et al. 2014, algorithm 1), and [`spikes`] says where a text's symbols stand.

use std::collections::HashMap;
use std::ops::Range;

/// The network's "no symbol here".
pub const BLANK: usize = 0;
/// Less than any score that occurs.
const NEVER: f32 = f32::NEG_INFINITY;
/// Stands for a probability of zero, so that logarithms stay finite.
const FLOOR: f32 = 1e-10;
/// A frame whose blank is surer than this adds no symbol: most frames between characters.
const EMPTY: f32 = 0.999;
/// Symbols of less probability than this do not extend a text, however likely the language finds them.
const FAINT: f32 = 5e-6;

/// Probabilities that are kept of lines of any text, where nothing under [`FAINT`] is ever asked for: of
/// 18,710 symbols some hundred a frame in a scrawl, instead of 150 MB for a comment of ten lines.
pub const LIKELY: f32 = 1e-6;
/// The same where given spellings are scored, whose letters may all be faint: some thousand a frame, of
/// lines that are short.
pub const FAINTEST: f32 = 5e-9;

/// What the network says about one line: probabilities by frame and symbol, those that matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Frames {
    /// Symbol and probability, frame after frame, in the order of the symbols.
    kept: Vec<(u32, f32)>,
    /// Where in `kept` each frame ends.
    ends: Vec<usize>,
    symbols: usize,
    least: f32,
}

impl Frames {
    /// No frames yet; of those to come, probabilities under `least` count as zero.
    pub fn new(symbols: usize, least: f32) -> Self {
        let symbols = symbols.max(1);
        Self { kept: Vec::new(), ends: Vec::new(), symbols, least }
    }

    /// Adds frames, all probabilities of one after those of the other; what is left over at the end is no
    /// frame. Values that are no probability count as zero.
    pub fn extend(&mut self, values: &[f32]) {
        for frame in values.chunks_exact(self.symbols) {
            let kept = frame.iter().enumerate().filter(|(_, p)| p.is_finite() && **p >= self.least);
            self.kept.extend(kept.map(|(symbol, p)| (symbol as u32, p.min(1.0))));
            self.ends.push(self.kept.len());
        }
    }

    /// Frames of several lines as those of one: a blank between, so that a character may follow itself.
    pub fn joined(lines: &[Self]) -> Self {
        let symbols = lines.iter().map(|l| l.symbols).max().unwrap_or(1);
        let mut out = Self::new(symbols, 0.0);
        for (i, line) in lines.iter().filter(|l| l.symbols == symbols).enumerate() {
            if i > 0 {
                out.kept.push((BLANK as u32, 1.0));
                out.ends.push(out.kept.len());
            }
            let before = out.kept.len();
            out.kept.extend_from_slice(&line.kept);
            out.ends.extend(line.ends.iter().map(|end| before + end));
        }
        out
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn symbols(&self) -> usize {
        self.symbols
    }

    /// A frame's symbols with their probabilities, without those of next to none.
    pub fn frame(&self, t: usize) -> &[(u32, f32)] {
        let start = if t == 0 { 0 } else { self.ends.get(t - 1).copied().unwrap_or(0) };
        let end = self.ends.get(t).copied().unwrap_or(start);
        &self.kept[start..end]
    }

    /// Probability of a symbol in a frame; zero outside.
    pub fn at(&self, t: usize, symbol: usize) -> f32 {
        let frame = self.frame(t);
        let place = frame.binary_search_by_key(&(symbol as u32), |k| k.0);
        place.map_or(0.0, |i| frame[i].1)
    }

    fn ln(&self, t: usize, symbol: usize) -> f32 {
        self.at(t, symbol).max(FLOOR).ln()
    }
}

/// ln(e^a + e^b).
fn add(a: f32, b: f32) -> f32 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if low == NEVER { high } else { high + (low - high).exp().ln_1p() }
}

/// ln of the probability that the line reads exactly `text` (symbols, no blanks), over all ways to
/// spread it over the frames.
pub fn forward(frames: &Frames, text: &[usize]) -> f32 {
    // Blanks between and around the symbols: at odd places stands a symbol, at even ones a blank.
    let places = 2 * text.len() + 1;
    let symbol = |i: usize| if i % 2 == 1 { text[i / 2] } else { BLANK };
    let mut alive = vec![NEVER; places];
    alive[0] = 0.0;
    for t in 0..frames.len() {
        let mut next = vec![NEVER; places];
        for i in 0..places {
            let mut sum = if t == 0 && i > 1 { NEVER } else { alive[i] };
            if i > 0 {
                sum = add(sum, alive[i - 1]);
            }
            // A blank between different symbols may be left out, but not before the first frame.
            if t > 0 && i > 2 && i % 2 == 1 && symbol(i) != symbol(i - 2) {
                sum = add(sum, alive[i - 2]);
            }
            if sum > NEVER {
                next[i] = sum + frames.ln(t, symbol(i));
            }
        }
        alive = next;
    }
    let last = alive[places - 1];
    if places > 1 { add(last, alive[places - 2]) } else { last }
}

/// Where the symbols of a text stand by the likeliest way to spread it (Viterbi): for each its frames
/// and its highest probability there. Empty if the frames cannot hold the text.
pub fn spikes(frames: &Frames, text: &[usize]) -> Vec<(Range<usize>, f32)> {
    let places = 2 * text.len() + 1;
    let symbol = |i: usize| if i % 2 == 1 { text[i / 2] } else { BLANK };
    let mut alive = vec![NEVER; places];
    alive[0] = 0.0;
    let mut steps: Vec<Vec<u8>> = Vec::with_capacity(frames.len());
    for t in 0..frames.len() {
        let mut next = vec![NEVER; places];
        let mut from = vec![0u8; places];
        for i in 0..places {
            for back in 0..=2.min(i) {
                let skip = back == 2 && (i % 2 == 0 || t == 0 || symbol(i) == symbol(i - 2));
                if !skip && alive[i - back] > next[i] {
                    next[i] = alive[i - back];
                    from[i] = back as u8;
                }
            }
            next[i] += frames.ln(t, symbol(i));
        }
        alive = next;
        steps.push(from);
    }
    let mut at = places - 1;
    if at > 0 && alive[at - 1] > alive[at] {
        at -= 1;
    }
    if text.is_empty() || alive[at] == NEVER {
        return Vec::new();
    }
    let mut out: Vec<(Range<usize>, f32)> = vec![(0..0, 0.0); text.len()];
    for t in (0..frames.len()).rev() {
        if at % 2 == 1 {
            let spike = &mut out[at / 2];
            spike.0 = if spike.0.is_empty() { t..t + 1 } else { t..spike.0.end };
            spike.1 = spike.1.max(frames.at(t, text[at / 2]));
        }
        at -= usize::from(steps[t][at]);
    }
    out
}

/// What is known about texts before looking: the chance of each next symbol.
pub trait Language {
    /// What has to be remembered of the text so far.
    type State;

    fn start(&self) -> Self::State;

    /// What the symbol adds to the text's score, and the state after it.
    fn next(&self, state: &Self::State, symbol: usize) -> (f32, Self::State);
}

/// Every text is as likely as any other.
pub struct AnyText;

impl Language for AnyText {
    type State = ();

    fn start(&self) -> Self::State {}

    fn next(&self, (): &(), _: usize) -> (f32, ()) {
        (0.0, ())
    }
}

/// How wide to search.
#[derive(Clone, Copy, Debug)]
pub struct Width {
    /// Texts kept after each frame.
    pub beam: usize,
    /// Symbols tried in each frame.
    pub symbols: usize,
}

/// One text that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub text: Vec<usize>,
    /// ln of the network's probability of it, as far as the beam saw.
    pub seen: f32,
    /// What the language added.
    pub language: f32,
}

impl Found {
    pub fn score(&self) -> f32 {
        self.seen + self.language
    }
}

/// A text as a path in a tree of prefixes.
struct Prefix<S> {
    before: usize,
    symbol: usize,
    state: S,
    language: f32,
}

/// ln of a prefix' probability, ending in a blank or in its symbol.
#[derive(Clone, Copy)]
struct Alive {
    blank: f32,
    symbol: f32,
}

impl Alive {
    const DEAD: Self = Self { blank: NEVER, symbol: NEVER };

    fn sum(self) -> f32 {
        add(self.blank, self.symbol)
    }
}

/// The likeliest texts, best first. Only symbols for which `allowed` is true are tried.
pub fn search<L: Language>(
    frames: &Frames,
    language: &L,
    allowed: &dyn Fn(usize) -> bool,
    width: Width,
) -> Vec<Found> {
    let mut tree = Tree::new(language);
    let mut beam: Vec<(usize, Alive)> = vec![(0, Alive { blank: 0.0, symbol: NEVER })];
    for t in 0..frames.len() {
        let blank = frames.ln(t, BLANK);
        let tried = if frames.at(t, BLANK) > EMPTY {
            Vec::new()
        } else {
            likely(frames.frame(t), allowed, width.symbols)
        };
        let mut next = Next::default();
        for (node, alive) in &beam {
            let sum = alive.sum();
            next.at(*node).blank = add(next.at(*node).blank, sum + blank);
            let last = tree.nodes[*node].symbol;
            if last != BLANK {
                let stays = &mut next.at(*node).symbol;
                *stays = add(*stays, alive.symbol + frames.ln(t, last));
            }
            for symbol in &tried {
                // The same symbol again needs a blank between.
                let from = if *symbol == last { alive.blank } else { sum };
                if from > NEVER {
                    let longer = tree.longer(*node, *symbol);
                    let grows = &mut next.at(longer).symbol;
                    *grows = add(*grows, from + frames.ln(t, *symbol));
                }
            }
        }
        beam = next.list;
        let score = |(node, alive): &(usize, Alive)| alive.sum() + tree.nodes[*node].language;
        beam.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.0.cmp(&b.0)));
        beam.truncate(width.beam.max(1));
        tree.prune(&mut beam);
    }
    let found = |(node, alive): &(usize, Alive)| Found {
        text: tree.text(*node),
        seen: alive.sum(),
        language: tree.nodes[*node].language,
    };
    beam.iter().map(found).collect()
}

/// The texts alive after a frame, in the order they were met: no hash order gets out.
#[derive(Default)]
struct Next {
    list: Vec<(usize, Alive)>,
    place: HashMap<usize, usize>,
}

impl Next {
    fn at(&mut self, node: usize) -> &mut Alive {
        let i = *self.place.entry(node).or_insert_with(|| {
            self.list.push((node, Alive::DEAD));
            self.list.len() - 1
        });
        &mut self.list[i].1
    }
}

/// Prefixes from which on those that nobody needs are thrown away: a comment of ten lines tries half a
/// million, 200 bytes each.
const MANY: usize = 1 << 13;

/// The prefixes that are alive, those before them, and others that were tried: each asks the language
/// once, as long as it is kept.
struct Tree<'a, L: Language> {
    language: &'a L,
    nodes: Vec<Prefix<L::State>>,
    children: HashMap<(usize, usize), usize>,
}

impl<'a, L: Language> Tree<'a, L> {
    fn new(language: &'a L) -> Self {
        let root = Prefix { before: 0, symbol: BLANK, state: language.start(), language: 0.0 };
        Self { language, nodes: vec![root], children: HashMap::new() }
    }

    fn longer(&mut self, node: usize, symbol: usize) -> usize {
        if let Some(known) = self.children.get(&(node, symbol)) {
            return *known;
        }
        let parent = &self.nodes[node];
        let (score, state) = self.language.next(&parent.state, symbol);
        let language = parent.language + score;
        self.nodes.push(Prefix { before: node, symbol, state, language });
        self.children.insert((node, symbol), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Leaves the prefixes of `beam` and those before them, once there are many others.
    fn prune(&mut self, beam: &mut [(usize, Alive)]) {
        if self.nodes.len() < MANY {
            return;
        }
        let mut kept = vec![false; self.nodes.len()];
        kept[0] = true;
        for (node, _) in beam.iter() {
            let mut node = *node;
            while !kept[node] {
                kept[node] = true;
                node = self.nodes[node].before;
            }
        }
        // In their order, so that a prefix still comes after the one before it.
        let mut place = vec![0; kept.len()];
        let mut nodes = Vec::new();
        for (i, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if kept[i] {
                place[i] = nodes.len();
                node.before = place[node.before];
                nodes.push(node);
            }
        }
        self.nodes = nodes;
        self.children.clear();
        let all = self.nodes.iter().enumerate().skip(1);
        self.children.extend(all.map(|(i, n)| ((n.before, n.symbol), i)));
        for (node, _) in beam {
            *node = place[*node];
        }
    }

    fn text(&self, mut node: usize) -> Vec<usize> {
        let mut out = Vec::new();
        while node != 0 {
            out.push(self.nodes[node].symbol);
            node = self.nodes[node].before;
        }
        out.reverse();
        out
    }
}

/// The likeliest symbols of a frame but the blank, best first.
fn likely(frame: &[(u32, f32)], allowed: &dyn Fn(usize) -> bool, most: usize) -> Vec<usize> {
    let could = |(symbol, p): &(u32, f32)| {
        *symbol as usize != BLANK && *p >= FAINT && allowed(*symbol as usize)
    };
    let mut out: Vec<(u32, f32)> = frame.iter().copied().filter(could).collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    out.truncate(most);
    out.into_iter().map(|(symbol, _)| symbol as usize).collect()
}

#[cfg(test)]
mod tests;
