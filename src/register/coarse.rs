//! The coarse place: normalised correlation of distinctive patches on cells of 16, then 8 pixels.

use multiversion::multiversion;

use super::affine::{Affine, Match};
use crate::raster::Bitmap;

/// Patch size in 8-px cells (192 x 128 px): holds part of at least two lines of print.
const PATCH: (usize, usize) = (24, 16);
/// Patches sought; 24 of them leave five inliers on the worst of 240 trial pages.
const PATCHES: usize = 24;
/// Patches from the same rows: a sparse form's best are all in its title.
const PER_BAND: usize = 4;
/// Least sum of squared deviations of a patch that can be told apart; flat ones match anywhere (trial value:
/// with 20,000 a form of thin text had 4 patches, all in its title).
const DISTINCT: i32 = 2_500;
/// Places at which a patch is sought further: even rows of boxes look alike, and what all patches agree on
/// tells them apart (this and the next two: trial values, with which forms of 20 even rows are placed).
const PLACES: usize = 4;
/// Such a place correlates with this share of the best one's at least.
const LIKELY: f32 = 0.8;
/// And is so far from better ones, in 16-px cells: half a patch is the same place.
const APART: isize = 3;
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
    /// The same, with room for all lanes behind the last.
    values: Vec<f32>,
    sums: Sums,
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
    values: Vec<f32>,
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
            let band = patches.iter().filter(|o| o.y.abs_diff(y) < PATCH.1).count();
            if patches.iter().any(near) || band >= PER_BAND {
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
        let matches: Vec<Match> = self.patches.iter().flat_map(|p| p.find(page, reach)).collect();
        let (map, inliers) = Affine::consensus(&matches, TOLERANCE)?;
        Some((map, inliers.len()))
    }

    pub fn len(&self) -> usize {
        self.patches.len()
    }
}

impl Patch {
    /// Where it may be on the page.
    fn find(&self, page: &PageCells, reach: Reach) -> Vec<Match> {
        let at = ((self.x / 2) as isize, (self.y / 2) as isize);
        let all = correlations(&page.half, &self.half, at, reach);
        let places = peaks(&all).into_iter().map(|(_, dx, dy)| {
            let at = (self.x as isize + 2 * dx, self.y as isize + 2 * dy);
            let fine = correlations(&page.fine, &self.fine, at, Reach { x: 2, y: 2 });
            let (score, ex, ey) = first(&fine);
            let middle = |v: usize, side: usize| (v * 8 + side * 4) as f32;
            let from = (middle(self.x, PATCH.0), middle(self.y, PATCH.1));
            let by = |d: isize, e: isize| (2 * d + e) as f32 * 8.0;
            let to = (from.0 + by(dx, ex), from.1 + by(dy, ey));
            Match { from, to, weight: score }
        });
        places.filter(|m| m.weight > CHANCE).collect()
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
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.counts.chunks(self.width.max(1))
    }

    pub(super) fn of(page: &Bitmap) -> Self {
        let (width, height) = (page.stride() * 8, page.height() / 8);
        let mut counts = vec![0; width * height];
        count_cells(page, &mut counts);
        Self::new(width, height, counts)
    }

    fn new(width: usize, height: usize, counts: Vec<u8>) -> Self {
        let mut values: Vec<f32> = counts.iter().map(|c| f32::from(*c)).collect();
        values.resize(counts.len() + PATCH.0 + WIDE_LANES, 0.0);
        Self { width, height, values, sums: Sums::of(&counts, width), counts }
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
        Self::new(width, height, counts)
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn count_cells(page: &Bitmap, counts: &mut [u8]) {
    let width = page.stride() * 8;
    let mut sums = vec![0u64; page.stride()];
    for (y, out) in counts.chunks_mut(width).enumerate() {
        // Eight rows of eight pixels are 64 at most: the bytes of a word add up side by side.
        sums.fill(0);
        for k in 0..8 {
            for (sum, word) in sums.iter_mut().zip(page.row(y * 8 + k)) {
                *sum += byte_counts(*word);
            }
        }
        for (cells, sum) in out.chunks_exact_mut(8).zip(&sums) {
            cells.copy_from_slice(&sum.to_be_bytes());
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
        let values: Vec<i16> = values.iter().map(|v| v - mean).collect();
        let norm = (values.iter().map(|v| i32::from(*v).pow(2)).sum::<i32>() as f32).sqrt();
        let values = values.into_iter().map(f32::from).collect();
        Self { width, height, values, norm }
    }
}

/// How well a pattern correlates at a place, and how far that is from where it was sought, in cells.
type Place = (f32, isize, isize);

/// The best place; one without any correlation if there is none.
fn first(all: &[Place]) -> Place {
    let better = |a: Place, b: &Place| if b.0 > a.0 { *b } else { a };
    all.iter().fold((-1.0, 0, 0), better)
}

/// The best place and others that are nearly as good, apart from each other.
fn peaks(all: &[Place]) -> Vec<Place> {
    let best = first(all);
    let mut out = vec![best];
    let far = |p: &Place, q: &Place| (p.1 - q.1).abs() >= APART || (p.2 - q.2).abs() >= APART;
    while out.len() < PLACES {
        let rest = all.iter().filter(|p| p.0 >= LIKELY * best.0);
        let apart: Vec<Place> = rest.filter(|p| out.iter().all(|q| far(p, q))).copied().collect();
        if apart.is_empty() {
            break;
        }
        out.push(first(&apart));
    }
    out
}

/// The correlation at every place within reach.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512bw+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn correlations(page: &Cells, p: &Pattern, at: (isize, isize), reach: Reach) -> Vec<Place> {
    let mut out = Vec::with_capacity(((2 * reach.x + 1) * (2 * reach.y + 1)) as usize);
    let first = (-reach.x).max(-at.0);
    let last = reach.x.min(page.width as isize - p.width as isize - at.0);
    for dy in -reach.y..=reach.y {
        let y = at.1 + dy;
        if y < 0 || y as usize + p.height > page.height {
            continue;
        }
        let mut from = first;
        while from <= last {
            let corner = ((at.0 + from) as usize, y as usize);
            let mut scores = [0.0; WIDE_LANES];
            let lanes = if last - from < LANES as isize { LANES } else { WIDE_LANES };
            if lanes == LANES {
                scores[..LANES].copy_from_slice(&scored::<LANES>(page, p, corner));
            } else {
                scores = scored::<WIDE_LANES>(page, p, corner);
            }
            out.extend((from..=last).zip(scores).take(lanes).map(|(dx, score)| (score, dx, dy)));
            from += lanes as isize;
        }
    }
    out
}

/// Shifts across that are scored side by side: a vector of the widest processors, and half of one for the last
/// few.
const WIDE_LANES: usize = 16;
const LANES: usize = 8;

/// The correlations at (x, y) and the places to the right of it; beyond the page they mean nothing.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn scored<const LANES: usize>(page: &Cells, p: &Pattern, at: (usize, usize)) -> [f32; LANES] {
    let n = (p.width * p.height) as f32;
    let products = products::<LANES>(page, p, at);
    let (sums, squares) = page.sums.within::<LANES>(at, (p.width, p.height));
    let mut out = [0.0; LANES];
    for k in 0..LANES {
        // An empty stretch has no variance and would match anything: 2.6 a cell is light print.
        let variance = squares[k] as f32 - sums[k] as f32 * sums[k] as f32 / n;
        out[k] = products[k] / (p.norm * variance.max(n * 2.6).sqrt());
    }
    out
}

/// The products of a pattern with the page for `LANES` shifts across: its corner at (x, y) and the places to
/// the right of it; beyond the page they mean nothing. Whole numbers below 2^24, so exact in any order.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn products<const LANES: usize>(page: &Cells, p: &Pattern, (x, y): (usize, usize)) -> [f32; LANES] {
    const { assert!((PATCH.0 / 2).is_multiple_of(CHAINS)) };
    let mut sums = [[0.0f32; LANES]; CHAINS];
    for j in 0..p.height {
        let cells = &page.values[(y + j) * page.width + x..][..PATCH.0 + WIDE_LANES];
        let values = p.values[j * p.width..][..p.width].chunks_exact(CHAINS);
        for (t, here) in values.zip(cells.windows(CHAINS + LANES - 1).step_by(CHAINS)) {
            for (q, sums) in sums.iter_mut().enumerate() {
                for (sum, cell) in sums.iter_mut().zip(&here[q..q + LANES]) {
                    *sum += t[q] * cell;
                }
            }
        }
    }
    std::array::from_fn(|k| sums.iter().map(|s| s[k]).sum())
}

/// Sums that grow side by side: each waits for its own last addition only.
const CHAINS: usize = 4;

/// Sums of the counts and of their squares above and left of every cell.
#[derive(Clone, Debug)]
struct Sums {
    width: usize,
    /// Both with room for all lanes behind the last.
    ink: Vec<u32>,
    squares: Vec<u32>,
}

impl Sums {
    /// A page of 64 million pixels holds 2^26 x 64 in squares: within what wraps to the right difference.
    fn of(cells: &[u8], width: usize) -> Self {
        let stride = width + 1;
        let height = cells.len() / width.max(1);
        let zeros = vec![0; stride * (height + 1) + WIDE_LANES];
        let mut out = Self { width: stride, ink: zeros.clone(), squares: zeros };
        for (y, row) in cells.chunks_exact(width.max(1)).enumerate() {
            summed(&mut out.ink[y * stride..], stride, row, |c| c);
            summed(&mut out.squares[y * stride..], stride, row, |c| c * c);
        }
        out
    }

    /// Sums and sums of squares of rectangles of cells side by side, the first at (x, y).
    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's vectors"
    )]
    #[inline(always)]
    fn within<const LANES: usize>(
        &self,
        (x, y): (usize, usize),
        (w, h): (usize, usize),
    ) -> ([u32; LANES], [u32; LANES]) {
        let (above, below) = (y * self.width + x, (y + h) * self.width + x);
        let differences = |all: &[u32]| {
            let at = |i: usize| <[u32; LANES]>::try_from(&all[i..i + LANES]).unwrap_or([0; LANES]);
            let (a, b, c, d) = (at(above), at(above + w), at(below), at(below + w));
            std::array::from_fn(|k| d[k].wrapping_sub(b[k]).wrapping_sub(c[k]).wrapping_add(a[k]))
        };
        (differences(&self.ink), differences(&self.squares))
    }
}

/// Writes what a row's cells and all above and left of them add up to behind the sums of the row above.
fn summed(sums: &mut [u32], stride: usize, row: &[u8], value: impl Fn(u32) -> u32) {
    let (above, below) = sums.split_at_mut(stride);
    let mut left = 0u32;
    for ((c, up), out) in row.iter().zip(&above[1..]).zip(&mut below[1..]) {
        left = left.wrapping_add(value(u32::from(*c)));
        *out = up.wrapping_add(left);
    }
}
