//! Which boxes of an answer the rules did not have the last word on: told from the readings of the responses
//! that are listed, for the fold keeps answers and no boxes.

use std::collections::HashMap;

use serde::Serialize;

use super::Evidence;
use crate::account::Source;
use crate::reading::{BoxOutcome, BoxReading, Overruled};

/// One box of the question, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverruledBox {
    pub option: String,
    pub outcome: BoxOutcome,
    #[serde(flatten)]
    pub overruled: Overruled,
}

/// Puts the boxes of latest readings beside the answers to `question` that the machine gave: where a person
/// did, they say nothing any more.
pub fn tell(question: &str, evidence: &mut [Evidence], boxes: Vec<(String, Vec<BoxReading>)>) {
    let mut boxes: HashMap<String, Vec<BoxReading>> = boxes.into_iter().collect();
    for e in evidence.iter_mut().filter(|e| e.source == Source::Machine) {
        let own = boxes.remove(&e.response).unwrap_or_default();
        let own = own.into_iter().filter(|b| b.question == question);
        e.overruled = own.filter_map(overruled).collect();
    }
}

fn overruled(b: BoxReading) -> Option<OverruledBox> {
    let (option, outcome) = (b.option, b.outcome);
    b.overruled.map(|overruled| OverruledBox { option, outcome, overruled })
}
