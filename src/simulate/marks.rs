//! Marks as people make them on a checkbox. Geometry comes from the form alone: squares of any size,
//! flat ovals, labels that are long, short or absent.

use rand::RngExt;

use super::canvas::{Canvas, Point};
use super::pen::{Hand, MarkStyle};
use super::{SimRng, normal, stray};
use crate::form::{Form, FormOption};
use crate::units::{Mm, Rect};

/// Longer labels than this nobody circles whole: a hand's reach without lifting the wrist.
const CIRCLED_LABEL_MM: f32 = 55.0;
/// Nor labels of two lines or more.
const CIRCLED_HEIGHT_MM: f32 = 7.0;
/// Room that a mark beside the box needs on its left.
const BESIDE_MM: f32 = 5.0;

/// Marks an option; returns the points of the pen's way and the style that was really used: a style
/// that the print leaves no room for (no label to circle, another option's label where the mark would
/// go) becomes the nearest other.
pub fn mark(
    canvas: &mut Canvas,
    form: &Form,
    option: &FormOption,
    style: MarkStyle,
    hand: &Hand,
    rng: &mut SimRng,
) -> (MarkStyle, Vec<Point>) {
    let style = possible(form, option, style);
    let b = Place::of(option.place, hand, rng);
    let (lines, flick) = match style {
        MarkStyle::Tick => (vec![tick(&b, rng)], 0.55),
        MarkStyle::Cross => (cross(&b, rng), 0.3),
        MarkStyle::Fill => (vec![fill(&b, hand, rng)], 0.0),
        MarkStyle::Slash => (vec![slash(&b, rng)], 0.4),
        MarkStyle::Dot => (vec![dot(&b, rng)], 0.0),
        MarkStyle::CircleBox => (vec![around(grown(option.place, 0.3), 1.0, hand, rng)], 0.3),
        MarkStyle::CircleBoxLabel | MarkStyle::CircleLabel => {
            (vec![around(circled(option, style), 0.8, hand, rng)], 0.3)
        }
        MarkStyle::Beside => (vec![beside(&b, hand, rng)], 0.4),
    };
    let mut path = Vec::new();
    for line in lines {
        let mut nibs = hand.line(&line, flick, rng);
        path.extend(nibs.iter().map(|n| n.at));
        if style == MarkStyle::Dot {
            for n in &mut nibs {
                n.radius = n.radius.max(0.3);
            }
        }
        canvas.stroke(&nibs, hand.ink());
    }
    (style, path)
}

fn possible(form: &Form, option: &FormOption, style: MarkStyle) -> MarkStyle {
    match style {
        MarkStyle::CircleBoxLabel | MarkStyle::CircleLabel => match option.label_box {
            Some(l) if l.w.0 <= CIRCLED_LABEL_MM && l.h.0 <= CIRCLED_HEIGHT_MM => style,
            _ => MarkStyle::CircleBox,
        },
        MarkStyle::Beside if !free_on_the_left(form, option) => MarkStyle::Tick,
        _ => style,
    }
}

/// A mark left of a box in the middle of a line would stand on print, or mean its neighbour.
fn free_on_the_left(form: &Form, option: &FormOption) -> bool {
    let p = option.place;
    let zone = Rect::new(p.x.0 - BESIDE_MM, p.y.0, BESIDE_MM - 0.2, p.h.0);
    zone.x.0 > 4.0
        && stray::unprinted(form, zone)
        && form
            .questions()
            .iter()
            .flat_map(|q| &q.options)
            .all(|o| !o.place.overlaps(zone) && o.label_box.is_none_or(|l| !l.overlaps(zone)))
}

/// A box with this hand's habits applied: where its middle seems to be, how large a mark it gets.
struct Place {
    at: Point,
    half: [f32; 2],
    /// A mark's natural size: a square's side, or for a flat oval something between its sides.
    side: f32,
    slant: f32,
    left: f32,
}

impl Place {
    fn of(r: Rect<Mm>, hand: &Hand, rng: &mut SimRng) -> Self {
        let (cx, cy) = r.centre();
        // A hand hits a large box as well as a small one relative to its size.
        let unit = (r.w.0 * r.h.0).sqrt().clamp(2.2, 5.0);
        let miss = unit / 3.4;
        Self {
            at: [
                cx.0 + hand.offset[0] * miss + normal(rng, 0.0, 0.18) * miss,
                cy.0 + hand.offset[1] * miss + normal(rng, 0.0, 0.18) * miss,
            ],
            half: [r.w.0 / 2.0, r.h.0 / 2.0],
            side: unit * (hand.size * normal(rng, 0.0, 0.12).exp()).clamp(0.6, 1.9),
            slant: hand.slant + normal(rng, 0.0, 0.06),
            left: r.x.0,
        }
    }

    /// A point in units of the mark's side from its middle, leaned and a little off.
    fn point(&self, x: f32, y: f32, rng: &mut SimRng) -> Point {
        let (s, c) = self.slant.sin_cos();
        let (x, y) = (x + normal(rng, 0.0, 0.05), y + normal(rng, 0.0, 0.05));
        [self.at[0] + self.side * (c * x - s * y), self.at[1] + self.side * (s * x + c * y)]
    }
}

/// Short down, long up; the upstroke leaves the box and often reaches the label.
fn tick(b: &Place, rng: &mut SimRng) -> Vec<Point> {
    let reach = rng.random_range(0.55..1.25f32);
    let rise = rng.random_range(0.6..1.1f32) * reach.max(0.7);
    let knee = b.point(-0.08, 0.36, rng);
    vec![
        b.point(-0.45, -0.08, rng),
        b.point(-0.24, 0.18, rng),
        knee,
        knee,
        b.point(0.35 * reach, -0.25 * rise, rng),
        b.point(reach, -rise, rng),
    ]
}

fn cross(b: &Place, rng: &mut SimRng) -> Vec<Vec<Point>> {
    let e = rng.random_range(0.36..0.62);
    vec![
        vec![b.point(-e, -e, rng), b.point(e, e, rng)],
        vec![b.point(e, -e, rng), b.point(-e, e, rng)],
    ]
}

fn slash(b: &Place, rng: &mut SimRng) -> Vec<Point> {
    let e = rng.random_range(0.45..0.75);
    vec![b.point(-e * 0.8, e, rng), b.point(0.0, 0.0, rng), b.point(e * 0.8, -e, rng)]
}

/// To and fro inside the box, closely enough to be dark, loosely enough to be a hand's.
fn fill(b: &Place, hand: &Hand, rng: &mut SimRng) -> Vec<Point> {
    let [hx, hy] = [b.half[0] * 0.86, b.half[1] * 0.86];
    let rows =
        (2.0 * hy / (hand.width * rng.random_range(0.9..1.7))).ceil().clamp(3.0, 24.0) as usize;
    (0..=rows)
        .map(|i| {
            let side = if i % 2 == 0 { -1.0 } else { 1.0 };
            let y = hy * (2.0 * i as f32 / rows as f32 - 1.0);
            [
                b.at[0] + side * hx * rng.random_range(0.8..1.12),
                b.at[1] + y + normal(rng, 0.0, 0.08),
            ]
        })
        .collect()
}

/// A small round blot, turned on the spot.
fn dot(b: &Place, rng: &mut SimRng) -> Vec<Point> {
    let r = rng.random_range(0.12..0.35) * b.half[1].min(1.2);
    (0..9)
        .map(|i| {
            let a = i as f32 * 0.9;
            [b.at[0] + r * a.cos(), b.at[1] + r * a.sin()]
        })
        .collect()
}

fn grown(r: Rect<Mm>, by: f32) -> Rect<Mm> {
    Rect::new(r.x.0 - by, r.y.0 - by, r.w.0 + 2.0 * by, r.h.0 + 2.0 * by)
}

/// What a circle of box and label, or of the label, goes around.
fn circled(option: &FormOption, style: MarkStyle) -> Rect<Mm> {
    let (p, l) = (option.place, option.label_box.unwrap_or(option.place));
    if style == MarkStyle::CircleLabel {
        return l;
    }
    let (x, y) = (p.x.0.min(l.x.0), p.y.0.min(l.y.0));
    let right = (p.x.0 + p.w.0).max(l.x.0 + l.w.0);
    let bottom = (p.y.0 + p.h.0).max(l.y.0 + l.h.0);
    Rect::new(x, y, right - x, bottom - y)
}

/// A loop round a rectangle that does not quite close, or closes twice. Small things get an ellipse;
/// long ones something nearer to a rounded bar (superellipse), as a hand draws it.
fn around(r: Rect<Mm>, air: f32, hand: &Hand, rng: &mut SimRng) -> Vec<Point> {
    let (cx, cy) = r.centre();
    let air = air * rng.random_range(0.35..1.15f32);
    let a = r.w.0 / 2.0 * if r.w.0 > 8.0 { 1.02 } else { 1.18 } + air;
    let b = r.h.0 / 2.0 * 1.12 + air * rng.random_range(0.55..1.0);
    let power = if r.w.0 > 2.5 * r.h.0 { 0.72 } else { 0.95 };
    let start = rng.random_range(3.6..5.4f32);
    let sweep = std::f32::consts::TAU + normal(rng, 0.15, 0.22);
    let lean = normal(rng, 0.0, 0.03);
    let drift = normal(rng, 0.0, 0.05);
    let shift = [
        0.6 * hand.offset[0] + normal(rng, 0.0, 0.25),
        0.6 * hand.offset[1] + normal(rng, 0.0, 0.2),
    ];
    // A point every 15 degrees; most hands turn against the clock.
    let turn = if rng.random_bool(0.75) { -1.0 } else { 1.0 };
    (0..=24)
        .map(|i| {
            let t = i as f32 / 24.0;
            let (s, c) = (start + turn * sweep * t).sin_cos();
            let k = 1.0 + drift * t + normal(rng, 0.0, 0.012);
            let x = a * k * c.signum() * c.abs().powf(power);
            let y = b * k * s.signum() * s.abs().powf(power);
            [cx.0 + shift[0] + x - lean * y, cy.0 + shift[1] + y + lean * x]
        })
        .collect()
}

/// Left of the box, not on it: a tick or a small circle.
fn beside(b: &Place, hand: &Hand, rng: &mut SimRng) -> Vec<Point> {
    let x = b.left - rng.random_range(1.9..3.4);
    if rng.random_bool(0.45) {
        return around(Rect::new(x - 1.1, b.at[1] - 1.2, 2.2, 2.4), 0.2, hand, rng);
    }
    let s = b.side.min(3.2) * 0.75;
    let at = |dx: f32, dy: f32| [x + s * dx, b.at[1] + s * dy];
    vec![at(-0.4, 0.0), at(-0.1, 0.4), at(-0.1, 0.4), at(0.5, -0.6)]
}

/// Strikes out a mark made by mistake: a double line through box and label, or a scribble.
/// Returns how it was done, for the notes.
pub fn strike(
    canvas: &mut Canvas,
    option: &FormOption,
    hand: &Hand,
    rng: &mut SimRng,
) -> &'static str {
    let p = option.place;
    let (_, cy) = p.centre();
    let label_end = option.label_box.map_or(p.x.0 + p.w.0 + 6.0, |l| l.x.0 + l.w.0);
    // Nobody strikes further than this, however long the label.
    let end = label_end.min(p.x.0 + 45.0) + rng.random_range(0.0..1.5);
    let start = p.x.0 - rng.random_range(0.6..1.8);
    let rise = normal(rng, 0.0, 0.012) * (end - start);
    let scribble = rng.random_bool(0.25);
    let lines: Vec<Vec<Point>> = if scribble {
        vec![zigzag(start, end, cy.0, p.h.0 * 0.45, rng)]
    } else {
        [-0.55, 0.55]
            .map(|dy| {
                let y = cy.0 + dy + normal(rng, 0.0, 0.15);
                vec![[start, y], [f32::midpoint(start, end), y + rise / 2.0], [end, y + rise]]
            })
            .to_vec()
    };
    for line in lines {
        canvas.stroke(&hand.line(&line, 0.2, rng), hand.ink());
    }
    if scribble { "scribble" } else { "double_line" }
}

fn zigzag(from: f32, to: f32, y: f32, half: f32, rng: &mut SimRng) -> Vec<Point> {
    let turns = ((to - from) / 0.9).ceil().clamp(6.0, 60.0) as usize;
    (0..=turns)
        .map(|i| {
            let side = if i % 2 == 0 { -1.0 } else { 1.0 };
            let x = from + (to - from) * i as f32 / turns as f32;
            [x + normal(rng, 0.0, 0.2), y + side * half * rng.random_range(0.7..1.2)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Stream, rng_for};

    /// Dark pixels of a rectangle of the form.
    fn ink(canvas: &Canvas, r: Rect<Mm>) -> usize {
        let px = canvas.sheet.resolution.rect_px(r);
        let xs = px.x.0 as u32..(px.x.0 + px.w.0) as u32;
        let ys = px.y.0 as u32..(px.y.0 + px.h.0) as u32;
        let dark = |x, y| canvas.sheet.grey.get_pixel(x, y).0[0] < 200;
        ys.map(|y| xs.clone().filter(|x| dark(*x, y)).count()).sum()
    }

    /// Marks one option on white paper 30 times; the mean ink in the box, around it, in its label.
    fn zones(id: &str, style: MarkStyle) -> (MarkStyle, [usize; 3]) {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/mynahoken-2024");
        let form = Form::open(&dir).expect("the form is valid");
        let option = form.questions().iter().flat_map(|q| &q.options).find(|o| o.id == id);
        let option = option.expect("the form has the option");
        let (mut sum, mut used) = ([0; 3], style);
        for i in 0..30 {
            let mut rng = rng_for(1, Stream::Paper, i);
            let hand = Hand { size: 1.0, ..Hand::draw(1, &mut rng) };
            let mut canvas = Canvas::white(Mm(210.0), Mm(297.0), 200.0);
            used = mark(&mut canvas, &form, option, style, &hand, &mut rng).0;
            let label = ink(&canvas, option.label_box.expect("it has a label"));
            let inside = ink(&canvas, grown(option.place, -0.4));
            let around = ink(&canvas, grown(option.place, 4.0)) - ink(&canvas, option.place);
            sum = [sum[0] + inside, sum[1] + around, sum[2] + label];
        }
        (used, sum.map(|s| s / 30))
    }

    #[test]
    fn each_style_leaves_its_ink_where_people_do() {
        use MarkStyle::{Beside, CircleBox, CircleLabel, Cross, Dot, Fill, Slash, Tick};
        let at = |style| zones("invalid", style).1;
        // The box's inside is 2.6 mm square: 420 pixels at 200 dpi.
        assert!(at(Fill)[0] > 250, "a filled box is mostly dark: {:?}", at(Fill));
        for style in [Tick, Cross, Slash, Dot] {
            assert!(at(style)[0] > 25, "{style:?} is in the box: {:?}", at(style));
        }
        assert!(at(Tick)[1] > 15, "a tick leaves the box: {:?}", at(Tick));
        for style in [CircleBox, Beside] {
            let [inside, around, _] = at(style);
            assert!(inside < 30 && around > 60, "{style:?} is beside: {:?}", at(style));
        }
        let [inside, _, label] = at(CircleLabel);
        // 資格情報が無効 begins 0.3 mm beside its box: the circle cuts through the box's side.
        assert!(inside < 60 && label > 200, "only the label: {:?}", at(CircleLabel));
    }

    #[test]
    fn a_style_without_room_becomes_another() {
        // 国保 stands in the middle of a line; 有効期限 has a label of 104 mm.
        assert_eq!(zones("burden_kokuho", MarkStyle::Beside).0, MarkStyle::Tick);
        assert_eq!(zones("invalid", MarkStyle::Beside).0, MarkStyle::Beside);
        assert_eq!(zones("expired", MarkStyle::CircleLabel).0, MarkStyle::CircleBox);
        assert_eq!(zones("invalid", MarkStyle::CircleLabel).0, MarkStyle::CircleLabel);
    }
}
