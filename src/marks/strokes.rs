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

/// Print's own lines are long and flat: a tick between two rules of a table is as high and as large as marks
/// beside boxes are (`judge/beside`), its shorter and its longer side, in px.
const HIGH: isize = 14;
const LARGE: isize = 48;

impl Stroke {
    /// Looks like print that was not taken out: along print, and in no box.
    pub fn is_leftover(&self) -> bool {
        let free = self.inside.iter().all(|n| *n == 0);
        free && self.rim as f32 >= RIM_SHARE * self.ink as f32 && !self.is_high()
    }

    fn is_high(&self) -> bool {
        let (w, h) = (self.bounds.width(), self.bounds.height());
        w.min(h) >= HIGH && w.max(h) <= LARGE
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
        // The boxes that this row, and this word of it, goes through.
        let (mut level, mut here) = (Vec::new(), Vec::new());
        for row in 0..window.ink.height() {
            let y = window.area.y0 + row as isize;
            level.clear();
            level.extend(insides.iter().enumerate().filter(|(_, a)| y >= a.y0 && y < a.y1));
            let rim = rim.line(y);
            for (i, word) in window.ink.row(row).iter().enumerate().filter(|(_, w)| **w != 0) {
                let x = window.area.x0 + i as isize * 64;
                let near_print = rim.map_or(0, |rim| word & word_at(rim, x));
                here.clear();
                here.extend(level.iter().filter(|(_, a)| x < a.x1 && x + 64 > a.x0));
                for quad in Quad::all(i, row, *word) {
                    let s = out.piece(&mut labels, quad, window, insides.len());
                    s.bounds = s.bounds.joined(quad.bounds(window));
                    s.ink += quad.ink();
                    s.rim += quad.of(near_print).ink();
                    for (k, a) in &here {
                        s.inside[*k] += quad.ink_between(window, a);
                    }
                }
            }
        }
        out
    }

    /// The piece that a quad belongs to; a new one if it is its first.
    fn piece(
        &mut self,
        labels: &mut Labels,
        quad: Quad,
        window: &Window,
        insides: usize,
    ) -> &mut Stroke {
        let cell = quad.row / CELL as usize * self.width + quad.column;
        if self.cells[cell] == NONE {
            let root = labels.root(cell);
            if self.cells[root] == NONE {
                self.cells[root] = self.all.len() as u32;
                let bounds = quad.bounds(window);
                self.all.push(Stroke { bounds, ink: 0, inside: vec![0; insides], rim: 0 });
            }
            self.cells[cell] = self.cells[root];
        }
        &mut self.all[self.cells[cell] as usize]
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
        window.each_quad(|quad| {
            let piece = self.cells[quad.row / CELL as usize * self.width + quad.column];
            if wanted[piece as usize] {
                let (x, y) = quad.corner(window);
                out[piece as usize]
                    .extend((0..4).filter(|k| quad.bits & (8 >> k) != 0).map(|k| (x + k, y)));
            }
        });
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
        window.each_quad(|quad| {
            let cell = quad.row / CELL as usize * self.width + quad.column;
            if wanted[self.cells[cell] as usize] {
                paint(quad.corner(window), quad.bits);
            }
        });
    }
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
        let rows: Vec<usize> = (0..window.ink.height()).collect();
        for (cell_row, rows) in rows.chunks(CELL as usize).enumerate() {
            for i in 0..window.ink.stride() {
                // A quad lies in one cell, as both begin at the window's edge.
                let word = rows.iter().fold(0, |all, y| all | window.ink.row(*y)[i]);
                for quad in Quad::all(i, cell_row, word) {
                    out.join(cell_row * width + quad.column);
                }
            }
        }
        out
    }

    /// Adds the next cell in reading order, and joins it to those of its neighbours that came before.
    fn join(&mut self, c: usize) {
        self.parent[c] = c as u32;
        let column = c % self.width;
        if let Some(above) = c.checked_sub(self.width) {
            let right = if column + 1 == self.width { above } else { above + 1 };
            for n in above - usize::from(column > 0)..=right {
                self.connect(n, c);
            }
        }
        if column > 0 {
            self.connect(c - 1, c);
        }
    }

    fn connect(&mut self, n: usize, c: usize) {
        if self.parent[n] != NONE {
            let (p, q) = (self.root(n), self.root(c));
            self.parent[p.max(q)] = p.min(q) as u32;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_along_print_is_left_over_unless_it_is_a_marks_size() {
        let stroke = |w: isize, h: isize, rim: u32, inside: u32| {
            let bounds = Area { x0: 0, y0: 0, x1: w, y1: h };
            Stroke { bounds, ink: 40, inside: vec![inside], rim }
        };
        assert!(stroke(60, 3, 40, 0).is_leftover() && stroke(20, 8, 30, 0).is_leftover());
        // Away from print, in a box, or as high as a tick between two rules.
        assert!(!stroke(60, 3, 20, 0).is_leftover());
        assert!(!stroke(60, 3, 40, 1).is_leftover());
        assert!(!stroke(20, 18, 40, 0).is_leftover());
        assert!(stroke(80, 60, 40, 0).is_leftover());
    }
}
