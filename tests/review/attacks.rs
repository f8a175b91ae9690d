//! Requests as an attacker would send them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use faxtally::review::hash;
use faxtally::store::{Person, Store};

use crate::room::{PASSWORD, Room, no_audit};
use crate::{fake, form};

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
    // Two names, one of them ours.
    let both = room.request("GET", "/login").header("host", "evil.example");
    assert_eq!(room.send(both.body(Body::empty()).unwrap()).0, StatusCode::FORBIDDEN);
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
    for name in ["app.css", "app.js", "dashboard.js"] {
        let (status, response, script) = room.get(&room.asset(name));
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
