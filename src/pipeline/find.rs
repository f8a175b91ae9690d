//! Which form is on a page, where and which way up; the first sure sight ends the search.

use super::candidate::{Candidate, Forms, better};
use crate::clean::{self, View, views::views};
use crate::decode::FaxPage;
use crate::raster::Bitmap;
use crate::register::{Effort, PageCells, Placement, place};

/// Forms whose agreement is so close are told apart by all their print: three anchors of fifty.
const AS_GOOD: f32 = 0.06;
/// Print may lie so many pixels off and still be there (registration: 99 % within 2.1 px).
const PRINT_REACH: usize = 2;

impl Forms {
    /// The best place of any form in any view, and how like a form the page is from afar (0 if it was not
    /// looked at so).
    pub fn find(&self, positive: &Bitmap, page: &FaxPage) -> (Option<Candidate>, f32) {
        let views = views(positive, page.resolution, self.sheet_width());
        let likely = (views.likely.iter().map(|v| (v, Effort::Ordinary)))
            .chain(views.likely.iter().map(|v| (v, Effort::Wide)));
        let near = self.find_among(positive, likely, None);
        if near.as_ref().is_some_and(Candidate::is_sure) {
            return (near, 0.0);
        }
        let far = self.find_far(positive, &views.resolutions);
        let best = better(near, far.best);
        if best.as_ref().is_some_and(Candidate::is_sure) {
            return (best, far.likeness);
        }
        let unlikely = views.unlikely.iter().map(|v| (v, Effort::Ordinary));
        (self.find_among(positive, unlikely, best), far.likeness)
    }

    /// The best of what was found and what these views show; the first sure one ends the search.
    fn find_among<'a>(
        &self,
        positive: &Bitmap,
        tries: impl Iterator<Item = (&'a View, Effort)>,
        mut best: Option<Candidate>,
    ) -> Option<Candidate> {
        for (view, effort) in tries.filter(|(v, _)| self.holds_a_sheet(positive, v)) {
            best = better(best, self.find_in(positive, *view, effort));
            if best.as_ref().is_some_and(Candidate::is_sure) {
                break;
            }
        }
        best
    }

    fn find_in(&self, positive: &Bitmap, view: View, effort: Effort) -> Option<Candidate> {
        let page = clean::clean(positive, view);
        let cells = PageCells::of(&page.level);
        let all = self.0.iter().enumerate();
        let mut found: Vec<(usize, Placement)> = all
            .filter_map(|(i, (t, _))| Some((i, place(t, &page.level, &cells, effort)?)))
            .collect();
        let most = found.iter().map(|f| f.1.agreement.get()).fold(0.0, f32::max);
        found.retain(|f| f.1.agreement.get() >= most - AS_GOOD);
        if found.len() > 1 {
            // Layouts of one survey look alike where the anchors are: the whole print decides.
            let missing = |(i, p): &(usize, Placement)| {
                let t = &self.0[*i].0;
                let sheet = p.rectify(t, &page.level).sheet;
                let gone = t.plain.minus(&sheet.dilated(PRINT_REACH, PRINT_REACH)).count();
                gone as f32 / t.plain.count().max(1) as f32
            };
            found.sort_by_cached_key(|f| (missing(f) * 1e6) as u32);
        }
        let (form, placement) = found.into_iter().next()?;
        Some(Candidate { form, placement, page, turn: view.turn })
    }
}
