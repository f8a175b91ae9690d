//! A single choice in which one option has all but all of the ink: that is the answer, even where the
//! mark itself is none that would be believed alone, or where traces lie at another option.
//!
//! A box by itself must be doubted for what may be a moved line or a neighbour's stroke. Among the options
//! of a single choice there is one mark at most, and what is no mark is at several options or at none. On
//! seeds 9404, 9711 to 9713 and 9721 to 9723 (15,330 pages), on which its limits were chosen, this settled 1,179 of
//! 2,173 doubtful single choices, 0 of them wrongly; that was before the second opinion, which now settles most
//! of them first and must agree to the rest. Nobody there meant two options: how often a weak second mark is
//! meant is not known.

use super::boxes::Verdict;
use super::policy::Policy;
use crate::reading::{BoxOutcome, Overruler, ReasonCode};

/// Least ink inside that other options are compared with, as a share: that of an ordinary mark (`definite`),
/// where the mark itself lies outside its box.
const INSIDE: f32 = 0.05;

/// Settles the boxes of one single choice, if one of them has the ink.
pub fn settle(boxes: &mut [&mut Verdict], policy: &Policy) {
    let Some(chosen) = chosen(boxes, policy) else { return };
    for (i, v) in boxes.iter_mut().enumerate() {
        let settled = !v.reasons.is_empty();
        if settled {
            v.overrule(Overruler::SoleInk);
        }
        v.reasons.clear();
        v.outcome = if i == chosen { BoxOutcome::Marked } else { BoxOutcome::Unmarked };
        if settled {
            v.confidence = super::confidence::settled();
        }
    }
}

/// The option with the ink.
fn chosen(boxes: &[&mut Verdict], policy: &Policy) -> Option<usize> {
    let doubtful = boxes.iter().any(|v| v.outcome == BoxOutcome::Doubtful);
    let stay = |v: &Verdict| v.disputed || v.reasons.iter().any(|r| stays(r.code));
    if !doubtful || boxes.iter().any(|v| stay(v)) {
        return None;
    }
    let is = |o: BoxOutcome| (0..boxes.len()).filter(move |i| boxes[*i].outcome == o);
    let clear: Vec<usize> = is(BoxOutcome::Marked).collect();
    let (best, share) = match clear[..] {
        [one] => (one, policy.sole_marked),
        [] => {
            let best = is(BoxOutcome::Doubtful).max_by_key(|i| boxes[*i].ink.near)?;
            (is_seen(boxes[best], policy).then_some(best)?, policy.sole_share)
        }
        _ => return None,
    };
    let ink = boxes[best].ink;
    let inside = policy.sole_inside * ink.inner.max(INSIDE);
    let mut others = boxes.iter().enumerate().filter(|(i, _)| *i != best);
    let alone = others.all(|(_, v)| {
        v.marked.is_none_or(|p| p <= 1.0 - policy.sole_believed)
            && v.ink.near as f32 <= share * ink.near as f32
            && v.ink.inner <= inside
            && !v.ink.on_label
    });
    (alone && ink.near >= policy.sole_ink).then_some(best)
}

/// Its place is known, and the ink is meant for it if it is a mark: a touch of the pen beside a box is none.
fn is_seen(v: &Verdict, policy: &Policy) -> bool {
    v.ink.its_own
        && v.marked.is_none_or(|p| p >= policy.sole_believed)
        && v.reasons.iter().all(|r| r.code != ReasonCode::PoorRegistration)
}

/// What more ink at another option does not settle.
fn stays(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::StruckOut | ReasonCode::DamagedField)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::boxes::Ink;
    use crate::reading::Reason;
    use crate::units::Score;

    fn verdict(outcome: BoxOutcome, near: u32, inner: f32, why: &[ReasonCode]) -> Verdict {
        let ink = Ink { near, inner, its_own: true, on_label: false };
        let reasons = why.iter().map(|c| Reason::new(*c)).collect();
        Verdict {
            outcome,
            mark: None,
            strength: 0.0,
            confidence: Score::ONE,
            reasons,
            ink,
            marked: None,
            disputed: false,
            overruled: None,
        }
    }

    fn settled(boxes: [Verdict; 3]) -> Vec<BoxOutcome> {
        let mut boxes = boxes;
        settle(&mut boxes.iter_mut().collect::<Vec<_>>(), &Policy::default());
        boxes.iter().map(|v| v.outcome).collect()
    }

    use BoxOutcome::{Doubtful, Marked, Unmarked};
    const NONE: &[ReasonCode] = &[];
    const MARGINAL: &[ReasonCode] = &[ReasonCode::MarginalMark];

    #[test]
    fn the_option_with_all_the_ink_is_the_answer() {
        let one = verdict(Doubtful, 90, 0.03, MARGINAL);
        let empty = || verdict(Unmarked, 2, 0.0, NONE);
        assert_eq!(settled([one, empty(), empty()]), [Marked, Unmarked, Unmarked]);
        let marked = verdict(Marked, 200, 0.2, NONE);
        let trace = verdict(Doubtful, 30, 0.02, MARGINAL);
        assert_eq!(settled([trace, marked, empty()]), [Unmarked, Marked, Unmarked]);
    }

    #[test]
    fn only_the_boxes_that_it_settles_say_so() {
        let one = verdict(Doubtful, 90, 0.03, MARGINAL);
        let mut boxes = [one, verdict(Unmarked, 2, 0.0, NONE)];
        settle(&mut boxes.iter_mut().collect::<Vec<_>>(), &Policy::default());
        let [said, nothing] = boxes.map(|v| v.overruled);
        assert!(said.is_some_and(|o| o.by == Overruler::SoleInk && o.why == MARGINAL));
        assert_eq!(nothing, None);
    }

    #[test]
    fn what_may_be_a_second_mark_or_none_at_all_stays_open() {
        let empty = || verdict(Unmarked, 2, 0.0, NONE);
        let open = |a: Verdict, b: Verdict| {
            let before = [a.outcome, b.outcome, Unmarked];
            assert_eq!(settled([a, b, empty()]), before);
        };
        let marginal = |near, inner| verdict(Doubtful, near, inner, MARGINAL);
        // Two options with ink; too little of it; ink that is not this box's; a dot beside a large circle.
        open(marginal(90, 0.03), marginal(40, 0.02));
        open(marginal(20, 0.03), empty());
        let mut touch = marginal(90, 0.0);
        touch.ink.its_own = false;
        open(touch, empty());
        open(verdict(Marked, 900, 0.0, NONE), marginal(30, 0.04));
        // A strike was meant; a stroke over another's label was, too.
        open(verdict(Marked, 200, 0.2, NONE), verdict(Doubtful, 9, 0.0, &[ReasonCode::StruckOut]));
        let mut over = verdict(Doubtful, 40, 0.0, &[ReasonCode::MarkOutsideBox]);
        over.ink.on_label = true;
        open(verdict(Marked, 300, 0.2, NONE), over);
        // Nothing of it is known where the box is not.
        open(verdict(Doubtful, 90, 0.1, &[ReasonCode::PoorRegistration]), empty());
    }

    #[test]
    fn the_second_opinion_must_share_it() {
        let policy = Policy::default();
        let empty = || verdict(Unmarked, 2, 0.0, NONE);
        let believed =
            |p: f32| Verdict { marked: Some(p), ..verdict(Doubtful, 90, 0.03, MARGINAL) };
        let sure = policy.sole_believed;
        assert_eq!(settled([believed(sure), empty(), empty()]), [Marked, Unmarked, Unmarked]);
        assert_eq!(
            settled([believed(sure - 0.01), empty(), empty()]),
            [Doubtful, Unmarked, Unmarked]
        );
        // Another option that may be marked, though little of it is seen.
        let marked = || verdict(Marked, 200, 0.2, NONE);
        let other = |p: f32| Verdict { marked: Some(p), ..verdict(Doubtful, 30, 0.02, MARGINAL) };
        assert_eq!(settled([other(0.01), marked(), empty()]), [Unmarked, Marked, Unmarked]);
        assert_eq!(settled([other(0.04), marked(), empty()]), [Doubtful, Marked, Unmarked]);
        let disputed = Verdict { disputed: true, ..believed(0.99) };
        assert_eq!(settled([disputed, empty(), empty()]), [Doubtful, Unmarked, Unmarked]);
    }
}
