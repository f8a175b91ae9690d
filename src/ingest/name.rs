//! File names as text, without losing any.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

/// Bytes that are no UTF-8 become %XX; so does `%` itself in such a name, so that no two names meet.
pub fn escape(name: &OsStr) -> String {
    if let Some(text) = name.to_str() {
        return text.to_owned();
    }
    let mut out = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        out.push_str(&chunk.valid().replace('%', "%25"));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            write!(out, "%{byte:02X}").ok();
        }
    }
    out
}

/// A relative path with `/` between its parts.
pub fn relative(path: &Path) -> String {
    let parts = path.components().filter_map(|c| match c {
        Component::Normal(part) => Some(escape(part)),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
