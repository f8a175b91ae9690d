//! Readings packed: a hundred bytes a page instead of two thousand of JSON, in blocks of the pages that
//! were stored together. Derived from the store's readings and rebuilt from them whenever they do not
//! fit; a block is whole or it is not used (checksum).
//!
//! Bytes: the block's words (ids and codes, each once), its numbers (confidences), the records, and the
//! first bytes of SHA-256 over all. Lengths, counts and places are LEB128. Ink lies beside it, because
//! only the search for sheets that were sent twice needs it.

mod pack;
mod view;

use sha2::{Digest, Sha256};

pub use pack::Packer;
pub use view::{Marked, View, Wrote};

/// Grows whenever the bytes mean something else: blocks of another version are made anew.
pub const VERSION: i64 = 1;
/// Bytes of the checksum: an accident passes once in 10^19.
const SUM: usize = 8;
/// A document's SHA-256.
pub type Hash = [u8; 32];

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page as the machine read it.
    Reading,
    /// What recognisers made of a page's written fields.
    Texts,
}

/// Where a record stands and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub kind: Kind,
    pub document: Hash,
    pub page: u32,
    /// Revision of the page's reading that it is, or belongs to.
    pub rev: u32,
    /// Where its content begins, and where its ink does.
    pub at: u32,
    pub length: u32,
    pub ink: u32,
}

/// One block as it lies in memory.
#[derive(Clone, Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    ink: Vec<u8>,
    /// Beginning of every word, at its length.
    words: Box<[u32]>,
    numbers: usize,
    records: usize,
    /// Behind the last record.
    end: usize,
}

impl Block {
    /// `None`: damaged, or of another version.
    pub fn open(bytes: Vec<u8>, ink: Vec<u8>) -> Option<Self> {
        let body = bytes.len().checked_sub(SUM)?;
        if bytes[body..] != sum(&bytes[..body], &ink) {
            return None;
        }
        let mut from = In::at(&bytes[..body], 0);
        let mut words = Vec::new();
        for _ in 0..from.count()? {
            words.push(from.at as u32);
            from.text()?;
        }
        let count = from.count()?;
        let numbers = from.at;
        from.take(count.checked_mul(4)?)?;
        let records = from.at;
        Some(Self { bytes, ink, words: words.into(), numbers, records, end: body })
    }

    /// The records in the order in which they were stored.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let mut from = In::at(self.body(), self.records);
        std::iter::from_fn(move || from.record())
    }

    /// The same without what names the records, which is then in the list alone: a third of the bytes.
    pub fn unnamed(mut self) -> (Self, Vec<Record>) {
        let mut records: Vec<Record> = self.records().collect();
        let content: usize = records.iter().map(|r| r.length as usize).sum();
        let mut bytes = Vec::with_capacity(self.records + content);
        bytes.extend(&self.bytes[..self.records]);
        for record in &mut records {
            let from = record.at as usize;
            record.at = bytes.len() as u32;
            bytes.extend(&self.bytes[from..from + record.length as usize]);
        }
        self.end = bytes.len();
        self.bytes = bytes;
        (self, records)
    }

    /// The content of a record.
    pub fn view(&self, at: u32) -> View<'_> {
        View::new(self, at as usize)
    }

    /// The gaps between inked cells of a record, as `InkMap` has them.
    pub fn ink(&self, at: u32) -> &[u8] {
        let mut from = In::at(&self.ink, at as usize);
        from.count().and_then(|n| from.take(n)).unwrap_or_default()
    }

    /// Without ink.
    pub(super) fn forget_ink(&mut self) {
        self.ink = Vec::new();
    }

    /// A word by its number.
    pub fn word(&self, number: u32) -> &str {
        let at = self.words.get(number as usize);
        at.and_then(|at| In::at(&self.bytes, *at as usize).text()).unwrap_or_default()
    }

    /// How many words there are.
    pub fn words(&self) -> usize {
        self.words.len()
    }

    fn number(&self, number: u32) -> Option<f32> {
        let at = self.numbers + 4 * number as usize;
        let bytes = self.bytes.get(at..at + 4).filter(|_| at < self.records)?;
        bytes.try_into().ok().map(f32::from_le_bytes)
    }

    fn body(&self) -> &[u8] {
        &self.bytes[..self.end]
    }
}

fn sum(body: &[u8], ink: &[u8]) -> [u8; SUM] {
    let mut hash = Sha256::new();
    hash.update(body);
    hash.update(ink);
    let mut out = [0; SUM];
    out.copy_from_slice(&hash.finalize()[..SUM]);
    out
}

/// Bytes being read.
struct In<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> In<'b> {
    fn at(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(n)?;
        let out = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(out)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn number(&mut self) -> Option<u64> {
        let (mut out, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            out |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(out);
            }
            shift += 7;
        }
    }

    fn small(&mut self) -> Option<u32> {
        self.number().and_then(|n| u32::try_from(n).ok())
    }

    fn count(&mut self) -> Option<usize> {
        self.number().and_then(|n| usize::try_from(n).ok())
    }

    fn text(&mut self) -> Option<&'b str> {
        let n = self.count()?;
        self.take(n).and_then(|b| std::str::from_utf8(b).ok())
    }

    fn record(&mut self) -> Option<Record> {
        let kind = match self.byte()? {
            0 => Kind::Reading,
            _ => Kind::Texts,
        };
        let document = self.take(32)?.try_into().ok()?;
        let (page, rev, ink) = (self.small()?, self.small()?, self.small()?);
        let length = self.small()?;
        let at = u32::try_from(self.at).ok()?;
        self.take(length as usize)?;
        Some(Record { kind, document, page, rev, at, length, ink })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{
        AnswerReading, FieldState, InkMap, PageKind, PageReading, Reason, ReasonCode, TextReading,
    };
    use crate::units::Score;

    fn reading(kind: PageKind) -> PageReading {
        let why =
            |code| vec![Reason::new(code).about("q6.other").measured(0.125), Reason::new(code)];
        let states = [FieldState::Answered, FieldState::Blank, FieldState::Pending];
        let answers = states.map(|state| AnswerReading {
            value: (0..state as usize).map(|i| format!("option{i}")).collect(),
            state,
            confidence: Score::new(0.987_654_3),
            reasons: if state == FieldState::Pending { why(ReasonCode::Overvote) } else { vec![] },
        });
        let texts = ["", "三重県", "a long line\nand another"].map(|value| TextReading {
            value: value.into(),
            state: FieldState::Pending,
            confidence: Score::ZERO,
            reasons: why(ReasonCode::TextNotRead),
        });
        let named = |name: &str, i: usize| format!("{name}{i}");
        PageReading {
            reader: String::new(),
            kind,
            form: (kind != PageKind::SetAside).then(|| "form-1".into()),
            form_hash: None,
            orientation: 270,
            skew_deg: -0.4251,
            residual_px: 0.61,
            agreement: Score::ZERO,
            reasons: why(ReasonCode::LinesLost),
            answers: answers.into_iter().enumerate().map(|(i, a)| (named("q", i), a)).collect(),
            text: texts.into_iter().enumerate().map(|(i, t)| (named("t", i), t)).collect(),
            boxes: Vec::new(),
            ink: InkMap::from_cells([5, 900, 901, 70_000]),
            writings: Vec::new(),
        }
    }

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let kinds = [PageKind::Response, PageKind::Pending, PageKind::SetAside];
        let mut packer = Packer::default();
        for (kind, no) in kinds.into_iter().zip(1..) {
            packer.reading(&[no as u8; 32], (no, 300), &reading(kind));
        }
        let later = reading(PageKind::Response).text;
        packer.texts(&[9; 32], (7, 2), later.iter().map(|(id, t)| (id.as_str(), t)));
        assert_eq!(packer.counts(), (3, 3));
        let (bytes, ink) = packer.finish().unwrap();
        let block = Block::open(bytes.clone(), ink.clone()).unwrap();
        let records: Vec<Record> = block.records().collect();
        assert_eq!(records.len(), 4);
        let (short, places) = block.clone().unnamed();
        for (old, new) in records.iter().zip(&places) {
            assert_eq!(short.view(new.at).unpack(), block.view(old.at).unpack());
            assert_eq!(short.view(new.at).texts(), block.view(old.at).texts());
        }
        for ((kind, no), record) in kinds.into_iter().zip(1..).zip(&records) {
            assert_eq!((record.document, record.page, record.rev), ([no as u8; 32], no, 300));
            let expected = PageReading { ink: InkMap::default(), ..reading(kind) };
            assert_eq!(block.view(record.at).unpack(), Some(expected));
            assert_eq!(crate::resent::cells(block.ink(record.ink)), [5, 900, 901, 70_000]);
        }
        assert_eq!(block.view(records[3].at).texts(), Some(later));
        // A byte that changed, a block that was cut off: none at all.
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(Block::open(damaged, ink.clone()).is_none(), "byte {at}");
            assert!(Block::open(bytes[..at].to_vec(), ink.clone()).is_none(), "{at} bytes");
        }
    }
}
