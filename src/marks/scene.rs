//! One box of a page: what people added in and around it.

use multiversion::multiversion;

use super::arm::{self, Arm};
use super::circle::{Enclosure, Surroundings};
use super::explain::Explained;
use super::frame::{self, JITTER};
use super::picture;
use super::rows::LostRows;
use super::strokes::{Pieces, Stroke};
use super::window::{Area, Window};
use super::{Crossing, Evidence, Framed, Mask, OnLabel, Stray, label_area, whole};
use crate::raster::Bitmap;
use crate::register::{BoxPlace, Template};

/// Surroundings that are looked at around box and label, in px: neighbours' marks must be seen whole.
pub const AROUND: (isize, isize) = (90, 56);
/// How far around box and label any ink counts as near: a circle's distance.
const NEAR: (isize, isize) = (16, 12);
/// How far left or right of box and label a stroke may be meant for it: 5.5 mm.
const BESIDE: isize = 44;
/// A row inked over this share of a box's inside is a bar: pens cross it slanted, print does not.
const BAR: f32 = 0.8;
/// More rows of bars than this are ink: a line of print is 2 to 3 rows at either edge.
const MOST_BARS: u32 = 8;
/// A line around a label has so much ink at least, in px: twice the length of the shortest, 4 characters.
const LINE_AROUND: u32 = 200;
/// A line of print is so high at most, in px: two rows of 98 an inch.
const FLAT: isize = 4;
/// And so long at least: the tip of a tick below a box has 8.
const LONG: isize = 12;
/// Ink in a box from which an arm may come, in px: the corner of a tick.
const SOME: u32 = 3;

/// What every box of a page is measured against.
pub struct Scene<'a> {
    pub t: &'a Template,
    pub print: &'a Mask,
    pub sheet: &'a Bitmap,
    lost: &'a LostRows,
    pub insides: Vec<Area>,
}

impl<'a> Scene<'a> {
    pub fn of(t: &'a Template, print: &'a Mask, sheet: &'a Bitmap, lost: &'a LostRows) -> Self {
        let insides = t.boxes.iter().map(|b| super::inside(b.px)).collect();
        Self { t, print, sheet, lost, insides }
    }

    /// The part of the form that is looked at around a box and its label.
    pub fn surroundings(&self, index: usize) -> Area {
        around(&self.t.boxes[index])
    }

    /// The added ink around a box and its label.
    pub fn window(&self, index: usize, by: (isize, isize)) -> Window {
        Window::cut(self.sheet, &self.print.grown, self.surroundings(index), by)
    }

    /// The insides in a window, that of the box itself first.
    pub fn zones(&self, index: usize, window: &Window) -> Vec<Area> {
        let others = (0..self.insides.len())
            .filter(|i| *i != index && self.insides[*i].overlaps(window.area))
            .map(|i| self.insides[i]);
        std::iter::once(self.insides[index]).chain(others).collect()
    }

    /// Does the ink inside come from a box nearby?
    fn arm(&self, index: usize, window: &Window) -> Option<Arm> {
        let own = window.count(self.insides[index]);
        let some = |a: &Area| window.count(*a) >= SOME;
        let sources: Vec<Area> =
            self.zones(index, window).into_iter().skip(1).filter(some).collect();
        if own == 0 || sources.is_empty() {
            return None;
        }
        arm::through(window, &self.print.grown, self.insides[index], &sources)
    }

    /// The window around a box without what is explained, and what that was.
    fn view(&self, index: usize, by: (isize, isize), explained: Option<&Explained>) -> View {
        let raw = self.window(index, by);
        let inside = self.insides[index];
        let close = raw.count(close_to(&self.t.boxes[index]));
        let inked = !raw.ink.is_white();
        let Some(left) = explained.map(|x| x.left(&raw, inside)) else {
            let arm = self.arm(index, &raw);
            return View {
                window: raw,
                passing: 0,
                bent: 0,
                arm,
                merged: Vec::new(),
                close,
                inked,
            };
        };
        let arm = self.arm(index, left.merged.as_ref().unwrap_or(&raw));
        View {
            merged: left
                .merged
                .as_ref()
                .map(|open| self.merged(index, open, &left.window))
                .unwrap_or_default(),
            window: left.window,
            passing: left.passing,
            bent: left.bent,
            arm,
            close,
            inked,
        }
    }

    /// The lines around a box, its label and both, as they were before strokes were left out.
    fn merged(&self, index: usize, open: &Window, left: &Window) -> Vec<Enclosure> {
        let ways = &self.print.around[index];
        let b = &self.t.boxes[index];
        let near = whole(b.px).joined(label_area(b)).grown(NEAR.0, NEAR.1);
        let whole_line = open.count(near) - left.count(near) >= LINE_AROUND;
        let label = ways.label.iter().filter(|_| whole_line).flat_map(|(l, both)| [l, both]);
        let at = Surroundings::of(open);
        std::iter::once(&ways.own).chain(label).map(|way| way.enclosure(&at)).collect()
    }

    /// Ink within the box's lines as they arrived.
    fn framed(
        &self,
        own: Area,
        by: (isize, isize),
        explained: Option<&Explained>,
    ) -> Option<Framed> {
        let all = frame::around(self.sheet, own, by);
        let free = frame::free(&all, own)?;
        let left = explained.map(|x| x.without(&all));
        let left = left.as_ref().unwrap_or(&all);
        let within = |edge: isize| ink_inside(left, free.grown(-edge, -edge)).0;
        let a = free.grown(-JITTER, -JITTER);
        let inked = |a: Area| left.count(a) > 0;
        let rows = inked_rows(left, a);
        let columns = if rows == 0 { 0..0 } else { a.x0..a.x1 };
        let columns = columns.filter(|x| inked(Area { x0: *x, x1: x + 1, ..a })).count() as u32;
        let flank = frame::flank(&all, left, &self.t.plain, own);
        Some(Framed { flank, inner: within(JITTER), edges: within(1), rows, columns })
    }

    /// The strokes around a box: print that was not taken out, and what a pen drew.
    fn strokes(&self, index: usize, window: &Window) -> (Vec<Stroke>, Vec<Stroke>) {
        let pieces = Pieces::of(window, &self.print.rim, &self.zones(index, window));
        pieces.strokes().into_iter().partition(Stroke::is_leftover)
    }

    /// Measures one box.
    pub fn evidence(
        &self,
        index: usize,
        shift: (f32, f32),
        explained: Option<&Explained>,
    ) -> Evidence {
        let b = &self.t.boxes[index];
        let (own, both, by) = (whole(b.px), with_label(b), whole_pixels(shift));
        let View { window, passing, bent, arm, merged, close, inked } =
            self.view(index, by, explained);
        let (moved, strokes) = self.strokes(index, &window);
        let (through, foreign, elsewhere) = through(&strokes);
        let near = window.count(both.grown(NEAR.0, NEAR.1));
        let (specks, bars) = ink_inside(&window, self.insides[index]);
        let (ways, at) = (&self.print.around[index], Surroundings::of(&window));
        Evidence {
            index,
            shift,
            missing: b.patch.missing(self.sheet, b.patch.x + by.0, b.patch.y + by.1),
            inner: specks.min(through) as f32 / self.insides[index].area().max(1.0),
            specks,
            bars,
            lines: ways.lines,
            framed: ways.lines.then(|| self.framed(own, by, explained)).flatten(),
            foreign: foreign as f32 / through.max(1) as f32,
            passing,
            bent,
            arm,
            merged,
            strays: strays(&strokes, own, both.grown(BESIDE, NEAR.1)),
            around_box: ways.own.enclosure(&at),
            around_label: ways.label.as_ref().map(|l| l.0.enclosure(&at)),
            around_both: ways.label.as_ref().map(|l| l.1.enclosure(&at)),
            inked,
            near,
            crossing: Crossing::of(&window, own, self.insides[index]),
            label: OnLabel::of(b, &window, &moved, &strokes),
            own: near.saturating_sub(elsewhere),
            unseen: unseen(b, &window),
            close: window.count(close_to(b)).saturating_sub(displaced(&moved, close_to(b))),
            bits: most_runs(&window, own.grown(0, NEAR.1)),
            close_rows: inked_rows(&window, close_to(b)),
            explained: close - window.count(close_to(b)),
            lost: self.lost.share(own.y0, own.y1),
            stroke: strokes.into_iter().filter(|s| s.inside > 0).max_by_key(|s| s.inside),
        }
    }
}

/// Ink in the rows of a box and its label, as far as a mark behind the label may be, that is not in the box's picture.
fn unseen(b: &BoxPlace, window: &Window) -> u32 {
    let rows = with_label(b).grown(AROUND.0, NEAR.1);
    let all = window.count(rows);
    // Most boxes are empty.
    if all == 0 { 0 } else { all - window.count(rows.cut(picture::area(b))) }
}

/// The part of the form that is looked at around a box and its label.
pub fn around(b: &BoxPlace) -> Area {
    with_label(b).grown(AROUND.0, AROUND.1)
}

fn with_label(b: &BoxPlace) -> Area {
    whole(b.px).joined(label_area(b))
}

/// Ink of strokes inside the box, that of strokes that belong to another box, and all of these strokes' ink.
fn through(strokes: &[Stroke]) -> (u32, u32, u32) {
    let others = || strokes.iter().filter(|s| belongs_elsewhere(s));
    let inside = |s: &Stroke| s.inside;
    (strokes.iter().map(inside).sum(), others().map(inside).sum(), others().map(|s| s.ink).sum())
}

fn inked_rows(window: &Window, a: Area) -> u32 {
    // Most boxes are empty.
    if window.count(a) == 0 {
        return 0;
    }
    (a.y0..a.y1).filter(|y| window.count(Area { y0: *y, y1: y + 1, ..a }) > 0).count() as u32
}

/// Pieces of ink in that row of an area that has most, to the window's left and right edge.
fn most_runs(window: &Window, a: Area) -> u32 {
    let rows =
        (a.y0 - window.area.y0).max(0)..(a.y1 - window.area.y0).min(window.ink.height() as isize);
    rows.map(|y| runs(window.ink.row(y as usize))).max().unwrap_or(0)
}

/// Pieces of ink in a row; one that runs from a word into the next counts in both.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn runs(row: &[u64]) -> u32 {
    row.iter().map(|w| (w & !(w >> 1)).count_ones()).sum()
}

/// A window as a box is judged by it.
struct View {
    window: Window,
    passing: u32,
    bent: u32,
    arm: Option<Arm>,
    merged: Vec<Enclosure>,
    /// Ink close to the box before anything was explained, in px.
    close: u32,
    inked: bool,
}

/// Where a circle around the box alone would be.
fn close_to(b: &BoxPlace) -> Area {
    whole(b.px).grown(NEAR.0, NEAR.1)
}

pub fn whole_pixels(shift: (f32, f32)) -> (isize, isize) {
    (shift.0.round() as isize, shift.1.round() as isize)
}

/// A stroke with more ink inside another box overshoots into this one.
fn belongs_elsewhere(s: &Stroke) -> bool {
    s.elsewhere > s.inside
}

/// Ink inside a box without the bars along its top and bottom, and how many rows those have.
fn ink_inside(window: &Window, a: Area) -> (u32, u32) {
    // Most boxes are empty.
    if window.count(a) == 0 {
        return (0, 0);
    }
    let edge = a.height() / 3;
    let full = (a.width() as f32 * BAR) as u32;
    let (mut ink, mut bars) = (0, 0);
    for y in a.y0..a.y1 {
        let row = window.count(Area { y0: y, y1: y + 1, ..a });
        let at_edge = y < a.y0 + edge || y >= a.y1 - edge;
        if at_edge && row >= full.max(1) {
            bars += 1;
        } else {
            ink += row;
        }
    }
    // Filled in to the edges: more rows than both edges' lines can be.
    if bars > MOST_BARS {
        let all = window.count(a);
        return (all, 0);
    }
    (ink, bars)
}

/// Ink of print's own lines that rows lost or repeated have moved into an area, in px: flat and along
/// print.
fn displaced(leftover: &[Stroke], a: Area) -> u32 {
    let flat = |b: Area| b.height() <= FLAT && b.width() >= LONG;
    let moved = leftover.iter().filter(|s| flat(s.bounds) && s.bounds.overlaps(a));
    moved.map(|s| s.ink).sum()
}

fn strays(strokes: &[Stroke], own: Area, near: Area) -> Vec<Stray> {
    let middle = (isize::midpoint(own.x0, own.x1), isize::midpoint(own.y0, own.y1));
    let mut out: Vec<Stray> = strokes
        .iter()
        .filter(|s| s.is_free() && s.bounds.overlaps(near))
        .map(|s| {
            let c = s.centre();
            let (dx, dy) = ((c.0 - middle.0) as f32, (c.1 - middle.1) as f32);
            Stray { ink: s.ink, bounds: s.bounds, dx, dy }
        })
        .collect();
    out.sort_by(|a, b| a.dx.hypot(a.dy).total_cmp(&b.dx.hypot(b.dy)));
    out
}
