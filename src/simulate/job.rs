//! `faxtally simulate`: forms, a number of pages and a seed become an inbox of faxes with its truth.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::answers::Response;
use super::encode::{self, Codec};
use super::fonts::{FontError, Fonts};
use super::line::Profile;
use super::page::{Line, Room};
use super::plan::{PlannedFile, Slot, plan};
use super::prints::Prints;
use super::published::{self, AnswersError, Margins};
use crate::form::{Form, FormError};
use crate::raster::Bitmap;
use crate::units::Resolution;

/// What a fax server writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// Each file one of the others, mostly `TiffG4`.
    #[default]
    Mixed,
    TiffG4,
    TiffG31d,
    TiffG32d,
    /// Group 3 2-D, least significant bit first, byte-aligned ends of line.
    TiffSpandsp,
    Pdf,
    /// Several respondents a file, a page each.
    MultiTiff,
    MultiPdf,
}

impl Container {
    pub const ALL: [Self; 8] = [
        Self::Mixed,
        Self::TiffG4,
        Self::TiffG31d,
        Self::TiffG32d,
        Self::TiffSpandsp,
        Self::Pdf,
        Self::MultiTiff,
        Self::MultiPdf,
    ];

    /// As it is written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::TiffG4 => "tiff-g4",
            Self::TiffG31d => "tiff-g3-1d",
            Self::TiffG32d => "tiff-g3-2d",
            Self::TiffSpandsp => "tiff-spandsp",
            Self::Pdf => "pdf",
            Self::MultiTiff => "multi-tiff",
            Self::MultiPdf => "multi-pdf",
        }
    }

    pub(super) fn holds_several(self) -> bool {
        matches!(self, Self::MultiTiff | Self::MultiPdf)
    }

    pub(super) fn extension(self) -> &'static str {
        if matches!(self, Self::Pdf | Self::MultiPdf) { "pdf" } else { "tif" }
    }

    pub(super) fn encode(self, pages: &[(Bitmap, Resolution)]) -> Vec<u8> {
        match self {
            Self::Pdf | Self::MultiPdf => encode::pdf(pages),
            Self::TiffG31d => encode::tiff(pages, Codec::G3_1D),
            Self::TiffG32d => encode::tiff(pages, Codec::G3_2D),
            Self::TiffSpandsp => encode::tiff(pages, Codec::SPANDSP),
            Self::Mixed | Self::TiffG4 | Self::MultiTiff => encode::tiff(pages, Codec::G4),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no kind of file is called '{0}'; there are {names}", names = container_names())]
pub struct UnknownContainer(String);

fn container_names() -> String {
    Container::ALL.map(Container::name).join(", ")
}

impl std::str::FromStr for Container {
    type Err = UnknownContainer;

    fn from_str(name: &str) -> Result<Self, UnknownContainer> {
        let found = Self::ALL.into_iter().find(|c| c.name() == name);
        found.ok_or_else(|| UnknownContainer(name.to_owned()))
    }
}

/// A validated wish for an inbox.
#[derive(Clone, Debug)]
pub struct SimulateJob {
    /// Form directories; several are layouts among which responses are shared out.
    pub forms: Vec<PathBuf>,
    /// Responses. Resent pages and strangers come on top.
    pub pages: u64,
    pub seed: u64,
    pub out: PathBuf,
    pub profile: Profile,
    /// Published figures whose margins the answers shall have.
    pub answers: Option<PathBuf>,
    /// Which of that file's surveys; the one that fits the form best if absent.
    pub answers_survey: Option<String>,
    pub container: Container,
    /// Number of the first file and the first response: a second run adds to the first.
    pub first_index: u64,
    /// Share of responses that are sent again, 0 to 1.
    pub duplicates: f64,
    /// Strangers for each response, 0 to 1.
    pub strangers: f64,
    /// Threads; 0 as many as the machine has. Changes no byte.
    pub jobs: usize,
}

impl SimulateJob {
    /// A job with nothing out of the ordinary: mixed line, mixed files, random answers.
    pub fn new(forms: Vec<PathBuf>, pages: u64, seed: u64, out: PathBuf) -> Self {
        Self {
            forms,
            pages,
            seed,
            out,
            profile: Profile::Mixed,
            answers: None,
            answers_survey: None,
            container: Container::Mixed,
            first_index: 0,
            duplicates: 0.0,
            strangers: 0.0,
            jobs: 0,
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub files: u64,
    pub responses: u64,
    pub resent: u64,
    pub strangers: u64,
}

/// Why an inbox cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("no form was given")]
    NoForm,
    #[error(transparent)]
    Form(#[from] FormError),
    #[error(transparent)]
    Answers(#[from] AnswersError),
    #[error(transparent)]
    Fonts(#[from] FontError),
    #[error("{path}: cannot be written: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{jobs} threads cannot be started: {source}")]
    Threads { jobs: usize, source: rayon::ThreadPoolBuildError },
    #[error("stopped; what was written so far has no truth file")]
    Stopped,
}

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

pub(super) fn io(path: &Path, source: std::io::Error) -> SimulateError {
    SimulateError::Io { path: path.to_owned(), source }
}
