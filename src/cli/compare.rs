//! `faxtally compare`: this survey's figures beside an earlier one's.

use std::path::Path;

use super::args::{CompareArgs, LabelsName, SchemaName, TallyFormat};
use super::console::{Console, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::figures::{format, json, settings, sheet_as_of};
use super::people::{open, store_failure};
use crate::form::Output;
use crate::lang::Lang;
use crate::tally::compare::{
    Comparison, Earlier, Mapping, compare as set_beside, earlier_schema, mapping_schema,
};
use crate::tally::{render_comparison, tally_sheet};

pub fn compare(console: &Console, args: &CompareArgs) -> Result<Exit, Failure> {
    let text = match (args.schema, &args.earlier) {
        (Some(SchemaName::Earlier), _) => earlier_schema(),
        (Some(SchemaName::Mapping), _) => mapping_schema(),
        (None, Some(earlier)) => written(console, args, earlier)?,
        (None, None) => String::new(),
    };
    write_out(console, args.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Done)
}

fn written(console: &Console, args: &CompareArgs, earlier: &Path) -> Result<String, Failure> {
    let lang = console.lang;
    let comparison = comparison(console, args, earlier)?;
    let apart = comparison.questions.iter().flat_map(|q| &q.rows);
    let apart = apart.filter(|r| r.earlier.is_some() && !r.comparable).count();
    if apart > 0 {
        console.warn(&match lang {
            Lang::Ja => format!(
                "母数が違う、または分からない行が {apart} 行あります（* の行と注を見てください）"
            ),
            Lang::En => format!(
                "{apart} rows have different or unknown bases; see the notes of the rows with *"
            ),
        });
    }
    match format(args.format, args.output.as_deref()) {
        TallyFormat::Text => Ok(render_comparison(&comparison, lang)),
        TallyFormat::Json => json(&comparison),
    }
}

fn comparison(console: &Console, args: &CompareArgs, path: &Path) -> Result<Comparison, Failure> {
    let lang = console.lang;
    let (earlier, mapping) = files(console, path, args.mapping.as_deref())?;
    let store = open(console, &args.survey)?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let (sheet, pages, left_out) = sheet_as_of(console, &store, &forms, args.as_of.as_deref())?;
    let tally = tally_sheet(&sheet, pages, &settings(console, &store, None, false)?);
    let output = match args.labels {
        LabelsName::Form => Output::Form,
        LabelsName::Slides => Output::Slides,
        LabelsName::Press => Output::Press,
    };
    let compared = set_beside(&tally, &forms, &earlier, mapping.as_ref(), (output, console.lang));
    let at = args.mapping.as_deref().unwrap_or(path);
    let mut compared = compared.map_err(|e| wrong(console, at, &errors::mapping(lang, &e)))?;
    compared.notes.extend(left_out);
    Ok(compared)
}

/// The earlier survey's figures, and what is set against what.
pub fn files(
    console: &Console,
    path: &Path,
    mapping: Option<&Path>,
) -> Result<(Earlier, Option<Mapping>), Failure> {
    let lang = console.lang;
    let earlier = Earlier::parse(&bytes(console, path)?)
        .map_err(|e| wrong(console, path, &errors::earlier(lang, &e)))?;
    let mapping = mapping.map(|at| {
        let parsed = Mapping::parse(&bytes(console, at)?);
        parsed.map_err(|e| wrong(console, at, &errors::mapping(lang, &e)))
    });
    Ok((earlier, mapping.transpose()?))
}

fn bytes(console: &Console, path: &Path) -> Result<Vec<u8>, Failure> {
    let unread = console.lang.say("読めません", "cannot be read");
    let failed = |e| Failure::usage(format!("{}: {unread}: {e}", path.display()));
    std::fs::read(path).map_err(failed)
}

/// A file that cannot be compared with.
pub fn wrong(console: &Console, path: &Path, problem: &str) -> Failure {
    let what = console.lang.say("比較に使えません", "cannot be compared with");
    Failure::usage(format!("{}: {what}: {problem}", path.display()))
}
