//! Connected ink: strokes, bridged over the gaps that the taken-out print leaves in them.

use super::window::{Area, Quad, Window};
use crate::raster::{Bitmap, warp::word_at};

/// Cells of 4 x 4 px (a quad wide) are connected to their eight neighbours: gaps up to 8 px are
/// bridged, which is a printed line thickened by 2 px on both sides.
const CELL: isize = 4;
/// Fewer pixels than this are specks, not pen: a dot of a 0.3-mm pen has 7.
const SPECK: u32 = 7;

/// One connected piece of added ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stroke {
    pub bounds: Area,
    pub ink: u32,
    /// Ink inside each of the boxes that were asked about.
    pub inside: Vec<u32>,
    /// Ink close to print.
    pub rim: u32,
}

/// Share of a piece of print's own lines, moved or thickened, that lies close to print.
const RIM_SHARE: f32 = 0.75;

impl Stroke {
    /// Looks like print that was not taken out: along print, and in no box.
    pub fn is_leftover(&self) -> bool {
        self.inside.iter().all(|n| *n == 0) && self.rim as f32 >= RIM_SHARE * self.ink as f32
    }

    pub fn centre(&self) -> (isize, isize) {
        (
            isize::midpoint(self.bounds.x0, self.bounds.x1),
            isize::midpoint(self.bounds.y0, self.bounds.y1),
        )
    }
}

/// The strokes of a window in the order of their first pixel; `insides` are the boxes' insides.
pub fn strokes(window: &Window, rim: &Bitmap, insides: &[Area]) -> Vec<Stroke> {
    if window.ink.is_white() {
        return Vec::new();
    }
    let (cw, ch) = (cells(window.area.width()), cells(window.area.height()));
    let mut labels = Labels::of(window, cw, ch);
    labels.connect();
    let mut index = vec![usize::MAX; labels.parent.len()];
    let mut out: Vec<Stroke> = Vec::new();
    let (mut row, mut here) = (usize::MAX, Vec::new());
    for quad in window.quads() {
        let bounds = quad.bounds(window);
        if quad.row != row {
            row = quad.row;
            here.clear();
            let at = |a: &Area| bounds.y0 >= a.y0 && bounds.y0 < a.y1;
            here.extend(insides.iter().enumerate().filter(|(_, a)| at(a)));
        }
        let root = labels.root(labels.cell(quad));
        if index[root] == usize::MAX {
            index[root] = out.len();
            out.push(Stroke { bounds, ink: 0, inside: vec![0; insides.len()], rim: 0 });
        }
        let s = &mut out[index[root]];
        s.bounds = s.bounds.joined(bounds);
        s.ink += quad.ink();
        s.rim += (quad.bits & rim_at(rim, quad.corner(window))).count_ones();
        for (k, a) in &here {
            s.inside[*k] += quad.ink_between(window, a);
        }
    }
    out.retain(|s| s.ink >= SPECK);
    out
}

/// The four pixels of the rim from a place of the form on, leftmost 8.
fn rim_at(rim: &Bitmap, (x, y): (isize, isize)) -> u8 {
    let row = usize::try_from(y).ok().filter(|y| *y < rim.height());
    row.map_or(0, |y| (word_at(rim.row(y), x) >> 60) as u8)
}

fn cells(pixels: isize) -> usize {
    pixels.max(0) as usize / CELL as usize + 1
}

/// Union-find over the inked cells of a window.
struct Labels {
    width: usize,
    height: usize,
    inked: Vec<bool>,
    parent: Vec<usize>,
}

impl Labels {
    fn of(window: &Window, width: usize, height: usize) -> Self {
        let n = width * height;
        let mut out = Self { width, height, inked: vec![false; n], parent: (0..n).collect() };
        for quad in window.quads() {
            let c = out.cell(quad);
            out.inked[c] = true;
        }
        out
    }

    /// A quad lies in one cell, as both begin at the window's edge.
    fn cell(&self, quad: Quad) -> usize {
        quad.row / CELL as usize * self.width + quad.column
    }

    fn connect(&mut self) {
        for y in 0..self.height {
            for x in 0..self.width {
                let c = y * self.width + x;
                if !self.inked[c] {
                    continue;
                }
                let left = x > 0;
                let up = y > 0;
                let before = [
                    left.then(|| c - 1),
                    up.then(|| c - self.width),
                    (up && left).then(|| c - self.width - 1),
                    (up && x + 1 < self.width).then(|| c - self.width + 1),
                ];
                for b in before.into_iter().flatten() {
                    if !self.inked[b] {
                        continue;
                    }
                    let (p, q) = (self.root(b), self.root(c));
                    self.parent[p.max(q)] = p.min(q);
                }
            }
        }
    }

    fn root(&mut self, mut c: usize) -> usize {
        while self.parent[c] != c {
            self.parent[c] = self.parent[self.parent[c]];
            c = self.parent[c];
        }
        c
    }
}
