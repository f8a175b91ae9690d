//! The second half of `faxtally read`: the written fields, by whatever recogniser is installed.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::args::ReadArgs;
use super::console::Console;
use super::errors;
use super::exit::Failure;
use super::read::{batch_failure, jobs, progress};
use crate::batch::{BatchError, TextJob, TextSummary, run_text};
use crate::form::Form;
use crate::judge::written::TextPolicy;
use crate::lang::Lang;
use crate::store::Store;
use crate::text::TextError;
use crate::text::engines::Engines;

/// Words in a list that are taken; more make every line slow and no line better.
const MOST_WORDS: usize = 100_000;

/// What recognisers' names begin with.
const READERS: [&str; 2] = ["tesseract", "ppocr"];

/// What glibc is told about its heap, in the names it knows (no other system knows them). It makes a heap
/// for every thread and keeps what is freed in each: one a job is enough. And it puts ever larger blocks
/// where they are kept, too; blocks of these many bytes go back when they are freed: what one recogniser
/// leaves is then not there beside the next. One job of 120 pages (seed 6740) takes 149 MB untold, 123 with
/// one heap, 107 to 109 with these bounds in six runs, 104 to 120 with larger ones, all at the same CPU.
#[cfg(all(feature = "ocr", unix))]
const HEAPS: &str = "MALLOC_ARENA_MAX";
#[cfg(all(feature = "ocr", unix))]
const KEPT: [(&str, &str); 2] =
    [("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")];

/// Starts the program anew with `OpenMP` held to one thread, which it looks up once, when it is loaded:
/// two workers of several threads each read a fifth as fast (design.md, section 5). And with glibc held
/// to little memory. Whoever has set a name keeps what they set.
#[cfg_attr(not(all(feature = "ocr", unix)), allow(unused_variables))]
pub fn hold_to_one_thread(jobs: NonZeroUsize) {
    #[cfg(all(feature = "ocr", unix))]
    {
        use std::os::unix::process::CommandExt as _;
        let heaps = jobs.to_string();
        let told = KEPT.into_iter().chain([(HEAPS, heaps.as_str())]);
        let untold: Vec<_> = told.filter(|(name, _)| std::env::var_os(name).is_none()).collect();
        if crate::text::tesseract::one_thread() && untold.is_empty() {
            return;
        }
        if let Ok(program) = std::env::current_exe() {
            // Returns only if it fails; then the text is read slowly.
            let _ = std::process::Command::new(program)
                .args(std::env::args_os().skip(1))
                .env("OMP_THREAD_LIMIT", "1")
                .envs(untold)
                .exec();
        }
    }
}

/// The user's lists, one word a line.
pub fn words(console: &Console, files: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let mut out = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|e| {
            let what =
                console.lang.say("読めません（UTF-8 の一覧）", "cannot be read (a list in UTF-8)");
            Failure::usage(format!("{}: {what}: {e}", file.display()))
        })?;
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        out.extend(lines.filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned));
    }
    out.truncate(MOST_WORDS);
    Ok(out)
}

/// What `--reader FIELD=READER` says, by field.
pub fn readers(
    console: &Console,
    forms: &[Form],
    given: &[String],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut out = BTreeMap::new();
    for one in given {
        let wrong = |ja: &str, en: &str| {
            Failure::usage(format!("--reader {one}: {}", console.lang.say(ja, en)))
        };
        let Some((field, reader)) = one.split_once('=') else {
            return Err(wrong("「記入欄=読み手」と書いてください", "write FIELD=READER"));
        };
        if !READERS.contains(&reader) {
            return Err(wrong(
                "読み手は tesseract か ppocr です",
                "the readers are tesseract and ppocr",
            ));
        }
        let mut questions = forms.iter().filter_map(|f| f.question(field));
        if !questions.any(|q| !q.kind.is_choice()) {
            return Err(wrong("そのような記入欄はありません", "no form has such a written field"));
        }
        out.insert(field.to_owned(), reader.to_owned());
    }
    Ok(out)
}

/// Reads what is written, if anything can read it; otherwise says what to install.
pub fn read(
    console: &Console,
    store: &Store,
    (forms, words): (&[Form], &[String]),
    args: &ReadArgs,
    cancel: &AtomicBool,
) -> Result<Option<TextSummary>, Failure> {
    let Some(engines) = installed(console) else { return Ok(None) };
    let first = readers(console, forms, &args.reader)?;
    let pass = |engines: &Engines| {
        console.detail(&engines.name());
        let job = TextJob {
            forms,
            first: &first,
            engines,
            words,
            policy: TextPolicy::default(),
            jobs: jobs(args.jobs),
            limit: Duration::from_secs(args.text_limit),
        };
        run_text(&job, store, progress(console).as_ref(), cancel)
    };
    let mut done = pass(&engines);
    // What else is installed reads alone: better than nothing, and a later read makes it good.
    if let Err(BatchError::Text(e)) = &done {
        console.warn(&errors::text(console.lang, e));
        let Some(left) = engines.that_load() else { return Ok(None) };
        done = pass(&left);
    }
    match done {
        Ok(done) => Ok(Some(done)),
        // The marks are read; a broken recogniser does not take them back.
        Err(BatchError::Text(e)) => {
            console.warn(&errors::text(console.lang, &e));
            Ok(None)
        }
        Err(e) => Err(batch_failure(console, &e)),
    }
}

/// What is installed, with a word about what is not, or is broken.
fn installed(console: &Console) -> Option<Engines> {
    let (engines, missing) = Engines::installed();
    for e in &missing {
        let what = errors::text(console.lang, e);
        // Somebody installed a broken one and believes that it reads.
        if engines.is_some() && matches!(e, TextError::Missing { .. }) {
            console.info(&what);
        } else {
            console.warn(&what);
        }
    }
    if engines.is_none() {
        console.warn(console.lang.say(
            "記入欄は読まずに要確認のままにします",
            "the written fields are not read and stay pending",
        ));
    }
    engines
}

pub fn summary(lang: Lang, t: &TextSummary) -> String {
    let (fields, pages, pending) = (t.fields, t.pages, t.pending);
    let seconds = t.elapsed.as_secs_f64();
    match lang {
        Lang::Ja => format!(
            "{pages} ページの記入欄 {fields} を {seconds:.1} 秒で読みました（うち要確認 {pending}）\n"
        ),
        Lang::En => format!(
            "Read {fields} written fields of {pages} pages in {seconds:.1} s; {pending} are pending\n"
        ),
    }
}
