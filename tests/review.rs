//! The browser side as its script and an attacker see it: what waits, who gets it, what becomes of a
//! decision, and what no request can do.
#![cfg(feature = "server")]

#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod form;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use faxtally::account::{Source, fold};
use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::lang::Lang;
use faxtally::pipeline::Reader;
use faxtally::reading::{FieldState, PageReading};
use faxtally::review::{ReviewError, Rules, Server, Settings, hash};
use faxtally::store::{Person, Store};
use serde_json::{Value, json};
use sqlx::Connection;
use tempfile::TempDir;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse";

struct Room {
    dir: TempDir,
    router: Router,
    link: String,
    host: String,
    runtime: tokio::runtime::Runtime,
}

fn settings(rules: Rules) -> Settings {
    Settings {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        names: vec![],
        lang: Lang::En,
        owner: "Owner".into(),
        rules,
    }
}

fn no_audit() -> Rules {
    Rules { audit: 0, ..Rules::default() }
}

impl Room {
    /// Faxes of one page each, read by the fake reader; accounts for Sato, Suzuki and Mori.
    fn new(pages: &[&str], rules: Rules) -> Self {
        let dir = TempDir::new().unwrap();
        let store = Store::create(&dir.path().join("survey")).unwrap();
        store.add_form(&form::folder(dir.path(), "f1", "s1")).unwrap();
        for (i, page) in pages.iter().enumerate() {
            fake::write(&dir.path().join("in"), &format!("{i:03}.fax"), &[page]);
        }
        fake::read(&dir.path().join("in"), &store, &fake::Fake::default());
        // One hash for all: argon2 takes its time.
        let phc = hash(PASSWORD).unwrap();
        for name in ["Sato", "Suzuki", "Mori"] {
            store.set_person(Person { name: name.into(), phc: phc.clone() }).unwrap();
        }
        Self::serve(dir, store, rules)
    }

    fn serve(dir: TempDir, store: Store, rules: Rules) -> Self {
        let server = Server::new(store, settings(rules)).unwrap();
        let url = server.url();
        let (host, link) = url["http://".len()..].split_once('/').unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            router: server.router(),
            link: format!("/{link}"),
            host: host.to_owned(),
            dir,
            runtime,
        }
    }

    /// The same survey in a new server, as after a kill.
    fn again(self, rules: Rules) -> Self {
        let Self { dir, router, runtime, .. } = self;
        drop((router, runtime));
        let store = Store::open(&dir.path().join("survey")).unwrap();
        Self::serve(dir, store, rules)
    }

    fn store(&self) -> Store {
        Store::open(&self.dir.path().join("survey")).unwrap()
    }

    fn send(&self, request: Request<Body>) -> (StatusCode, Response<()>, String) {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, 1 << 24).await.unwrap();
            let status = parts.status;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (status, Response::from_parts(parts, ()), text)
        })
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", &self.host)
    }

    fn get(&self, path: &str) -> (StatusCode, Response<()>, String) {
        self.send(self.request("GET", path).body(Body::empty()).unwrap())
    }

    fn cookie(response: &Response<()>) -> String {
        let set = response.headers()["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        set.split(';').next().unwrap().to_owned()
    }

    fn login(&self, name: &str, password: &str) -> (StatusCode, Response<()>, String) {
        let body = format!("name={name}&password={}", password.replace(' ', "+"));
        let request = self.request("POST", "/login");
        let form = "application/x-www-form-urlencoded";
        self.send(request.header("content-type", form).body(Body::from(body)).unwrap())
    }

    /// Where one of the program's files is: named in every page.
    fn asset(&self, name: &str) -> String {
        let page = self.get("/login").2;
        let at = page.split("href=\"").nth(1).unwrap();
        at.split('"').next().unwrap().replace("app.css", name)
    }

    fn person(&self, name: &str) -> Reviewer<'_> {
        let (status, response, _) = self.login(name, PASSWORD);
        assert_eq!(status, StatusCode::SEE_OTHER);
        Reviewer { room: self, cookie: Self::cookie(&response) }
    }
}

struct Reviewer<'a> {
    room: &'a Room,
    cookie: String,
}

impl Reviewer<'_> {
    fn try_post(&self, path: &str, body: &Value) -> (StatusCode, String) {
        let request = self.room.request("POST", path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/json");
        let (status, _, text) = self.room.send(request.body(Body::from(body.to_string())).unwrap());
        (status, text)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let (status, text) = self.try_post(path, body);
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn get(&self, path: &str) -> (StatusCode, String) {
        let request = self.room.request("GET", path).header("cookie", &self.cookie);
        let (status, _, text) = self.room.send(request.body(Body::empty()).unwrap());
        (status, text)
    }

    fn take(&self, n: usize, filter: &Value) -> Vec<Value> {
        let got = self.post("/api/take", &json!({"n": n, "filter": filter}));
        got["items"].as_array().unwrap().clone()
    }

    fn decide(&self, item: &Value, did: &Value) -> Value {
        let mut row = json!({"key": item["key"], "seen": item["rev"], "took_ms": 900});
        row.as_object_mut().unwrap().extend(did.as_object().unwrap().clone());
        self.post("/api/decide", &json!({"items": [row]}))["items"][0].clone()
    }

    fn answer(&self, item: &Value, value: &[&str]) -> Value {
        self.decide(item, &json!({"do": "answer", "value": value}))
    }

    fn queue(&self) -> Value {
        serde_json::from_str(&self.get("/api/queue").1).unwrap()
    }
}

/// (value, state, source) of an answer as the tally sees it.
fn stands(store: &Store, file: &str, question: &str) -> (Vec<String>, FieldState, Source) {
    let account = fold(&store.snapshot().unwrap());
    let r = account.responses.iter().find(|r| r.file == file).unwrap();
    let a = &r.answers[question];
    (a.value.clone(), a.state, a.source)
}

/// Decides everything by the truth: q1 is b, q2 is a, n is 7. How many items there were.
fn work_off(who: &Reviewer) -> usize {
    let mut done = 0;
    loop {
        let items = who.take(12, &json!({}));
        if items.is_empty() {
            break;
        }
        for item in items {
            done += 1;
            let kept = match item["field"].as_str().unwrap() {
                "q1" => who.answer(&item, &["b"]),
                "q2" => who.answer(&item, &["a"]),
                _ => who.decide(&item, &json!({"do": "text", "value": "7"})),
            };
            assert_eq!(kept["kept"], true, "{kept}");
        }
    }
    done
}

#[test]
fn the_tally_after_review_is_the_truth() {
    // Guesses of which every third is wrong; n is written nowhere, and unread by the fake.
    let pages: Vec<String> = (0..30)
        .map(|i| {
            let guess = if i % 3 == 0 { "a" } else { "b" };
            format!("response q1={guess}? q2=a,b? ink={i}")
        })
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let room = Room::new(&pages, no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["open"], 90);
    let done = work_off(&sato);
    assert_eq!(done, 90);
    let store = room.store();
    let forms = store.forms().unwrap();
    let account = fold(&store.snapshot().unwrap());
    let tally =
        faxtally::tally::tally(&account, &forms, &faxtally::tally::TallySettings::default());
    assert_eq!(tally.unreviewed(), 0);
    let json = serde_json::to_value(&tally).unwrap();
    let counts = |q: usize| {
        json["questions"][q]["options"]
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o["count"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!((counts(0), counts(1)), (vec![0, 30], vec![30, 0]));
    assert_eq!(json["questions"][2]["sum"], 210);
    let (status, html) = sato.get("/dashboard");
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("90 / 90") && html.contains("Sato"), "{html}");
}

#[test]
fn two_reviewers_get_different_items_and_never_decide_the_same_in_silence() {
    let room = Room::new(&["response q1=a? q2=b ink=1", "response q1=b? q2=b ink=2"], no_audit());
    let (sato, suzuki) = (room.person("Sato"), room.person("Suzuki"));
    let choice = json!({"kind": "answer"});
    let first = sato.take(1, &choice);
    let second = suzuki.take(5, &choice);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0]["key"], second[0]["key"]);
    assert!(
        suzuki.take(5, &json!({"kind": "answer", "response": first[0]["response"]})).is_empty()
    );
    // Both look at the same item (a lease that ran out): the second is shown the first's decision.
    assert_eq!(sato.answer(&first[0], &["b"])["kept"], true);
    let told = suzuki.answer(&first[0], &["a"]);
    assert_eq!(
        (&told["kept"], &told["who"], &told["value"]),
        (&json!(false), &json!("Sato"), &json!(["b"]))
    );
    let file = first[0]["file"].as_str().unwrap();
    assert_eq!(stands(&room.store(), file, "q1").0, ["b"]);
    // Knowing it, they may decide otherwise; both decisions stay in the log.
    let mut knowing = first[0].clone();
    knowing["rev"] = told["rev"].clone();
    assert_eq!(suzuki.answer(&knowing, &["a"])["kept"], true);
    assert_eq!(stands(&room.store(), file, "q1").0, ["a"]);
    assert!(room.store().prove().unwrap().is_whole());
}

#[test]
fn undo_goes_back_any_depth_over_a_kill_and_redo_brings_back() {
    let room = Room::new(&["response q1=a? q2=a? ink=1", "response q1=b? q2=a? ink=2"], no_audit());
    let sato = room.person("Sato");
    let items = sato.take(4, &json!({"kind": "answer"}));
    assert_eq!(items.len(), 4);
    for item in &items[..2] {
        sato.answer(item, &["b"]);
    }
    // A screen of the grid is one step.
    let rows: Vec<Value> = items[2..]
        .iter()
        .map(|i| json!({"key": i["key"], "seen": i["rev"], "do": "answer", "value": []}))
        .collect();
    sato.post("/api/decide", &json!({"items": rows}));
    assert_eq!(sato.queue()["open"], 2);
    let undone = sato.post("/api/undo", &json!({}));
    assert_eq!(undone["keys"].as_array().unwrap().len(), 2, "the batch as one");
    assert_eq!(sato.queue()["open"], 4);
    sato.post("/api/redo", &json!({}));
    assert_eq!(sato.queue()["open"], 2);
    let room = room.again(no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["open"], 2, "what was acknowledged is there after a kill");
    for left in [4, 5, 6] {
        assert!(sato.post("/api/undo", &json!({}))["keys"].is_array());
        assert_eq!(sato.queue()["open"], left);
    }
    assert!(sato.post("/api/undo", &json!({}))["keys"].is_null(), "nothing is left to take back");
    assert!(room.person("Suzuki").post("/api/undo", &json!({}))["keys"].is_null());
    let store = room.store();
    assert_eq!(
        stands(&store, "000.fax", "q1"),
        (vec!["a".into()], FieldState::Pending, Source::Machine)
    );
    assert!(store.prove().unwrap().is_whole());
}

#[test]
fn what_cannot_be_told_stays_pending_and_is_never_a_blank() {
    let room = Room::new(&["response q1=a? q2=b ink=1", "response q1=b? q2=b ink=2"], no_audit());
    let (sato, suzuki) = (room.person("Sato"), room.person("Suzuki"));
    let choice = json!({"kind": "answer"});
    let items = sato.take(2, &choice);
    sato.decide(&items[0], &json!({"do": "cannot_tell"}));
    sato.decide(&items[1], &json!({"do": "escalate", "note": "ask the chair"}));
    assert!(sato.take(5, &choice).is_empty());
    let queue = sato.queue();
    assert_eq!((&queue["cannot_tell"], &queue["escalated"]), (&json!(1), &json!(1)));
    let file = items[0]["file"].as_str().unwrap();
    assert_eq!(stands(&room.store(), file, "q1").1, FieldState::Pending);
    let passed_on = suzuki.take(5, &choice);
    assert_eq!(passed_on.len(), 1);
    assert_eq!(passed_on[0]["remarks"][0]["note"], "ask the chair");
    // It can be taken up again, and a skipped item comes last instead of never.
    let again = sato.take(1, &json!({"shelf": "cannot_tell"}));
    assert_eq!(sato.answer(&again[0], &[])["kept"], true);
    assert_eq!(stands(&room.store(), file, "q1").1, FieldState::Blank);
    suzuki.decide(&passed_on[0], &json!({"do": "skip"}));
    assert_eq!(suzuki.take(5, &choice).len(), 1);
}

#[test]
fn double_entry_counts_what_two_agree_on_and_asks_a_third() {
    let rules = Rules { double: ["q1".to_owned()].into(), ..no_audit() };
    let room = Room::new(&["response q1=a? q2=b ink=1"], rules);
    let (sato, suzuki, mori) = (room.person("Sato"), room.person("Suzuki"), room.person("Mori"));
    let choice = json!({"kind": "answer"});
    let item = sato.take(1, &choice)[0].clone();
    assert_eq!(sato.answer(&item, &["a"])["kept"], true);
    assert_eq!(stands(&room.store(), "000.fax", "q1").1, FieldState::Pending, "one entry is none");
    assert!(sato.take(1, &choice).is_empty());
    let second = suzuki.take(1, &choice)[0].clone();
    assert!(!second.to_string().contains("Sato"), "the second does not see the first");
    assert_eq!(suzuki.answer(&second, &["b"])["disagree"], true);
    let third = mori.take(1, &choice)[0].clone();
    mori.answer(&third, &["b"]);
    assert_eq!(stands(&room.store(), "000.fax", "q1").0, ["b"]);
}

#[test]
fn the_blind_audit_looks_like_any_other_item_and_bounds_the_silent_errors() {
    let pages: Vec<String> = (0..20)
        .map(|i| {
            let doubt = if i % 2 == 0 { "?" } else { "" };
            format!("response q1=a{doubt} q2=b ink={i}")
        })
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let room = Room::new(&pages, Rules { audit: 8, ..Rules::default() });
    let sato = room.person("Sato");
    let (mut probes, mut ordinary) = (0, Vec::new());
    let mut shapes = std::collections::BTreeSet::new();
    loop {
        let items = sato.take(4, &json!({"kind": "answer"}));
        if items.is_empty() {
            break;
        }
        for item in items {
            let keys: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
            shapes.insert(keys);
            assert_eq!(item["reasons"], json!([]));
            let even = item["file"].as_str().unwrap()[..3].parse::<u32>().unwrap() % 2 == 0;
            if item["field"] == "q1" && even {
                ordinary.push(item["key"].clone());
            } else {
                probes += 1;
            }
            sato.answer(&item, &["b"]);
        }
    }
    assert_eq!(shapes.len(), 1);
    assert_eq!(ordinary.len(), 10);
    assert!((4..=8).contains(&probes), "{probes}");
    let store = room.store();
    let (account, forms) = (fold(&store.snapshot().unwrap()), store.forms().unwrap());
    let figure = faxtally::sample::figure(&account, &forms, &store.probes().unwrap());
    assert_eq!(figure.checked, probes);
    let wrong = store.probes().unwrap().iter().filter(|p| p.field.name() == "q1").count();
    assert_eq!(figure.errors, wrong as u64, "q1 was b on every page, q2 as read");
    assert!(figure.at_most >= figure.expected_errors && figure.at_most <= figure.unseen as f64);
}

#[test]
fn a_page_is_decided_and_its_answers_come_after_it() {
    let room = Room::new(&["pending q1=a? q2=b ink=1", "response q1=a q2=b ink=2"], no_audit());
    let sato = room.person("Sato");
    let pages = sato.take(5, &json!({"kind": "page"}));
    assert_eq!(pages.len(), 1);
    assert!(sato.take(5, &json!({"kind": "answer"})).is_empty(), "a pending page's answers wait");
    let told = sato
        .decide(&pages[0], &json!({"do": "page", "verdict": {"status": "counted", "form": "f1"}}));
    assert_eq!(told["kept"], true);
    assert_eq!(sato.take(5, &json!({"kind": "answer"})).len(), 1);
    sato.post("/api/undo", &json!({}));
    assert_eq!(sato.take(5, &json!({"kind": "page"})).len(), 1);
    let again = sato.take(5, &json!({"kind": "page"}))[0].clone();
    sato.decide(
        &again,
        &json!({"do": "page", "verdict": {"status": "set_aside"}, "note": "cover sheet"}),
    );
    assert_eq!(sato.queue()["pages"], 0);
    let bad = sato
        .decide(&again, &json!({"do": "page", "verdict": {"status": "duplicate", "of": "r-0"}}));
    assert_eq!(bad["kept"], false, "{bad}");
    assert!(room.store().log().unwrap().iter().any(|l| l.3.contains("cover sheet")));
}

#[test]
fn nothing_is_answered_without_a_session_and_the_link_works_once() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    for path in [
        "/api/start",
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
fn other_sites_and_other_names_get_nowhere() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    let sato = room.person("Sato");
    let with = |headers: &[(&str, &str)], path: &str| {
        let mut request =
            Request::builder().method("POST").uri(path).header("cookie", &sato.cookie);
        if !headers.iter().any(|h| h.0 == "host") {
            request = request.header("host", &room.host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        room.send(request.body(Body::from("{}")).unwrap()).0
    };
    let json = ("content-type", "application/json");
    assert_eq!(with(&[json, ("sec-fetch-site", "same-origin")], "/api/undo"), StatusCode::OK);
    for bad in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("host", "evil.example"),
        ("host", "evil.example:80"),
        ("host", "192.0.2.1:8417"),
    ] {
        assert_eq!(with(&[json, bad], "/api/undo"), StatusCode::FORBIDDEN, "{bad:?}");
    }
    // A form of another site can send this type, but not JSON.
    let status = with(&[("content-type", "text/plain")], "/api/take");
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    // Nothing loads it into a frame or reads its pictures.
    let request = room.request("GET", "/picture/page/r-0").header("cookie", &sato.cookie);
    let request = request.header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "image");
    assert_eq!(room.send(request.body(Body::empty()).unwrap()).0, StatusCode::FORBIDDEN);
}

#[test]
fn a_stranger_can_neither_sign_people_in_or_out_nor_fill_the_memory() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    let sato = room.person("Sato");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let post = |path: &str, headers: &[(&str, &str)], body: String| {
        let mut request = room.request("POST", path).header("cookie", &sato.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        room.send(request.body(Body::from(body)).unwrap()).0
    };
    // Another site's form: it would sign the reviewer in as somebody else, or out.
    let cross = ("sec-fetch-site", "cross-site");
    let login = format!("name=Suzuki&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(post("/login", &[form, cross], login.clone()), StatusCode::FORBIDDEN);
    let origin = ("origin", "http://evil.example");
    assert_eq!(post("/login", &[form, origin], login), StatusCode::FORBIDDEN);
    assert_eq!(post("/logout", &[cross], String::new()), StatusCode::FORBIDDEN);
    assert_eq!(sato.get("/api/queue").0, StatusCode::OK, "still there");
    // Nor by a link: what changes something is never a GET.
    for path in ["/logout", "/api/undo", "/api/decide", "/api/register"] {
        assert_eq!(sato.get(path).0, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    let json = ("content-type", "application/json");
    let big = format!("{{\"keys\": [\"{}\"]}}", "x".repeat(4 << 20));
    assert_eq!(post("/api/release", &[json], big), StatusCode::PAYLOAD_TOO_LARGE);
    let many: Vec<Value> =
        (0..500).map(|_| json!({"key": "r-0/answer/q1", "seen": 0, "do": "skip"})).collect();
    let many = json!({"items": many}).to_string();
    assert_eq!(post("/api/decide", &[json], many), StatusCode::UNPROCESSABLE_ENTITY);
    let long = format!("name=Sato&password={}", "x".repeat(100_000));
    assert_eq!(post("/login", &[form], long), StatusCode::UNAUTHORIZED);
    // Without a name of the server there is no telling who asks.
    let nameless = Request::builder().uri("/").body(Body::empty()).unwrap();
    assert_eq!(room.send(nameless).0, StatusCode::FORBIDDEN);
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
fn pages_that_were_set_aside_can_be_looked_at_and_are_settled_once() {
    let room = Room::new(&["cover ink=1", "response q1=a? q2=b ink=2", "cover ink=3"], no_audit());
    let sato = room.person("Sato");
    let queue = sato.queue();
    assert_eq!((&queue["set_aside"], &queue["pages"]), (&json!(2), &json!(0)));
    assert!(sato.take(9, &json!({})).iter().all(|i| i["kind"] != "page"), "only where asked for");
    let shelf = json!({"shelf": "set_aside"});
    let pages = sato.take(9, &shelf);
    assert_eq!(pages.len(), 2);
    let aside = json!({"do": "page", "verdict": {"status": "set_aside"}});
    assert_eq!(sato.decide(&pages[0], &aside)["kept"], true);
    assert_eq!(sato.queue()["set_aside"], 1);
    let counted = json!({"do": "page", "verdict": {"status": "counted", "form": "f1"}});
    assert_eq!(sato.decide(&pages[1], &counted)["kept"], true);
    let account = fold(&room.store().snapshot().unwrap());
    assert_eq!(account.responses.len(), 2, "what a person found is a response");
    let room = room.again(no_audit());
    let sato = room.person("Sato");
    assert_eq!(sato.queue()["set_aside"], 0, "what a person set aside is settled");
    sato.post("/api/undo", &json!({}));
    sato.post("/api/undo", &json!({}));
    // The account is made anew beside the request.
    let back = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        sato.queue()["set_aside"] == 2
    });
    assert!(back, "{}", sato.queue());
}

#[test]
fn every_answer_says_what_the_browser_may_do() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    let script = room.asset("app.js");
    for path in ["/", "/login", &script, "/nothing", "/api/queue", "/enter?key=x"] {
        let (_, response, body) = room.get(path);
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        if body.contains("<html") {
            assert!(
                !body.contains(" style=") && !body.contains("<style") && !body.contains(" onclick")
            );
        }
    }
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/review/web");
    for entry in std::fs::read_dir(web).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (status, response, script) = room.get(&room.asset(&name));
        assert_eq!(status, StatusCode::OK, "{name} is not among the program's files");
        let keep = response.headers()["cache-control"].to_str().unwrap();
        assert!(keep.contains("immutable"), "{name}: {keep}");
        for never in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "new Function",
            "document.write",
        ] {
            assert!(!script.contains(never), "{name}: {never}");
        }
    }
    // A page of an older program, still open somewhere, gets its files and does not keep them.
    let (status, response, _) = room.get("/assets/0123456789abcdef/app.js");
    assert_eq!(
        (status, &response.headers()["cache-control"]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
}

#[test]
fn no_path_from_a_request_reaches_the_file_system() {
    let room = Room::new(&["response q1=a? q2=b ink=1"], no_audit());
    std::fs::write(room.dir.path().join("secret.txt"), "secret").unwrap();
    let sato = room.person("Sato");
    for path in [
        "/assets/x/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2f..%2f../secret.txt",
        "//etc/passwd",
        "/picture/page/..%2f..%2fsecret.txt",
        "/picture/page/%2fetc%2fpasswd",
        "/picture/..%2f..%2fsecret.txt/answer/q1",
        "/picture/r-0/answer/..%2f..%2fsecret.txt",
        "/api/page/..%2fsecret.txt",
    ] {
        let (status, text) = sato.get(path);
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(!text.contains("secret") && !text.contains("root:"), "{path}: {text}");
    }
}

#[test]
fn names_of_files_and_people_are_never_markup() {
    let dir = TempDir::new().unwrap();
    let store = Store::create(&dir.path().join("survey")).unwrap();
    store.add_form(&form::folder(dir.path(), "f1", "s1")).unwrap();
    let name = "<img src=x onerror=alert(1)>.fax";
    fake::write(&dir.path().join("in"), name, &["response q1=a? q2=b ink=1"]);
    fake::read(&dir.path().join("in"), &store, &fake::Fake::default());
    let who = "<b>Sato</b>";
    store.set_person(Person { name: who.into(), phc: hash(PASSWORD).unwrap() }).unwrap();
    let room = Room::serve(dir, store, no_audit());
    let sato = room.person("%3Cb%3ESato%3C%2Fb%3E");
    let item = sato.take(1, &json!({"kind": "answer"}))[0].clone();
    assert_eq!(item["file"], name, "as data");
    sato.answer(&item, &["a"]);
    let html = sato.get("/dashboard").1;
    assert!(!html.contains(who) && html.contains("Sato"), "{html}");
}

#[test]
fn a_form_put_by_hand_gives_a_reading_that_can_be_kept() {
    let form = Form::open(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024")));
    let form = form.unwrap();
    let (bitmap, resolution) = (form.blank.clone(), Some(form.blank_resolution));
    let (w, h) = (bitmap.width() as f32, bitmap.height() as f32);
    let page = FaxPage { bitmap, resolution, damage: Damage::default() };
    let reader = Reader::new(vec![form], Policy::default());
    let sheet = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    let right = reader.read_placed(&page, sheet).unwrap();
    assert!(right.agreement.get() > 0.9, "{}", right.agreement.get());
    // Corners that no anchor agrees with, one of them upside down: every answer waits for a person.
    for turned in
        [sheet.map(|(x, y)| (w - x, h - y)), sheet.map(|(x, y)| (x * 0.6, y * 0.7 + 90.0))]
    {
        let Some(wrong) = reader.read_placed(&page, turned) else { continue };
        let json = serde_json::to_string(&wrong).unwrap();
        let kept = serde_json::from_str::<PageReading>(&json);
        assert!(kept.is_ok(), "{kept:?}");
        if wrong.agreement.get() < 0.6 {
            let sure = wrong.answers.values().filter(|a| a.state != FieldState::Pending).count();
            assert_eq!(sure, 0, "{json}");
        }
    }
    assert!(reader.read_placed(&page, [(0.0, 0.0); 4]).is_none());
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
