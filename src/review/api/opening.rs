//! What the first screen needs, and the queue's counts whenever it is come back to.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Who, broken, freshen, lost, shape};
use crate::review::desk::Summary;
use crate::review::{Shared, aside, words};
use crate::store::StoreError;

/// What never changes while a person is at it, and the queue as it is now. It comes inside the first page:
/// a browser that had to ask for it would paint one round later.
pub async fn opening(app: Shared, who: Who) -> Option<Result<Value, StoreError>> {
    aside(move || {
        Ok(json!({
            "queue": summary(&app, &who)?,
            "who": who.name,
            "lang": who.lang.say("ja", "en"),
            "words": words::words(who.lang),
            "forms": app.desk.forms.iter().map(|f| shape::form(f, who.lang)).collect::<Vec<_>>(),
        }))
    })
    .await
}

pub async fn queue(State(app): State<Shared>, who: Who) -> Response {
    match aside(move || summary(&app, &who)).await {
        Some(Ok(summary)) => Json(summary).into_response(),
        Some(Err(e)) => broken(&e),
        None => lost(),
    }
}

fn summary(app: &Shared, who: &Who) -> Result<Summary, StoreError> {
    freshen(app)?;
    let mut summary = app.desk.summary(&who.name);
    for reason in &mut summary.reasons {
        reason.label = shape::reason_label(&reason.name, who.lang);
    }
    Ok(summary)
}
