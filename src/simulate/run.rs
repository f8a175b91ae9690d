//! `faxtally simulate`: forms, a number of pages and a seed become an inbox of faxes with its truth.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::answers::Response;
use super::fonts::Fonts;
use super::job::{SimulateError, SimulateJob, Summary, io};
use super::page::{Line, Room};
use super::plan::{PlannedFile, Slot, plan};
use super::prints::Prints;
use super::published::{self, AnswersError, Margins};
use crate::form::Form;

/// Makes the inbox.
///
/// # Errors
/// See [`SimulateError`]; nothing is written before forms, figures and fonts are found good.
pub fn run(job: &SimulateJob) -> Result<Summary, SimulateError> {
    run_with(job, &|_| true)
}

/// The same, calling `file_done` with each file's number of pages, from any thread; `false` stops.
///
/// # Errors
/// As `run`.
pub fn run_with(
    job: &SimulateJob,
    file_done: &(dyn Fn(usize) -> bool + Sync),
) -> Result<Summary, SimulateError> {
    let forms = job.forms.iter().map(|d| Form::open(d)).collect::<Result<Vec<_>, _>>()?;
    let answers = draw_answers(job, &forms)?;
    let prints = forms.iter().enumerate().map(|(i, f)| Prints::new(f, job.seed, i)).collect();
    let files = plan(job);
    let first = first_sendings(&files);
    let room = Room { job, answers, fonts: Fonts::load()?, prints, forms: &forms, first };
    std::fs::create_dir_all(&job.out).map_err(|e| io(&job.out, e))?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.jobs)
        .build()
        .map_err(|source| SimulateError::Threads { jobs: job.jobs, source })?;
    let lines: Result<Vec<Vec<Line>>, SimulateError> = pool.install(|| {
        files
            .par_iter()
            .map(|file| {
                let lines = room.write(file)?;
                if file_done(file.slots.len()) { Ok(lines) } else { Err(SimulateError::Stopped) }
            })
            .collect()
    });
    write_truth(job, &files, &lines?)
}

fn draw_answers(job: &SimulateJob, forms: &[Form]) -> Result<Option<Vec<Response>>, SimulateError> {
    let first = forms.first().ok_or(SimulateError::NoForm)?;
    let Some(path) = &job.answers else { return Ok(None) };
    if let Some(other) = forms.iter().find(|f| f.survey() != first.survey()) {
        let (a, b) = (first.id().to_owned(), other.id().to_owned());
        return Err(AnswersError::TwoSurveys(a, b).into());
    }
    let margins = Margins::open(path, job.answers_survey.as_deref(), first)?;
    Ok(Some(published::draw(first, &margins, job.pages as usize, job.seed)?))
}

fn first_sendings(files: &[PlannedFile]) -> BTreeMap<u64, String> {
    let pages = files.iter().flat_map(|f| f.slots.iter().enumerate().map(move |(i, s)| (f, i, s)));
    pages
        .filter_map(|(f, i, s)| match s {
            Slot::Response(r) => Some((*r, format!("{}#{}", f.name, i + 1))),
            _ => None,
        })
        .collect()
}

fn write_truth(
    job: &SimulateJob,
    files: &[PlannedFile],
    lines: &[Vec<Line>],
) -> Result<Summary, SimulateError> {
    let text = |strangers: bool| {
        let lines = lines.iter().flatten().filter(|l| l.stranger == strangers);
        lines.fold(String::new(), |text, l| text + &l.json + "\n")
    };
    write(&job.out.join("truth.jsonl"), &text(false))?;
    let count = |f: fn(&Slot) -> bool| files.iter().flat_map(|p| &p.slots).filter(|s| f(s)).count();
    let strangers = count(|s| matches!(s, Slot::Stranger(_))) as u64;
    if strangers > 0 {
        write(&job.out.join("strangers.jsonl"), &text(true))?;
    }
    let resent = count(|s| matches!(s, Slot::Resent(_))) as u64;
    Ok(Summary { files: files.len() as u64, responses: job.pages, resent, strangers })
}

fn write(path: &Path, text: &str) -> Result<(), SimulateError> {
    std::fs::write(path, text).map_err(|e| io(path, e))
}
