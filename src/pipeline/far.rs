//! The look from afar, at pages on which no form was found: sheets far askew, much reduced or enlarged.
//! Only these pages pay for it.

use super::{Candidate, Reader, SURE};
use crate::clean::{self, Lie, View, skew};
use crate::raster::Bitmap;
use crate::register::{Effort, Hit, Layout, PageCells, place};
use crate::units::Resolution;

/// Places that are looked at closely, of all forms and scales.
const LOOKS: usize = 6;
/// Hits so close to a better one say the same (pixels, and a step of the scale and a half).
const SAME_PLACE: f32 = 80.0;
const SAME_SCALE: f32 = 0.04;
/// Seen around the form, in pixels: what the layout may be wrong by, in reach of the patches' search.
const MARGIN: (f32, f32) = (96.0, 128.0);
/// A resolution guessed is worth a look of its own if its axes differ so from one looked at.
const OTHER_ASPECT: f32 = 0.05;

/// A form seen from afar.
struct Sight {
    form: usize,
    view: View,
    slope: f32,
    hit: Hit,
}

impl Reader {
    /// The best place of any form at any scale, angle and way up.
    pub(super) fn find_far(&self, positive: &Bitmap, guesses: &[Resolution]) -> Option<Candidate> {
        let mut aspects: Vec<f32> = Vec::new();
        let mut sights = Vec::new();
        for r in guesses {
            let aspect = r.x / r.y;
            if aspects.iter().any(|a| (a / aspect - 1.0).abs() < OTHER_ASPECT) {
                continue;
            }
            aspects.push(aspect);
            sights.extend([0, 90].iter().flat_map(|turn| {
                self.sights(positive, View { resolution: *r, turn: *turn })
            }));
        }
        sights.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
        let mut best: Option<Candidate> = None;
        for s in &distinct(sights) {
            let found = self.look_closely(positive, s);
            best = [best, found].into_iter().flatten().max_by(|a, b| a.share().total_cmp(&b.share()));
            if best.as_ref().is_some_and(|b| b.share() >= SURE) {
                break;
            }
        }
        best
    }

    fn sights(&self, positive: &Bitmap, view: View) -> Vec<Sight> {
        if !self.holds_a_sheet(positive, &view) {
            return Vec::new();
        }
        let grid = clean::gridded(positive, view);
        let slope = skew::wide_slope(&grid);
        let level = Lie::around(grid.width(), grid.height(), slope).level(&grid);
        let layout = Layout::of(&level);
        let all = self.forms.iter().enumerate();
        all.flat_map(|(form, (t, _))| {
            let hits = t.layout().find(&layout);
            hits.into_iter().map(move |hit| Sight { form, view, slope, hit })
        })
        .collect()
    }

    /// Turns and scales the page as it was seen, and searches for the form as on any other.
    fn look_closely(&self, positive: &Bitmap, s: &Sight) -> Option<Candidate> {
        let t = &self.forms[s.form].0;
        let scale = s.hit.scale;
        let resolution =
            Resolution { x: s.view.resolution.x * scale, y: s.view.resolution.y * scale };
        let turn = if s.hit.upside_down { s.view.turn + 180 } else { s.view.turn };
        let view = View { resolution, turn };
        if !self.holds_a_sheet(positive, &view) {
            return None;
        }
        let origin = (s.hit.origin.0 / scale - MARGIN.0, s.hit.origin.1 / scale - MARGIN.1);
        let side = |length: usize, margin: f32| length + 2 * margin as usize;
        let size = (side(t.blank.width(), MARGIN.0), side(t.blank.height(), MARGIN.1));
        let page = clean::laid(positive, view, s.slope, |lie| lie.window(origin, size));
        let cells = PageCells::of(&page.level);
        let placement = place(t, &page.level, &cells, Effort::Ordinary)?;
        Some(Candidate { form: s.form, placement, page, turn })
    }
}

/// The best sights that are not the same.
fn distinct(sights: Vec<Sight>) -> Vec<Sight> {
    let mut out: Vec<Sight> = Vec::new();
    for s in sights {
        let same = |o: &Sight| {
            let (a, b) = (o.hit, s.hit);
            o.form == s.form
                && o.view == s.view
                && a.upside_down == b.upside_down
                && (a.scale / b.scale - 1.0).abs() < SAME_SCALE
                && (a.origin.0 - b.origin.0).abs() < SAME_PLACE
                && (a.origin.1 - b.origin.1).abs() < SAME_PLACE
        };
        if !out.iter().any(same) {
            out.push(s);
        }
        if out.len() == LOOKS {
            break;
        }
    }
    out
}
