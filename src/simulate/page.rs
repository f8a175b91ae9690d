//! One page of the inbox: the sheet, its line, its truth.

use std::collections::BTreeMap;

use rand::RngExt;
use serde::Serialize;

use super::answers::{self, Response};
use super::fonts::Fonts;
use super::job::{Container, SimulateError, SimulateJob, io};
use super::line::{self, LineNotes, Profile, Sheet};
use super::plan::{PlannedFile, Slot};
use super::prints::Prints;
use super::sheet::{self, SheetNotes};
use super::truth::{Notes, StrangerLine, TruthLine};
use super::{Stream, rng_for, seen, strangers};
use crate::form::Form;
use crate::raster::Bitmap;
use crate::units::Resolution;

/// Share of a mark's way that must be black on the page for a person to see it: a line of dashes as
/// long as its gaps still is one.
const SEEN: f32 = 0.5;
/// Below this share a mark goes into the notes as faint.
const FAINT: f32 = 0.7;
/// Below this share it is asked how much of the black is print: a page without ink is sent for it.
const SURE: f32 = 0.9;
/// Sendings before a page is taken as it is.
const ATTEMPTS: u64 = 8;
/// Grey levels by which a sheet is written darker for each sending from the third on.
const PRESSED: u64 = 15;
/// Where the lines of second sendings begin among a response's lines.
const AGAIN: u64 = 100;

/// A line of `truth.jsonl` or of `strangers.jsonl`, as text: the line's trace is not kept.
pub(super) struct Line {
    pub stranger: bool,
    pub json: String,
}

impl Line {
    fn of(stranger: bool, line: &impl Serialize) -> Self {
        // Strings and numbers in maps with string keys: there is nothing that can fail.
        Self { stranger, json: serde_json::to_string(line).unwrap_or_default() }
    }
}

/// What every page needs, shared by the threads.
pub(super) struct Room<'a> {
    pub job: &'a SimulateJob,
    pub forms: &'a [Form],
    pub answers: Option<Vec<Response>>,
    pub fonts: Fonts,
    pub prints: Vec<Prints>,
    /// Response -> "file#page" of its first sending.
    pub first: BTreeMap<u64, String>,
}

/// A filled-in sheet and what is on it.
struct Filled {
    form: String,
    /// The form as it was before.
    printed: Sheet,
    sheet: Sheet,
    response: Response,
    print: Option<u32>,
    notes: SheetNotes,
}

/// A sheet that arrived.
struct Sent {
    filled: Filled,
    bitmap: Bitmap,
    resolution: Resolution,
    line: LineNotes,
    /// Share of each mark, and of each field's writing, that is black on the page, of those that arrived.
    seen: BTreeMap<String, f32>,
    sendings: u32,
}

impl Sent {
    fn is_legible(&self) -> bool {
        self.seen.values().all(|s| *s >= SEEN)
    }

    /// The page and its line of truth.
    fn into_page(
        self,
        (file, page, container): (String, u32, Container),
        response: u64,
        resent_of: Option<String>,
    ) -> ((Bitmap, Resolution), Line) {
        let Filled { form, response: Response { answers, text }, print, notes: sheet, .. } =
            self.filled;
        let notes = Notes {
            response,
            resent_of,
            container,
            print,
            line: self.line,
            sendings: self.sendings,
            faint: self.seen.into_iter().filter(|(_, s)| *s < FAINT).collect(),
            sheet,
        };
        let truth = TruthLine { file, page, form, answers, text, notes };
        ((self.bitmap, self.resolution), Line::of(false, &truth))
    }
}

impl Room<'_> {
    /// Writes a file; returns a line for each of its pages.
    pub fn write(&self, file: &PlannedFile) -> Result<Vec<Line>, SimulateError> {
        let slots = file.slots.iter().enumerate();
        let (pages, lines): (Vec<_>, Vec<_>) =
            slots.map(|(i, slot)| self.page(file, i as u32 + 1, *slot)).unzip();
        let path = self.job.out.join(&file.name);
        std::fs::write(&path, file.container.encode(&pages)).map_err(|e| io(&path, e))?;
        Ok(lines)
    }

    fn page(&self, file: &PlannedFile, page: u32, slot: Slot) -> ((Bitmap, Resolution), Line) {
        let place = (file.name.clone(), page, file.container);
        match slot {
            Slot::Stranger(i) => self.stranger(place, i),
            Slot::Response(i) => self.send_legibly(i).into_page(place, i, None),
            Slot::Resent(i) => {
                let mut sent = self.send(i, self.send_legibly(i).filled, AGAIN);
                for attempt in 1..ATTEMPTS {
                    if !sent.is_legible() {
                        sent = self.send(i, sent.filled, AGAIN + attempt);
                    }
                }
                sent.into_page(place, i, self.first.get(&i).cloned())
            }
        }
    }

    fn stranger(
        &self,
        (file, page, container): (String, u32, Container),
        i: u64,
    ) -> ((Bitmap, Resolution), Line) {
        let mut rng = rng_for(self.job.seed, Stream::Stranger, i);
        let (canvas, kind) = strangers::draw(&self.fonts, &mut rng);
        let (bitmap, resolution, line) = line::send(&canvas.sheet, self.job.profile, &mut rng);
        let line = StrangerLine { file, page, kind, container, line };
        ((bitmap, resolution), Line::of(true, &line))
    }

    /// Sends the sheet until every mark, and all writing, that arrives can be seen: a new line each time, and from the
    /// third on with a pen pressed harder, as a clinic does that is told its page was too pale.
    fn send_legibly(&self, i: u64) -> Sent {
        let mut sent = self.send(i, self.fill_in(i, 0), 0);
        for attempt in 1..ATTEMPTS {
            if sent.is_legible() {
                break;
            }
            let pressed = attempt.saturating_sub(1) * PRESSED;
            let filled = if pressed == 0 { sent.filled } else { self.fill_in(i, pressed as u8) };
            sent = self.send(i, filled, attempt);
        }
        sent
    }

    fn send(&self, i: u64, filled: Filled, attempt: u64) -> Sent {
        let over_line = |sheet| {
            let mut rng = rng_for(self.job.seed, Stream::Line, i | attempt << 40);
            line::send(sheet, self.job.profile, &mut rng)
        };
        let (bitmap, resolution, line) = over_line(&filled.sheet);
        let share = |page: &Bitmap| {
            let paths = filled.notes.paths.iter();
            let share = |path| seen::share(page, &line.trace, path);
            paths.filter_map(|(k, path)| Some((k.clone(), share(path)?))).collect()
        };
        let mut seen: BTreeMap<String, f32> = share(&bitmap);
        if seen.values().any(|s| *s < SURE) {
            let (print, ..) = over_line(&filled.printed);
            seen = share(&bitmap.minus(&print));
        }
        let sendings = (attempt % AGAIN) as u32 + 1;
        Sent { filled, bitmap, resolution, line, seen, sendings }
    }

    /// The sheet depends on seed and response alone, so a resent page is drawn again, not kept.
    fn fill_in(&self, i: u64, pressed: u8) -> Filled {
        let mut rng = rng_for(self.job.seed, Stream::Paper, i);
        let nth = rng.random_range(0..self.forms.len());
        let form = &self.forms[nth];
        let drawn = self.answers.as_ref().and_then(|a| a.get((i - self.job.first_index) as usize));
        let response = drawn.cloned().unwrap_or_else(|| {
            let mut rng = rng_for(self.job.seed, Stream::Answers, i);
            answers::draw(form, &answers::all_prefectures(), &mut rng)
        });
        let faxed = self.job.profile != Profile::Clean;
        let (mut canvas, print) = self.prints[nth].take(faxed, &mut rng);
        let printed = canvas.sheet.clone();
        let notes = sheet::fill_in(&mut canvas, form, &self.fonts, &response, pressed, &mut rng);
        Filled { form: form.id().to_owned(), printed, sheet: canvas.sheet, response, print, notes }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Marks and writing run over print, which is black whatever the pen did: a page without ink witnesses it.
    #[test]
    fn print_under_a_mark_is_no_mark_that_somebody_can_see() {
        let dir = PathBuf::from("forms/mynahoken-2024");
        let job = SimulateJob::new(vec![dir.clone()], 1, 5805, PathBuf::new());
        let forms = [Form::open(&dir).unwrap()];
        let prints = vec![Prints::new(&forms[0], job.seed, 0)];
        let fonts = Fonts::load().unwrap();
        let (answers, first) = (None, BTreeMap::new());
        let room = Room { job: &job, forms: &forms, answers, fonts, prints, first };
        let sent = room.send_legibly(0);
        assert!(sent.is_legible());
        let written = sent.filled.response.text.iter().filter(|(_, t)| !t.is_empty());
        let fields: Vec<String> = written.map(|(field, _)| field.clone()).collect();
        assert!(fields.iter().any(|f| sent.seen.contains_key(f)), "{:?}", sent.seen.keys());
        // The same marks and words in a pencil that leaves nothing on the glass.
        let mut unseen = room.fill_in(0, 0);
        unseen.sheet = unseen.printed.clone();
        let sent = room.send(0, unseen, 0);
        assert!(!sent.seen.is_empty() && !sent.is_legible());
        assert!(sent.seen.values().all(|s| *s < SEEN), "{:?}", sent.seen);
    }
}
