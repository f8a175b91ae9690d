//! Registered page -> evidence: what people added in and around every box and field. Measures only;
//! thresholds of meaning live in `judge`.

mod arm;
mod circle;
mod crossing;
mod explain;
mod frame;
mod label;
pub mod picture;
mod rows;
mod scene;
mod streaks;
mod strokes;
mod window;

pub use arm::Arm;
pub use circle::Enclosure;
pub use crossing::Crossing;
pub use explain::{Explained, Owner};
pub use label::OnLabel;
pub use rows::LostRows;
pub use strokes::Stroke;
pub use window::{Area, Window};

use circle::{End, Outline, Surroundings};
use scene::Scene;
use strokes::Pieces;

use crate::raster::Bitmap;
use crate::register::{
    BoxPlace, FieldPlace, Found, Rectified, Template, is_around, is_on, median, mistaken,
};
use crate::units::{Px, Rect};

/// The blank's print is widened by this before it is taken out: faxing twice thickens lines by 1 to
/// 2 px on either side (zone table of the design).
const PRINT_GROWTH: usize = 2;
/// Faint print grows less: most of it never reaches the line's threshold.
const TRACE_GROWTH: usize = 1;
/// Rows more where rows are rough: one line of 98 an inch.
const ROUGH_ROWS: usize = 2;
/// Displaced or thick print shows up to this far from where it should be.
const RIM: usize = 7;
/// How far a box is looked for around its registered place (measured: p99 2.1 px after the slips).
const REACH: (isize, isize) = (5, 7);
/// Neighbours whose shift a box is held to: the same line and the next ones, a third of a page wide.
const NEIGHBOURS: (f32, f32) = (600.0, 70.0);
/// An own shift farther from the neighbours' than this must be clearly better to be believed.
const OWN_SHIFT: f32 = 1.5;
/// "Clearly": its cost is at most this share of the cost at the neighbours' shift.
const CLEARLY: f32 = 0.8;
/// The inside of a box starts this far from its outer edge: the line (2 px) and its thickening.
const INSET: f32 = 4.0;
/// A stroke of writing is at least this long, in px: a comma of small writing.
const PEN_STROKE: isize = 6;
/// A label longer than this is only looked at so far: half a page of text.
const LONGEST_LABEL: isize = 860;
/// Without a label's place, this much right of the box is taken for it.
const UNKNOWN_LABEL: isize = 120;

/// What was measured at one box. Lengths in pixels of the fine grid, shares 0 to 1.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The box's own place on the form (index into `Template::boxes`).
    pub index: usize,
    /// How far the box lies from its registered place.
    pub shift: (f32, f32),
    /// Share of the print around the box that is not there at that shift.
    pub missing: f32,
    /// Share of the inside that is inked, bars along its top and bottom left out.
    pub inner: f32,
    /// Inked pixels inside without the bars, specks included.
    pub specks: u32,
    /// Ink within the box's lines as they arrived; `None` where they are not all there.
    pub framed: Option<Framed>,
    /// Whether the box has lines on the blank that could be found.
    pub lines: bool,
    /// Rows of such bars: the box's own line, moved in by lost or repeated rows.
    pub bars: u32,
    /// Of that, the share drawn by strokes that belong to another box.
    pub foreign: f32,
    /// Inked pixels inside that another box's marks explain, and were left out of `inner`.
    pub passing: u32,
    /// The ink inside lies on the straight end of a stroke that comes from a box with more of it.
    pub arm: Option<Arm>,
    /// Ink right at the box that other boxes explain and that is no straight stroke, in px.
    pub bent: u32,
    /// The lines around it, its label and both before other boxes' strokes were left out: they may be
    /// connected to them.
    pub merged: Vec<Enclosure>,
    /// Strokes near box or label that touch no box's inside, nearest first.
    pub strays: Vec<Stray>,
    /// The box, its label, and both together: is there a line around?
    pub around_box: Enclosure,
    pub around_label: Option<Enclosure>,
    pub around_both: Option<Enclosure>,
    /// There is ink anywhere around box and label.
    pub inked: bool,
    /// All added ink around box and label, strokes and dust, in pixels.
    pub near: u32,
    /// Added ink on the label itself, if its place is known: ticks are drawn there, too.
    pub label: OnLabel,
    /// Lines that cross the box from its left to its right, over both of its own.
    pub crossing: Crossing,
    /// The same without strokes that go through another box more than through this one.
    pub own: u32,
    /// Of the ink around box and label, farther than others write, what a picture of the box does not show.
    pub unseen: u32,
    /// The same around the box alone.
    pub close: u32,
    /// Pieces that one row of the box and its label falls into at most: a row that the line garbled leaves
    /// bits all along it.
    pub bits: u32,
    /// Rows of it: a line of print that moved takes few, whatever a hand drew takes more.
    pub close_rows: u32,
    /// Ink there that other boxes' marks explain, and that was left out.
    pub explained: u32,
    /// Share of the box's rows that the line lost.
    pub lost: f32,
    /// Ink of the largest stroke through the inside, in pixels, and its extent.
    pub stroke: Option<Stroke>,
}

/// Ink within the four lines of a box, wherever these arrived, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// Farther inside than a line's edge jitters.
    pub inner: u32,
    /// All of it: the corner of a tick that hugs the lines, and their jitter.
    pub edges: u32,
    /// Rows and columns in which there is such inner ink.
    pub rows: u32,
    pub columns: u32,
    /// Ink right outside, left and right of the lines; `None` where these are not all there.
    pub flank: Option<u32>,
}

/// Ink that belongs to no box.
#[derive(Clone, Copy, Debug)]
pub struct Stray {
    pub ink: u32,
    pub bounds: Area,
    /// From the stroke's middle to the box's middle.
    pub dx: f32,
    pub dy: f32,
}

/// One page's added ink, and what was measured at its boxes and fields.
#[derive(Clone, Debug)]
pub struct Marks {
    pub boxes: Vec<Evidence>,
    /// For each box, the share of its row's print that lies better where the next row is: above 0 the page may
    /// have been placed a row off here.
    pub mistaken: Vec<f32>,
    /// Added ink in each written field, in pixels, and the share of its rows that were lost.
    pub fields: Vec<FieldEvidence>,
    /// The page without its print, in the form's frame.
    pub added: Bitmap,
    pub lost: LostRows,
    /// Rows are known to two or three only.
    pub rough: bool,
    /// By box: what lies around it on shading cannot be told.
    pub blind: Vec<bool>,
}

/// What was measured in one written field.
#[derive(Clone, Debug)]
pub struct FieldEvidence {
    pub ink: u32,
    /// Ink of strokes that are no specks, in pixels: an upright 1 is thin, but long.
    pub pen: u32,
    pub lost: f32,
    /// On shading so dark that writing cannot be told from it.
    pub blind: bool,
    /// The line around each of its endings.
    pub circled: Vec<Enclosure>,
}

/// The blank, thickened as faxing does it: made once a form.
#[derive(Clone, Debug)]
pub struct Print {
    /// For pages whose rows are where they should be.
    fine: Mask,
    /// For pages whose rows are known to two or three.
    rough: Mask,
}

/// What print may cover.
#[derive(Clone, Debug)]
struct Mask {
    grown: Bitmap,
    /// Wider still: what lies in here and is thin may be left over from print.
    rim: Bitmap,
    /// The ways around each box, its label and both.
    around: Vec<Around>,
    /// The ways around each field's endings.
    endings: Vec<Vec<Outline>>,
}

#[derive(Clone, Debug)]
struct Around {
    own: Outline,
    /// The box has four straight lines with nothing printed between them; an oval has none.
    lines: bool,
    /// Of a label whose place is known: around it, and around it with its box.
    label: Option<(Outline, Outline)>,
}

impl Around {
    fn of(b: &BoxPlace, blank: &Bitmap, print: &Bitmap) -> Self {
        let (own, label) = (whole(b.px), label_area(b));
        let far = if label.x0 >= own.x0 { End::Right } else { End::Left };
        let window = scene::around(b);
        let around = |a: Area| Outline::of(a, window, Some(far), print);
        Self {
            own: Outline::of(own, window, None, print),
            lines: frame::is_straight(blank, own),
            label: b.label.map(|_| (around(label), around(own.joined(label)))),
        }
    }
}

impl Print {
    pub fn of(t: &Template) -> Self {
        let mask = |rows: usize| {
            let clear = t.plain.dilated(PRINT_GROWTH, PRINT_GROWTH + rows);
            let traces = t.traces.dilated(TRACE_GROWTH, TRACE_GROWTH + rows);
            let grown = clear.joined(&traces);
            let around = t.boxes.iter().map(|b| Around::of(b, &t.plain, &grown)).collect();
            let way = |e: &Rect<Px>| Outline::of(whole(*e), near_ending(*e), None, &grown);
            let endings = t.fields.iter().map(|f| f.endings.iter().map(way).collect()).collect();
            Mask { grown, rim: t.traces.dilated(RIM, RIM), around, endings }
        };
        Self { fine: mask(0), rough: mask(ROUGH_ROWS) }
    }
}

impl Print {
    fn of_page(&self, page: &Rectified) -> &Mask {
        if page.rough { &self.rough } else { &self.fine }
    }
}

/// Takes the streaks of a dirty scanner out of a page; `slope` is how far what ran straight down the scan
/// moves to the right on the form, in px a row.
pub fn erase_streaks(print: &Print, page: &mut Rectified, slope: f32) {
    let grown = &print.of_page(page).grown;
    streaks::erase(&mut page.sheet, grown, slope);
}

/// Measures every box and field of a rectified page.
pub fn measure(t: &Template, print: &Print, page: &Rectified) -> Marks {
    let print = print.of_page(page);
    let lost = LostRows::find(&t.plain, page);
    let shifts = shifts(t, &page.sheet);
    let scene = Scene::of(t, print, &page.sheet, &lost);
    let boxes = (0..t.boxes.len()).map(|i| scene.evidence(i, shifts[i], None)).collect();
    let mistaken = mistaken(&t.rows, t.boxes.len(), &page.sheet);
    let added = page.sheet.minus(&print.grown);
    let circled = |f: &FieldPlace, ways: &Vec<Outline>| -> Vec<Enclosure> {
        let one = |(e, way): (&Rect<Px>, &Outline)| {
            let window = Window::cut(&page.sheet, &print.grown, near_ending(*e), (0, 0));
            way.enclosure(&Surroundings::of(&window))
        };
        f.endings.iter().zip(ways).map(one).collect()
    };
    let fields = t.fields.iter().zip(&print.endings);
    let dark = |f: &FieldPlace| page.blind.as_ref().is_some_and(|b| is_on(b, f.px));
    let fields = fields.map(|(f, ways)| FieldEvidence {
        blind: dark(f),
        ..field(&added, f.px, &lost, circled(f, ways))
    });
    let fields = fields.collect();
    let blind = page.blind.as_ref();
    let blind = t.boxes.iter().map(|b| blind.is_some_and(|map| is_around(map, b.px))).collect();
    Marks { boxes, mistaken, fields, added, lost, rough: page.rough, blind }
}

/// Measures the boxes that are not among the owners once more, without the ink that the owners'
/// marks explain; `before` are the owners of the last time: away from those that are new nothing changes.
pub fn explain(
    t: &Template,
    print: &Print,
    page: &Rectified,
    marks: &mut Marks,
    owners: &[Owner],
    before: &[Owner],
) {
    let print = print.of_page(page);
    let scene = Scene::of(t, print, &page.sheet, &marks.lost);
    let gone = before.iter().filter(|o| !owners.contains(o));
    let new: Vec<Area> = owners
        .iter()
        .filter(|o| !before.contains(o))
        .chain(gone)
        .map(|o| scene.surroundings(o.index))
        .collect();
    let again: Vec<usize> = marks
        .boxes
        .iter()
        .filter(|e| e.inked && owners.iter().all(|o| o.index != e.index))
        .filter(|e| new.iter().any(|a| a.overlaps(scene.surroundings(e.index))))
        .map(|e| e.index)
        .collect();
    if again.is_empty() {
        return;
    }
    let looked_at: Vec<Area> = again.iter().map(|i| scene.surroundings(*i)).collect();
    let near = |o: &&Owner| {
        let there = scene.surroundings(o.index);
        looked_at.iter().any(|a| a.overlaps(there))
    };
    let near: Vec<&Owner> = owners.iter().filter(near).collect();
    let explained = Explained::by(&scene, &marks.boxes, &near, &looked_at);
    for i in again {
        if explained.reaches(whole(t.boxes[i].px).joined(label_area(&t.boxes[i]))) {
            let shift = marks.boxes[i].shift;
            marks.boxes[i] = scene.evidence(i, shift, Some(&explained));
        }
    }
}

/// The place of every box: its own match, held to its neighbours' unless clearly better. Ink pulls
/// a match off by up to 8 px where a circle was drawn.
fn shifts(t: &Template, sheet: &Bitmap) -> Vec<(f32, f32)> {
    let own: Vec<Found> =
        t.boxes.iter().map(|b| b.patch.search(sheet, b.patch.x, b.patch.y, REACH)).collect();
    let belief = |f: &Found| (0.67 - f.cost).max(0.02);
    t.boxes
        .iter()
        .zip(&own)
        .map(|(b, f)| {
            let near: Vec<&Found> = t
                .boxes
                .iter()
                .zip(&own)
                .filter(|(o, _)| {
                    (o.px.x.0 - b.px.x.0).abs() < NEIGHBOURS.0
                        && (o.px.y.0 - b.px.y.0).abs() < NEIGHBOURS.1
                })
                .map(|(_, f)| f)
                .collect();
            let dx = median(&mut near.iter().map(|f| (f.dx, belief(f))).collect::<Vec<_>>());
            let dy = median(&mut near.iter().map(|f| (f.dy, belief(f))).collect::<Vec<_>>());
            if (f.dx - dx).abs() <= OWN_SHIFT && (f.dy - dy).abs() <= OWN_SHIFT {
                return (f.dx, f.dy);
            }
            let (x, y) = (b.patch.x + dx.round() as isize, b.patch.y + dy.round() as isize);
            let there = b.patch.search(sheet, x, y, (0, 0)).cost_here;
            if f.cost < CLEARLY * there { (f.dx, f.dy) } else { (dx, dy) }
        })
        .collect()
}

/// The part of the form that is looked at around a field's ending.
fn near_ending(e: Rect<Px>) -> Area {
    whole(e).grown(scene::AROUND.0, scene::AROUND.1)
}

fn whole(r: Rect<Px>) -> Area {
    Area {
        x0: r.x.0.round() as isize,
        y0: r.y.0.round() as isize,
        x1: (r.x.0 + r.w.0).round() as isize,
        y1: (r.y.0 + r.h.0).round() as isize,
    }
}

/// The part of a box in which no print can be; of a narrow oval at least its middle half.
fn inside(r: Rect<Px>) -> Area {
    let a = whole(r);
    let inset = |side: isize| INSET.min(side as f32 / 4.0).round() as isize;
    a.grown(-inset(a.width()), -inset(a.height()))
}

fn label_area(b: &BoxPlace) -> Area {
    let a = whole(b.px);
    let l = b.label.map_or(Area { x0: a.x1 + 4, x1: a.x1 + UNKNOWN_LABEL, ..a }, whole);
    if l.x0 >= a.x0 {
        Area { x1: l.x1.min(l.x0 + LONGEST_LABEL), ..l }
    } else {
        Area { x0: l.x0.max(l.x1 - LONGEST_LABEL), ..l }
    }
}

fn field(added: &Bitmap, r: Rect<Px>, lost: &LostRows, circled: Vec<Enclosure>) -> FieldEvidence {
    // A frame's own line is print; what stands 3 px inside it was written.
    let area = whole(r).grown(-3, -3);
    let none = Bitmap::new(1, 1);
    let window = Window::cut(added, &none, area, (0, 0));
    let pen = Pieces::of(&window, &none, &[])
        .strokes()
        .iter()
        .filter(|s| s.bounds.width().max(s.bounds.height()) >= PEN_STROKE)
        .map(|s| s.ink)
        .sum();
    let (ink, lost) = (window.count(area), lost.share(area.y0, area.y1));
    FieldEvidence { ink, pen, lost, blind: false, circled }
}
