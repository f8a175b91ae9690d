//! The forms that a page may hold, and one found on it.

use crate::clean::{CleanPage, View};
use crate::marks::Print;
use crate::raster::Bitmap;
use crate::register::{Placement, Template};
use crate::units::Mm;

/// At this agreement a form is on the page and no other view is tried (right form >= 0.95).
const SURE: f32 = 0.8;
/// At this agreement the form is registered (wrong form <= 0.31).
pub const REGISTERED: f32 = 0.6;
/// Fewest anchors on which a registration may stand.
const ANCHORS: usize = 12;
/// A view is tried if it makes the page at most this many times the form's area: A3 is two A4, a feeder
/// that runs on gives three. 8 x 100,000 px taken for 210 mm of width would be 200 million rows.
const MOST_SHEETS: f32 = 6.0;
/// Coarser than this no box has a pixel to itself; the coarsest fax is 98 lines an inch.
const LEAST_DPI: f32 = 50.0;

/// A form found on a page: which one, where, and in which view.
pub struct Candidate {
    pub form: usize,
    pub placement: Placement,
    pub page: CleanPage,
    pub turn: u16,
}

impl Candidate {
    pub fn share(&self) -> f32 {
        self.placement.agreement.get() * self.placement.visible.get().sqrt()
    }

    pub fn is_sure(&self) -> bool {
        self.share() >= SURE
    }

    pub fn is_registered(&self) -> bool {
        self.placement.agreement.get() >= REGISTERED && self.placement.inliers >= ANCHORS
    }
}

/// The likelier one.
pub fn better(a: Option<Candidate>, b: Option<Candidate>) -> Option<Candidate> {
    [a, b].into_iter().flatten().max_by(|a, b| a.share().total_cmp(&b.share()))
}

/// The forms of a survey, with what is made once of each.
#[derive(Clone, Debug)]
pub struct Forms(pub Vec<(Template, Print)>);

impl Forms {
    pub fn sheet_width(&self) -> Mm {
        self.0.first().map_or(Mm(210.0), |(t, _)| t.form.page_size().0)
    }

    /// Whether a form could be on the page in this view at all; it also bounds the work.
    pub fn holds_a_sheet(&self, page: &Bitmap, view: &View) -> bool {
        let r = view.resolution;
        let inches = (page.width() as f32 / r.x) * (page.height() as f32 / r.y);
        let largest = self.0.iter().map(|(t, _)| {
            let (w, h) = t.form.page_size();
            w.0 * h.0 / (25.4 * 25.4)
        });
        r.x.min(r.y) >= LEAST_DPI && inches <= MOST_SHEETS * largest.fold(0.0, f32::max)
    }
}
