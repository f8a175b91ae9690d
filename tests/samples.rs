//! The inboxes under `samples/`, each with what must become of it.

#[path = "support/keyed.rs"]
mod keyed;

use std::path::{Path, PathBuf};
use std::process::Command;

use faxtally::decode::{Document, FaxPage, Limits};
use faxtally::raster::Bitmap;
use faxtally::simulate::encode::{Codec, tiff};
use faxtally::simulate::line::Profile;
use faxtally::simulate::{Container, SimulateJob, run};
use faxtally::units::Resolution;
use keyed::{Outcome, form, form_dir, read, reader};
use serde_json::{Value, json};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

#[test]
fn pages_that_real_modems_carried_are_registered_and_not_silently_wrong() {
    let pages = keyed::pages(&sample("line/pages"));
    let readings = read(&reader(), &pages);
    let outcome = Outcome::of(&form(), &pages, &readings);
    println!("{outcome:#?}");
    assert_eq!(outcome.pages, 24);
    assert!(outcome.unregistered.is_empty(), "{:?}", outcome.unregistered);
    assert!(outcome.wrong_positions.is_empty(), "{:?}", outcome.wrong_positions);
}

/// One line a page, as `expected.jsonl` has it: what became of it, and why.
fn statuses(inbox: &Path) -> Vec<Value> {
    let survey = tempfile::tempdir().unwrap();
    let faxtally = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
        command.args(["--lang", "en", "-q"]).args(args).arg("-s").arg(survey.path());
        command.output().unwrap()
    };
    let (inbox, form) = (inbox.to_str().unwrap(), form_dir());
    let done = faxtally(&["read", inbox, "--form", form.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "some inputs need a person's eye: {told}");
    assert!(!told.contains("panicked"), "{told}");
    let rows = faxtally(&["export", "--table", "pages", "--format", "jsonl"]).stdout;
    let rows: Vec<Value> = String::from_utf8(rows)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Ids are hashes; the sample says whose duplicate a page is by that page's name.
    let name = |id: &Value| {
        let owner = rows.iter().find(|r| r["response"] == *id && r["status"] != "duplicate");
        owner.map_or(Value::Null, |r| {
            json!(format!("{}#{}", r["file"].as_str().unwrap(), r["page"]))
        })
    };
    let codes = |r: &Value| -> Vec<Value> {
        r["reasons"].as_array().unwrap().iter().map(|r| r["code"].clone()).collect()
    };
    rows.iter()
        .map(|r| {
            json!({
                "file": r["file"], "page": r["page"], "status": r["status"],
                "duplicate_of": if r["duplicate_of"].is_null() { Value::Null } else { name(&r["duplicate_of"]) },
                "orientation": r["orientation"], "reasons": codes(r),
            })
        })
        .collect()
}

/// `UPDATE_SAMPLES=1 cargo test --test samples` writes `expected.jsonl` anew: read its diff.
#[test]
fn a_first_days_inbox_comes_out_as_it_should() {
    let dir = sample("first-day");
    let rows: Vec<String> = statuses(&dir.join("inbox")).iter().map(Value::to_string).collect();
    let found = rows.join("\n") + "\n";
    let expected = dir.join("expected.jsonl");
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        std::fs::write(&expected, &found).unwrap();
    }
    let expected = std::fs::read_to_string(expected).unwrap();
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", line + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

/// Made once, by `cargo test --test samples -- --ignored`; its files are kept, so that what they
/// must come out as does not change with the simulator.
#[test]
#[ignore = "makes samples/first-day/inbox anew"]
fn make_the_first_days_inbox() {
    let inbox = sample("first-day/inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(inbox.join(name), bytes).unwrap();
    let sent = simulated(SimulateJob { pages: 5, ..plain(9100) });
    let resent = simulated(SimulateJob { duplicates: 1.0, ..plain(9101) });
    let cover = (9110..).map(|seed| simulated(SimulateJob { strangers: 1.0, ..plain(seed) }));
    let cover = cover.into_iter().find_map(|s| s.cover).unwrap();
    let several = SimulateJob { pages: 2, container: Container::MultiPdf, ..plain(9102) };
    let [first, second, third, fourth, fifth] = &sent.files[..] else { panic!("five files") };
    put("01-clinic.tif", first);
    put("02-clinic.tif", &resent.files[0]);
    put("03-the-same-file.tif", first);
    put("04-sent-again.tif", &resent.files[1]);
    put("05-cover-sheet.tif", &cover);
    put("06-text.tif", "これはファクスではありません。\n".as_bytes());
    put("07-cut-off.tif", &second[..second.len() / 2]);
    put("08-upside-down.tif", &changed(third, Bitmap::turned_180));
    put("09-half-page.tif", &changed(fourth, upper_half));
    put("10-empty.tif", b"");
    put("11-two-clinics.pdf", &simulated(several).files[0]);
    put(
        "12-standard.tif",
        &simulated(SimulateJob { profile: Profile::Standard, ..plain(9103) }).files[0],
    );
    put("13-clinic.tif", fifth);
}

/// One good page as a single G4 file.
fn plain(seed: u64) -> SimulateJob {
    SimulateJob {
        profile: Profile::Fine,
        container: Container::TiffG4,
        ..SimulateJob::new(vec![form_dir()], 1, seed, PathBuf::new())
    }
}

struct Simulated {
    files: Vec<Vec<u8>>,
    cover: Option<Vec<u8>>,
}

fn simulated(job: SimulateJob) -> Simulated {
    let dir = tempfile::tempdir().unwrap();
    run(&SimulateJob { out: dir.path().to_owned(), ..job }).unwrap();
    let mut names: Vec<PathBuf> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e != "jsonl"))
        .collect();
    names.sort();
    let files = names.iter().map(|p| std::fs::read(p).unwrap()).collect();
    let strangers = std::fs::read_to_string(dir.path().join("strangers.jsonl")).unwrap_or_default();
    let lines = strangers.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    let cover = lines.into_iter().find(|l| l["kind"] == "cover");
    let cover = cover.map(|l| std::fs::read(dir.path().join(l["file"].as_str().unwrap())).unwrap());
    Simulated { files, cover }
}

fn changed(file: &[u8], change: impl Fn(&Bitmap) -> Bitmap) -> Vec<u8> {
    let document = Document::open(file.to_vec(), &Limits::default()).unwrap();
    let FaxPage { bitmap, resolution, .. } = document.page(0).unwrap();
    tiff(&[(change(&bitmap), resolution.unwrap_or(Resolution::FINE))], Codec::G4)
}

fn upper_half(page: &Bitmap) -> Bitmap {
    let mut out = Bitmap::new(page.width(), page.height() / 2);
    for y in 0..out.height() {
        out.row_mut(y).copy_from_slice(page.row(y));
    }
    out
}
