//! The files that come with the screens, inside the program. Their address holds a word made of their
//! content: a browser keeps them for ever, and a new program never meets an old script.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::account::document_hash;

/// The review's script in its parts, each after those that it imports from. They are sent as one file: of
/// nineteen a browser fetches six at a time, and paints after the last.
const PARTS: [(&str, &str); 17] = [
    ("state", include_str!("../web/state.js")),
    ("pictures", include_str!("../web/pictures.js")),
    ("saver", include_str!("../web/saver.js")),
    ("supply", include_str!("../web/supply.js")),
    ("view", include_str!("../web/view.js")),
    ("decide", include_str!("../web/decide.js")),
    ("keys", include_str!("../web/keys.js")),
    ("frame", include_str!("../web/frame.js")),
    ("item", include_str!("../web/item.js")),
    ("hand", include_str!("../web/hand.js")),
    ("choice", include_str!("../web/choice.js")),
    ("writing", include_str!("../web/writing.js")),
    ("page", include_str!("../web/page.js")),
    ("single", include_str!("../web/single.js")),
    ("grid", include_str!("../web/grid.js")),
    ("home", include_str!("../web/home.js")),
    ("app", include_str!("../web/app.js")),
];

const STYLE: &str = include_str!("../web/app.css");
const DASHBOARD: &str = include_str!("../web/dashboard.js");

/// The parts as one module: their imports are from each other, and say nothing any more.
fn script() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let mut out = String::new();
        for (name, text) in PARTS {
            out.push_str("// ");
            out.push_str(name);
            out.push_str(".js\n");
            for line in text.lines().filter(|line| !line.starts_with("import ")) {
                out.push_str(line);
                out.push('\n');
            }
        }
        out
    })
}

/// Part of the files' addresses.
pub fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| {
        let all = [STYLE, DASHBOARD, script()].concat();
        document_hash(all.as_bytes()).split_off(48)
    })
}

pub async fn asset(Path((wanted, name)): Path<(String, String)>) -> Response {
    let (kind, text) = match name.as_str() {
        "app.css" => ("text/css", STYLE),
        "app.js" => ("text/javascript", script()),
        "dashboard.js" => ("text/javascript", DASHBOARD),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // Of another program's page, still open in a browser: given, and not kept.
    let keep = if wanted == build() { "private, max-age=31536000, immutable" } else { "no-store" };
    let kind = format!("{kind}; charset=utf-8");
    ([(header::CONTENT_TYPE, kind.as_str()), (header::CACHE_CONTROL, keep)], text).into_response()
}

/// What the scripts say, by name.
#[cfg(test)]
pub fn scripts() -> impl Iterator<Item = (&'static str, &'static str)> {
    PARTS.into_iter().chain([("dashboard", DASHBOARD)])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_part_comes_after_what_it_imports_and_no_name_twice() {
        let import = regex_lite::Regex::new(r"^import .*'\./([a-z]+)\.js';$").unwrap();
        let named =
            regex_lite::Regex::new(r"^(?:export )?(?:const|let|class|(?:async )?function) (\w+)");
        let named = named.unwrap();
        let (mut before, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (part, text) in PARTS {
            for line in text.lines() {
                if line.starts_with("import ") {
                    let from = import.captures(line).map(|c| c[1].to_owned());
                    assert!(from.is_some_and(|f| before.contains(&f)), "{part}: {line}");
                }
                if let Some(found) = named.captures(line) {
                    assert!(names.insert(found[1].to_owned()), "{part}: {} twice", &found[1]);
                }
            }
            before.insert(part.to_owned());
        }
        let web = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/review/web");
        for file in std::fs::read_dir(web).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let known = name.strip_suffix(".js").is_none_or(|n| scripts().any(|(s, _)| s == n));
            assert!(known, "{name} is not among the program's files");
        }
        assert!(!script().contains("import "), "one file, and nothing to fetch after it");
    }
}
