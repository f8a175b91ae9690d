//! Geometry on whole words: two shears take out a skew, row segments take a page to its form.

use std::ops::Range;

use multiversion::multiversion;

use super::Bitmap;

/// The affine part of a mapping from output to source pixels, for one output row:
/// `source_x = x + dx + kx * x`, `source_y = sy + ky * x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowMap {
    pub dx: f32,
    pub kx: f32,
    pub sy: f32,
    pub ky: f32,
}

impl Bitmap {
    /// Takes out a slope of `t` (dy per dx) by a shear of byte columns and a shear of rows, about
    /// the page's centre. `unsheared` is the way back.
    #[must_use]
    pub fn sheared(&self, t: f32) -> Self {
        shear(self, t)
    }

    /// A page of `width` x `height` whose row `y` is read from this one as `map(y)` says; what lies
    /// outside is white.
    #[must_use]
    pub fn remapped(&self, width: usize, height: usize, map: impl Fn(usize) -> RowMap) -> Self {
        let mut out = Self::new(width, height);
        let maps: Vec<RowMap> = (0..height).map(map).collect();
        remap(self, &mut out, &maps);
        out
    }
}

/// Where pixel (x, y) of `page.sheared(t)` came from, for a page of `width` x `height`.
pub fn unsheared(x: f32, y: f32, t: f32, width: usize, height: usize) -> (f32, f32) {
    let sx = x - t * (y - height as f32 / 2.0);
    (sx, y + t * (sx - width as f32 / 2.0))
}

/// A run of byte columns within one word that move by the same number of rows.
struct Column {
    word: usize,
    mask: u64,
    offset: isize,
}

fn columns(width: usize, stride: usize, t: f32) -> Vec<Column> {
    let centre = width as f32 / 2.0;
    let mut out: Vec<Column> = Vec::new();
    for byte in 0..stride * 8 {
        let offset = ((byte as f32 * 8.0 + 4.0 - centre) * t).round() as isize;
        let (word, mask) = (byte / 8, (0xffu64 << 56) >> (byte % 8 * 8));
        match out.last_mut() {
            Some(c) if c.word == word && c.offset == offset => c.mask |= mask,
            _ => out.push(Column { word, mask, offset }),
        }
    }
    out
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn shear(page: &Bitmap, t: f32) -> Bitmap {
    let mut out = Bitmap::new(page.width, page.height);
    let columns = columns(page.width, page.stride, t);
    let mid = page.height as f32 / 2.0;
    let mut line = vec![0u64; page.stride];
    for y in 0..page.height {
        line.fill(0);
        for c in &columns {
            let sy = y as isize + c.offset;
            if sy >= 0 && (sy as usize) < page.height {
                line[c.word] |= page.words[sy as usize * page.stride + c.word] & c.mask;
            }
        }
        let shift = (t * (y as f32 - mid)).round() as isize;
        let row = out.row_mut(y);
        each_word(row, &line, -shift, |to, word| *to = word);
    }
    out.clear_padding();
    out
}

/// Puts the pixels of a row from `x` on into the words of another, as `put` says; outside is white.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
pub(crate) fn each_word(to: &mut [u64], row: &[u64], x: isize, put: impl Fn(&mut u64, u64)) {
    let (first, by) = (x.div_euclid(64), x.rem_euclid(64) as u32);
    let words = to.len();
    // Where both words that make one up are there, no test for the row's ends.
    let from = (first.min(0).unsigned_abs()).min(words);
    let inner = usize::try_from(first.max(0)).ok().and_then(|i| row.get(i..)).unwrap_or_default();
    let (edge, rest) = to.split_at_mut(from);
    let filled = rest.len().min(inner.len().saturating_sub(1));
    let (middle, end) = rest.split_at_mut(filled);
    for (to, pair) in middle.iter_mut().zip(inner.windows(2)) {
        put(to, pair[0] << by | (pair[1] >> 1) >> (63 - by));
    }
    for (k, to) in edge.iter_mut().enumerate() {
        put(to, word_at(row, x + 64 * k as isize));
    }
    for (k, to) in end.iter_mut().enumerate() {
        put(to, word_at(row, x + 64 * (from + filled + k) as isize));
    }
}

/// 64 pixels of a row from pixel `x` on; outside is white.
#[inline]
pub(crate) fn word_at(row: &[u64], x: isize) -> u64 {
    let (i, o) = (x.div_euclid(64), x.rem_euclid(64) as u32);
    // Nearly every word lies within its row with its neighbour: no test for the edges then.
    if let Some([a, b]) = row.get(i as usize..).and_then(<[u64]>::first_chunk) {
        return a << o | (b >> 1) >> (63 - o);
    }
    let get = |k: isize| usize::try_from(k).ok().and_then(|k| row.get(k)).copied().unwrap_or(0);
    if o == 0 { get(i) } else { get(i) << o | get(i + 1) >> (64 - o) }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn remap(src: &Bitmap, out: &mut Bitmap, maps: &[RowMap]) {
    let mut across = Ends::of_row(out.width);
    let mut down = across.clone();
    let white: Vec<bool> = (0..src.height).map(|y| src.row(y).iter().all(|w| *w == 0)).collect();
    for (y, m) in maps.iter().enumerate() {
        down.round(m.sy, m.ky);
        // White rows stay white.
        if down.rows(src.height).is_none_or(|rows| !white[rows].contains(&false)) {
            continue;
        }
        across.round(m.dx, m.kx);
        let inverse = (step(m.kx), step(m.ky));
        for (i, to) in out.row_mut(y).iter_mut().enumerate() {
            let (dx, dy) = ((across.first[i], across.last[i]), (down.first[i], down.last[i]));
            // Most words are moved as a whole or white.
            *to = match src.line(dy.0 as isize) {
                Some(from) if same(dx) && same(dy) => {
                    word_at(from, (i * 64) as isize + dx.0 as isize)
                }
                None if same(dy) => 0,
                Some(from) if same(dy) && is_white(from, i, dx) => 0,
                Some(from) if same(dy) => across_only(from, m, inverse.0, dx.1, i),
                _ => in_steps(src, m, inverse, (dx.1, dy.1), i),
            };
        }
    }
    out.clear_padding();
}

/// The rounded values of `base + k * x` at both ends of every word of a row.
#[derive(Clone)]
struct Ends {
    first: Vec<f32>,
    last: Vec<f32>,
}

impl Ends {
    fn of_row(width: usize) -> Self {
        let none = vec![0.0; width.div_ceil(64)];
        Self { first: none.clone(), last: none }
    }

    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's vectors"
    )]
    #[inline(always)]
    fn round(&mut self, base: f32, k: f32) {
        for (i, (first, last)) in self.first.iter_mut().zip(&mut self.last).enumerate() {
            *first = rounded(base, k, (i * 64) as f32);
            *last = rounded(base, k, (i * 64 + 63) as f32);
        }
    }

    /// Those of `height` rows that the values are, as numbers of rows.
    #[inline]
    fn rows(&self, height: usize) -> Option<Range<usize>> {
        let (a, b) = (*self.first.first()?, *self.last.last()?);
        let from = (a.min(b).max(0.0) as usize).min(height);
        let past = ((a.max(b) + 1.0).max(0.0) as usize).min(height);
        (from < past).then_some(from..past)
    }
}

#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn rounded(base: f32, k: f32, x: f32) -> f32 {
    (base + k * x + 0.5).floor()
}

/// Of rounded values.
#[expect(clippy::float_cmp, reason = "whole numbers")]
fn same((a, b): (f32, f32)) -> bool {
    a == b
}

/// Whether the pixels are white that the `i`th word of a row comes from, moved by `dx` at its two ends.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn is_white(from: &[u64], i: usize, dx: (f32, f32)) -> bool {
    let x = (i * 64) as isize + dx.0.min(dx.1) as isize;
    let more = (dx.0 - dx.1).abs() as isize;
    more <= 64 && word_at(from, x) | word_at(from, x + more) == 0
}

/// The `i`th word of a row that comes from one row of the page; see [`in_steps`].
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn across_only(row: &[u64], m: &RowMap, inverse: f32, last: f32, i: usize) -> u64 {
    let (from, past) = ((i * 64) as isize, (i * 64 + 64) as isize);
    let (mut word, mut x) = (0, from);
    while x < past {
        let (dx, end) = run(m.dx, m.kx, inverse, last, x);
        // What it says of the pixels after its end the next run overwrites.
        let keep = !0u64 >> (x - from);
        word = word & !keep | word_at(row, from + dx) & keep;
        x = end;
    }
    word
}

/// The `i`th word of a row, put together from what the map's steps leave whole. `inverse` are the pixels that
/// its slopes take for a step, `last` the rounded values at the word's end.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn in_steps(src: &Bitmap, m: &RowMap, inverse: (f32, f32), last: (f32, f32), i: usize) -> u64 {
    let (from, past) = ((i * 64) as isize, (i * 64 + 64) as isize);
    let (mut word, mut x) = (0, from);
    while x < past {
        let (dx, end_x) = run(m.dx, m.kx, inverse.0, last.0, x);
        let (dy, end_y) = run(m.sy, m.ky, inverse.1, last.1, x);
        let end = end_x.min(end_y).min(past);
        if let Some(row) = src.line(dy) {
            let keep = !0u64 << (64 - (end - x));
            word |= (word_at(row, x + dx) & keep) >> (x - from);
        }
        x = end;
    }
    word
}

/// Pixels for a slope to make one whole step; endless for a slope too small to matter on a page.
#[inline]
fn step(k: f32) -> f32 {
    if k.abs() < 1e-7 { f32::INFINITY } else { 1.0 / k.abs() }
}

/// The rounded value of `base + k * x`, and the first pixel where it changes; none where it is what it is in
/// the word's `last` pixel, since it only rises or only falls.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn run(base: f32, k: f32, inverse: f32, last: f32, x: isize) -> (isize, isize) {
    let v = base + k * x as f32;
    let r = (v + 0.5).floor();
    if same((r, last)) {
        return (r as isize, isize::MAX);
    }
    let room = if k >= 0.0 { r + 0.5 - v } else { v - (r - 0.5) };
    let run = (room * inverse).ceil().max(1.0);
    (r as isize, if run < 4096.0 { x + run as isize } else { isize::MAX })
}
