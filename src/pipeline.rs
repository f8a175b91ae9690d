//! One page, from pixels to its reading: serial, deterministic, without input or output.

mod by_hand;
mod far;
mod ink;

use std::collections::BTreeMap;

use crate::clean::{self, CleanPage, View, streaks, views::views};
use crate::decode::FaxPage;
use crate::form::{Form, Question};
use crate::judge::{Judged, Policy, Round, circled, judge, owners};
use crate::marks::{FieldEvidence, Marks, Print, erase_streaks, explain, measure};
use crate::raster::Bitmap;
use crate::reading::{
    BoxReading, FieldState, InkMap, PageKind, PageReading, READER_VERSION, Reason, ReasonCode,
    TextReading, Writing,
};
use crate::register::{Effort, PageCells, Placement, Rectified, Template, place};
use crate::text::prepare;
use crate::units::{Mm, Px, Rect, Score};

/// At this agreement a form is on the page and no other view is tried (right form >= 0.95).
const SURE: f32 = 0.8;
/// At this agreement the form is registered (wrong form <= 0.31).
const REGISTERED: f32 = 0.6;
/// Forms whose agreement is so close are told apart by all their print: three anchors of fifty.
const AS_GOOD: f32 = 0.06;
/// Print may lie so many pixels off and still be there (registration: 99 % within 2.1 px).
const PRINT_REACH: usize = 2;
/// From here up to `REGISTERED` the form may be there: a person looks.
const PERHAPS: f32 = 0.35;
/// Fewest anchors on which a registration may stand.
const ANCHORS: usize = 12;
/// Share of the form's anchors that must be on the page; below, half a page came.
const WHOLE: f32 = 0.9;
/// A view is tried if it makes the page at most this many times the form's area: A3 is two A4, a feeder
/// that runs on gives three. 8 x 100,000 px taken for 210 mm of width would be 200 million rows.
const MOST_SHEETS: f32 = 6.0;
/// Coarser than this no box has a pixel to itself; the coarsest fax is 98 lines an inch.
const LEAST_DPI: f32 = 50.0;
/// As wide or as high as the form: fax machines reduce to 0.816 at most, B4 glass makes it 1.22.
const AS_LONG: std::ops::RangeInclusive<f32> = 0.8..=1.25;
/// The other side of a page, in the form's, that a dropped line or a crop leaves: less is a banner, and a
/// whole page that lost a tenth of its lines is still placed by its anchors.
const PART_OF_FORM: std::ops::RangeInclusive<f32> = 0.06..=0.8;
/// A page with a layout so like a form's waits for a person though no form could be placed: 12 pages without
/// the form (covers, adverts, other surveys, last year's form, noise) reached 0.43, tilted and scaled ones
/// that hold it 0.66 and more.
const ALIKE: f32 = 0.55;
/// A row of boxes stands on another's print if this share of its own lies better there, and so many rows do on a
/// page that is another version of the form (pages of the form: of 80,000 rows on seeds 9711 and 9713 and on six
/// other forms two, of cut pages, reach 0.06 and 0.09; 6 of 10 pages with a row more or less have two above).
const OTHER_ROW: f32 = 0.2;
const OTHER_ROWS: usize = 2;
/// Lost or wrong rows that make a whole page wait: three rows of boxes in a fine page's 2,287.
const ROWS_LOST: f32 = 0.05;

/// The forms and the policy that pages are read with; made once, shared by all threads.
#[derive(Clone, Debug)]
pub struct Reader {
    forms: Vec<(Template, Print)>,
    policy: Policy,
}

/// A page read, with everything that led to it: for proofs and measurements.
#[derive(Clone, Debug)]
pub struct Trace {
    pub reading: PageReading,
    pub read: Option<Read>,
}

/// The stages' results of a page on which a form was found.
#[derive(Clone, Debug)]
pub struct Read {
    /// Index of the form.
    pub form: usize,
    pub page: CleanPage,
    pub placement: Placement,
    pub sheet: Bitmap,
    pub marks: Marks,
    pub judged: Judged,
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
        Self { forms, policy }
    }

    pub fn template(&self, form: usize) -> &Template {
        &self.forms[form].0
    }

    /// Reads one page.
    pub fn read_page(&self, page: &FaxPage) -> PageReading {
        self.trace(page).reading
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
        let (best, likeness) = self.find(&positive, page);
        let (registered, other) = match best {
            Some(c) if c.is_registered() => (Some(c), None),
            other => (None, other),
        };
        match registered {
            Some(c) => self.finish(c),
            None => {
                Trace { reading: self.unregistered(other.as_ref(), likeness, page), read: None }
            }
        }
    }

    fn sheet_width(&self) -> Mm {
        self.forms.first().map_or(Mm(210.0), |(t, _)| t.form.page_size().0)
    }

    /// The best place of any form in any view, and how like a form the page is from afar (0 if it was not
    /// looked at so).
    fn find(&self, positive: &Bitmap, page: &FaxPage) -> (Option<Candidate>, f32) {
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

    /// Whether a form could be on the page in this view at all; it also bounds the work.
    fn holds_a_sheet(&self, page: &Bitmap, view: &View) -> bool {
        let r = view.resolution;
        let inches = (page.width() as f32 / r.x) * (page.height() as f32 / r.y);
        let largest = self.forms.iter().map(|(t, _)| {
            let (w, h) = t.form.page_size();
            w.0 * h.0 / (25.4 * 25.4)
        });
        r.x.min(r.y) >= LEAST_DPI && inches <= MOST_SHEETS * largest.fold(0.0, f32::max)
    }

    fn find_in(&self, positive: &Bitmap, view: View, effort: Effort) -> Option<Candidate> {
        let page = clean::clean(positive, view);
        let cells = PageCells::of(&page.level);
        let all = self.forms.iter().enumerate();
        let mut found: Vec<(usize, Placement)> = all
            .filter_map(|(i, (t, _))| Some((i, place(t, &page.level, &cells, effort)?)))
            .collect();
        let most = found.iter().map(|f| f.1.agreement.get()).fold(0.0, f32::max);
        found.retain(|f| f.1.agreement.get() >= most - AS_GOOD);
        if found.len() > 1 {
            // Layouts of one survey look alike where the anchors are: the whole print decides.
            let missing = |(i, p): &(usize, Placement)| {
                let t = &self.forms[*i].0;
                let sheet = p.rectify(t, &page.level).sheet;
                let gone = t.blank.minus(&sheet.dilated(PRINT_REACH, PRINT_REACH)).count();
                gone as f32 / t.blank.count().max(1) as f32
            };
            found.sort_by_cached_key(|f| (missing(f) * 1e6) as u32);
        }
        let (form, placement) = found.into_iter().next()?;
        Some(Candidate { form, placement, page, turn: view.turn })
    }

    /// A page as wide as the form and much shorter, or as high and much narrower, may be a part of one, too
    /// little to know it by. `likeness` is how like a form it looked: people look at the likeliest first.
    fn no_form(&self, page: &FaxPage, likeness: f32) -> PageReading {
        let mut reading = set_aside(ReasonCode::NoForm);
        if let Some(reason) = reading.reasons.first_mut() {
            reason.measured = Some(f64::from(round(likeness, 100.0)));
        }
        let (Some(r), Some((t, _))) = (page.resolution, self.forms.first()) else {
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
                PageReading { kind, reasons, ..self.head(c) }
            }
            _ if likeness >= ALIKE => {
                PageReading { reasons: vec![why(likeness)], ..empty(PageKind::Pending) }
            }
            _ => self.no_form(page, likeness),
        }
    }

    /// Where rows stand on their neighbours' print, the page is a row off or another version of the form.
    fn misplaced(&self, c: &Candidate) -> PageReading {
        let why = Reason::new(ReasonCode::NotRegistered).measured(f64::from(c.share()));
        PageReading { kind: PageKind::Pending, reasons: vec![why], ..self.head(c) }
    }

    fn head(&self, c: &Candidate) -> PageReading {
        let form = &self.forms[c.form].0.form;
        PageReading {
            form: Some(form.id().to_owned()),
            form_hash: Some(form.hash.clone()),
            orientation: c.turn,
            skew_deg: round(c.page.skew_deg(), 100.0),
            residual_px: round(c.placement.residual().0, 100.0),
            agreement: c.placement.agreement,
            ..empty(PageKind::Response)
        }
    }

    fn finish(&self, c: Candidate) -> Trace {
        let (t, print) = &self.forms[c.form];
        let mut rectified = c.placement.rectify(t, &c.page.level);
        rectified.rough |= c.page.half_rows();
        if let Some(slope) = c.page.upright().map(|s| c.placement.on_form(s)) {
            erase_streaks(print, &mut rectified, slope);
        }
        let mut marks = measure(t, print, &rectified);
        if t.rows.iter().filter(|r| r.share(&marks.mistaken) >= OTHER_ROW).count() >= OTHER_ROWS {
            return Trace { reading: self.misplaced(&c), read: None };
        }
        self.explain(t, print, &rectified, &mut marks);
        let judged = judge(t, &marks, c.placement.residual().0, &self.policy);
        let mut reading = self.head(&c);
        reading.boxes = box_readings(t, &c, &marks, &judged);
        reading.ink = ink::ink_map(t, &marks.added);
        reading.answers = judged.answers.clone();
        reading.text = judged.text.clone();
        reading.writings = self.writings(t, &marks, &reading.text, rectified.rough);
        self.page_reasons(&mut reading, &c, &rectified.rows);
        let read = Read {
            form: c.form,
            page: c.page,
            placement: c.placement,
            sheet: rectified.sheet,
            marks,
            judged,
        };
        Trace { reading, read: Some(read) }
    }

    /// What a clear mark explains says nothing about the boxes beside it; without it, more is clear.
    fn explain(&self, t: &Template, print: &Print, page: &Rectified, marks: &mut Marks) {
        let mut known = Vec::new();
        for round in [Round::First, Round::Later, Round::Later] {
            let owners = owners(t, marks, round, &self.policy);
            if owners == known {
                break;
            }
            explain(t, print, page, marks, &owners, &known);
            known = owners;
        }
    }

    /// What is written in the fields that wait for a recogniser.
    fn writings(
        &self,
        t: &Template,
        marks: &Marks,
        text: &BTreeMap<String, TextReading>,
        rough: bool,
    ) -> Vec<Writing> {
        let written = t.form.questions().iter().filter(|q| !q.kind.is_choice());
        let unread = |q: &Question| {
            let reasons = text.get(&q.id).map(|r| r.reasons.as_slice()).unwrap_or_default();
            reasons.iter().any(|r| r.code == ReasonCode::TextNotRead)
        };
        let asked = written.zip(&marks.fields).enumerate().filter(|(_, (q, _))| unread(q));
        let cut_out = |(i, (q, e)): (usize, (&Question, &FieldEvidence))| {
            let circled = circled(q, e, &self.policy);
            let writing = prepare::writing(t, q, i, &marks.added, rough)?;
            Some(Writing { circled, ..writing })
        };
        asked.filter_map(cut_out).collect()
    }

    /// What makes the page as a whole wait for a person.
    fn page_reasons(&self, r: &mut PageReading, c: &Candidate, rows: &(usize, usize)) {
        let t = &self.forms[c.form].0;
        let low = |y: f32| y > rows.1 as f32 || y < rows.0 as f32;
        let off = t.boxes.iter().any(|b| low(b.px.y.0 + b.px.h.0) || low(b.px.y.0))
            || t.fields.iter().any(|f| low(f.px.y.0 + f.px.h.0 * 0.8));
        if off || c.placement.visible.get() < WHOLE {
            let share = (rows.1 - rows.0) as f64 / t.blank.height() as f64;
            r.kind = PageKind::Pending;
            r.reasons.push(Reason::new(ReasonCode::PageCut).measured(share));
        } else if nothing(r) {
            r.kind = PageKind::Pending;
            r.reasons.push(Reason::new(ReasonCode::NothingMarked));
        }
    }
}

/// Rows that the file promised and did not give, or gave wrong.
fn rows_lost(page: &FaxPage) -> u32 {
    let short = page.damage.rows_expected.saturating_sub(page.damage.rows_got);
    page.damage.bad_rows.saturating_add(short)
}

struct Candidate {
    form: usize,
    placement: Placement,
    page: CleanPage,
    turn: u16,
}

impl Candidate {
    fn share(&self) -> f32 {
        self.placement.agreement.get() * self.placement.visible.get().sqrt()
    }

    fn is_sure(&self) -> bool {
        self.share() >= SURE
    }

    fn is_registered(&self) -> bool {
        self.placement.agreement.get() >= REGISTERED && self.placement.inliers >= ANCHORS
    }
}

fn better(a: Option<Candidate>, b: Option<Candidate>) -> Option<Candidate> {
    [a, b].into_iter().flatten().max_by(|a, b| a.share().total_cmp(&b.share()))
}

fn nothing(r: &PageReading) -> bool {
    r.answers.values().all(|a| a.state == FieldState::Blank)
        && r.text.values().all(|a| a.state == FieldState::Blank)
}

fn empty(kind: PageKind) -> PageReading {
    PageReading {
        reader: READER_VERSION.to_owned(),
        kind,
        form: None,
        form_hash: None,
        orientation: 0,
        skew_deg: 0.0,
        residual_px: 0.0,
        agreement: Score::ZERO,
        reasons: Vec::new(),
        answers: BTreeMap::new(),
        text: BTreeMap::new(),
        boxes: Vec::new(),
        ink: InkMap::default(),
        writings: Vec::new(),
    }
}

fn set_aside(code: ReasonCode) -> PageReading {
    PageReading { reasons: vec![Reason::new(code)], ..empty(PageKind::SetAside) }
}

fn round(v: f32, places: f32) -> f32 {
    (v * places).round() / places
}

/// Where every box lies on the page as it arrived.
fn box_readings(t: &Template, c: &Candidate, marks: &Marks, judged: &Judged) -> Vec<BoxReading> {
    marks
        .boxes
        .iter()
        .zip(&judged.verdicts)
        .map(|(e, v)| {
            let b = &t.boxes[e.index];
            let corner = |x: f32, y: f32| {
                let (u, w) = c.placement.on_page(x + e.shift.0, y + e.shift.1);
                c.page.native(Px(u), Px(w))
            };
            let p = corner(b.px.x.0, b.px.y.0);
            let q = corner(b.px.x.0 + b.px.w.0, b.px.y.0 + b.px.h.0);
            let (x, y) = (p.0.0.min(q.0.0), p.1.0.min(q.1.0));
            let (w, h) = ((p.0.0 - q.0.0).abs(), (p.1.0 - q.1.0).abs());
            let px = |v: f32| Px(round(v, 10.0));
            BoxReading {
                question: t.question(b).id.clone(),
                option: t.option(b).id.clone(),
                place: Rect { x: px(x), y: px(y), w: px(w), h: px(h) },
                ink: Score::new(round(e.inner, 1000.0)),
                outcome: v.outcome,
            }
        })
        .collect()
}
