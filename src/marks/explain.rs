//! Ink that has an owner: the strokes through a marked box, the line around a circled one. What a
//! neighbour's mark explains says nothing about the box beside it.

use super::arm;
use super::scene::{AROUND, Scene, whole_pixels};
use super::strokes::{Pieces, Stroke};
use super::window::{Area, Window};
use super::{Evidence, label_area, whole};
use crate::raster::Bitmap;

/// A circle's line is so wide about where it was traced: a felt pen of 1 mm and its bends, in px to each side.
const LINE: isize = 6;
/// A stroke with this share of its ink on the line around a box is that line, with ends that bulge farther
/// than it was traced: a third of a long circle is its two ends.
const ON_RING: f32 = 0.3;
/// And no higher above or below, in px: there another's line may touch it.
const BULGE: isize = 4;
/// Writing leaves its field by so much, in px: 3 mm across, 2 mm up and down.
const LEAVES: (isize, isize) = (24, 16);
/// Ink is right at a box if it is so near its inside, in px: 1 mm from its line.
const TOUCH: isize = 12;
/// Two boxes' places differ by so much, in px: their own shifts (p99 2.1 px).
const SHIFTED: isize = 2;

/// A box's line, thickened, cuts strokes that cross it by so much, in px (bridging takes 4 to 8) ...
const CUT: isize = 12;
/// ... what is left of them begins so near to it, in px,
const LEFT: isize = 6;
/// and reaches so far beyond it, in px: half a box; more than that is a stroke by itself.
const TIP: isize = 16;

/// A box that is clearly marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    pub index: usize,
    /// Strokes go through it.
    pub through: bool,
    /// Where a line around it was found, if one was.
    pub ring: Vec<(isize, isize)>,
    /// Where a mark beside it lies.
    pub beside: Option<Area>,
}

/// The ink of a page that owners explain, in the form's frame.
#[derive(Debug)]
pub struct Explained<'a> {
    /// Lines around circled boxes, wherever they cross other ink.
    rings: Bitmap,
    /// Whole strokes that go through marked boxes: another box's mark may be connected to them.
    strokes: Bitmap,
    /// The rest of lines around circled boxes, farther out than they were traced, and of strokes that a
    /// box's own line cut off.
    ends: Bitmap,
    /// The insides of the boxes that those strokes go through.
    sources: Vec<Area>,
    print: &'a Bitmap,
}

/// What remains of a window, and what was taken out of the box in its middle.
pub struct Left {
    pub window: Window,
    /// The window with strokes that were left out: another mark may be connected to them.
    pub merged: Option<Window>,
    pub passing: u32,
    /// Ink right at the box that was left out and is no straight stroke, in px.
    pub bent: u32,
}

impl<'a> Explained<'a> {
    /// `looked_at` is where that is asked about.
    pub(super) fn by(
        scene: &Scene<'a>,
        boxes: &[Evidence],
        owners: &[&Owner],
        looked_at: &[Area],
    ) -> Self {
        let blank = &scene.t.plain;
        // Most pages have no circles: a page that nothing is drawn on may as well be small.
        let circled = owners.iter().any(|o| !o.ring.is_empty());
        let (w, h) = if circled { (blank.width(), blank.height()) } else { (1, 1) };
        let mut rings = Bitmap::new(w, h);
        let mut strokes = Bitmap::new(blank.width(), blank.height());
        let mut ends = Bitmap::new(blank.width(), blank.height());
        let mut sources = Vec::new();
        for o in owners {
            o.ring.iter().for_each(|p| square(&mut rings, *p, LINE + SHIFTED));
            if !o.through && o.beside.is_none() {
                continue;
            }
            let window = scene.window(o.index, whole_pixels(boxes[o.index].shift));
            let pieces = Pieces::of(&window, &scene.print.rim, &[scene.insides[o.index]]);
            let own = whole(scene.t.boxes[o.index].px);
            let inner = pieces.bounds(|s| s.inside > 0);
            let its = |s: &Stroke| {
                (o.through && s.inside > 0) || o.beside.is_some_and(|b| b.overlaps(s.bounds))
            };
            pieces.each(&window, its, |at, bits| paint(&mut strokes, at, bits));
            if o.through {
                let tip = |s: &Stroke| is_tip(s, own, &inner);
                pieces.each(&window, tip, |at, bits| paint(&mut ends, at, bits));
                sources.push(scene.insides[o.index]);
            }
        }
        for o in owners.iter().filter(|o| !o.ring.is_empty()) {
            bulges(scene, o.index, boxes[o.index].shift, &rings, &mut ends);
        }
        for f in &scene.t.fields {
            let (field, wide) = (whole(f.px), (LEAVES.0 + SHIFTED, LEAVES.1 + SHIFTED));
            if looked_at.iter().any(|a| a.overlaps(field.grown(wide.0, wide.1))) {
                writing(scene, field, &mut strokes);
            }
        }
        Self { rings, strokes, ends, sources, print: &scene.print.grown }
    }

    /// Whether it explains any ink near something.
    pub(super) fn reaches(&self, a: Area) -> bool {
        let near = a.grown(AROUND.0, AROUND.1);
        [&self.rings, &self.strokes, &self.ends]
            .iter()
            .any(|b| b.count_in(near.x0, near.y0, near.x1, near.y1) > 0)
    }

    /// A window without anything that it explains.
    pub(super) fn without(&self, window: &Window) -> Window {
        window.without([&self.rings, &self.strokes, &self.ends])
    }

    /// What it leaves of a window; `inside` is that of the box the window is about.
    pub(super) fn left(&self, raw: &Window, inside: Area) -> Left {
        let open = raw.without([&self.rings]);
        let mut window = open.without([&self.strokes, &self.ends]);
        let passing = open.count(inside) - window.count(inside);
        let touching = inside.grown(TOUCH, TOUCH);
        let bent = arm::bent(&open, (&self.strokes, self.print), touching, &self.sources);
        self.erase_arms(&mut window, &open, inside);
        let merged = (open.ink != window.ink).then_some(open);
        Left { window, merged, passing, bent }
    }

    /// Print cuts the arms of ticks into pieces; those outside the box are erased one by one.
    fn erase_arms(&self, window: &mut Window, open: &Window, inside: Area) {
        let pieces = Pieces::of(window, &Bitmap::new(1, 1), &[inside]);
        for ink in pieces.apart(window, |s| s.inside == 0) {
            if arm::is_part(&ink, open, self.print, &self.sources) {
                for (x, y) in ink {
                    window.erase(x, y);
                }
            }
        }
    }
}

/// The ends of a line around a box, which bulge to the sides; below and above it may be connected to another's.
fn bulges(scene: &Scene, index: usize, shift: (f32, f32), rings: &Bitmap, onto: &mut Bitmap) {
    let window = scene.window(index, whole_pixels(shift));
    let pieces = Pieces::of(&window, rings, &[]);
    let on_ring = |s: &Stroke| s.rim as f32 >= ON_RING * s.ink as f32;
    let b = &scene.t.boxes[index];
    let beside = whole(b.px).joined(label_area(b)).grown(AROUND.0, BULGE);
    pieces.each(&window, on_ring, |at, bits| {
        if beside.has(at.0, at.1) {
            paint(onto, at, bits);
        }
    });
}

/// The end of a stroke that left its box: the box's own line cut it off.
fn is_tip(s: &Stroke, own: Area, inner: &[Area]) -> bool {
    let far = own.grown(TIP, TIP);
    let here = s.bounds.overlaps(own.grown(LEFT, LEFT)) && far.joined(s.bounds) == far;
    here && inner.iter().any(|a| a.grown(CUT, CUT).overlaps(s.bounds))
}

/// Strokes that begin in a written field and leave it.
fn writing(scene: &Scene, field: Area, onto: &mut Bitmap) {
    let area = field.grown(LEAVES.0, LEAVES.1);
    let window = Window::cut(scene.sheet, &scene.print.grown, area, (0, 0));
    let pieces = Pieces::of(&window, &scene.print.rim, &[field]);
    let written = |s: &Stroke| 2 * s.inside > s.ink;
    pieces.each(&window, written, |at, bits| paint(onto, at, bits));
}

/// Sets four pixels from a place on, leftmost 8, and those around them.
fn paint(onto: &mut Bitmap, (x, y): (isize, isize), bits: u8) {
    let bits = (0..=2 * SHIFTED).fold(0, |wide, by| wide | u64::from(bits) << by);
    for v in y - SHIFTED..=y + SHIFTED {
        onto.blacken(x - SHIFTED, v, bits << (60 - 2 * SHIFTED));
    }
}

fn square(onto: &mut Bitmap, (x, y): (isize, isize), around: isize) {
    // At most 64 wide: `LINE` and `SHIFTED` to both sides.
    let bits = !0u64 << (63 - 2 * around);
    for v in y - around..=y + around {
        onto.blacken(x - around, v, bits);
    }
}
