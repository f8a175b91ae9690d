//! Dirt on the scanner's glass draws thin lines straight down the page as it was scanned. Those that run
//! through most of a page are known before anything else (`clean::streaks`); shorter and broken ones can
//! be told from print only here: outside the print, straight, and at the very slope of the scan.

use crate::raster::{Bitmap, warp::word_at};

/// A streak is looked for in bands of so many rows (8 mm).
const BAND: usize = 64;
/// And runs through so many of them: 33 mm, longer than anything that people draw exactly upright.
const BANDS: usize = 4;
/// It is this wide at most, in px: dirt of 0.6 mm.
const WIDEST: usize = 5;
/// Share of a band's rows, of those without print, on which it shows: pale streaks come broken.
const SHOWS: f32 = 0.4;
/// A band with fewer rows without print says nothing.
const FREE: usize = 16;
/// Ink in a column and its neighbours by which a band is looked at closely, in px: half of its rows are print.
const SOME: u16 = 10;
/// Of its rows at most this share have ink on either side of it: a column of writing has more.
const BESIDE: f32 = 0.4;
/// How far to the sides that is looked at, in px.
const SIDE: std::ops::RangeInclusive<isize> = 5..=8;
/// It goes on over so many rows without a trace of it.
const GAP: isize = 8;

/// A line down the form: at `x` in the form's row 0, and the rows that it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Streak {
    x: isize,
    rows: (isize, isize),
}

/// Takes streaks out of a sheet wherever there is no print. `slope` is how far what ran straight down the
/// page as it was scanned moves to the right, in px a row.
pub fn erase(sheet: &mut Bitmap, print: &Bitmap, slope: f32) {
    let leans = (0..sheet.height()).map(|y| (slope * y as f32).round() as isize).collect();
    let thin = Bitmap::new(sheet.width(), sheet.height());
    let mut page = Page { sheet, print, slope, leans, thin };
    let counts = page.counts();
    let found = page.find(&counts);
    let mut gone = Vec::new();
    for s in &found {
        for y in s.rows.0..s.rows.1 {
            let x = page.at(s.x, y);
            gone.extend((x - 2..=x + 2).filter(|u| page.is_thin(*u, y)).map(|u| (u, y)));
        }
    }
    for (x, y) in gone {
        sheet.set(x as usize, y as usize, false);
    }
}

struct Page<'a> {
    sheet: &'a Bitmap,
    print: &'a Bitmap,
    slope: f32,
    /// How far it has moved to the right in each row.
    leans: Vec<isize>,
    /// Thin runs of added ink, and pieces of wider ones where words meet.
    thin: Bitmap,
}

impl Page<'_> {
    /// The column of a line in a row.
    fn at(&self, x: isize, y: isize) -> isize {
        x + self.leans[y as usize]
    }

    fn added(&self, x: isize, y: isize) -> bool {
        self.has(self.sheet, x, y) && !self.has(self.print, x, y)
    }

    fn has(&self, b: &Bitmap, x: isize, y: isize) -> bool {
        let wide = self.sheet.width() as isize;
        x >= 0 && x < wide && (y as usize) < b.height() && b.get(x as usize, y as usize)
    }

    /// Added ink in a run that is no wider than a streak.
    fn is_thin(&self, x: isize, y: isize) -> bool {
        if !self.added(x, y) {
            return false;
        }
        let left = (1..=WIDEST as isize).take_while(|d| self.added(x - d, y)).count();
        let right = (1..=WIDEST as isize).take_while(|d| self.added(x + d, y)).count();
        left + right < WIDEST
    }

    fn find(&self, counts: &Counts) -> Vec<Streak> {
        let mut out: Vec<Streak> = Vec::new();
        for (k, some) in counts.bands_with_some().into_iter().enumerate() {
            // Most columns have next to nothing in any band, those at the edges nothing.
            if usize::from(some) < BANDS {
                continue;
            }
            let x = k as isize - counts.margin;
            if out.last().is_some_and(|s| (s.x - x).abs() <= WIDEST as isize) {
                continue;
            }
            // The middle of a wide one.
            let middle = counts.bands() / 2;
            let x = if counts.near(k + 1, middle) > counts.near(k, middle) { x + 1 } else { x };
            out.extend(self.along(x, counts));
        }
        out
    }

    /// Thin added ink by column of the scan and band.
    fn counts(&mut self) -> Counts {
        let lean = (self.slope.abs() * self.sheet.height() as f32).ceil() as usize + 2;
        let columns = self.sheet.width() + 2 * lean;
        let bands = self.sheet.height().div_ceil(BAND);
        let mut c = Counts { columns, margin: lean as isize, ink: vec![0; columns * bands] };
        for y in 0..self.sheet.height() {
            let lean = self.leans[y];
            let band = &mut c.ink[y / BAND * columns..][..columns];
            let rows = self.sheet.row(y).iter().zip(self.print.row(y));
            for (i, (sheet, print)) in rows.enumerate() {
                let mut word = sheet & !print;
                while word != 0 {
                    let from = word.leading_zeros() as usize;
                    let run = (word << from).leading_ones() as usize;
                    word &= u64::MAX.checked_shr((from + run) as u32).unwrap_or(0);
                    if run <= WIDEST {
                        let x = (i * 64 + from) as isize + c.margin - lean;
                        (x..x + run as isize).for_each(|x| band[x as usize] += 1);
                        self.thin.row_mut(y)[i] |= bits(from, run);
                    }
                }
            }
        }
        c
    }

    /// The streaks along one line: runs of bands that show it.
    fn along(&self, x: isize, counts: &Counts) -> Vec<Streak> {
        let bands = counts.bands();
        let column = (x + counts.margin) as usize;
        let mut seen: Vec<Option<Seen>> =
            (0..bands).map(|b| counts.may_show(column, b).then(|| self.band(x, b))).collect();
        let mut out = Vec::new();
        if seen.iter().flatten().filter(|s| s.shows()).count() < BANDS {
            return out;
        }
        let seen: Vec<Seen> =
            (0..bands).map(|b| seen[b].take().unwrap_or_else(|| self.band(x, b))).collect();
        let mut from = 0;
        while from < bands {
            let run = seen[from..].iter().take_while(|s| s.goes_on()).count();
            let shown: Vec<&Seen> = seen[from..from + run].iter().filter(|s| s.shows()).collect();
            let (hits, beside) = (
                shown.iter().map(|s| s.hits).sum::<usize>(),
                shown.iter().map(|s| s.beside).sum::<usize>(),
            );
            if shown.len() >= BANDS && beside as f32 <= BESIDE * hits as f32 {
                let rows = ((from * BAND) as isize, ((from + run) * BAND) as isize);
                out.push(Streak { x, rows: self.ends(x, rows) });
            }
            from += run + 1;
        }
        out
    }

    /// How one band shows a line.
    fn band(&self, x: isize, band: usize) -> Seen {
        let mut seen = Seen { free: 0, hits: 0, beside: 0 };
        let last = ((band + 1) * BAND).min(self.sheet.height());
        for y in (band * BAND) as isize..last as isize {
            let at = self.at(x, y);
            let hit = word_at(self.thin.row(y as usize), at - 1) >> 61 != 0;
            seen.free += usize::from(hit || !self.has(self.print, at, y));
            if hit {
                seen.hits += 1;
                let side = SIDE.clone().any(|d| self.added(at - d, y) || self.added(at + d, y));
                seen.beside += usize::from(side);
            }
        }
        seen
    }

    /// The rows of a streak, with its ends in the next bands.
    fn ends(&self, x: isize, (mut from, mut to): (isize, isize)) -> (isize, isize) {
        let hit = |y: isize| {
            let at = self.at(x, y);
            (at - 1..=at + 1).any(|u| self.is_thin(u, y))
        };
        let height = self.sheet.height() as isize;
        while let Some(d) = (1..=GAP).find(|d| from - d >= 0 && hit(from - d)) {
            from -= d;
        }
        while let Some(d) = (0..GAP).find(|d| to + d < height && hit(to + d)) {
            to += d + 1;
        }
        (from, to.min(height))
    }
}

/// So many bits of a word from one on, leftmost first.
fn bits(from: usize, run: usize) -> u64 {
    (u64::MAX >> from) & !(u64::MAX >> from).checked_shr(run as u32).unwrap_or(0)
}

/// Rows of one band: without print, with the line, and of these with ink beside it.
struct Seen {
    free: usize,
    hits: usize,
    beside: usize,
}

impl Seen {
    fn shows(&self) -> bool {
        self.free >= FREE && self.hits as f32 >= SHOWS * self.free as f32
    }

    fn goes_on(&self) -> bool {
        self.free < FREE || self.shows()
    }
}

struct Counts {
    columns: usize,
    /// Column 0 of the form in a row without lean.
    margin: isize,
    ink: Vec<u16>,
}

impl Counts {
    fn bands(&self) -> usize {
        self.ink.len() / self.columns
    }

    /// Less ink than a line needs in the fewest rows that say something: it cannot show.
    fn may_show(&self, column: usize, band: usize) -> bool {
        f32::from(self.near(column, band)) >= SHOWS * FREE as f32
    }

    /// For every column in how many bands it has some ink with its neighbours.
    fn bands_with_some(&self) -> Vec<u16> {
        let mut out = vec![0u16; self.columns];
        for band in self.ink.chunks_exact(self.columns) {
            let near = band.iter().zip(&band[1..]).zip(&band[2..]);
            for (some, ((left, here), right)) in out[1..].iter_mut().zip(near) {
                *some += u16::from(left + here + right >= SOME);
            }
        }
        out
    }

    /// In a column and its neighbours.
    fn near(&self, column: usize, band: usize) -> u16 {
        self.ink[band * self.columns + column - 1..][..3].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOPE: f32 = 0.02;

    /// A page with a line of 2 px down from row 100 to row `to`, every third row of it lost.
    fn streaked(to: usize) -> Bitmap {
        let mut page = Bitmap::new(600, 900);
        for y in (100..to).filter(|y| y % 3 != 0) {
            let x = 300 + (SLOPE * y as f32).round() as usize;
            (0..2).for_each(|d| page.set(x + d, y, true));
        }
        page
    }

    #[test]
    fn a_broken_streak_is_taken_out_and_what_crosses_it_stays() {
        let mut page = streaked(700);
        for i in 0..40 {
            (0..9).for_each(|pen| page.set(290 + i, 380 + i + pen, true));
        }
        let with_pen = page.count();
        erase(&mut page, &Bitmap::new(600, 900), SLOPE);
        let gone = with_pen - page.count();
        assert!((600..=800).contains(&gone), "{gone} px");
        let pen = page.count_in(280, 370, 350, 440);
        assert!(
            (360..=370).contains(&pen),
            "the stroke has 360 px, a few of the streak touch it: {pen}"
        );
    }

    #[test]
    fn what_is_short_or_leans_otherwise_is_somebodys_stroke() {
        for (page, slope) in [(streaked(320), SLOPE), (streaked(700), -SLOPE)] {
            let mut left = page.clone();
            erase(&mut left, &Bitmap::new(600, 900), slope);
            assert_eq!(left.count(), page.count(), "slope {slope}");
        }
    }
}
