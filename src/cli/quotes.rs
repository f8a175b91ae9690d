//! `faxtally quotes`: writings chosen for print, worded, approved by a second person, written out.

use super::args::{QuoteAct, QuoteFilter, QuotesArgs, QuotesCommand, Survey, TallyFormat};
use super::console::{Console, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::figures::{format, json};
use super::packed::folded;
use super::people::{open, store_failure};
use crate::lang::{Lang, hidden};
use crate::quotes::{Act, Published, Quote, QuoteState, admit, published, quotes as all, redacted};
use crate::store::Store;

pub fn quotes(console: &Console, args: &QuotesArgs) -> Result<Exit, Failure> {
    let store = open(console, &Survey { dir: args.dir.clone() })?;
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    let rows = folded(&store, store.snapshot().map_err(|e| store_failure(console, &e))?);
    let steps = store.quote_steps().map_err(|e| store_failure(console, &e))?;
    let quotes = all(&rows, &forms, &steps, console.lang);
    drop(rows);
    match &args.command {
        QuotesCommand::List(filter) => list(console, &quotes, filter),
        QuotesCommand::Word { act, wording } => step(console, &store, &quotes, act, |quote| {
            let wording = wording.clone().unwrap_or_else(|| redacted(&quote.original));
            Act::Word { wording, original: quote.original.clone() }
        }),
        QuotesCommand::Approve { act, keep } => {
            step(console, &store, &quotes, act, |_| Act::Approve { kept: keep.clone() })
        }
        QuotesCommand::Withdraw { act, why } => {
            step(console, &store, &quotes, act, |_| Act::Withdraw { why: why.clone() })
        }
        QuotesCommand::Publish { format: asked, output } => {
            let published = published(&quotes);
            let text = match format(*asked, output.as_deref()) {
                TallyFormat::Text => published.iter().map(printed).collect::<Vec<_>>().join("\n"),
                TallyFormat::Json => json(&published)?,
            };
            write_out(console, output.as_deref(), |out| out.write_all(text.as_bytes()))?;
            Ok(Exit::Done)
        }
    }
}

fn step(
    console: &Console,
    store: &Store,
    quotes: &[Quote],
    act: &QuoteAct,
    what: impl FnOnce(&Quote) -> Act,
) -> Result<Exit, Failure> {
    let lang = console.lang;
    let (response, field) = (act.response.as_str(), act.field.as_str());
    let quote = quotes.iter().find(|q| q.response == response && q.field == field);
    let quote = quote.ok_or_else(|| {
        Failure::usage(match lang {
            Lang::Ja => format!(
                "{response} の {field} に引用できる記入はありません（読めていないか、空です）"
            ),
            Lang::En => format!("{response} has no writing in {field} that could be quoted"),
        })
    })?;
    let what = what(quote);
    admit(quote, &act.by, &what)
        .map_err(|e| Failure::usage(format!("{response} {field}: {}", errors::gate(lang, &e))))?;
    store
        .add_quote_step((response, field), &what, &act.by, quote.rev)
        .map_err(|e| store_failure(console, &e))?;
    if let Act::Word { wording, .. } = &what {
        console.info(wording);
    }
    Ok(Exit::Done)
}

fn list(console: &Console, quotes: &[Quote], filter: &QuoteFilter) -> Result<Exit, Failure> {
    let asked = filter.only.iter().map(|c| c.split_once('=').map_or(c.as_str(), |c| c.0));
    // An empty list must mean that nobody wrote such a thing, not that a name was mistyped.
    for question in asked.filter(|_| !quotes.is_empty()) {
        if !quotes.iter().flat_map(|q| &q.attributes).any(|a| a.question == question) {
            let what = console.lang.say(
                "は引用に添える設問ではありません（form.json の quote_by）",
                " is none of the questions that stand beside quotes (quote_by in form.json)",
            );
            return Err(Failure::usage(format!("--where {question}{what}")));
        }
    }
    let state = filter.state.map(QuoteState::from);
    let chosen = |q: &&Quote| {
        state.is_none_or(|s| q.state == s)
            && filter.field.as_ref().is_none_or(|f| q.field == *f)
            && filter.containing.as_ref().is_none_or(|t| q.original.contains(t.as_str()))
            && filter.only.iter().all(|c| has(q, c))
    };
    let chosen: Vec<&Quote> = quotes.iter().filter(chosen).collect();
    let text = match format(filter.format, filter.output.as_deref()) {
        TallyFormat::Text => chosen.iter().map(|q| entry(q, console.lang)).collect(),
        TallyFormat::Json => json(&chosen)?,
    };
    write_out(console, filter.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Done)
}

/// `q2=clinic_med`, `q1=静岡県`, or its label.
fn has(quote: &Quote, condition: &str) -> bool {
    let Some((question, wanted)) = condition.split_once('=') else { return false };
    let mut all = quote.attributes.iter();
    all.any(|a| a.question == question && (a.value == wanted || a.label == wanted))
}

/// One line, of which everything can be seen.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !hidden(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn entry(q: &Quote, lang: Lang) -> String {
    let labels: Vec<&str> = q.attributes.iter().map(|a| a.label.as_str()).collect();
    let state = match q.state {
        QuoteState::Candidate => lang.say("未選択", "candidate"),
        QuoteState::Proposed => lang.say("承認待ち", "proposed"),
        QuoteState::Approved => lang.say("承認済み", "approved"),
        QuoteState::Stale => lang.say("原文が変わった", "stale"),
        QuoteState::Withdrawn => lang.say("取り下げ", "withdrawn"),
    };
    // As in cross tables: few enough that a reader may know who it is.
    let few = if q.alike < crate::tally::cross::SMALL {
        format!("  ! {} {}", lang.say("同じ区分の回答", "responses alike:"), q.alike)
    } else {
        String::new()
    };
    let mut lines = vec![
        format!("{} {}  [{state}]  {}{few}", q.response, q.field, labels.join(" ")),
        format!("    {}", plain(&q.original)),
    ];
    lines.extend(q.wording.iter().map(|w| format!("  → {}", plain(w))));
    let marks = if q.wording.is_some() { &q.left } else { &q.marks };
    if !marks.is_empty() {
        let words: Vec<String> = marks.iter().map(|m| plain(&m.text)).collect();
        let may = lang.say("個人が分かるおそれ", "may point to a person");
        lines.push(format!("    ! {may}: {}", words.join(lang.comma())));
    }
    lines.join("\n") + "\n"
}

/// As the federation prints them: where and what, then the words.
fn printed(q: &Published) -> String {
    let labels: Vec<&str> = q.attributes.iter().map(|a| a.label.as_str()).collect();
    format!("{}\n{}\n", labels.join(" ").trim(), q.text)
}
