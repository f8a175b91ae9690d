//! Bitmaps of any size, against what the words mean pixel by pixel.

use faxtally::raster::{Bitmap, warp::RowMap};
use proptest::prelude::*;

/// Widths around one, two and three words; dense, sparse and empty.
fn bitmap() -> impl Strategy<Value = Bitmap> {
    (1usize..200, 1usize..40).prop_flat_map(|(w, h)| of_size(w, h))
}

fn pair() -> impl Strategy<Value = (Bitmap, Bitmap)> {
    (1usize..200, 1usize..40).prop_flat_map(|(w, h)| (of_size(w, h), of_size(w, h)))
}

fn of_size(w: usize, h: usize) -> impl Strategy<Value = Bitmap> {
    let bytes = proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], w.div_ceil(8) * h);
    bytes.prop_map(move |bytes| Bitmap::from_packed(w, h, &bytes))
}

fn drawn(w: usize, h: usize, black: impl Fn(usize, usize) -> bool) -> Bitmap {
    let mut out = Bitmap::new(w, h);
    for y in 0..h {
        for x in 0..w {
            out.set(x, y, black(x, y));
        }
    }
    out
}

/// Pixels left or above the page are white, as `get` says of those right and below.
fn at(page: &Bitmap, x: isize, y: isize) -> bool {
    usize::try_from(x).is_ok_and(|x| usize::try_from(y).is_ok_and(|y| page.get(x, y)))
}

proptest! {
    #[test]
    fn packing_and_unpacking_give_the_page_back(page in bitmap()) {
        let back = Bitmap::from_packed(page.width(), page.height(), &page.to_packed());
        prop_assert_eq!(back, page);
    }

    #[test]
    fn turns_move_every_pixel_where_they_should(page in bitmap()) {
        let (w, h) = (page.width(), page.height());
        let quarter = page.turned_90();
        prop_assert_eq!(&quarter, &drawn(h, w, |x, y| page.get(y, h - 1 - x)));
        let half = page.turned_180();
        prop_assert_eq!(&half, &drawn(w, h, |x, y| page.get(w - 1 - x, h - 1 - y)));
        prop_assert_eq!(&quarter.turned_90(), &half);
        prop_assert_eq!(&half.turned_180(), &page);
        prop_assert_eq!(half.turned_90().turned_90(), page);
    }

    #[test]
    fn inverting_twice_is_nothing_and_once_is_the_rest(page in bitmap()) {
        let other = page.inverted();
        prop_assert_eq!(page.count() + other.count(), (page.width() * page.height()) as u64);
        prop_assert_eq!(other.inverted(), page);
    }

    #[test]
    fn resampling_to_its_own_size_changes_nothing(page in bitmap(), threshold in 0.05f32..=1.0) {
        prop_assert_eq!(page.resampled(page.width(), page.height(), threshold), page);
    }

    #[test]
    fn doubled_rows_resampled_to_half_are_the_page(page in bitmap()) {
        let doubled = page.rows_doubled();
        prop_assert_eq!(doubled.count(), 2 * page.count());
        prop_assert_eq!(doubled.resampled(page.width(), page.height(), 0.5), page);
    }

    #[test]
    fn remapping_by_whole_pixels_is_a_shift(page in bitmap(), dx in -70isize..70, dy in -9isize..9) {
        let (w, h) = (page.width(), page.height());
        let map = |y: usize| RowMap { dx: dx as f32, kx: 0.0, sy: y as f32 + dy as f32, ky: 0.0 };
        let moved = page.remapped(w, h, map);
        let expected = drawn(w, h, |x, y| at(&page, x as isize + dx, y as isize + dy));
        prop_assert_eq!(moved, expected);
    }

    #[test]
    fn remapping_by_a_slope_reads_the_nearest_pixel(
        page in bitmap(),
        kx in -0.03f32..0.03,
        ky in -0.03f32..0.03,
    ) {
        let (w, h) = (page.width(), page.height());
        let moved = page.remapped(w, h, |y| RowMap { dx: 0.25, kx, sy: y as f32 + 0.25, ky });
        for y in 0..h {
            for x in 0..w {
                let u = (x as f32 * (1.0 + kx) + 0.25 + 0.5).floor() as isize;
                let v = (y as f32 + 0.25 + ky * x as f32 + 0.5).floor() as isize;
                // On the very edge between two pixels rounding may go either way.
                let near = (-1..=1).flat_map(|i| (-1..=1).map(move |k| (u + i, v + k)));
                let seen = moved.get(x, y);
                let exact = at(&page, u, v) == seen;
                let edge = edge(x as f32 * kx + 0.25) || edge(0.25 + ky * x as f32);
                let mut beside = near.map(|(u, v)| at(&page, u, v));
                prop_assert!(exact || edge && beside.any(|b| b == seen), "{x},{y} from {u},{v}");
            }
        }
    }

    #[test]
    fn a_shear_of_nothing_is_nothing(page in bitmap()) {
        prop_assert_eq!(page.sheared(0.0), page);
    }

    #[test]
    fn dilation_blackens_what_lies_within_reach_and_nothing_else(
        page in bitmap(),
        rx in 0usize..4,
        ry in 0usize..4,
    ) {
        let (w, h) = (page.width(), page.height());
        let reach = |x: usize, y: usize| {
            let columns = x.saturating_sub(rx)..=x + rx;
            columns.into_iter().any(|u| (y.saturating_sub(ry)..=y + ry).any(|v| page.get(u, v)))
        };
        let grown = page.dilated(rx, ry);
        prop_assert_eq!(&grown, &drawn(w, h, reach));
        prop_assert_eq!(page.minus(&grown).count(), 0);
    }

    #[test]
    fn what_one_has_more_and_the_other_make_both((a, b) in pair()) {
        prop_assert_eq!(a.minus(&b).joined(&b), a.joined(&b));
        prop_assert_eq!(a.minus(&b).count() + b.count(), a.joined(&b).count());
    }

    #[test]
    fn counting_in_a_rectangle_counts_its_pixels(
        page in bitmap(),
        (x0, x1) in (-20isize..220, -20isize..220),
        (y0, y1) in (-5isize..50, -5isize..50),
    ) {
        let each = (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y)));
        let expected = each.filter(|(x, y)| at(&page, *x, *y)).count();
        prop_assert_eq!(page.count_in(x0, y0, x1, y1) as usize, expected);
    }
}

/// Within a hundredth of where the nearest pixel changes.
fn edge(offset: f32) -> bool {
    let from = (offset + 0.5).rem_euclid(1.0);
    !(0.01..=0.99).contains(&from)
}
