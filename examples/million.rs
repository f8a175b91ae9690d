//! How long the figures of a very large survey take: responses with the published answers are put
//! straight into a store, as often as it takes, and tallied.
//!
//!     cargo run --release --example million -- FOLDER 1000000

#[path = "../tests/support/kept.rs"]
mod kept;

use std::path::Path;
use std::time::Instant;

use faxtally::account::{Folded, Labels};
use faxtally::form::Form;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use faxtally::tally::cross::cross_all;
use faxtally::tally::{Sheet, TallySettings, folded_counts, tally_sheet};
use faxtally::units::Score;
use kept::{here, ops, reading};

/// Pages a transaction: as many as a run stores at a time.
const PAGES: usize = 32;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, n] = args.as_slice() else { return Err("give FOLDER and N".into()) };
    let folder = Path::new(folder);
    if !folder.join("survey.db").exists() {
        timed("store", || fill(folder, n.parse()?))?;
    }
    let store = Store::open(folder)?;
    let forms = store.forms()?;
    let snapshot = timed("snapshot", || Ok(store.snapshot()?))?;
    println!("memory now {}, at most {}", status("VmRSS"), status("VmHWM"));
    let folded = timed("fold", || Ok(Folded::new(snapshot)))?;
    let pages = timed("pages", || Ok(folded_counts(&folded)))?;
    let sheet = timed("sheet", || Ok(Sheet::of_folded(&folded, &forms)))?;
    println!("memory now {}, at most {}", status("VmRSS"), status("VmHWM"));
    let settings = TallySettings::default();
    let tally = timed("tally", || Ok(tally_sheet(&sheet, pages, &settings)))?;
    let tables = timed("all cross tables", || Ok(cross_all(&sheet, settings.lang)))?;
    println!("{} responses, {} cross tables", tally.responses, tables.len());
    Ok(())
}

fn timed<T>(what: &str, job: impl FnOnce() -> Result<T, Failed>) -> Result<T, Failed> {
    let start = Instant::now();
    let done = job()?;
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    Ok(done)
}

fn fill(folder: &Path, n: usize) -> Result<(), Failed> {
    let store = Store::create(folder)?;
    let form: Form = store.add_form(&here("forms/mynahoken-2024"))?;
    let margins = Margins::open(&here("tests/data/published.json"), None, &form)?;
    let people = draw(&form, &margins, margins.n, 42)?;
    for start in (0..n).step_by(PAGES) {
        let all = (start..n.min(start + PAGES)).flat_map(|i| {
            let labels =
                Labels { association: Some(format!("協会 {:02}", i % 34)), ..Labels::default() };
            let mut page = reading(&form, &people[i % people.len()], i % 50 != 7);
            // Confidences as various as a run's (470 of 1,134 on 168 simulated pages): nothing is to
            // be gained by their being all the same.
            let sure = |k: usize| Score::new(1.0 - ((i * 31 + k * 7) % 470) as f32 / 10_000.0);
            page.answers.values_mut().enumerate().for_each(|(k, a)| a.confidence = sure(k));
            ops(&format!("fax{i:07}.tif"), labels, page)
        });
        store.commit(all.collect())?;
    }
    Ok(())
}

fn status(key: &str) -> String {
    let all = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = all.lines().find(|l| l.starts_with(key)).unwrap_or_default();
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}
