//! A page on which a form was found, to its reading: marks, what they mean, what makes the page wait.

use std::collections::BTreeMap;

use super::begun::{head, round};
use super::candidate::{Candidate, Forms};
use super::ink;
use crate::clean::CleanPage;
use crate::form::Question;
use crate::judge::{Judged, Policy, Round, circled, judge, owners};
use crate::marks::{FieldEvidence, Marks, Print, erase_streaks, explain, measure};
use crate::raster::Bitmap;
use crate::reading::{
    BoxReading, FieldState, PageKind, PageReading, Reason, ReasonCode, TextReading, Writing,
};
use crate::register::{Placement, Rectified, Template};
use crate::text::prepare;
use crate::units::{Px, Rect, Score};

/// Share of the form's anchors that must be on the page; below, half a page came.
const WHOLE: f32 = 0.9;
/// A row of boxes stands on another's print if this share of its own lies better there, and so many rows do on a
/// page that is another version of the form (pages of the form: of 80,000 rows on seeds 9711 and 9713 and on six
/// other forms two, of cut pages, reach 0.06 and 0.09; 6 of 10 pages with a row more or less have two above).
const OTHER_ROW: f32 = 0.2;
const OTHER_ROWS: usize = 2;

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

/// What found pages are read with.
pub struct Finish<'a> {
    pub forms: &'a Forms,
    pub policy: &'a Policy,
}

impl Finish<'_> {
    /// Where rows stand on their neighbours' print, the page is a row off or another version of the form.
    fn misplaced(&self, c: &Candidate) -> PageReading {
        let why = Reason::new(ReasonCode::NotRegistered).measured(f64::from(c.share()));
        PageReading { kind: PageKind::Pending, reasons: vec![why], ..head(self.forms, c) }
    }

    pub fn finish(&self, c: Candidate) -> Trace {
        let (t, print) = &self.forms.0[c.form];
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
        let judged = judge(t, &marks, &rectified.sheet, c.placement.residual().0, self.policy);
        let mut reading = head(self.forms, &c);
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
            let owners = owners(t, marks, round, self.policy);
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
            let circled = circled(q, e, self.policy);
            let writing = prepare::writing(t, q, i, &marks.added, rough)?;
            Some(Writing { circled, ..writing })
        };
        asked.filter_map(cut_out).collect()
    }

    /// What makes the page as a whole wait for a person.
    fn page_reasons(&self, r: &mut PageReading, c: &Candidate, rows: &(usize, usize)) {
        let t = &self.forms.0[c.form].0;
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

fn nothing(r: &PageReading) -> bool {
    r.answers.values().all(|a| a.state == FieldState::Blank)
        && r.text.values().all(|a| a.state == FieldState::Blank)
}

/// Where every box lies on the page as it arrived.
fn box_readings(t: &Template, c: &Candidate, marks: &Marks, judged: &Judged) -> Vec<BoxReading> {
    let corners = marks.boxes.iter().flat_map(|e| {
        let (b, (dx, dy)) = (t.boxes[e.index].px, e.shift);
        let at = |x: f32, y: f32| (x + dx, y + dy);
        [at(b.x.0, b.y.0), at(b.x.0 + b.w.0, b.y.0 + b.h.0)]
    });
    let corners = c.placement.on_page(&corners.collect::<Vec<_>>());
    let boxes = marks.boxes.iter().zip(&judged.verdicts).zip(corners.chunks_exact(2));
    boxes
        .map(|((e, v), corners)| {
            let b = &t.boxes[e.index];
            let native = |(x, y): (f32, f32)| c.page.native(Px(x), Px(y));
            let (p, q) = (native(corners[0]), native(corners[1]));
            let (x, y) = (p.0.0.min(q.0.0), p.1.0.min(q.1.0));
            let (w, h) = ((p.0.0 - q.0.0).abs(), (p.1.0 - q.1.0).abs());
            let px = |v: f32| Px(round(v, 10.0));
            BoxReading {
                question: t.question(b).id.clone(),
                option: t.option(b).id.clone(),
                place: Rect { x: px(x), y: px(y), w: px(w), h: px(h) },
                ink: Score::new(round(e.inner, 1000.0)),
                outcome: v.outcome,
                overruled: v.overruled.clone(),
            }
        })
        .collect()
}
