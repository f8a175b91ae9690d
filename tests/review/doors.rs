//! Who gets in, and a log that shows who did what.

use axum::body::Body;
use axum::http::StatusCode;
use faxtally::review::{ReviewError, Server, Settings, hash};
use faxtally::store::{Person, Store};
use serde_json::json;
use sqlx::Connection;
use tempfile::TempDir;

use crate::room::{PASSWORD, Reviewer, Room, no_audit, settings};

#[test]
fn nothing_is_answered_without_a_session_and_the_link_works_once() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    for path in [
        "/",
        "/api/queue",
        "/api/page/r-0",
        "/picture/page/r-0",
        "/dashboard",
        "/picture/r-0/answer/q1",
    ] {
        assert_eq!(room.get(path).0, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in
        ["/api/take", "/api/decide", "/api/undo", "/api/redo", "/api/register", "/api/release"]
    {
        let request = room.request("POST", path).header("content-type", "application/json");
        let (status, ..) = room.send(request.body(Body::from("{}")).unwrap());
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(room.get("/").0, StatusCode::UNAUTHORIZED);
    assert_eq!(room.get("/enter?key=0000").0, StatusCode::UNAUTHORIZED);
    // Whoever only looks whether the link leads anywhere (a scanner of mails) does not use it up.
    let looked = room.send(room.request("HEAD", &room.link).body(Body::empty()).unwrap());
    assert_eq!(looked.0, StatusCode::METHOD_NOT_ALLOWED);
    let (status, response, _) = room.get(&room.link);
    assert_eq!(status, StatusCode::SEE_OTHER);
    let owner = Reviewer { room: &room, cookie: Room::cookie(&response) };
    assert_eq!(owner.get("/api/queue").0, StatusCode::OK);
    assert_eq!(room.get(&room.link).0, StatusCode::UNAUTHORIZED, "used");
    let request = room.request("POST", "/logout").header("cookie", &owner.cookie);
    room.send(request.body(Body::empty()).unwrap());
    assert_eq!(owner.get("/api/queue").0, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_forged_or_ended_session_is_none() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    let sato = room.person("Sato");
    let token = sato.cookie.split('=').nth(1).unwrap();
    assert_eq!(token.len(), 64, "256 bits");
    assert_ne!(room.person("Sato").cookie, sato.cookie, "a new one each time");
    let with = |cookie: String| Reviewer { room: &room, cookie }.get("/api/queue").0;
    for forged in ["faxtally=", "faxtally=0", &format!("faxtally={}", "0".repeat(64)), "Sato=1"] {
        assert_eq!(with(forged.to_owned()), StatusCode::UNAUTHORIZED, "{forged}");
    }
    assert_eq!(with(format!("a=b; faxtally={token}")), StatusCode::OK);
    // Whoever is removed is out, as soon as anybody looks.
    room.store().set_person(Person { name: "Sato".into(), phc: String::new() }).unwrap();
    let suzuki = room.person("Suzuki");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    suzuki.queue();
    assert_eq!(with(sato.cookie.clone()), StatusCode::UNAUTHORIZED);
    assert_eq!(suzuki.get("/api/queue").0, StatusCode::OK);
}

#[test]
fn attempts_to_sign_in_are_slowed_and_logged() {
    let room = Room::new(&["response q1=a q2=b ink=1"], no_audit());
    for _ in 0..3 {
        assert_eq!(room.login("Sato", "wrong password").0, StatusCode::UNAUTHORIZED);
    }
    let (status, response, _) = room.login("Sato", PASSWORD);
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(room.login("Suzuki", PASSWORD).0, StatusCode::SEE_OTHER, "others are not kept out");
    let wrong = room.store().log().unwrap().iter().filter(|l| l.2 == "wrong password").count();
    assert_eq!(wrong, 3);
}

#[test]
fn other_computers_need_accounts() {
    let dir = TempDir::new().unwrap();
    let make = || {
        let store = Store::create(&dir.path().join("survey")).unwrap();
        Server::new(store, Settings { host: "0.0.0.0".parse().unwrap(), ..settings(no_audit()) })
    };
    assert!(matches!(make(), Err(ReviewError::NoAccounts(_))));
    let store = Store::open(&dir.path().join("survey")).unwrap();
    store.set_person(Person { name: "Sato".into(), phc: hash(PASSWORD).unwrap() }).unwrap();
    drop(store);
    let url = make().unwrap().url();
    assert!(!url.contains("key="), "no link beyond this computer: {url}");
}

#[test]
fn a_log_that_was_tampered_with_is_found_out() {
    let room = Room::new(&["response q1=a? q2=b? ink=1"], no_audit());
    let sato = room.person("Sato");
    for item in sato.take(2, &json!({"kind": "answer"})) {
        sato.answer(&item, &["b"]);
    }
    sato.post("/api/undo", &json!({}));
    let whole = room.store().prove().unwrap();
    assert!(whole.is_whole() && whole.rows >= 3, "{whole:?}");
    assert!(room.store().has_line(&whole.head).unwrap());
    for (statement, found) in [
        ("DROP TRIGGER log_keep_update; UPDATE log SET detail = 'x' WHERE what = 'undo'", "broken"),
        (
            "DROP TRIGGER decision_keep_update; UPDATE decision SET value = '[\"a\"]' WHERE rev = 1",
            "unlogged",
        ),
        ("DROP TRIGGER log_keep_delete; DELETE FROM log WHERE what = 'signed in'", "broken"),
    ] {
        let copy = TempDir::new().unwrap();
        let db = copy.path().join("survey.db");
        // What the server holds is folded into the one file first.
        foreign(&room.dir.path().join("survey/survey.db"), "PRAGMA wal_checkpoint(TRUNCATE)");
        std::fs::copy(room.dir.path().join("survey/survey.db"), &db).unwrap();
        foreign(&db, statement);
        let proof = Store::open(copy.path()).unwrap().prove().unwrap();
        assert!(!proof.is_whole(), "{statement}");
        assert_eq!(found == "broken", !proof.broken.is_empty(), "{statement}: {proof:?}");
    }
}

fn foreign(db: &std::path::Path, statement: &'static str) {
    sqlx::any::install_default_drivers();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}", db.display());
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}
