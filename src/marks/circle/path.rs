//! The smoothest closed line through the places around something, by dynamic programming.

use multiversion::multiversion;

use super::spot::{OFFSETS, Spot};

/// Offsets by which the line may move between two steps: it crosses the outline at 45 degrees or less.
const BEND: usize = 2;
/// What a bend by one offset costs, in open steps: smoothness decides only between equals.
const BEND_COST: f32 = 0.08;
/// A step that print hides, in open steps: it may be inked or not.
const HIDDEN_COST: f32 = 0.8;

/// What one place of the line shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Ink,
    Print,
    Paper,
}

impl Seen {
    /// By the lowest bit of both.
    pub fn at(ink: u64, hidden: u64) -> Self {
        match (ink & 1, hidden & 1) {
            (1, _) => Self::Ink,
            (_, 1) => Self::Print,
            _ => Self::Paper,
        }
    }

    /// In open steps.
    fn cost(self) -> f32 {
        match self {
            Self::Ink => 0.0,
            Self::Print => HIDDEN_COST,
            Self::Paper => 1.0,
        }
    }
}

/// The cheapest way around, as an offset for every step.
pub fn closed_path(spots: &[Spot], inked: &[u64]) -> Vec<usize> {
    let (cost, before) = laps(spots, inked);
    let end = &cost[BEND..BEND + OFFSETS];
    let mut s = (0..OFFSETS).min_by(|p, q| end[*p].total_cmp(&end[*q])).unwrap_or(0);
    let mut path = vec![0; spots.len()];
    for (at, cost) in path.iter_mut().zip(&before).rev() {
        *at = s;
        let via = |k: &usize| cost[s + k] + bent(*k);
        let from = (0..=2 * BEND).min_by(|p, q| via(p).total_cmp(&via(q))).unwrap_or(BEND);
        s = s + from - BEND;
    }
    path
}

/// What each offset costs, with `BEND` more on both sides.
type Costs = [f32; OFFSETS + 2 * BEND];

/// Two laps around: by the second the way has forgotten where it began. The costs at their end, and before each
/// step of the second.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn laps(spots: &[Spot], inked: &[u64]) -> (Costs, Vec<Costs>) {
    let mut cost = [0.0f32; OFFSETS + 2 * BEND];
    cost[..BEND].fill(f32::INFINITY);
    cost[BEND + OFFSETS..].fill(f32::INFINITY);
    for (spot, ink) in spots.iter().zip(inked) {
        step(&mut cost, spot.hidden, *ink);
    }
    let mut before = Vec::with_capacity(spots.len());
    for (spot, ink) in spots.iter().zip(inked) {
        before.push(cost);
        step(&mut cost, spot.hidden, *ink);
    }
    (cost, before)
}

/// A step on: for every offset the cheapest of those it may be reached from.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn step(cost: &mut Costs, hidden: u64, ink: u64) {
    let mut best = [f32::INFINITY; OFFSETS];
    for k in 0..=2 * BEND {
        for s in 0..OFFSETS {
            best[s] = best[s].min(cost[s + k] + bent(k));
        }
    }
    for s in 0..OFFSETS {
        cost[s + BEND] = best[s] + Seen::at(ink >> s, hidden >> s).cost();
    }
}

/// What it costs to come from `k - BEND` offsets farther out.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn bent(k: usize) -> f32 {
    BEND_COST * k.abs_diff(BEND) as f32
}
