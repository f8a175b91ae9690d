//! Connected pieces of ink: the strokes that a pen drew without lifting, as far as pixels show.

use crate::marks::Area;
use crate::raster::Bitmap;

/// A run of black pixels in a row: `x0..x1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub y: isize,
    pub x0: isize,
    pub x1: isize,
}

impl Run {
    pub fn ink(self) -> u32 {
        (self.x1 - self.x0) as u32
    }
}

/// One piece; coordinates are those of the page it was found on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub bounds: Area,
    pub ink: u32,
    /// From top to bottom, each row from left to right.
    pub runs: Vec<Run>,
}

impl Piece {
    /// Ink of it in an area.
    pub fn ink_in(&self, a: Area) -> u32 {
        let inside = |r: &&Run| r.y >= a.y0 && r.y < a.y1;
        let cut = |r: &Run| (r.x1.min(a.x1) - r.x0.max(a.x0)).max(0) as u32;
        self.runs.iter().filter(inside).map(cut).sum()
    }

    pub fn size(&self) -> isize {
        self.bounds.width().max(self.bounds.height())
    }

    /// Every pixel's middle.
    pub fn pixels(&self) -> impl Iterator<Item = (f32, f32)> + '_ {
        self.runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (x as f32 + 0.5, r.y as f32 + 0.5)))
    }
}

/// The pieces in an area of a page, from the top (8-connected, by runs and union-find).
pub fn pieces(page: &Bitmap, area: Area) -> Vec<Piece> {
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0..0;
    let (y0, y1) = (area.y0.max(0), area.y1.min(page.height() as isize));
    for y in y0..y1 {
        let start = runs.len();
        row_runs(page, y, area, &mut runs);
        parents.extend(start..runs.len());
        let mut k = above.start;
        for i in start..runs.len() {
            let own = runs[i];
            while k < above.end && runs[k].x1 < own.x0 {
                k += 1;
            }
            let mut j = k;
            // Corners touch: one column beyond either end.
            while j < above.end && runs[j].x0 <= own.x1 {
                join(&mut parents, i, j);
                j += 1;
            }
        }
        above = start..runs.len();
    }
    gather(&runs, &mut parents)
}

fn row_runs(page: &Bitmap, y: isize, area: Area, out: &mut Vec<Run>) {
    let (from, to) = (area.x0.max(0), area.x1.min(page.width() as isize));
    let row = page.row(y as usize);
    let mut x = from;
    while x < to {
        let word = row[x as usize / 64] << (x % 64);
        if word == 0 {
            x = (x / 64 + 1) * 64;
            continue;
        }
        let start = x + word.leading_zeros() as isize;
        let mut end = start;
        // To the end of each word that is black from here on.
        while end < to {
            let here = row[end as usize / 64] << (end % 64);
            let black = (here.leading_ones() as isize).min(64 - end % 64);
            end += black;
            if black == 0 || end % 64 != 0 {
                break;
            }
        }
        let end = end.min(to);
        if start < to && end > start {
            out.push(Run { y, x0: start, x1: end });
        }
        x = end.max(start + 1);
    }
}

fn root(parents: &mut [usize], mut i: usize) -> usize {
    while parents[i] != i {
        parents[i] = parents[parents[i]];
        i = parents[i];
    }
    i
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    // The earlier run is the root: pieces come out in the order of their tops.
    parents[a.max(b)] = a.min(b);
}

fn gather(runs: &[Run], parents: &mut [usize]) -> Vec<Piece> {
    let mut place = vec![usize::MAX; runs.len()];
    let mut out: Vec<Piece> = Vec::new();
    for (i, run) in runs.iter().enumerate() {
        let root = root(parents, i);
        let bounds = Area { x0: run.x0, y0: run.y, x1: run.x1, y1: run.y + 1 };
        if place[root] == usize::MAX {
            place[root] = out.len();
            out.push(Piece { bounds, ink: 0, runs: Vec::new() });
        }
        let piece = &mut out[place[root]];
        piece.bounds = piece.bounds.joined(bounds);
        piece.ink += run.ink();
        piece.runs.push(*run);
    }
    out
}

/// The area around all of them; `None` if there are none.
pub fn extent<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Option<Area> {
    pieces.into_iter().map(|p| p.bounds).reduce(Area::joined)
}

/// Draws pieces on white, `area` being all of it.
pub fn draw<'a>(pieces: impl IntoIterator<Item = &'a Piece>, area: Area) -> Bitmap {
    let mut out = Bitmap::new(area.width() as usize, area.height() as usize);
    for run in pieces.into_iter().flat_map(|p| &p.runs) {
        if run.y >= area.y0 && run.y < area.y1 {
            for x in run.x0.max(area.x0)..run.x1.min(area.x1) {
                out.set((x - area.x0) as usize, (run.y - area.y0) as usize, true);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: &[&str]) -> Bitmap {
        let mut out = Bitmap::new(rows[0].len(), rows.len());
        for (y, row) in rows.iter().enumerate() {
            for (x, c) in row.bytes().enumerate() {
                out.set(x, y, c == b'#');
            }
        }
        out
    }

    #[test]
    fn corners_connect_and_gaps_do_not() {
        let page = drawn(&["#..#..#", ".#.#..#", "#...###", ".......", "##....#"]);
        let all = Area { x0: 0, y0: 0, x1: 7, y1: 5 };
        let found = pieces(&page, all);
        let inks: Vec<u32> = found.iter().map(|p| p.ink).collect();
        assert_eq!(inks, [3, 7, 2, 1]);
        assert_eq!(found[1].bounds, Area { x0: 3, y0: 0, x1: 7, y1: 3 });
        assert_eq!(draw(&found, all), page);
    }

    #[test]
    fn runs_cross_words_and_stop_at_the_area() {
        let mut page = Bitmap::new(200, 3);
        for x in 50..150 {
            page.set(x, 1, true);
        }
        let found = pieces(&page, Area { x0: 60, y0: -5, x1: 130, y1: 9 });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].runs, [Run { y: 1, x0: 60, x1: 130 }]);
        assert_eq!(found[0].ink_in(Area { x0: 0, y0: 0, x1: 70, y1: 2 }), 10);
    }
}
