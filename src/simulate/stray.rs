//! What lands on a form without meaning an answer: a slipped pen's line, a clinic's stamp. Kept to
//! places where nothing is printed and nothing is asked.

use rand::RngExt;

use super::canvas::{Canvas, Ink};
use super::fonts::{self, Fonts, Shape};
use super::pen::Hand;
use super::{SimRng, normal, weighted};
use crate::form::Form;
use crate::units::{Mm, Rect};

/// Shares of pages (rare by the brief; no count of real pages stands behind them).
const LINE: f64 = 0.012;
const STAMP: f64 = 0.02;

/// Stamps' texts: none of them is a real clinic's.
const STAMPS: [&[&str]; 3] = [
    &["医療法人 青葉会", "みどり台クリニック", "TEL 000-0000-0000"],
    &["さくら通り歯科医院", "院長 山田 太郎"],
    &["中央内科医院", "〒000-0000", "TEL・FAX 000-000-0000"],
];

/// Adds what there is; returns the names for the notes.
pub fn add(
    canvas: &mut Canvas,
    form: &Form,
    fonts: &Fonts,
    hand: &Hand,
    rng: &mut SimRng,
) -> Vec<&'static str> {
    let mut out = Vec::new();
    if rng.random_bool(LINE)
        && let Some(spot) = free_spot(form, rng.random_range(15.0..55.0), 3.0, rng)
    {
        line(canvas, hand, spot, rng);
        out.push("pen_line");
    }
    if rng.random_bool(STAMP) {
        let kind = weighted(rng, &[("stamp", 6.0), ("date_stamp", 4.0)]);
        let (w, h) = if kind == "stamp" { (36.0, 11.0) } else { (14.0, 14.0) };
        if let Some(spot) = free_spot(form, w, h, rng) {
            stamp(canvas, fonts, spot, kind == "date_stamp", rng);
            out.push(kind);
        }
    }
    out
}

/// A rectangle without print and away from every box, label and field, if one of a few tries finds it.
fn free_spot(form: &Form, w: f32, h: f32, rng: &mut SimRng) -> Option<Rect<Mm>> {
    let (width, height) = form.page_size();
    if width.0 < w + 16.0 || height.0 < h + 16.0 {
        return None;
    }
    (0..60).find_map(|_| {
        let x = rng.random_range(8.0..width.0 - w - 7.0);
        let y = rng.random_range(8.0..height.0 - h - 7.0);
        let spot = Rect::new(x, y, w, h);
        (asks_nothing(form, spot) && unprinted(form, spot)).then_some(spot)
    })
}

fn asks_nothing(form: &Form, spot: Rect<Mm>) -> bool {
    // A hand's width of 2 mm keeps it from being taken for a mark beside a box.
    let near = Rect::new(spot.x.0 - 6.0, spot.y.0 - 2.0, spot.w.0 + 8.0, spot.h.0 + 4.0);
    form.questions().iter().all(|q| {
        q.place.is_none_or(|p| !p.overlaps(near))
            && q.options
                .iter()
                .all(|o| !o.place.overlaps(near) && o.label_box.is_none_or(|l| !l.overlaps(near)))
    })
}

/// Whether nothing is printed there.
pub(super) fn unprinted(form: &Form, spot: Rect<Mm>) -> bool {
    let r = form.blank_resolution.rect_px(spot);
    let (x0, y0) = (r.x.0 as usize, r.y.0 as usize);
    let (x1, y1) = (x0 + r.w.0 as usize, y0 + r.h.0 as usize);
    // Every third pixel: no printed line is thinner at 200 dpi or more.
    (y0..y1).step_by(3).all(|y| (x0..x1).step_by(3).all(|x| !form.blank.get(x, y)))
}

fn line(canvas: &mut Canvas, hand: &Hand, spot: Rect<Mm>, rng: &mut SimRng) {
    let y = |rng: &mut SimRng| spot.y.0 + spot.h.0 * rng.random_range(0.1..0.9);
    let (a, b, c) = (y(rng), y(rng), y(rng));
    let points = [[spot.x.0, a], [spot.x.0 + spot.w.0 / 2.0, b], [spot.x.0 + spot.w.0, c]];
    canvas.stroke(&hand.line(&points, 0.8, rng), hand.ink());
}

fn stamp(canvas: &mut Canvas, fonts: &Fonts, spot: Rect<Mm>, round: bool, rng: &mut SimRng) {
    // Vermilion and violet pads scan to these greys.
    let ink = Ink { tone: rng.random_range(60..130), grain: 0.3 };
    let turn = normal(rng, 0.0, 0.04);
    let (cx, cy) = spot.centre();
    let place = |dx: f32, dy: f32| [cx.0 + dx - turn * dy, cy.0 + dy + turn * dx];
    let date = [
        "受付".to_owned(),
        format!("7.{}.{}", rng.random_range(2..4), rng.random_range(1..29)),
        "事務".to_owned(),
    ];
    let lines: Vec<&str> = if round {
        date.iter().map(String::as_str).collect()
    } else {
        STAMPS[rng.random_range(0..STAMPS.len())].to_vec()
    };
    if round {
        let rim: Vec<_> = (0..=48)
            .map(|i| {
                let (s, c) = (i as f32 * std::f32::consts::TAU / 48.0).sin_cos();
                super::canvas::Nib { at: place(6.6 * c, 6.6 * s), radius: 0.2 }
            })
            .collect();
        canvas.stroke(&rim, ink);
    }
    let size = if round { 3.0 } else { 2.9 };
    for (i, text) in lines.iter().enumerate() {
        let width: f32 = text.chars().map(|c| fonts::advance(&fonts.print, c, size)).sum();
        let dy = (i as f32 - (lines.len() as f32 - 1.0) / 2.0) * size * 1.25 + 0.38 * size;
        let mut dx = -width / 2.0;
        for c in text.chars() {
            let shape = Shape { turn, ..Shape::upright(size) };
            fonts::draw(canvas, &fonts.print, c, place(dx, dy), shape, ink);
            dx += fonts::advance(&fonts.print, c, size);
        }
    }
}
