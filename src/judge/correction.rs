//! A corrected single choice: one option is struck out, another is clearly marked and nothing else is.
//!
//! A struck option alone may be a clumsy mark; that another option was marked for certain says which of the
//! two was meant. In a multiple choice nothing says so, and a person decides. The second opinion must share
//! both halves, by all the ink and by what the other options look like.

use super::boxes::Verdict;
use super::policy::Policy;
use crate::reading::{BoxOutcome, Overruler, ReasonCode};

/// Settles the struck options of one single choice that was corrected.
pub fn settle(boxes: &mut [&mut Verdict], policy: &Policy) {
    let of = |o: BoxOutcome| boxes.iter().filter(move |v| v.outcome == o);
    let corrected = of(BoxOutcome::Marked).count() == 1
        && of(BoxOutcome::Marked).all(|v| v.marked.is_some_and(|p| p >= policy.corrected_marked))
        && of(BoxOutcome::Doubtful).all(|v| is_struck(v, policy));
    if !corrected {
        return;
    }
    for v in boxes.iter_mut().filter(|v| v.outcome == BoxOutcome::Doubtful) {
        v.overrule(Overruler::Correction);
        v.outcome = BoxOutcome::Unmarked;
        v.reasons.clear();
        v.confidence = super::confidence::settled();
    }
}

/// Struck out by every measure.
fn is_struck(v: &Verdict, policy: &Policy) -> bool {
    !v.disputed
        && v.reasons.iter().all(|r| r.code == ReasonCode::StruckOut)
        && v.marked.is_some_and(|p| p <= policy.corrected_struck)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::boxes::Ink;
    use crate::reading::Reason;
    use crate::units::Score;

    fn verdict(outcome: BoxOutcome, marked: f32, why: &[ReasonCode]) -> Verdict {
        Verdict {
            outcome,
            mark: None,
            strength: 0.0,
            confidence: Score::ONE,
            reasons: why.iter().map(|c| Reason::new(*c)).collect(),
            ink: Ink { near: 90, inner: 0.1, its_own: true, on_label: false },
            marked: Some(marked),
            disputed: false,
            overruled: None,
        }
    }

    fn settled(mut boxes: [Verdict; 3]) -> Vec<BoxOutcome> {
        settle(&mut boxes.iter_mut().collect::<Vec<_>>(), &Policy::default());
        boxes.iter().map(|v| v.outcome).collect()
    }

    use BoxOutcome::{Doubtful, Marked, Unmarked};

    fn struck(marked: f32) -> Verdict {
        verdict(Doubtful, marked, &[ReasonCode::StruckOut])
    }

    fn clear(marked: f32) -> Verdict {
        verdict(Marked, marked, &[])
    }

    fn empty() -> Verdict {
        Verdict { marked: None, ..verdict(Unmarked, 0.0, &[]) }
    }

    #[test]
    fn the_option_marked_instead_is_the_answer() {
        assert_eq!(settled([struck(0.05), clear(0.99), empty()]), [Unmarked, Marked, Unmarked]);
        assert_eq!(settled([struck(0.0), clear(1.0), struck(0.1)]), [Unmarked, Marked, Unmarked]);
    }

    #[test]
    fn the_struck_option_says_what_settled_it() {
        let mut boxes = [struck(0.05), clear(0.99)];
        settle(&mut boxes.iter_mut().collect::<Vec<_>>(), &Policy::default());
        let [said, nothing] = boxes.map(|v| v.overruled);
        assert!(said.is_some_and(|o| o.by == Overruler::Correction && o.rules == Doubtful));
        assert_eq!(nothing, None);
    }

    #[test]
    fn a_strike_that_is_not_sure_or_without_a_mark_instead_stays_open() {
        let open = |boxes: [Verdict; 3]| {
            let before: Vec<BoxOutcome> = boxes.iter().map(|v| v.outcome).collect();
            assert_eq!(settled(boxes), before);
        };
        open([struck(0.05), empty(), empty()]);
        open([struck(0.05), clear(0.99), clear(0.99)]);
        // Neither half is shared; another option is doubtful for another reason, or disputed.
        open([struck(0.3), clear(0.99), empty()]);
        open([struck(0.05), clear(0.9), empty()]);
        open([struck(0.05), clear(0.99), verdict(Doubtful, 0.01, &[ReasonCode::MarginalMark])]);
        open([Verdict { disputed: true, ..struck(0.05) }, clear(0.99), empty()]);
    }
}
