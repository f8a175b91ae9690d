//! Every exit code, in one place. Scripts are built on them; see the contract.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, everything read.
    Done = 0,
    /// Done, but some inputs were refused or need a person's eye to be read at all.
    Attention = 1,
    /// The command line, a form or a file named on it is wrong.
    Usage = 2,
    /// `tally --require-reviewed` while answers are pending.
    Unreviewed = 3,
    /// The store is damaged or not a survey.
    Store = 4,
    /// Interrupted; what was read is kept. 128 + SIGINT, as shells have it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A run that could not go on: the code, and the one line that says what and what to do.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// Nobody reads the output any more (`| head`): no failure, and nothing to say.
    pub fn quiet() -> Self {
        Self { exit: Exit::Done, message: String::new() }
    }
}
