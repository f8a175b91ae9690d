//! What the script asks: JSON in, JSON out, and the pictures. Everything here needs a session.

mod names;
mod opening;
mod page;
mod picture;
mod shape;

pub use opening::opening;
pub use shape::reason_label;

use std::str::FromStr;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::desk::{Filter, Given, Shelf, Told};
use super::item::Key;
use super::{Shared, aside, gate};
use crate::account::{Field, PageVerdict, Verdict};
use crate::lang::Lang;
use crate::reading::ReasonCode;
use crate::store::{Act, RemarkKind};

/// Items a request may be about: a screen is 24.
const MOST_ITEMS: usize = 200;
/// Characters of a note or a written answer: a page holds no more.
const MOST_TEXT: usize = 4000;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/queue", get(opening::queue))
        .route("/api/take", post(take))
        .route("/api/release", post(release))
        .route("/api/decide", post(decide))
        .route("/api/undo", post(undo))
        .route("/api/redo", post(redo))
        .route("/api/page/{response}", get(page::page))
        .route("/api/register", post(page::register))
        .route("/picture/page/{response}", get(picture::page))
        .route("/picture/{response}/{kind}/{field}", get(picture::crop))
}

/// Who asks, in which language; without a session nobody does.
pub struct Who {
    pub name: String,
    pub lang: Lang,
}

impl FromRequestParts<Shared> for Who {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, StatusCode> {
        let name = session(app, &parts.headers).ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self { name, lang: lang(app, &parts.headers) })
    }
}

/// Whose session a request's cookie is.
pub fn session(app: &Shared, headers: &HeaderMap) -> Option<String> {
    app.gate.who(cookie(headers, gate::COOKIE)?)
}

pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = all.flat_map(|v| v.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
}

/// The language chosen on the screen, else the program's.
pub fn lang(app: &Shared, headers: &HeaderMap) -> Lang {
    match cookie(headers, "lang") {
        Some("ja") => Lang::Ja,
        Some("en") => Lang::En,
        _ => app.lang,
    }
}

/// The store failed: its word goes to the log of the terminal, not to the browser.
pub fn broken(e: &dyn std::fmt::Display) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"error": e.to_string()}))).into_response()
}

fn lost() -> Response {
    broken(&"the job ended early")
}

/// What part of the queue is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    shelf: String,
    kind: Option<String>,
    field: Option<String>,
    option: Option<String>,
    reason: Option<ReasonCode>,
    file: Option<String>,
    response: Option<String>,
}

impl From<Wanted> for Filter {
    fn from(w: Wanted) -> Self {
        let shelf = match w.shelf.as_str() {
            "escalated" => Shelf::Escalated,
            "cannot_tell" => Shelf::CannotTell,
            "audit" => Shelf::Audit,
            "set_aside" => Shelf::SetAside,
            _ => Shelf::Open,
        };
        let Wanted { kind, field, option, reason, file, response, .. } = w;
        Self { shelf, kind, field, option, reason, file, response }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    #[serde(default)]
    filter: Wanted,
    n: usize,
    #[serde(default)]
    have: Vec<String>,
}

fn keys(texts: &[String]) -> Vec<Key> {
    texts.iter().take(MOST_ITEMS).filter_map(|t| Key::from_str(t).ok()).collect()
}

async fn take(State(app): State<Shared>, who: Who, Json(ask): Json<Take>) -> Response {
    let done = aside(move || {
        // What cannot be looked up now is looked up the next time; the items are here.
        freshen(&app).ok();
        let have = keys(&ask.have);
        let filter: Filter = ask.filter.into();
        let taken = app.desk.take(&who.name, &filter, ask.n.min(MOST_ITEMS), &have);
        let left = app.desk.left(&who.name, &filter);
        let items: Vec<Value> = taken.iter().map(|t| shape::item(t, who.lang)).collect();
        json!({"items": items, "left": left, "version": app.desk.version()})
    });
    done.await.map_or_else(lost, |v| Json(v).into_response())
}

#[derive(Deserialize)]
struct Release {
    keys: Vec<String>,
}

async fn release(State(app): State<Shared>, who: Who, Json(ask): Json<Release>) -> StatusCode {
    app.desk.release(&who.name, &keys(&ask.keys));
    StatusCode::NO_CONTENT
}

/// What was done with an item.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Did {
    Answer {
        value: Vec<String>,
    },
    Text {
        value: String,
    },
    Page {
        verdict: PageVerdict,
        /// What kind of page it is, in a word for the log.
        #[serde(default)]
        note: String,
    },
    Skip {
        #[serde(default)]
        note: String,
    },
    Escalate {
        #[serde(default)]
        note: String,
    },
    CannotTell {
        #[serde(default)]
        note: String,
    },
}

#[derive(Deserialize)]
struct One {
    key: String,
    seen: u32,
    took_ms: Option<i64>,
    #[serde(flatten)]
    did: Did,
}

#[derive(Deserialize)]
struct Decide {
    items: Vec<One>,
}

/// What kind of page it is, for the log: a status says less than the person did.
fn page_kind(one: &One) -> Option<String> {
    match &one.did {
        Did::Page { note, .. } if !note.is_empty() => {
            let note: String = note.chars().take(MOST_TEXT).collect();
            Some(format!("{}: {note}", one.key))
        }
        _ => None,
    }
}

/// `None` if what was done does not fit the item.
fn given(one: One) -> Option<Given> {
    let key = Key::from_str(&one.key).ok()?;
    let remark = |kind, note: String| {
        let note = note.chars().take(MOST_TEXT).collect();
        Act::Remark { field: key.field.clone(), kind, value: String::new(), note }
    };
    let act = match (one.did, &key.field) {
        (Did::Answer { value }, Field::Answer(question)) => {
            Act::Decide(Verdict::Answer { question: question.clone(), value })
        }
        (Did::Text { value }, Field::Text(field)) if value.chars().count() <= MOST_TEXT => {
            Act::Decide(Verdict::Text { field: field.clone(), value })
        }
        (Did::Page { verdict, .. }, Field::Page) => Act::Decide(Verdict::Page(verdict)),
        (Did::Skip { note }, _) => remark(RemarkKind::Skip, note),
        (Did::Escalate { note }, _) => remark(RemarkKind::Escalate, note),
        (Did::CannotTell { note }, _) => remark(RemarkKind::CannotTell, note),
        _ => return None,
    };
    Some(Given { key, act, seen: one.seen, took_ms: one.took_ms })
}

async fn decide(State(app): State<Shared>, who: Who, Json(ask): Json<Decide>) -> Response {
    let kinds: Vec<String> = ask.items.iter().filter_map(page_kind).collect();
    let texts: Vec<String> = ask.items.iter().map(|i| i.key.clone()).collect();
    let given: Option<Vec<Given>> = ask.items.into_iter().map(given).collect();
    let Some(given) = given.filter(|g| !g.is_empty() && g.len() <= MOST_ITEMS) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "these do not go together").into_response();
    };
    let pages = given.iter().any(|g| g.key.field == Field::Page);
    let done = aside(move || {
        let told = app.desk.decide(&who.name, given)?;
        if pages {
            settle(&app);
        }
        for kind in kinds {
            app.desk.store.note(&who.name, "page", &kind)?;
        }
        let outcomes: Vec<Value> =
            texts.iter().zip(&told).map(|(key, told)| outcome(key, told)).collect();
        Ok::<_, crate::store::StoreError>(json!({"items": outcomes, "version": app.desk.version()}))
    });
    match done.await {
        Some(Ok(v)) => Json(v).into_response(),
        Some(Err(crate::store::StoreError::NoResponse { .. })) => {
            (StatusCode::NOT_FOUND, "no such response").into_response()
        }
        Some(Err(e)) => broken(&e),
        None => lost(),
    }
}

/// Another program has written: the account is made anew beside this request, which does not wait for it,
/// and whoever has no account any more is shown out.
fn freshen(app: &Shared) -> Result<(), crate::store::StoreError> {
    if app.desk.is_stale()? {
        let people = app.desk.store.people()?.into_iter().filter(|p| !p.phc.is_empty());
        app.gate.keep_only(&people.map(|p| p.name).collect());
        settle(app);
    }
    Ok(())
}

/// A page's decision can change what others are (copies of copies): the account is made anew, beside, and
/// once for all that were decided meanwhile.
fn settle(app: &Shared) {
    let Some(rest) = app.desk.rest() else { return };
    let app = app.clone();
    // Started and left alone; the next look at the queue finds what it did.
    tokio::spawn(async move {
        tokio::time::sleep(rest).await;
        aside(move || app.desk.reload_rested().ok()).await
    });
}

fn outcome(key: &str, told: &Told) -> Value {
    match told {
        Told::Kept => json!({"key": key, "kept": true}),
        Told::Disagree => json!({"key": key, "kept": true, "disagree": true}),
        Told::Refused(problem) => json!({"key": key, "kept": false, "problem": problem}),
        Told::Conflict(d) => json!({
            "key": key, "kept": false, "rev": d.rev, "who": d.who, "at": d.at,
            "value": shape::verdict(&d.verdict),
        }),
    }
}

async fn undo(State(app): State<Shared>, who: Who) -> Response {
    back(app, who, false).await
}

async fn redo(State(app): State<Shared>, who: Who) -> Response {
    back(app, who, true).await
}

async fn back(app: Shared, who: Who, again: bool) -> Response {
    let done = aside(move || {
        let keys = if again { app.desk.redo(&who.name)? } else { app.desk.undo(&who.name)? };
        if keys.iter().flatten().any(|k| k.field == Field::Page) {
            settle(&app);
        }
        let keys = keys.map(|keys| keys.iter().map(ToString::to_string).collect::<Vec<_>>());
        Ok::<_, crate::store::StoreError>(json!({"keys": keys, "version": app.desk.version()}))
    });
    match done.await {
        Some(Ok(v)) => Json(v).into_response(),
        Some(Err(e)) => broken(&e),
        None => lost(),
    }
}
