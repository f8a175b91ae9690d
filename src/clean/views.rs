//! In which ways a page may have to be looked at: what its tags say first, then what others say.

use super::View;
use crate::raster::Bitmap;
use crate::units::{Mm, Px, Resolution};

/// A fax machine's line widths (A4, B4, A3 at 204 dpi; 408 dpi twice that).
const FAX_WIDTHS: [usize; 4] = [1728, 2048, 2432, 864];
/// A tag is believed first if it makes the page this many times as wide as the form: B4 and A3
/// glass at most; scanners that write 96 dpi whatever they do make it 1.55.
const TRUSTED: std::ops::RangeInclusive<f32> = 0.7..=1.45;
/// Reductions that fax machines apply to fit a sheet: B4 to A4, A4 with margins, and back.
const REDUCTIONS: [f32; 5] = [0.93, 0.866, 0.816, 1.075, 1.22];

/// Views to try in order: likely ones, then every other.
pub struct Views {
    pub likely: Vec<View>,
    pub unlikely: Vec<View>,
    /// What the page's resolution may be, the most likely first; never empty.
    pub resolutions: Vec<Resolution>,
}

/// Orders the views of a page on which a sheet of `sheet` width may be.
pub fn views(page: &Bitmap, tagged: Option<Resolution>, sheet: Mm) -> Views {
    let guesses = resolutions(page, tagged, sheet);
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
    Views { likely, unlikely, resolutions: guesses }
}

/// What the page's resolution may be, the most likely first.
fn resolutions(page: &Bitmap, tagged: Option<Resolution>, sheet: Mm) -> Vec<Resolution> {
    let (w, h) = (page.width(), page.height());
    let believable = |r: &Resolution| {
        let (wide, high) = (r.x_mm(Px(w as f32)).0, r.y_mm(Px(h as f32)).0);
        TRUSTED.contains(&(wide.min(high) / sheet.0))
    };
    let (mut out, doubtful): (Vec<Resolution>, Vec<Resolution>) =
        tagged.into_iter().partition(believable);
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
    // Without tags a scan is most likely of the sheet alone.
    let dpi = w.min(h) as f32 * 25.4 / sheet.0;
    out.push(Resolution { x: dpi, y: dpi });
    out.extend(doubtful);
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
