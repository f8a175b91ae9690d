//! What a person sees while a run goes on. Always on stderr.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Summary;

/// Plain lines come so often when stderr is no terminal: a log of an hour has 720.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Called from one thread. Units are pages; a file counts as one until it is opened.
pub trait Progress {
    fn begin(&self, files: usize);
    /// A file turned out to have so many pages.
    fn opened(&self, pages: usize);
    /// So many units needed no reading.
    fn skipped(&self, units: usize);
    /// A page is done, one way or another.
    fn page(&self);
    /// At least five times a second.
    fn tick(&self, so_far: &Summary);
    fn end(&self, summary: &Summary);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn opened(&self, _: usize) {}
    fn skipped(&self, _: usize) {}
    fn page(&self) {}
    fn tick(&self, _: &Summary) {}
    fn end(&self, _: &Summary) {}
}

/// A bar with rate and remaining time on a terminal, plain lines elsewhere.
pub struct Terminal {
    bar: ProgressBar,
    plain: bool,
    last: Mutex<Instant>,
}

impl Terminal {
    pub fn stderr() -> Self {
        let plain = !std::io::stderr().is_terminal();
        let target =
            if plain { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = "{wide_bar} {pos}/{len} {per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Self { bar, plain, last: Mutex::new(Instant::now()) }
    }

    fn line(&self) {
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let (rate, left) = (self.bar.per_sec(), self.bar.eta().as_secs());
        eprintln!("{done}/{all} pages, {rate:.0} pages/s, {left} s left");
    }
}

impl Progress for Terminal {
    fn begin(&self, files: usize) {
        self.bar.set_length(files as u64);
        self.bar.reset();
    }

    fn opened(&self, pages: usize) {
        // The file's own unit becomes its pages; a file without any is done.
        match pages.checked_sub(1) {
            Some(more) => self.bar.inc_length(more as u64),
            None => self.bar.inc(1),
        }
    }

    fn skipped(&self, units: usize) {
        self.bar.inc(units as u64);
    }

    fn page(&self) {
        self.bar.inc(1);
    }

    fn tick(&self, _: &Summary) {
        self.bar.tick();
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.plain && last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            self.line();
        }
    }

    fn end(&self, _: &Summary) {
        self.bar.finish_and_clear();
    }
}
