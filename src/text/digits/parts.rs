//! A line of a number -> the parts that may be its digits: connected pieces, those that stand one over the
//! other made one, wide ones cut where ink is thin. Which parts go together is the network's to say.

use std::ops::Range;

use super::network::SIDE;
use crate::marks::Area;
use crate::raster::Bitmap;
use crate::text::pieces::{Piece, Run, extent, pieces};

/// More parts than this are no number, ...
pub const MOST: usize = 14;
/// ... and no digit has more: a broken one in two or three, each cut once.
pub const DEEPEST: usize = 4;
/// Smaller pieces are dust: half a full stop of the thinnest pen, in px.
const DUST: u32 = 8;
/// Pieces are one part if they share this of the narrower one's columns.
const OVER: f32 = 0.55;
/// A part wider than this share of its height may be two digits.
const WIDE: f32 = 0.75;
/// Two digits that touch do it in no more than so much ink of a column: 1.6 mm, a slanting stroke.
const THIN: u32 = 13;
/// Cuts of one part, and how far they are from each other and from its ends, in px: the narrowest 1.
const CUTS: usize = 4;
const APART: isize = 5;
/// A digit is not wider than this share of its line's height (a 0 or 2 by a wide hand).
const WIDEST: f32 = 1.6;
/// What is lower than this share of its line and stands beside the rest is a point or a dash, no part of a
/// digit; what is left of a digit's stroke stands over or under the rest of it.
const BESIDE: f32 = 0.4;
/// Cells of a picture that a digit takes; the rest is white around it.
const INSIDE: f32 = 20.0;
/// A digit is seen as if it had at least this share of its line's height and so many px (1.8 mm): a point
/// stays a point.
const LOW: f32 = 0.55;
const SMALL: f32 = 14.0;

/// A part: some ink, and how high all of the ink is that it was cut from, in px.
pub struct Part {
    pub ink: Piece,
    whole: isize,
}

/// The parts of a line from the left; `None` if there are too many for a number.
pub fn parts(line: &Bitmap) -> Option<Vec<Part>> {
    let all = Area { x0: 0, y0: 0, x1: line.width() as isize, y1: line.height() as isize };
    let mut found = pieces(line, all);
    found.retain(|p| p.ink >= DUST);
    let whole = together(found);
    let mut out = Vec::new();
    for part in whole {
        let cuts = cuts(&part);
        let whole = part.bounds.height();
        out.extend(split(&part, &cuts).into_iter().map(|ink| Part { ink, whole }));
        if out.len() > MOST {
            return None;
        }
    }
    Some(out)
}

/// Pieces above each other made one, from the left.
fn together(mut found: Vec<Piece>) -> Vec<Piece> {
    found.sort_by_key(|p| (p.bounds.x0, p.bounds.y0));
    let mut out: Vec<Piece> = Vec::new();
    for mut piece in found {
        while let Some(i) = out.iter().position(|o| are_one(o, &piece)) {
            piece = one(out.remove(i), piece);
        }
        out.push(piece);
    }
    out.sort_by_key(|p| (p.bounds.x0 + p.bounds.x1, p.bounds.y0));
    out
}

fn are_one(a: &Piece, b: &Piece) -> bool {
    let (a, b) = (a.bounds, b.bounds);
    let shared = a.x1.min(b.x1) - a.x0.max(b.x0);
    shared as f32 >= OVER * a.width().min(b.width()) as f32
}

fn one(a: Piece, b: Piece) -> Piece {
    let mut runs = a.runs;
    runs.extend(b.runs);
    runs.sort_unstable_by_key(|r| (r.y, r.x0));
    Piece { bounds: a.bounds.joined(b.bounds), ink: a.ink + b.ink, runs }
}

/// Neighbouring parts as one; `None` if there are none.
pub fn joined(parts: &[Part]) -> Option<Piece> {
    parts.iter().map(|p| p.ink.clone()).reduce(one)
}

/// Columns at which a wide part may be cut, from the left.
fn cuts(part: &Piece) -> Vec<isize> {
    let b = part.bounds;
    if (b.width() as f32) < WIDE * b.height() as f32 || b.width() < 3 * APART {
        return Vec::new();
    }
    let mut ink = vec![0u32; b.width() as usize];
    for r in &part.runs {
        for x in r.x0..r.x1 {
            ink[(x - b.x0) as usize] += 1;
        }
    }
    let middle = b.width() / 2;
    let mut order: Vec<isize> = (APART..b.width() - APART).collect();
    order.retain(|x| ink[*x as usize] <= THIN);
    order.sort_by_key(|x| (ink[*x as usize], (x - middle).abs(), *x));
    let mut out: Vec<isize> = Vec::new();
    for x in order {
        if out.len() < CUTS && out.iter().all(|o| (o - x).abs() >= APART) {
            out.push(x);
        }
    }
    out.sort_unstable();
    out.iter().map(|x| b.x0 + x).collect()
}

fn split(part: &Piece, cuts: &[isize]) -> Vec<Piece> {
    let ends = cuts.iter().copied().chain([isize::MAX]);
    let mut from = isize::MIN;
    let mut out = Vec::new();
    for to in ends {
        let own = part.runs.iter().map(|r| Run { x0: r.x0.max(from), x1: r.x1.min(to), ..*r });
        let runs: Vec<Run> = own.filter(|r| r.x0 < r.x1).collect();
        let area = |r: &Run| Area { x0: r.x0, y0: r.y, x1: r.x1, y1: r.y + 1 };
        if let Some(bounds) = runs.iter().map(area).reduce(Area::joined) {
            out.push(Piece { bounds, ink: runs.iter().map(|r| r.ink()).sum(), runs });
        }
        from = to;
    }
    out
}

/// Which parts could be a digit together; `high` is the line's height in px.
pub fn groups(parts: &[Part], high: usize) -> Vec<Range<usize>> {
    let widest = WIDEST * high as f32;
    let beside = |p: &Part| (p.whole as f32) < BESIDE * high as f32;
    let mut out = Vec::new();
    for from in 0..parts.len() {
        for to in from + 1..=(from + DEEPEST).min(parts.len()) {
            let some = &parts[from..to];
            let wide = extent(some.iter().map(|p| &p.ink)).map_or(0, Area::width) as f32;
            if some.len() == 1 || wide <= widest && !some.iter().any(beside) {
                out.push(from..to);
            }
        }
    }
    out
}

/// What the network sees of a part: its ink in the middle, leaning by `lean` of its height.
pub fn picture(part: &Piece, high: usize, lean: f32) -> Vec<f32> {
    let b = part.bounds;
    let size = b.height().max(b.width()) as f32;
    let cell = size.max(LOW * high as f32).max(SMALL) / INSIDE;
    let mut ink = Bitmap::new(b.width() as usize, b.height() as usize);
    for r in &part.runs {
        for x in r.x0..r.x1 {
            ink.set((x - b.x0) as usize, (r.y - b.y0) as usize, true);
        }
    }
    let (cx, cy) = (b.width() as f32 / 2.0, b.height() as f32 / 2.0);
    let half = SIDE as f32 / 2.0;
    let mut out = vec![0.0; SIDE * SIDE];
    // Nine looks a cell: cells are 1 to 3 px wide.
    for (i, v) in out.iter_mut().enumerate() {
        let mut seen = 0;
        for k in 0..9 {
            let within = |k: usize| (k as f32 + 0.5) / 3.0;
            let y = ((i / SIDE) as f32 + within(k / 3) - half) * cell;
            let x = ((i % SIDE) as f32 + within(k % 3) - half) * cell + lean * y;
            let (x, y) = (x + cx, y + cy);
            seen += u32::from(x >= 0.0 && y >= 0.0 && ink.get(x as usize, y as usize));
        }
        *v = seen as f32 / 9.0;
    }
    out
}
