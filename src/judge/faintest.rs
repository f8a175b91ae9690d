//! A box is unmarked only if less ink is in and around it than at the faintest of the page's own marks.
//!
//! By itself such a trace is dirt or a line that moved, and on rough rows the rules and the second opinion take it for
//! that. But some pens' clear marks are hardly more: of a slash of seed 9954, taken for a blank, 4 px were left in its
//! box and 10 below, of a mark of the same page that was clear 7 and 6. On 2,000 mixed, 2,000 fine and 8,330 published
//! pages (9951, 9953, 9954) this doubts 5 boxes of multiple choices, that one among them.

use super::boxes::Verdict;
use super::policy::Policy;
use crate::marks::{Evidence, Marks};
use crate::reading::{BoxOutcome, Reason, ReasonCode};
use crate::register::Template;
use crate::units::Score;

/// Chance that such a box is unmarked: four of those five were.
const UNMARKED: f32 = 0.8;

/// Doubts unmarked boxes with as much ink as a mark.
pub fn doubt(t: &Template, marks: &Marks, verdicts: &mut [Verdict], policy: &Policy) {
    let all = marks.boxes.iter().zip(&*verdicts);
    let clear = all.filter(|(_, v)| v.outcome == BoxOutcome::Marked);
    let Some(faintest) = clear.filter_map(|(e, _)| inside_and_around(e, policy)).min() else {
        return;
    };
    for (e, v) in marks.boxes.iter().zip(verdicts) {
        let ink = inside_and_around(e, policy).filter(|ink| *ink >= faintest);
        let Some(ink) = ink.filter(|_| v.outcome == BoxOutcome::Unmarked) else { continue };
        if e.close < policy.blank_near {
            continue;
        }
        // Whoever settled the box before has no say in this.
        v.overruled = None;
        v.outcome = BoxOutcome::Doubtful;
        v.confidence = Score::new(v.confidence.get().min(UNMARKED));
        let reason = Reason::new(ReasonCode::MarginalMark).about(&t.option(&t.boxes[e.index]).id);
        v.reasons.push(reason.measured(f64::from(ink)));
    }
}

/// Ink within a box's own lines and right around it, in px, of a box with some of it within.
fn inside_and_around(e: &Evidence, policy: &Policy) -> Option<u32> {
    let inner = e.framed?.inner;
    (inner >= policy.framed_marginal).then_some(inner + e.close)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::form::Form;
    use crate::judge::boxes;
    use crate::marks::{Framed, Print, measure};
    use crate::register::Rectified;

    /// What becomes of the second box of a page of which the first is marked, each with so much ink in and around it.
    fn second(first: (u32, u32), second: (u32, u32)) -> BoxOutcome {
        let t = Template::new(Form::open(Path::new("forms/mynahoken-2024")).unwrap());
        let (sheet, rows) = (t.blank.clone(), (0, t.blank.height()));
        let page = Rectified { sheet, rows, rough: false, blind: None };
        let mut marks = measure(&t, &Print::of(&t), &page);
        let policy = Policy::default();
        let (mut verdicts, _) = boxes::verdicts(&t, &marks, 0.0, &policy);
        assert!(verdicts.iter().all(|v| v.outcome == BoxOutcome::Unmarked));
        verdicts[0].outcome = BoxOutcome::Marked;
        for (e, (inner, close)) in marks.boxes.iter_mut().zip([first, second]) {
            e.framed = Some(Framed { inner, edges: inner, rows: 3, columns: 3, flank: None });
            e.close = close;
        }
        doubt(&t, &marks, &mut verdicts, &policy);
        assert!(verdicts[2..].iter().all(|v| v.outcome == BoxOutcome::Unmarked));
        assert_eq!(
            verdicts[1].reasons.len(),
            usize::from(verdicts[1].outcome != BoxOutcome::Unmarked)
        );
        verdicts[1].outcome
    }

    #[test]
    fn a_box_with_as_much_ink_as_the_faintest_mark_is_doubtful() {
        assert_eq!(second((7, 6), (4, 10)), BoxOutcome::Doubtful);
        assert_eq!(second((7, 6), (4, 8)), BoxOutcome::Unmarked, "less than the mark");
        assert_eq!(second((7, 6), (2, 20)), BoxOutcome::Unmarked, "next to nothing inside");
        assert_eq!(second((3, 1), (6, 4)), BoxOutcome::Unmarked, "next to nothing around it");
        // A line around a label leaves nothing to compare with.
        assert_eq!(second((0, 0), (4, 10)), BoxOutcome::Unmarked);
    }
}
