//! The added ink of a page as the map that tells a sheet sent twice from two sheets.

use crate::raster::Bitmap;
use crate::reading::InkMap;
use crate::register::Template;
use crate::resent::{GRID_COLUMNS, GRID_ROWS};
use crate::units::{Px, Rect};

/// Ink of a cell of half a millimetre that counts, in px of 16: less is the rim of print.
const INK_LEAST: u32 = 4;

/// The added ink around boxes and in fields, in cells of the resend grid. Banners, edges and dust
/// elsewhere differ between two transmissions of one sheet and are left out.
pub fn ink_map(t: &Template, added: &Bitmap) -> InkMap {
    let (w, h) = (t.blank.width() as f32, t.blank.height() as f32);
    let (cw, ch) = (w / GRID_COLUMNS as f32, h / GRID_ROWS as f32);
    let column = |x: f32| (x / cw).clamp(0.0, GRID_COLUMNS as f32) as u32;
    let row = |y: f32| (y / ch).clamp(0.0, GRID_ROWS as f32) as u32;
    let inked = |cx: u32, cy: u32| {
        let (x, y) = (cx as f32 * cw, cy as f32 * ch);
        let (x1, y1) = ((x + cw) as isize, (y + ch) as isize);
        added.count_in(x as isize, y as isize, x1, y1) >= INK_LEAST
    };
    // Boxes' surroundings overlap several times over: every cell is looked at once.
    let mut wanted = vec![false; (GRID_COLUMNS * GRID_ROWS) as usize];
    let around = t.boxes.iter().map(|b| grown(b.px, 60.0, 36.0));
    for r in around.chain(t.fields.iter().map(|f| f.px)) {
        let (first, end) = (column(r.x.0), column(r.x.0 + r.w.0));
        for cy in row(r.y.0)..row(r.y.0 + r.h.0) {
            let line = (cy * GRID_COLUMNS) as usize;
            wanted[line + first as usize..line + end.max(first) as usize].fill(true);
        }
    }
    let mut cells = Vec::new();
    for (cy, line) in (0..GRID_ROWS).zip(wanted.chunks(GRID_COLUMNS as usize)) {
        let y = cy as f32 * ch;
        let columns = added.columns_in(y as isize, (y + ch) as isize);
        // Ink is rare: from inked column to inked column, and past the cell that was looked at.
        let mut next = 0;
        for x in blacks(&columns) {
            // A cell's edges are cut to whole pixels, so a column may be its left neighbour's.
            let cell = ((x as f32 / cw) as u32).min(GRID_COLUMNS - 1);
            for cx in cell.saturating_sub(1).max(next)..(cell + 2).min(GRID_COLUMNS) {
                if line[cx as usize] && inked(cx, cy) {
                    cells.push(cy * GRID_COLUMNS + cx);
                }
                next = cx + 1;
            }
        }
    }
    InkMap::from_cells(cells)
}

/// Positions of the set bits, leftmost first.
fn blacks(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(i, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.leading_zeros() as usize)?;
            left &= !(1 << (63 - bit));
            Some(i * 64 + bit)
        })
    })
}

fn grown(r: Rect<Px>, x: f32, y: f32) -> Rect<Px> {
    Rect { x: Px(r.x.0 - x), y: Px(r.y.0 - y), w: Px(r.w.0 + 2.0 * x), h: Px(r.h.0 + 2.0 * y) }
}
