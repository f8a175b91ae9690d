//! Writing -> its lines, also where they slant or crowd: the slope at which rows of ink stand out
//! most is taken out (Postl's projection score, as for pages), rows are parted where the ink is
//! thinnest, and each piece goes whole to the line that has most of it.

use super::pieces::{Piece, Run, draw, extent, pieces};
use super::{Crop, Line};
use crate::marks::Area;
use crate::raster::Bitmap;
use crate::reading::Writing;
use crate::units::{Px, Rect};

/// Lines of writing slope at most so much (dy per dx): six degrees.
const STEEPEST: f32 = 0.105;
/// Steps of the search: 3 px over the longest field.
const SLOPE_STEP: f32 = 0.0035;
/// A slope is taken out only if its rows stand out so much more than those of level writing.
const CLEARER: f32 = 1.04;
/// Smallest writing, in px: 2.2 mm.
const SMALLEST: f32 = 17.0;
/// Rows over which the profile is smoothed, as a share of a character.
const SMOOTH: f32 = 0.12;
/// A peak is at least this share of the highest one. Ink of a row counts by its root: a last line of
/// one character is a line beside one of forty.
const PEAK: f32 = 0.12;
/// A valley between two lines has at most this share of the lower of the two peaks beside it.
const VALLEY: f32 = 0.6;
/// The same of a valley in which no character is cut: tall letters reach into it, as where a short line
/// stands under the end of a long one (0.61 in a real scan).
const CLEAN_VALLEY: f32 = 0.75;
/// Lines stand at least so many characters apart.
const PITCH: f32 = 0.72;
/// A line's ink is at least so many rows high: the strokes of 二 are no lines.
const LOWEST: isize = 10;
/// A piece of more than this many characters' height with ink in two lines is cut in two.
const TALL: f32 = 1.35;

impl Crop {
    /// The crop of some writing, cut into lines.
    pub fn of(writing: &Writing) -> Self {
        let ink = writing.ink.clone();
        let lines = lines(&ink);
        let origin = (Px(writing.origin.0 as f32), Px(writing.origin.1 as f32));
        Self { ink, origin, rough: writing.rough, lines }
    }
}

/// The lines of writing on `ink`, from the top.
pub fn lines(ink: &Bitmap) -> Vec<Line> {
    let all = Area { x0: 0, y0: 0, x1: ink.width() as isize, y1: ink.height() as isize };
    let mut found = pieces(ink, all);
    let Some(bounds) = extent(&found) else { return Vec::new() };
    let size = character(&found);
    // One character's height of writing is one line, however it slopes.
    let tall = bounds.height() as f32 >= 1.5 * size;
    let slope =
        if bounds.width() as f32 >= 4.0 * size { slope_of(&found, size, tall) } else { 0.0 };
    let mut cuts = cuts_of(&found, size);
    let mut slope = slope;
    if slope != 0.0 {
        let mut levelled = found.clone();
        level(&mut levelled, slope, bounds);
        let sloping = cuts_of(&levelled, size);
        // A short line at the lower right draws the slope to itself: where rows part the writing into more
        // lines and cut no character, it was level.
        if cuts.len() > sloping.len() && is_clean(&found, &cuts) {
            slope = 0.0;
        } else {
            (found, cuts) = (levelled, sloping);
        }
    }
    let mut out = Vec::new();
    for band in part(&found, &cuts, size) {
        if let Some(area) = extent(&band) {
            out.push(Line { ink: draw(&band, area), place: on_crop(area, slope, bounds, all) });
        }
    }
    out
}

/// Height of a written character: pieces are strokes and parts of characters, so their tall ones tell.
fn character(pieces: &[Piece]) -> f32 {
    let sizes = pieces.iter().map(|p| p.bounds.height().min(3 * p.bounds.width()));
    let mut sizes: Vec<(isize, u32)> = sizes.zip(pieces.iter().map(|p| p.ink)).collect();
    sizes.sort_unstable();
    let half: u32 = sizes.iter().map(|s| s.1).sum::<u32>() * 6 / 10;
    let mut sum = 0;
    let found = sizes.iter().find(|s| {
        sum += s.1;
        sum >= half
    });
    found.map_or(SMALLEST, |s| s.0 as f32).max(SMALLEST)
}

/// Ink of each row at a slope; the first row is `top`.
fn profile(pieces: &[Piece], slope: f32, middle: f32) -> (isize, Vec<f32>) {
    let moved = |r: &Run| {
        let x = (r.x0 + r.x1) as f32 / 2.0;
        r.y - (slope * (x - middle)).round() as isize
    };
    let runs = || pieces.iter().flat_map(|p| &p.runs);
    let top = runs().map(moved).min().unwrap_or(0);
    let end = runs().map(moved).max().map_or(0, |y| y + 1);
    let mut rows = vec![0.0; (end - top).max(0) as usize];
    for r in runs() {
        rows[(moved(r) - top) as usize] += r.ink() as f32;
    }
    (top, rows)
}

fn smoothed(rows: &[f32], size: f32) -> Vec<f32> {
    let reach = ((size * SMOOTH / 2.0) as usize).max(1);
    // Twice a box is a triangle: no false peaks.
    let once = |v: &[f32]| -> Vec<f32> {
        (0..v.len())
            .map(|i| {
                let part = &v[i.saturating_sub(reach)..(i + reach + 1).min(v.len())];
                part.iter().sum::<f32>() / (2 * reach + 1) as f32
            })
            .collect()
    };
    once(&once(rows))
}

fn slope_of(pieces: &[Piece], size: f32, tall: bool) -> f32 {
    let Some(b) = extent(pieces) else { return 0.0 };
    let middle = (b.x0 + b.x1) as f32 / 2.0;
    let score = |k: i32| {
        let (_, rows) = profile(pieces, k as f32 * SLOPE_STEP, middle);
        smoothed(&rows, size / 2.0).iter().map(|v| v * v).sum::<f32>()
    };
    // A single short line has little to go by.
    let most = (STEEPEST / SLOPE_STEP) as i32;
    let most = if tall { most } else { most / 2 };
    let best = (-most..=most).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap_or(0);
    if score(best) > CLEARER * score(0) { best as f32 * SLOPE_STEP } else { 0.0 }
}

/// Moves every run to where it would be on level lines.
fn level(pieces: &mut Vec<Piece>, slope: f32, bounds: Area) {
    if slope == 0.0 {
        return;
    }
    let middle = (bounds.x0 + bounds.x1) as f32 / 2.0;
    let mut out = Vec::new();
    for p in pieces.iter() {
        // By columns of a piece: long strokes bend with the line, characters stay whole.
        let x = (p.bounds.x0 + p.bounds.x1) as f32 / 2.0;
        let whole = p.bounds.width() < 64;
        let at = |c: f32| (slope * (c - middle)).round() as isize;
        let mut runs = Vec::new();
        for r in &p.runs {
            if whole {
                runs.push(Run { y: r.y - at(x), ..*r });
            } else {
                runs.extend((r.x0..r.x1).map(|c| Run { y: r.y - at(c as f32), x0: c, x1: c + 1 }));
            }
        }
        out.extend(piece(runs));
    }
    *pieces = out;
}

fn piece(runs: Vec<Run>) -> Option<Piece> {
    let area = |r: &Run| Area { x0: r.x0, y0: r.y, x1: r.x1, y1: r.y + 1 };
    let bounds = runs.iter().map(area).reduce(Area::joined)?;
    let ink = runs.iter().map(|r| r.ink()).sum();
    Some(Piece { bounds, ink, runs })
}

/// The rows at which one line ends and the next begins.
fn cuts_of(pieces: &[Piece], size: f32) -> Vec<isize> {
    let (top, rows) = profile(pieces, 0.0, 0.0);
    let rows: Vec<f32> = rows.iter().map(|v| v.sqrt()).collect();
    let rows = smoothed(&rows, size);
    let most = rows.iter().copied().fold(0.0, f32::max);
    let pitch = (PITCH * size).max(SMALLEST * PITCH);
    let near = (pitch / 3.0) as usize;
    // Peaks, the highest first, none nearer than a line's pitch to a higher one.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| rows[*b].total_cmp(&rows[*a]).then(a.cmp(b)));
    let mut peaks: Vec<usize> = Vec::new();
    for y in order {
        if rows[y] < PEAK * most {
            break;
        }
        // The foot of a high line is no line, and would keep a low one beside it from being found.
        let mut beside = y.saturating_sub(near)..(y + near + 1).min(rows.len());
        let highest = beside.all(|b| rows[b] <= rows[y]);
        if highest && peaks.iter().all(|p| p.abs_diff(y) as f32 >= pitch) {
            peaks.push(y);
        }
    }
    peaks.sort_unstable();
    let clean = |y: usize| is_clean(pieces, &[top + y as isize]);
    let cuts = join_shallow(&rows, peaks, &clean).into_iter().map(|y| top + y as isize).collect();
    without_flat(pieces, cuts)
}

/// Has no piece a quarter of its ink or more on either side of a cut?
fn is_clean(pieces: &[Piece], cuts: &[isize]) -> bool {
    let above = |p: &Piece, cut: isize| -> u32 {
        p.runs.iter().filter(|r| r.y < cut).map(|r| r.ink()).sum()
    };
    let parted = |p: &Piece, cut: isize| {
        let above = above(p, cut);
        above.min(p.ink - above) * 4 >= p.ink
    };
    pieces.iter().all(|p| cuts.iter().all(|cut| !parted(p, *cut)))
}

/// Without the cuts beside bands that are too low for a line.
fn without_flat(pieces: &[Piece], mut cuts: Vec<isize>) -> Vec<isize> {
    loop {
        let bands = part(pieces, &cuts, f32::MAX);
        let height = |band: &Vec<Piece>| extent(band).map_or(0, Area::height);
        let Some(flat) = bands.iter().position(|b| height(b) < LOWEST) else { return cuts };
        if cuts.is_empty() {
            return cuts;
        }
        // To the neighbour whose ink is nearer.
        let gap = |a: usize, b: usize| match (bands.get(a), bands.get(b)) {
            (Some(a), Some(b)) => match (extent(a), extent(b)) {
                (Some(a), Some(b)) => b.y0 - a.y1,
                _ => 0,
            },
            _ => isize::MAX,
        };
        let up = flat > 0 && gap(flat - 1, flat) <= gap(flat, flat + 1);
        cuts.remove(if up || flat == cuts.len() { flat - 1 } else { flat });
    }
}

/// The valleys between peaks; of two peaks without a valley between them the lower one is none. `clean`:
/// no character is cut in this row.
fn join_shallow(rows: &[f32], peaks: Vec<usize>, clean: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    let mut cuts: Vec<usize> = Vec::new();
    let lowest = |a: usize, b: usize| {
        let low = (a..=b).map(|y| rows[y]).fold(f32::MAX, f32::min);
        // In a gap of many white rows, its middle.
        let flat: Vec<usize> = (a..=b).filter(|y| rows[*y] <= low + 0.5).collect();
        (flat[flat.len() / 2], low)
    };
    for y in peaks {
        while let Some(last) = kept.last().copied() {
            let (cut, low) = lowest(last, y);
            let lower = rows[last].min(rows[y]);
            if low <= VALLEY * lower || low <= CLEAN_VALLEY * lower && clean(cut) {
                cuts.push(cut);
                kept.push(y);
                break;
            }
            if rows[last] >= rows[y] {
                break;
            }
            kept.pop();
            cuts.pop();
        }
        if kept.is_empty() {
            kept.push(y);
        }
    }
    cuts
}

/// Each piece to the line that has most of it; what reaches far into two lines is cut.
fn part(pieces: &[Piece], cuts: &[isize], size: f32) -> Vec<Vec<Piece>> {
    let mut out: Vec<Vec<Piece>> = vec![Vec::new(); cuts.len() + 1];
    let band = |y: isize| cuts.partition_point(|c| *c <= y);
    for p in pieces {
        let mut inks = vec![0u32; cuts.len() + 1];
        for r in &p.runs {
            inks[band(r.y)] += r.ink();
        }
        let main = (0..inks.len()).max_by_key(|i| (inks[*i], inks.len() - i)).unwrap_or(0);
        let shared = inks.iter().filter(|ink| **ink * 4 >= p.ink).count() > 1;
        if shared && p.bounds.height() as f32 > TALL * size {
            for (i, line) in out.iter_mut().enumerate() {
                let runs = p.runs.iter().filter(|r| band(r.y) == i).copied().collect();
                line.extend(piece(runs));
            }
        } else {
            out[main].push(p.clone());
        }
    }
    out
}

/// Where a levelled area lies on the crop.
fn on_crop(a: Area, slope: f32, bounds: Area, all: Area) -> Rect<Px> {
    let middle = (bounds.x0 + bounds.x1) as f32 / 2.0;
    let down = |x: isize| slope * (x as f32 - middle);
    let (left, right) = (down(a.x0), down(a.x1));
    let y0 = (a.y0 as f32 + left.min(right)).max(0.0);
    let y1 = (a.y1 as f32 + left.max(right)).min(all.y1 as f32);
    Rect { x: Px(a.x0 as f32), y: Px(y0), w: Px(a.width() as f32), h: Px((y1 - y0).max(1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something like 田 of 34 px at each place.
    fn written(places: impl IntoIterator<Item = (usize, usize)>) -> Bitmap {
        let mut out = Bitmap::new(1100, 260);
        for (x, y) in places {
            for i in 0..34 {
                for d in [0, 1, 16, 17, 32, 33] {
                    out.set(x + i, y + d, true);
                    out.set(x + d, y + i, true);
                }
            }
        }
        out
    }

    #[test]
    fn a_short_line_at_the_lower_right_is_a_line_of_its_own() {
        let first = (0..16).map(|i| (10 + 42 * i, 20 + i / 3));
        let second = (0..6).map(|i| (640 + 42 * i, 84 + i));
        let found = lines(&written(first.chain(second)));
        let sizes: Vec<usize> = found.iter().map(|l| l.ink.width()).collect();
        assert_eq!(sizes.len(), 2, "{sizes:?}");
        assert!(sizes[0] > 600 && sizes[1] < 280, "{sizes:?}");
    }

    #[test]
    fn two_sloping_lines_are_two() {
        for sign in [1isize, -1] {
            let row = |top: usize| {
                (0..22).map(move |i| {
                    let down = (i as isize - 11) * sign * 3 + 40;
                    (10 + 44 * i, top + down as usize)
                })
            };
            let found = lines(&written(row(10).chain(row(70))));
            assert_eq!(found.len(), 2, "{sign}");
            assert!(found.iter().all(|l| l.ink.width() > 900));
        }
    }
}
