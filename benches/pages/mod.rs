//! The pages that are measured: simulated with a fixed seed, so that every run and every machine
//! measures the same ones.

use std::path::{Path, PathBuf};

use faxtally::simulate::{Container, SimulateJob, run};

/// The form of the measurements: the fullest page that is really used.
pub fn form_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/mynahoken-2024")
}

/// Writes `pages` Group 4 files, one page each, of every quality of line, into `inbox`.
pub fn simulate(inbox: &Path, pages: u64) -> Vec<PathBuf> {
    let mut job = SimulateJob::new(vec![form_dir()], pages, 20_241, inbox.to_owned());
    job.container = Container::TiffG4;
    run(&job).expect("the pages can be simulated");
    // The truth is no fax.
    std::fs::remove_file(inbox.join("truth.jsonl")).expect("the truth was written");
    let mut files: Vec<PathBuf> = std::fs::read_dir(inbox)
        .expect("the inbox can be listed")
        .map(|entry| entry.expect("the inbox can be listed").path())
        .collect();
    files.sort();
    files
}
