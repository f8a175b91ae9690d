//! A table of one record a line, as JSON lines or as CSV, from fields that know whether they came from
//! outside.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::csv::{Cell, row};
use super::{Format, line};
use crate::tally::Percent;

/// What Excel needs to take a file for UTF-8; without it, a Japanese Excel reads Shift JIS.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Field<'a> {
    /// Empty; `null` in JSON.
    Nothing,
    /// Came from outside or was written by people.
    Text(Cow<'a, str>),
    /// An id or a code: never a formula.
    Own(Cow<'a, str>),
    Whole(u64),
    Decimal(f64),
    Percent(Percent),
}

impl<'a> Field<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn own(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Own(text.into())
    }

    pub fn percent(percent: Option<Percent>) -> Self {
        percent.map_or(Self::Nothing, Self::Percent)
    }

    fn cell(&self) -> Cell {
        match self {
            Self::Nothing => Cell::own(""),
            Self::Text(text) => Cell::text(text.as_ref()),
            Self::Own(text) => Cell::own(text),
            Self::Whole(n) => Cell::own(n),
            Self::Decimal(v) => Cell::own(v),
            Self::Percent(p) => Cell::own(p),
        }
    }
}

/// A table being written.
pub struct Lines<'w> {
    names: Vec<String>,
    format: Format,
    out: &'w mut dyn Write,
}

impl<'w> Lines<'w> {
    /// Writes the heads of the columns, where the format has any.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn begin(
        names: impl IntoIterator<Item = impl Into<String>>,
        format: Format,
        out: &'w mut dyn Write,
    ) -> io::Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        mark(format, out)?;
        if format != Format::Jsonl {
            row(out, names.iter().map(Cell::own))?;
        }
        Ok(Self { names, format, out })
    }

    /// Writes one record: a field for every name.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn record(&mut self, fields: &[Field]) -> io::Result<()> {
        match self.format {
            Format::Jsonl => line(self.out, &Record { names: &self.names, fields }),
            Format::Csv | Format::ExcelCsv => row(self.out, fields.iter().map(Field::cell)),
        }
    }
}

/// Writes the byte order mark where the format has one.
pub fn mark(format: Format, out: &mut dyn Write) -> io::Result<()> {
    if format == Format::ExcelCsv { out.write_all(BYTE_ORDER_MARK) } else { Ok(()) }
}

/// A record as a JSON object in the order of the columns.
struct Record<'a> {
    names: &'a [String],
    fields: &'a [Field<'a>],
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for (name, field) in self.names.iter().zip(self.fields) {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}
