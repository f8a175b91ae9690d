//! `tally`, `export` and `score`: one snapshot of a survey, written out.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use super::args::{ExportArgs, RowFormat, ScoreArgs, TableName, TallyArgs, TallyFormat};
use super::console::{Console, stdout_is_terminal, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::people::{SENT, STATUS, open, store_failure};
use crate::account::{Account, fold};
use crate::export::{Format, Table};
use crate::form::Form;
use crate::lang::Lang;
use crate::store::Store;
use crate::tally::{AuditFigure, TallySettings, render};

/// The survey as it stands now.
pub fn account(console: &Console, store: &Store) -> Result<(Account, Vec<Form>), Failure> {
    let snapshot = store.snapshot().map_err(|e| store_failure(console, &e))?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    Ok((fold(&snapshot), forms))
}

pub fn tally(console: &Console, args: &TallyArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let (account, forms) = account(console, &store)?;
    let setting = |name| store.setting(name).map_err(|e| store_failure(console, &e));
    let remembered = setting(SENT)?.and_then(|text| text.parse().ok());
    let settings = TallySettings {
        lang: console.lang,
        sent: args.sent.or(remembered),
        closed: args.closed || setting(STATUS)?.as_deref() == Some("final"),
        audit: audit(console, &store, &account, &forms)?,
    };
    let tally = crate::tally::tally(&account, &forms, &settings);
    let text = match format(args.format, args.output.as_deref()) {
        TallyFormat::Text => render(&tally, &forms, console.lang),
        TallyFormat::Json => tally.to_json().map_err(|e| Failure::usage(e.to_string()))?,
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

/// What the blind audit of the browser side found, if there was one.
fn audit(
    console: &Console,
    store: &Store,
    account: &Account,
    forms: &[Form],
) -> Result<Option<AuditFigure>, Failure> {
    let probes = store.probes().map_err(|e| store_failure(console, &e))?;
    Ok((!probes.is_empty()).then(|| crate::sample::figure(account, forms, &probes)))
}

/// Text for people at a terminal, JSON for everything else.
fn format(asked: Option<TallyFormat>, output: Option<&Path>) -> TallyFormat {
    let to_terminal = output.is_none() && stdout_is_terminal();
    asked.unwrap_or(if to_terminal { TallyFormat::Text } else { TallyFormat::Json })
}

pub fn export(console: &Console, args: &ExportArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let (account, forms) = account(console, &store)?;
    let table = match args.table {
        TableName::Pages => Table::Pages,
        TableName::Responses => Table::Responses,
    };
    let format = match args.format {
        RowFormat::Jsonl => Format::Jsonl,
        RowFormat::Csv => Format::Csv,
    };
    write_out(console, args.output.as_deref(), |out| {
        crate::export::export(&account, &forms, table, format, console.lang, out)
    })?;
    Ok(Exit::Done)
}

pub fn score(console: &Console, args: &ScoreArgs) -> Result<Exit, Failure> {
    let file = File::open(&args.truth)
        .map_err(|e| Failure::usage(format!("{}: {e}", args.truth.display())))?;
    let truth = crate::score::read_truth(BufReader::new(file))
        .map_err(|e| Failure::usage(errors::truth(console.lang, &args.truth, &e)))?;
    let store = open(console, &args.survey)?;
    let (account, forms) = account(console, &store)?;
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
