//! The surroundings of one box: what the page has there and the blank has not.

use multiversion::multiversion;

use crate::raster::{
    Bitmap,
    warp::{each_word, word_at},
};

/// Whole pixels of the form: first column and row, one past the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    pub x0: isize,
    pub y0: isize,
    pub x1: isize,
    pub y1: isize,
}

impl Area {
    pub fn width(self) -> isize {
        (self.x1 - self.x0).max(0)
    }

    pub fn height(self) -> isize {
        (self.y1 - self.y0).max(0)
    }

    pub fn area(self) -> f32 {
        (self.width() * self.height()) as f32
    }

    pub fn has(self, x: isize, y: isize) -> bool {
        x >= self.x0 && x < self.x1 && y >= self.y0 && y < self.y1
    }

    #[must_use]
    pub fn grown(self, x: isize, y: isize) -> Self {
        Self { x0: self.x0 - x, y0: self.y0 - y, x1: self.x1 + x, y1: self.y1 + y }
    }

    #[must_use]
    pub fn joined(self, o: Self) -> Self {
        Self {
            x0: self.x0.min(o.x0),
            y0: self.y0.min(o.y0),
            x1: self.x1.max(o.x1),
            y1: self.y1.max(o.y1),
        }
    }

    /// The part of it that lies in another one; without any area if there is none.
    #[must_use]
    pub fn cut(self, o: Self) -> Self {
        Self {
            x0: self.x0.max(o.x0),
            y0: self.y0.max(o.y0),
            x1: self.x1.min(o.x1),
            y1: self.y1.min(o.y1),
        }
    }

    pub fn overlaps(self, o: Self) -> bool {
        self.x0 < o.x1 && o.x0 < self.x1 && self.y0 < o.y1 && o.y0 < self.y1
    }
}

/// Added ink in an area of the form; coordinates stay the form's.
#[derive(Clone, Debug)]
pub struct Window {
    pub area: Area,
    pub ink: Bitmap,
}

impl Window {
    /// `sheet` lies `shift` pixels off the form here; `print` is the blank, thickened.
    pub fn cut(sheet: &Bitmap, print: &Bitmap, area: Area, shift: (isize, isize)) -> Self {
        let mut ink = Bitmap::new(area.width() as usize, area.height() as usize);
        for (i, y) in (area.y0..area.y1).enumerate() {
            if let Some(from) = sheet.line(y + shift.1) {
                each_word(ink.row_mut(i), from, area.x0 + shift.0, |to, word| *to = word);
                print.line(y).inspect(|p| each_word(ink.row_mut(i), p, area.x0, |to, w| *to &= !w));
            }
        }
        ink.clear_padding();
        Self { area, ink }
    }

    /// The same window without ink that something else explains; `explained` are pages of the form.
    #[must_use]
    pub fn without<const N: usize>(&self, explained: [&Bitmap; N]) -> Self {
        let mut out = self.clone();
        for (i, y) in (self.area.y0..self.area.y1).enumerate() {
            for row in explained.iter().filter_map(|page| page.line(y)) {
                each_word(out.ink.row_mut(i), row, self.area.x0, |to, word| *to &= !word);
            }
        }
        out
    }

    /// A window with ink wherever this one has it, or has it one pixel to the right or below: one column and
    /// one row larger to the left and above.
    #[must_use]
    pub fn or_right_or_below(&self) -> Self {
        let area = Area { x0: self.area.x0 - 1, y0: self.area.y0 - 1, ..self.area };
        let mut ink = Bitmap::new(area.width() as usize, area.height() as usize);
        spread(&self.ink, &mut ink);
        ink.clear_padding();
        Self { area, ink }
    }

    /// Is there added ink at a place of the form?
    pub fn has(&self, x: isize, y: isize) -> bool {
        let (x, y) = (x - self.area.x0, y - self.area.y0);
        x >= 0
            && y >= 0
            && (x as usize) < self.ink.width()
            && (y as usize) < self.ink.height()
            && self.ink.get(x as usize, y as usize)
    }

    /// Takes one pixel out.
    pub fn erase(&mut self, x: isize, y: isize) {
        if self.has(x, y) {
            self.ink.set((x - self.area.x0) as usize, (y - self.area.y0) as usize, false);
        }
    }

    /// Added ink in an area of the form, in pixels.
    pub fn count(&self, a: Area) -> u32 {
        let (ox, oy) = (self.area.x0, self.area.y0);
        self.ink.count_in(a.x0 - ox, a.y0 - oy, a.x1 - ox, a.y1 - oy)
    }

    /// The columns that are inked anywhere in rows `y0..y1` of the form.
    pub fn columns(&self, y0: isize, y1: isize) -> Columns {
        let oy = self.area.y0;
        Columns { x0: self.area.x0, bits: self.ink.columns_in(y0 - oy, y1 - oy) }
    }

    /// The inked places of an area of the form, row by row.
    pub fn inked(&self, a: Area) -> Vec<(isize, isize)> {
        let a = a.cut(self.area);
        let mut all = Vec::new();
        for y in a.y0..a.y1 {
            let row = self.ink.row((y - self.area.y0) as usize);
            for x in (a.x0..a.x1).step_by(64) {
                let mut left = word_at(row, x - self.area.x0) & !0 << (64 - (a.x1 - x).min(64));
                while left != 0 {
                    let k = left.leading_zeros();
                    all.push((x + k as isize, y));
                    left &= !(1 << (63 - k));
                }
            }
        }
        all
    }

    /// Every inked quad, row by row.
    pub fn each_quad(&self, mut take: impl FnMut(Quad)) {
        for row in 0..self.ink.height() {
            for (i, word) in self.ink.row(row).iter().enumerate().filter(|(_, word)| **word != 0) {
                Quad::all(i, row, *word).for_each(&mut take);
            }
        }
    }
}

/// See `Window::or_right_or_below`; `to` is white.
#[multiversion(targets("x86_64+avx2"))]
fn spread(from: &Bitmap, to: &mut Bitmap) {
    let white = vec![0; from.stride()];
    let row = |y: usize| if y < from.height() { from.row(y) } else { &white };
    for y in 0..to.height() {
        let (here, below) = (y.checked_sub(1).map_or(&*white, row), row(y));
        let (Some(last), Some((first, to))) =
            (here.len().checked_sub(1), to.row_mut(y).split_first_mut())
        else {
            continue;
        };
        *first = here[0] | (here[0] | below[0]) >> 1;
        // Where the window ends with a word, its last pixels go to one more.
        if let Some(to) = to.get_mut(last) {
            *to = (here[last] | below[last]) << 63;
        }
        for ((to, h), b) in to.iter_mut().zip(here.windows(2)).zip(below.windows(2)) {
            *to = h[1] | (h[1] | b[1]) >> 1 | (h[0] | b[0]) << 63;
        }
    }
}

/// Four pixels of a row of a window, at least one of them inked.
#[derive(Clone, Copy, Debug)]
pub struct Quad {
    /// From the window's left edge, in quads.
    pub column: usize,
    /// From the window's top, in pixels.
    pub row: usize,
    /// The leftmost pixel is 8, the rightmost 1.
    pub bits: u8,
}

impl Quad {
    /// Those of a row's `i`th word.
    pub fn all(i: usize, row: usize, word: u64) -> impl Iterator<Item = Self> {
        Quads(word).map(move |(k, bits)| Self { column: i * 16 + k, row, bits })
    }

    /// The place of its leftmost pixel on the form.
    pub fn corner(self, window: &Window) -> (isize, isize) {
        (window.area.x0 + self.column as isize * 4, window.area.y0 + self.row as isize)
    }
}

/// Which columns of the form have ink.
pub struct Columns {
    x0: isize,
    bits: Vec<u64>,
}

impl Columns {
    /// Is any of columns `x0..x1` inked? At most 64 columns; none is inked outside the window.
    pub fn any(&self, x0: isize, x1: isize) -> bool {
        x1 > x0 && word_at(&self.bits, x0 - self.x0) >> (64 - (x1 - x0).min(64)) != 0
    }
}

/// The quads of a word that have bits, from the left: which, and their bits.
struct Quads(u64);

impl Iterator for Quads {
    type Item = (usize, u8);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0 == 0 {
            return None;
        }
        let k = self.0.leading_zeros() as usize / 4;
        let bits = (self.0 >> (60 - 4 * k)) as u8 & 0xf;
        self.0 &= !(0xf << (60 - 4 * k));
        Some((k, bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inked_places_are_those_of_the_area_row_by_row_however_words_fall() {
        let area = Area { x0: -30, y0: 10, x1: 120, y1: 13 };
        let mut ink = Bitmap::new(150, 3);
        let all = [(0, 0), (63, 0), (64, 0), (149, 0), (5, 1), (127, 2), (128, 2)];
        for (x, y) in all {
            ink.set(x, y, true);
        }
        let window = Window { area, ink };
        let place = |(x, y): (usize, usize)| (x as isize - 30, y as isize + 10);
        assert_eq!(window.inked(area.grown(9, 9)), all.map(place));
        let part = Area { x0: 33, y0: 10, x1: 98, y1: 13 };
        assert_eq!(window.inked(part), [(63, 0), (64, 0), (127, 2)].map(place));
        assert!(window.inked(Area { x0: 35, x1: 97, ..part }).is_empty());
    }

    #[test]
    fn ink_to_the_right_or_below_counts_however_words_fall() {
        for width in [1, 63, 64, 65, 128, 150] {
            let area = Area { x0: -3, y0: 7, x1: width - 3, y1: 12 };
            let mut ink = Bitmap::new(width as usize, 5);
            for k in (0..5 * width).filter(|k| k * k % 7 == 1 || k % width == width - 1) {
                ink.set((k % width) as usize, (k / width) as usize, k % 11 < 4);
            }
            let window = Window { area, ink };
            let near = window.or_right_or_below();
            for (x, y) in (5..13).flat_map(|y| (-6..width).map(move |x| (x, y))) {
                let ink = [(0, 0), (1, 0), (0, 1)].map(|(u, v)| window.has(x + u, y + v));
                assert_eq!(near.has(x, y), ink.contains(&true), "{width}: {x} {y}");
            }
        }
    }
}
