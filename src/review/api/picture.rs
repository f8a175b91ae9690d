//! The pictures: a field cut out, a whole page. The sender's line is covered unless asked for.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Who, lost};
use crate::review::files::{Missing, Shown};
use crate::review::picture::{self, Frame, Mask};
use crate::review::{App, Shared, aside};
use crate::text::picture::from_png;

/// How a picture is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Look {
    option: Option<String>,
    /// `received`: as it arrived, neither level nor upright.
    #[serde(rename = "as")]
    how: Option<String>,
    /// The sender's line is shown.
    banner: Option<u8>,
}

/// A cut-out stays what it is: a page read again gets another address (`v`).
const KEEP: &str = "private, max-age=3600, immutable";

pub async fn crop(
    State(app): State<Shared>,
    _who: Who,
    Path((response, kind, field)): Path<(String, String, String)>,
    Query(look): Query<Look>,
) -> Response {
    let done = aside(move || match app.files.page(&app.desk.store, &response) {
        Ok(shown) => Ok(field_picture(&app, &shown, &field, &look)),
        Err(missing) if kind == "text" => {
            kept_picture(&app, &response, &field).map_or(Err(missing), |png| Ok(Some(png)))
        }
        Err(missing) => Err(missing),
    });
    answer(done.await)
}

/// The one place where a field's picture is made; `None` if it is not known where the field lies.
fn field_picture(app: &App, shown: &Shown, field: &str, look: &Look) -> Option<Vec<u8>> {
    let reading = shown.sheet.reading.as_ref()?;
    let form = app.desk.form(reading.form.as_deref()?)?;
    let frame = Frame::new(reading, form)?;
    let rect = picture::region(form.question(field)?, look.option.as_deref());
    let mask = mask(shown, Some(&frame), look);
    picture::crop(&shown.page, &frame, rect, mask).map(|p| picture::png(&p))
}

/// What the reader cut out of a written field, over the form's own print: for pages whose file is no longer
/// at hand. Not in place of the page: what the reader took for print is missing from it.
fn kept_picture(app: &App, response: &str, field: &str) -> Option<Vec<u8>> {
    let cropped = app.desk.store.crop(response, field).ok()??;
    let (page, _) = app.desk.store.page_now(response).ok()?;
    let form = app.desk.form(page.reading?.form.as_deref()?)?;
    let rect = picture::region(form.question(field)?, None);
    let ink = from_png(&cropped.png).ok()?;
    Some(picture::png(&picture::over_blank(form, rect, &ink, cropped.origin)))
}

fn mask(shown: &Shown, frame: Option<&Frame>, look: &Look) -> Mask {
    if look.banner == Some(1) { Mask::NONE } else { Mask::banner(&shown.page, frame) }
}

pub async fn page(
    State(app): State<Shared>,
    _who: Who,
    Path(response): Path<String>,
    Query(look): Query<Look>,
) -> Response {
    let done = aside(move || {
        let shown = app.files.page(&app.desk.store, &response)?;
        Ok::<_, Missing>(Some(page_picture(&app, &shown, &look)))
    });
    answer(done.await)
}

fn page_picture(app: &App, shown: &Shown, look: &Look) -> Vec<u8> {
    let level = look.how.as_deref() != Some("received");
    let reading = shown.sheet.reading.as_ref();
    let form = reading.and_then(|r| app.desk.form(r.form.as_deref()?));
    let frame = reading.zip(form).and_then(|(r, f)| Frame::new(r, f));
    let mask = mask(shown, frame.as_ref(), look);
    let drawn = frame.as_ref().zip(form).filter(|_| level);
    let drawn = drawn.and_then(|(frame, form)| picture::sheet(&shown.page, frame, form, mask));
    picture::png(&drawn.unwrap_or_else(|| picture::received(&shown.page, mask)))
}

fn answer(done: Option<Result<Option<Vec<u8>>, Missing>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, KEEP)];
    match done {
        Some(Ok(Some(png))) => (headers, png).into_response(),
        // The page is there, and beside it; only where this field lies is not known.
        Some(Ok(None)) => StatusCode::NO_CONTENT.into_response(),
        Some(Err(missing)) => (StatusCode::GONE, word(&missing)).into_response(),
        None => lost(),
    }
}

/// The screens' word for why there is no picture.
pub fn word(missing: &Missing) -> &'static str {
    match missing {
        Missing::Moved => "missing_moved",
        Missing::Changed => "missing_changed",
        Missing::Undecodable => "missing_undecodable",
        Missing::Dangerous => "missing_dangerous",
        Missing::NoPage => "missing_nopage",
        Missing::Store(_) => "missing_store",
    }
}
