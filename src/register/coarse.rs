//! The coarse place: normalised correlation of distinctive patches on cells of 16, then 8 pixels.

use multiversion::multiversion;

use super::affine::{Affine, Match};
use crate::raster::Bitmap;

/// Patch size in 8-px cells (192 x 128 px): holds part of at least two lines of print.
const PATCH: (usize, usize) = (24, 16);
/// Patches sought; 24 of them leave five inliers on the worst of 240 trial pages.
const PATCHES: usize = 24;
/// Least sum of squared deviations of a patch that can be told apart (trial: flat ones match anywhere).
const DISTINCT: i32 = 20_000;
/// Correlation below which a match is chance.
const CHANCE: f32 = 0.35;
/// Agreement of coarse matches with one map: a 16-px cell across, a slip of the feeder down.
const TOLERANCE: (f32, f32) = (14.0, 18.0);
/// Fewest inliers that place a page; three define the map, two more confirm it.
pub const ENOUGH: usize = 5;

/// Black pixels by 8 x 8 (or 16 x 16, divided by 4) cells.
#[derive(Clone, Debug)]
pub struct Cells {
    width: usize,
    height: usize,
    counts: Vec<u8>,
}

/// How far a patch is sought from its place on the form, in 16-px cells.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub x: isize,
    pub y: isize,
}

/// 160 x 224 px (20 x 29 mm): a sheet laid askew on the glass, a banner, a stretch of 3.5 %.
pub const ORDINARY: Reach = Reach { x: 10, y: 14 };
/// 400 x 640 px: small sheets on large ones, pages cut at the top.
pub const WIDE: Reach = Reach { x: 25, y: 40 };

#[derive(Clone, Debug)]
struct Patch {
    x: usize,
    y: usize,
    fine: Pattern,
    half: Pattern,
}

/// Deviations from the mean, and their norm.
#[derive(Clone, Debug)]
struct Pattern {
    width: usize,
    height: usize,
    values: Vec<i16>,
    norm: f32,
}

/// The form's distinctive patches.
#[derive(Clone, Debug)]
pub struct CoarseTemplate {
    patches: Vec<Patch>,
}

impl CoarseTemplate {
    pub fn new(blank: &Bitmap) -> Self {
        let cells = Cells::of(blank);
        let half = cells.halved();
        let mut found = Vec::new();
        for y in (0..cells.height.saturating_sub(PATCH.1)).step_by(PATCH.1 / 2) {
            for x in (0..cells.width.saturating_sub(PATCH.0)).step_by(PATCH.0 / 2) {
                let p = Pattern::cut(&cells, x, y, PATCH);
                found.push(((p.norm * p.norm) as i32, x & !1, y & !1));
            }
        }
        found.sort_by_key(|(q, x, y)| (-q, *y, *x));
        let mut patches: Vec<Patch> = Vec::new();
        for (q, x, y) in found {
            if patches.len() >= PATCHES || q < DISTINCT {
                break;
            }
            let near = |o: &Patch| o.x.abs_diff(x) < PATCH.0 && o.y.abs_diff(y) < PATCH.1 + 2;
            if patches.iter().any(near) {
                continue;
            }
            let fine = Pattern::cut(&cells, x, y, PATCH);
            let half = Pattern::cut(&half, x / 2, y / 2, (PATCH.0 / 2, PATCH.1 / 2));
            patches.push(Patch { x, y, fine, half });
        }
        Self { patches }
    }

    /// The map from form to page that most patches agree on, and on how many of how many.
    pub fn place(&self, page: &PageCells, reach: Reach) -> Option<(Affine, usize)> {
        let matches: Vec<Match> = self.patches.iter().filter_map(|p| p.find(page, reach)).collect();
        let (map, inliers) = Affine::consensus(&matches, TOLERANCE)?;
        Some((map, inliers.len()))
    }

    pub fn len(&self) -> usize {
        self.patches.len()
    }
}

impl Patch {
    fn find(&self, page: &PageCells, reach: Reach) -> Option<Match> {
        let at = ((self.x / 2) as isize, (self.y / 2) as isize);
        let (_, dx, dy) = best(&page.half, &self.half, at, reach);
        let at = (self.x as isize + 2 * dx, self.y as isize + 2 * dy);
        let (score, ex, ey) = best(&page.fine, &self.fine, at, Reach { x: 2, y: 2 });
        if score <= CHANCE {
            return None;
        }
        let middle = |v: usize, side: usize| (v * 8 + side * 4) as f32;
        let from = (middle(self.x, PATCH.0), middle(self.y, PATCH.1));
        let by = |d: isize, e: isize| (2 * d + e) as f32 * 8.0;
        let to = (from.0 + by(dx, ex), from.1 + by(dy, ey));
        Some(Match { from, to, weight: score })
    }
}

/// A page's cells at both sizes.
#[derive(Clone, Debug)]
pub struct PageCells {
    fine: Cells,
    half: Cells,
}

impl PageCells {
    pub fn of(page: &Bitmap) -> Self {
        let fine = Cells::of(page);
        let half = fine.halved();
        Self { fine, half }
    }
}

impl Cells {
    fn of(page: &Bitmap) -> Self {
        let (width, height) = (page.stride() * 8, page.height() / 8);
        let mut counts = vec![0; width * height];
        count_cells(page, &mut counts);
        Self { width, height, counts }
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut counts = Vec::with_capacity(width * height);
        for y in 0..height {
            let (a, b) =
                (&self.counts[2 * y * self.width..], &self.counts[(2 * y + 1) * self.width..]);
            for x in 0..width {
                let sum: u16 =
                    [a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1]].map(u16::from).iter().sum();
                counts.push((sum / 4) as u8);
            }
        }
        Self { width, height, counts }
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn count_cells(page: &Bitmap, counts: &mut [u8]) {
    let width = page.stride() * 8;
    for (y, out) in counts.chunks_mut(width).enumerate() {
        for k in 0..8 {
            for (word, cells) in page.row(y * 8 + k).iter().zip(out.chunks_mut(8)) {
                for (c, b) in cells.iter_mut().zip(byte_counts(*word).to_be_bytes()) {
                    *c += b;
                }
            }
        }
    }
}

/// Black pixels of each byte of a word, in that byte.
#[inline]
fn byte_counts(v: u64) -> u64 {
    let x = v - ((v >> 1) & 0x5555_5555_5555_5555);
    let x = (x & 0x3333_3333_3333_3333) + ((x >> 2) & 0x3333_3333_3333_3333);
    (x + (x >> 4)) & 0x0f0f_0f0f_0f0f_0f0f
}

impl Pattern {
    fn cut(cells: &Cells, x: usize, y: usize, (width, height): (usize, usize)) -> Self {
        let mut values = Vec::with_capacity(width * height);
        for j in 0..height {
            let from = (y + j) * cells.width + x;
            values.extend(cells.counts[from..from + width].iter().map(|c| i16::from(*c)));
        }
        let mean = (values.iter().map(|v| i32::from(*v)).sum::<i32>() / values.len() as i32) as i16;
        for v in &mut values {
            *v -= mean;
        }
        let norm = (values.iter().map(|v| i32::from(*v).pow(2)).sum::<i32>() as f32).sqrt();
        Self { width, height, values, norm }
    }
}

/// The best correlation within reach of a place, and where: (score, dx, dy) in cells.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn best(page: &Cells, p: &Pattern, at: (isize, isize), reach: Reach) -> (f32, isize, isize) {
    let n = (p.width * p.height) as f32;
    let mut best = (-1.0f32, 0, 0);
    let first = (-reach.x).max(-at.0);
    let last = reach.x.min(page.width as isize - p.width as isize - at.0);
    for dy in -reach.y..=reach.y {
        let y = at.1 + dy;
        if y < 0 || y as usize + p.height > page.height {
            continue;
        }
        for from in (first..=last).step_by(LANES) {
            let sums = Sums::of(page, p, ((at.0 + from) as usize, y as usize));
            for (k, dx) in (from..=last).take(LANES).enumerate() {
                // An empty stretch has no variance and would match anything: 2.6 a cell is light
                // print.
                let variance = sums.square[k] as f32 - sums.sum[k] as f32 * sums.sum[k] as f32 / n;
                let score = sums.product[k] as f32 / (p.norm * variance.max(n * 2.6).sqrt());
                if score > best.0 {
                    best = (score, dx, dy);
                }
            }
        }
    }
    best
}

/// Shifts across that are summed side by side: a vector of the widest processors.
const LANES: usize = 16;

/// The sums of a correlation for `LANES` shifts across.
struct Sums {
    product: [i32; LANES],
    square: [i32; LANES],
    sum: [i32; LANES],
}

impl Sums {
    /// Of a pattern with its corner at (x, y) and the shifts to the right of it; what lies beyond
    /// the page counts as white.
    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's vectors"
    )]
    #[inline(always)]
    fn of(page: &Cells, p: &Pattern, (x, y): (usize, usize)) -> Self {
        let mut out = Self { product: [0; LANES], square: [0; LANES], sum: [0; LANES] };
        let mut cells = [0u8; PATCH.0 + LANES];
        for j in 0..p.height {
            let row = &page.counts[(y + j) * page.width..][..page.width][x..];
            let known = row.len().min(p.width + LANES);
            cells[..known].copy_from_slice(&row[..known]);
            for (i, t) in p.values[j * p.width..][..p.width].iter().enumerate() {
                let t = i32::from(*t);
                let lanes = out.product.iter_mut().zip(&mut out.square).zip(&mut out.sum);
                for (((product, square), sum), c) in lanes.zip(&cells[i..i + LANES]) {
                    let c = i32::from(*c);
                    *product += t * c;
                    *square += c * c;
                    *sum += c;
                }
            }
        }
        out
    }
}
