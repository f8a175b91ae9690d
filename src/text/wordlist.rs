//! Words with frequencies: the Japanese list of the package `wordfreq` (215,000 words; data CC BY-SA 4.0,
//! fetched at set-up and never part of this project), read as it lies in its wheel.
//!
//! The file is gzip around `MessagePack`: an array of a header and then lists of words, the n-th list
//! with the words of frequency 10^(-n/100) ("cBpack").

use std::io::Read;

/// Larger than the list's 2.4 MB; a file that unpacks to more is none.
const MOST_BYTES: u64 = 64 << 20;

/// What is wrong with a list.
#[derive(Debug, thiserror::Error)]
pub enum WordListError {
    #[error("it cannot be unpacked: {0}")]
    Gzip(#[from] std::io::Error),
    #[error("it is no list of words (byte {0})")]
    Format(usize),
}

/// Words with their share of all written words, 0 to 1; the words stay where they were unpacked.
#[derive(Clone, Debug, PartialEq)]
pub struct WordList {
    bytes: Vec<u8>,
    /// Where a word begins, its length in bytes, and its share.
    words: Vec<(u32, u16, f32)>,
}

impl WordList {
    /// # Errors
    /// Whatever is no such list.
    pub fn parse(gzip: &[u8]) -> Result<Self, WordListError> {
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(gzip).take(MOST_BYTES).read_to_end(&mut bytes)?;
        let mut at = Cursor { bytes: &bytes, place: 0 };
        let lists = at.array()?;
        at.header()?;
        let mut words = Vec::new();
        for n in 0..lists.saturating_sub(1) {
            let share = 10f32.powf(-(n as f32) / 100.0);
            for _ in 0..at.array()? {
                // A word of `Cursor` is shorter than 64 KB, and all of them than `MOST_BYTES`.
                let length = at.text()?.len();
                words.push(((at.place - length) as u32, length as u16, share));
            }
        }
        Ok(Self { bytes, words })
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, f32)> {
        self.words.iter().filter_map(|(start, length, share)| {
            let start = *start as usize;
            let word = self.bytes.get(start..start + usize::from(*length))?;
            Some((std::str::from_utf8(word).ok()?, *share))
        })
    }
}

/// The few kinds of `MessagePack` that occur (its specification, msgpack.org).
struct Cursor<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Cursor<'a> {
    fn bad<T>(&self) -> Result<T, WordListError> {
        Err(WordListError::Format(self.place))
    }

    fn byte(&mut self) -> Result<u8, WordListError> {
        let Some(b) = self.bytes.get(self.place) else { return self.bad() };
        self.place += 1;
        Ok(*b)
    }

    /// A big-endian number of so many bytes.
    fn number(&mut self, size: usize) -> Result<usize, WordListError> {
        (0..size).try_fold(0, |n, _| Ok(n << 8 | usize::from(self.byte()?)))
    }

    fn array(&mut self) -> Result<usize, WordListError> {
        match self.byte()? {
            b @ 0x90..=0x9f => Ok(usize::from(b & 0x0f)),
            0xdc => self.number(2),
            0xdd => self.number(4),
            _ => self.bad(),
        }
    }

    fn text(&mut self) -> Result<&'a str, WordListError> {
        let length = match self.byte()? {
            b @ 0xa0..=0xbf => usize::from(b & 0x1f),
            0xd9 => self.number(1)?,
            0xda => self.number(2)?,
            _ => return self.bad(),
        };
        let end = self.place.saturating_add(length);
        let bytes: &'a [u8] = self.bytes;
        let Some(bytes) = bytes.get(self.place..end) else { return self.bad() };
        let Ok(text) = std::str::from_utf8(bytes) else { return self.bad() };
        self.place = end;
        Ok(text)
    }

    /// `{"format": "cB", "version": 1}`
    fn header(&mut self) -> Result<(), WordListError> {
        let pairs = match self.byte()? {
            b @ 0x80..=0x8f => usize::from(b & 0x0f),
            _ => return self.bad(),
        };
        for _ in 0..pairs {
            let (key, place) = (self.text()?, self.place);
            let good = match key {
                "format" => self.text()? == "cB",
                _ => self.byte()? < 0x80,
            };
            if !good {
                return Err(WordListError::Format(place));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn small() -> Vec<u8> {
        let mut out = b"\x94\x82\xa6format\xa2cB\xa7version\x01\x90\x91\xa3".to_vec();
        out.extend("の".bytes());
        out.extend(b"\x92\xa3");
        out.extend("を".bytes());
        out.extend(b"\xd9\x06");
        out.extend("受付".bytes());
        out
    }

    #[test]
    fn lists_are_by_hundredths_of_a_bel() {
        let list = WordList::parse(&gzip(&small())).unwrap();
        let words: Vec<(&str, f32)> = list.iter().collect();
        let names: Vec<&str> = words.iter().map(|w| w.0).collect();
        assert_eq!(names, ["の", "を", "受付"]);
        assert!((words[0].1 - 10f32.powf(-0.01)).abs() < 1e-6);
        assert!((words[2].1 - 10f32.powf(-0.02)).abs() < 1e-6);
    }

    #[test]
    fn cut_and_foreign_files_are_errors() {
        assert!(matches!(WordList::parse(b""), Err(WordListError::Gzip(_))));
        assert!(matches!(WordList::parse(b"no gzip at all"), Err(WordListError::Gzip(_))));
        assert!(matches!(WordList::parse(&gzip(b"{}")), Err(WordListError::Format(_))));
        let whole = small();
        for length in 0..whole.len() {
            assert!(WordList::parse(&gzip(&whole[..length])).is_err(), "{length} bytes");
        }
    }
}
