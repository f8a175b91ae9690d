//! The rows behind the figures and the figures themselves, as JSON lines, CSV and what statisticians
//! and office people open. Rows are made and
//! written one by one; none of them is held.

pub mod codebook;
mod csv;
mod figures;
mod lines;
mod long;
mod pages;
#[cfg(feature = "parquet")]
pub mod parquet;
mod responses;
pub mod sav;
mod schema;
pub mod variables;
mod wide;

pub use figures::figures;
pub use schema::schema;
use variables::Variables;
pub use wide::wide;

use std::io::{self, Write};

use serde::Serialize;

use crate::account::Rows;
use crate::form::Form;
use crate::lang::{Lang, reason};
use crate::reading::Reason;

/// Which rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Pages,
    Responses,
    /// A row a counted response, a column a variable.
    Wide,
    /// A row an answer.
    Long,
    /// A row a figure; written by [`figures`].
    Figures,
    /// A row a value of a variable of `Wide`.
    Codebook,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Jsonl,
    Csv,
    /// CSV with the byte order mark that a Japanese Excel needs.
    ExcelCsv,
}

/// Writes one table. Messages and labels are in `lang`; everything else is the same in both.
/// [`Table::Figures`] has no rows in an account and writes nothing: see [`figures`].
///
/// # Errors
/// What the writer gives.
pub fn export(
    account: &dyn Rows,
    forms: &[Form],
    table: Table,
    format: Format,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    match (table, format) {
        (Table::Pages, Format::Jsonl) => pages::jsonl(account, lang, out),
        (Table::Pages, format) => {
            lines::mark(format, out)?;
            pages::csv(account, lang, out)
        }
        (Table::Responses, Format::Jsonl) => responses::jsonl(account, forms, lang, out),
        (Table::Responses, format) => {
            lines::mark(format, out)?;
            responses::csv(account, forms, lang, out)
        }
        (Table::Wide, format) => wide(&Variables::new(forms), account.counted(), format, out),
        (Table::Long, format) => long::write(account, forms, format, lang, out),
        (Table::Codebook, format) => codebook::write(forms, format, lang, out),
        (Table::Figures, _) => Ok(()),
    }
}

/// One JSON object and a line feed.
fn line(out: &mut dyn Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct ReasonRow {
    code: String,
    message: String,
}

fn reason_rows(reasons: &[Reason], lang: Lang) -> Vec<ReasonRow> {
    let row =
        |r: &Reason| ReasonRow { code: reason::code(r.code), message: reason::message(lang, r) };
    reasons.iter().map(row).collect()
}

fn reason_codes(reasons: &[Reason]) -> String {
    let codes: Vec<_> = reasons.iter().map(|r| reason::code(r.code)).collect();
    codes.join(";")
}

/// A measurement with so many decimals as mean something; never "-0", and 0 for what is no number.
fn rounded(v: f32, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    let rounded = (f64::from(v) * scale).round() / scale;
    // Adding zero turns -0 into 0.
    if rounded.is_finite() { rounded + 0.0 } else { 0.0 }
}

/// Hundredths of a degree are what skew is measured to (median error 0.02).
const SKEW_DECIMALS: i32 = 2;
/// Registration is known to about a hundredth of a pixel in the median over a page.
const RESIDUAL_DECIMALS: i32 = 2;
/// Confidence is calibrated to 1 in 10,000 at best: as many answers as a calibration has.
const CONFIDENCE_DECIMALS: i32 = 4;
