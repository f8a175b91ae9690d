//! Who may do what to a quote: the one place where a step is let through or refused.

use super::{Act, Quote, QuoteState};
use crate::lang::hidden;

/// Why a step is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    #[error("a name is needed")]
    Nameless,
    #[error("there is no wording")]
    Empty,
    #[error("the wording has characters that cannot be seen: {0}")]
    Hidden(String),
    #[error("nobody has proposed it")]
    NotProposed,
    #[error("the original has been corrected since; word it again")]
    Stale,
    #[error("{who} has worded it; a second person must approve")]
    SamePerson { who: String },
    #[error(
        "may point to a person: {}; take it out, or name each word that may stay",
        words.join(", ")
    )]
    Marked { words: Vec<String> },
    #[error("nobody has taken it up")]
    NothingToWithdraw,
}

/// Whether `who` may do `act` to this quote as it stands.
///
/// # Errors
/// The first rule that is against it.
pub fn admit(quote: &Quote, who: &str, act: &Act) -> Result<(), GateError> {
    if who.trim().is_empty() {
        return Err(GateError::Nameless);
    }
    match act {
        Act::Word { wording, .. } => wording_is_plain(wording),
        Act::Approve { kept } => approval(quote, who, kept),
        Act::Withdraw { .. } => match quote.state {
            QuoteState::Candidate | QuoteState::Withdrawn => Err(GateError::NothingToWithdraw),
            _ => Ok(()),
        },
    }
}

fn wording_is_plain(wording: &str) -> Result<(), GateError> {
    if wording.trim().is_empty() {
        return Err(GateError::Empty);
    }
    let unseen = |c: &char| c.is_control() && *c != '\n' || hidden(*c);
    let unseen: Vec<String> =
        wording.chars().filter(unseen).map(|c| format!("U+{:04X}", c as u32)).collect();
    if unseen.is_empty() { Ok(()) } else { Err(GateError::Hidden(unseen.join(" "))) }
}

fn approval(quote: &Quote, who: &str, kept: &[String]) -> Result<(), GateError> {
    match quote.state {
        QuoteState::Proposed => {}
        QuoteState::Stale => return Err(GateError::Stale),
        _ => return Err(GateError::NotProposed),
    }
    if quote.authors.iter().any(|a| same_name(a, who)) {
        return Err(GateError::SamePerson { who: who.to_owned() });
    }
    let standing = quote.left.iter().filter(|m| !kept.contains(&m.text));
    let words: Vec<String> = standing.map(|m| m.text.clone()).collect();
    if words.is_empty() { Ok(()) } else { Err(GateError::Marked { words }) }
}

/// Blanks, widths and case do not make a second person.
fn same_name(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        let kept = name.chars().filter(|c| !c.is_whitespace());
        kept.map(super::personal::narrow).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}
