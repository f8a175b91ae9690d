//! The whole tally once for every association, prefecture, kind of facility ..., and once for all.

use serde::Serialize;

use super::cross::Axis;
use super::{Note, Percent, Tally};

/// A tally in parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cuts {
    pub by: Axis,
    /// Everybody.
    pub all: Tally,
    pub groups: Vec<CutGroup>,
    pub notes: Vec<Note>,
}

/// One part of the responses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutGroup {
    /// Option id, association ...; `na`: none was given.
    pub id: String,
    pub label: String,
    /// N of the group.
    pub responses: u64,
    /// Of `all.responses`.
    pub percent: Option<Percent>,
    /// Questionnaires sent to this association.
    pub sent: Option<u64>,
    pub response_rate: Option<Percent>,
    /// `responses` is under ten.
    pub small: bool,
    pub tally: Tally,
}
