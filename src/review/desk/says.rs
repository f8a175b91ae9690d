//! Who said what people then decided about: the rules of a single box, or what came after them.

use crate::reading::{BoxOutcome, BoxReading, Overruled, Overruler};

/// Whose word a question's reading was; of several boxes that of whoever left a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// The rules of a box left it in doubt.
    RulesDoubt,
    /// The second opinion did not share what the rules found clear.
    Disputed,
    /// The second opinion settled what the rules left in doubt.
    Settled,
    /// A single choice as a whole said it: a correction, or all of the ink at one option.
    Whole,
    /// The rules were sure, and nobody disagreed.
    Rules,
}

impl Says {
    pub fn of(boxes: &[BoxReading], question: &str) -> Self {
        let own = boxes.iter().filter(|b| b.question == question);
        own.map(Self::of_box).min().unwrap_or(Self::Rules)
    }

    fn of_box(b: &BoxReading) -> Self {
        match (b.outcome, &b.overruled) {
            (BoxOutcome::Doubtful, None) => Self::RulesDoubt,
            (BoxOutcome::Doubtful, Some(_)) => Self::Disputed,
            (_, Some(Overruled { by: Overruler::SecondOpinion, .. })) => Self::Settled,
            (_, Some(_)) => Self::Whole,
            (_, None) => Self::Rules,
        }
    }

    /// Its name among the screens' words.
    pub fn word(self) -> &'static str {
        match self {
            Self::RulesDoubt => "says_doubt",
            Self::Disputed => "says_disputed",
            Self::Settled => "says_settled",
            Self::Whole => "says_whole",
            Self::Rules => "says_rules",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Px, Rect, Score};

    fn a_box(question: &str, outcome: BoxOutcome, by: Option<Overruler>) -> BoxReading {
        let rules = BoxOutcome::Doubtful;
        BoxReading {
            question: question.into(),
            option: "a".into(),
            place: Rect { x: Px(0.0), y: Px(0.0), w: Px(24.0), h: Px(24.0) },
            ink: Score::ZERO,
            outcome,
            overruled: by.map(|by| Overruled { by, rules, why: Vec::new(), marked: None }),
        }
    }

    #[test]
    fn a_doubt_outweighs_what_was_settled_and_other_questions_say_nothing() {
        use BoxOutcome::{Doubtful, Marked, Unmarked};
        let second = Some(Overruler::SecondOpinion);
        let settled = || a_box("q1", Marked, second);
        let of = |boxes: &[BoxReading]| Says::of(boxes, "q1");
        assert_eq!(of(&[settled(), a_box("q1", Unmarked, None)]), Says::Settled);
        assert_eq!(of(&[settled(), a_box("q1", Doubtful, second)]), Says::Disputed);
        assert_eq!(of(&[settled(), a_box("q1", Doubtful, None)]), Says::RulesDoubt);
        assert_eq!(of(&[a_box("q1", Unmarked, Some(Overruler::SoleInk))]), Says::Whole);
        assert_eq!(of(&[a_box("q2", Doubtful, None), a_box("q1", Marked, None)]), Says::Rules);
    }
}
