//! Is something circled? The smoothest closed line around it is looked for, as active contours do
//! (a closed path by dynamic programming, here in offsets from the outline of what is circled), and
//! how much of that line is inked says how sure the circle is. A neighbour's arc bends the wrong
//! way: it covers one side at most.

mod path;
mod spot;

use std::cell::OnceCell;

use multiversion::multiversion;

use self::path::{Seen, closed_path};
use self::spot::{INWARD, REACH, Spot};
use super::window::{Area, Window};
use crate::raster::Bitmap;

/// The line is looked at every so many pixels of the outline.
const STEP: f32 = 3.0;
/// The end of a long oval, which is pointed, is at most so far away, in px: 10 mm.
const POINTED: isize = 80;
/// The outline is a superellipse of this power: between an ellipse and the printed rectangle.
const POWER: f32 = 4.0;
/// From this offset on print is not that of what is circled itself, 3 px outside its edge.
const CLEAR_OF: usize = INWARD as usize + 3;
/// Inked steps in a row that make a line: 6 px; fewer are specks.
const RUN: usize = 2;
/// Fewer inked pixels around a thing are no circle: a tenth of the smallest one's.
const LEAST_INK: u32 = 12;
/// A line of fewer inked steps goes round nothing: 30 px, a fifth of the smallest circle.
const LEAST_STEPS: usize = 10;
/// Nor is it a circle if ink lies across fewer than one step in so many.
const LEAST_CROSSED: usize = 8;
/// Spots that are looked at together.
const GROUP: usize = 8;
/// Of the steps at least this share must be visible for the rest to speak for all.
const LEAST_VISIBLE: f32 = 0.5;

/// The best closed line around something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enclosure {
    /// Share of its steps that are inked, of those that print does not hide.
    pub closed: f32,
    /// The same of all steps.
    pub seen: f32,
    /// The share of each side that is inked, of what print does not hide: right, down, left, up.
    pub sides: [f32; 4],
    /// The share of the barest side on which no ink is seen though nothing but what is circled itself
    /// could hide it.
    pub bare: f32,
    /// On some side there is no ink as far as a circle can be, and no print that could hide it.
    pub void: bool,
    /// Longest part that is open, as a share of it all.
    pub gap: f32,
    /// Ink in the middle (the inner half each way) as a share of that middle.
    pub core: f32,
    /// Where it is inked, in pixels of the form.
    pub line: Vec<(isize, isize)>,
}

impl Enclosure {
    /// The second best side: there is a line on two.
    pub fn second_side(&self) -> f32 {
        let mut sides = self.sides;
        sides.sort_by(f32::total_cmp);
        sides[2]
    }

    /// The third best side: print beside a box may hide one.
    pub fn third_side(&self) -> f32 {
        let mut sides = self.sides;
        sides.sort_by(f32::total_cmp);
        sides[1]
    }
}

/// One end of a line of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Left,
    Right,
}

/// The window in which lines around several things are looked for.
pub struct Surroundings<'a> {
    window: &'a Window,
    /// With ink wherever it has some, to the right or below.
    near: OnceCell<Window>,
}

impl<'a> Surroundings<'a> {
    pub fn of(window: &'a Window) -> Self {
        Self { window, near: OnceCell::new() }
    }
}

/// The way around something printed, and what print hides of its surroundings: made once a form.
#[derive(Clone, Debug)]
pub struct Outline {
    area: Area,
    /// What is looked at, with its neighbours to the left and above: a window's `or_right_or_below`.
    frame: Area,
    spots: Vec<Spot>,
    /// What the places of every `GROUP` spots span: most of a page is white.
    groups: Vec<Area>,
    /// Beyond each side, where there is little print: a circle must leave ink there.
    voids: Vec<Area>,
}

impl Outline {
    /// Places every `STEP` px along the superellipse in `area`, once around, to be looked for in windows of
    /// `around`. Of a label's box the end that is `ragged` may lie beyond its text.
    pub fn of(area: Area, around: Area, ragged: Option<End>, print: &Bitmap) -> Self {
        let frame = Area { x0: around.x0 - 1, y0: around.y0 - 1, ..around };
        let (w, h) = (area.width() as f32 / 2.0, area.height() as f32 / 2.0);
        let (cx, cy) = (area.x0 as f32 + w, area.y0 as f32 + h);
        let power = |v: f32, p: f32| v.signum() * v.abs().powf(p);
        // Fine enough that no two places are a step apart; the arc's length decides which are kept.
        let fine = (8.0 * (w + h)) as usize + 16;
        let (mut spots, mut last, mut walked) = (Vec::new(), None, STEP);
        for k in 0..fine {
            let t = k as f32 / fine as f32 * std::f32::consts::TAU;
            let (u, v) = (power(t.cos(), 2.0 / POWER), power(t.sin(), 2.0 / POWER));
            let (x, y) = (cx + w * u, cy + h * v);
            walked += last.map_or(0.0, |(px, py): (f32, f32)| (x - px).hypot(y - py));
            last = Some((x, y));
            if walked < STEP {
                continue;
            }
            walked -= STEP;
            let (nx, ny) = (power(u, POWER - 1.0) / w.max(1.0), power(v, POWER - 1.0) / h.max(1.0));
            let n = nx.hypot(ny).max(f32::MIN_POSITIVE);
            spots.push(Spot::at((x, y), (nx / n, ny / n), print).framed(frame));
        }
        let groups = spots.chunks(GROUP).map(span).collect();
        let voids = beyond(area, ragged).into_iter().filter(|v| !hides(print, *v)).collect();
        Self { area, frame, spots, groups, voids }
    }

    /// Looks for a line around the outline. Where print is, ink cannot be told from it: such places
    /// say nothing.
    pub fn enclosure(&self, at: &Surroundings) -> Enclosure {
        let (a, window) = (self.area, at.window);
        if window.count(a.grown(2 * REACH, REACH)) < LEAST_INK {
            return Enclosure::default();
        }
        let inked = inked(self, at);
        let crossed = inked.iter().filter(|i| **i != 0).count();
        if crossed < LEAST_STEPS.max(self.spots.len() / LEAST_CROSSED) {
            return Enclosure::default();
        }
        let path = closed_path(&self.spots, &inked);
        let along: Vec<Seen> = (0..path.len())
            .map(|i| Seen::at(inked[i] >> path[i], self.spots[i].hidden >> path[i]))
            .collect();
        let drawn = lines_only(&along);
        let hits = drawn.iter().filter(|h| **h).count() as f32;
        let hidden = along.iter().filter(|s| **s == Seen::Print).count() as f32;
        let all = along.len().max(1) as f32;
        let core = a.grown(-a.width() / 4, -a.height() / 4);
        let places = (0..path.len()).filter(|i| drawn[*i]);
        Enclosure {
            closed: hits / (all - hidden).max(LEAST_VISIBLE * all),
            seen: hits / all,
            bare: bare(&self.spots, &path, &drawn),
            void: self.voids.iter().any(|v| window.count(*v) == 0),
            sides: sides(&self.spots, &along, &drawn),
            gap: longest_gap(&along, &drawn) as f32 / all,
            core: window.count(core) as f32 / core.area().max(1.0),
            line: places.map(|i| self.spots[i].place(path[i])).collect(),
        }
    }
}

/// The offsets at which each spot of an outline has ink.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn inked(way: &Outline, at: &Surroundings) -> Vec<u64> {
    let near = at.near.get_or_init(|| at.window.or_right_or_below());
    let mut inked = Vec::with_capacity(way.spots.len());
    for (spots, span) in way.spots.chunks(GROUP).zip(&way.groups) {
        if at.window.count(*span) == 0 {
            inked.resize(inked.len() + spots.len(), 0);
        } else if near.area == way.frame && way.frame.joined(*span) == way.frame {
            for s in spots {
                inked.push(s.ink_within(near));
            }
        } else {
            for s in spots {
                inked.push(s.ink(near));
            }
        }
    }
    inked
}

/// Where a circle around an area must pass on its four sides: over the middle of each, and at the
/// ends of long ovals, which are pointed, farther out.
fn beyond(a: Area, ragged: Option<End>) -> [Area; 4] {
    let (w, h) = (a.width() / 5, a.height() / 5);
    let inward = |end: End| if ragged == Some(end) { a.width() / 4 } else { 0 };
    [
        Area { x0: a.x1 - inward(End::Right), x1: a.x1 + POINTED, y0: a.y0 + h, y1: a.y1 - h },
        Area { y0: a.y1, y1: a.y1 + REACH, x0: a.x0 + w, x1: a.x1 - w },
        Area { x0: a.x0 - POINTED, x1: a.x0 + inward(End::Left), y0: a.y0 + h, y1: a.y1 - h },
        Area { y0: a.y0 - REACH, y1: a.y0, x0: a.x0 + w, x1: a.x1 - w },
    ]
}

/// Print hides a line if it covers this share of where it may pass: text covers a third and more.
const HIDES: f32 = 0.25;

fn hides(print: &Bitmap, a: Area) -> bool {
    print.count_in(a.x0, a.y0, a.x1, a.y1) as f32 >= HIDES * a.area()
}

/// The area that some spots' places lie in, a pixel more to the right and below.
fn span(spots: &[Spot]) -> Area {
    let all = || spots.iter().flat_map(|s| &s.places);
    let range = |v: fn(&(i16, i16)) -> i16| {
        let (low, high) = (all().map(v).min().unwrap_or(0), all().map(v).max().unwrap_or(0));
        (isize::from(low), isize::from(high) + 2)
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
    Area { x0, y0, x1, y1 }
}

/// A side that print hides altogether is not closed.
fn sides(spots: &[Spot], along: &[Seen], inked: &[bool]) -> [f32; 4] {
    let (mut hits, mut visible, mut all) = ([0.0f32; 4], [0.0f32; 4], [0.0f32; 4]);
    for ((spot, seen), hit) in spots.iter().zip(along).zip(inked) {
        let k = spot.side();
        all[k] += 1.0;
        visible[k] += f32::from(u8::from(*seen != Seen::Print));
        hits[k] += f32::from(u8::from(*hit));
    }
    std::array::from_fn(|k| hits[k] / visible[k].max(LEAST_VISIBLE * all[k]).max(1.0))
}

/// How bare the barest side is: other print hides a line, what is circled itself does not.
fn bare(spots: &[Spot], path: &[usize], inked: &[bool]) -> f32 {
    let (mut bare, mut all) = ([0.0f32; 4], [0.0f32; 4]);
    for ((spot, at), hit) in spots.iter().zip(path).zip(inked) {
        let k = spot.side();
        let hidden = *at >= CLEAR_OF && spot.hidden >> at & 1 == 1;
        all[k] += 1.0;
        bare[k] += f32::from(u8::from(!hit && !hidden));
    }
    (0..4).map(|k| bare[k] / all[k].max(1.0)).fold(0.0, f32::max)
}

/// Which steps are inked, runs too short for a line left out. The line is closed: the last step's
/// neighbour is the first.
fn lines_only(along: &[Seen]) -> Vec<bool> {
    let n = along.len();
    let ink = |i: usize| along[i % n] == Seen::Ink;
    let line: Vec<bool> =
        (0..n).map(|i| ink(i) && (0..RUN).any(|k| (0..RUN).all(|j| ink(i + n - k + j)))).collect();
    let steps = line.iter().filter(|l| **l).count();
    if steps < LEAST_STEPS { vec![false; n] } else { line }
}

/// The longest run of open steps; hidden ones neither end nor lengthen it.
fn longest_gap(along: &[Seen], inked: &[bool]) -> usize {
    let (mut longest, mut run) = (0, 0);
    for (seen, hit) in along.iter().zip(inked).chain(along.iter().zip(inked)) {
        match (hit, seen) {
            (true, _) => run = 0,
            (false, Seen::Print) => {}
            (false, _) => run += 1,
        }
        longest = longest.max(run);
    }
    longest.min(along.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Area = Area { x0: 87, y0: 87, x1: 113, y1: 113 };

    /// A circle of 22 px around the middle of the box, between two angles in turns.
    fn drawn(from: f32, to: f32) -> Enclosure {
        let mut ink = Bitmap::new(200, 200);
        for k in 0..2000 {
            let t = (from + (to - from) * k as f32 / 2000.0) * std::f32::consts::TAU;
            for r in 21..24 {
                let (x, y) = (100.0 + r as f32 * t.cos(), 100.0 + r as f32 * t.sin());
                ink.set(x.round() as usize, y.round() as usize, true);
            }
        }
        let window = Window { area: Area { x0: 0, y0: 0, x1: 200, y1: 200 }, ink };
        Outline::of(BOX, window.area, None, &Bitmap::new(200, 200))
            .enclosure(&Surroundings::of(&window))
    }

    #[test]
    fn a_circle_is_closed_on_all_sides() {
        let e = drawn(0.0, 1.0);
        assert!(e.closed > 0.95 && e.gap < 0.05 && !e.void, "{e:?}");
        assert!(e.sides.iter().all(|s| *s > 0.9), "{e:?}");
    }

    #[test]
    fn half_a_circle_leaves_a_side_void() {
        let e = drawn(0.5, 1.0);
        assert!(e.void && e.closed > 0.3 && e.closed < 0.7 && e.gap > 0.3, "{e:?}");
    }

    #[test]
    fn a_quarter_goes_round_nothing() {
        assert_eq!(drawn(0.625, 0.875).line.len(), 0);
    }

    #[test]
    fn nothing_is_no_circle() {
        assert_eq!(drawn(0.0, 0.0), Enclosure::default());
    }
}
