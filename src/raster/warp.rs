//! Geometry on whole words: two shears take out a skew, row segments take a page to its form.

use multiversion::multiversion;

use super::Bitmap;

/// The affine part of a mapping from output to source pixels, for one output row:
/// `source_x = x + dx + kx * x`, `source_y = sy + ky * x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowMap {
    pub dx: f32,
    pub kx: f32,
    pub sy: f32,
    pub ky: f32,
}

impl Bitmap {
    /// Takes out a slope of `t` (dy per dx) by a shear of byte columns and a shear of rows, about
    /// the page's centre. `unsheared` is the way back.
    #[must_use]
    pub fn sheared(&self, t: f32) -> Self {
        shear(self, t)
    }

    /// A page of `width` x `height` whose row `y` is read from this one as `map(y)` says; what lies
    /// outside is white.
    #[must_use]
    pub fn remapped(&self, width: usize, height: usize, map: impl Fn(usize) -> RowMap) -> Self {
        let mut out = Self::new(width, height);
        let maps: Vec<RowMap> = (0..height).map(map).collect();
        remap(self, &mut out, &maps);
        out
    }
}

/// Where pixel (x, y) of `page.sheared(t)` came from, for a page of `width` x `height`.
pub fn unsheared(x: f32, y: f32, t: f32, width: usize, height: usize) -> (f32, f32) {
    let sx = x - t * (y - height as f32 / 2.0);
    (sx, y + t * (sx - width as f32 / 2.0))
}

/// A run of byte columns within one word that move by the same number of rows.
struct Column {
    word: usize,
    mask: u64,
    offset: isize,
}

fn columns(width: usize, stride: usize, t: f32) -> Vec<Column> {
    let centre = width as f32 / 2.0;
    let mut out: Vec<Column> = Vec::new();
    for byte in 0..stride * 8 {
        let offset = ((byte as f32 * 8.0 + 4.0 - centre) * t).round() as isize;
        let (word, mask) = (byte / 8, (0xffu64 << 56) >> (byte % 8 * 8));
        match out.last_mut() {
            Some(c) if c.word == word && c.offset == offset => c.mask |= mask,
            _ => out.push(Column { word, mask, offset }),
        }
    }
    out
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn shear(page: &Bitmap, t: f32) -> Bitmap {
    let mut out = Bitmap::new(page.width, page.height);
    let columns = columns(page.width, page.stride, t);
    let mid = page.height as f32 / 2.0;
    let mut line = vec![0u64; page.stride];
    for y in 0..page.height {
        line.fill(0);
        for c in &columns {
            let sy = y as isize + c.offset;
            if sy >= 0 && (sy as usize) < page.height {
                line[c.word] |= page.words[sy as usize * page.stride + c.word] & c.mask;
            }
        }
        let shift = (t * (y as f32 - mid)).round() as isize;
        let row = out.row_mut(y);
        for (i, d) in row.iter_mut().enumerate() {
            *d = word_at(&line, i as isize * 64 - shift);
        }
    }
    out.clear_padding();
    out
}

/// 64 pixels of a row from pixel `x` on; outside is white.
#[inline]
pub(crate) fn word_at(row: &[u64], x: isize) -> u64 {
    let (i, o) = (x.div_euclid(64), x.rem_euclid(64) as u32);
    // Nearly every word lies within its row with its neighbour: no test for the edges then.
    if let Some([a, b]) = row.get(i as usize..).and_then(<[u64]>::first_chunk) {
        return a << o | (b >> 1) >> (63 - o);
    }
    let get = |k: isize| usize::try_from(k).ok().and_then(|k| row.get(k)).copied().unwrap_or(0);
    if o == 0 { get(i) } else { get(i) << o | get(i + 1) >> (64 - o) }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn remap(src: &Bitmap, out: &mut Bitmap, maps: &[RowMap]) {
    let width = out.width as isize;
    for (y, m) in maps.iter().enumerate() {
        let (ix, iy) = (step(m.kx), step(m.ky));
        let row = out.row_mut(y);
        let mut x = 0isize;
        while x < width {
            // Most words are moved as a whole: a step of the map falls into one in five.
            if x % 64 == 0 && x + 64 <= width {
                let (dx, dy) = (whole(m.dx, m.kx, x), whole(m.sy, m.ky, x));
                if let (Some(dx), Some(dy)) = (dx, dy) {
                    if dy >= 0 && (dy as usize) < src.height {
                        row[x as usize / 64] = word_at(src.row(dy as usize), x + dx);
                    }
                    x += 64;
                    continue;
                }
            }
            let (dx, end_x) = level(m.dx, m.kx, ix, x);
            let (dy, end_y) = level(m.sy, m.ky, iy, x);
            let end = end_x.min(end_y).min((x / 64 + 1) * 64).min(width);
            if dy >= 0 && (dy as usize) < src.height {
                let keep = !0u64 << (64 - (end - x));
                let bits = word_at(src.row(dy as usize), x + dx) & keep;
                row[x as usize / 64] |= bits >> (x % 64);
            }
            x = end;
        }
    }
}

/// The rounded value of `base + k * x` if it is the same for the 64 pixels from `x` on.
#[inline]
fn whole(base: f32, k: f32, x: isize) -> Option<isize> {
    let at = |x: isize| (base + k * x as f32 + 0.5).floor() as isize;
    let r = at(x);
    (r == at(x + 63)).then_some(r)
}

/// Pixels for a slope to make one whole step; endless for a slope too small to matter on a page.
#[inline]
fn step(k: f32) -> f32 {
    if k.abs() < 1e-7 { f32::INFINITY } else { 1.0 / k.abs() }
}

/// The rounded value of `base + k * x`, and the first pixel where it changes.
#[inline]
fn level(base: f32, k: f32, inverse: f32, x: isize) -> (isize, isize) {
    let v = base + k * x as f32;
    let r = (v + 0.5).floor();
    let room = if k >= 0.0 { r + 0.5 - v } else { v - (r - 0.5) };
    let run = (room * inverse).ceil().max(1.0);
    (r as isize, if run < 4096.0 { x + run as isize } else { isize::MAX })
}
