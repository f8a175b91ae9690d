//! How sure a verdict is: the distance of the evidence from the thresholds, as a probability.

use super::policy::Policy;
use crate::reading::BoxOutcome;
use crate::units::Score;

/// Chance that a verdict far from every threshold is wrong (to be measured; see CONTRIBUTING).
const FLOOR: f32 = 1e-5;
/// Confidence of the best guess of a doubtful box.
const GUESS: f32 = 0.8;

/// Probability that the verdict on one box is right.
pub fn of_box(inner: f32, circle: f32, outcome: BoxOutcome, policy: &Policy) -> Score {
    let odds = |distance: f32, scale: f32| 0.02 * (-distance / scale).exp();
    let risk = match outcome {
        BoxOutcome::Doubtful => return Score::new(GUESS),
        BoxOutcome::Marked => {
            let by_ink = odds(inner - policy.definite, 0.03);
            let by_ring = odds(circle - policy.circle_definite, 0.05);
            by_ink.min(by_ring)
        }
        BoxOutcome::Unmarked => {
            let by_ink = odds(policy.marginal - inner, 0.01);
            let by_ring = odds(policy.circle_marginal - circle, 0.06);
            by_ink.max(by_ring)
        }
    };
    Score::new(1.0 - risk.max(FLOOR))
}

/// Probability that a written field without enough ink is blank.
pub fn blank_field(ink: u32, least: u32) -> Score {
    let share = ink as f32 / least.max(1) as f32;
    Score::new(1.0 - (0.01 * share * share).max(FLOOR))
}
