//! What an operator meets on a bad day, through the real program: files that are none, pages that are
//! half there, stores that are no stores. Never a panic, never a hang, one line for each.

#[path = "support/fax_files.rs"]
#[allow(dead_code, reason = "each test crate uses a part of it")]
mod fax_files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fax_files::{Plain, directory, plain_tiff, strip, tiffcp};
use faxtally::decode::{Document, Limits};
use faxtally::raster::Bitmap;
use serde_json::Value;
use tempfile::TempDir;

const FORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/forms/mynahoken-2024");
/// Seconds after which a run counts as hung; the slowest here takes three.
const PATIENCE: &str = "60";

/// The program under a time limit: its code, stdout and stderr.
fn run(args: &[&str]) -> (i32, String, String) {
    let done = Command::new("timeout")
        .args(["-s", "KILL", PATIENCE, env!("CARGO_BIN_EXE_faxtally"), "--no-progress"])
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(done.stdout), text(done.stderr));
    assert!(!err.contains("panicked"), "{args:?}: {err}");
    (done.status.code().expect("it ends by itself"), out, err)
}

struct Room(TempDir);

impl Room {
    fn new() -> Self {
        let room = Self(TempDir::new().unwrap());
        std::fs::create_dir(room.path("inbox")).unwrap();
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path("inbox").join(name), bytes).unwrap();
    }

    fn read(&self, survey: &str, more: &[&str]) -> (i32, String, String) {
        let (inbox, survey) = (self.at("inbox"), self.at(survey));
        let args = ["read", &inbox, "--form", FORM, "-s", &survey];
        run(&[&args[..], more].concat())
    }

    fn export(&self, survey: &str, table: &str) -> String {
        let survey = self.at(survey);
        let (rc, out, err) = run(&["export", "-s", &survey, "--table", table, "--format", "jsonl"]);
        assert_eq!(rc, 0, "{err}");
        out
    }

    /// (file, page) to (status, first reason's code).
    fn pages(&self, survey: &str) -> BTreeMap<(String, u64), (String, String)> {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let all = self.export(survey, "pages");
        let lines = all.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        lines
            .map(|l| {
                let key = (text(&l["file"]), l["page"].as_u64().unwrap());
                (key, (text(&l["status"]), text(&l["reasons"][0]["code"])))
            })
            .collect()
    }

    /// A faxed response on a good line, as pixels.
    fn response(&self, form: &Path, seed: &str) -> Bitmap {
        let out = self.at(&format!("sim{seed}"));
        let form = form.to_str().unwrap();
        let args = ["simulate", "--form", form, "--pages", "1", "--seed", seed, "-o", &out];
        let (rc, _, err) = run(&[&args[..], &["--profile", "fine", "--container", "g4"]].concat());
        assert_eq!(rc, 0, "{err}");
        let bytes = std::fs::read(Path::new(&out).join("fax00000.tif")).unwrap();
        let file = Document::open(bytes, &Limits::default()).unwrap();
        file.page(0).unwrap().bitmap
    }
}

/// Specks that are nobody's form, the same for the same seed (Lehmer's generator, modulus 2^31 - 1).
fn noise(width: usize, height: usize, mut seed: u64) -> Bitmap {
    let mut out = Bitmap::new(width, height);
    for i in 0..width * height {
        seed = seed * 48_271 % 0x7fff_ffff;
        out.set(i % width, i / width, seed % 10 < 3);
    }
    out
}

/// A Group 4 page whose directory stands before its data, as writers that stream leave it.
fn streamed_g4(page: &Bitmap) -> Vec<u8> {
    let packed = tiffcp(&plain_tiff(&[page], Plain::default()), &["-c", "g4", "-r", "100000"]);
    let data = strip(&packed);
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    let mut tags = vec![
        (256, 4, page.width() as u32),
        (257, 4, page.height() as u32),
        (258, 3, 1),
        (259, 3, 4),
        (262, 3, 0),
        (273, 4, 0),
        (277, 3, 1),
        (278, 4, page.height() as u32),
        (279, 4, data.len() as u32),
    ];
    tags[5].2 = 8 + 2 + 12 * tags.len() as u32 + 4;
    directory(&mut out, 4, &tags);
    out.extend_from_slice(data);
    out
}

/// 400,000 x 400,000 pixels in 186 bytes.
fn boast() -> Vec<u8> {
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    let tags = [(256, 4, 400_000), (257, 4, 400_000), (258, 3, 1), (259, 3, 4), (273, 4, 122)];
    directory(&mut out, 4, &tags);
    out.resize(186, 0);
    out
}

/// A file and what must become of it: (page, status, first reason).
type Attack = (&'static str, Vec<u8>, &'static [(u64, &'static str, &'static str)]);

/// A closed directory chain and pages of odd shapes, with what must become of each.
#[allow(clippy::too_many_lines)] // a list
fn attacks() -> Vec<Attack> {
    let whole = plain_tiff(&[&noise(200, 200, 5)], Plain::default());
    let untagged = Plain { dpi: None, ..Plain::default() };
    let mut black = Bitmap::new(1728, 2200);
    (0..2200).for_each(|y| (0..1728).for_each(|x| black.set(x, y, true)));
    let mut looped = plain_tiff(&[&noise(1728, 2200, 6)], Plain::default());
    let first = looped[4..8].to_vec();
    let end = looped.len() - 4;
    looped[end..].copy_from_slice(&first);
    vec![
        ("zero.tif", vec![], &[(0, "refused", "empty")]),
        ("text.tif", b"Dear all,\n".to_vec(), &[(0, "refused", "unknown_format")]),
        ("<b>受信 \u{1b}[31m.tif", b"junk".to_vec(), &[(0, "refused", "unknown_format")]),
        ("cut.tif", whole[..whole.len() / 2].to_vec(), &[(0, "refused", "truncated")]),
        ("boast.tif", boast(), &[(1, "refused", "too_large")]),
        ("loop.tif", looped, &[(1, "set_aside", "no_form"), (2, "refused", "damaged_file")]),
        ("p.pdf", b"%PDF-1.7\nnothing".to_vec(), &[(0, "refused", "damaged_file")]),
        ("one.tif", plain_tiff(&[&Bitmap::new(1, 1)], untagged), &[(1, "set_aside", "blank_page")]),
        ("black.tif", plain_tiff(&[&black], untagged), &[(1, "set_aside", "black_page")]),
        (
            "blank.tif",
            plain_tiff(&[&Bitmap::new(1728, 2200)], untagged),
            &[(1, "set_aside", "blank_page")],
        ),
        (
            "noise.tif",
            plain_tiff(&[&noise(1728, 2200, 7)], untagged),
            &[(1, "set_aside", "no_form")],
        ),
        (
            "tall.tif",
            plain_tiff(&[&noise(8, 100_000, 8)], untagged),
            &[(1, "set_aside", "no_form")],
        ),
        (
            "wide.tif",
            plain_tiff(&[&noise(100_000, 8, 9)], untagged),
            &[(1, "set_aside", "no_form")],
        ),
        (
            "narrow.tif",
            plain_tiff(&[&noise(1, 50_000, 10)], untagged),
            &[(1, "set_aside", "no_form")],
        ),
    ]
}

#[test]
fn files_that_are_none_and_pages_that_hold_nothing() {
    let room = Room::new();
    let files = attacks();
    for (name, bytes, _) in &files {
        room.put(name, bytes);
    }
    let (rc, _, err) = room.read("survey", &["--lang", "en"]);
    assert_eq!(rc, 1);
    let refused = files.iter().flat_map(|f| f.2).filter(|p| p.1 == "refused").count();
    assert_eq!(err.lines().count(), refused, "one line each:\n{err}");
    assert!(!err.contains('\u{1b}'), "{err}");
    let pages = room.pages("survey");
    for (name, _, expected) in &files {
        for (no, status, code) in *expected {
            let found = pages.get(&((*name).to_owned(), *no));
            let want = ((*status).to_owned(), (*code).to_owned());
            assert_eq!(found, Some(&want), "{name} page {no}");
        }
    }
    assert_eq!(pages.len(), files.iter().map(|f| f.2.len()).sum::<usize>());
    let (rc, _, ja) = room.read("survey", &["--lang", "ja"]);
    assert_eq!((rc, ja.lines().count()), (1, refused));
    assert!(ja.lines().all(|l| l.starts_with("注意: ")) && ja.contains("空のファイル"), "{ja}");
}

#[test]
fn half_a_page_waits_and_one_sheet_in_many_files_counts_once() {
    let room = Room::new();
    let page = room.response(Path::new(FORM), "21");
    let plain = |b: &Bitmap| plain_tiff(&[b], Plain::default());
    let g4 = streamed_g4(&page);
    room.put("a.tif", &g4);
    room.put("b-inverted.tif", &plain(&page.inverted()));
    room.put("c-turned.tif", &plain(&page.turned_180()));
    room.put("d-untagged.tif", &plain_tiff(&[&page], Plain { dpi: None, ..Plain::default() }));
    let square = page.resampled(page.width(), page.height() * 204 / 196, 0.4);
    square.turned_90().to_luma().save(room.path("inbox/e-scan.png")).unwrap();
    for share in [20, 50, 80] {
        let rows = page.height() * share / 100;
        let packed = page.to_packed();
        let cut =
            Bitmap::from_packed(page.width(), rows, &packed[..page.width().div_ceil(8) * rows]);
        room.put(&format!("half{share}.tif"), &plain(&cut));
        room.put(&format!("lost{share}.tif"), &g4[..g4.len() * share / 100]);
    }
    let (rc, ..) = room.read("survey", &[]);
    assert_eq!(rc, 1);
    for ((file, _), (status, code)) in room.pages("survey") {
        let expected = match file.as_bytes()[0] {
            b'a' => "counted",
            b'b'..=b'e' => "duplicate",
            _ => "pending",
        };
        assert_eq!(status, expected, "{file}: {code}");
    }
}

#[test]
fn the_truth_of_a_rehearsal_is_no_fax_and_jobs_change_nothing() {
    let room = Room::new();
    let inbox = room.at("inbox");
    let args = ["simulate", "--form", FORM, "--pages", "8", "--seed", "4", "-o", &inbox];
    let (rc, _, err) = run(&[&args[..], &["--strangers", "0.3"]].concat());
    assert_eq!(rc, 0, "{err}");
    let (_, _, err) = room.read("one", &["--jobs", "1", "--lang", "en", "-v"]);
    assert!(err.contains("truth.jsonl: a rehearsal's truth, not read"), "{err}");
    room.read("two", &["--jobs", "2"]);
    for table in ["pages", "responses"] {
        let one = room.export("one", table);
        assert!(!one.contains("jsonl"), "{one}");
        assert_eq!(one, room.export("two", table), "{table}");
    }
    let strangers = std::fs::read_to_string(room.path("inbox/strangers.jsonl")).unwrap();
    let pages = room.pages("one");
    for line in strangers.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()) {
        let key = (line["file"].as_str().unwrap().to_owned(), line["page"].as_u64().unwrap());
        assert_eq!(pages[&key].0, "set_aside", "{key:?}");
    }
    // A fax by that name is a fax.
    let fax = plain_tiff(&[&Bitmap::new(1728, 2200)], Plain::default());
    room.put("truth.jsonl", &fax);
    room.read("one", &[]);
    assert!(room.pages("one").contains_key(&("truth.jsonl".to_owned(), 1)));
}

#[test]
fn stores_that_are_none_end_with_4_and_say_what_to_do() {
    let room = Room::new();
    room.read("survey", &[]);
    let store = room.path("survey/survey.db");
    let good = std::fs::read(&store).unwrap();
    let cases = [
        (Vec::new(), "not a survey's store"),
        (b"a letter about the database, in plain words".repeat(20), "not a survey's store"),
        (good[..5000].to_vec(), "damaged"),
    ];
    for (bytes, what) in cases {
        for left in ["survey.db-wal", "survey.db-shm"] {
            std::fs::remove_file(room.path("survey").join(left)).ok();
        }
        std::fs::write(&store, bytes).unwrap();
        for args in [&["tally", "-s"][..], &["read", &room.at("inbox"), "-s"]] {
            let (rc, out, err) = run(&[args, &[&room.at("survey"), "--lang", "en"]].concat());
            assert_eq!((rc, out.as_str(), err.lines().count()), (4, "", 1), "{args:?}: {err}");
            assert!(err.contains(what) && err.contains("; "), "{err}");
        }
    }
}

/// In a mount namespace of its own, where nobody needs to be root; a machine that grants none cannot test it.
#[test]
fn a_full_disk_is_said_in_one_line_and_the_same_read_goes_on_when_there_is_room() {
    let room = Room::new();
    room.put("a letter.tif", b"Dear sirs");
    std::fs::create_dir(room.path("small")).unwrap();
    let script = r#"mount -t tmpfs -o size=100k tmpfs "$1" || exit 77
        "$2" read "$3" --form "$4" -s "$1/survey" -q --lang en; echo "code $?" >&2
        "$2" read "$3" --form "$4" -s "$1/survey" -q --lang ja; echo "code $?" >&2
        mount -o remount,size=40m "$1" || exit 77
        "$2" read "$3" --form "$4" -s "$1/survey" -q --lang en; echo "code $?" >&2"#;
    let done = Command::new("timeout")
        .args(["-s", "KILL", PATIENCE, "unshare", "-rm", "sh", "-c", script, "sh"])
        .args([&room.at("small"), env!("CARGO_BIN_EXE_faxtally"), &room.at("inbox"), FORM])
        .output()
        .unwrap();
    let err = String::from_utf8(done.stderr).unwrap();
    if done.status.code() != Some(0) {
        eprintln!("not tested, this machine lets nobody mount: {err}");
        return;
    }
    let lines: Vec<&str> = err.lines().collect();
    let [english, two, japanese, again, one] = lines[..] else { panic!("{err}") };
    assert!(english.contains("the disk is full") && english.contains("make room"), "{english}");
    assert!(japanese.contains("ディスクに空きがありません"), "{japanese}");
    assert_eq!((two, again, one), ("code 2", "code 2", "code 1"), "{err}");
}

/// A second layout: the same boxes under another heading.
fn second_layout(at: &Path) {
    std::fs::create_dir_all(at).unwrap();
    let from = Path::new(FORM);
    let text = std::fs::read_to_string(from.join("form.json")).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    json["id"] = "layout-b".into();
    let blank = json["page"]["blank"].as_str().unwrap().to_owned();
    std::fs::write(at.join("form.json"), json.to_string()).unwrap();
    let mut picture = image::open(from.join(&blank)).unwrap().into_luma8();
    // A chequered band where the title stands: another association's letterhead.
    let (w, h) = picture.dimensions();
    for y in h * 2 / 100..h * 5 / 100 {
        for x in w / 10..w * 9 / 10 {
            picture.put_pixel(x, y, image::Luma([if x / 20 % 2 == y / 20 % 2 { 0 } else { 255 }]));
        }
    }
    picture.save(at.join(&blank)).unwrap();
}

#[test]
fn pages_of_two_layouts_find_their_own() {
    let room = Room::new();
    let b = room.path("layout-b");
    second_layout(&b);
    for seed in ["31", "32"] {
        let own = room.response(Path::new(FORM), seed);
        room.put(&format!("a{seed}.tif"), &streamed_g4(&own));
        let other = room.response(&b, &format!("1{seed}"));
        room.put(&format!("b{seed}.tif"), &streamed_g4(&other));
    }
    let (rc, _, err) = room.read("survey", &["--form", b.to_str().unwrap()]);
    assert_eq!(rc, 0, "{err}");
    for line in room.export("survey", "pages").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let expected = if line["file"].as_str().unwrap().starts_with('a') {
            "mynahoken-2024"
        } else {
            "layout-b"
        };
        assert_eq!(line["form"], expected, "{line}");
    }
}
