//! A form that a person put onto a page: read there, and believed nowhere.

use super::candidate::{Candidate, REGISTERED};
use super::finish::Finish;
use crate::clean::{self, CleanPage, View, streaks};
use crate::decode::FaxPage;
use crate::reading::{FieldState, PageReading, Reason, ReasonCode};
use crate::register::{Affine, Match, place_by_hand};
use crate::units::{Mm, Px, Resolution};

impl Finish<'_> {
    /// Reads a page on which a person put the first form: its corners in pixels of the page as decoded,
    /// clockwise from the form's top left. `None` if nothing is there or the corners are no sheet.
    pub fn read_placed(&self, page: &FaxPage, corners: [(f32, f32); 4]) -> Option<PageReading> {
        let (t, _) = self.forms.0.first()?;
        let mut positive = clean::positive(&page.bitmap).ok()?;
        let found = streaks::find(&positive);
        streaks::erase(&mut positive, &found);
        let view = hand_view(t.form.page_size(), &corners);
        if !self.forms.holds_a_sheet(&positive, &view) {
            return None;
        }
        let clean = clean::clean(&positive, view);
        let (w, h) = (t.blank.width() as f32, t.blank.height() as f32);
        let to_level = from_native(&clean)?;
        let sheet = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
        let matches = sheet.iter().zip(&corners).map(|(from, at)| Match {
            from: *from,
            to: to_level.apply(at.0, at.1),
            weight: 1.0,
        });
        let matches: Vec<Match> = matches.collect();
        let placement = place_by_hand(t, &clean.level, &matches)?;
        let placed = Candidate { form: 0, placement, page: clean, turn: view.turn };
        let mut reading = self.finish(placed).reading;
        if reading.agreement.get() < REGISTERED {
            doubt_everything(&mut reading);
        }
        Some(reading)
    }
}

/// A form that lies where only a person says so: its boxes are shown to people, and none is believed.
fn doubt_everything(reading: &mut PageReading) {
    let why = || Reason::new(ReasonCode::PoorRegistration);
    for answer in reading.answers.values_mut() {
        answer.state = FieldState::Pending;
        answer.reasons.push(why());
    }
    for text in reading.text.values_mut() {
        text.state = FieldState::Pending;
        text.reasons.push(why());
    }
}

/// The inverse of `CleanPage::native`, which is affine: from three corners of the level page. `None` for a
/// page without extent.
fn from_native(page: &CleanPage) -> Option<Affine> {
    let (w, h) = (page.level.width() as f32, page.level.height() as f32);
    let matches = [(0.0, 0.0), (w, 0.0), (0.0, h)].map(|to| {
        let from = page.native(Px(to.0), Px(to.1));
        Match { from: (from.0.0, from.1.0), to, weight: 1.0 }
    });
    Affine::fit(&matches)
}

/// How a page lies on which a person put a sheet of this size: its upper edge says which way is up, its
/// sides how many pixels an inch has.
fn hand_view((w, h): (Mm, Mm), corners: &[(f32, f32); 4]) -> View {
    let (a, b, d) = (corners[0], corners[1], corners[3]);
    let (along, down) = ((b.0 - a.0, b.1 - a.1), (d.0 - a.0, d.1 - a.1));
    let dpi = |px: f32, mm: Mm| px.abs().max(1.0) * 25.4 / mm.0.max(1.0);
    if along.0.abs() >= along.1.abs() {
        let resolution = Resolution { x: dpi(along.0, w), y: dpi(down.1, h) };
        View { resolution, turn: if along.0 >= 0.0 { 0 } else { 180 } }
    } else {
        let resolution = Resolution { x: dpi(down.0, h), y: dpi(along.1, w) };
        View { resolution, turn: if along.1 < 0.0 { 90 } else { 270 } }
    }
}
