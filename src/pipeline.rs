//! One page, from pixels to its reading: serial, deterministic, without input or output.

use std::collections::BTreeMap;

use crate::clean::{self, CleanPage, View, streaks, views::views};
use crate::decode::FaxPage;
use crate::form::{Form, Question};
use crate::judge::{Judged, Policy, Round, judge, owners};
use crate::marks::{Marks, Print, explain, measure};
use crate::raster::Bitmap;
use crate::reading::{
    BoxReading, FieldState, InkMap, PageKind, PageReading, READER_VERSION, Reason, ReasonCode,
    TextReading, Writing,
};
use crate::register::{
    Affine, Effort, Match, PageCells, Placement, Rectified, Template, place, place_by_hand,
};
use crate::resent::{GRID_COLUMNS, GRID_ROWS};
use crate::text::prepare;
use crate::units::{Mm, Px, Rect, Resolution, Score};

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
/// As wide as the form: fax machines reduce to 0.816 at most, B4 glass makes it 1.22.
const FORM_WIDE: std::ops::RangeInclusive<f32> = 0.8..=1.25;
/// Height of a page, in the form's, that a dropped line leaves; more is a page of its own, less a banner.
const HEAD_OF_FORM: std::ops::RangeInclusive<f32> = 0.06..=0.6;
/// Lost or wrong rows that make a whole page wait: three rows of boxes in a fine page's 2,287.
const ROWS_LOST: f32 = 0.05;
/// Ink of a cell of half a millimetre that counts, in px of 16: less is the rim of print.
const INK_LEAST: u32 = 4;

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
        let Some(best) = self.find(&positive, page) else {
            return Trace { reading: self.no_form(page), read: None };
        };
        let share = best.placement.agreement.get();
        if share < REGISTERED || best.placement.inliers < ANCHORS {
            let reading = self.unregistered(&best, page);
            return Trace { reading, read: None };
        }
        self.finish(best)
    }

    /// Reads a page on which a person put the first form: its corners in pixels of the page as decoded,
    /// clockwise from the form's top left. `None` if nothing is there or the corners are no sheet.
    pub fn read_placed(&self, page: &FaxPage, corners: [(f32, f32); 4]) -> Option<PageReading> {
        let (t, _) = self.forms.first()?;
        let mut positive = clean::positive(&page.bitmap).ok()?;
        let found = streaks::find(&positive);
        streaks::erase(&mut positive, &found);
        let view = hand_view(t.form.page_size(), &corners);
        if !self.holds_a_sheet(&positive, &view) {
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

    fn sheet_width(&self) -> Mm {
        self.forms.first().map_or(Mm(210.0), |(t, _)| t.form.page_size().0)
    }

    /// The best place of any form in any view.
    fn find(&self, positive: &Bitmap, page: &FaxPage) -> Option<Candidate> {
        let views = views(positive, page.resolution, self.sheet_width());
        let mut best: Option<Candidate> = None;
        let tries = (views.likely.iter().map(|v| (v, Effort::Ordinary)))
            .chain(views.likely.iter().map(|v| (v, Effort::Wide)))
            .chain(views.unlikely.iter().map(|v| (v, Effort::Ordinary)));
        for (view, effort) in tries.filter(|(v, _)| self.holds_a_sheet(positive, v)) {
            let found = self.find_in(positive, *view, effort);
            best =
                [best, found].into_iter().flatten().max_by(|a, b| a.share().total_cmp(&b.share()));
            if best.as_ref().is_some_and(|b| b.share() >= SURE) {
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

    /// A page as wide as the form and much shorter may be the head of one, too little to know it by.
    fn no_form(&self, page: &FaxPage) -> PageReading {
        let mut reading = set_aside(ReasonCode::NoForm);
        let (Some(r), Some((t, _))) = (page.resolution, self.forms.first()) else {
            return reading;
        };
        let (w, h) = t.form.page_size();
        let wide = page.bitmap.width() as f32 / r.x * 25.4 / w.0;
        let high = page.bitmap.height() as f32 / r.y * 25.4 / h.0;
        if FORM_WIDE.contains(&wide) && HEAD_OF_FORM.contains(&high) {
            reading.kind = PageKind::Pending;
            reading.reasons.push(Reason::new(ReasonCode::PageCut).measured(f64::from(high)));
        }
        reading
    }

    fn unregistered(&self, c: &Candidate, page: &FaxPage) -> PageReading {
        let share = c.share();
        if share < PERHAPS {
            return self.no_form(page);
        }
        let mut r = self.head(c);
        r.kind = PageKind::Pending;
        r.reasons = vec![Reason::new(ReasonCode::NotRegistered).measured(f64::from(share))];
        r
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
        let mut marks = measure(t, print, &rectified);
        self.explain(t, print, &rectified, &mut marks);
        let judged = judge(t, &marks, c.placement.residual().0, &self.policy);
        let mut reading = self.head(&c);
        reading.boxes = box_readings(t, &c, &marks, &judged);
        reading.ink = ink_map(t, &marks.added);
        reading.answers = judged.answers.clone();
        reading.text = judged.text.clone();
        reading.writings = writings(t, &marks, &reading.text, rectified.rough);
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
        let mut known = 0;
        for round in [Round::First, Round::Later, Round::Later] {
            let owners = owners(t, marks, round, &self.policy);
            if owners.len() == known {
                break;
            }
            known = owners.len();
            explain(t, print, page, marks, &owners);
        }
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

/// What is written in the fields that wait for a recogniser.
fn writings(
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
    let asked = written.enumerate().filter(|(_, q)| unread(q));
    asked.filter_map(|(i, q)| prepare::writing(t, q, i, &marks.added, rough)).collect()
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

/// The added ink around boxes and in fields, in cells of the resend grid. Banners, edges and dust
/// elsewhere differ between two transmissions of one sheet and are left out.
fn ink_map(t: &Template, added: &Bitmap) -> InkMap {
    let (w, h) = (t.blank.width() as f32, t.blank.height() as f32);
    let (cw, ch) = (w / GRID_COLUMNS as f32, h / GRID_ROWS as f32);
    let column = |x: f32| (x / cw).clamp(0.0, GRID_COLUMNS as f32) as u32;
    let row = |y: f32| (y / ch).clamp(0.0, GRID_ROWS as f32) as u32;
    let inked = |cx: u32, cy: u32| {
        let (x, y) = (cx as f32 * cw, cy as f32 * ch);
        let (x1, y1) = ((x + cw) as isize, (y + ch) as isize);
        added.count_in(x as isize, y as isize, x1, y1) >= INK_LEAST
    };
    // Boxes' surroundings overlap several times over: every cell is looked at once.
    let mut wanted = vec![false; (GRID_COLUMNS * GRID_ROWS) as usize];
    let around = t.boxes.iter().map(|b| grown(b.px, 60.0, 36.0));
    for r in around.chain(t.fields.iter().map(|f| f.px)) {
        let (first, end) = (column(r.x.0), column(r.x.0 + r.w.0));
        for cy in row(r.y.0)..row(r.y.0 + r.h.0) {
            let line = (cy * GRID_COLUMNS) as usize;
            wanted[line + first as usize..line + end.max(first) as usize].fill(true);
        }
    }
    let mut cells = Vec::new();
    for (cy, line) in (0..GRID_ROWS).zip(wanted.chunks(GRID_COLUMNS as usize)) {
        let y = cy as f32 * ch;
        let columns = added.columns_in(y as isize, (y + ch) as isize);
        // Ink is rare: from inked column to inked column, and past the cell that was looked at.
        let mut next = 0;
        for x in blacks(&columns) {
            // A cell's edges are cut to whole pixels, so a column may be its left neighbour's.
            let cell = ((x as f32 / cw) as u32).min(GRID_COLUMNS - 1);
            for cx in cell.saturating_sub(1).max(next)..(cell + 2).min(GRID_COLUMNS) {
                if line[cx as usize] && inked(cx, cy) {
                    cells.push(cy * GRID_COLUMNS + cx);
                }
                next = cx + 1;
            }
        }
    }
    InkMap::from_cells(cells)
}

/// Positions of the set bits, leftmost first.
fn blacks(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(i, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.leading_zeros() as usize)?;
            left &= !(1 << (63 - bit));
            Some(i * 64 + bit)
        })
    })
}

fn grown(r: Rect<Px>, x: f32, y: f32) -> Rect<Px> {
    Rect { x: Px(r.x.0 - x), y: Px(r.y.0 - y), w: Px(r.w.0 + 2.0 * x), h: Px(r.h.0 + 2.0 * y) }
}
