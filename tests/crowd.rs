//! Ten reviewers at once, over real connections to the program itself: nobody loses a decision, nobody
//! decides what another has decided, and everyone is answered quickly.
//!
//! `CROWD=SURVEY cargo test --release --test crowd -- --nocapture` does the same on a copy of a real survey,
//! with its pictures, for figures.
#![cfg(feature = "server")]

#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod form;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use faxtally::account::fold;
use faxtally::reading::FieldState;
use faxtally::review::hash;
use faxtally::store::{Person, Store};
use serde_json::{Value, json};
use tempfile::TempDir;

const PEOPLE: usize = 10;
/// Decisions of each on a real survey.
const EACH: usize = 60;

struct Serving {
    child: Child,
    host: String,
}

impl Serving {
    fn new(survey: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
        command.arg("review").arg("-s").arg(survey).args(["--port", "0", "--audit", "0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        let host = url["http://".len()..].split('/').next().unwrap().to_owned();
        Self { child, host }
    }

    /// Kilobytes at most so far; 0 where the system does not say.
    fn most_memory(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let text = text.unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// One reviewer's browser: a connection that is kept, and a session.
struct Browser {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: String,
}

impl Browser {
    fn new(host: &str, name: &str) -> Self {
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let stream = BufReader::new(stream);
        let mut out = Self { stream, host: host.to_owned(), cookie: String::new() };
        let form = format!("name={name}&password=correct+horse");
        let (head, _) = out.send("POST", "/login", "application/x-www-form-urlencoded", &form);
        let cookie = head.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("signed in");
        cookie.split(';').next().unwrap().clone_into(&mut out.cookie);
        out
    }

    fn send(&mut self, method: &str, path: &str, kind: &str, body: &str) -> (String, Vec<u8>) {
        let (host, cookie, length) = (&self.host, &self.cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\ncontent-type: {kind}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "{path}: {head}");
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |n| n.parse().unwrap())];
        self.stream.read_exact(&mut body).unwrap();
        (head, body)
    }

    fn post(&mut self, path: &str, body: &Value) -> Value {
        let (head, body) = self.send("POST", path, "application/json", &body.to_string());
        assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
        serde_json::from_slice(&body).unwrap()
    }
}

/// What one reviewer did.
#[derive(Default)]
struct Work {
    kept: Vec<String>,
    refused: usize,
    decide: Vec<f64>,
    take: Vec<f64>,
    crop: Vec<f64>,
}

fn timed<T>(times: &mut Vec<f64>, job: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let out = job();
    times.push(started.elapsed().as_secs_f64() * 1000.0);
    out
}

/// Takes a few, looks at each, decides each; until nothing is left or the share is done.
fn work(host: &str, name: &str, most: usize, pictures: bool) -> Work {
    let mut browser = Browser::new(host, name);
    let mut work = Work::default();
    while work.kept.len() < most {
        let ask = json!({"n": 6, "filter": {"kind": "answer"}});
        let got = timed(&mut work.take, || browser.post("/api/take", &ask));
        let items = got["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        for item in items {
            if pictures {
                let field = item["field"].as_str().unwrap();
                let path =
                    format!("/picture/{}/answer/{field}", item["response"].as_str().unwrap());
                timed(&mut work.crop, || browser.send("GET", &path, "text/plain", ""));
            }
            let row = json!({"key": item["key"], "seen": item["rev"], "took_ms": 900,
                "do": "answer", "value": []});
            let body = json!({"items": [row]});
            let told = timed(&mut work.decide, || browser.post("/api/decide", &body));
            if told["items"][0]["kept"] == true {
                work.kept.push(item["key"].as_str().unwrap().to_owned());
            } else {
                work.refused += 1;
            }
        }
    }
    work
}

/// Fakes of which two answers each are doubtful, or a copy of a real survey.
fn survey(dir: &TempDir) -> (PathBuf, bool) {
    let at = dir.path().join("survey");
    if let Some(real) = std::env::var_os("CROWD") {
        std::fs::create_dir(&at).unwrap();
        std::fs::copy(Path::new(&real).join("survey.db"), at.join("survey.db")).unwrap();
        return (at, true);
    }
    let store = Store::create(&at).unwrap();
    store.add_form(&form::folder(dir.path(), "f1", "s1")).unwrap();
    for i in 0..90 {
        let page = format!("response q1=a? q2=b? ink={i}");
        fake::write(&dir.path().join("in"), &format!("{i:03}.fax"), &[&page]);
    }
    fake::read(&dir.path().join("in"), &store, &fake::Fake::default());
    (at, false)
}

fn quantile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get((times.len() as f64 * share) as usize).copied().unwrap_or(0.0)
}

/// Opens the accounts; one hash for all, for argon2 takes its time.
fn accounts(survey: &Path) -> Vec<String> {
    let names: Vec<String> = (0..PEOPLE).map(|i| format!("person{i}")).collect();
    let store = Store::open(survey).unwrap();
    let phc = hash("correct horse").unwrap();
    for name in &names {
        store.set_person(Person { name: name.clone(), phc: phc.clone() }).unwrap();
    }
    names
}

/// Says how long everybody waited; the 95th percentile of the decisions, in milliseconds.
fn report(done: &[Work]) -> f64 {
    let all = |times: fn(&Work) -> &Vec<f64>| done.iter().flat_map(times).copied().collect();
    let figures: [(&str, Vec<f64>); 3] =
        [("decide", all(|w| &w.decide)), ("take", all(|w| &w.take)), ("crop", all(|w| &w.crop))];
    for (what, times) in &figures {
        let at = |share| quantile(times.clone(), share);
        println!("{what}: {} times, {:.1} ms, 95 %: {:.1} ms", times.len(), at(0.5), at(0.95));
    }
    quantile(figures[0].1.clone(), 0.95)
}

#[test]
fn ten_reviewers_at_once_lose_nothing_and_decide_nothing_twice() {
    let dir = TempDir::new().unwrap();
    let (at, real) = survey(&dir);
    let names = accounts(&at);
    let server = Serving::new(&at);
    let most = if real { EACH } else { usize::MAX };
    let done: Vec<Work> = std::thread::scope(|scope| {
        let host = &server.host;
        let start = |name: String| scope.spawn(move || work(host, &name, most, real));
        let threads: Vec<_> = names.iter().cloned().map(start).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let kept: Vec<&String> = done.iter().flat_map(|w| &w.kept).collect();
    let once: BTreeSet<&String> = kept.iter().copied().collect();
    let slow = report(&done);
    println!("{} decided, {} MB at most", kept.len(), server.most_memory() / 1024);
    assert_eq!(kept.len(), once.len(), "nothing is decided twice");
    assert_eq!(done.iter().map(|w| w.refused).sum::<usize>(), 0, "nobody was given another's item");
    // Passwords are tried one at a time: on a busy machine the last to get in may find nothing left.
    let busy = done.iter().filter(|w| !w.kept.is_empty()).count();
    assert!(2 * busy > done.len(), "{busy} of {} had something to do", done.len());
    drop(server);

    // Killed, and looked at from outside: what was acknowledged is there, once, by whom it was.
    let store = Store::open(&at).unwrap();
    assert_eq!(store.timed_decisions().unwrap().len(), kept.len());
    assert!(store.prove().unwrap().is_whole());
    if !real {
        let account = fold(&store.snapshot().unwrap());
        let answers = account.responses.iter().flat_map(|r| r.answers.values());
        assert_eq!(answers.filter(|a| a.state == FieldState::Pending).count(), 0);
        // Generous: a debug build beside other tests. The figure is measured with CROWD and --release.
        assert!(slow < 1000.0, "{slow}");
    }
}
