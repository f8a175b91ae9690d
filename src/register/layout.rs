//! Where a whole form may lie, at what scale and which way up: normalised correlation of its layout
//! (J. P. Lewis, "Fast Normalized Cross-Correlation", 1995) on cells of 4 mm. Far wider than the search by
//! patches and far coarser: it says where to look, never what a page is.

use multiversion::multiversion;

use super::coarse::Cells;
use crate::raster::Bitmap;

/// Cells of 8 px that make one cell of a layout: 4 mm hold one line of print.
const STEP: usize = 4;
/// Black share from which on a cell is just dark: the shadow at a sheet's edge must not outweigh print.
const DARK: f32 = 0.25;
/// White added around the page, in cells: a form whose edge is cut off hangs out so far (a third of a page).
const AROUND: usize = 16;
/// Scales of a form on a page: faxes reduce A3 to A4 (0.71), scanners zoom as far the other way.
const SCALES: std::ops::RangeInclusive<f32> = 0.67..=1.36;
/// From one scale to the next; the search by patches stands 4 %.
const SCALE_STEP: f32 = 1.025;
/// Shifts across that are summed side by side.
const LANES: usize = 8;

/// A page by cells, white added around it.
#[derive(Clone, Debug)]
pub struct Layout {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// A form's layout at one scale.
#[derive(Clone, Debug)]
struct Pattern {
    scale: f32,
    width: usize,
    height: usize,
    /// Deviations from the mean.
    values: Vec<f32>,
    norm: f32,
}

/// A form's layout at all scales.
#[derive(Clone, Debug)]
pub struct LayoutTemplate {
    patterns: Vec<Pattern>,
}

/// Where a form may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Correlation, 1 at most.
    pub score: f32,
    /// Pixels of the page to one of the form.
    pub scale: f32,
    /// The page stands on its head; `origin` is then that of the page turned by 180 degrees.
    pub upside_down: bool,
    /// The form's upper left corner, in pixels of the page counted from its centre.
    pub origin: (f32, f32),
}

impl Layout {
    /// Of a level page whose sides are multiples of 64.
    pub fn of(level: &Bitmap) -> Self {
        let cells = Cells::of(level);
        let (w, h) = (cells.width() / STEP, cells.height() / STEP);
        let inner = shares(&cells, w, h, STEP as f32);
        let (width, height) = (w + 2 * AROUND, h + 2 * AROUND);
        let mut values = vec![0.0; width * height];
        for (y, row) in inner.chunks(w.max(1)).enumerate() {
            values[(y + AROUND) * width + AROUND..][..w].copy_from_slice(row);
        }
        Self { width, height, values }
    }

    fn turned(&self) -> Self {
        Self { values: self.values.iter().rev().copied().collect(), ..*self }
    }
}

impl LayoutTemplate {
    pub(super) fn new(blank: &Cells) -> Self {
        let mut patterns = Vec::new();
        let mut scale = *SCALES.start();
        while scale <= *SCALES.end() {
            let step = STEP as f32 / scale;
            let side = |cells: usize| (cells as f32 / step) as usize;
            patterns.extend(Pattern::new(scale, blank, side(blank.width()), side(blank.height())));
            scale *= SCALE_STEP;
        }
        Self { patterns }
    }

    /// The best place at every scale, both ways up, the likeliest first.
    pub fn find(&self, page: &Layout) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (upside_down, page) in [(false, page), (true, &page.turned())] {
            let sums = Sums::of(page);
            for p in &self.patterns {
                let Some((score, x, y)) = best(page, &sums, p) else { continue };
                let from_centre =
                    |at: usize, side: usize| (at as f32 - side as f32 / 2.0) * (STEP * 8) as f32;
                let origin = (from_centre(x, page.width), from_centre(y, page.height));
                hits.push(Hit { score, scale: p.scale, upside_down, origin });
            }
        }
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits
    }
}

impl Pattern {
    /// `None`: nothing is printed on it.
    fn new(scale: f32, blank: &Cells, width: usize, height: usize) -> Option<Self> {
        let mut values = shares(blank, width, height, STEP as f32 / scale);
        let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
        for v in &mut values {
            *v -= mean;
        }
        let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        (norm > 0.0).then_some(Self { scale, width, height, values, norm })
    }
}

/// Black shares of `width` x `height` cells of `step` smaller ones a side, rows after columns.
fn shares(cells: &Cells, width: usize, height: usize, step: f32) -> Vec<f32> {
    let mut across = vec![0.0f32; width * cells.height()];
    for (row, out) in cells.rows().zip(across.chunks_mut(width.max(1))) {
        for (x, o) in out.iter_mut().enumerate() {
            *o = span(x as f32 * step, step, row.len()).map(|(i, w)| w * f32::from(row[i])).sum();
        }
    }
    let mut out = Vec::with_capacity(width * height);
    let area = step * step * 64.0;
    for y in 0..height {
        for x in 0..width {
            let rows = span(y as f32 * step, step, cells.height());
            let sum: f32 = rows.map(|(i, w)| w * across[i * width + x]).sum();
            out.push((sum / area).min(DARK));
        }
    }
    out
}

/// The cells that `from..from + length` covers, and how much of each.
fn span(from: f32, length: f32, cells: usize) -> impl Iterator<Item = (usize, f32)> {
    let to = from + length;
    let part = move |i: usize| (to.min((i + 1) as f32) - from.max(i as f32)).max(0.0);
    (from as usize..(to.ceil() as usize).min(cells)).map(move |i| (i, part(i)))
}

/// Sums of the values and of their squares above and left of every cell.
struct Sums {
    width: usize,
    sums: Vec<(f64, f64)>,
}

impl Sums {
    fn of(page: &Layout) -> Self {
        let width = page.width + 1;
        let mut sums = vec![(0.0, 0.0); width * (page.height + 1)];
        for y in 0..page.height {
            let mut row = (0.0, 0.0);
            for x in 0..page.width {
                let v = f64::from(page.values[y * page.width + x]);
                row = (row.0 + v, row.1 + v * v);
                let up = sums[y * width + x + 1];
                sums[(y + 1) * width + x + 1] = (up.0 + row.0, up.1 + row.1);
            }
        }
        Self { width, sums }
    }

    /// Squared deviations from the mean in a rectangle.
    fn deviation(&self, x: usize, y: usize, w: usize, h: usize) -> f32 {
        let at = |x: usize, y: usize| self.sums[y * self.width + x];
        let (a, b, c, d) = (at(x, y), at(x + w, y), at(x, y + h), at(x + w, y + h));
        let (sum, square) = (d.0 - b.0 - c.0 + a.0, d.1 - b.1 - c.1 + a.1);
        (square - sum * sum / (w * h) as f64) as f32
    }
}

/// The place of the highest correlation: (score, x, y). `None`: the pattern is larger than the page.
#[multiversion(targets("x86_64+avx2+fma+bmi1+bmi2+lzcnt+popcnt"))]
fn best(page: &Layout, sums: &Sums, p: &Pattern) -> Option<(f32, usize, usize)> {
    let mut best: Option<(f32, usize, usize)> = None;
    // A blank stretch has no variance and would match anything: one line of print in the pattern's place.
    let least = 0.01 * p.norm * p.norm;
    for y in 0..=page.height.checked_sub(p.height)? {
        for from in (0..=page.width.checked_sub(p.width)?).step_by(LANES) {
            let mut products = [0.0f32; LANES];
            for j in 0..p.height {
                let row = &page.values[(y + j) * page.width + from..];
                let pattern = &p.values[j * p.width..][..p.width];
                if row.len() >= p.width + LANES {
                    for (t, cells) in pattern.iter().zip(row.windows(LANES)) {
                        for (sum, c) in products.iter_mut().zip(cells) {
                            *sum += t * c;
                        }
                    }
                } else {
                    for (t, i) in pattern.iter().zip(0..) {
                        for (sum, c) in products.iter_mut().zip(row.get(i..).unwrap_or_default()) {
                            *sum += t * c;
                        }
                    }
                }
            }
            for (k, product) in products.iter().enumerate() {
                let x = from + k;
                if x + p.width > page.width {
                    break;
                }
                let deviation = sums.deviation(x, y, p.width, p.height).max(least);
                let score = product / (p.norm * deviation.sqrt());
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, x, y));
                }
            }
        }
    }
    best
}
