//! The workbook: figures that Excel recomputes from the raw answers in the same file, charts that
//! staff can edit, cross tables, comparisons, answers and codebook.
//!
//! Every count is a formula over the sheet of answers with our own figure as its cached result, so
//! that nobody has to believe either of them. Answers are written row by row to a temporary file:
//! memory does not grow with the survey.

mod answers;
mod charts;
mod codebook;
mod comparison;
mod crosses;
mod figures;
mod formula;
mod groups;
mod looks;
mod quotes;
mod summary;

use std::borrow::Borrow;
use std::io::{Seek, Write};
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::Findings;
use crate::account::Response;
use crate::export::variables::Variables;
use formula::Answers;
use looks::Looks;

/// Rows of a sheet below its head: Excel's 1,048,576 less one.
pub const MOST_ROWS: u64 = 1_048_575;

/// What did not fit into a workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortened {
    /// Texts cut at the 32,767 characters that a cell holds.
    pub texts: u64,
    /// Responses beyond the rows that a sheet holds.
    pub rows: u64,
}

/// Writes the workbook with these variables of the answers. `scratch` is a folder with room for the answers' sheet.
///
/// # Errors
/// What the file system says; nothing that a survey can cause.
pub fn write<R: Borrow<Response>>(
    findings: &Findings,
    variables: &Variables,
    responses: impl IntoIterator<Item = R>,
    scratch: &Path,
    out: impl Write + Seek + Send,
) -> Result<Shortened, XlsxError> {
    let mut book = Workbook::new();
    book.set_tempdir(scratch)?;
    let looks = Looks::new(&mut book)?;
    properties(&mut book, findings)?;
    let answers = Answers::new(variables, findings.tally.responses, findings.lang);
    summary::write(book.add_worksheet(), findings, &answers, &looks)?;
    let placed = figures::write(book.add_worksheet(), findings, &answers, &looks)?;
    charts::write(book.add_worksheet(), findings, &placed)?;
    if !findings.cuts.is_empty() {
        groups::write(book.add_worksheet(), findings, &looks)?;
    }
    if !findings.crosses.is_empty() {
        crosses::write(book.add_worksheet(), findings, &looks)?;
    }
    if !findings.comparisons.is_empty() {
        comparison::write(book.add_worksheet(), findings, &looks)?;
    }
    if !findings.quotes.is_empty() {
        quotes::write(book.add_worksheet(), findings, &looks)?;
    }
    let sheet = book.add_worksheet_with_constant_memory()?;
    let shortened = answers::write(sheet, variables, &answers, responses, &looks)?;
    codebook::write(book.add_worksheet(), variables, findings.lang, &looks)?;
    // Sheets of a million rows exceed what the plain format can hold.
    book.use_zip_large_file(findings.tally.responses > MOST_ROWS / 4);
    book.save_to_writer(out)?;
    Ok(shortened)
}

/// The same survey gives the same bytes: no clock, no user name.
fn properties(book: &mut Workbook, findings: &Findings) -> Result<(), XlsxError> {
    let survey = &findings.tally.survey;
    let forms: Vec<String> =
        survey.forms.iter().map(|f| format!("{} {}", f.id, f.sha256)).collect();
    // The epoch of the file format's own examples; what matters is that it never changes.
    let never = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties = DocProperties::new()
        .set_title(&survey.title)
        .set_subject(&survey.id)
        .set_author(&survey.program)
        .set_comment(forms.join("\n"))
        .set_creation_datetime(&never);
    book.set_properties(&properties);
    Ok(())
}
