//! A page made by a known map is placed by that map.

use faxtally::raster::{Bitmap, warp::RowMap};
use faxtally::register::{Effort, PageCells, Template, place};
use proptest::prelude::*;

use crate::READER;

/// The blank, scaled and moved: a spot (x, y) of the form lies at (sx x + dx, sy y + dy).
fn moved(t: &Template, (sx, sy): (f32, f32), (dx, dy): (f32, f32)) -> Bitmap {
    let (w, h) = (t.blank.width(), t.blank.height());
    let map =
        |y: usize| RowMap { dx: -dx / sx, kx: 1.0 / sx - 1.0, sy: (y as f32 - dy) / sy, ky: 0.0 };
    t.blank.remapped(w, h, map)
}

proptest! {
    // A case places a whole page: 16 are a second.
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_known_map_is_found(
        sx in 0.98f32..1.02,
        sy in 0.98f32..1.02,
        dx in -20f32..20.0,
        dy in -20f32..20.0,
    ) {
        let t = READER.template(0);
        let page = moved(t, (sx, sy), (dx, dy));
        let found = place(t, &page, &PageCells::of(&page), Effort::Ordinary);
        let found = found.expect("the form is on the page");
        prop_assert!(found.agreement.get() > 0.9, "{:?}", found.agreement);
        for b in &t.boxes {
            let (x, y) = (b.px.x.0, b.px.y.0);
            let (u, v) = found.on_page(&[(x, y)])[0];
            let off = (u - (sx * x + dx)).hypot(v - (sy * y + dy));
            // A 24-px box asks for 2 px; the map alone is known to one.
            prop_assert!(off < 1.0, "box at {x},{y} is {off} px off");
        }
    }

    #[test]
    fn a_rectified_page_is_the_blank_again(dx in -20f32..20.0, dy in -20f32..20.0) {
        let t = READER.template(0);
        let page = moved(t, (1.0, 1.0), (dx.round(), dy.round()));
        let found = place(t, &page, &PageCells::of(&page), Effort::Ordinary).expect("it is there");
        let sheet = found.rectify(t, &page).sheet;
        // What was pushed over the edge is gone; the rest is there to the pixel or its neighbour.
        let (w, h) = (t.blank.width() as isize, t.blank.height() as isize);
        let lost = t.blank.minus(&sheet.dilated(1, 1)).count_in(24, 24, w - 24, h - 24);
        prop_assert!(lost * 200 <= t.blank.count() as u32, "{lost} px of print are not in place");
    }
}
