//! A first look at one box, by its own evidence alone: ink inside, a circle around.

use super::policy::Policy;
use crate::marks::{Area, Enclosure, Evidence, Owner};

/// A line inside a box is this long, in px: a third of the inside.
const LINE: isize = 7;

/// Looking once, and again when what the first round's marks explain is out of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    First,
    Later,
}

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
    /// How far the best circle around it, its label or both is closed.
    pub circle: f32,
    /// The largest share of two sides at which there is a line.
    pub sides: f32,
    pub mark: Option<Mark>,
}

impl Look {
    pub fn of(e: &Evidence, round: Round, policy: &Policy) -> Self {
        let inner = if passes_by(e, policy) { 0.0 } else { e.inner * (1.0 - e.foreign) };
        let best = best(e, round, policy);
        let circle = best.map_or(0.0, |r| r.closed);
        // A line around all three is seen best where least of it is hidden.
        let circles = hollow(e, policy).filter(|r| is_circle(r, round, policy));
        let seen = circles.chain(best).map(|r| r.seen).fold(0.0, f32::max);
        // Little ink inside and half a line around are a tick's more often than a circle's.
        let closed = best.is_some_and(|r| {
            is_circle(r, round, policy) && (inner < policy.marginal || is_clear(r, policy))
        });
        let certain = seen >= policy.circle_certain;
        let circled = closed
            && if e.missing >= policy.worn {
                certain && inner < policy.marginal
            } else {
                certain || inner < policy.definite
            };
        let mark = if circled {
            Some(Mark::Circled)
        } else if inner >= definite(e, policy) && (e.arm.is_none() || inner >= policy.own_arm) {
            Some(Mark::Inside)
        } else {
            None
        };
        let sides = hollow(e, policy).map(Enclosure::second_side).fold(0.0, f32::max);
        Self { inner, circle, sides, mark }
    }
}

/// A box that is clearly marked, with what its mark explains; `beside` is where ink beside it lies.
pub fn owner(e: &Evidence, look: &Look, beside: Option<Area>, policy: &Policy) -> Option<Owner> {
    let mark = look.mark?;
    // A circle may go through the box, too: then its line is known as well as its strokes.
    let best = best(e, Round::Later, policy).filter(|r| {
        is_clear(r, policy) || (mark == Mark::Circled && is_circle(r, Round::Later, policy))
    });
    // What is marked for certain needs less of a line around box and label for that line to be its own,
    // unless there is one around its box.
    let short = e.around_box.core < policy.circle_core && is_clear(&e.around_box, policy);
    let long = e.around_both.as_ref().filter(|r| !short && has_ends(r, policy));
    let ring = best.into_iter().chain(long).flat_map(|r| r.line.iter().copied());
    Some(Owner {
        index: e.index,
        through: mark == Mark::Inside,
        ring: ring.collect(),
        beside: beside.filter(|_| mark == Mark::Beside),
    })
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

/// The end of another box's stroke crosses this one beside its middle.
pub fn passes_by(e: &Evidence, policy: &Policy) -> bool {
    e.arm.is_some_and(|a| {
        let off = a.off >= policy.arm_off && a.length <= policy.arm_length;
        // Ticks in a column have arms in one line: from the box below it could be this one's own.
        off && a.aside && a.from > e.specks + e.passing
    })
}

fn line(e: &Evidence) -> bool {
    e.stroke.as_ref().is_some_and(|s| s.bounds.width().max(s.bounds.height()) >= LINE)
}

/// A neighbour's line may close two sides and a half; once it is explained, two are many.
fn is_circle(r: &Enclosure, round: Round, policy: &Policy) -> bool {
    let likely = round == Round::Later
        && r.seen >= policy.circle_marginal
        && (r.third_side() >= policy.circle_side
            || (r.closed >= policy.circle_definite
                && r.second_side() >= policy.circle_certain
                && r.third_side() >= policy.circle_marginal)
            || (r.closed >= policy.circle_whole && r.second_side() >= policy.circle_whole));
    let alone = r.bare <= policy.circle_bare && r.third_side() >= policy.circle_certain;
    let clear = is_clear(r, policy) && (round == Round::Later || alone);
    let long = round == Round::Later && r.closed >= policy.circle_seen && has_ends(r, policy);
    clear || (likely && !r.void) || (long && !r.void)
}

/// A line around both ends of something long, whatever print hides between them.
fn has_ends(r: &Enclosure, policy: &Policy) -> bool {
    let [right, down, left, up] = r.sides;
    r.core < policy.circle_core
        && r.closed >= policy.circle_marginal
        && right.min(left) >= policy.circle_certain
        && down.max(up) >= policy.circle_long
        && down.min(up) >= policy.circle_half
}

/// A circle in what was taken for other boxes' marks: how far it is closed.
pub fn hidden_circle(e: &Evidence, policy: &Policy) -> Option<f32> {
    let half = e.merged.first().filter(|m| {
        m.core < policy.circle_core
            && m.closed >= policy.circle_seen
            && m.second_side() >= policy.circle_certain
    });
    half.or_else(|| e.merged.iter().find(|m| is_clear(m, policy))).map(|m| m.closed)
}

/// The line around an option, if it is open all along one of its long sides: lines around its neighbours
/// may make it up.
pub fn half_open(e: &Evidence, policy: &Policy) -> Option<f32> {
    let best = best(e, Round::Later, policy)?;
    let [_, down, _, up] = best.sides;
    let around_box = is_circle(&e.around_box, Round::Later, policy);
    (!around_box && down.min(up) < policy.circle_half).then_some(best.closed)
}

pub fn is_clear(r: &Enclosure, policy: &Policy) -> bool {
    r.closed >= policy.circle_definite
        && r.gap <= policy.circle_gap
        && r.seen >= policy.circle_seen
        && r.third_side() >= policy.circle_side
        // Where nearly all of it can be seen, print hides nothing that a void would have to show.
        && (!r.void || r.seen >= policy.circle_certain)
}

/// The best of the lines around box, label and both.
fn best<'a>(e: &'a Evidence, round: Round, policy: &Policy) -> Option<&'a Enclosure> {
    let key =
        |r: &&Enclosure| (is_circle(r, round, policy), is_clear(r, policy), r.closed + r.seen);
    hollow(e, policy)
        .max_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal))
}

/// The lines around things in whose middle there is little.
fn hollow<'a>(e: &'a Evidence, policy: &Policy) -> impl Iterator<Item = &'a Enclosure> {
    let all = [Some(&e.around_box), e.around_label.as_ref(), e.around_both.as_ref()];
    let core = policy.circle_core;
    all.into_iter().flatten().filter(move |r| r.core < core)
}
