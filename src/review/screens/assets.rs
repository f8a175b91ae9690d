//! The files that come with the screens, inside the program. Their address holds a word made of their
//! content: a browser keeps them for ever, and a new program never meets an old script.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::account::document_hash;

const FILES: [(&str, &str); 19] = [
    ("app.css", include_str!("../web/app.css")),
    ("app.js", include_str!("../web/app.js")),
    ("choice.js", include_str!("../web/choice.js")),
    ("dashboard.js", include_str!("../web/dashboard.js")),
    ("decide.js", include_str!("../web/decide.js")),
    ("frame.js", include_str!("../web/frame.js")),
    ("grid.js", include_str!("../web/grid.js")),
    ("hand.js", include_str!("../web/hand.js")),
    ("home.js", include_str!("../web/home.js")),
    ("item.js", include_str!("../web/item.js")),
    ("keys.js", include_str!("../web/keys.js")),
    ("page.js", include_str!("../web/page.js")),
    ("pictures.js", include_str!("../web/pictures.js")),
    ("saver.js", include_str!("../web/saver.js")),
    ("single.js", include_str!("../web/single.js")),
    ("state.js", include_str!("../web/state.js")),
    ("supply.js", include_str!("../web/supply.js")),
    ("view.js", include_str!("../web/view.js")),
    ("writing.js", include_str!("../web/writing.js")),
];

/// Part of the files' addresses.
pub fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let all: String = FILES.iter().flat_map(|(name, text)| [*name, *text]).collect();
        document_hash(all.as_bytes()).split_off(48)
    })
}

/// The script's parts that the first screen loads: named in the page, they come at once and not one after
/// another.
pub fn modules() -> impl Iterator<Item = &'static str> {
    let script = |name: &&str| {
        name.strip_suffix(".js").is_some() && !matches!(*name, "app.js" | "dashboard.js")
    };
    FILES.iter().map(|(name, _)| *name).filter(script)
}

/// Every script, by name.
#[cfg(test)]
pub fn scripts() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.into_iter().filter(|(name, _)| name.strip_suffix(".js").is_some())
}

pub async fn asset(Path((wanted, name)): Path<(String, String)>) -> Response {
    let Some((_, text)) = FILES.iter().find(|(n, _)| *n == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = if name.strip_suffix(".css").is_some() { "text/css" } else { "text/javascript" };
    // Of another program's page, still open in a browser: given, and not kept.
    let keep = if wanted == build() { "private, max-age=31536000, immutable" } else { "no-store" };
    let kind = format!("{kind}; charset=utf-8");
    ([(header::CONTENT_TYPE, kind.as_str()), (header::CACHE_CONTROL, keep)], *text).into_response()
}
