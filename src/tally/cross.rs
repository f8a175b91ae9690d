//! Cross tables: one question's answers by another's, or by association, batch or form. Row
//! percentages on the row's own n; cells under ten are marked.

use serde::Serialize;

use super::{Note, Percent};

/// Below this a cell is marked: the usual rule of official statistics for tables of counts.
pub const SMALL: u64 = 10;

/// One cross table. The percentages of a row are of that row's `n`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossTable {
    /// Who is in which row.
    pub rows_by: Axis,
    /// What is counted.
    pub columns_by: Axis,
    /// Responses in the table, each once: both answers settled and in both bases.
    pub n: u64,
    pub columns: Vec<Heading>,
    pub rows: Vec<CrossRow>,
    /// All rows together; a response with several answers is in it once.
    pub total: CrossRow,
    /// Responses of which either answer, or whether they belong, waits for a person.
    pub pending: u64,
    pub notes: Vec<Note>,
}

/// What a table is cut by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// A question's id, or `association`, `batch`, `form`.
    pub id: String,
    pub label: String,
}

/// A column's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// The option's id; `na` for no answer.
    pub id: String,
    pub label: String,
}

/// One row: those who gave one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossRow {
    /// The option's id, the association's name ...; `na` for none.
    pub id: String,
    pub label: String,
    pub n: u64,
    /// `n` is under ten.
    pub small: bool,
    /// In the order of `columns`.
    pub cells: Vec<Cell>,
}

/// One count and its share of the row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    pub count: u64,
    /// `null` on an empty row.
    pub percent: Option<Percent>,
    /// `count` is under ten.
    pub small: bool,
}
