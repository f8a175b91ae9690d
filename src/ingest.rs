//! Inboxes to bytes: which files there are, in an order that never changes, and how one is read without
//! being led astray (links, pipes, files that grow, files without end).

mod name;
mod walk;

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub use walk::walk;

use crate::reading::{Reason, ReasonCode};
use crate::store::Stamp;

/// One input as the walk found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Absolute path of the inbox, without symbolic links.
    pub inbox: PathBuf,
    /// Relative to the inbox, `/` between parts; bytes that are no UTF-8 are percent-escaped.
    pub path: String,
    pub location: PathBuf,
    /// Why nothing can be read there; decided by the walk (a link that leads out, a folder without
    /// permission).
    pub problem: Option<&'static str>,
}

impl Found {
    /// The location as the store knows it.
    pub fn key(&self) -> String {
        name::escape(self.location.as_os_str())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error("{path}: the inbox cannot be opened ({source}); see its name and place")]
    NoInbox { path: PathBuf, source: std::io::Error },
}

/// What became of one file.
#[derive(Debug)]
pub enum Load {
    Bytes {
        bytes: Vec<u8>,
        stamp: Stamp,
    },
    Refused {
        reason: Reason,
        stamp: Stamp,
    },
    /// It changed under the reader's eyes, or went away: left for the next run, nothing is recorded.
    Left,
}

/// What `simulate` writes beside its faxes.
const TRUTH: [&str; 2] = ["truth.jsonl", "strangers.jsonl"];

/// Whether a file is a rehearsal's truth and no fax: by its name and its first byte, so that no fax is
/// passed over because of its name.
pub fn is_truth(path: &Path) -> bool {
    let named = path.file_name().and_then(|n| n.to_str()).is_some_and(|n| TRUTH.contains(&n));
    let mut first = [0];
    named && open(path).is_ok_and(|mut f| f.read_exact(&mut first).is_ok() && first == *b"{")
}

/// The stamp of a regular file; `None` for anything else.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    meta.is_file().then(|| stamp_of(&meta))
}

fn stamp_of(meta: &Metadata) -> Stamp {
    let modified_ns = meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec());
    Stamp { bytes: meta.len(), modified_ns }
}

/// Reads one regular file of at most `limit` bytes.
pub fn load(path: &Path, limit: u64) -> Load {
    let mut file = match open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Load::Left,
        Err(e) => return unreadable(&e.to_string(), stamp(path).unwrap_or_default()),
    };
    let before = match file.metadata() {
        Ok(meta) if meta.is_file() => stamp_of(&meta),
        Ok(_) => return unreadable("no regular file", Stamp::default()),
        Err(e) => return unreadable(&e.to_string(), Stamp::default()),
    };
    if before.bytes > limit {
        let reason = Reason::new(ReasonCode::TooLarge).measured(before.bytes as f64);
        return Load::Refused { reason, stamp: before };
    }
    let mut bytes = Vec::with_capacity(before.bytes as usize);
    // One byte more than promised tells that it grew.
    if let Err(e) = Read::by_ref(&mut file).take(before.bytes + 1).read_to_end(&mut bytes) {
        return unreadable(&e.to_string(), before);
    }
    let same = file.metadata().is_ok_and(|meta| stamp_of(&meta) == before);
    if !same || bytes.len() as u64 != before.bytes {
        return Load::Left;
    }
    Load::Bytes { bytes, stamp: before }
}

/// Never through a link, and never waiting for the other end of a pipe.
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

fn unreadable(why: &str, stamp: Stamp) -> Load {
    Load::Refused { reason: Reason::new(ReasonCode::Unreadable).about(why), stamp }
}

/// Files that changed within `settle` of now may still be growing: waits once, until the youngest has
/// rested that long, and returns the locations that changed meanwhile (to be left for the next run).
/// `cancelled` is polled while it waits.
pub fn settle(found: &[Found], settle: Duration, cancelled: &dyn Fn() -> bool) -> Vec<PathBuf> {
    let now = SystemTime::now();
    let young: Vec<(&Path, Stamp, Duration)> = found
        .iter()
        .filter(|f| f.problem.is_none())
        .filter_map(|f| {
            let stamp = stamp(&f.location)?;
            let age = age(stamp, now);
            (age < settle).then_some((f.location.as_path(), stamp, age))
        })
        .collect();
    let rest = young.iter().map(|y| settle.saturating_sub(y.2)).max().unwrap_or_default();
    let until = std::time::Instant::now() + rest;
    while !cancelled() {
        let left = until.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            break;
        }
        // Short enough for Ctrl-C to feel immediate.
        std::thread::sleep(left.min(Duration::from_millis(50)));
    }
    let changed = young.into_iter().filter(|(path, before, _)| stamp(path) != Some(*before));
    changed.map(|(path, ..)| path.to_owned()).collect()
}

/// A file server's clock may be ahead by so much (NTP keeps hosts within milliseconds); a date further in
/// the future says nothing about when the file was written.
const CLOCK_SKEW: Duration = Duration::from_secs(2);

fn age(stamp: Stamp, now: SystemTime) -> Duration {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let modified = Duration::from_nanos(stamp.modified_ns.max(0) as u64);
    let ahead = modified.saturating_sub(now);
    if ahead > CLOCK_SKEW { Duration::MAX } else { now.saturating_sub(modified) }
}
