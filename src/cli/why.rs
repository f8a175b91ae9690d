//! `faxtally why`: what one figure is made of, with the pictures behind it if asked.

use std::path::Path;

use super::args::{TallyFormat, WhyArgs};
use super::console::{Console, cannot_write, write_out};
use super::exit::{Exit, Failure};
use super::figures::{format, json, settings};
use super::packed::folded;
use super::people::{open, store_failure};
use super::proof::{page, save};
use crate::lang::Lang;
use crate::store::Store;
use crate::tally::why::{Why, WhyError, tell, why as take_apart};
use crate::tally::{Sheet, folded_counts, render_why, tally_sheet};

/// Readings that are looked up at once: some 2 MB of boxes (5 kB a page of mynahoken-2024).
const AT_ONCE: usize = 400;

pub fn why(console: &Console, args: &WhyArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let failed = |e| store_failure(console, &e);
    let snapshot = store.snapshot().map_err(failed)?;
    let forms = store.forms().map_err(failed)?;
    let folded = folded(&store, snapshot);
    let settings = settings(console, &store, None, false)?;
    let places = folded.places_of(&forms);
    let sheet = Sheet::of_places(&folded, &places, &forms);
    let tally = tally_sheet(&sheet, folded_counts(&folded), &settings);
    let lang = console.lang;
    let format = format(args.format, args.output.as_deref());
    // JSON is for whoever wants all of it.
    let most = if format == TallyFormat::Json { usize::MAX } else { args.show };
    let why = take_apart((&folded, &sheet, &places), &tally, &args.figure, (most, lang));
    let mut why = why.map_err(|e| Failure::usage(no_figure(lang, &e)))?;
    let question = why.figure.split('.').next().unwrap_or_default();
    for listed in why.evidence.chunks_mut(AT_ONCE) {
        let responses = listed.iter().map(|e| e.response.clone()).collect();
        tell(question, listed, store.boxes(responses).map_err(failed)?);
    }
    let text = match format {
        TallyFormat::Text => render_why(&why, args.show, lang),
        TallyFormat::Json => json(&why)?,
    };
    write_out(console, args.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    let Some(dir) = &args.crops else { return Ok(Exit::Done) };
    let lost = crops(console, &store, &why, args.show, dir)?;
    if lost > 0 {
        console.warn(&match lang {
            Lang::Ja => {
                format!("{lost} 件は画像が読んだときの場所にないか、欄の位置が分かりません")
            }
            Lang::En => {
                format!("{lost} pictures are no longer where they were read, or have no such box")
            }
        });
        return Ok(Exit::Attention);
    }
    Ok(Exit::Done)
}

fn no_figure(lang: Lang, e: &WhyError) -> String {
    let WhyError::NoFigure { path, known } = e;
    match lang {
        Lang::Ja => format!("{path} という数字はありません（あるのは {known}）"),
        Lang::En => e.to_string(),
    }
}

/// The box of the figure's option, or the writing, on each page shown; returns how many could not be had.
fn crops(
    console: &Console,
    store: &Store,
    why: &Why,
    most: usize,
    dir: &Path,
) -> Result<usize, Failure> {
    std::fs::create_dir_all(dir).map_err(|e| cannot_write(console, dir, &e))?;
    let (question, option) = why.figure.split_once('.').unwrap_or((&why.figure, ""));
    let mut lost = 0;
    for (i, e) in why.evidence.iter().take(most).enumerate() {
        let at = dir.join(format!("{:04}-{}.png", i + 1, e.response));
        if option.is_empty() {
            // A written field: its own ink, which the survey keeps.
            let crop = store.crop(&e.response, question).map_err(|e| store_failure(console, &e))?;
            match crop {
                Some(c) => write_out(console, Some(&at), |out| out.write_all(&c.png))?,
                None => lost += 1,
            }
            continue;
        }
        let sheet = store.sheet(&e.response).map_err(|e| store_failure(console, &e))?;
        let fax = sheet.files.iter().find_map(|file| page(file, &sheet));
        let crop = fax.zip(sheet.reading.as_ref());
        let crop =
            crop.and_then(|(fax, reading)| crate::proof::crop(&fax, reading, question, option));
        match crop {
            Some(picture) => save(console, &at, &picture)?,
            None => lost += 1,
        }
    }
    Ok(lost)
}
