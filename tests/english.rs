//! English outputs hold no Japanese punctuation: everything that a survey gives out is written in English and
//! looked through.

#[path = "support/kept.rs"]
mod kept;

#[cfg(feature = "xlsx")]
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use faxtally::account::Labels;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use kept::{here, keep, ops, reading};
use tempfile::TempDir;

/// 60 responses with every note that a figure can have: some wait, some came later, groups are small, one quote
/// is approved. What people and associations are called is Latin, so that whatever is not is ours.
fn survey() -> TempDir {
    let dir = TempDir::new().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let mut people = draw(&form, &margins, 60, 5).unwrap();
    for p in &mut people {
        let words = p.text.values_mut().filter(|t| !t.bytes().all(|b| b.is_ascii_digit()));
        words.for_each(|text| *text = "written".into());
        p.text.insert("q5".into(), "Mr Suzuki, tel 053-123-4567, was shouted at".into());
        p.text.insert("q1".into(), "elsewhere".into());
    }
    let labels = |i: usize| Labels {
        batch: Some(format!("batch {}", i % 2)),
        arrived: Some(if i < 30 { "2025-03-01" } else { "2025-03-20" }.into()),
        association: Some(if i.is_multiple_of(3) { "East" } else { "West" }.into()),
    };
    keep(&store, &form, &people[..50], 6, labels);
    for (i, p) in people[50..].iter().enumerate() {
        store.commit(ops(&format!("wait{i}"), labels(i), reading(&form, p, false))).unwrap();
    }
    dir
}

fn run(survey: &Path, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_faxtally"));
    let out = command.args(args).arg("-s").arg(survey).args(["--lang", "en"]).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{args:?}: {said}");
    String::from_utf8_lossy(&out.stdout).into_owned() + &said
}

/// Brackets, commas, colons, spaces and marks that no English text has: CJK symbols, full-width forms, and
/// what is used like them.
fn is_foreign(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ffef}' | '・' | '※' | '—')
}

fn look_through(what: &str, text: &str) {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_foreign(*c)) {
        let (from, to) =
            (text[..at].char_indices().rev().nth(60), text[at..].char_indices().nth(60));
        let (from, to) = (from.map_or(0, |f| f.0), to.map_or(text.len(), |t| at + t.0));
        panic!("{what} has {c:?}: …{}…", &text[from..to]);
    }
}

/// Its parts where it is a workbook; a font has characters and says nothing.
fn look_into(path: &Path) {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).unwrap();
    match path.extension().and_then(|e| e.to_str()) {
        #[cfg(feature = "xlsx")]
        Some("xlsx") => {
            let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
            for i in 0..zip.len() {
                let mut part = zip.by_index(i).unwrap();
                let (name, mut text) = (format!("{name} part {i}"), String::new());
                part.read_to_string(&mut text).unwrap();
                look_through(&name, &text);
            }
        }
        Some("png") => {}
        _ => look_through(&name, &String::from_utf8_lossy(&bytes)),
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|p| if p.is_dir() { files(&p) } else { vec![p] }).collect()
}

/// Everything that is printed by one command.
const PRINTED: &[&[&str]] = &[
    &["tally", "--format", "text"],
    &["tally", "--format", "json"],
    &["tally", "--as-of", "2025-03-14", "--format", "text"],
    &["tally", "--by", "association", "--format", "text"],
    &["tally", "--by", "q2", "--format", "text"],
    &["why", "q7.full_payment", "--format", "text"],
    &["why", "q7_count", "--format", "text"],
    &["cross", "--all", "--format", "text"],
    &["quotes", "publish", "--format", "text"],
    &["export", "--table", "codebook", "--format", "csv"],
    &["export", "--table", "figures", "--format", "excel-csv"],
    &["export", "--table", "wide", "--format", "csv"],
    &["export", "--table", "long", "--format", "csv"],
    &["export", "--table", "pages", "--format", "jsonl"],
    &["export", "--table", "responses", "--format", "jsonl"],
    &["export", "--format", "schema"],
];

#[test]
fn english_outputs_have_no_japanese_marks() {
    let dir = survey();
    let at = dir.path();
    run(at, &["survey", "--sent", "50", "--association", "East"]);
    let quotes = run(at, &["quotes", "list", "--format", "text"]);
    look_through("quotes", &quotes);
    let id = quotes.split_whitespace().find(|w| w.starts_with("r-")).unwrap().to_owned();
    run(at, &["quotes", "word", &id, "q5", "--by", "A", "--wording", "was shouted at"]);
    run(at, &["quotes", "approve", &id, "q5", "--by", "B"]);
    let compare = here("forms/mynahoken-2024/compare");
    let file = |name: &str| compare.join(name).display().to_string();
    let (earlier, mapping) = (file("hodanren-2024-05.json"), file("mapping.json"));
    for args in PRINTED {
        look_through(&args.join(" "), &run(at, args));
    }
    // The earlier survey has a Japanese title and Japanese wordings: all that is beside them is ours.
    let compared = run(at, &["compare", &earlier, "--mapping", &mapping, "--format", "text"]);
    let told =
        |l: &&str| l.is_ascii() || !l.chars().any(|c| ('\u{3041}'..='\u{9fff}').contains(&c));
    look_through("compare", &compared.lines().filter(told).collect::<String>());
    let out = at.join("report");
    let out = out.display().to_string();
    let by = ["--cross", "all", "--by", "association", "--by", "q2"];
    run(at, &[&["report", "-o", &out][..], &by].concat());
    let all = files(Path::new(&out));
    assert!(all.len() > 12, "{all:?}");
    for path in &all {
        look_into(path);
    }
}
