//! `faxtally read`: inboxes into a survey, then what the survey holds now.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::ReadArgs;
use super::console::{Console, Show, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::packed::folded;
use super::people::store_failure;
use super::progress::Lines;
use super::text;
use crate::account::{Folded, Labels, PageEntry, PageStatus, Response, Rows, Snapshot};
use crate::batch::{
    self, BatchError, Job, Progress, ReadPage, Silent, Summary, Terminal, TextSummary,
};
use crate::decode::Limits;
use crate::faxes::FaxReader;
use crate::form::Form;
use crate::judge::Policy;
use crate::lang::{Lang, reason};
use crate::reading::FieldState;
use crate::store::{Store, StoreError};
use crate::tally::{folded_counts, pages_line};

/// Refused and pending pages that are named one by one; the export has them all.
const NAMED: usize = 50;

pub fn read(console: &Console, args: &ReadArgs) -> Result<Exit, Failure> {
    if !args.no_text {
        text::hold_to_one_thread(jobs(args.jobs));
    }
    let words = text::words(console, &args.words)?;
    let cancel = cancel_on_signal();
    let labels = labels(console, args)?;
    // Forms are looked at before anything is written.
    for dir in &args.forms {
        Form::open(dir).map_err(|e| Failure::usage(errors::form(console.lang, &e)))?;
    }
    let store = open(console, args)?;
    for dir in &args.forms {
        store.add_form(dir).map_err(|e| store_failure(console, &e))?;
    }
    let forms = store.forms().map_err(|e| store_failure(console, &e))?;
    if forms.is_empty() {
        return Err(no_form(console));
    }
    // Said before the first page is read, and not an hour later.
    text::readers(console, &forms, &args.reader)?;
    let limits = Limits::default();
    let reader = FaxReader::new(forms.clone(), Policy::default(), limits);
    console.detail(&format!("reader {}, {} jobs", reader.key(), jobs(args.jobs)));
    let job = Job {
        inboxes: args.inboxes.clone(),
        labels,
        jobs: jobs(args.jobs),
        limits,
        settle: batch::SETTLE,
    };
    let done = batch::run(&job, &store, &reader, progress(console).as_ref(), &cancel);
    let mut done = done.map_err(|e| batch_failure(console, &e))?;
    // Its templates and blanks are not needed any more, and the recognisers are large.
    drop(reader);
    let mut texts = None;
    if !args.no_text && !done.interrupted {
        texts = text::read(console, &store, (&forms, &words), args, &cancel)?;
        done.interrupted |= texts.as_ref().is_some_and(|t| t.interrupted);
    }
    report(console, &store, &done, texts.as_ref())
}

/// What a person sees of a pass.
pub fn progress(console: &Console) -> Box<dyn Progress + '_> {
    match console.progress() {
        Show::Bar => Box::new(Terminal::stderr()),
        Show::Lines => Box::new(Lines::new(console)),
        Show::Nothing => Box::new(Silent),
    }
}

/// A folder that holds no survey becomes one only when a form is given: a mistyped `-s` does not.
fn open(console: &Console, args: &ReadArgs) -> Result<Store, Failure> {
    let dir = &args.survey.dir;
    let store = if args.forms.is_empty() { Store::open(dir) } else { Store::create(dir) };
    store.map_err(|e| match e {
        StoreError::Missing { .. } => no_form(console),
        e => store_failure(console, &e),
    })
}

fn no_form(console: &Console) -> Failure {
    Failure::usage(console.lang.say(
        "この調査にはまだフォームがありません。--form FORMDIR を付けてください",
        "this survey has no form yet; give one with --form FORMDIR",
    ))
}

pub fn jobs(asked: Option<u16>) -> NonZeroUsize {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    asked.and_then(|n| NonZeroUsize::new(usize::from(n))).unwrap_or_else(cores)
}

/// Set by Ctrl-C or a termination; a second one ends the program at once.
pub fn cancel_on_signal() -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    // Without a handler a signal ends the program, which the store survives as well.
    let _ = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
    });
    cancel
}

fn labels(console: &Console, args: &ReadArgs) -> Result<Labels, Failure> {
    check_date(console, "--arrived", args.arrived.as_deref())?;
    Ok(Labels {
        batch: args.batch.clone(),
        arrived: args.arrived.clone(),
        association: args.association.clone(),
    })
}

/// Refuses what is no day, for the option of that name.
pub fn check_date(console: &Console, option: &str, date: Option<&str>) -> Result<(), Failure> {
    let Some(date) = date.filter(|d| !is_date(d)) else { return Ok(()) };
    let what = console
        .lang
        .say("は 2024-12-31 のような日付で指定してください", " takes a date like 2024-12-31");
    Err(Failure::usage(format!("{option}{what} ({date})")))
}

/// An ISO date that the calendar has.
fn is_date(text: &str) -> bool {
    let part = |range: std::ops::Range<usize>| {
        let digits = text.get(range).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse::<u32>().ok()
    };
    let dashes = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let (Some(year), Some(month), Some(day), true) = (part(0..4), part(5..7), part(8..10), dashes)
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=last).contains(&day)
}

pub fn batch_failure(console: &Console, e: &BatchError) -> Failure {
    match e {
        BatchError::Store(e) => store_failure(console, e),
        _ => Failure::usage(errors::batch(console.lang, e)),
    }
}

/// What was done, what the survey holds, and what a person should look at.
fn report(
    console: &Console,
    store: &Store,
    done: &Summary,
    texts: Option<&TextSummary>,
) -> Result<Exit, Failure> {
    let rows = folded(store, store.snapshot().map_err(|e| store_failure(console, &e))?);
    for file in &done.left {
        let what = console.lang.say(
            "まだ書き込み中のため読んでいません。次の read で読みます",
            "still being written; the next `read` takes it",
        );
        console.warn(&format!("{file}: {what}"));
    }
    for file in &done.ignored {
        let what =
            console.lang.say("リハーサルの正解なので読みません", "a rehearsal's truth, not read");
        console.detail(&format!("{file}: {what}"));
    }
    name_pages(console, &rows);
    if !console.quiet() {
        let mut text = summary(console.lang, done, &rows);
        if let Some(texts) = texts.filter(|t| t.fields > 0) {
            text.push_str(&text::summary(console.lang, texts));
        }
        write_out(console, None, |out| out.write_all(text.as_bytes()))?;
    }
    if done.interrupted {
        let message = console.lang.say(
            "中断しました。読んだ分は残っています。同じ read で続きから読みます",
            "interrupted; what was read is kept, the same `read` goes on from here",
        );
        return Err(Failure { exit: Exit::Interrupted, message: message.to_owned() });
    }
    let pages = folded_counts(&rows);
    let attention = pages.refused + pages.pending > 0 || !done.left.is_empty();
    Ok(if attention { Exit::Attention } else { Exit::Done })
}

fn name_pages(console: &Console, rows: &dyn Rows) {
    let needy = |s| matches!(s, PageStatus::Refused | PageStatus::Pending);
    let named = rows.pages().filter(|p| needy(p.status) || p.status == PageStatus::SetAside);
    let (pages, aside): (Vec<_>, Vec<_>) = named.partition(|p| needy(p.status));
    let lang = console.lang;
    let place = |page: &PageEntry| match (page.page, lang) {
        (0, _) => page.file.clone(),
        (n, Lang::Ja) => format!("{} {n} ページ", page.file),
        (n, Lang::En) => format!("{} page {n}", page.file),
    };
    for page in pages.iter().take(NAMED) {
        console.warn(&format!("{}: {}", place(page), reason::messages(lang, &page.reasons)));
    }
    for page in &aside {
        console.detail(&format!("{}: {}", place(page), reason::messages(lang, &page.reasons)));
    }
    if let Some(more) = pages.len().checked_sub(NAMED).filter(|n| *n > 0) {
        console.warn(&match lang {
            Lang::Ja => format!("ほか {more} ページ：export --table pages で一覧できます"),
            Lang::En => format!("and {more} more pages: see `export --table pages`"),
        });
    }
}

fn summary(lang: Lang, done: &Summary, rows: &Folded<Snapshot>) -> String {
    let seconds = done.elapsed.as_secs_f64();
    let rate = done.pages_read as f64 / seconds.max(0.001);
    let (read, known, files) = (done.pages_read, done.files_known, done.files);
    let run = match lang {
        Lang::Ja => format!(
            "{files} ファイルの {read} ページを {seconds:.1} 秒で読みました（{rate:.0} ページ/秒、既読 {known} ファイル）"
        ),
        Lang::En => format!(
            "Read {read} pages of {files} files in {seconds:.1} s ({rate:.0} pages/s); {known} files were known"
        ),
    };
    let open = |r: &Response| r.answers.values().filter(|a| a.state == FieldState::Pending).count();
    let waiting: usize = rows.counted().map(|r| open(&r)).sum();
    let pending = match lang {
        Lang::Ja => format!("確認待ちの選択の回答: {waiting}"),
        Lang::En => format!("Pending choice answers: {waiting}"),
    };
    format!("{run}\n{}\n{pending}\n", pages_line(folded_counts(rows), lang))
}
