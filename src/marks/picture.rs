//! A box and what stands around it as a picture: for a network that sees where ink lies and what it looks
//! like, which no number of `Evidence` says.

use super::window::Area;
use super::{Marks, whole};
use crate::network::Planes;
use crate::raster::Bitmap;
use crate::register::{BoxPlace, Template};
use crate::units::{Px, Rect};

/// Cells of a picture: 28 x 16 mm around the box. Of a long label it shows the start: `Evidence::unseen` is the rest.
pub const ROWS: usize = 64;
pub const COLUMNS: usize = 112;
/// The page, the form's print, what people added; this box, the others, this option's label, the others'.
pub const PLANES: usize = 7;
/// Pixels of a cell each way: a pen's line is two to five wide.
const CELL: isize = 2;

/// What of the form a picture of this box shows.
pub fn area(b: &BoxPlace) -> Area {
    let (x, y) = (b.px.x.0 + b.px.w.0 / 2.0, b.px.y.0 + b.px.h.0 / 2.0);
    let (x0, y0) = (x.round() as isize - COLUMNS as isize, y.round() as isize - ROWS as isize);
    Area { x0, y0, x1: x0 + CELL * COLUMNS as isize, y1: y0 + CELL * ROWS as isize }
}

/// The picture of box `index`, moved to where its print lies on `sheet`: `PLANES` planes of `ROWS` x
/// `COLUMNS`, each 0 to 1.
pub fn picture(t: &Template, sheet: &Bitmap, marks: &Marks, index: usize) -> Planes {
    let b = &t.boxes[index];
    let by = super::scene::whole_pixels(marks.boxes[index].shift);
    let own = area(b);
    let there = Area { x0: own.x0 + by.0, x1: own.x1 + by.0, y0: own.y0 + by.1, y1: own.y1 + by.1 };
    let mut values = Vec::with_capacity(PLANES * ROWS * COLUMNS);
    inked(sheet, there, &mut values);
    inked(&t.plain, own, &mut values);
    inked(&marks.added, there, &mut values);
    let near = |(i, o): (usize, &BoxPlace)| {
        let places = [whole(o.px), o.label.map_or(whole(o.px), whole)];
        places.iter().any(|a| a.overlaps(own)).then_some(i)
    };
    let near: Vec<usize> = t.boxes.iter().enumerate().filter_map(near).collect();
    let others = || near.iter().copied().filter(|i| *i != index);
    let label = |i: usize| t.boxes[i].label;
    covered(own, std::iter::once(b.px), &mut values);
    covered(own, others().map(|i| t.boxes[i].px), &mut values);
    covered(own, label(index).into_iter(), &mut values);
    covered(own, others().filter_map(label), &mut values);
    Planes { values, rows: ROWS, columns: COLUMNS }
}

/// How much of each cell is black; beyond the page is white.
fn inked(page: &Bitmap, area: Area, out: &mut Vec<f32>) {
    for y in (area.y0..area.y1).step_by(CELL as usize) {
        let rows: [Option<&[u64]>; CELL as usize] =
            std::array::from_fn(|i| page.line(y + i as isize));
        for x in (area.x0..area.x1).step_by(CELL as usize) {
            let black = |x: isize| match usize::try_from(x) {
                Ok(x) if x < page.width() => {
                    rows.iter().flatten().map(|r| r[x / 64] >> (63 - x % 64) & 1).sum::<u64>()
                }
                _ => 0,
            };
            let cell: u64 = (x..x + CELL).map(black).sum();
            out.push(cell as f32 / (CELL * CELL) as f32);
        }
    }
}

/// The cells whose middle lies in one of these places.
fn covered(area: Area, places: impl Iterator<Item = Rect<Px>>, out: &mut Vec<f32>) {
    let start = out.len();
    out.resize(start + ROWS * COLUMNS, 0.0);
    for r in places {
        let cells = |from: f32, size: f32, start: isize, most: usize| {
            let first = (from - start as f32 - 1.0) / CELL as f32;
            let last = (from + size - start as f32 - 1.0) / CELL as f32;
            first.ceil().max(0.0) as usize..((last.floor() + 1.0).max(0.0) as usize).min(most)
        };
        let columns = cells(r.x.0, r.w.0, area.x0, COLUMNS);
        for y in cells(r.y.0, r.h.0, area.y0, ROWS) {
            for x in columns.clone() {
                out[start + y * COLUMNS + x] = 1.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_tell_how_much_of_them_is_black_and_beyond_the_page_is_white() {
        let mut page = Bitmap::new(4, 2);
        for (x, y) in [(0, 0), (1, 0), (2, 1)] {
            page.set(x, y, true);
        }
        let mut out = Vec::new();
        inked(&page, Area { x0: -2, y0: 0, x1: 6, y1: 2 }, &mut out);
        assert_eq!(out, [0.0, 0.5, 0.25, 0.0]);
    }

    #[test]
    fn places_are_cut_where_the_picture_ends() {
        let area = Area { x0: 100, y0: 50, x1: 100 + 224, y1: 50 + 128 };
        let place = |x, y, w, h| Rect { x: Px(x), y: Px(y), w: Px(w), h: Px(h) };
        let all = |r: Rect<Px>| {
            let mut out = Vec::new();
            covered(area, std::iter::once(r), &mut out);
            (out.len(), out.iter().sum::<f32>() as usize)
        };
        let cells = ROWS * COLUMNS;
        assert_eq!(all(place(104.0, 54.0, 8.0, 4.0)), (cells, 8));
        assert_eq!(all(place(0.0, 0.0, 104.0, 54.0)), (cells, 4));
        assert_eq!(all(place(0.0, 0.0, 90.0, 54.0)), (cells, 0));
        assert_eq!(all(place(0.0, 0.0, 900.0, 900.0)), (cells, cells));
    }
}
