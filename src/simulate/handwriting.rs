//! Handwriting in a field: handwriting fonts with every character a little different in place, size,
//! width, lean and turn, wrapped into the box, and sometimes over its edge.

use rand::RngExt;

use super::canvas::Canvas;
use super::fonts::{self, Fonts, Shape};
use super::pen::Hand;
use super::{SimRng, normal};
use crate::units::{Mm, Rect};

/// Nobody writes kanji smaller than this with an office pen.
const SMALLEST_MM: f32 = 2.7;
/// From one baseline to the next, in character heights.
const PITCH: f32 = 1.28;
/// Middle of a character above its baseline, in character heights (ideographic em box, descent .12).
const MIDDLE: f32 = 0.38;
/// Width of the handwriting fonts' strokes, in character heights (measured by eye: .05 to .09).
const FONT_STROKE: f32 = 0.065;
/// With a thick pen people write lightly: kanji of 4 mm close up above this width, mm.
const WIDEST_STROKE: f32 = 0.5;
/// Share of fields where the writer does not shrink the writing to fit.
const CARELESS: f64 = 0.08;

/// Writes into a field. Returns whether the writing left the field's box.
pub fn write(
    canvas: &mut Canvas,
    fonts: &Fonts,
    hand: &Hand,
    text: &str,
    place: Rect<Mm>,
    rng: &mut SimRng,
) -> bool {
    let pad = rng.random_range(0.8..2.2f32).min(place.w.0 * 0.1);
    let careless = rng.random_bool(CARELESS);
    let room = place.w.0 - 2.0 * pad + if careless { 3.0 } else { 0.0 };
    let block = fit(fonts, hand, text, room, place.h.0, careless);
    let pitch = block.size * PITCH;
    let height = pitch * block.lines.len() as f32;
    let free = (place.h.0 - height).max(0.0);
    let single = block.lines.len() == 1 && place.h.0 < 2.2 * block.size;
    let top = place.y.0 + if single { free / 2.0 } else { free * rng.random_range(0.05..0.5) };
    let slope = normal(rng, 0.0, 0.008);
    // Short words in a long bracket stand where the hand happened to begin.
    let spare = (room - block.widest).max(0.0);
    let indent = pad + spare * rng.random_range(0.0..0.25f32);
    let mut left_box = careless && block.widest > place.w.0 - pad;
    for (i, line) in block.lines.iter().enumerate() {
        let baseline = top + pitch * (i as f32 + 0.5) + MIDDLE * block.size;
        let start = [place.x.0 + indent + normal(rng, 0.0, 0.4), baseline + normal(rng, 0.0, 0.25)];
        write_line(canvas, fonts, hand, line, start, (block.size, slope), rng);
        left_box |= baseline > place.y.0 + place.h.0 + 0.2;
    }
    left_box
}

struct Block {
    size: f32,
    lines: Vec<String>,
    widest: f32,
}

/// The largest size not above the hand's own at which the text fits; the smallest if none does.
fn fit(fonts: &Fonts, hand: &Hand, text: &str, width: f32, height: f32, careless: bool) -> Block {
    let mut size = hand.glyph.min(height * 0.92).max(SMALLEST_MM);
    loop {
        let lines = wrap(fonts, hand, text, size, width, height > 2.0 * size);
        let widest = lines.iter().map(|l| length(fonts, hand, l, size)).fold(0.0, f32::max);
        let fits = widest <= width && lines.len() as f32 * size * PITCH <= height.max(size * PITCH);
        let smaller = size * 0.94;
        if fits || smaller < SMALLEST_MM || careless {
            return Block { size, lines, widest };
        }
        size = smaller;
    }
}

fn wrap(fonts: &Fonts, hand: &Hand, text: &str, size: f32, width: f32, may: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    for c in text.chars() {
        let w = advance(fonts, hand, c, size);
        // Marks of punctuation hang over the edge rather than begin a line.
        if may && used + w > width && !matches!(c, '、' | '。' | '」') {
            lines.push(String::new());
            used = 0.0;
        }
        used += w;
        if let Some(last) = lines.last_mut() {
            last.push(c);
        }
    }
    lines
}

fn length(fonts: &Fonts, hand: &Hand, line: &str, size: f32) -> f32 {
    line.chars().map(|c| advance(fonts, hand, c, size)).sum()
}

fn font_of<'a>(fonts: &'a Fonts, hand: &Hand, c: char) -> &'a ab_glyph::FontArc {
    let own = &fonts.hands[hand.font % fonts.hands.len()];
    if fonts::has(own, c) {
        return own;
    }
    fonts.hands.iter().find(|f| fonts::has(f, c)).unwrap_or(&fonts.print)
}

fn advance(fonts: &Fonts, hand: &Hand, c: char, size: f32) -> f32 {
    fonts::advance(font_of(fonts, hand, c), c, size) * 0.98
}

fn write_line(
    canvas: &mut Canvas,
    fonts: &Fonts,
    hand: &Hand,
    line: &str,
    start: [f32; 2],
    (size, slope): (f32, f32),
    rng: &mut SimRng,
) {
    let u = hand.untidy;
    let [mut x, y] = start;
    for c in line.chars() {
        let shape = Shape {
            size: size * (1.0 + normal(rng, 0.0, 0.06 * u)),
            wide: 1.0 + normal(rng, 0.0, 0.05 * u),
            lean: hand.glyph_slant + normal(rng, 0.0, 0.04 * u),
            turn: normal(rng, 0.0, 0.05 * u),
        };
        let dy = normal(rng, 0.0, 0.045 * u) * size + slope * (x - start[0]);
        let font = font_of(fonts, hand, c);
        // The font's stroke widened to the pen's by drawing it about its place.
        let spread = ((hand.width.min(WIDEST_STROKE) - FONT_STROKE * size) / 2.0).max(0.0) * 0.7;
        for [sx, sy] in [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]] {
            let at = [x + sx * spread, y + dy + sy * spread];
            fonts::draw(canvas, font, c, at, shape, hand.ink());
        }
        x += advance(fonts, hand, c, size) * (1.0 + normal(rng, 0.0, 0.05 * u));
    }
}
