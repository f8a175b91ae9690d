//! SPSS system files (`.sav`) with Japanese variable and value labels.
//!
//! The format has no specification of its own; this follows PSPP's "System File Format"
//! (<https://www.gnu.org/software/pspp/pspp-dev/html_node/System-File-Format.html>): little-endian,
//! byte-coded, UTF-8, texts of more than 255 bytes as very long strings.
//!
//! Frequencies that SPSS counts are those of the tally: an answer outside its question's base, or one
//! that waits for a person, is a labelled missing value, and no answer is a value of its own.

mod cases;
mod dictionary;

use std::borrow::Borrow;
use std::io::{self, Write};

use super::variables::{Of, Standing, Value, Variables};
use crate::account::Response;
use crate::lang::Lang;
use crate::tally::Tally;

use cases::Cases;
use dictionary::{Column, Content};

/// Bytes that a string variable holds (SPSS since version 13).
const LONGEST_TEXT: usize = 32_767;

/// Codes for what is no answer. Options are 1, 2, 3 ... in the form's order.
mod code {
    pub const BLANK: f64 = 0.0;
    pub const PENDING: f64 = -1.0;
    pub const OUT: f64 = -2.0;
    /// No answer where 0 means something: numbers, and options not chosen.
    pub const NONE: f64 = -3.0;
}

/// Writes the counted responses; they are gone through twice, since widths stand before values.
/// Returns how many texts were cut at 32,767 bytes.
///
/// # Errors
/// What the writer gives.
pub fn write<R: Borrow<Response>, I: IntoIterator<Item = R>>(
    tally: &Tally,
    variables: &Variables,
    responses: impl Fn() -> I,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<u64> {
    let (widths, count, cut) = widths(variables, responses())?;
    let columns: Vec<Column> = variables
        .columns
        .iter()
        .zip(&widths)
        .map(|(v, width)| Column::new(v, *width, lang))
        .collect();
    dictionary::write(&columns, tally, count, out)?;
    let standings = standing_columns(variables);
    let mut cases = Cases::new(out);
    variables.each(responses(), |_, cells| {
        for (at, column) in columns.iter().enumerate() {
            match (&column.content, cells[at]) {
                (Content::Text(width), Value::Text(text)) => cases.text(fitting(text), *width)?,
                (Content::Text(width), _) => cases.text("", *width)?,
                (_, value) => {
                    let standing = standings[at].and_then(|s| cells.get(s));
                    cases.number(number(&variables.columns[at].of, value, standing))?;
                }
            }
        }
        Ok::<(), io::Error>(())
    })?;
    cases.finish()?;
    Ok(cut)
}

/// Bytes of the longest text of every column, how many responses there are, and how many texts exceed
/// what a variable holds.
fn widths<R: Borrow<Response>>(
    variables: &Variables,
    responses: impl IntoIterator<Item = R>,
) -> io::Result<(Vec<usize>, u64, u64)> {
    let mut widths = vec![0; variables.columns.len()];
    let (mut count, mut cut) = (0, 0);
    variables.each(responses, |_, cells| {
        count += 1;
        for (width, cell) in widths.iter_mut().zip(cells) {
            if let Value::Text(text) = cell {
                let bytes = text.len();
                cut += u64::from(bytes > LONGEST_TEXT);
                *width = (*width).max(bytes).min(LONGEST_TEXT);
            }
        }
        Ok::<(), io::Error>(())
    })?;
    Ok((widths, count, cut))
}

/// The text, or as much of it as a variable holds.
fn fitting(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}

/// For every column the one that holds its question's standing, which comes right after them.
fn standing_columns(variables: &Variables) -> Vec<Option<usize>> {
    let is_standing = |at: &usize| matches!(variables.columns[*at].of, Of::Standing(_));
    let next = |at: usize| (at..variables.columns.len()).find(is_standing);
    let belongs = |of: &Of| matches!(of, Of::One(..) | Of::Chosen(..) | Of::Number(_));
    let columns = variables.columns.iter().enumerate();
    columns.map(|(at, c)| if belongs(&c.of) { next(at) } else { None }).collect()
}

/// A cell as SPSS has it; `None` is its system-missing value.
fn number(of: &Of, value: Value, standing: Option<&Value>) -> Option<f64> {
    if let Value::Standing(s) = value {
        let at = Standing::ALL.iter().position(|other| *other == s)?;
        return Some(at as f64 + 1.0);
    }
    let Some(Value::Standing(standing)) = standing else {
        return match value {
            Value::Whole(n) => Some(n as f64),
            _ => None,
        };
    };
    match (standing, of, value) {
        (Standing::Out, ..) => Some(code::OUT),
        (Standing::Pending | Standing::Unsettled, ..) => Some(code::PENDING),
        (Standing::Blank, Of::One(..), _) => Some(code::BLANK),
        (Standing::Blank, Of::Chosen(q, _), _) if !q.answered_only => Some(0.0),
        (Standing::Blank, ..) => Some(code::NONE),
        (Standing::Answered, _, Value::Option(at)) => Some(at as f64 + 1.0),
        (Standing::Answered, _, Value::Chosen(yes)) => Some(f64::from(u8::from(yes))),
        (Standing::Answered, _, Value::Whole(n)) => Some(n as f64),
        (Standing::Answered | Standing::NotAsked, ..) => None,
    }
}
