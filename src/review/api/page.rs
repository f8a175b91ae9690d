//! One page in full, for whoever must say what it is; and a page read again where a person put the form.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::picture::word;
use super::{Who, broken, lost, shape};
use crate::account::PageStatus;
use crate::decode::FaxPage;
use crate::form::Form;
use crate::judge::Policy;
use crate::pipeline::Reader;
use crate::reading::{PageReading, Reason, ReasonCode};
use crate::review::files::Missing;
use crate::review::picture::Frame;
use crate::review::{App, Shared, aside};
use crate::store::{Op, Packed, StoreError};

pub async fn page(State(app): State<Shared>, who: Who, Path(response): Path<String>) -> Response {
    let done = aside(move || describe(&app, &who, &response));
    match done.await {
        Some(Ok(v)) => Json(v).into_response(),
        Some(Err(missing)) => (StatusCode::GONE, word(&missing)).into_response(),
        None => lost(),
    }
}

/// What is known of a page: its form, whether its fields have places, its size as it arrived, and which
/// responses it may be a copy of.
fn describe(app: &App, who: &Who, response: &str) -> Result<Value, Missing> {
    let book = app.desk.book();
    let entry = book.line_place(response).and_then(|place| book.line(place));
    let entry = entry.as_ref();
    let candidates: Vec<&str> = entry
        .into_iter()
        .flat_map(|e| &e.reasons)
        .filter(|r| r.code == ReasonCode::PossibleDuplicate)
        .filter_map(|r| r.about.as_deref())
        .collect();
    let (page, rev) = app.desk.store.page_now(response).map_err(|e| match e {
        StoreError::NoResponse { .. } => Missing::NoPage,
        e => Missing::Store(e),
    })?;
    let shown = app.files.page(&app.desk.store, response);
    let reading = shown.as_ref().ok().and_then(|s| s.sheet.reading.as_ref());
    let form = reading.and_then(|r| app.desk.form(r.form.as_deref()?));
    let placed = reading.zip(form).is_some_and(|(r, f)| Frame::new(r, f).is_some());
    let bitmap = shown.as_ref().ok().map(|s| (s.page.bitmap.width(), s.page.bitmap.height()));
    Ok(json!({
        "response": response,
        "file": entry.map(|e| &e.file),
        "page": entry.map(|e| e.page),
        "pending": entry.is_some_and(|e| e.status == PageStatus::Pending),
        "form": form.map(crate::form::Form::id),
        "placed": placed,
        "size": bitmap,
        "missing": shown.as_ref().err().map(word),
        "candidates": candidates,
        "rev": rev,
        "version": page.reading.as_ref().map(|r| crate::account::document_hash(format!("{:?}", r.boxes).as_bytes())),
        "decisions": page.decisions.iter().map(|d| json!({
            "who": d.who, "at": d.at, "field": d.verdict.field().name(),
            "value": shape::verdict(&d.verdict),
        })).collect::<Vec<_>>(),
        "lang": who.lang.say("ja", "en"),
    }))
}

/// Where a person put the form: its corners as shares of the page as it arrived, clockwise from the top
/// left of the form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    response: String,
    form: String,
    corners: [[f32; 2]; 4],
    /// Only if the form is found there: a guess of the screen's, not yet a person's word.
    #[serde(default)]
    sure: bool,
}

/// How far off the page a corner may lie, in shares of it: of a third of a sheet the form is three pages high,
/// upwards where it lies upside down.
const REACH: std::ops::RangeInclusive<f32> = -3.0..=4.0;

pub async fn register(State(app): State<Shared>, who: Who, Json(ask): Json<Register>) -> Response {
    if !ask.corners.iter().flatten().all(|share| REACH.contains(share)) {
        return (StatusCode::UNPROCESSABLE_ENTITY, "corners lie off the page").into_response();
    }
    let done = aside(move || read_again(&app, &who.name, &ask));
    match done.await {
        Some(Ok(v)) => Json(v).into_response(),
        Some(Err(Again::Missing(missing))) => (StatusCode::GONE, word(&missing)).into_response(),
        Some(Err(Again::NoForm)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "no such form").into_response()
        }
        Some(Err(Again::Store(e))) => broken(&e),
        None => lost(),
    }
}

/// Why a page could not be read again.
enum Again {
    Missing(Missing),
    NoForm,
    Store(StoreError),
}

impl From<StoreError> for Again {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

/// The page's corners, and the form in its own size at nine places within them: where a fax lies on its page
/// differs by the sender's machine.
fn nearby(page: [(f32, f32); 4], form: &Form, fax: &FaxPage) -> Vec<[(f32, f32); 4]> {
    let mut out = vec![page];
    let Some(dots) = fax.resolution else { return out };
    let (w, h) = form.page_size();
    let lines = [(page[0], page[1], w.0 * dots.x / 25.4), (page[0], page[3], h.0 * dots.y / 25.4)];
    // How much of each side the form takes, and the sides themselves.
    let [(right, x), (down, y)] = lines.map(|(a, b, own)| {
        let side = (b.0 - a.0, b.1 - a.1);
        (side, own / side.0.hypot(side.1).max(1.0))
    });
    let at = |u: f32, v: f32| {
        (page[0].0 + right.0 * u + down.0 * v, page[0].1 + right.1 * u + down.1 * v)
    };
    for u in [0.0, 0.5, 1.0].map(|part| part * (1.0 - x)) {
        for v in [0.0, 0.5, 1.0].map(|part| part * (1.0 - y)) {
            out.push([at(u, v), at(u + x, v), at(u + x, v + y), at(u, v + y)]);
        }
    }
    out
}

/// Whether the form is there: where it is not, the reader believes none of its boxes.
fn found(reading: &PageReading) -> bool {
    let doubted =
        |reasons: &[Reason]| reasons.iter().any(|r| r.code == ReasonCode::PoorRegistration);
    reading.answers.values().any(|a| !doubted(&a.reasons))
}

fn read_again(app: &App, who: &str, ask: &Register) -> Result<Value, Again> {
    let shown = app.files.page(&app.desk.store, &ask.response).map_err(Again::Missing)?;
    let Some(form) = app.desk.form(&ask.form) else {
        return Err(Again::NoForm);
    };
    let (w, h) = (shown.page.bitmap.width() as f32, shown.page.bitmap.height() as f32);
    let corners = ask.corners.map(|[x, y]| (x * w, y * h));
    let reader = Reader::new(vec![form.clone()], Policy::default());
    let read = |corners| reader.read_placed(&shown.page, corners);
    let reading = if ask.sure {
        let all = nearby(corners, form, &shown.page).into_iter().filter_map(read);
        all.filter(found).max_by(|a, b| a.agreement.get().total_cmp(&b.agreement.get()))
    } else {
        read(corners)
    };
    let Some(reading) = reading else {
        return Ok(json!({"read": false}));
    };
    let agreement = reading.agreement.get();
    let writings = reading.writings.iter().map(Packed::of).collect();
    let sheet = &shown.sheet;
    let ops = vec![
        Op::Read {
            sha256: sheet.sha256.clone(),
            page: sheet.page,
            reader: app.desk.store.page_reader(&ask.response)?,
            reading: Box::new(reading),
        },
        // What is written there waits for the recognisers of the next `read`.
        Op::Written { sha256: sheet.sha256.clone(), page: sheet.page, writings },
        Op::Log {
            what: "placed by hand",
            document: Some(sheet.sha256.clone()),
            page: Some(sheet.page),
            detail: json!([who, ask.form, ask.corners]).to_string(),
        },
    ];
    app.desk.store.commit(ops)?;
    app.files.forget(&ask.response);
    app.desk.reload()?;
    Ok(json!({"read": true, "agreement": agreement}))
}
