//! Two surveys side by side: what an option's share is now, what it was then, and by how many points
//! it moved, with a warning wherever the two are not of the same people or not in the same words.

mod earlier;
mod mapping;
mod rows;

use serde::Serialize;

use super::{Note, Percent, Points};

pub use earlier::{Earlier, EarlierError, earlier_schema};
pub use mapping::{Mapping, MappingError, mapping_schema};
pub use rows::compare;

/// This survey beside an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub this: Side,
    pub earlier: Side,
    pub questions: Vec<ComparedQuestion>,
    pub sums: Vec<ComparedSum>,
    pub notes: Vec<Note>,
}

/// One of the two surveys.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    pub id: String,
    pub title: String,
    /// N.
    pub responses: Option<u64>,
    /// What wrote its figures: a program, or where they were published.
    pub source: Option<String>,
}

/// One question's rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedQuestion {
    pub id: String,
    pub label: String,
    /// The earlier survey's question.
    pub earlier: String,
    pub rows: Vec<ComparedRow>,
    pub notes: Vec<Note>,
}

/// One option now and then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRow {
    /// The option's id; `na` for no answer.
    pub id: String,
    pub label: String,
    /// Refines the option above it.
    pub suboption: bool,
    pub this: Part,
    /// `null`: not asked or not published.
    pub earlier: Option<Part>,
    /// `this` less `earlier`, of the unrounded shares, half away from zero to one decimal. Where only
    /// a percentage was published, of the two rounded ones.
    pub points: Option<Points>,
    /// Both shares are known to be of the same people; if not, `points` must not stand without its
    /// notes.
    pub comparable: bool,
    pub notes: Vec<Note>,
}

/// One side of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub count: Option<u64>,
    pub base: Option<u64>,
    /// Of whom, in the ids of that side's own survey; `null`: not published.
    pub base_rule: Option<String>,
    pub percent: Option<Percent>,
}

/// One number field's sum now and then.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedSum {
    pub id: String,
    pub label: String,
    pub this: u64,
    pub earlier: Option<u64>,
    pub difference: Option<i64>,
    pub notes: Vec<Note>,
}
