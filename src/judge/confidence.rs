//! How sure a verdict is, as a probability. Of a box with ink the second opinion says it; of others it is the
//! distance of the evidence from the thresholds.

use super::look::{Look, Mark};
use super::policy::Policy;
use crate::reading::BoxOutcome;
use crate::units::Score;

/// Chance that a verdict far from every threshold is wrong.
const FLOOR: f32 = 1e-5;
/// Chance that a verdict right at a threshold is wrong.
const EDGE: f32 = 0.01;
/// Confidence of the best guess of a doubtful box.
const GUESS: f32 = 0.8;

/// The risk of a settled answer is so many times the square of what its boxes' risks make together: doubts of
/// several boxes go together, and what is settled was looked at twice. Of 154,908 settled answers of seeds
/// 9771 to 9774 and 9791 to 9794, on which it was chosen, this expects 11.6 to be wrong, and 9 were; their product
/// alone expects 297. Of 77,251 of seeds 9851 to 9854 it expected 3.7, and 3 were.
const SQUARED: f32 = 5.0;

/// Probability that a settled answer is right, from that of its boxes being right all at once.
pub fn of_answer(together: f32) -> Score {
    let risk = (1.0 - together).max(0.0);
    Score::new((1.0 - SQUARED * risk * risk).max(0.0))
}

/// Probability that the verdict on one box is right.
pub fn of_box(look: &Look, outcome: BoxOutcome, policy: &Policy) -> Score {
    let risk = |distance: f32, scale: f32| EDGE * (-distance.max(0.0) / scale).exp();
    let risk = match (outcome, look.mark) {
        (BoxOutcome::Doubtful, _) => return Score::new(GUESS),
        (_, Some(Mark::Inside)) => risk(look.inner - policy.definite, 0.02),
        (_, Some(Mark::Circled)) => risk(look.circle - policy.circle_definite, 0.06),
        (_, Some(Mark::Beside)) => EDGE,
        (_, None) => risk(policy.marginal - look.inner, 0.003)
            .max(risk(policy.circle_marginal - look.circle, 0.05)),
    };
    Score::new(1.0 - risk.max(FLOOR))
}

/// Probability that a box is what the other options of its question leave for it.
pub fn settled() -> Score {
    Score::new(1.0 - EDGE)
}

/// Probability that a written field without enough ink is blank.
pub fn blank_field(ink: u32, least: u32) -> Score {
    let share = ink as f32 / least.max(1) as f32;
    Score::new(1.0 - (EDGE * share * share).max(FLOOR))
}
