//! A box and what stands around it as a picture: for a network that sees where ink lies and what it looks
//! like, which no number of `Evidence` says.

use super::window::Area;
use super::{Marks, whole};
use crate::network::Planes;
use crate::raster::Bitmap;
use crate::raster::warp::word_at;
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
    /// Share of a cell that two pixels of one row are.
    const SHARE: [f32; 4] = [0.0, 0.25, 0.25, 0.5];
    for y in (area.y0..area.y1).step_by(CELL as usize) {
        let (upper, lower) = (page.line(y), page.line(y + 1));
        for x in (area.x0..area.x1).step_by(64) {
            let word = |row: Option<&[u64]>| row.map_or(0, |row| word_at(row, x));
            let (upper, lower) = (word(upper), word(lower));
            let share = |word: u64, i: usize| SHARE[(word >> (62 - 2 * i) & 3) as usize];
            let cells = (((area.x1 - x) / CELL) as usize).min(32);
            out.extend((0..cells).map(|i| share(upper, i) + share(lower, i)));
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
    use std::path::Path;

    use super::*;
    use crate::form::Form;
    use crate::marks::{Evidence, Print, measure};
    use crate::register::Rectified;

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

    #[test]
    fn ink_behind_a_long_label_is_not_in_the_picture_and_is_said_to_be_unseen() {
        let t = Template::new(Form::open(Path::new("forms/mynahoken-2024")).unwrap());
        // The longest label, so that its end is out of the picture.
        let (i, b, label) = (t.boxes.iter().enumerate())
            .filter_map(|(i, b)| Some((i, b, b.label?)))
            .max_by(|(_, _, a), (_, _, b)| a.w.0.total_cmp(&b.w.0))
            .unwrap();
        let end = (label.x.0 + label.w.0) as usize;
        assert!(end as isize > area(b).x1);
        let dash = |x: usize| -> Evidence {
            let (mut sheet, rows) = (t.blank.clone(), (0, t.blank.height()));
            let y = (b.px.y.0 + b.px.h.0 / 2.0) as usize;
            for (x, y) in (x..x + 16).flat_map(|x| (y..y + 4).map(move |y| (x, y))) {
                sheet.set(x, y, true);
            }
            let page = Rectified { sheet, rows, rough: false, blind: None };
            measure(&t, &Print::of(&t), &page).boxes.swap_remove(i)
        };
        let (behind, inside) = (dash(end + 8), dash((b.px.x.0 + b.px.w.0 / 4.0) as usize));
        assert!(behind.unseen >= 30, "{}", behind.unseen);
        assert!(inside.near >= 30 && inside.unseen == 0, "{} {}", inside.near, inside.unseen);
    }
}
