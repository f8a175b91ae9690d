//! `tally` and `score`: one snapshot of a survey, written out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use super::args::{ScoreArgs, TallyArgs, TallyFormat};
use super::console::{Console, stdout_is_terminal, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::packed::{LEAST_ROWS, folded, packed, sheet_of};
use super::people::{SENT, STATUS, open, sent_by, store_failure};
use super::read::check_date;
use crate::account::{Account, Folded, LeftOut, Rows};
use crate::form::Form;
use crate::lang::Lang;
use crate::store::Store;
use crate::tally::cuts::cut;
use crate::tally::{
    AuditFigure, Note, PageCounts, Sheet, TallySettings, render, render_cuts, tally_sheet,
};

/// Every page, and the responses that the truth knows: of others nothing is asked.
fn account_of(
    console: &Console,
    store: &Store,
    truth: &[crate::score::TruthPage],
) -> Result<Account, Failure> {
    let folded = folded(store, store.snapshot().map_err(|e| store_failure(console, &e))?);
    let files: BTreeSet<&str> = truth.iter().map(|t| t.file.as_str()).collect();
    let known = |page: &u32| files.contains(folded.file_of_sheet(*page));
    let sheets = folded.sheets().into_iter().filter(known);
    let responses = sheets.filter_map(|page| folded.sheet(page)).collect();
    Ok(Account { pages: folded.entries().collect(), responses })
}

/// The survey as it stood at the end of a day, or now; and what to say about that.
pub fn sheet_as_of<'f>(
    console: &Console,
    store: &Store,
    forms: &'f [Form],
    day: Option<&str>,
) -> Result<(Sheet<'f>, PageCounts, Vec<Note>), Failure> {
    check_date(console, "--as-of", day)?;
    let Some(day) = day else {
        let (sheet, pages) = packed(console, store, forms, LEAST_ROWS)?;
        return Ok((sheet, pages, Vec::new()));
    };
    let mut snapshot = store.snapshot().map_err(|e| store_failure(console, &e))?;
    let LeftOut { later, undated } = snapshot.as_of(day);
    let (sheet, pages) = sheet_of(snapshot, forms);
    let later = (later > 0).then_some(Note::Later { count: later });
    let undated = (undated > 0).then_some(Note::Undated { count: undated });
    let notes = later.into_iter().chain(undated).collect();
    Ok((sheet, pages, notes))
}

/// What the survey remembers about itself, and what this output says instead.
pub fn settings(
    console: &Console,
    store: &Store,
    sent: Option<u64>,
    closed: bool,
) -> Result<TallySettings, Failure> {
    let setting = |name| store.setting(name).map_err(|e| store_failure(console, &e));
    let remembered = setting(SENT)?.and_then(|text| text.parse().ok());
    Ok(TallySettings {
        lang: console.lang,
        sent: sent.or(remembered),
        closed: closed || setting(STATUS)?.as_deref() == Some("final"),
        audit: audit(console, store)?,
    })
}

pub fn tally(console: &Console, args: &TallyArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let day = args.as_of.as_deref();
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let (sheet, pages, left_out) = sheet_as_of(console, &store, &forms, day)?;
    if sheet.rows() == 0 {
        console.warn(
            console.lang.say("集計する回答がまだありません", "there is no response to count yet"),
        );
    }
    let settings = settings(console, &store, args.sent, args.closed)?;
    let mut tally = tally_sheet(&sheet, pages, &settings);
    tally.as_of.clone_from(&args.as_of);
    tally.notes.extend(left_out);
    let text = match (format(args.format, args.output.as_deref()), args.by.as_deref()) {
        (TallyFormat::Text, None) => {
            let unseen = unseen(console, &store, tally.pages.set_aside)?;
            render(&tally, &forms, console.lang) + &unseen
        }
        (TallyFormat::Json, None) => tally.to_json().map_err(|e| Failure::usage(e.to_string()))?,
        (format, Some(by)) => {
            let sent_by = sent_by(console, &store)?;
            let mut cuts = cut(&sheet, tally.pages, by, &settings, &sent_by)
                .map_err(|e| Failure::usage(errors::cut(console.lang, &e)))?;
            cuts.all = tally.clone();
            match format {
                TallyFormat::Text => render_cuts(&cuts, console.lang),
                TallyFormat::Json => json(&cuts)?,
            }
        }
    };
    write_out(console, args.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    let open = tally.unreviewed();
    if !args.require_reviewed || open == 0 {
        return Ok(Exit::Done);
    }
    let message = match console.lang {
        Lang::Ja => format!("確認待ちが {open} 件あります。確認してから公表してください"),
        Lang::En => format!("{open} pages and answers are pending; review them before publishing"),
    };
    Err(Failure { exit: Exit::Unreviewed, message })
}

/// The machine's word alone keeps these pages out of the figures: people are told where to look at them.
fn unseen(console: &Console, store: &Store, set_aside: u64) -> Result<String, Failure> {
    let seen = store.set_aside_by_people().map_err(|e| store_failure(console, &e))?;
    let n = set_aside.saturating_sub(seen);
    Ok(match console.lang {
        _ if n == 0 => String::new(),
        Lang::Ja => format!(
            "\n対象外としたページのうち {n} 枚は人が見ていません。faxtally review の「回答でないと機械が見たページ」\n"
        ),
        Lang::En => format!(
            "\n{n} of the pages set aside were seen by nobody: faxtally review, \"Pages taken for no response\"\n"
        ),
    })
}

/// Pretty-printed, with a line feed at the end.
pub fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    Ok(text.map_err(|e| Failure::usage(e.to_string()))? + "\n")
}

/// What the blind audit of the browser side found, if there was one.
fn audit(console: &Console, store: &Store) -> Result<Option<AuditFigure>, Failure> {
    let probes = store.probes().map_err(|e| store_failure(console, &e))?;
    if probes.is_empty() {
        return Ok(None);
    }
    let snapshot = store.snapshot().map_err(|e| store_failure(console, &e))?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let folded = Folded::new(snapshot);
    Ok(Some(crate::sample::figure_of(folded.counted(), &forms, &probes)))
}

/// Text for people at a terminal, JSON for everything else.
pub fn format(asked: Option<TallyFormat>, output: Option<&Path>) -> TallyFormat {
    let to_terminal = output.is_none() && stdout_is_terminal();
    asked.unwrap_or(if to_terminal { TallyFormat::Text } else { TallyFormat::Json })
}

pub fn score(console: &Console, args: &ScoreArgs) -> Result<Exit, Failure> {
    let file = File::open(&args.truth)
        .map_err(|e| Failure::usage(format!("{}: {e}", args.truth.display())))?;
    let truth = crate::score::read_truth(BufReader::new(file))
        .map_err(|e| Failure::usage(errors::truth(console.lang, &args.truth, &e)))?;
    let store = open(console, &args.survey)?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let account = account_of(console, &store, &truth)?;
    let report = crate::score::score(&account, &truth, &forms);
    let text = match args.format {
        TallyFormat::Text => crate::score::render(&report, console.lang),
        TallyFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            json.map_err(|e| Failure::usage(e.to_string()))? + "\n"
        }
    };
    write_out(console, args.output.as_deref(), |out: &mut dyn Write| {
        out.write_all(text.as_bytes())
    })?;
    Ok(Exit::Done)
}
