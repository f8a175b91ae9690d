//! Dirt on the scanner's glass draws lines along the feed; the paper's edges come out black.

use crate::raster::Bitmap;

/// Every 8th row is looked at: a streak is hundreds of rows long.
const SAMPLE: usize = 8;
/// A column black on this share of the sampled rows is a streak: frames of a form are at most half
/// a page high, and skewed out of their column.
const STREAK_SHARE: f32 = 0.45;
/// Wider runs of such columns are a black edge, not a streak; a streak is 1 to 6 px at 204 dpi.
const STREAK_WIDTH: usize = 8;

/// Columns that a streak or a black edge covers, as first and one past the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak {
    pub from: usize,
    pub to: usize,
}

/// Finds vertical streaks on the page as it arrived (before any rotation).
pub fn find(page: &Bitmap) -> Vec<Streak> {
    let counts = column_counts(page);
    let rows = page.height().div_ceil(SAMPLE);
    let limit = (rows as f32 * STREAK_SHARE) as u16;
    let mut out = Vec::new();
    let mut x = 0;
    while x < page.width() {
        if counts[x] < limit.max(8) {
            x += 1;
            continue;
        }
        let from = x;
        while x < page.width() && counts[x] >= limit.max(8) {
            x += 1;
        }
        out.push(Streak { from, to: x });
    }
    out
}

/// Whitens thin streaks one pixel beyond their columns; black edges are left as they are.
pub fn erase(page: &mut Bitmap, streaks: &[Streak]) {
    let mut mask = vec![0u64; page.stride()];
    for s in streaks.iter().filter(|s| s.to - s.from <= STREAK_WIDTH) {
        for x in s.from.saturating_sub(1)..(s.to + 1).min(page.width()) {
            mask[x / 64] |= 1 << (63 - x % 64);
        }
    }
    if mask.iter().all(|m| *m == 0) {
        return;
    }
    for y in 0..page.height() {
        for (w, m) in page.row_mut(y).iter_mut().zip(&mask) {
            *w &= !m;
        }
    }
}

/// Black pixels of each column on the sampled rows, by bit-sliced counters.
fn column_counts(page: &Bitmap) -> Vec<u16> {
    const PLANES: usize = 12;
    let mut planes = vec![[0u64; PLANES]; page.stride()];
    for y in (0..page.height()).step_by(SAMPLE) {
        for (p, word) in planes.iter_mut().zip(page.row(y)) {
            let mut carry = *word;
            for bit in p.iter_mut() {
                if carry == 0 {
                    break;
                }
                let next = *bit & carry;
                *bit ^= carry;
                carry = next;
            }
        }
    }
    (0..page.width())
        .map(|x| {
            let p = &planes[x / 64];
            (0..PLANES).map(|i| ((p[i] >> (63 - x % 64) & 1) as u16) << i).sum()
        })
        .collect()
}
