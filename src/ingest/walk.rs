//! The walk through the inboxes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::{Found, IngestError, name};
use crate::store;

/// Every input of the inboxes, in the order of the inboxes and then of their paths; an input that two
/// inboxes share is listed once. Links inside an inbox are not followed: one that leads to a file of the
/// same inbox says nothing new, any other is listed as a problem. The survey's own files are left out.
///
/// # Errors
/// `NoInbox` if a named inbox does not exist.
pub fn walk(inboxes: &[PathBuf], survey: &Path) -> Result<Vec<Found>, IngestError> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for given in inboxes {
        // The person named it, so a link is followed here.
        let path = given
            .canonicalize()
            .map_err(|source| IngestError::NoInbox { path: given.clone(), source })?;
        let mut found = if path.is_dir() { folder(&path) } else { vec![single(&path)] };
        found.retain(|f| !own_file(&f.location, survey) && seen.insert(f.location.clone()));
        found.sort_by(|a, b| a.path.cmp(&b.path));
        out.extend(found);
    }
    Ok(out)
}

fn single(path: &Path) -> Found {
    let inbox = path.parent().unwrap_or(path);
    entry(inbox, path, None)
}

fn entry(inbox: &Path, location: &Path, problem: Option<&'static str>) -> Found {
    let relative = location.strip_prefix(inbox).unwrap_or(location);
    Found {
        inbox: inbox.to_owned(),
        path: name::relative(relative),
        location: location.to_owned(),
        problem,
    }
}

fn folder(inbox: &Path) -> Vec<Found> {
    let mut out = Vec::new();
    for item in WalkDir::new(inbox).follow_links(false) {
        match item {
            Ok(item) => out.extend(listed(inbox, &item)),
            Err(e) => {
                let at = e.path().unwrap_or(inbox);
                out.push(entry(inbox, at, Some("cannot be listed")));
            }
        }
    }
    out
}

fn listed(inbox: &Path, item: &DirEntry) -> Option<Found> {
    let kind = item.file_type();
    if kind.is_dir() {
        return None;
    }
    if !kind.is_symlink() {
        let problem = (!kind.is_file()).then_some("no regular file");
        return Some(entry(inbox, item.path(), problem));
    }
    let inside = item.path().canonicalize().is_ok_and(|target| target.starts_with(inbox));
    (!inside).then(|| entry(inbox, item.path(), Some("symbolic link")))
}

fn own_file(location: &Path, survey: &Path) -> bool {
    let name = location.file_name().and_then(|n| n.to_str());
    location.parent() == Some(survey) && name.is_some_and(|n| store::OWN_FILES.contains(&n))
}
