//! In which ways a page may have to be looked at: what its tags say first, then what others say.

use super::View;
use crate::raster::Bitmap;
use crate::units::Resolution;

/// A fax machine's line widths (A4, B4, A3 at 204 dpi; 408 dpi twice that).
const FAX_WIDTHS: [usize; 4] = [1728, 2048, 2432, 864];
/// Width of a sheet of A4 in inches: what a scan without tags most likely is.
const A4_INCHES: f32 = 8.27;
/// Reductions that fax machines apply to fit a sheet: B4 to A4, A4 with margins, and back.
const REDUCTIONS: [f32; 5] = [0.93, 0.866, 0.816, 1.075, 1.22];

/// Views to try in order: likely ones, then every other.
pub struct Views {
    pub likely: Vec<View>,
    pub unlikely: Vec<View>,
}

/// Orders the views of a page.
pub fn views(page: &Bitmap, tagged: Option<Resolution>) -> Views {
    let guesses = resolutions(page, tagged);
    let first = guesses[0];
    let landscape = page.width() as f32 / first.x > 1.15 * page.height() as f32 / first.y;
    let turns: [u16; 4] = if landscape { [90, 270, 0, 180] } else { [0, 180, 90, 270] };
    let view = |resolution: Resolution, turn: u16| View { resolution, turn };
    let likely = vec![view(first, turns[0]), view(first, turns[1])];
    let mut unlikely = Vec::new();
    for r in &guesses[1..] {
        unlikely.extend(turns[..2].iter().map(|t| view(*r, *t)));
    }
    for f in REDUCTIONS {
        let r = Resolution { x: first.x * f, y: first.y * f };
        unlikely.extend(turns[..2].iter().map(|t| view(r, *t)));
    }
    unlikely.extend(turns[2..].iter().map(|t| view(first, *t)));
    Views { likely, unlikely }
}

/// What the page's resolution may be, the most likely first.
fn resolutions(page: &Bitmap, tagged: Option<Resolution>) -> Vec<Resolution> {
    let (w, h) = (page.width(), page.height());
    let mut out: Vec<Resolution> = tagged.into_iter().collect();
    if FAX_WIDTHS.contains(&w) {
        let x = if w == 864 { 102.0 } else { 204.0 };
        // A sheet is about 1.4 times as high as wide: the number of lines tells their pitch.
        let inches = w as f32 / x;
        let y = h as f32 / (inches * 1.36);
        let nearest = [98.0f32, 196.0, 391.0]
            .into_iter()
            .min_by(|a, b| (a - y).abs().total_cmp(&(b - y).abs()))
            .unwrap_or(196.0);
        out.push(Resolution { x, y: nearest });
    }
    let dpi = w.min(h) as f32 / A4_INCHES;
    out.push(Resolution { x: dpi, y: dpi });
    let mut seen: Vec<Resolution> = Vec::new();
    for r in out {
        let same =
            |s: &Resolution| (s.x / r.x - 1.0).abs() < 0.03 && (s.y / r.y - 1.0).abs() < 0.03;
        if !seen.iter().any(same) {
            seen.push(r);
        }
    }
    seen
}
