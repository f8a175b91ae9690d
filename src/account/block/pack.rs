//! The writing side.

use std::collections::HashMap;

use super::{Block, Hash, Kind, sum};
use crate::lang::reason::code;
use crate::reading::{FieldState, PageKind, PageReading, Reason, TextReading};
use crate::resent::{base64url, from_base64url};
use crate::units::Score;

/// Collects records until they are made a block.
#[derive(Default)]
pub struct Packer {
    words: Vec<String>,
    places: HashMap<String, u32>,
    numbers: Vec<f32>,
    number_places: HashMap<u32, u32>,
    records: Vec<u8>,
    ink: Vec<u8>,
    readings: u64,
    fields: u64,
}

impl Packer {
    /// Readings, and recognised fields.
    pub fn counts(&self) -> (u64, u64) {
        (self.readings, self.fields)
    }

    /// Bytes so far.
    pub fn size(&self) -> usize {
        self.records.len() + self.ink.len()
    }

    /// A page's reading with its ink, as revision `rev`.
    pub fn reading(&mut self, document: &Hash, (page, rev): (u32, u32), r: &PageReading) {
        let mut out = Vec::with_capacity(128);
        out.push(match r.kind {
            PageKind::Response => 0,
            PageKind::Pending => 1,
            PageKind::SetAside => 2,
        });
        let form = r.form.as_deref().map_or(0, |f| self.word(f) + 1);
        number(&mut out, form.into());
        number(&mut out, r.orientation.into());
        out.extend(r.skew_deg.to_le_bytes());
        out.extend(r.residual_px.to_le_bytes());
        self.reasons(&mut out, &r.reasons);
        number(&mut out, r.answers.len() as u64);
        for (id, a) in &r.answers {
            self.head(&mut out, id, a.state, a.confidence, !a.reasons.is_empty());
            number(&mut out, a.value.len() as u64);
            for option in &a.value {
                let word = self.word(option);
                number(&mut out, word.into());
            }
            if !a.reasons.is_empty() {
                self.reasons(&mut out, &a.reasons);
            }
        }
        number(&mut out, r.text.len() as u64);
        for (id, t) in &r.text {
            self.text(&mut out, id, t);
        }
        let at = self.ink.len() as u64;
        let cells = from_base64url(&r.ink.cells);
        number(&mut self.ink, cells.len() as u64);
        self.ink.extend(cells);
        self.record(Kind::Reading, document, (page, rev), at, &out);
        self.readings += 1;
    }

    /// Everything that a block has, in its order. False: a record of it cannot be read.
    pub fn block(&mut self, block: &Block) -> bool {
        block.records().all(|record| {
            let whose = (record.page, record.rev);
            let view = block.view(record.at);
            match record.kind {
                Kind::Reading => view.unpack().is_some_and(|mut reading| {
                    reading.ink.cells = base64url(block.ink(record.ink));
                    self.reading(&record.document, whose, &reading);
                    true
                }),
                Kind::Texts => view.texts().is_some_and(|all| {
                    let all = all.iter().map(|(id, text)| (id.as_str(), text));
                    self.texts(&record.document, whose, all);
                    true
                }),
            }
        })
    }

    /// What recognisers made of fields of the reading `rev`; the last of a field stands.
    pub fn texts<'t>(
        &mut self,
        document: &Hash,
        (page, rev): (u32, u32),
        all: impl ExactSizeIterator<Item = (&'t str, &'t TextReading)>,
    ) {
        let mut out = Vec::with_capacity(64);
        self.fields += all.len() as u64;
        number(&mut out, all.len() as u64);
        for (id, t) in all {
            self.text(&mut out, id, t);
        }
        self.record(Kind::Texts, document, (page, rev), 0, &out);
    }

    /// The block's bytes and its ink. `None` if nothing was collected.
    pub fn finish(self) -> Option<(Vec<u8>, Vec<u8>)> {
        if self.records.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(self.records.len() + 1024);
        number(&mut out, self.words.len() as u64);
        for word in &self.words {
            number(&mut out, word.len() as u64);
            out.extend(word.as_bytes());
        }
        number(&mut out, self.numbers.len() as u64);
        self.numbers.iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(self.records);
        let sum = sum(&out, &self.ink);
        out.extend(sum);
        Some((out, self.ink))
    }

    fn record(
        &mut self,
        kind: Kind,
        document: &Hash,
        (page, rev): (u32, u32),
        ink: u64,
        content: &[u8],
    ) {
        self.records.push(u8::from(kind == Kind::Texts));
        self.records.extend(document);
        for n in [page.into(), rev.into(), ink, content.len() as u64] {
            number(&mut self.records, n);
        }
        self.records.extend(content);
    }

    /// Whose it is, how it stands, how sure: what answers and texts have in common.
    fn head(&mut self, out: &mut Vec<u8>, id: &str, state: FieldState, sure: Score, reasons: bool) {
        let word = self.word(id);
        number(out, word.into());
        let state: u8 = match state {
            FieldState::Answered => 0,
            FieldState::Blank => 1,
            FieldState::Pending => 2,
        };
        out.push(state | u8::from(reasons) << 2);
        let sure = self.confidence(sure.get());
        number(out, sure.into());
    }

    fn text(&mut self, out: &mut Vec<u8>, id: &str, t: &TextReading) {
        self.head(out, id, t.state, t.confidence, !t.reasons.is_empty());
        number(out, t.value.len() as u64);
        out.extend(t.value.as_bytes());
        if !t.reasons.is_empty() {
            self.reasons(out, &t.reasons);
        }
    }

    fn reasons(&mut self, out: &mut Vec<u8>, reasons: &[Reason]) {
        number(out, reasons.len() as u64);
        for reason in reasons {
            let word = self.word(&code(reason.code));
            number(out, word.into());
            let about = reason.about.as_deref().map_or(0, |a| self.word(a) + 1);
            number(out, about.into());
            out.push(u8::from(reason.measured.is_some()));
            out.extend(reason.measured.iter().flat_map(|m| m.to_le_bytes()));
        }
    }

    fn word(&mut self, word: &str) -> u32 {
        if let Some(at) = self.places.get(word) {
            return *at;
        }
        let at = self.words.len() as u32;
        self.words.push(word.to_owned());
        self.places.insert(word.to_owned(), at);
        at
    }

    fn confidence(&mut self, value: f32) -> u32 {
        let numbers = &mut self.numbers;
        *self.number_places.entry(value.to_bits()).or_insert_with(|| {
            numbers.push(value);
            numbers.len() as u32 - 1
        })
    }
}

fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}
