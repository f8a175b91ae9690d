//! In what style a mark was made, guessed: readings keep how much of a box is ink, and no shape. Good for
//! one picture on the dashboard, for nothing that counts.
//!
//! The borders lie where the styles part on 8,330 simulated pages (seed 4300, `mixed`, 77,000 marks whose
//! style is known). Of what is called `Stroke` 93 % were ticks, crosses, slashes or dots, of `Around` 86 %
//! rings or marks beside a box; of `Full` half were filled in, the rest heavy crosses and ticks; `Faint` is
//! a medley. Ink cannot tell a tick from a cross: they are one style here.

use crate::reading::{BoxOutcome, BoxReading, ReasonCode};

/// What a mark looked like, as far as its ink tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// A tick, a cross, a slash or a dot.
    Stroke,
    /// Filled in, or nearly.
    Full,
    /// Faint, or only touching the box.
    Faint,
    /// A ring around the box or its label, or a mark beside it.
    Around,
    /// It looks struck out.
    Struck,
    /// No box of the answer is marked.
    Nothing,
}

/// Less ink than this inside a box is none: 97 of 100 rings leave none at all.
const NONE: f32 = 0.01;
/// Under it lie 5 % of ticks and 11 % of slashes, and half of the faint marks.
const FAINT: f32 = 0.075;
/// The middle of filled boxes is 0.41; over it lie 3 % of ticks.
const FULL: f32 = 0.40;

impl Style {
    /// The style of the darkest mark among a question's boxes.
    pub fn guess(boxes: &[BoxReading], question: &str, reasons: &[ReasonCode]) -> Self {
        if reasons.contains(&ReasonCode::StruckOut) {
            return Self::Struck;
        }
        let marked = |b: &&BoxReading| b.question == question && b.outcome != BoxOutcome::Unmarked;
        let ink = boxes.iter().filter(marked).map(|b| b.ink.get());
        match ink.reduce(f32::max) {
            None => Self::Nothing,
            Some(ink) if ink < NONE => Self::Around,
            Some(ink) if ink < FAINT => Self::Faint,
            Some(ink) if ink < FULL => Self::Stroke,
            Some(_) => Self::Full,
        }
    }

    /// Its name among the screens' words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stroke => "style_stroke",
            Self::Full => "style_full",
            Self::Faint => "style_faint",
            Self::Around => "style_around",
            Self::Struck => "style_struck",
            Self::Nothing => "style_nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Px, Rect, Score};

    fn a_box(option: &str, ink: f32, outcome: BoxOutcome) -> BoxReading {
        let place = Rect { x: Px(0.0), y: Px(0.0), w: Px(24.0), h: Px(24.0) };
        BoxReading {
            question: "q1".into(),
            option: option.into(),
            place,
            ink: Score::new(ink),
            outcome,
            overruled: None,
        }
    }

    #[test]
    fn the_darkest_mark_of_the_question_says_it() {
        let style = |ink, outcome| Style::guess(&[a_box("a", ink, outcome)], "q1", &[]);
        assert_eq!(style(0.0, BoxOutcome::Marked), Style::Around);
        assert_eq!(style(0.04, BoxOutcome::Doubtful), Style::Faint);
        assert_eq!(style(0.2, BoxOutcome::Marked), Style::Stroke);
        assert_eq!(style(0.6, BoxOutcome::Marked), Style::Full);
        assert_eq!(style(0.6, BoxOutcome::Unmarked), Style::Nothing);
        let two = [a_box("a", 0.0, BoxOutcome::Doubtful), a_box("b", 0.2, BoxOutcome::Marked)];
        assert_eq!(Style::guess(&two, "q1", &[]), Style::Stroke);
        assert_eq!(Style::guess(&two, "q2", &[]), Style::Nothing);
        assert_eq!(Style::guess(&two, "q1", &[ReasonCode::StruckOut]), Style::Struck);
    }
}
