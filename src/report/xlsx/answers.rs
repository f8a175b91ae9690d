//! The raw answers: one row a counted response, written and forgotten.

use std::borrow::Borrow;

use rust_xlsxwriter::{FormatAlign, Worksheet, XlsxError};

use super::formula::Answers;
use super::looks::Looks;
use super::{MOST_ROWS, Shortened};
use crate::account::Response;
use crate::export::codebook;
use crate::export::variables::{Of, Value, Variable, Variables};
use crate::lang::Lang;

/// Characters that a cell holds (Excel's specification).
const LONGEST_TEXT: usize = 32_767;
/// Widths in characters: an id of 18, a label, a sentence, a flag (as wide as `q6.burden_shaho`, its name in bold).
const WIDTHS: [f64; 4] = [20.0, 16.0, 40.0, 16.0];
/// Room for a name and three lines of a question.
const HEAD_HEIGHT: f64 = 84.0;

pub fn write<R: Borrow<Response>>(
    sheet: &mut Worksheet,
    variables: &Variables,
    answers: &Answers,
    responses: impl IntoIterator<Item = R>,
    looks: &Looks,
) -> Result<Shortened, XlsxError> {
    sheet.set_name(answers.sheet)?;
    head(sheet, variables, answers, looks)?;
    let mut shortened = Shortened::default();
    let mut row = 0;
    variables.each(responses, |_, cells| {
        if u64::from(row) == MOST_ROWS {
            shortened.rows += 1;
            return Ok(());
        }
        row += 1;
        for (at, (column, value)) in variables.columns.iter().zip(cells).enumerate() {
            cell(sheet, (row, at as u16), column, *value, answers, &mut shortened)?;
        }
        Ok::<(), XlsxError>(())
    })?;
    Ok(shortened)
}

fn head(
    sheet: &mut Worksheet,
    variables: &Variables,
    answers: &Answers,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let last = variables.columns.len().saturating_sub(1) as u16;
    for (at, column) in variables.columns.iter().enumerate() {
        sheet.set_column_width(at as u16, width(&column.of))?;
    }
    sheet.set_row_height(0, HEAD_HEIGHT)?;
    // From the top: of a long question the end is cut off, never the name.
    let head = looks.head.clone().set_align(FormatAlign::Top);
    for (at, column) in variables.columns.iter().enumerate() {
        let text = format!("{}\n{}", column.name, label(column, answers.lang));
        sheet.write_string_with_format(0, at as u16, text, &head)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    if answers.rows > 0 {
        sheet.autofilter(0, 0, answers.rows, last)?;
    }
    Ok(())
}

/// Of an option its own words only: after its question's they would be cut off, and the codebook has both.
fn label(column: &Variable, lang: Lang) -> String {
    match &column.of {
        Of::Chosen(_, option) => lang.pick(&option.label).to_owned(),
        _ => codebook::label(column, lang),
    }
}

fn width(of: &Of) -> f64 {
    let [id, label, sentence, flag] = WIDTHS;
    match of {
        Of::Response => id,
        Of::Text(q) if q.lexicon.is_none() => sentence,
        Of::File | Of::Form | Of::Batch | Of::Association | Of::One(..) | Of::Text(_) => label,
        Of::Arrived => label - 4.0,
        Of::Page | Of::Chosen(..) | Of::Number(_) | Of::Standing(_) => flag,
    }
}

fn cell(
    sheet: &mut Worksheet,
    (row, at): (u32, u16),
    column: &Variable,
    value: Value,
    answers: &Answers,
    shortened: &mut Shortened,
) -> Result<(), XlsxError> {
    match (&column.of, value) {
        (_, Value::Nothing(_)) => {}
        (Of::One(question, options), Value::Option(i)) => {
            let id = options.get(i).map_or("", |o| &o.id);
            sheet.write_string(row, at, answers.shown(&question.id, id))?;
        }
        (_, Value::Option(n)) => {
            sheet.write_number(row, at, n as f64)?;
        }
        (_, Value::Chosen(yes)) => {
            sheet.write_number(row, at, u8::from(yes))?;
        }
        (_, Value::Whole(n)) => {
            sheet.write_number(row, at, n as f64)?;
        }
        (_, Value::Text(text)) if text.chars().count() > LONGEST_TEXT => {
            shortened.texts += 1;
            let cut: String = text.chars().take(LONGEST_TEXT - 1).chain(['…']).collect();
            sheet.write_string(row, at, cut)?;
        }
        (_, Value::Text(text)) => {
            sheet.write_string(row, at, text)?;
        }
        (_, Value::Standing(s)) => {
            sheet.write_string(row, at, answers.standing(s))?;
        }
    }
    Ok(())
}
