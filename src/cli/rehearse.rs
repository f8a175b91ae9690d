//! `simulate` and `doctor`: what one does before a survey.

use std::sync::atomic::Ordering;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::args::{ContainerName, DoctorArgs, ProfileName, SimulateArgs};
use super::console::{Console, Show, write_out};
use super::errors;
use super::exit::{Exit, Failure};
use super::read::{cancel_on_signal, jobs};
use crate::doctor::{Level, examine};
use crate::lang::Lang;
use crate::simulate::line::Profile;
use crate::simulate::{Container, SimulateError, SimulateJob, run_with};

pub fn simulate(console: &Console, args: &SimulateArgs) -> Result<Exit, Failure> {
    let job = job(args);
    let cancel = cancel_on_signal();
    let bar = ProgressBar::with_draw_target(Some(args.pages), target(console));
    let done = run_with(&job, &|pages| {
        bar.inc(pages as u64);
        !cancel.load(Ordering::Relaxed)
    });
    bar.finish_and_clear();
    let done = done.map_err(|e| Failure {
        exit: if matches!(e, SimulateError::Stopped) { Exit::Interrupted } else { Exit::Usage },
        message: errors::simulate(console.lang, &e),
    })?;
    console.info(&match console.lang {
        Lang::Ja => format!(
            "{} ファイル（回答 {}、再送 {}、無関係 {}）を {} に作りました",
            done.files,
            done.responses,
            done.resent,
            done.strangers,
            job.out.display()
        ),
        Lang::En => format!(
            "{} files ({} responses, {} sent again, {} strangers) in {}",
            done.files,
            done.responses,
            done.resent,
            done.strangers,
            job.out.display()
        ),
    });
    Ok(Exit::Done)
}

/// A bar on a terminal; elsewhere nothing, as a rehearsal takes a minute at most.
fn target(console: &Console) -> ProgressDrawTarget {
    if console.progress() == Show::Bar {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}

fn job(args: &SimulateArgs) -> SimulateJob {
    SimulateJob {
        forms: args.forms.clone(),
        pages: args.pages,
        seed: args.seed,
        out: args.output.clone(),
        profile: match args.profile {
            ProfileName::Clean => Profile::Clean,
            ProfileName::Fine => Profile::Fine,
            ProfileName::Standard => Profile::Standard,
            ProfileName::Rough => Profile::Rough,
            ProfileName::Mixed => Profile::Mixed,
        },
        answers: args.answers.clone(),
        answers_survey: args.answers_survey.clone(),
        container: match args.container {
            ContainerName::Mixed => Container::Mixed,
            ContainerName::G4 => Container::TiffG4,
            ContainerName::G3 => Container::TiffG31d,
            ContainerName::G32d => Container::TiffG32d,
            ContainerName::Spandsp => Container::TiffSpandsp,
            ContainerName::Pdf => Container::Pdf,
            ContainerName::MultiTiff => Container::MultiTiff,
            ContainerName::MultiPdf => Container::MultiPdf,
        },
        first_index: args.first_index,
        duplicates: args.duplicates,
        strangers: args.strangers,
        jobs: jobs(args.jobs).get(),
    }
}

pub fn doctor(console: &Console, args: &DoctorArgs) -> Result<Exit, Failure> {
    let findings = examine(console.lang, &args.survey.dir);
    write_out(console, None, |out| {
        writeln!(out, concat!("faxtally ", env!("CARGO_PKG_VERSION")))?;
        for f in &findings {
            let mark = match f.level {
                Level::Good => "ok      ",
                Level::Note => "note    ",
                Level::Bad => "missing ",
            };
            writeln!(out, "{mark}{}", f.what)?;
            if !f.advice.is_empty() {
                writeln!(out, "        -> {}", f.advice)?;
            }
        }
        Ok(())
    })?;
    let bad = findings.iter().any(|f| f.level == Level::Bad);
    Ok(if bad { Exit::Attention } else { Exit::Done })
}
