//! What is decided by the machine, in figures. Every default says where it comes from; seeds named
//! are of `simulate`, and none of them is used for a reported figure.

use serde::{Deserialize, Serialize};

/// Thresholds of judging. `marginal <= definite` is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Share of a box's inside that may be a mark (unmarked boxes: p99 0.046 in the zone table).
    pub marginal: f32,
    /// Share that is one (ticks, crosses, slashes: p5 0.11 in the zone table).
    pub definite: f32,
    /// Coverage of a circle that may be one, and that is one (`marks::Enclosure`).
    pub circle_marginal: f32,
    pub circle_definite: f32,
    /// Ink of a stroke outside every box that may be meant for one, in px: a 5-mm line of a thin pen.
    pub stray_ink: u32,
    /// Share of box and label that a level stroke must cover to be a strike.
    pub strike: f32,
    /// Share of a box's rows that may be lost: half a tick is still a tick.
    pub lost_rows: f32,
    /// Share of the print around a box that may be missing; above it, its place is not known.
    pub unknown_place: f32,
    /// Median distance of the anchors from the map, in px, above which the page is not registered
    /// well enough: an eighth of a 24-px box.
    pub residual: f32,
    /// Ink in a written field that is writing, in px: a single digit 1 of a thin pen has 40.
    pub digit_ink: u32,
    pub writing_ink: u32,
    /// A mark with less ink than this share of the page's other marks is another pen.
    pub pen_share: f32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            marginal: 0.05,
            definite: 0.12,
            circle_marginal: 0.5,
            circle_definite: 0.75,
            stray_ink: 40,
            strike: 0.5,
            lost_rows: 0.5,
            unknown_place: 0.6,
            residual: 3.0,
            digit_ink: 24,
            writing_ink: 40,
            pen_share: 0.25,
        }
    }
}

/// A policy that contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    #[error("marginal ({marginal}) must not exceed definite ({definite})")]
    Order { marginal: f32, definite: f32 },
    #[error("{value} is no share between 0 and 1")]
    Share { value: f32 },
}

impl Policy {
    /// # Errors
    /// Thresholds in the wrong order, or no shares.
    pub fn checked(self) -> Result<Self, PolicyError> {
        let shares = [
            self.marginal,
            self.definite,
            self.circle_marginal,
            self.circle_definite,
            self.strike,
            self.lost_rows,
            self.unknown_place,
            self.pen_share,
        ];
        if let Some(value) = shares.into_iter().find(|v| !(0.0..=1.0).contains(v)) {
            return Err(PolicyError::Share { value });
        }
        for (marginal, definite) in
            [(self.marginal, self.definite), (self.circle_marginal, self.circle_definite)]
        {
            if marginal > definite {
                return Err(PolicyError::Order { marginal, definite });
            }
        }
        Ok(self)
    }
}
