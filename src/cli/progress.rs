//! How far a read has come, where stderr is no terminal: plain lines, in the run's language and form.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::console::Console;
use crate::batch::{Progress, Summary};
use crate::lang::Lang;

/// A log of an hour has 720 of them.
const EVERY: Duration = Duration::from_secs(5);

/// A message every five seconds.
pub struct Lines<'a> {
    console: &'a Console,
    done: Cell<usize>,
    all: Cell<usize>,
    started: Instant,
    last: Cell<Instant>,
}

impl<'a> Lines<'a> {
    pub fn new(console: &'a Console) -> Self {
        let now = Instant::now();
        Self { console, done: Cell::new(0), all: Cell::new(0), started: now, last: Cell::new(now) }
    }

    fn done(&self, units: usize) {
        self.done.set(self.done.get() + units);
    }
}

impl Progress for Lines<'_> {
    fn begin(&self, files: usize) {
        self.all.set(files);
    }

    fn opened(&self, pages: usize) {
        // The file's own unit becomes its pages; a file without any is done.
        match pages.checked_sub(1) {
            Some(more) => self.all.set(self.all.get() + more),
            None => self.done(1),
        }
    }

    fn skipped(&self, units: usize) {
        self.done(units);
    }

    fn page(&self) {
        self.done(1);
    }

    fn tick(&self, so_far: &Summary) {
        if self.last.get().elapsed() < EVERY {
            return;
        }
        self.last.set(Instant::now());
        let (done, all) = (self.done.get(), self.all.get());
        // What was skipped took no time and promises none.
        let rate = so_far.pages_read as f64 / self.started.elapsed().as_secs_f64().max(0.001);
        let left = all.saturating_sub(done) as f64 / rate.max(0.001);
        self.console.info(&match self.console.lang {
            Lang::Ja => {
                format!("{done}/{all} ページ、{rate:.0} ページ/秒、残り約 {left:.0} 秒")
            }
            Lang::En => format!("{done}/{all} pages, {rate:.0} pages/s, about {left:.0} s left"),
        });
    }

    fn end(&self, _: &Summary) {}
}
