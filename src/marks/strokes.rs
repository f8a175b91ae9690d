//! Connected ink: strokes, bridged over the gaps that the taken-out print leaves in them.

use super::window::{Area, Window};
use crate::raster::Bitmap;

/// Cells of 4 x 4 px are connected to their eight neighbours: gaps up to 8 px are bridged, which is
/// a printed line thickened by 2 px on both sides.
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
    let (cw, ch) = (cells(window.area.width()), cells(window.area.height()));
    let mut labels = Labels::of(window, cw, ch);
    labels.connect();
    let mut index = vec![usize::MAX; labels.parent.len()];
    let mut out: Vec<Stroke> = Vec::new();
    for (x, y) in window.pixels() {
        let cell = labels.cell(window, x, y);
        let root = labels.root(cell);
        if index[root] == usize::MAX {
            index[root] = out.len();
            let bounds = Area { x0: x, y0: y, x1: x + 1, y1: y + 1 };
            out.push(Stroke { bounds, ink: 0, inside: vec![0; insides.len()], rim: 0 });
        }
        let s = &mut out[index[root]];
        s.bounds = s.bounds.joined(Area { x0: x, y0: y, x1: x + 1, y1: y + 1 });
        s.ink += 1;
        s.rim += u32::from(x >= 0 && y >= 0 && rim.get(x as usize, y as usize));
        for (n, a) in s.inside.iter_mut().zip(insides) {
            *n += u32::from(a.has(x, y));
        }
    }
    out.retain(|s| s.ink >= SPECK);
    out
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
        for (x, y) in window.pixels() {
            let c = out.cell(window, x, y);
            out.inked[c] = true;
        }
        out
    }

    fn cell(&self, window: &Window, x: isize, y: isize) -> usize {
        let (cx, cy) = ((x - window.area.x0) / CELL, (y - window.area.y0) / CELL);
        cy as usize * self.width + cx as usize
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
                for b in before.into_iter().flatten().filter(|b| self.inked[*b]).collect::<Vec<_>>()
                {
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
