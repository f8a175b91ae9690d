//! A worker's recognisers, each loaded when it is first asked, and what the second one said ahead of the
//! main one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::TextJob;
use crate::batch::BatchError;
use crate::batch::watch::Watched;
use crate::judge::written::Heard;
use crate::reading::{FieldState, Reason, ReasonCode, TextDetail, TextOpinion, TextReading};
use crate::store::{Recognition, Unread};
use crate::text::TextEngine;
use crate::units::Score;

pub const MAIN: usize = 0;
pub const SECOND: usize = 1;
pub const DIGITS: usize = 2;

pub fn engine<'a>(job: &'a TextJob, i: usize) -> Option<&'a Arc<dyn TextEngine>> {
    match i {
        MAIN => Some(&job.engines.main),
        SECOND => job.engines.second.as_ref(),
        _ => job.engines.digits.as_ref(),
    }
}

#[derive(Default)]
pub struct Readers([Option<Watched>; 3]);

impl Readers {
    /// Loads it, the first time.
    pub fn get(&mut self, job: &TextJob, i: usize) -> Result<&mut Watched, BatchError> {
        let engine = engine(job, i).unwrap_or(&job.engines.main);
        let place = &mut self.0[i.min(DIGITS)];
        match place {
            Some(reader) => Ok(reader),
            None => Ok(place.insert(Watched::new(Arc::clone(engine), job.limit)?)),
        }
    }
}

/// What the second recogniser said of fields that the main one has not read yet; some hundred bytes each.
#[derive(Default)]
pub struct Ahead(Mutex<BTreeMap<(Unread, String), Heard>>);

impl Ahead {
    pub fn keep(&self, page: &Unread, field: &str, answer: Heard) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((page.clone(), field.to_owned()), answer);
    }

    pub fn take(&self, page: &Unread, field: &str) -> Option<Heard> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(page.clone(), field.to_owned()))
    }
}

pub fn unread(field: String, code: ReasonCode) -> Recognition {
    let reading = TextReading {
        value: String::new(),
        state: FieldState::Pending,
        confidence: Score::ZERO,
        reasons: vec![Reason::new(code)],
    };
    Recognition { field, reading, detail: TextDetail::default() }
}

pub fn opinion(engine: &str, answer: &Heard) -> TextOpinion {
    let engine = engine.to_owned();
    match answer {
        Ok(r) => {
            let symbols = r.symbols.iter().map(|s| {
                let p = s.place;
                (s.text.clone(), p.x.0, p.y.0, p.w.0, p.h.0, s.confidence.get())
            });
            let (text, confidence) = (r.text.clone(), r.confidence);
            TextOpinion { engine, text, confidence, symbols: symbols.collect(), error: None }
        }
        Err(e) => TextOpinion {
            engine,
            text: String::new(),
            confidence: Score::ZERO,
            symbols: Vec::new(),
            error: Some(e.to_string()),
        },
    }
}
