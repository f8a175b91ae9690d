//! A first look at one box, by its own evidence alone: ink inside, a circle around.

use super::policy::Policy;
use crate::marks::{Enclosure, Evidence};

/// A line inside a box is this long, in px: a third of the inside.
const LINE: isize = 7;

/// How a box was marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Inside,
    Circled,
    Beside,
}

/// What one box looks like by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Inner ink that is this box's own.
    pub inner: f32,
    /// How far three sides of a circle around it are closed.
    pub circle: f32,
    /// The same by what can be seen for certain.
    pub seen: f32,
    /// A closed line goes round it, whatever is inside: its ink reaches other options.
    pub ringed: bool,
    /// A circle around the box alone of which print hides the sides.
    pub half_ring: bool,
    /// The ink inside is a line and no speck.
    pub line: bool,
    pub mark: Option<Mark>,
}

impl Look {
    pub fn of(e: &Evidence, policy: &Policy) -> Self {
        let inner = e.inner * (1.0 - e.foreign);
        let ring = Ring::best(e, policy);
        let certain = ring.seen >= policy.circle_certain;
        let round = ring.closed
            && if inner < policy.definite { e.missing < policy.worn || certain } else { certain };
        let mark = if round {
            Some(Mark::Circled)
        } else if inner >= definite(e, policy) {
            Some(Mark::Inside)
        } else {
            None
        };
        let ringed = round || (ring.closed && ring.seen >= policy.circle_definite);
        let half_ring = mark.is_none() && inner < policy.marginal && half_ring(e, policy);
        let line = line(e);
        Self { inner, circle: ring.third, seen: ring.seen, ringed, half_ring, line, mark }
    }
}

/// Ink that makes a mark: less where the print around shows that nothing was lost or moved and the
/// ink is a line and no speck; more where much is missing.
fn definite(e: &Evidence, policy: &Policy) -> f32 {
    if e.missing > policy.worn {
        return policy.definite_worn;
    }
    let whole = e.missing < policy.crisp && e.bars < 2 && e.lost == 0.0;
    if whole && line(e) { policy.definite_crisp } else { policy.definite }
}

fn line(e: &Evidence) -> bool {
    e.stroke.as_ref().is_some_and(|s| s.bounds.width().max(s.bounds.height()) >= LINE)
}

/// Print stands close on both sides of the box: a circle shows above, below and a little beside.
fn half_ring(e: &Evidence, policy: &Policy) -> bool {
    let [up, right, low, left] = e.around_box.seen;
    let hollow = e.around_box.core < policy.circle_core;
    hollow
        && e.missing < policy.crisp
        && up.min(low) >= policy.half_ring
        && left.max(right) >= policy.circle_marginal
}

/// How well something is circled.
#[derive(Clone, Copy, Debug, Default)]
struct Ring {
    third: f32,
    seen: f32,
    mean: f32,
    closed: bool,
}

impl Ring {
    fn of(a: Enclosure, least: f32, policy: &Policy) -> Option<Self> {
        let (third, mean) = (a.third_side(), a.mean());
        let closed = third >= policy.circle_definite && mean >= least;
        let hollow = a.core < policy.circle_core;
        hollow.then_some(Self { third, seen: a.third_seen(), mean, closed })
    }

    /// The best of box, label and both.
    fn best(e: &Evidence, policy: &Policy) -> Self {
        let label = policy.circle_label_mean;
        let mut own = Self::of(e.around_box, policy.circle_mean, policy);
        if let Some(r) = own.as_mut().filter(|r| e.encircled && r.third >= policy.circle_partly) {
            r.closed = true;
        }
        let around = [
            own,
            e.around_label.and_then(|a| Self::of(a, label, policy)),
            e.around_both.and_then(|a| Self::of(a, label, policy)),
        ];
        let key = |r: &Self| r.third + r.mean;
        around
            .into_iter()
            .flatten()
            .max_by(|a, b| a.closed.cmp(&b.closed).then(key(a).total_cmp(&key(b))))
            .unwrap_or_default()
    }
}
