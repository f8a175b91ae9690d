//! Shading: rows and panels of a form that are printed grey, which arrive as dots. Dots that stand closer than
//! a pen is wide cover everything once they are grown as print is, so they are taken out of the blank, and
//! out of each page by how dense its own dots are: a pen's line is denser.

use image::Luma;
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::raster::Bitmap;

/// Black pixels of a dot at most, touching side by side (estimate: the finest dots of print are as large).
const DOT: u32 = 12;
/// Cells in which dots are counted, in px, and how many there are at least in three by three of them (one form
/// with dithered rows: of its other cells 0.1 % have as many; in blocks of `LEAST` none of 28 forms without
/// shading).
const CELL: usize = 8;
const DOTS: u32 = 14;
/// Shading is so large at least, in cells: 6 mm by 2, a word of small print is not.
const LEAST: (usize, usize) = (6, 2);
/// Half the side of a grey area that is not print: no letter has strokes so broad.
const GREY: usize = 5;
/// Ink so near to print stays: it lies under print as that is grown (`marks`); with 3 the dots left around boxes
/// sent 30 % of a shaded form's answers to people, with 2 19 %.
const NEAR: usize = 2;
/// Half the side of the window in which a pixel's neighbours are counted: a pen's line is 3 px wide.
const REACH: usize = 2;
/// Pixels of the window that are black for a line: so many times what the dots around fill it with, and so
/// many more (a line of 2 px through it adds 8; looked at on 8 pages of a form with dithered rows).
const SHARE: f32 = 1.3;
const MORE: f32 = 6.0;
/// Cells in which the dots' density is measured, in px, and how many around: shading is uneven by a hand's breadth.
const AREA: usize = 32;
const AROUND: (usize, usize) = (2, 1);
/// Shaded pixels that tell a density: less is told by all of them.
const TELLING: u32 = 400;
/// Density from which on a line cannot be told from the dots, of a hand's breadth of them or of all: it would have to
/// fill four fifths of the window.
const BLIND: f32 = 0.43;

/// Where a form is shaded.
#[derive(Clone, Debug)]
pub struct Shade {
    area: Bitmap,
    /// Shaded, and no print near: here the density is measured and dots are taken out.
    open: Bitmap,
}

impl Shade {
    /// Finds the shading of a blank; `None` on most forms. Gives the blank and its traces without it, too.
    pub fn of(blank: &Bitmap, traces: &Bitmap) -> Option<(Self, Bitmap, Bitmap)> {
        let (dots, dotted) = dotted(blank);
        let area = dotted.joined(&grey(blank, traces));
        if area.is_white() {
            return None;
        }
        let plain = blank.minus(&within(&dots, &area));
        let traces = traces.minus(&area).joined(&plain);
        let open = area.minus(&plain.dilated(NEAR, NEAR));
        Some((Self { area, open }, plain, traces))
    }

    /// Black where it is shaded.
    pub fn area(&self) -> &Bitmap {
        &self.area
    }

    /// A page in the form's frame without the dots of its shading, and where these are so dense that a pen's line
    /// cannot be told from them: there they stay.
    pub fn lifted(&self, sheet: &Bitmap) -> (Bitmap, Option<Bitmap>) {
        let density = Density::of(sheet, &self.open);
        let blind = density.blind(&self.area);
        if density.whole > BLIND {
            return (sheet.clone(), blind);
        }
        let mut lines = Bitmap::new(sheet.width(), sheet.height());
        let mut columns = vec![0u8; sheet.width()];
        for y in 0..sheet.height() {
            if self.open.row(y).iter().any(|w| *w != 0) {
                count_columns(sheet, y, &mut columns);
                self.keep(sheet, y, &columns, &density, &mut lines);
            }
        }
        let dots = self.open.minus(&lines.dilated(1, 1));
        let dots = blind.iter().fold(dots, |dots, blind| dots.minus(blind));
        (sheet.minus(&dots), blind)
    }

    /// Marks the pixels of row `y` that are a line's.
    fn keep(
        &self,
        sheet: &Bitmap,
        y: usize,
        columns: &[u8],
        density: &Density,
        lines: &mut Bitmap,
    ) {
        let mut sum: u32 = columns.iter().take(REACH).map(|c| u32::from(*c)).sum();
        for x in 0..sheet.width() {
            sum += columns.get(x + REACH).map_or(0, |c| u32::from(*c));
            if let Some(gone) = x.checked_sub(REACH + 1) {
                sum -= u32::from(columns[gone]);
            }
            if self.open.get(x, y) && sheet.get(x, y) && sum as f32 >= density.line(x, y) {
                lines.set(x, y, true);
            }
        }
    }
}

/// For each column, the black pixels of the rows around `y`.
fn count_columns(sheet: &Bitmap, y: usize, columns: &mut [u8]) {
    columns.fill(0);
    for row in y.saturating_sub(REACH)..(y + REACH + 1).min(sheet.height()) {
        for (x, c) in columns.iter_mut().enumerate() {
            *c += u8::from(sheet.get(x, row));
        }
    }
}

/// The dots of the shading, and where they stand close together.
fn dotted(blank: &Bitmap) -> (Bitmap, Bitmap) {
    let (w, h) = (blank.width(), blank.height());
    let white = Luma([255]);
    let labels = connected_components(&blank.to_luma(), Connectivity::Four, white);
    let mut sizes: Vec<u32> = Vec::new();
    for l in labels.pixels().map(|p| p.0[0] as usize) {
        sizes.resize(sizes.len().max(l + 1), 0);
        sizes[l] += 1;
    }
    let mut dots = Bitmap::new(w, h);
    let mut cells = Grid::new(w.div_ceil(CELL), h.div_ceil(CELL));
    let mut seen = vec![false; sizes.len()];
    for (x, y, l) in labels.enumerate_pixels().map(|(x, y, p)| (x as usize, y as usize, p.0[0])) {
        let l = l as usize;
        if blank.get(x, y) && sizes[l] <= DOT {
            dots.set(x, y, true);
            *cells.at(x / CELL, y / CELL) += u32::from(!std::mem::replace(&mut seen[l], true));
        }
    }
    let area = cells.dense().painted(w, h);
    (dots, area)
}

/// Even grey that is no print: `traces` without anything of the blank, as broad as no stroke is.
fn grey(blank: &Bitmap, traces: &Bitmap) -> Bitmap {
    let light = traces.minus(&blank.dilated(1, 1));
    let deep = light.minus(&light.inverted().dilated(GREY, GREY));
    deep.dilated(GREY, GREY)
}

/// What is black in both.
fn within(a: &Bitmap, b: &Bitmap) -> Bitmap {
    a.minus(&a.minus(b))
}

/// Counts by cell.
struct Grid {
    width: usize,
    counts: Vec<u32>,
}

impl Grid {
    fn new(width: usize, height: usize) -> Self {
        Self { width, counts: vec![0; width * height] }
    }

    fn at(&mut self, x: usize, y: usize) -> &mut u32 {
        &mut self.counts[y * self.width + x]
    }

    fn height(&self) -> usize {
        self.counts.len() / self.width.max(1)
    }

    /// The sum of the cells up to `(rx, ry)` away.
    fn around(&self, x: usize, y: usize, (rx, ry): (usize, usize)) -> u32 {
        let rows = y.saturating_sub(ry)..(y + ry + 1).min(self.height());
        let columns = x.saturating_sub(rx)..(x + rx + 1).min(self.width);
        rows.map(|y| self.counts[y * self.width..][columns.clone()].iter().sum::<u32>()).sum()
    }

    fn map(&self, f: impl Fn(usize, usize) -> bool) -> Self {
        let cell = |i: usize| u32::from(f(i % self.width, i / self.width));
        Self { width: self.width, counts: (0..self.counts.len()).map(cell).collect() }
    }

    /// Cells among enough dots, in blocks of at least `LEAST`, and those with a dot right beside them.
    fn dense(&self) -> Self {
        let dense = self.map(|x, y| self.around(x, y, (1, 1)) >= DOTS);
        let (w, h) = LEAST;
        let full = |x: usize, y: usize| {
            (y..y + h).all(|y| {
                y < dense.height()
                    && (x..x + w).all(|x| x < dense.width && dense.counts[y * dense.width + x] > 0)
            })
        };
        let corners = self.map(full);
        let large = self.map(|x, y| {
            let rows = (y + 1).saturating_sub(h)..=y;
            rows.into_iter().any(|y| {
                ((x + 1).saturating_sub(w)..=x).any(|x| corners.counts[y * corners.width + x] > 0)
            })
        });
        self.map(|x, y| {
            let i = y * self.width + x;
            large.counts[i] > 0 || (self.counts[i] > 0 && large.around(x, y, (1, 1)) > 0)
        })
    }

    /// The cells that are not 0, black on a bitmap.
    fn painted(&self, width: usize, height: usize) -> Bitmap {
        let mut out = Bitmap::new(width, height);
        for y in 0..height {
            for x in 0..width {
                if self.counts[y / CELL * self.width + x / CELL] > 0 {
                    out.set(x, y, true);
                }
            }
        }
        out
    }
}

/// How dense a page's dots are, as a share of black.
struct Density {
    whole: f32,
    width: usize,
    cells: Vec<f32>,
}

impl Density {
    fn of(sheet: &Bitmap, open: &Bitmap) -> Self {
        let (w, h) = (sheet.width().div_ceil(AREA), sheet.height().div_ceil(AREA));
        let (mut black, mut all) = (Grid::new(w, h), Grid::new(w, h));
        let inked = within(open, sheet);
        for y in 0..h {
            for x in 0..w {
                let [x0, y0, x1, y1] =
                    [x * AREA, y * AREA, (x + 1) * AREA, (y + 1) * AREA].map(|v| v as isize);
                *all.at(x, y) = open.count_in(x0, y0, x1, y1);
                *black.at(x, y) = inked.count_in(x0, y0, x1, y1);
            }
        }
        let share = |black: u32, all: u32| black as f32 / all.max(1) as f32;
        let whole = share(black.counts.iter().sum(), all.counts.iter().sum());
        let cell = |i: usize| {
            let near = |g: &Grid| g.around(i % w, i / w, AROUND);
            let (black, all) = (near(&black), near(&all));
            if all < TELLING { whole } else { share(black, all).max(whole) }
        };
        Self { whole, width: w, cells: (0..w * h).map(cell).collect() }
    }

    /// Where in `area` no line could be told; `None` if there is no such place.
    fn blind(&self, area: &Bitmap) -> Option<Bitmap> {
        let mut out = Bitmap::new(area.width(), area.height());
        for y in 0..area.height() {
            for x in 0..area.width() {
                let dense = self.cells[y / AREA * self.width + x / AREA] > BLIND;
                if dense && area.get(x, y) {
                    out.set(x, y, true);
                }
            }
        }
        (!out.is_white()).then_some(out)
    }

    /// Black pixels around one of a line, at least.
    fn line(&self, x: usize, y: usize) -> f32 {
        let side = (2 * REACH + 1) as f32;
        MORE + SHARE * side * side * self.cells[y / AREA * self.width + x / AREA]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet with a box at (300, 200), and dots every `pitch` px in rows 150 to 300.
    fn sheet(pitch: usize) -> Bitmap {
        let mut out = Bitmap::new(800, 500);
        for y in 150..300usize {
            for x in (40..760usize).filter(|x| x.is_multiple_of(pitch) && y.is_multiple_of(pitch)) {
                out.set(x, y, true);
            }
        }
        for k in 0..30 {
            for w in 0..2 {
                for (x, y) in
                    [(300 + k, 200 + w), (300 + k, 228 + w), (300 + w, 200 + k), (328 + w, 200 + k)]
                {
                    out.set(x, y, true);
                }
            }
        }
        out
    }

    /// A stroke of 3 px across the dots, 60 px long.
    fn stroke(to: &mut Bitmap) -> Bitmap {
        let mut line = Bitmap::new(to.width(), to.height());
        for k in 0..60 {
            (0..3).for_each(|w| line.set(500 + k, 180 + k / 2 + w, true));
        }
        *to = to.joined(&line);
        line
    }

    #[test]
    fn dots_go_and_strokes_and_boxes_stay() {
        let blank = sheet(4);
        let (shade, plain, _) = Shade::of(&blank, &blank).unwrap();
        let box_alone = |b: &Bitmap| b.count_in(298, 198, 332, 232);
        assert_eq!(box_alone(&plain), box_alone(&sheet(4)) - inner_dots());
        assert!(plain.count_in(40, 150, 290, 300) == 0);
        let share = |x0, y0, x1, y1| {
            shade.area().count_in(x0, y0, x1, y1) as f32 / ((x1 - x0) * (y1 - y0)) as f32
        };
        assert!(share(480, 180, 560, 240) > 0.99 && share(40, 320, 760, 500) == 0.0);
        let mut page = blank.clone();
        let line = stroke(&mut page);
        let (lifted, blind) = shade.lifted(&page);
        assert_eq!(blind, None);
        assert_eq!(line.minus(&lifted).count(), 0);
        let left = lifted.minus(&plain).minus(&line.dilated(4, 4)).minus(&plain.dilated(4, 4));
        assert_eq!(left.count(), 0);
    }

    /// Dots inside the box of `sheet(4)`, and beside its lines.
    fn inner_dots() -> u32 {
        let at = |x: usize, y: usize| x.is_multiple_of(4) && y.is_multiple_of(4);
        let line = |v: usize, from: usize| {
            (from..from + 2).contains(&v) || (from + 28..from + 30).contains(&v)
        };
        let on = |x: usize, y: usize| {
            let inside = (300..330).contains(&x) && (200..230).contains(&y);
            inside && (line(x, 300) || line(y, 200))
        };
        let all = (198..232).flat_map(|y| (298..332).map(move |x| (x, y)));
        all.filter(|(x, y)| at(*x, *y) && !on(*x, *y)).count() as u32
    }

    #[test]
    fn plain_forms_have_none_and_dark_ones_are_not_guessed_at() {
        for form in ["mynahoken-2024", "mynahoken-2023"] {
            let form =
                crate::form::Form::open(std::path::Path::new(&format!("forms/{form}"))).unwrap();
            assert!(crate::register::Template::new(form).shade.is_none());
        }
        let (shade, ..) = Shade::of(&sheet(4), &sheet(4)).unwrap();
        let mut dark = sheet(4);
        for y in 150..300usize {
            (40..760usize).filter(|x| (x + y).is_multiple_of(2)).for_each(|x| dark.set(x, y, true));
        }
        let (left, blind) = shade.lifted(&dark);
        assert_eq!((left, blind.as_ref()), (dark, Some(shade.area())));
    }

    #[test]
    fn where_one_end_of_the_shading_is_dark_only_that_is_not_guessed_at() {
        let (shade, ..) = Shade::of(&sheet(4), &sheet(4)).unwrap();
        let mut half = sheet(4);
        for y in 150..300usize {
            (40..260usize).filter(|x| (x + y).is_multiple_of(2)).for_each(|x| half.set(x, y, true));
        }
        let (left, blind) = shade.lifted(&half);
        let blind = blind.unwrap();
        assert!(blind.count_in(40, 150, 160, 300) > 15_000);
        assert_eq!(blind.count_in(400, 150, 760, 300), 0);
        // What cannot be told stays as it came; of the rest the dots go.
        assert_eq!(left.count_in(40, 160, 160, 290), half.count_in(40, 160, 160, 290));
        assert_eq!(left.count_in(400, 160, 740, 290), 0);
    }

    /// A light grey panel is on no bitmap of clear print; letters leave grey edges that are none.
    #[test]
    fn grey_is_found_by_its_traces() {
        let blank = Bitmap::new(800, 500);
        let mut traces = blank.clone();
        for y in 150..200 {
            (40..760).for_each(|x| traces.set(x, y, true));
        }
        (40..760).for_each(|x| traces.set(x, 300, true));
        let (shade, _, left) = Shade::of(&blank, &traces).unwrap();
        let shaded = |y0, y1| shade.area().count_in(60, y0, 740, y1);
        assert!(shaded(160, 190) > 20_000 && shaded(290, 310) == 0);
        assert_eq!((left.count_in(0, 140, 800, 210), left.count()), (0, 720));
    }
}
