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

/// The connected pieces of a window's ink.
#[derive(Debug)]
pub struct Pieces {
    /// In the order of their first pixel, specks included.
    all: Vec<Stroke>,
    /// Which piece each cell belongs to.
    cells: Vec<u32>,
    width: usize,
}

impl Pieces {
    /// `insides` are the boxes' insides.
    pub fn of(window: &Window, rim: &Bitmap, insides: &[Area]) -> Self {
        let (cw, ch) = (cells(window.area.width()), cells(window.area.height()));
        let mut out = Self { all: Vec::new(), cells: Vec::new(), width: cw };
        if window.ink.is_white() {
            return out;
        }
        let mut labels = Labels::of(window, cw, ch);
        out.cells = vec![NONE; labels.parent.len()];
        let (mut row, mut here) = (usize::MAX, Vec::new());
        window.quads().for_each(|quad| {
            let bounds = quad.bounds(window);
            if quad.row != row {
                row = quad.row;
                here.clear();
                let at = |a: &Area| bounds.y0 >= a.y0 && bounds.y0 < a.y1;
                here.extend(insides.iter().enumerate().filter(|(_, a)| at(a)));
            }
            let cell = labels.cell(quad);
            let root = labels.root(cell);
            if out.cells[root] == NONE {
                out.cells[root] = out.all.len() as u32;
                out.all.push(Stroke { bounds, ink: 0, inside: vec![0; insides.len()], rim: 0 });
            }
            out.cells[cell] = out.cells[root];
            let s = &mut out.all[out.cells[root] as usize];
            s.bounds = s.bounds.joined(bounds);
            s.ink += quad.ink();
            s.rim += (quad.bits & rim_at(rim, quad.corner(window))).count_ones();
            for (k, a) in &here {
                s.inside[*k] += quad.ink_between(window, a);
            }
        });
        out
    }

    /// Those that a pen drew: no specks.
    pub fn strokes(self) -> Vec<Stroke> {
        let mut all = self.all;
        all.retain(|s| s.ink >= SPECK);
        all
    }

    /// Where such pieces lie.
    pub fn bounds(&self, such: impl Fn(&Stroke) -> bool) -> Vec<Area> {
        self.all.iter().filter(|s| such(s)).map(|s| s.bounds).collect()
    }

    /// The pixels of each of such pieces, in the form's coordinates.
    pub fn apart(
        &self,
        window: &Window,
        such: impl Fn(&Stroke) -> bool,
    ) -> Vec<Vec<(isize, isize)>> {
        let wanted: Vec<bool> = self.all.iter().map(such).collect();
        let mut out = vec![Vec::new(); self.all.len()];
        for quad in window.quads() {
            let piece = self.cells[quad.row / CELL as usize * self.width + quad.column];
            if wanted[piece as usize] {
                let (x, y) = quad.corner(window);
                out[piece as usize]
                    .extend((0..4).filter(|k| quad.bits & (8 >> k) != 0).map(|k| (x + k, y)));
            }
        }
        out.retain(|ink| !ink.is_empty());
        out
    }

    /// Calls `paint` with a place of the form and four pixels from there, for all ink of such pieces.
    pub fn each(
        &self,
        window: &Window,
        such: impl Fn(&Stroke) -> bool,
        mut paint: impl FnMut((isize, isize), u8),
    ) {
        let wanted: Vec<bool> = self.all.iter().map(such).collect();
        for quad in window.quads() {
            let cell = quad.row / CELL as usize * self.width + quad.column;
            if wanted[self.cells[cell] as usize] {
                paint(quad.corner(window), quad.bits);
            }
        }
    }
}

/// The four pixels of the rim from a place of the form on, leftmost 8.
fn rim_at(rim: &Bitmap, (x, y): (isize, isize)) -> u8 {
    let row = usize::try_from(y).ok().filter(|y| *y < rim.height());
    row.map_or(0, |y| (word_at(rim.row(y), x) >> 60) as u8)
}

fn cells(pixels: isize) -> usize {
    pixels.max(0) as usize / CELL as usize + 1
}

/// A cell without ink.
const NONE: u32 = u32::MAX;

/// Union-find over the inked cells of a window: the root of a piece is its first cell.
struct Labels {
    width: usize,
    parent: Vec<u32>,
}

impl Labels {
    fn of(window: &Window, width: usize, height: usize) -> Self {
        let mut out = Self { width, parent: vec![NONE; width * height] };
        window.quads().for_each(|quad| {
            let c = out.cell(quad);
            if out.parent[c] == NONE {
                out.parent[c] = c as u32;
                out.join_neighbours(c);
            }
        });
        out
    }

    /// A quad lies in one cell, as both begin at the window's edge.
    fn cell(&self, quad: Quad) -> usize {
        quad.row / CELL as usize * self.width + quad.column
    }

    fn join_neighbours(&mut self, c: usize) {
        let (left, right) = (
            usize::from(!c.is_multiple_of(self.width)),
            usize::from(!(c + 1).is_multiple_of(self.width)),
        );
        let above = c.checked_sub(self.width);
        for row in [above, Some(c), Some(c + self.width)].into_iter().flatten() {
            for n in row - left..=row + right {
                if n != c && self.parent.get(n).is_some_and(|p| *p != NONE) {
                    let (p, q) = (self.root(n), self.root(c));
                    self.parent[p.max(q)] = p.min(q) as u32;
                }
            }
        }
    }

    fn root(&mut self, mut c: usize) -> usize {
        while self.parent[c] as usize != c {
            self.parent[c] = self.parent[self.parent[c] as usize];
            c = self.parent[c] as usize;
        }
        c
    }
}
