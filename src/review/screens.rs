//! The few pages that are made here: the shell that the script fills, signing in, and the files that come
//! with them. Templates escape what they show.

mod assets;
mod dashboard;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

#[cfg(test)]
pub use assets::scripts;

use super::api::{Who, cookie, lang, opening, session};
use super::gate::{Attempt, COOKIE};
use super::words::word;
use super::{Shared, aside};
use crate::lang::Lang;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(home))
        .route("/enter", get(enter))
        .route("/login", get(login_page).post(login))
        .route("/logout", post(logout))
        .route("/assets/{build}/{name}", get(assets::asset))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

#[derive(Template)]
#[template(path = "app.html")]
struct Shell {
    lang: &'static str,
    title: &'static str,
    loading: &'static str,
    build: &'static str,
    opening: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    lang: &'static str,
    title: &'static str,
    name: &'static str,
    password: &'static str,
    sign_in: &'static str,
    message: String,
    accounts: bool,
    build: &'static str,
}

fn code(lang: Lang) -> &'static str {
    lang.say("ja", "en")
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(e) => super::api::broken(&e),
    }
}

async fn home(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let lang = lang(&app, &headers);
    let Some(name) = session(&app, &headers) else {
        return sign_in(&app, lang, StatusCode::UNAUTHORIZED, String::new());
    };
    let opening = match opening(app, Who { name, lang }).await {
        Some(Ok(opening)) => as_data(&opening),
        Some(Err(e)) => return super::api::broken(&e),
        None => return super::api::broken(&"the job ended early"),
    };
    let shell = Shell {
        lang: code(lang),
        title: word(lang, "title"),
        loading: word(lang, "loading"),
        build: assets::build(),
        opening,
    };
    page(StatusCode::OK, &shell)
}

/// JSON inside a page: without the signs that could end the element it stands in. A browser runs nothing of
/// it, whatever the policy.
fn as_data(value: &serde_json::Value) -> String {
    let mut out = value.to_string();
    for (sign, code) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        out = out.replace(sign, code);
    }
    out
}

fn sign_in(app: &Shared, lang: Lang, status: StatusCode, message: String) -> Response {
    let accounts = app.desk.store.people().is_ok_and(|all| all.iter().any(|p| !p.phc.is_empty()));
    let hint = if accounts { String::new() } else { word(lang, "no_session").to_owned() };
    let login = Login {
        lang: code(lang),
        title: word(lang, "title"),
        name: word(lang, "name"),
        password: word(lang, "password"),
        sign_in: word(lang, "sign_in"),
        message: if message.is_empty() { hint } else { message },
        accounts,
        build: assets::build(),
    };
    page(status, &login)
}

#[derive(Deserialize)]
struct Enter {
    key: String,
}

async fn enter(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    Query(enter): Query<Enter>,
) -> Response {
    // A mail scanner or a preview that only looks whether there is something must not use it up.
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match app.gate.enter(&enter.key) {
        Ok(Some(token)) => into(&token),
        // The link again, from the history: whoever is in stays in.
        Ok(None) if session(&app, &headers).is_some() => Redirect::to("/").into_response(),
        Ok(None) => {
            let lang = lang(&app, &headers);
            let used = word(lang, "link_used").to_owned();
            sign_in(&app, lang, StatusCode::UNAUTHORIZED, used)
        }
        Err(e) => super::api::broken(&e),
    }
}

/// To the first screen, with the session's cookie.
fn into(token: &str) -> Response {
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
    let mut response = Redirect::to("/").into_response();
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

async fn login_page(State(app): State<Shared>, headers: HeaderMap) -> Response {
    sign_in(&app, lang(&app, &headers), StatusCode::OK, String::new())
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

/// Longer ones are nobody's: hashing them would cost the server time.
const LONGEST_PASSWORD: usize = 1000;

async fn login(
    State(app): State<Shared>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Response {
    let lang = lang(&app, &headers);
    if given.password.len() > LONGEST_PASSWORD || given.name.len() > LONGEST_PASSWORD {
        return sign_in(&app, lang, StatusCode::UNAUTHORIZED, word(lang, "wrong").to_owned());
    }
    let _turn = app.gate.turn().await;
    let desk = app.clone();
    let tried = aside(move || {
        let people = desk.desk.store.people()?;
        let account = people.iter().find(|p| p.name == given.name && !p.phc.is_empty());
        let phc = account.map(|p| p.phc.as_str());
        let attempt = desk.gate.attempt(&given.name, &given.password, phc);
        match &attempt {
            Attempt::In(who) => desk.desk.store.note(who, "signed in", "")?,
            Attempt::Wrong => desk.desk.store.note("-", "wrong password", &given.name)?,
            Attempt::Wait(_) => {}
        }
        Ok::<_, crate::store::StoreError>(attempt)
    });
    match tried.await {
        Some(Ok(Attempt::In(who))) => match app.gate.open(&who) {
            Ok(token) => into(&token),
            Err(e) => super::api::broken(&e),
        },
        Some(Ok(Attempt::Wrong)) => {
            sign_in(&app, lang, StatusCode::UNAUTHORIZED, word(lang, "wrong").to_owned())
        }
        Some(Ok(Attempt::Wait(pause))) => {
            let seconds = pause.as_secs() + 1;
            let text = word(lang, "wait").replace("{n}", &seconds.to_string());
            let mut response = sign_in(&app, lang, StatusCode::TOO_MANY_REQUESTS, text);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Some(Err(e)) => super::api::broken(&e),
        None => super::api::broken(&"the job ended early"),
    }
}

async fn logout(State(app): State<Shared>, headers: HeaderMap) -> Response {
    if let Some(token) = cookie(&headers, COOKIE) {
        app.gate.close(token);
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    let mut response = Redirect::to("/").into_response();
    if let Ok(value) = HeaderValue::from_str(&gone) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
