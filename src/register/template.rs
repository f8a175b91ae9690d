//! A form prepared for finding it on pages: its blank on the fine grid, its distinctive patches, and
//! a patch around every box.

use std::sync::OnceLock;

use super::coarse::{Cells, CoarseTemplate};
use super::fine::{HEIGHT, Patch, WIDTH};
use super::layout::LayoutTemplate;
use super::own_row::{self, Row};
use super::shade::Shade;
use crate::form::{Form, FormOption, Question};
use crate::raster::Bitmap;
use crate::units::{Px, Rect, Resolution};

/// A pixel is a trace of print if this much of its area is: a fax shows half a hairline as a line.
const TRACE_SHARE: f32 = 0.15;
/// Anchors sought; 40 to 64 gave the same accuracy in the trial, more rows bridge more lost lines.
const ANCHORS: usize = 64;
/// Black pixels of a patch worth looking for: less is lost in noise, more is a picture or a bar.
const BLACK: std::ops::RangeInclusive<u32> = 250..=3500;
/// Anchors whose middles lie within 30 rows of each other; more add nothing against lost lines.
const PER_BAND: usize = 6;
/// A field's frame and its thickening, in px.
const FRAME: f32 = 4.0;
/// So far around a box a mark may lie, in px, and such a share of that is shaded where it may be lost in dots
/// (estimates).
const RING: f32 = 16.0;
const SHADED: f32 = 0.2;
/// Shifts at which a good anchor differs from itself: pen widths, character and line pitches.
const SHIFTS: [(isize, isize); 18] = [
    (-3, 0),
    (3, 0),
    (0, -3),
    (0, 3),
    (-3, -3),
    (3, 3),
    (-3, 3),
    (3, -3),
    (8, 0),
    (-8, 0),
    (0, 8),
    (0, -8),
    (16, 0),
    (-16, 0),
    (12, 6),
    (-12, -6),
    (12, -6),
    (-12, 6),
];

/// One box of the form on the fine grid.
#[derive(Clone, Debug)]
pub struct BoxPlace {
    /// Index of its question, and of the option in it.
    pub question: usize,
    pub option: usize,
    pub px: Rect<Px>,
    pub label: Option<Rect<Px>>,
    pub patch: Patch,
    /// Marks around it would lie on shading.
    pub shaded: bool,
}

/// One written field on the fine grid.
#[derive(Clone, Debug)]
pub struct FieldPlace {
    pub px: Rect<Px>,
    /// Its question's endings.
    pub endings: Vec<Rect<Px>>,
}

/// Boxes (`question.option`) and fields on shading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grey {
    /// Its dots can be taken out of a page that arrives as the form was printed.
    pub light: Vec<String>,
    /// Marks cannot be told from it even there.
    pub dense: Vec<String>,
}

/// Everything about a form that does not depend on the page.
#[derive(Clone, Debug)]
pub struct Template {
    pub form: Form,
    pub blank: Bitmap,
    /// The same without shading: what people added is told from this.
    pub plain: Bitmap,
    /// Every trace of the form's print but its shading.
    pub traces: Bitmap,
    pub shade: Option<Shade>,
    pub coarse: CoarseTemplate,
    pub anchors: Vec<Patch>,
    pub boxes: Vec<BoxPlace>,
    pub fields: Vec<FieldPlace>,
    /// The rows of boxes, and what tells them from each other.
    pub rows: Vec<Row>,
    /// Black where people write.
    pub writable: Bitmap,
    /// Made when a page is first looked at from afar: most surveys have none.
    layout: OnceLock<LayoutTemplate>,
}

impl Template {
    pub fn new(form: Form) -> Self {
        let (w, h) = form.page_size();
        let width = Resolution::FINE.x_px(w).0.round() as usize;
        let height = Resolution::FINE.y_px(h).0.round() as usize;
        let blank = form.blank.resampled(width, height, 0.5);
        let traces = form.traces.resampled(width, height, TRACE_SHARE);
        let (shade, plain, traces) = match Shade::of(&blank, &traces) {
            Some((shade, plain, traces)) => (Some(shade), plain, traces),
            None => (None, blank.clone(), traces),
        };
        let (mut boxes, mut fields) = (Vec::new(), Vec::new());
        for (i, q) in form.questions().iter().enumerate() {
            boxes.extend(q.options.iter().enumerate().map(|(k, o)| place_box(&plain, i, k, o)));
            fields.extend(place_field(q));
        }
        for b in &mut boxes {
            b.shaded = shade.as_ref().is_some_and(|s| is_around(s.area(), b.px));
        }
        let coarse = CoarseTemplate::new(&blank);
        let anchors = anchors(&blank);
        let writable = writable(&blank, &fields);
        let rows = own_row::rows(&plain, &boxes);
        let layout = OnceLock::new();
        Self {
            form,
            blank,
            plain,
            traces,
            shade,
            coarse,
            anchors,
            boxes,
            fields,
            rows,
            writable,
            layout,
        }
    }

    pub fn layout(&self) -> &LayoutTemplate {
        self.layout.get_or_init(|| LayoutTemplate::new(&Cells::of(&self.blank)))
    }

    /// Which boxes and fields lie on shading, by its own dots on the blank.
    pub fn grey(&self) -> Grey {
        let Some(shade) = &self.shade else { return Grey::default() };
        let (_, blind) = shade.lifted(&self.blank);
        let mut out = Grey::default();
        let boxes = self.boxes.iter().filter(|b| b.shaded).map(|b| {
            let name = format!("{}.{}", self.question(b).id, self.option(b).id);
            (name, blind.as_ref().is_some_and(|map| is_around(map, b.px)))
        });
        let written = self.form.questions().iter().filter(|q| !q.kind.is_choice());
        let fields = written.zip(&self.fields).filter(|(_, f)| is_on(shade.area(), f.px));
        let fields =
            fields.map(|(q, f)| (q.id.clone(), blind.as_ref().is_some_and(|map| is_on(map, f.px))));
        for (name, dense) in boxes.chain(fields) {
            if dense { out.dense.push(name) } else { out.light.push(name) }
        }
        out
    }

    pub fn question(&self, b: &BoxPlace) -> &Question {
        &self.form.questions()[b.question]
    }

    pub fn option(&self, b: &BoxPlace) -> &FormOption {
        &self.question(b).options[b.option]
    }
}

fn place_box(blank: &Bitmap, question: usize, option: usize, o: &FormOption) -> BoxPlace {
    let px = Resolution::FINE.rect_px(o.place);
    let label = o.label_box.map(|l| Resolution::FINE.rect_px(l));
    // The box stands left in its patch, so that the label's print helps to place it; a label on
    // the left turns this round.
    let left_label = label.is_some_and(|l| l.x.0 + l.w.0 / 2.0 < px.x.0);
    let beside = if left_label { WIDTH as f32 - px.w.0 - 14.0 } else { 14.0 };
    let x = (px.x.0 - beside).round() as isize;
    let y = (px.y.0 + px.h.0 / 2.0 - HEIGHT as f32 / 2.0).round() as isize;
    BoxPlace { question, option, px, label, patch: Patch::cut(blank, x, y), shaded: false }
}

/// Whether marks at a box may be lost in what is black in `map`.
pub fn is_around(map: &Bitmap, b: Rect<Px>) -> bool {
    let ring = |v: f32, by: f32| Px(v + by);
    let (w, h) = (ring(b.w.0, 2.0 * RING), ring(b.h.0, 2.0 * RING));
    is_on(map, Rect { x: ring(b.x.0, -RING), y: ring(b.y.0, -RING), w, h })
}

/// Whether so much of a rectangle is black in `map` that what is drawn there may be lost in it.
pub fn is_on(map: &Bitmap, r: Rect<Px>) -> bool {
    let [x0, y0, x1, y1] = [r.x.0, r.y.0, r.x.0 + r.w.0, r.y.0 + r.h.0].map(|v| v as isize);
    let all = (x1 - x0).max(1) * (y1 - y0).max(1);
    map.count_in(x0, y0, x1, y1) as f32 / all as f32 >= SHADED
}

fn place_field(q: &Question) -> Option<FieldPlace> {
    let endings = q.endings.iter().map(|e| Resolution::FINE.rect_px(e.place)).collect();
    Some(FieldPlace { px: Resolution::FINE.rect_px(q.place?), endings })
}

/// The insides of the fields: their frames are print.
fn writable(blank: &Bitmap, fields: &[FieldPlace]) -> Bitmap {
    let mut out = Bitmap::new(blank.width(), blank.height());
    for f in fields.iter().map(|f| f.px) {
        let edge = |from: f32, length: f32, most: usize| {
            let inset = |v: f32| (v.max(0.0) as usize).min(most);
            inset(from + FRAME)..inset(from + length - FRAME)
        };
        for y in edge(f.y.0, f.h.0, blank.height()) {
            for x in edge(f.x.0, f.w.0, blank.width()) {
                out.set(x, y, true);
            }
        }
    }
    out
}

/// Distinctive patches, spread over the page.
fn anchors(blank: &Bitmap) -> Vec<Patch> {
    let (w, h) = (blank.width() as isize, blank.height() as isize);
    let mut found = Vec::new();
    for y in (8..h - HEIGHT as isize - 8).step_by(24) {
        for x in (8..w - WIDTH as isize - 8).step_by(48) {
            let p = Patch::cut(blank, x, y);
            if BLACK.contains(&p.black) {
                let least = SHIFTS.iter().map(|(dx, dy)| p.differs(blank, *dx, *dy)).min();
                found.push((least.unwrap_or(0), p));
            }
        }
    }
    found.sort_by_key(|(d, p)| (std::cmp::Reverse(*d), p.y, p.x));
    let mut out: Vec<Patch> = Vec::new();
    for (_, p) in found {
        let band = out.iter().filter(|o| (o.y - p.y).abs() < 30).count();
        let near = |o: &Patch| (o.x - p.x).abs() < WIDTH as isize && (o.y - p.y).abs() < 40;
        if band < PER_BAND && !out.iter().any(near) {
            out.push(p);
        }
        if out.len() == ANCHORS {
            break;
        }
    }
    out
}
