//! `report`: everything that goes to the press, into one folder.

use std::path::Path;

use super::args::ReportArgs;
use super::console::{Console, cannot_write, write_out};
use super::exit::{Exit, Failure};
use super::findings::Source;
use crate::export::Format;
#[cfg(feature = "xlsx")]
use crate::export::variables::Variables;
use crate::form::Output;
use crate::lang::Lang;
use crate::report::chart::chart;
use crate::report::font::{Face, FontError};
use crate::report::html::behind::{FILE as WHY, why};
use crate::report::html::html;
use crate::report::png::png;
use crate::report::svg::{Letters, svg};
use crate::tally::Figure;

/// Names of what is written.
const PAGE: &str = "report.html";
/// Responses listed a figure: a thousand ids are 20 KB, and a survey of 60 figures 1 MB.
const LISTED: usize = 1_000;
const TALLY: &str = "tally.json";
const FIGURES: &str = "figures.csv";
#[cfg(feature = "xlsx")]
const BOOK: &str = "tally.xlsx";
const CHARTS: &str = "charts";

pub fn report(console: &Console, args: &ReportArgs) -> Result<Exit, Failure> {
    let face = face(console, args.font.as_deref())?;
    let mut source = Source::open(console, &args.survey, &args.findings)?;
    source.take_apart(LISTED);
    let dir = &args.output;
    let charts_dir = dir.join(CHARTS);
    std::fs::create_dir_all(&charts_dir).map_err(|e| cannot_write(console, &charts_dir, &e))?;
    let findings = source.findings();
    let page = html(&findings, face.as_ref());
    file(console, &dir.join(PAGE), page.as_bytes())?;
    let evidence = why(&findings, face.as_ref());
    file(console, &dir.join(WHY), evidence.as_bytes())?;
    let json = source.tally.to_json().map_err(|e| Failure::usage(e.to_string()))?;
    file(console, &dir.join(TALLY), json.as_bytes())?;
    write_out(console, Some(&dir.join(FIGURES)), |out| {
        crate::export::figures(&source.tally, &source.forms, Format::ExcelCsv, source.lang, out)
    })?;
    #[cfg(feature = "xlsx")]
    {
        let at = dir.join(BOOK);
        write_out(console, Some(&at), |out| {
            // It may be handed on: what people wrote leaves only through the gate for quotes.
            let variables = Variables::without_writing(&source.forms);
            super::export::workbook(console, (&source, &variables), Some(&at), out)
        })?;
    }
    charts(console, &source, face.as_ref(), &charts_dir)?;
    let done = console.lang.say("書き出しました", "written");
    console.info(&format!("{}: {done}", dir.join(PAGE).display()));
    Ok(Exit::Done)
}

/// Without a font the page still reads well; pictures cannot be drawn.
fn face(console: &Console, named: Option<&Path>) -> Result<Option<Face>, Failure> {
    match Face::open(named) {
        Ok(face) => Ok(Some(face)),
        Err(FontError::Missing) => {
            console.warn(console.lang.say(
                "日本語の書体がないため PNG は作らず、ページと SVG は閲覧者の書体で表示します。\
                 fonts-ipaexfont-gothic を入れるか --font で指定してください",
                "no Japanese font: no PNG, and the reader's own font in page and SVG. Install \
                 fonts-ipaexfont-gothic, or name a font with --font",
            ));
            Ok(None)
        }
        Err(e) => Err(Failure::usage(match console.lang {
            Lang::Ja => format!("書体を使えません（{e}）"),
            Lang::En => e.to_string(),
        })),
    }
}

fn charts(
    console: &Console,
    source: &Source,
    face: Option<&Face>,
    dir: &Path,
) -> Result<(), Failure> {
    let findings = source.findings();
    for figure in &source.tally.questions {
        let Figure::Choice(f) = figure else { continue };
        let picture = chart(&findings.table(f, Output::Slides), source.lang, face);
        let letters = face.map_or(Letters::Text, Letters::Outlines);
        let drawn = svg(&picture, "chart", letters);
        file(console, &dir.join(format!("{}.svg", f.id)), drawn.as_bytes())?;
        if let Some(face) = face {
            let at = dir.join(format!("{}.png", f.id));
            let bytes = png(&picture, face).map_err(|e| cannot_write(console, &at, &e))?;
            file(console, &at, &bytes)?;
        }
    }
    Ok(())
}

fn file(console: &Console, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_out(console, Some(path), |out| out.write_all(bytes))
}
