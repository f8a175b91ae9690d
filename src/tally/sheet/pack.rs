//! Packed responses as bytes, so that a survey of a million is tallied again without reading every page's
//! answers: little-endian columns, a key in front, a checksum behind. Bytes that do not fit are no error:
//! then the figures are made from the store, as they would have been anyway.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{Flags, Names, Numbers, Sheet, Standing};
use crate::form::Form;
use crate::tally::PageCounts;

/// Grows whenever these bytes mean something else.
const VERSION: u32 = 2;
/// SHA-256.
const SUM: usize = 32;
/// Bytes collected before they are passed on: a few pages of the file system's.
const HELD: usize = 1 << 16;

/// What the bytes were made from: a file made from anything else is not used.
pub fn key(content: &str, forms: &[Form], program: &str) -> [u8; SUM] {
    let mut hash = Sha256::new();
    hash.update(VERSION.to_le_bytes());
    for part in [content, program].into_iter().chain(forms.iter().map(|f| f.hash.as_str())) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Writes the sheet and the page counts that belong to it, column by column: they are never held twice.
///
/// # Errors
/// Whatever `out` says.
pub fn pack(
    sheet: &Sheet,
    pages: PageCounts,
    key: &[u8; SUM],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = Out { to: out, hash: Sha256::new(), held: Vec::with_capacity(HELD) };
    out.bytes(key)?;
    for n in [pages.counted, pages.duplicate, pages.set_aside, pages.refused, pages.pending] {
        out.number(n)?;
    }
    out.number(sheet.rows() as u64)?;
    out.each(sheet.form.iter().flat_map(|f| f.to_le_bytes()))?;
    out.names(&sheet.association)?;
    out.names(&sheet.batch)?;
    for column in sheet.choices.values() {
        out.each(column.marks.iter().copied())?;
        out.each(column.standing.iter().map(|s| *s as u8))?;
        out.each(column.by_person.words.iter().flat_map(|word| word.to_le_bytes()))?;
    }
    for column in sheet.writing.values() {
        out.each(column.standing.iter().map(|s| *s as u8))?;
        out.numbers(&column.numbers)?;
        out.names(&column.words)?;
    }
    out.finish()
}

/// The sheet again. `None`: made from something else, or damaged.
pub fn unpack<'f>(
    bytes: &[u8],
    forms: &'f [Form],
    key: &[u8; SUM],
) -> Option<(Sheet<'f>, PageCounts)> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    if body.get(..SUM)? != key || Sha256::digest(body).as_slice() != sum {
        return None;
    }
    let mut from = In(&body[SUM..]);
    let mut count = || from.number();
    let pages = PageCounts {
        counted: count()?,
        duplicate: count()?,
        set_aside: count()?,
        refused: count()?,
        pending: count()?,
    };
    let rows = usize::try_from(from.number()?).ok()?;
    let mut sheet = Sheet::new(forms);
    let pairs = from.take(rows.checked_mul(2)?)?.chunks_exact(2);
    sheet.form = pairs.map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
    if sheet.form.iter().any(|f| usize::from(*f) >= forms.len()) {
        return None;
    }
    (sheet.association, sheet.batch) = (from.names(rows)?, from.names(rows)?);
    for column in sheet.choices.values_mut() {
        column.marks = from.take(rows.checked_mul(column.width)?)?.to_vec();
        column.standing = from.standings(rows)?;
        column.by_person = Flags { words: from.large(rows.div_ceil(64))?, rows };
    }
    for column in sheet.writing.values_mut() {
        column.standing = from.standings(rows)?;
        let n = if column.kind == super::Keeps::Number { rows } else { 0 };
        column.numbers = from.numbers(n)?;
        let n = if column.kind == super::Keeps::Word { rows } else { 0 };
        column.words = from.names(n)?;
    }
    from.0.is_empty().then_some((sheet, pages))
}

/// Bytes on their way, summed up.
struct Out<'o> {
    to: &'o mut dyn Write,
    hash: Sha256,
    held: Vec<u8>,
}

impl Out<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.each(bytes.iter().copied())
    }

    fn each(&mut self, mut bytes: impl Iterator<Item = u8>) -> io::Result<()> {
        loop {
            let room = HELD - self.held.len();
            self.held.extend(bytes.by_ref().take(room));
            if self.held.len() < HELD {
                return Ok(());
            }
            self.pass_on()?;
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.hash.update(&self.held);
        self.to.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }

    fn number(&mut self, n: u64) -> io::Result<()> {
        self.bytes(&n.to_le_bytes())
    }

    fn names(&mut self, names: &Names) -> io::Result<()> {
        self.number(names.known.len() as u64)?;
        for name in &names.known {
            self.number(name.len() as u64)?;
            self.bytes(name.as_bytes())?;
        }
        self.each(names.rows.iter().flat_map(|i| i.to_le_bytes()))
    }

    fn numbers(&mut self, numbers: &Numbers) -> io::Result<()> {
        self.each(numbers.rows.iter().flat_map(|i| i.to_le_bytes()))?;
        self.number(numbers.large.len() as u64)?;
        numbers.large.iter().try_for_each(|(row, n)| {
            self.number(*row as u64)?;
            self.number(*n)
        })
    }

    fn finish(mut self) -> io::Result<()> {
        self.pass_on()?;
        let sum: [u8; SUM] = self.hash.finalize().into();
        self.to.write_all(&sum)
    }
}

struct In<'b>(&'b [u8]);

impl<'b> In<'b> {
    fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn small(&mut self, n: usize) -> Option<Vec<u32>> {
        let bytes = self.take(n.checked_mul(4)?)?.chunks_exact(4);
        bytes.map(|b| b.try_into().ok().map(u32::from_le_bytes)).collect()
    }

    fn large(&mut self, n: usize) -> Option<Vec<u64>> {
        let bytes = self.take(n.checked_mul(8)?)?.chunks_exact(8);
        bytes.map(|b| b.try_into().ok().map(u64::from_le_bytes)).collect()
    }

    fn numbers(&mut self, rows: usize) -> Option<Numbers> {
        let mut out = Numbers { rows: self.small(rows)?, ..Numbers::default() };
        for _ in 0..self.number()? {
            let row = usize::try_from(self.number()?).ok()?;
            out.large.insert(row, self.number()?);
        }
        Some(out)
    }

    fn standings(&mut self, rows: usize) -> Option<Vec<Standing>> {
        self.take(rows)?.iter().map(|b| Standing::from_byte(*b)).collect()
    }

    fn names(&mut self, rows: usize) -> Option<Names> {
        let mut out = Names::default();
        for at in 0..self.number()? {
            let length = usize::try_from(self.number()?).ok()?;
            let name = std::str::from_utf8(self.take(length)?).ok()?.to_owned();
            out.places.insert(name.clone(), at as u32);
            out.known.push(name);
        }
        out.rows = self.small(rows)?;
        let known = |i: &u32| *i == super::NONE || (*i as usize) < out.known.len();
        out.rows.iter().all(known).then_some(out)
    }
}
