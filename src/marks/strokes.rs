//! Connected ink: strokes, bridged over the gaps that the taken-out print leaves in them.

use std::ops::Range;

use multiversion::multiversion;

use super::window::{Area, Quad, Window};
use crate::raster::{Bitmap, warp::word_at};

/// Cells of 4 x 4 px (a quad wide) are connected to their eight neighbours: gaps up to 8 px are
/// bridged, which is a printed line thickened by 2 px on both sides.
const CELL: isize = 4;
/// Room for so many pieces is made at once: step by step it took a hundred allocations a page.
const SOME: usize = 16;
/// Fewer pixels than this are specks, not pen: a dot of a 0.3-mm pen has 7.
const SPECK: u32 = 7;

/// One connected piece of added ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    pub bounds: Area,
    pub ink: u32,
    /// Ink inside the first of the boxes that were asked about.
    pub inside: u32,
    /// The most that is inside any other of them.
    pub elsewhere: u32,
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
        self.is_free() && self.rim as f32 >= RIM_SHARE * self.ink as f32 && !self.is_high()
    }

    /// In no box.
    pub fn is_free(&self) -> bool {
        self.inside == 0 && self.elsewhere == 0
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
    labels: Labels,
}

impl Pieces {
    /// `insides` are the boxes' insides.
    pub fn of(window: &Window, rim: &Bitmap, insides: &[Area]) -> Self {
        let mut out = Self { all: Vec::new(), labels: Labels::of(window) };
        if out.labels.parent.is_empty() {
            return out;
        }
        out.all.reserve(SOME);
        gather(&mut out, window, rim, insides);
        out
    }

    /// The piece that cells side by side belong to; a new one if they are its first.
    fn piece(&mut self, cells: Range<usize>) -> usize {
        let piece = self.labels.piece(cells, self.all.len());
        if piece == self.all.len() {
            self.all.push(Stroke { bounds: NOTHING, ink: 0, inside: 0, elsewhere: 0, rim: 0 });
        }
        piece
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
            let piece = self.labels.of_quad(quad);
            if wanted[piece] {
                let (x, y) = quad.corner(window);
                out[piece].extend((0..4).filter(|k| quad.bits & (8 >> k) != 0).map(|k| (x + k, y)));
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
            if wanted[self.labels.of_quad(quad)] {
                paint(quad.corner(window), quad.bits);
            }
        });
    }
}

/// Joined to any area it is that area.
const NOTHING: Area = Area { x0: isize::MAX, y0: isize::MAX, x1: isize::MIN, y1: isize::MIN };

/// Adds every row's ink to its pieces.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn gather(out: &mut Pieces, window: &Window, rim: &Bitmap, insides: &[Area]) {
    // The boxes that a row, and a word of it, goes through.
    let (mut level, mut here) = (Vec::new(), Vec::new());
    // Of each piece its ink in each of them.
    let mut shares: Vec<u32> = Vec::with_capacity(SOME * insides.len());
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
            let first = row / CELL as usize * out.labels.width + i * CELLS;
            for (cells, mask) in Runs::of(*word) {
                let cells = first + cells.start..first + cells.end;
                let piece = out.piece(cells);
                if piece * insides.len() == shares.len() {
                    shares.extend(insides.iter().map(|_| 0));
                }
                let (s, share) = (&mut out.all[piece], &mut shares[piece * insides.len()..]);
                let ink = word & mask;
                let (left, right) = (ink.leading_zeros(), 64 - ink.trailing_zeros());
                let at = |bit: u32| x + bit as isize;
                s.bounds = s.bounds.joined(Area { x0: at(left), x1: at(right), y0: y, y1: y + 1 });
                s.ink += ink.count_ones();
                s.rim += (near_print & mask).count_ones();
                for (k, a) in &here {
                    share[*k] += (ink & columns(a.x0 - x, a.x1 - x)).count_ones();
                }
            }
        }
    }
    for (s, share) in out.all.iter_mut().zip(shares.chunks_exact(insides.len().max(1))) {
        let (own, others) = share.split_first().unwrap_or((&0, &[]));
        (s.inside, s.elsewhere) = (*own, others.iter().copied().max().unwrap_or(0));
    }
}

/// The pixels of a word from one on and before another.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's shifts")]
#[inline(always)]
fn columns(from: isize, to: isize) -> u64 {
    let after = |x: isize| u64::MAX.checked_shr(x.clamp(0, 64) as u32).unwrap_or(0);
    after(from) & !after(to)
}

/// Cells in a word.
const CELLS: usize = 64 / CELL as usize;

/// Cells side by side of a word that all have bits, from the left: which, and all of their pixels.
struct Runs(u64);

impl Runs {
    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's shifts"
    )]
    #[inline(always)]
    fn of(word: u64) -> Self {
        let pairs = word | word >> 1;
        Self(((pairs | pairs >> 2) & 0x1111_1111_1111_1111) * 0xf)
    }
}

impl Iterator for Runs {
    type Item = (Range<usize>, u64);

    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's shifts"
    )]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0 == 0 {
            return None;
        }
        let from = self.0.leading_zeros();
        let past = from + (self.0 << from).leading_ones();
        let mask = columns(from as isize, past as isize);
        self.0 &= !mask;
        let cell = |bit: u32| bit as usize / CELL as usize;
        Some((cell(from)..cell(past), mask))
    }
}

fn cells(pixels: isize) -> usize {
    pixels.max(0) as usize / CELL as usize + 1
}

/// A cell without ink.
const NONE: u32 = u32::MAX;
/// From here on a cell's entry is its piece, below it another cell of the piece.
const PIECE: u32 = 1 << 31;

/// Union-find over the inked cells of a window: the root of a piece is its first cell.
#[derive(Debug)]
struct Labels {
    width: usize,
    parent: Vec<u32>,
}

impl Labels {
    fn of(window: &Window) -> Self {
        let (width, height) = (cells(window.area.width()), cells(window.area.height()));
        if window.ink.is_white() {
            return Self { width, parent: Vec::new() };
        }
        let mut out = Self { width, parent: vec![NONE; width * height] };
        label(&mut out, window);
        out
    }

    /// The piece that cells side by side belong to: `new` if none is known yet.
    fn piece(&mut self, cells: Range<usize>, new: usize) -> usize {
        let mut c = cells.start;
        while self.parent[c] < PIECE && self.parent[c] as usize != c {
            c = self.parent[c] as usize;
        }
        if self.parent[c] < PIECE {
            self.parent[c] = PIECE | new as u32;
        }
        let piece = self.parent[c];
        self.parent[cells].fill(piece);
        (piece - PIECE) as usize
    }

    /// The piece of a quad, all cells having been asked for.
    fn of_quad(&self, quad: Quad) -> usize {
        (self.parent[quad.row / CELL as usize * self.width + quad.column] - PIECE) as usize
    }

    /// Adds the next cells side by side in reading order, and joins them to those of their neighbours that came
    /// before.
    fn join(&mut self, cells: Range<usize>) {
        let (first, last) = (cells.start, cells.end - 1);
        self.parent[cells].fill(first as u32);
        if let (Some(from), Some(to)) =
            (first.checked_sub(self.width), last.checked_sub(self.width))
        {
            let left = usize::from(first % self.width > 0);
            let right = usize::from((last + 1) % self.width > 0);
            for n in from - left..=to + right {
                self.connect(n, first);
            }
        }
        if first % self.width > 0 {
            self.connect(first - 1, first);
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

/// Joins all inked cells to those that came before.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn label(labels: &mut Labels, window: &Window) {
    let stride = window.ink.stride();
    let mut line = vec![0; stride];
    for (cell_row, rows) in window.ink.words().chunks(CELL as usize * stride).enumerate() {
        line.fill(0);
        for row in rows.chunks_exact(stride) {
            line.iter_mut().zip(row).for_each(|(all, word)| *all |= word);
        }
        for (i, word) in line.iter().enumerate().filter(|(_, w)| **w != 0) {
            // A quad lies in one cell, as both begin at the window's edge.
            let first = cell_row * labels.width + i * CELLS;
            for (cells, _) in Runs::of(*word) {
                labels.join(first + cells.start..first + cells.end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_side_by_side_are_one_run_with_all_their_pixels() {
        let runs = |word: u64| Runs::of(word).collect::<Vec<_>>();
        assert!(runs(0).is_empty());
        assert_eq!(runs(u64::MAX), [(0..16, u64::MAX)]);
        assert_eq!(runs(1), [(15..16, 0xf)]);
        // The first pixel of a cell and the last of the next are side by side, a cell further is not.
        let word = 0x8010_0020_0000_0000;
        let (first, third, seventh) = (0xf << 60, 0xf << 52, 0xf << 36);
        assert_eq!(runs(word), [(0..1, first), (2..3, third), (6..7, seventh)]);
        assert_eq!(runs(word | 0x01 << 56), [(0..3, 0xfff << 52), (6..7, seventh)]);
    }

    #[test]
    fn columns_are_those_of_the_word() {
        assert_eq!(columns(-9, 99), u64::MAX);
        assert_eq!(columns(0, 1), 1 << 63);
        assert_eq!(columns(60, 64), 0xf);
        assert_eq!((columns(64, 70), columns(-4, 0), columns(9, 9)), (0, 0, 0));
    }

    #[test]
    fn what_lies_along_print_is_left_over_unless_it_is_a_marks_size() {
        let stroke = |w: isize, h: isize, rim: u32, inside: u32| {
            let bounds = Area { x0: 0, y0: 0, x1: w, y1: h };
            Stroke { bounds, ink: 40, inside, elsewhere: 0, rim }
        };
        assert!(stroke(60, 3, 40, 0).is_leftover() && stroke(20, 8, 30, 0).is_leftover());
        // Away from print, in a box, or as high as a tick between two rules.
        assert!(!stroke(60, 3, 20, 0).is_leftover());
        assert!(!stroke(60, 3, 40, 1).is_leftover());
        assert!(!Stroke { elsewhere: 1, ..stroke(60, 3, 40, 0) }.is_leftover());
        assert!(!stroke(20, 18, 40, 0).is_leftover());
        assert!(stroke(80, 60, 40, 0).is_leftover());
    }
}
