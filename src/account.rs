//! What the survey holds, page by page: a pure fold over one snapshot of the store. Every page of
//! every input has exactly one status, and every response is counted once.

pub mod block;
mod fold;
mod held;
mod live;
mod overlay;
mod places;
mod resend;
mod rows;
mod sightings;
mod snapshot;
mod steps;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::reading::{FieldState, Reason};
use crate::units::Score;

pub use fold::{Counted, Folded, fold};
pub use held::{NoHash, Snapshot, hash_of};
pub use live::Line;
pub use overlay::{answers, written};
pub use rows::Rows;
pub use sightings::Place;
pub use snapshot::{
    Decision, Document, Field, LeftOut, Page, PageState, PageVerdict, Seen, Sighting, Verdict,
    document_hash, response_id,
};
pub use steps::{Act, Step};

/// Statuses of the contract. `counted + pending + duplicate + set_aside + refused` = all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageStatus {
    /// Its response is in the tally's N.
    Counted,
    /// The same response again, not in N.
    Duplicate,
    /// No response of this survey.
    SetAside,
    /// No page could be had.
    Refused,
    /// A person must say what it is before it counts.
    Pending,
}

/// Who gave an answer its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Machine,
    Person,
}

/// What one sighting of a document was labelled with when it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Labels {
    pub batch: Option<String>,
    /// ISO date.
    pub arrived: Option<String>,
    pub association: Option<String>,
}

/// A line for every page of every input, and for every input that gave no page (`page` 0).
#[derive(Clone, Debug, PartialEq)]
pub struct PageEntry {
    /// Relative to the inbox it was found in.
    pub file: String,
    pub page: u32,
    pub sha256: String,
    pub labels: Labels,
    pub status: PageStatus,
    pub form: Option<String>,
    pub response: Option<String>,
    pub duplicate_of: Option<String>,
    pub orientation: u16,
    pub skew_deg: f32,
    pub residual_px: f32,
    pub reasons: Vec<Reason>,
}

/// One choice answer as it stands: the machine's reading or a person's decision over it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub value: Vec<String>,
    pub state: FieldState,
    pub confidence: Score,
    pub source: Source,
    pub reasons: Vec<Reason>,
}

/// One written field as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub value: String,
    pub state: FieldState,
    pub confidence: Score,
    pub source: Source,
    pub reasons: Vec<Reason>,
}

/// A counted or pending response. `status` is `Counted` or `Pending`.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// "r-" and the first 16 hex digits of SHA-256 of (document hash, page): the same on every machine.
    pub id: String,
    pub file: String,
    pub page: u32,
    pub form: String,
    pub labels: Labels,
    pub status: PageStatus,
    pub answers: BTreeMap<String, Answer>,
    pub text: BTreeMap<String, Written>,
}

/// Everything the tally, the exports and the score are made of, in the order of (file, page).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    pub pages: Vec<PageEntry>,
    pub responses: Vec<Response>,
}
