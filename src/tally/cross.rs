//! Cross tables: one question's answers by another's, or by association, batch or form. Row
//! percentages on the row's own n; cells under ten are marked.

use rayon::prelude::*;
use serde::Serialize;

use super::count::asked;
use super::group::{CutError, Grouping, Place};
use super::{Note, Percent, Sheet};
use crate::lang::Lang;

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

/// One question's answers (`columns`) by another's, or by a label (`rows`): ids as [`Grouping::new`]
/// takes them.
///
/// # Errors
/// `NoQuestion`, `NoGroups`, `Itself`.
pub fn cross(sheet: &Sheet, rows: &str, columns: &str, lang: Lang) -> Result<CrossTable, CutError> {
    if rows == columns {
        return Err(CutError::Itself { id: rows.to_owned() });
    }
    let (down, across) = (Grouping::new(sheet, rows, lang)?, Grouping::new(sheet, columns, lang)?);
    Ok(filled(sheet, &down, &across, lang))
}

/// Every two choice questions, and every choice question by prefecture and association where there
/// are any: the earlier in the form makes the rows.
pub fn cross_all(sheet: &Sheet, lang: Lang) -> Vec<CrossTable> {
    let questions = asked(sheet.forms);
    let columns: Vec<Grouping> = questions
        .iter()
        .filter(|q| q.kind.is_choice())
        .filter_map(|q| Grouping::new(sheet, &q.id, lang).ok())
        .collect();
    let lists = questions.iter().filter(|q| q.lexicon.is_some()).map(|q| q.id.as_str());
    let labels = Some("association").filter(|_| !sheet.association.names().is_empty());
    let others: Vec<Grouping> = labels
        .into_iter()
        .chain(lists)
        .filter_map(|id| Grouping::new(sheet, id, lang).ok())
        .collect();
    let labelled = others.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
    let among = columns.iter().enumerate();
    let among = among.flat_map(|(i, row)| columns[i + 1..].iter().map(move |column| (row, column)));
    let pairs: Vec<_> = labelled.chain(among).collect();
    pairs.into_par_iter().map(|(row, column)| filled(sheet, row, column, lang)).collect()
}

/// Every choice question by one grouping; what cannot make columns beside it is left out.
pub fn cross_by(sheet: &Sheet, rows: &str, lang: Lang) -> Vec<CrossTable> {
    let choices = asked(sheet.forms).into_iter().filter(|q| q.kind.is_choice());
    choices.filter_map(|q| cross(sheet, rows, &q.id, lang).ok()).collect()
}

fn filled(sheet: &Sheet, down: &Grouping, across: &Grouping, lang: Lang) -> CrossTable {
    let (height, width) = (down.headings.len(), across.headings.len());
    let mut counts = vec![vec![0; width]; height];
    let (mut ns, mut total) = (vec![0; height], vec![0; width]);
    let (mut n, mut pending) = (0, 0);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for row in 0..sheet.rows() {
        a.clear();
        b.clear();
        match (down.place(row, |i| a.push(i)), across.place(row, |j| b.push(j))) {
            (Place::Out, _) | (_, Place::Out) => {}
            (Place::Pending, _) | (_, Place::Pending) => pending += 1,
            (Place::In, Place::In) => {
                n += 1;
                for &j in &b {
                    total[j] += 1;
                }
                for &i in &a {
                    ns[i] += 1;
                    for &j in &b {
                        counts[i][j] += 1;
                    }
                }
            }
        }
    }
    let rows = down.headings.iter().zip(counts).zip(ns);
    let rows: Vec<_> = rows.map(|((h, cells), n)| line(h, n, cells)).collect();
    let all = Heading { id: "all".to_owned(), label: lang.say("全体", "all").to_owned() };
    let mut table = CrossTable {
        rows_by: down.axis.clone(),
        columns_by: across.axis.clone(),
        n,
        columns: across.headings.clone(),
        rows,
        total: line(&all, n, total),
        pending,
        notes: Vec::new(),
    };
    table.notes = notes(&table, down.several, across.several);
    table
}

fn line(heading: &Heading, n: u64, counts: Vec<u64>) -> CrossRow {
    let cell = |count| Cell { count, percent: Percent::of(count, n), small: count < SMALL };
    CrossRow {
        id: heading.id.clone(),
        label: heading.label.clone(),
        n,
        small: n < SMALL,
        cells: counts.into_iter().map(cell).collect(),
    }
}

fn notes(table: &CrossTable, several_rows: bool, several_columns: bool) -> Vec<Note> {
    let mut out = Vec::new();
    if several_rows {
        out.push(Note::SeveralRows);
    }
    if several_columns {
        out.push(Note::MultipleAnswers);
    }
    let small = table.rows.iter().flat_map(|r| &r.cells).filter(|c| c.small).count() as u64;
    if small > 0 {
        out.push(Note::Small { under: SMALL, count: small });
    }
    if table.pending > 0 {
        out.push(Note::Pending { count: table.pending });
    }
    out
}
