//! The writing of one field, cut out of a page's added ink: specks, remains of print, neighbours'
//! writing and overshooting ticks left out; writing that runs out of its frame followed a little.

use super::pieces::{Piece, draw, extent, pieces};
use super::strike;
use crate::form::{Question, QuestionType};
use crate::marks::Area;
use crate::raster::Bitmap;
use crate::reading::Writing;
use crate::register::Template;
use crate::units::{Px, Rect};

/// How far beyond its frame writing is followed, in px: 5 mm across, 3 mm up and down.
const REACH: (isize, isize) = (40, 24);
/// Pieces of less ink are dust (design.md, section 5).
const SPECK: u32 = 6;
/// What stands outside the frame alone has at least the ink of a small stroke.
const STROKE: u32 = 12;
/// A frame's remains lie this near to it (registration 2 px, thick print 2 px, lost lines 3 px), ...
const NEAR_FRAME: isize = 7;
/// ... are this thin ...
const THIN: isize = 5;
/// ... and longer than any level stroke of small writing.
const LONG: isize = 48;
/// Remains of brackets and letters beside a frame are shorter than this.
const SHORT: isize = 30;
/// No stroke of writing is higher, in px: 12 mm.
const STREAK: isize = 92;
/// Fragments of ticks lie so near to their checkbox, in px.
const NEAR_BOX: (isize, isize) = (30, 26);
/// What is outside belongs to writing that it nearly touches, in px: the space within a character.
const NEXT: (isize, isize) = (14, 5);
/// Ink in the middle of a checkbox that makes a piece a tick.
const TICK: u32 = 5;
/// A tick's end begins so near to the middle of its checkbox, in px: the box's line and its mask.
const TICK_GAP: isize = 22;
/// Share of a piece's ink outside the frame from which on it runs out of it.
const OUTSIDE: f32 = 0.35;
/// Print inside a loop from which on the loop was drawn around the print.
const CIRCLED: u32 = 25;
/// A dot of a character has less ink than this, in px, ...
const DOT: u32 = 40;
/// ... and stands nearer to the rest of it or to the next one, in px (5 mm).
const ALONE: isize = 40;
/// White around the writing, in px.
const MARGIN: isize = 2;

/// What is written in a field; `None` if all its ink is something else. `field` counts the template's
/// fields, `added` is the page without its print in the form's frame.
pub fn writing(
    t: &Template,
    question: &Question,
    field: usize,
    added: &Bitmap,
    rough: bool,
) -> Option<Writing> {
    let place = Place::new(t, field)?;
    let window = place.frame.grown(REACH.0, REACH.1);
    let all = pieces(added, window).into_iter().filter(|p| !place.is_tick(p));
    let (print, all): (Vec<Piece>, Vec<Piece>) = all.partition(|p| place.is_print(p));
    let (mut own, outside): (Vec<Piece>, Vec<Piece>) =
        all.into_iter().partition(|p| 2 * p.ink_in(place.frame) >= p.ink);
    own.retain(no_speck(&own));
    let mut overflow = false;
    let mut left: Vec<Piece> =
        outside.into_iter().filter(|p| place.may_own(t, p, window)).collect();
    // From piece to piece: a word goes on outside stroke by stroke.
    while let Some(bounds) = extent(&own) {
        let reach = bounds.grown(NEXT.0, NEXT.1);
        let (next, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|p| p.bounds.overlaps(reach));
        left = rest;
        if next.is_empty() {
            break;
        }
        overflow = true;
        own.extend(next);
    }
    let numeric = question.kind == QuestionType::Integer;
    overflow |= numeric && place.may_go_on(&own, &print, &left);
    let share_out = |p: &Piece| 1.0 - p.ink_in(place.frame) as f32 / p.ink as f32;
    overflow |= own.iter().any(|p| p.ink >= 2 * STROKE && share_out(p) > OUTSIDE);
    lonely(&mut own);
    own.sort_by_key(|p| (p.bounds.y0, p.bounds.x0));
    let area = extent(&own)?.grown(MARGIN, MARGIN);
    let circled = Vec::new();
    Some(Writing {
        field: question.id.clone(),
        ink: draw(&own, area),
        origin: (area.x0 as i32, area.y0 as i32),
        rough,
        overflow,
        strike: strike::is_strike(&own, numeric),
        circled,
    })
}

/// Dust is left out, but not a faint pen's writing that is nothing but dust.
fn no_speck(own: &[Piece]) -> impl Fn(&Piece) -> bool + use<> {
    let ink = |least: u32| own.iter().map(|p| p.ink).filter(|ink| *ink >= least).sum::<u32>();
    let least = if 3 * ink(SPECK) < 2 * ink(1) { 2 } else { SPECK };
    move |p: &Piece| p.ink >= least
}

/// Takes out dots far from all writing: dirt of the glass, where there is writing besides.
fn lonely(own: &mut Vec<Piece>) {
    let small = |p: &Piece| p.ink < DOT;
    if own.iter().all(small) {
        return;
    }
    let all: Vec<Area> = own.iter().map(|p| p.bounds).collect();
    own.retain(|p| {
        let near = p.bounds.grown(ALONE, ALONE);
        !small(p) || all.iter().any(|b| *b != p.bounds && b.overlaps(near))
    });
}

/// A field and what lies around it.
struct Place {
    frame: Area,
    /// A line is printed above and below.
    framed: bool,
    /// The middles of the checkboxes nearby.
    boxes: Vec<Area>,
    /// The other fields nearby.
    fields: Vec<Area>,
}

impl Place {
    fn new(t: &Template, field: usize) -> Option<Self> {
        let frame = whole(t.fields.get(field)?.px);
        let near = frame.grown(2 * REACH.0, 2 * REACH.1);
        let boxes = t.boxes.iter().map(|b| whole(b.px)).filter(|b| b.overlaps(near));
        let others = t.fields.iter().enumerate().filter(|(i, _)| *i != field);
        let line = |y: isize| t.plain.count_in(frame.x0, y - NEAR_FRAME, frame.x1, y + NEAR_FRAME);
        let framed = line(frame.y0).min(line(frame.y1)) as isize > frame.width() / 2;
        Some(Self {
            frame,
            framed,
            boxes: boxes.map(|b| b.grown(-b.width() / 5, -b.height() / 5)).collect(),
            fields: others.map(|(_, f)| whole(f.px)).filter(|f| f.overlaps(near)).collect(),
        })
    }

    /// What the blank's lines left along the frame, and its brackets beside it.
    fn is_print(&self, p: &Piece) -> bool {
        let (b, f) = (p.bounds, self.frame);
        let near = |v: isize, edge: isize| (v - edge).abs() <= NEAR_FRAME;
        let level = b.height() <= THIN && b.width() >= LONG;
        let upright = b.width() <= THIN && b.height() >= LONG;
        let along = level && (near(b.y0, f.y0) || near(b.y1, f.y1));
        let beside = upright && (near(b.x0, f.x0) || near(b.x1, f.x1));
        let bracket = self.is_bracket(p);
        // A streak of the scanner runs on above and below, or is higher than any character.
        let through = b.height() > f.height() + 3 * NEXT.1 || b.height() > STREAK;
        let streak = b.width() <= 2 * THIN && b.height() >= LONG && through;
        let at_edge = |edge: isize| b.y0 >= edge - NEAR_FRAME && b.y1 <= edge + NEAR_FRAME;
        let rest = self.framed && (at_edge(f.y0) || at_edge(f.y1));
        along || beside || bracket || streak || rest
    }

    /// What is left of a bracket printed beside the frame; a 1 that is written there looks the same.
    fn is_bracket(&self, p: &Piece) -> bool {
        let (b, f) = (p.bounds, self.frame);
        let near = |v: isize, edge: isize| (v - edge).abs() <= NEAR_FRAME;
        let beside = near(b.x1, f.x0) && b.x0 < f.x0 || near(b.x0, f.x1) && b.x1 > f.x1;
        b.width() <= THIN && b.height() <= SHORT && beside
    }

    /// May a number have a digit more than was found: an upright stroke where a bracket is printed, or
    /// something of a digit's height further off than letters of a word are?
    fn may_go_on(&self, own: &[Piece], print: &[Piece], left: &[Piece]) -> bool {
        let Some(high) = extent(own).map(Area::height) else { return false };
        let digit = |p: &Piece| p.ink >= 2 * STROKE && 5 * p.bounds.height() >= 3 * high;
        print.iter().any(|p| self.is_bracket(p) && digit(p)) || left.iter().any(digit)
    }

    /// The end of a tick that reaches into the frame: a straight stroke that comes from a checkbox.
    fn is_tick(&self, p: &Piece) -> bool {
        let out = p.ink - p.ink_in(self.frame);
        let from = |b: &Area| {
            let near = b.grown(TICK_GAP, TICK_GAP);
            let beside = p.ink_in(near) - p.ink_in(near.cut(self.frame));
            2 * beside > out
        };
        out * 6 >= p.ink && self.boxes.iter().any(from) && strike::is_line(p, false)
    }

    /// May a piece that is mostly outside the frame be part of the writing in it?
    fn may_own(&self, t: &Template, p: &Piece, window: Area) -> bool {
        let b = p.bounds;
        let cut = b.x0 <= window.x0 || b.x1 >= window.x1 || b.y0 <= window.y0 || b.y1 >= window.y1;
        // The box's print cuts ticks to pieces.
        let tick = self
            .boxes
            .iter()
            .any(|x| p.ink_in(*x) >= TICK || p.ink_in(x.grown(NEAR_BOX.0, NEAR_BOX.1)) * 2 > p.ink);
        let another = self.fields.iter().any(|f| 2 * p.ink_in(*f) >= p.ink);
        // Above and below there is other writing; to the sides a line goes on.
        let middle = isize::midpoint(b.y0, b.y1);
        let level = middle > self.frame.y0 - NEXT.0 && middle < self.frame.y1 + NEXT.0;
        p.ink >= STROKE && !cut && !tick && !another && level && !is_circle(t, p)
    }
}

/// A loop around print, as around 県 of 都・道・府・県.
fn is_circle(t: &Template, p: &Piece) -> bool {
    let b = p.bounds;
    let core = b.grown(-b.width() / 4, -b.height() / 4);
    let print = t.plain.count_in(core.x0, core.y0, core.x1, core.y1);
    b.width().min(b.height()) >= SHORT / 2 && p.ink_in(core) * 20 < p.ink && print >= CIRCLED
}

fn whole(r: Rect<Px>) -> Area {
    let at = |v: f32| v.round() as isize;
    Area { x0: at(r.x.0), y0: at(r.y.0), x1: at(r.x.0 + r.w.0), y1: at(r.y.0 + r.h.0) }
}
