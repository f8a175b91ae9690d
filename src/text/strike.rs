//! A stroke or a cross through a field says "nothing to say here". Recognisers read it as 一, 1 or X.

use super::pieces::Piece;

/// Longest piece of a strike that is looked at as a strike, in pieces: a cross, or two lines, with a
/// break in each.
const MOST_PIECES: usize = 4;
/// A dash is at least this long, in px: a quarter of a written character.
const LEAST: f32 = 10.0;
/// A pen's stroke wanders this far from a straight line, in px (half a pen of 0.8 mm), ...
const WANDER: f32 = 3.6;
/// ... and a long one bends: this share of its length.
const BEND: f32 = 0.025;
/// Share of the ink of a cross that lies on its two strokes.
const ON_CROSS: f32 = 0.93;
/// A 1 leans less than this from upright, as dx/dy (35 degrees).
const UPRIGHT: f32 = 0.7;

/// Is all of it a strike? `numeric`: an upright stroke is then a 1.
pub fn is_strike(pieces: &[Piece], numeric: bool) -> bool {
    let body: Vec<&Piece> = pieces.iter().filter(|p| p.size() as f32 >= LEAST).collect();
    let most = body.iter().map(|p| p.ink).sum::<u32>();
    let all = pieces.iter().map(|p| p.ink).sum::<u32>();
    // Beside a strike there may be dust, but no dots of a character.
    let clear = most * 20 >= all * 19;
    !body.is_empty()
        && clear
        && body.len() <= MOST_PIECES
        && body.iter().all(|p| is_line(p, numeric) || is_cross(p))
        && !is_writing(&body)
}

/// 二, 三 and ニ are strokes too, one above the other and of a character's size; so is 川.
fn is_writing(body: &[&Piece]) -> bool {
    body.len() >= 2 && body.iter().all(|p| p.size() < 60)
}

/// The line through the piece's pixels: their middle, direction and length (principal axis).
fn axis(p: &Piece) -> ((f32, f32), (f32, f32), f32) {
    let n = p.ink.max(1) as f32;
    let (sx, sy) = p.pixels().fold((0.0, 0.0), |s, q| (s.0 + q.0, s.1 + q.1));
    let (mx, my) = (sx / n, sy / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in p.pixels() {
        let (dx, dy) = (x - mx, y - my);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let d = (angle.cos(), angle.sin());
    let along = p.pixels().map(|(x, y)| (x - mx) * d.0 + (y - my) * d.1);
    let (low, high) = along.fold((f32::MAX, f32::MIN), |s, v| (s.0.min(v), s.1.max(v)));
    ((mx, my), d, high - low)
}

/// One straight stroke, upright ones left out where they are a 1.
pub fn is_line(p: &Piece, numeric: bool) -> bool {
    let ((mx, my), d, length) = axis(p);
    let wander = WANDER.max(BEND * length);
    let off = |(x, y): (f32, f32)| ((x - mx) * d.1 - (y - my) * d.0).abs();
    let straight = length >= LEAST.max(3.0 * wander) && p.pixels().all(|q| off(q) <= wander);
    let upright = d.0.abs() < UPRIGHT * d.1.abs();
    straight && !(numeric && upright)
}

/// Two strokes from corner to corner.
fn is_cross(p: &Piece) -> bool {
    let (w, h) = (p.bounds.width() as f32, p.bounds.height() as f32);
    if w < 12.0 || h < 12.0 || w > 12.0 * h || h > 4.0 * w {
        return false;
    }
    let length = w.hypot(h);
    let wander = WANDER.max(2.0 * BEND * length);
    let (x0, y0) = (p.bounds.x0 as f32, p.bounds.y0 as f32);
    let falling = |(x, y): (f32, f32)| ((x - x0) * h - (y - y0) * w).abs() / length;
    let rising = |(x, y): (f32, f32)| ((x - x0) * h + (y - y0 - h) * w).abs() / length;
    let (mut on, mut one, mut other) = (0u32, 0u32, 0u32);
    for q in p.pixels() {
        let (f, r) = (falling(q) <= wander, rising(q) <= wander);
        on += u32::from(f || r);
        one += u32::from(f);
        other += u32::from(r);
    }
    // Both strokes must be there, and they are thin in their rectangle.
    let whole = on as f32 >= ON_CROSS * p.ink as f32;
    let both = one.min(other) as f32 >= 0.3 * p.ink as f32;
    whole && both && (p.ink as f32) < 0.45 * w * h
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Area;
    use crate::raster::Bitmap;
    use crate::text::pieces::pieces;

    fn strokes(lines: &[[f32; 4]]) -> Vec<Piece> {
        let mut page = Bitmap::new(400, 120);
        for [x0, y0, x1, y1] in lines {
            let steps = (x1 - x0).hypot(y1 - y0) as usize * 2;
            for i in 0..=steps {
                let t = i as f32 / steps as f32;
                let (x, y) = (x0 + t * (x1 - x0), y0 + t * (y1 - y0));
                for k in 0..9 {
                    page.set(x as usize + k % 3, y as usize + k / 3, true);
                }
            }
        }
        pieces(&page, Area { x0: 0, y0: 0, x1: 400, y1: 120 })
    }

    #[test]
    fn dashes_slashes_and_crosses_are_strikes() {
        for lines in [
            vec![[20.0, 50.0, 50.0, 51.0]],
            vec![[20.0, 100.0, 300.0, 10.0]],
            vec![[20.0, 100.0, 90.0, 30.0], [20.0, 30.0, 90.0, 100.0]],
            vec![[20.0, 30.0, 380.0, 34.0], [20.0, 60.0, 380.0, 62.0]],
        ] {
            assert!(is_strike(&strokes(&lines), false), "{lines:?}");
        }
    }

    #[test]
    fn digits_and_characters_of_strokes_are_not() {
        let one = strokes(&[[50.0, 20.0, 46.0, 55.0]]);
        assert!(is_strike(&one, false), "an upright stroke in a text says nothing");
        assert!(!is_strike(&one, true), "in a number it is a 1");
        assert!(is_strike(&strokes(&[[20.0, 50.0, 50.0, 51.0]]), true), "a dash is no number");
        let eleven = strokes(&[[50.0, 20.0, 46.0, 55.0], [70.0, 20.0, 66.0, 55.0]]);
        assert!(!is_strike(&eleven, true));
        let three = strokes(&[
            [20.0, 20.0, 50.0, 20.0],
            [24.0, 34.0, 46.0, 34.0],
            [18.0, 50.0, 52.0, 50.0],
        ]);
        assert!(!is_strike(&three, false), "三");
        let seven = strokes(&[[20.0, 20.0, 44.0, 20.0], [44.0, 20.0, 30.0, 56.0]]);
        assert!(!is_strike(&seven, true), "7");
        assert!(!is_strike(&[], false));
    }
}
