//! The recorded steps of a quote on its way to print; what they amount to is `quotes`' to say.

use serde::{Deserialize, Serialize};

/// One recorded step of a quote; never changed, never removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub response: String,
    pub field: String,
    /// Counts the steps of this quote from 1.
    pub rev: u32,
    pub who: String,
    /// Seconds since 1970.
    pub at: i64,
    pub act: Act,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Taken up, or worded anew. `original` is what was written as it stood then.
    Word { wording: String, original: String },
    /// Approved as it is; `kept` are marked words that may stay.
    Approve {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<String>,
    },
    /// Taken out again, or sent back.
    Withdraw {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
}
