//! The fine place: packed 128 x 48 px patches slid over the page, XOR and popcount, sub-pixel by a
//! parabola. Misses of print weigh double: people add ink, they don't remove it.

use multiversion::multiversion;

use crate::raster::{Bitmap, warp::word_at};

/// Patch size in pixels.
pub const WIDTH: usize = 128;
pub const HEIGHT: usize = 48;
/// Largest reach that the window below holds: 48 + 2 x 40 rows, 128 + 2 x 30 columns.
pub const MAX_REACH: (isize, isize) = (30, 40);
const WINDOW_ROWS: usize = HEIGHT + 2 * MAX_REACH.1 as usize + LANES;
/// Shifts down that are summed side by side: a vector of the widest processors.
const LANES: usize = 8;

/// A patch of the blank and where it stands on it.
#[derive(Clone, Debug)]
pub struct Patch {
    pub x: isize,
    pub y: isize,
    rows: [[u64; 2]; HEIGHT],
    pub black: u32,
}

/// Where a patch was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub dx: f32,
    pub dy: f32,
    /// Weighted mismatch as a share of three times the patch's black: 0 is perfect, an empty place
    /// has 0.67, added ink has no upper bound.
    pub cost: f32,
    /// Cost at no shift, in the same measure.
    pub cost_here: f32,
    /// How much worse the best place elsewhere is: 1 is no better than this one.
    pub margin: f32,
}

impl Patch {
    pub fn cut(blank: &Bitmap, x: isize, y: isize) -> Self {
        let mut rows = [[0; 2]; HEIGHT];
        let mut black = 0;
        for (i, r) in rows.iter_mut().enumerate() {
            let yy = y + i as isize;
            if yy >= 0 && (yy as usize) < blank.height() {
                let row = blank.row(yy as usize);
                *r = [word_at(row, x), word_at(row, x + 64)];
                black += r[0].count_ones() + r[1].count_ones();
            }
        }
        Self { x, y, rows, black }
    }

    /// Pixels in which the blank differs from this patch at another place: how easily it is
    /// mistaken.
    pub fn differs(&self, blank: &Bitmap, dx: isize, dy: isize) -> u32 {
        let other = Self::cut(blank, self.x + dx, self.y + dy);
        self.rows
            .iter()
            .zip(&other.rows)
            .map(|(a, b)| (a[0] ^ b[0]).count_ones() + (a[1] ^ b[1]).count_ones())
            .sum()
    }

    /// Share of the patch's black that is white on the page when its corner lies at (x, y), one
    /// pixel either way allowed: how much of the print is not there, whatever ink was added.
    pub fn missing(&self, page: &Bitmap, x: isize, y: isize) -> f32 {
        missing(self, page, (x, y)) as f32 / self.black.max(1) as f32
    }

    /// The middle of the patch on the form.
    pub fn centre(&self) -> (f32, f32) {
        (self.x as f32 + WIDTH as f32 / 2.0, self.y as f32 + HEIGHT as f32 / 2.0)
    }

    /// Looks for the patch with its corner within `reach` of (x, y) on the page.
    pub fn search(&self, page: &Bitmap, x: isize, y: isize, reach: (isize, isize)) -> Found {
        let reach = (reach.0.min(MAX_REACH.0), reach.1.min(MAX_REACH.1));
        search(self, page, (x, y), reach)
    }
}

/// The page around the search, in rows of 192 aligned pixels.
struct Window {
    rows: [[u64; 3]; WINDOW_ROWS],
}

impl Window {
    #[inline]
    fn cut(page: &Bitmap, x: isize, y: isize, rows: usize) -> Self {
        let mut out = Self { rows: [[0; 3]; WINDOW_ROWS] };
        for (i, r) in out.rows.iter_mut().take(rows).enumerate() {
            let yy = y + i as isize;
            if yy >= 0 && (yy as usize) < page.height() {
                let row = page.row(yy as usize);
                *r = [word_at(row, x), word_at(row, x + 64), word_at(row, x + 128)];
            }
        }
        out
    }

    /// The left and the right 64 of the 128 columns from `shift` on.
    #[inline]
    fn halves(&self, shift: usize, rows: usize, [left, right]: &mut [[u64; WINDOW_ROWS]; 2]) {
        for ((l, r), w) in left.iter_mut().zip(right).zip(&self.rows).take(rows) {
            // In two steps, because a shift by all 64 bits is none.
            *l = w[0] << shift | (w[1] >> 1) >> (63 - shift);
            *r = w[1] << shift | (w[2] >> 1) >> (63 - shift);
        }
    }

    /// The 128 columns from `shift` on.
    #[inline]
    fn columns(&self, shift: usize, rows: usize, out: &mut [[u64; 2]; WINDOW_ROWS]) {
        for (o, w) in out.iter_mut().zip(&self.rows).take(rows) {
            *o = if shift == 0 {
                [w[0], w[1]]
            } else {
                [w[0] << shift | w[1] >> (64 - shift), w[1] << shift | w[2] >> (64 - shift)]
            };
        }
    }
}

/// Pixels of the patch that are white on the page, one pixel either way allowed.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn missing(p: &Patch, page: &Bitmap, (x, y): (isize, isize)) -> u32 {
    let near = |yy: isize| {
        page.line(yy).map_or([0; 2], |row| {
            [x, x + 64].map(|x| word_at(row, x - 1) | word_at(row, x) | word_at(row, x + 1))
        })
    };
    let (mut above, mut here) = (near(y - 1), near(y));
    let mut missing = 0;
    for (t, below) in p.rows.iter().zip((y + 1..).map(near)) {
        for (k, t) in t.iter().enumerate() {
            missing += (t & !(above[k] | here[k] | below[k])).count_ones();
        }
        (above, here) = (here, below);
    }
    missing
}

#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512vpopcntdq+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn search(p: &Patch, page: &Bitmap, at: (isize, isize), reach: (isize, isize)) -> Found {
    let (nx, ny) = ((2 * reach.0 + 1) as usize, (2 * reach.1 + 1) as usize);
    let rows = HEIGHT + ny - 1;
    let window = Window::cut(page, at.0 - reach.0, at.1 - reach.1, rows);
    let mut quick = vec![0u32; nx * ny];
    let mut halves = [[0; WINDOW_ROWS]; 2];
    for ix in 0..nx {
        window.halves(ix, rows, &mut halves);
        for from in (0..ny).step_by(LANES) {
            let sums = mismatches(p, &halves, from);
            for (iy, sum) in (from..ny).zip(sums) {
                quick[iy * nx + ix] = sum as u32;
            }
        }
    }
    let at = (0..quick.len()).min_by_key(|k| quick[*k]).unwrap_or(0);
    let (bx, by) = (at % nx, at / nx);
    let second = elsewhere(&quick, nx, (bx, by));
    let margin = second.map_or(1.0, |s| s as f32 / quick[at].max(1) as f32);
    refine(p, &window, rows, (bx, by), (nx, ny), margin)
}

/// Pixels of every other row that differ at `LANES` shifts down from one on, side by side: vectors of popcounts
/// where the processor has them. Rows that were not cut out count for shifts that nobody asks about.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn mismatches(p: &Patch, halves: &[[u64; WINDOW_ROWS]; 2], from: usize) -> [u64; LANES] {
    let mut sums = [0u64; LANES];
    for r in (0..HEIGHT).step_by(2) {
        for (t, half) in p.rows[r].iter().zip(halves) {
            for (sum, c) in sums.iter_mut().zip(&half[from + r..][..LANES]) {
                *sum += u64::from((t ^ c).count_ones());
            }
        }
    }
    sums
}

/// The least of all places that are more than three away from one of them; `nx` are in a row.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn elsewhere(all: &[u32], nx: usize, (bx, by): (usize, usize)) -> Option<u32> {
    let rows = all.chunks_exact(nx).enumerate();
    let least = rows.map(|(y, row)| {
        let near = if y.abs_diff(by) > 3 { 0..0 } else { bx.saturating_sub(3)..(bx + 4).min(nx) };
        let (left, right) = (&row[..near.start], &row[near.end..]);
        left.iter().chain(right).fold(u32::MAX, |a, b| a.min(*b))
    });
    least.min().filter(|l| *l < u32::MAX)
}

/// Weighted costs in the 7 x 7 places around the quick best; then the parabola.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512vpopcntdq+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn refine(
    p: &Patch,
    window: &Window,
    rows: usize,
    (bx, by): (usize, usize),
    (nx, ny): (usize, usize),
    margin: f32,
) -> Found {
    const FAR: u32 = u32::MAX / 4;
    let mut columns = [[0u64; 2]; WINDOW_ROWS];
    let mut v = [[FAR; 7]; 7];
    let mut best = (FAR, 3usize, 3usize);
    // `v` is indexed by the row first, walked by the column: `columns` is cut once a column.
    #[allow(clippy::needless_range_loop)]
    for a in 0..7 {
        let Some(jx) = (bx + a).checked_sub(3).filter(|j| *j < nx) else { continue };
        window.columns(jx, rows, &mut columns);
        for (c, line) in v.iter_mut().enumerate() {
            let Some(jy) = (by + c).checked_sub(3).filter(|j| *j < ny) else { continue };
            let cost = cost(p, &columns[jy..jy + HEIGHT]);
            line[a] = cost;
            if cost < best.0 {
                best = (cost, a, c);
            }
        }
    }
    let (low, a, c) = best;
    let bend = |l: u32, r: u32| {
        let d = l as f32 - 2.0 * low as f32 + r as f32;
        let known = l < FAR && r < FAR && d > 0.0;
        if known { (0.5 * (l as f32 - r as f32) / d).clamp(-0.5, 0.5) } else { 0.0 }
    };
    let fx = if (1..6).contains(&a) { bend(v[c][a - 1], v[c][a + 1]) } else { 0.0 };
    let fy = if (1..6).contains(&c) { bend(v[c - 1][a], v[c + 1][a]) } else { 0.0 };
    window.columns(nx / 2, rows, &mut columns);
    let here = cost(p, &columns[ny / 2..ny / 2 + HEIGHT]);
    let share = |cost: u32| cost as f32 / (3 * p.black).max(1) as f32;
    let shift = |b: usize, a: usize, n: usize| (b + a) as f32 - 3.0 - (n / 2) as f32;
    Found {
        dx: shift(bx, a, nx) + fx,
        dy: shift(by, c, ny) + fy,
        cost: share(low),
        cost_here: share(here),
        margin,
    }
}

/// Mismatches, missing print counted twice more.
#[inline]
fn cost(p: &Patch, page: &[[u64; 2]]) -> u32 {
    let mut sum = 0;
    for (t, c) in p.rows.iter().zip(page) {
        for i in 0..2 {
            sum += (t[i] ^ c[i]).count_ones() + (t[i] & !c[i]).count_ones();
        }
    }
    sum
}
