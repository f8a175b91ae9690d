//! What a run says on stderr, in whose language, and where its results go.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::{Global, LangName, LogFormat};
use super::exit::Failure;
use crate::lang::Lang;

/// How a run speaks.
#[derive(Clone, Debug)]
pub struct Console {
    pub lang: Lang,
    volume: Volume,
    log_format: LogFormat,
    no_progress: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Bar,
    Lines,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Volume {
    Quiet,
    Ordinary,
    Verbose,
}

impl Console {
    pub fn new(global: &Global) -> Self {
        Self {
            lang: match global.lang {
                Some(LangName::Ja) => Lang::Ja,
                Some(LangName::En) => Lang::En,
                None => from_environment(),
            },
            volume: match (global.quiet, global.verbose) {
                (true, _) => Volume::Quiet,
                (false, 0) => Volume::Ordinary,
                (false, _) => Volume::Verbose,
            },
            log_format: global.log_format,
            no_progress: global.no_progress,
        }
    }

    pub fn quiet(&self) -> bool {
        self.volume == Volume::Quiet
    }

    pub fn progress(&self) -> Show {
        if self.no_progress || self.quiet() {
            Show::Nothing
        } else if self.log_format == LogFormat::Text && io::stderr().is_terminal() {
            Show::Bar
        } else {
            Show::Lines
        }
    }

    pub fn error(&self, message: &str) {
        self.say("error", self.lang.say("エラー: ", "error: "), message);
    }

    pub fn warn(&self, message: &str) {
        if !self.quiet() {
            self.say("warning", self.lang.say("注意: ", "warning: "), message);
        }
    }

    pub fn info(&self, message: &str) {
        if !self.quiet() {
            self.say("info", "", message);
        }
    }

    pub fn detail(&self, message: &str) {
        if self.volume == Volume::Verbose {
            self.say("debug", "", message);
        }
    }

    /// One line; control characters of file names never reach the terminal. That stderr is closed
    /// is nobody's business here.
    fn say(&self, level: &str, prefix: &str, message: &str) {
        let plain: String =
            message.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let line = if self.log_format == LogFormat::Json {
            serde_json::json!({"level": level, "message": plain}).to_string()
        } else {
            format!("{prefix}{plain}")
        };
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// POSIX's order of precedence; what is empty counts as unset.
pub fn from_environment() -> Lang {
    let set = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    Lang::from_locale(&locale.unwrap_or_default())
}

/// Writes results to a file or to stdout.
///
/// A file is written beside its place and then moved there: a run that is stopped half-way leaves
/// the old one. That nobody reads stdout any more is [`Failure::quiet`].
///
/// # Errors
/// What the file system says, with the path.
pub fn write_out(
    console: &Console,
    path: Option<&Path>,
    body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    match path {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            body(&mut out).and_then(|()| out.flush()).map_err(|e| stdout_failure(console, &e))
        }
        Some(path) => write_file(path, body).map_err(|e| cannot_write(console, path, &e)),
    }
}

fn write_file(path: &Path, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A device or pipe (`-o /dev/stdout`) is written as it is.
    if path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        return body(&mut out).and_then(|()| out.flush());
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part: PathBuf = path.with_file_name(name);
    let mut out = BufWriter::new(File::create(&part)?);
    let done =
        body(&mut out).and_then(|()| out.flush()).and_then(|()| std::fs::rename(&part, path));
    if done.is_err() {
        // The first error is the one to report.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn stdout_failure(console: &Console, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::quiet();
    }
    let what = console.lang.say("標準出力に書けません", "cannot write to stdout");
    Failure::usage(format!("{what}: {error}"))
}

/// A result that cannot be put where it was asked for.
pub fn cannot_write(console: &Console, path: &Path, error: &io::Error) -> Failure {
    let what = console.lang.say(
        "書けません。場所・権限・空き容量を確かめてください",
        "cannot be written; see place, permissions and free space",
    );
    Failure::usage(format!("{}: {what}: {error}", path.display()))
}

pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}
