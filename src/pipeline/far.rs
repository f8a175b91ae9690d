//! The look from afar, at pages on which no form was found: sheets far askew, much reduced or enlarged.
//! Only these pages pay for it.

use super::candidate::{Candidate, Forms, better};
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
/// Pages larger than so many forms, laid level, are not looked at: A3 glass is two, a tilt of 16 degrees
/// makes three of them; the work grows with the area.
const MOST_SHEETS: f32 = 4.0;
/// A look at one resolution sees the forms of another whose axes' ratio differs by no more than this ...
const SAME_ASPECT: f32 = 0.05;
/// ... and which itself lies so near: what is left of the scales seen is for the sheet's own.
const SAME_RESOLUTION: std::ops::RangeInclusive<f32> = 0.85..=1.18;

/// A form seen from afar.
struct Sight {
    form: usize,
    view: View,
    slope: f32,
    hit: Hit,
}

/// What the look from afar found.
pub(super) struct Far {
    pub best: Option<Candidate>,
    /// Correlation of the likeliest layout, whether or not a form was found there.
    pub likeness: f32,
}

impl Forms {
    /// The best place of any form at any scale, angle and way up.
    pub(super) fn find_far(&self, positive: &Bitmap, guesses: &[Resolution]) -> Far {
        let mut looked: Vec<Resolution> = Vec::new();
        let mut sights = Vec::new();
        for r in guesses {
            if looked.iter().any(|l| covers(*l, *r)) {
                continue;
            }
            looked.push(*r);
            sights.extend(
                [0, 90]
                    .iter()
                    .flat_map(|turn| self.sights(positive, View { resolution: *r, turn: *turn })),
            );
        }
        sights.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
        let likeness = sights.first().map_or(0.0, |s| s.hit.score);
        let mut best: Option<Candidate> = None;
        for s in &distinct(sights) {
            let found = self.look_closely(positive, s);
            best = better(best, found);
            if best.as_ref().is_some_and(Candidate::is_sure) {
                break;
            }
        }
        Far { best, likeness }
    }

    fn sights(&self, positive: &Bitmap, view: View) -> Vec<Sight> {
        if !self.holds_a_sheet(positive, &view) {
            return Vec::new();
        }
        let grid = clean::gridded(positive, view);
        let slope = skew::wide_slope(&grid);
        let lie = Lie::around(grid.width(), grid.height(), slope);
        let sheets = self.0.iter().map(|(t, _)| t.blank.width() * t.blank.height());
        if lie.area() > MOST_SHEETS * sheets.max().unwrap_or(0) as f32 {
            return Vec::new();
        }
        let layout = Layout::of(&lie.level(&grid));
        let all = self.0.iter().enumerate();
        all.flat_map(|(form, (t, _))| {
            let hits = t.layout().find(&layout);
            hits.into_iter().map(move |hit| Sight { form, view, slope, hit })
        })
        .collect()
    }

    /// Turns and scales the page as it was seen, and searches for the form as on any other.
    fn look_closely(&self, positive: &Bitmap, s: &Sight) -> Option<Candidate> {
        let t = &self.0[s.form].0;
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

fn covers(looked: Resolution, r: Resolution) -> bool {
    let (x, y) = (looked.x / r.x, looked.y / r.y);
    (x / y - 1.0).abs() < SAME_ASPECT && SAME_RESOLUTION.contains(&x)
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
