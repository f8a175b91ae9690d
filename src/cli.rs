//! The command line: what was typed becomes a validated job, the job's outcome an exit code. The
//! only room that knows of terminals, and the only one that nothing imports.

mod args;
mod audit;
mod compare;
mod console;
mod cross;
mod errors;
mod exit;
mod export;
mod figures;
mod findings;
mod forms;
#[cfg(feature = "server")]
mod heap;
mod later;
mod packed;
mod people;
mod progress;
mod proof;
mod quotes;
mod read;
mod rehearse;
mod report;
mod review;
mod text;
mod why;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::lang::Lang;
use args::{Command, LowArgs};
use console::Console;
pub use exit::Exit;
use exit::Failure;

/// Runs the program on these arguments (the first is its name).
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let low = match LowArgs::try_parse_from(&args) {
        Ok(low) => low,
        Err(e) => return usage(&args, &e).into(),
    };
    let console = Console::new(&low.global);
    let exit = match dispatch(&console, low.command) {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.message.is_empty() {
                console.error(&failure.message);
            }
            failure.exit
        }
    };
    exit.into()
}

fn dispatch(console: &Console, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Read(a) => read::read(console, &a),
        Command::Tally(a) => figures::tally(console, &a),
        Command::Cross(a) => cross::cross(console, &a),
        Command::Compare(a) => compare::compare(console, &a),
        Command::Why(a) => why::why(console, &a),
        Command::Quotes(a) => quotes::quotes(console, &a),
        Command::Export(a) => export::export(console, &a),
        Command::Report(a) => report::report(console, &a),
        Command::Score(a) => figures::score(console, &a),
        Command::Survey(a) => people::survey(console, &a),
        Command::Decide(a) => people::decide(console, &a),
        Command::Proof(a) => proof::proof(console, &a),
        Command::Form(a) => forms::form(console, &a.command),
        Command::Simulate(a) => rehearse::simulate(console, &a),
        Command::Doctor(a) => rehearse::doctor(console, &a),
        Command::Review(a) => review::review(console, &a),
        Command::Reviewer(a) => review::reviewer(console, &a.command),
        Command::Audit(a) => audit::audit(console, &a.command),
    }
}

/// Help and version go to stdout, everything else is a wrong command line.
fn usage(args: &[OsString], e: &clap::Error) -> Exit {
    let text = e.render().to_string();
    if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let mut out = std::io::stdout().lock();
        let head = match e.kind() {
            ErrorKind::DisplayHelp if asked_lang(args) == Lang::Ja => later::JAPANESE_SUMMARY,
            _ => "",
        };
        // A reader that has gone away has seen enough.
        let _ = out.write_all(head.as_bytes()).and_then(|()| out.write_all(text.as_bytes()));
        return Exit::Done;
    }
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
    Exit::Usage
}

/// The language before anything is parsed: `--lang`, else the locale.
fn asked_lang(args: &[OsString]) -> Lang {
    let args: Vec<_> = args.iter().filter_map(|a| a.to_str()).collect();
    let after = args.windows(2).find(|w| w[0] == "--lang").map(|w| w[1]);
    match args.iter().find_map(|a| a.strip_prefix("--lang=")).or(after) {
        Some(name) => Lang::from_locale(name),
        None => console::from_environment(),
    }
}
