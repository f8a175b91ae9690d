//! What lies in the inbox: which responses, resent pages and strangers there are, in what order they
//! arrive, and in which files.

use rand::RngExt;

use super::job::{Container, SimulateJob};
use super::{SimRng, Stream, rng_for, weighted};

/// One page that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Response(u64),
    /// The same sheet as the response's, through the line again.
    Resent(u64),
    Stranger(u64),
}

/// One file: its pages are single transmissions, or a day's log of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    pub name: String,
    pub container: Container,
    pub slots: Vec<Slot>,
}

/// Shares of files, as fax servers write them: mostly single-page G4 (the brief's order).
const MIXED: [(Container, f32); 7] = [
    (Container::TiffG4, 62.0),
    (Container::TiffG31d, 9.0),
    (Container::TiffG32d, 9.0),
    (Container::TiffSpandsp, 7.0),
    (Container::Pdf, 9.0),
    (Container::MultiTiff, 3.0),
    (Container::MultiPdf, 1.0),
];

/// Pages of a file that holds several.
const SEVERAL: std::ops::RangeInclusive<usize> = 2..=6;

/// Lays out the inbox.
pub fn plan(job: &SimulateJob) -> Vec<PlannedFile> {
    let mut rng = rng_for(job.seed, Stream::Plan, job.first_index);
    let slots = slots(job, &mut rng);
    let mut files = Vec::new();
    let mut at = 0;
    while at < slots.len() {
        let container = match job.container {
            Container::Mixed => weighted(&mut rng, &MIXED),
            given => given,
        };
        let pages = if container.holds_several() { rng.random_range(SEVERAL) } else { 1 };
        let end = (at + pages).min(slots.len());
        let number = job.first_index + files.len() as u64;
        files.push(PlannedFile {
            name: format!("fax{number:05}.{}", container.extension()),
            container,
            slots: slots[at..end].to_vec(),
        });
        at = end;
    }
    files
}

/// Responses in order; strangers anywhere; resent pages anywhere after their first sending.
fn slots(job: &SimulateJob, rng: &mut SimRng) -> Vec<Slot> {
    let n = job.pages;
    let mut keyed: Vec<(f64, Slot)> =
        (0..n).map(|i| (i as f64, Slot::Response(job.first_index + i))).collect();
    for i in 0..n {
        if rng.random_bool(job.duplicates.clamp(0.0, 1.0)) {
            // Most clinics send again at once, some when they are reminded.
            let wait =
                if rng.random_bool(0.5) { 1.5 } else { rng.random_range(0.5..n as f64 + 1.0) };
            keyed.push((i as f64 + wait, Slot::Resent(job.first_index + i)));
        }
    }
    let strangers = (n as f64 * job.strangers.clamp(0.0, 1.0)).round() as u64;
    for i in 0..strangers {
        keyed.push((rng.random_range(0.0..n as f64 + 1.0), Slot::Stranger(job.first_index + i)));
    }
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.into_iter().map(|(_, s)| s).collect()
}
