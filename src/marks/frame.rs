//! The lines of one box as they arrived. The blank's print, thickened to what faxing may do to it, hides
//! ink that hugs a box's own line; where its four lines really are, more of the inside can be seen.

use super::window::{Area, Window};
use crate::raster::Bitmap;

/// A line lies at most so far from its place, in px: the page's own jitter after the box's shift; up and
/// down four lines of 98 an inch may be lost within a box.
const OFF: (isize, isize) = (4, 8);
/// A line is followed inwards so far at most, in px: 2 px twice faxed, on a dark page.
const THICKEST: isize = 9;
/// It is straight to so many px either way.
const STRAIGHT: isize = 2;
/// Share of a line's rows or columns on which it must be there.
const THERE: f32 = 0.6;
/// An edge jitters by this much, in px (unmarked boxes of seeds 9202 and 9203: p99.9 0 px of ink beyond).
pub const JITTER: isize = 2;

/// So far outside a box's lines ink is looked for, in px (tight circles of seed 9711).
const COLLAR: isize = 4;
/// What is cut out around a box beyond the places of its lines, in px: a line's thickness outwards, and 3.
const ROOM: isize = THICKEST + 3;

/// The part of a box that its own lines, as they arrived, leave free; `outer` is where its outer edge
/// should be. `None`: a line is not there, or the box has no straight lines.
pub fn free(sheet: &Window, outer: Area) -> Option<Area> {
    let inked = |x: isize, y: isize| sheet.has(x, y);
    let quarter = (outer.width() / 4, outer.height() / 4);
    let rows = || outer.y0 + quarter.1..outer.y1 - quarter.1;
    let columns = || outer.x0 + quarter.0..outer.x1 - quarter.0;
    let x0 = edge(rows(), OFF.0, |y, d| inked(outer.x0 + d, y))?;
    let x1 = edge(rows(), OFF.0, |y, d| inked(outer.x1 - 1 - d, y))?;
    let y0 = edge(columns(), OFF.1, |x, d| inked(x, outer.y0 + d))?;
    let y1 = edge(columns(), OFF.1, |x, d| inked(x, outer.y1 - 1 - d))?;
    Some(Area { x0: outer.x0 + x0, x1: outer.x1 - x1, y0: outer.y0 + y0, y1: outer.y1 - y1 })
}

/// The ink right outside the lines on the left and the right of a box, as they arrived, in px: a circle
/// drawn close hides in the print everywhere else. `sheet` holds everything, `left` what counts; a side
/// with print nearby is left out. Lost and repeated rows move lines above and below, not these.
pub fn flank(sheet: &Window, left: &Window, blank: &Bitmap, outer: Area) -> Option<u32> {
    let quarter = outer.height() / 4;
    let rows = || outer.y0 + quarter..outer.y1 - quarter;
    let x0 = outer.x0 + begin(rows(), OFF.0, |y, d| sheet.has(outer.x0 + d, y))?;
    let x1 = outer.x1 - begin(rows(), OFF.0, |y, d| sheet.has(outer.x1 - 1 - d, y))?;
    let sides = [
        Area { x0: x0 - COLLAR - JITTER, x1: x0 - JITTER, ..outer },
        Area { x0: x1 + JITTER, x1: x1 + JITTER + COLLAR, ..outer },
    ];
    let white = |s: &&Area| blank.count_in(s.x0 - 1, s.y0 - 1, s.x1 + 1, s.y1 + 1) == 0;
    Some(sides.iter().filter(white).map(|s| left.count(*s)).sum())
}

/// How far from the outer edge a line begins, as most of its rows have it.
fn begin(
    along: std::ops::Range<isize>,
    off: isize,
    inked: impl Fn(isize, isize) -> bool,
) -> Option<isize> {
    let first = |at: isize, from: isize| {
        (from - THICKEST..from).rev().find(|d| !inked(at, *d)).map(|d| d + 1)
    };
    middle(along, off, &inked, first)
}

/// Whether a box of the blank has four straight lines, and nothing between them.
pub fn is_straight(blank: &Bitmap, outer: Area) -> bool {
    let all = around(blank, outer, (0, 0));
    free(&all, outer).is_some_and(|a| all.count(a.grown(-1, -1)) == 0)
}

/// Everything that a sheet has at a box; it lies `by` pixels off there.
pub fn around(sheet: &Bitmap, outer: Area, by: (isize, isize)) -> Window {
    Window::cut(sheet, &Bitmap::new(1, 1), outer.grown(OFF.0 + ROOM, OFF.1 + ROOM), by)
}

/// How far from the outer edge a line ends, as most of its rows have it: half of them end there or sooner.
fn edge(
    along: std::ops::Range<isize>,
    off: isize,
    inked: impl Fn(isize, isize) -> bool,
) -> Option<isize> {
    let end = |at: isize, from: isize| (from..from + THICKEST).find(|d| !inked(at, *d));
    middle(along, off, &inked, end)
}

/// Where one side of a line is on most of its rows, if it is straight; `side` finds it in a row from some
/// ink of the line on.
fn middle(
    along: std::ops::Range<isize>,
    off: isize,
    inked: impl Fn(isize, isize) -> bool,
    side: impl Fn(isize, isize) -> Option<isize>,
) -> Option<isize> {
    let all = along.len();
    let mut ends: Vec<isize> = along
        .filter_map(|at| {
            // The nearest ink: a neighbour's circle may pass just outside.
            let from = (0..=off).flat_map(|d| [d, -d]).find(|d| inked(at, *d))?;
            side(at, from)
        })
        .collect();
    ends.sort_unstable();
    let middle = *ends.get(ends.len() / 2)?;
    let straight = ends.iter().filter(|e| (**e - middle).abs() <= STRAIGHT).count();
    (straight as f32 >= THERE * all as f32).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box of 24 px with lines of 2 px, its corner at (20, 20) moved by (dx, dy).
    fn sheet(dx: usize, dy: usize) -> Bitmap {
        let mut page = Bitmap::new(128, 64);
        for i in 0..24 {
            for edge in [0, 1, 22, 23] {
                page.set(20 + dx + i, 20 + dy + edge, true);
                page.set(20 + dx + edge, 20 + dy + i, true);
            }
        }
        page
    }

    const OUTER: Area = Area { x0: 20, y0: 20, x1: 44, y1: 44 };

    fn ink(page: &Bitmap) -> Option<u32> {
        let all = around(page, OUTER, (0, 0));
        free(&all, OUTER).map(|a| all.count(a.grown(-JITTER, -JITTER)))
    }

    #[test]
    fn an_empty_box_is_free_wherever_its_lines_arrived() {
        for (dx, dy) in [(0, 0), (2, 0), (0, 4), (3, 6)] {
            assert_eq!(ink(&sheet(dx, dy)), Some(0), "moved by {dx}, {dy}");
        }
    }

    #[test]
    fn the_corner_of_a_tick_that_hugs_the_lines_is_seen() {
        let mut page = sheet(0, 0);
        // From the left line's middle to the bottom line's middle: 3 px of pen.
        for i in 0..12 {
            (0..3).for_each(|pen| page.set(21 + i, 31 + i - pen, true));
        }
        assert!(ink(&page).is_some_and(|n| n >= 12), "{:?}", ink(&page));
    }

    #[test]
    fn a_line_that_is_not_there_or_is_filled_up_to_the_middle_gives_no_place() {
        let mut page = sheet(0, 0);
        (20..44).for_each(|x| (20..22).for_each(|y| page.set(x, y, false)));
        assert_eq!(ink(&page), None);
        let mut page = sheet(0, 0);
        (20..44).for_each(|x| (20..34).for_each(|y| page.set(x, y, true)));
        assert_eq!(ink(&page), None);
    }

    #[test]
    fn a_tight_circle_shows_left_and_right_of_the_lines() {
        let beside = |page: &Bitmap| {
            let all = around(page, OUTER, (0, 0));
            flank(&all, &all, &sheet(0, 0), OUTER)
        };
        let mut page = sheet(1, 3);
        assert_eq!(beside(&page), Some(0), "wherever the lines arrived");
        for t in 0..720 {
            let (s, c) = (t as f32).to_radians().sin_cos();
            page.set((33.0 + 16.0 * c) as usize, (35.0 + 15.0 * s) as usize, true);
        }
        assert!(beside(&page).is_some_and(|n| n >= 20), "{:?}", beside(&page));
    }

    #[test]
    fn an_oval_has_no_straight_lines() {
        assert!(is_straight(&sheet(0, 0), OUTER));
        let mut page = Bitmap::new(128, 64);
        for t in 0..720 {
            let (s, c) = (t as f32).to_radians().sin_cos();
            page.set((32.0 + 11.5 * c) as usize, (32.0 + 11.5 * s) as usize, true);
        }
        assert!(!is_straight(&page, OUTER));
    }
}
