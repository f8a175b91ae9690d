//! `faxtally cross`: one question's answers by another's.

use super::args::{CrossArgs, TallyFormat};
use super::console::{Console, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::figures::{format, json, sheet_as_of};
use super::people::{open, store_failure};
use crate::tally::cross::{CrossTable, cross as table, cross_all};
use crate::tally::render_cross;

pub fn cross(console: &Console, args: &CrossArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let (sheet, _, left_out) = sheet_as_of(console, &store, &forms, args.as_of.as_deref())?;
    let lang = console.lang;
    let mut tables: Vec<CrossTable> = match (&args.rows, &args.columns) {
        (Some(rows), Some(columns)) => {
            let one = table(&sheet, rows, columns, lang);
            vec![one.map_err(|e| Failure::usage(errors::cut(lang, &e)))?]
        }
        _ => cross_all(&sheet, lang),
    };
    for table in &mut tables {
        table.notes.extend(left_out.iter().cloned());
    }
    let text = match format(args.format, args.output.as_deref()) {
        TallyFormat::Text => {
            tables.iter().map(|t| render_cross(t, lang)).collect::<Vec<_>>().join("\n")
        }
        TallyFormat::Json => json(&tables)?,
    };
    write_out(console, args.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Done)
}
