//! One `read` run at a time: an advisory lock (flock) that the system drops with the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::StoreError;

pub const FILE: &str = "read.lock";

/// Held while a run reads into a survey.
pub struct ReadLock {
    // The lock lives as long as the open file.
    _file: File,
}

impl ReadLock {
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(FILE);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|e| StoreError::io(&path, e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).ok();
                let holder = holder.trim().to_owned();
                let holder = if holder.is_empty() { "unknown process".into() } else { holder };
                return Err(StoreError::Busy { dir: dir.to_owned(), holder });
            }
            Err(TryLockError::Error(e)) => return Err(StoreError::io(&path, e)),
        }
        // Only for the other run's message, so a failure here is none of the lock.
        file.set_len(0).and_then(|()| file.rewind()).ok();
        writeln!(file, "process {} on {}", std::process::id(), host()).ok();
        Ok(Self { _file: file })
    }
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "this host".into() } else { name.trim().to_owned() }
}
