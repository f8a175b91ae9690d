//! One page, from pixels to its reading: serial, deterministic, without input or output.

mod begun;
mod by_hand;
mod candidate;
mod far;
mod find;
mod finish;
mod ink;

pub use finish::{Read, Trace};

use begun::{empty, head, round, set_aside};
use candidate::{Candidate, Forms};
use finish::Finish;

use crate::clean::{self, streaks};
use crate::decode::FaxPage;
use crate::form::Form;
use crate::judge::Policy;
use crate::marks::Print;
use crate::reading::{PageKind, PageReading, Reason, ReasonCode};
use crate::register::Template;

/// From here up to `REGISTERED` the form may be there: a person looks.
const PERHAPS: f32 = 0.35;
/// As wide or as high as the form: fax machines reduce to 0.816 at most, B4 glass makes it 1.22.
const AS_LONG: std::ops::RangeInclusive<f32> = 0.8..=1.25;
/// The other side of a page, in the form's, that a dropped line or a crop leaves: less is a banner, and a
/// whole page that lost a tenth of its lines is still placed by its anchors.
const PART_OF_FORM: std::ops::RangeInclusive<f32> = 0.06..=0.8;
/// A page with a layout so like a form's waits for a person though no form could be placed: 12 pages without
/// the form (covers, adverts, other surveys, last year's form, noise) reached 0.43, tilted and scaled ones
/// that hold it 0.66 and more.
const ALIKE: f32 = 0.55;
/// Lost or wrong rows that make a whole page wait: three rows of boxes in a fine page's 2,287.
const ROWS_LOST: f32 = 0.05;

/// The forms and the policy that pages are read with; made once, shared by all threads.
#[derive(Clone, Debug)]
pub struct Reader {
    forms: Forms,
    policy: Policy,
}

impl Reader {
    pub fn new(forms: Vec<Form>, policy: Policy) -> Self {
        let forms = forms
            .into_iter()
            .map(|f| {
                let t = Template::new(f);
                let print = Print::of(&t);
                (t, print)
            })
            .collect();
        Self { forms: Forms(forms), policy }
    }

    pub fn template(&self, form: usize) -> &Template {
        &self.forms.0[form].0
    }

    /// Reads one page.
    pub fn read_page(&self, page: &FaxPage) -> PageReading {
        self.trace(page).reading
    }

    /// Reads a page on which a person put the first form: its corners in pixels of the page as decoded,
    /// clockwise from the form's top left. `None` if nothing is there or the corners are no sheet.
    pub fn read_placed(&self, page: &FaxPage, corners: [(f32, f32); 4]) -> Option<PageReading> {
        self.finishing().read_placed(page, corners)
    }

    fn finishing(&self) -> Finish<'_> {
        Finish { forms: &self.forms, policy: &self.policy }
    }

    /// Reads one page and keeps what led to the reading.
    pub fn trace(&self, page: &FaxPage) -> Trace {
        let mut trace = self.look(page);
        let lost = rows_lost(page);
        if lost > 0 {
            let r = &mut trace.reading;
            r.reasons.push(Reason::new(ReasonCode::LinesLost).measured(f64::from(lost)));
            // Where they were is not known: what looks blank, or like no form, may have been lost.
            let all = page.damage.rows_expected.max(page.damage.rows_got);
            if lost as f32 >= ROWS_LOST * all as f32 {
                r.kind = PageKind::Pending;
            }
        }
        trace
    }

    fn look(&self, page: &FaxPage) -> Trace {
        let mut positive = match clean::positive(&page.bitmap) {
            Ok(p) => p,
            Err(code) => return Trace { reading: set_aside(code), read: None },
        };
        let found = streaks::find(&positive);
        streaks::erase(&mut positive, &found);
        let (best, likeness) = self.forms.find(&positive, page);
        let (registered, other) = match best {
            Some(c) if c.is_registered() => (Some(c), None),
            other => (None, other),
        };
        match registered {
            Some(c) => self.finishing().finish(c),
            None => {
                Trace { reading: self.unregistered(other.as_ref(), likeness, page), read: None }
            }
        }
    }

    /// A page as wide as the form and much shorter, or as high and much narrower, may be a part of one, too
    /// little to know it by. `likeness` is how like a form it looked: people look at the likeliest first.
    fn no_form(&self, page: &FaxPage, likeness: f32) -> PageReading {
        let mut reading = set_aside(ReasonCode::NoForm);
        if let Some(reason) = reading.reasons.first_mut() {
            reason.measured = Some(f64::from(round(likeness, 100.0)));
        }
        let (Some(r), Some((t, _))) = (page.resolution, self.forms.0.first()) else {
            return reading;
        };
        let (w, h) = t.form.page_size();
        let wide = page.bitmap.width() as f32 / r.x * 25.4 / w.0;
        let high = page.bitmap.height() as f32 / r.y * 25.4 / h.0;
        let part = |whole: f32, part: f32| AS_LONG.contains(&whole) && PART_OF_FORM.contains(&part);
        if part(wide, high) || part(high, wide) {
            reading.kind = PageKind::Pending;
            let left = Reason::new(ReasonCode::PageCut).measured(f64::from(high.min(wide)));
            reading.reasons.push(left);
        }
        reading
    }

    /// A page on which no form could be placed: it waits for a person if it looks like one.
    fn unregistered(&self, c: Option<&Candidate>, likeness: f32, page: &FaxPage) -> PageReading {
        let share = c.map_or(0.0, Candidate::share);
        let why = |share: f32| Reason::new(ReasonCode::NotRegistered).measured(f64::from(share));
        match c {
            Some(c) if share >= PERHAPS => {
                let (kind, reasons) = (PageKind::Pending, vec![why(share)]);
                PageReading { kind, reasons, ..head(&self.forms, c) }
            }
            _ if likeness >= ALIKE => {
                PageReading { reasons: vec![why(likeness)], ..empty(PageKind::Pending) }
            }
            _ => self.no_form(page, likeness),
        }
    }
}

/// Rows that the file promised and did not give, or gave wrong.
fn rows_lost(page: &FaxPage) -> u32 {
    let short = page.damage.rows_expected.saturating_sub(page.damage.rows_got);
    page.damage.bad_rows.saturating_add(short)
}
