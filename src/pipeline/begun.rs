//! Readings as they begin: nothing answered yet.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Forms};
use crate::reading::{InkMap, PageKind, PageReading, READER_VERSION, Reason, ReasonCode};
use crate::units::Score;

/// Of a page without a form.
pub fn empty(kind: PageKind) -> PageReading {
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

pub fn set_aside(code: ReasonCode) -> PageReading {
    PageReading { reasons: vec![Reason::new(code)], ..empty(PageKind::SetAside) }
}

/// Of a page on which a form was found.
pub fn head(forms: &Forms, c: &Candidate) -> PageReading {
    let form = &forms.0[c.form].0.form;
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

pub fn round(v: f32, places: f32) -> f32 {
    (v * places).round() / places
}
