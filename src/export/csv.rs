//! CSV as RFC 4180 has it, in UTF-8, with cells that a spreadsheet would run as a formula defused.

use std::fmt::Display;
use std::io::{self, Write};

/// What starts a formula in Excel, `LibreOffice` and Google Sheets; the full-width ones do in a
/// Japanese Excel (OWASP, "CSV Injection").
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// One cell: text that came from outside, or a value of our own.
pub enum Cell {
    Text(String),
    /// A number, a code or an id that we made: never a formula.
    Own(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn own(text: impl Display) -> Self {
        Self::Own(text.to_string())
    }
}

/// Writes one row.
///
/// # Errors
/// What the writer gives.
pub fn row(out: &mut dyn Write, cells: impl IntoIterator<Item = Cell>) -> io::Result<()> {
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Text(text) if text.starts_with(FORMULA) => quoted(out, &format!("'{text}"))?,
            Cell::Text(text) | Cell::Own(text) => quoted(out, &text)?,
        }
    }
    out.write_all(b"\r\n")
}

fn quoted(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.contains([',', '"', '\n', '\r']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
