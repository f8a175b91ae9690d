//! The reading side: a record looked at where it lies, or taken out whole.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::{Block, In};
use crate::reading::{
    AnswerReading, FieldState, InkMap, PageKind, PageReading, Reason, ReasonCode, TextReading,
};
use crate::units::Score;

/// One record's content.
#[derive(Clone, Copy)]
pub struct View<'b> {
    block: &'b Block,
    at: usize,
}

/// What stands before the answers.
struct Head {
    kind: PageKind,
    /// A word's number.
    form: Option<u32>,
    orientation: u16,
    skew_deg: f32,
    residual_px: f32,
}

/// A choice as it lies there: words by their numbers.
pub struct Marked<'v> {
    pub question: u32,
    pub state: FieldState,
    /// Chosen options.
    pub value: &'v [u32],
    /// What its reasons are about.
    pub about: &'v [u32],
}

/// A written field as it lies there.
pub struct Wrote<'v> {
    pub field: u32,
    pub state: FieldState,
    pub value: &'v str,
}

impl<'b> View<'b> {
    pub(super) fn new(block: &'b Block, at: usize) -> Self {
        Self { block, at }
    }

    /// What the page is, and its form.
    pub fn kind(&self) -> Option<(PageKind, Option<&'b str>)> {
        let head = Self::head(&mut self.start())?;
        Some((head.kind, head.form.map(|word| self.block.word(word))))
    }

    /// Orientation, skew and residual.
    pub fn geometry(&self) -> Option<(u16, f32, f32)> {
        let head = Self::head(&mut self.start())?;
        Some((head.orientation, head.skew_deg, head.residual_px))
    }

    /// Why the page stands as it does.
    pub fn reasons(&self) -> Option<Vec<Reason>> {
        let mut from = self.start();
        Self::head(&mut from)?;
        self.reasons_at(&mut from)
    }

    /// The whole reading but for what nothing that folds it needs: `reader`, `form_hash`, `agreement`,
    /// `boxes`, `ink` and `writings` are empty.
    pub fn unpack(&self) -> Option<PageReading> {
        let mut from = self.start();
        let head = Self::head(&mut from)?;
        let reasons = self.reasons_at(&mut from)?;
        let mut answers = BTreeMap::new();
        for _ in 0..from.count()? {
            let (id, state, confidence, why) = self.common(&mut from)?;
            let count = from.count()?;
            let option = |_| from.small().map(|word| self.block.word(word).to_owned());
            let value = (0..count).map(option).collect::<Option<_>>()?;
            let reasons = if why { self.reasons_at(&mut from)? } else { Vec::new() };
            let answer = AnswerReading { value, state, confidence, reasons };
            answers.insert(self.block.word(id).to_owned(), answer);
        }
        let text = self.texts_at(&mut from)?;
        Some(PageReading {
            reader: String::new(),
            kind: head.kind,
            form: head.form.map(|word| self.block.word(word).to_owned()),
            form_hash: None,
            orientation: head.orientation,
            skew_deg: head.skew_deg,
            residual_px: head.residual_px,
            agreement: Score::ZERO,
            reasons,
            answers,
            text,
            boxes: Vec::new(),
            ink: InkMap::default(),
            writings: Vec::new(),
        })
    }

    /// Of a record of texts: its fields.
    pub fn texts(&self) -> Option<BTreeMap<String, TextReading>> {
        self.texts_at(&mut self.start())
    }

    /// Goes through answers and written fields without making any; `None` if the record ends too soon.
    pub fn each(&self, mut marked: impl FnMut(Marked), mut wrote: impl FnMut(Wrote)) -> Option<()> {
        let mut from = self.start();
        Self::head(&mut from)?;
        skip_reasons(&mut from, &mut Vec::new())?;
        let (mut value, mut about) = (Vec::new(), Vec::new());
        for _ in 0..from.count()? {
            let (question, state, why) = common(&mut from)?;
            value.clear();
            about.clear();
            for _ in 0..from.count()? {
                value.push(from.small()?);
            }
            if why {
                skip_reasons(&mut from, &mut about)?;
            }
            marked(Marked { question, state, value: &value, about: &about });
        }
        for _ in 0..from.count()? {
            let (field, state, why) = common(&mut from)?;
            let value = from.text()?;
            if why {
                skip_reasons(&mut from, &mut about)?;
            }
            wrote(Wrote { field, state, value });
        }
        Some(())
    }

    fn start(&self) -> In<'b> {
        In::at(self.block.body(), self.at)
    }

    fn head(from: &mut In) -> Option<Head> {
        let kind = match from.byte()? {
            0 => PageKind::Response,
            1 => PageKind::Pending,
            _ => PageKind::SetAside,
        };
        let form = from.small()?.checked_sub(1);
        let orientation = u16::try_from(from.small()?).ok()?;
        let mut float = || from.take(4)?.try_into().ok().map(f32::from_le_bytes);
        Some(Head { kind, form, orientation, skew_deg: float()?, residual_px: float()? })
    }

    /// Whose, how it stands, how sure, and whether reasons follow.
    fn common(&self, from: &mut In) -> Option<(u32, FieldState, Score, bool)> {
        let (id, flags, sure) = (from.small()?, from.byte()?, from.small()?);
        let (state, why) = state(flags);
        Some((id, state, Score::new(self.block.number(sure)?), why))
    }

    fn texts_at(&self, from: &mut In) -> Option<BTreeMap<String, TextReading>> {
        let mut out = BTreeMap::new();
        for _ in 0..from.count()? {
            let (id, state, confidence, why) = self.common(from)?;
            let value = from.text()?.to_owned();
            let reasons = if why { self.reasons_at(from)? } else { Vec::new() };
            let text = TextReading { value, state, confidence, reasons };
            out.insert(self.block.word(id).to_owned(), text);
        }
        Some(out)
    }

    fn reasons_at(&self, from: &mut In) -> Option<Vec<Reason>> {
        let count = from.count()?;
        let mut out = Vec::with_capacity(count.min(8));
        for _ in 0..count {
            let word = from.small()?;
            let name: StrDeserializer<Error> = self.block.word(word).into_deserializer();
            let code = ReasonCode::deserialize(name).ok()?;
            let about = from.small()?.checked_sub(1);
            let about = about.map(|word| self.block.word(word).to_owned());
            let measured = measured(from)?.map(f64::from_le_bytes);
            out.push(Reason { code, about, measured });
        }
        Some(out)
    }
}

/// The outer `None`: the record ends too soon.
#[allow(clippy::option_option, reason = "a reason without a measurement is no error")]
fn measured(from: &mut In) -> Option<Option<[u8; 8]>> {
    if from.byte()? == 0 {
        return Some(None);
    }
    from.take(8)?.try_into().ok().map(Some)
}

fn common(from: &mut In) -> Option<(u32, FieldState, bool)> {
    let (id, flags) = (from.small()?, from.byte()?);
    from.small()?;
    let (state, why) = state(flags);
    Some((id, state, why))
}

/// State, and whether reasons follow. What is neither answered nor blank is pending.
fn state(flags: u8) -> (FieldState, bool) {
    let state = match flags & 3 {
        0 => FieldState::Answered,
        1 => FieldState::Blank,
        _ => FieldState::Pending,
    };
    (state, flags & 4 != 0)
}

/// Passes over reasons; keeps the words they are about.
fn skip_reasons(from: &mut In, about: &mut Vec<u32>) -> Option<()> {
    for _ in 0..from.count()? {
        from.small()?;
        about.extend(from.small()?.checked_sub(1));
        measured(from)?;
    }
    Some(())
}
