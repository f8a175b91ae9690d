//! What people add to a survey: settings and decisions.

use std::fs::File;
use std::io::BufReader;

use super::args::{DecideArgs, StatusName, Survey, SurveyArgs};
use super::console::{Console, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::figures::json;
use crate::lang::Lang;
use crate::store::{Store, StoreError};
use crate::tally::cuts::SentBy;

/// Name of the setting that holds how many questionnaires went out.
pub const SENT: &str = "sent";
/// Name of the setting that holds how many of them each association sent: a JSON object.
const SENT_BY: &str = "sent_by_association";
/// Name of the setting that says whether answers are still expected: `interim` or `final`.
pub const STATUS: &str = "status";

pub fn open(console: &Console, survey: &Survey) -> Result<Store, Failure> {
    Store::open(&survey.dir).map_err(|e| store_failure(console, &e))
}

/// The exit code and the sentence of a store's error.
pub fn store_failure(console: &Console, e: &StoreError) -> Failure {
    let exit = if e.blames_store() { Exit::Store } else { Exit::Usage };
    Failure { exit, message: errors::store(console.lang, e) }
}

/// How many questionnaires each association sent, as far as it was told.
pub fn sent_by(console: &Console, store: &Store) -> Result<SentBy, Failure> {
    let text = store.setting(SENT_BY).map_err(|e| store_failure(console, &e))?;
    let parse = |text: String| serde_json::from_str(&text);
    let sent = text.map(parse).transpose();
    sent.map(Option::unwrap_or_default).map_err(|e| Failure {
        exit: Exit::Store,
        message: format!("{}: {SENT_BY}: {e}", store.dir().display()),
    })
}

/// `faxtally survey`: remembers what is given, then shows what is remembered.
pub fn survey(console: &Console, args: &SurveyArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let failed = |e: StoreError| store_failure(console, &e);
    let mut sent_by = sent_by(console, &store)?;
    match (args.sent, &args.association) {
        (Some(sent), None) => store.set(SENT, &sent.to_string()).map_err(failed)?,
        (Some(sent), Some(association)) => {
            sent_by.insert(association.clone(), sent);
            store.set(SENT_BY, &json(&sent_by)?).map_err(failed)?;
        }
        (None, _) => {}
    }
    if let Some(status) = args.status {
        let word = if status == StatusName::Final { "final" } else { "interim" };
        store.set(STATUS, word).map_err(failed)?;
    }
    let forms = store.forms().map_err(failed)?;
    let sent = store.setting(SENT).map_err(failed)?;
    let status = store.setting(STATUS).map_err(failed)?;
    write_out(console, None, |out| {
        for form in &forms {
            writeln!(out, "form    {}  {}", form.id(), console.lang.pick(&form.file.title))?;
        }
        writeln!(out, "sent    {}", sent.as_deref().unwrap_or("-"))?;
        for (association, sent) in &sent_by {
            writeln!(out, "sent    {sent}  {association}")?;
        }
        writeln!(out, "status  {}", status.as_deref().unwrap_or("interim"))
    })?;
    Ok(Exit::Done)
}

/// `faxtally decide`: decisions from a file in the shape of `truth.jsonl`.
pub fn decide(console: &Console, args: &DecideArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let file = File::open(&args.file)
        .map_err(|e| Failure::usage(format!("{}: {e}", args.file.display())))?;
    let done = store
        .import_decisions(BufReader::new(file), &args.by)
        .map_err(|e| store_failure(console, &e))?;
    console.info(&match console.lang {
        Lang::Ja => format!(
            "{} 行を読み、回答 {} 件とページ {} 枚の判断を取り込みました（調査にないページ {} 行）",
            done.lines, done.fields, done.pages, done.unknown
        ),
        Lang::En => format!(
            "{} lines: {} answers and {} pages decided, {} lines for pages that are not here",
            done.lines, done.fields, done.pages, done.unknown
        ),
    });
    Ok(if done.unknown > 0 { Exit::Attention } else { Exit::Done })
}
