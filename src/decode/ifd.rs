//! A tolerant reader of TIFF directories (TIFF 6.0 section 2, BigTIFF): fax servers write what the
//! strict readers refuse. Nothing is read ahead: a directory is its offset and lookups into the file,
//! so a file of 2,000 pages opens in microseconds and a promised count allocates nothing.

use std::collections::HashSet;

use super::error::DecodeError;

/// Bytes with the byte order and offset width that the header said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    pub data: &'a [u8],
    little: bool,
    big_tiff: bool,
}

impl<'a> Bytes<'a> {
    /// Reads the header; returns the reader and the offset of the first directory.
    pub fn open(data: &'a [u8]) -> Result<(Self, u64), DecodeError> {
        let short = |needed| DecodeError::Truncated { needed, have: data.len() as u64 };
        let little = data.starts_with(b"II");
        let mut r = Self { data, little, big_tiff: false };
        let version = r.uint(2, 2).ok_or(short(8))?;
        r.big_tiff = version == 43;
        let (at, width) = if r.big_tiff { (8, 8) } else { (4, 4) };
        let first = r.uint(at, width).ok_or(short(at + width))?;
        Ok((r, first))
    }

    /// A number as this file would write it.
    fn encode(&self, value: u64, width: usize) -> Vec<u8> {
        if self.little {
            value.to_le_bytes()[..width].to_vec()
        } else {
            value.to_be_bytes()[8 - width..].to_vec()
        }
    }

    fn uint(&self, at: u64, width: u64) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let b = self.data.get(at..at.checked_add(width as usize)?)?;
        let fold = |acc: u64, byte: &u8| acc << 8 | u64::from(*byte);
        Some(if self.little { b.iter().rev().fold(0, fold) } else { b.iter().fold(0, fold) })
    }

    fn offset_width(&self) -> u64 {
        if self.big_tiff { 8 } else { 4 }
    }
}

/// One directory; tags are looked up when asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ifd<'a> {
    bytes: Bytes<'a>,
    at: u64,
    entries_at: u64,
    entries: u64,
}

/// All of TIFF 6.0 and its known extensions define some 200 tags; a search through a wild count is cut.
const MAX_ENTRIES: u64 = 1024;

/// The values of one tag, read one by one from the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    bytes: Bytes<'a>,
    at: u64,
    kind: u64,
    /// As promised; [`Values::get`] answers only for those that are in the file.
    pub count: u64,
}

/// Bytes a value of a TIFF field type takes (TIFF 6.0 page 15, `BigTIFF` 16-18); 0 = unknown type.
fn type_size(kind: u64) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 0,
    }
}

impl<'a> Ifd<'a> {
    /// `None` where not even the number of entries lies inside the file.
    pub fn at(bytes: Bytes<'a>, offset: u64) -> Option<Self> {
        let width = if bytes.big_tiff { 8 } else { 2 };
        let entries = bytes.uint(offset, width)?;
        Some(Self { bytes, at: offset, entries_at: offset.checked_add(width)?, entries })
    }

    fn entry_size(&self) -> u64 {
        if self.bytes.big_tiff { 20 } else { 12 }
    }

    /// Where the header would have to say what, for this directory to be the first.
    pub fn as_first(&self) -> (usize, Vec<u8>) {
        let width = self.bytes.offset_width() as usize;
        (width, self.bytes.encode(self.at, width))
    }

    /// Where the offset of the next directory stands.
    fn end(&self) -> Option<u64> {
        self.entries_at.checked_add(self.entries.checked_mul(self.entry_size())?)
    }

    /// Offset of the next directory (0 = this is the last), `None` when the file ends before it.
    pub fn next(&self) -> Option<u64> {
        self.bytes.uint(self.end()?, self.bytes.offset_width())
    }

    /// The last byte that this directory needs, for saying how much of a file is missing.
    pub fn needs(&self) -> u64 {
        self.end().map_or(u64::MAX, |e| e.saturating_add(self.bytes.offset_width()))
    }

    pub fn values(&self, tag: u16) -> Option<Values<'a>> {
        let (b, width) = (self.bytes, self.bytes.offset_width());
        for i in 0..self.entries.min(MAX_ENTRIES) {
            let at = self.entries_at.checked_add(i * self.entry_size())?;
            // The first entry outside the file ends the search, so a wild count costs nothing.
            if b.uint(at, 2)? != u64::from(tag) {
                continue;
            }
            let kind = b.uint(at + 2, 2)?;
            let count = b.uint(at + 4, width)?;
            let inline = type_size(kind).saturating_mul(count) <= width;
            let field = at + 4 + width;
            let at = if inline { field } else { b.uint(field, width)? };
            return Some(Values { bytes: b, at, kind, count });
        }
        None
    }

    /// The first value of a tag as a whole number.
    pub fn uint(&self, tag: u16) -> Option<u64> {
        self.values(tag)?.get(0)
    }

    /// The first value of a tag of type RATIONAL (or a whole number); 0/0 gives `None`.
    pub fn rational(&self, tag: u16) -> Option<f32> {
        let v = self.values(tag)?;
        if v.kind != 5 {
            return v.get(0).map(|n| n as f32);
        }
        let (n, d) = (v.bytes.uint(v.at, 4)?, v.bytes.uint(v.at.checked_add(4)?, 4)?);
        (d != 0).then(|| n as f32 / d as f32)
    }
}

impl Values<'_> {
    /// Where the file would have to say what, for the first value to be this one.
    pub fn rewritten(&self, value: u64) -> Option<(usize, Vec<u8>)> {
        let width = type_size(self.kind) as usize;
        (1..=8).contains(&width).then(|| (self.at as usize, self.bytes.encode(value, width)))
    }

    pub fn get(&self, i: u64) -> Option<u64> {
        let size = type_size(self.kind);
        if i >= self.count || size == 0 || matches!(self.kind, 5 | 10..=12) {
            return None;
        }
        self.bytes.uint(self.at.checked_add(i.checked_mul(size)?)?, size)
    }
}

/// Where the pages of a file are, and what kept the rest from being found.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub offsets: Vec<u64>,
    pub broken: Option<DecodeError>,
}

/// `NewSubfileType`: bit 0 = a smaller copy of another page (a preview), bit 2 = a transparency mask.
const NOT_A_PAGE: u64 = 0b101;
const NEW_SUBFILE_TYPE: u16 = 254;

/// Follows the chain of directories from the header. A loop or a link out of the file ends it with
/// the pages found so far; a file without any page is an error.
pub(super) fn walk(data: &[u8], max_pages: u32) -> Result<Chain, DecodeError> {
    let (bytes, mut at) = Bytes::open(data)?;
    let mut chain = Chain { offsets: Vec::new(), broken: None };
    let mut seen = HashSet::new();
    while at != 0 {
        if seen.len() > 2 * max_pages as usize {
            // One preview a page is usual; more directories than that are not pages of a fax.
            return Err(DecodeError::TooManyPages { limit: max_pages });
        }
        if !seen.insert(at) {
            let what = format!("the directory chain loops back to byte {at}");
            chain.broken = Some(DecodeError::Damaged { what });
            break;
        }
        let Some(ifd) = Ifd::at(bytes, at) else {
            chain.broken = Some(cut(at.saturating_add(2), data));
            break;
        };
        if ifd.uint(NEW_SUBFILE_TYPE).unwrap_or(0) & NOT_A_PAGE == 0 {
            if chain.offsets.len() >= max_pages as usize {
                return Err(DecodeError::TooManyPages { limit: max_pages });
            }
            chain.offsets.push(at);
        }
        let Some(next) = ifd.next() else {
            chain.broken = Some(cut(ifd.needs(), data));
            break;
        };
        at = next;
    }
    if chain.offsets.is_empty() {
        return Err(chain.broken.unwrap_or_else(|| DecodeError::damaged("a TIFF without pages")));
    }
    Ok(chain)
}

fn cut(needed: u64, data: &[u8]) -> DecodeError {
    DecodeError::Truncated { needed, have: data.len() as u64 }
}
