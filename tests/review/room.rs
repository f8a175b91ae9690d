//! A small survey under review and the people at it, as their browsers see it.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use faxtally::account::{Source, fold};
use faxtally::lang::Lang;
use faxtally::reading::FieldState;
use faxtally::review::{Rules, Server, Settings, hash};
use faxtally::store::{Person, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{fake, form};

pub const PASSWORD: &str = "correct horse";

pub struct Room {
    pub dir: TempDir,
    pub router: Router,
    pub link: String,
    pub host: String,
    pub runtime: tokio::runtime::Runtime,
}

pub fn settings(rules: Rules) -> Settings {
    Settings {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        names: vec![],
        lang: Lang::En,
        owner: "Owner".into(),
        rules,
    }
}

pub fn no_audit() -> Rules {
    Rules { audit: 0, ..Rules::default() }
}

impl Room {
    /// Faxes of one page each, read by the fake reader; accounts for Sato, Suzuki and Mori.
    pub fn new(pages: &[&str], rules: Rules) -> Self {
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

    pub fn serve(dir: TempDir, store: Store, rules: Rules) -> Self {
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
    pub fn again(self, rules: Rules) -> Self {
        let Self { dir, router, runtime, .. } = self;
        drop((router, runtime));
        let store = Store::open(&dir.path().join("survey")).unwrap();
        Self::serve(dir, store, rules)
    }

    pub fn store(&self) -> Store {
        Store::open(&self.dir.path().join("survey")).unwrap()
    }

    pub fn send(&self, request: Request<Body>) -> (StatusCode, Response<()>, String) {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, 1 << 24).await.unwrap();
            let status = parts.status;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (status, Response::from_parts(parts, ()), text)
        })
    }

    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", &self.host)
    }

    pub fn get(&self, path: &str) -> (StatusCode, Response<()>, String) {
        self.send(self.request("GET", path).body(Body::empty()).unwrap())
    }

    pub fn cookie(response: &Response<()>) -> String {
        let set = response.headers()["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        set.split(';').next().unwrap().to_owned()
    }

    pub fn login(&self, name: &str, password: &str) -> (StatusCode, Response<()>, String) {
        let body = format!("name={name}&password={}", password.replace(' ', "+"));
        let request = self.request("POST", "/login");
        let form = "application/x-www-form-urlencoded";
        self.send(request.header("content-type", form).body(Body::from(body)).unwrap())
    }

    /// Where one of the program's files is: named in every page.
    pub fn asset(&self, name: &str) -> String {
        let page = self.get("/login").2;
        let at = page.split("href=\"").nth(1).unwrap();
        at.split('"').next().unwrap().replace("app.css", name)
    }

    pub fn person(&self, name: &str) -> Reviewer<'_> {
        let (status, response, _) = self.login(name, PASSWORD);
        assert_eq!(status, StatusCode::SEE_OTHER);
        Reviewer { room: self, cookie: Self::cookie(&response) }
    }
}

pub struct Reviewer<'a> {
    pub room: &'a Room,
    pub cookie: String,
}

impl Reviewer<'_> {
    pub fn try_post(&self, path: &str, body: &Value) -> (StatusCode, String) {
        let request = self.room.request("POST", path).header("cookie", &self.cookie);
        let request = request.header("content-type", "application/json");
        let (status, _, text) = self.room.send(request.body(Body::from(body.to_string())).unwrap());
        (status, text)
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, text) = self.try_post(path, body);
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub fn get(&self, path: &str) -> (StatusCode, String) {
        let request = self.room.request("GET", path).header("cookie", &self.cookie);
        let (status, _, text) = self.room.send(request.body(Body::empty()).unwrap());
        (status, text)
    }

    pub fn take(&self, n: usize, filter: &Value) -> Vec<Value> {
        let got = self.post("/api/take", &json!({"n": n, "filter": filter}));
        got["items"].as_array().unwrap().clone()
    }

    pub fn decide(&self, item: &Value, did: &Value) -> Value {
        let mut row = json!({"key": item["key"], "seen": item["rev"], "took_ms": 900});
        row.as_object_mut().unwrap().extend(did.as_object().unwrap().clone());
        self.post("/api/decide", &json!({"items": [row]}))["items"][0].clone()
    }

    pub fn answer(&self, item: &Value, value: &[&str]) -> Value {
        self.decide(item, &json!({"do": "answer", "value": value}))
    }

    pub fn queue(&self) -> Value {
        serde_json::from_str(&self.get("/api/queue").1).unwrap()
    }
}

/// (value, state, source) of an answer as the tally sees it.
pub fn stands(store: &Store, file: &str, question: &str) -> (Vec<String>, FieldState, Source) {
    let account = fold(&store.snapshot().unwrap());
    let r = account.responses.iter().find(|r| r.file == file).unwrap();
    let a = &r.answers[question];
    (a.value.clone(), a.state, a.source)
}
