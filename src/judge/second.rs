//! A second opinion: how likely is a box marked, by all its evidence at once?
//!
//! The rules of `boxes` look at one piece of evidence after the other and doubt what any of them cannot
//! tell. Most of what they doubt is plain when everything is weighed together, and a few boxes that they
//! find clear are not. The opinion is that of boosted trees (`forest`) and, where these are not sure, of the
//! trees and a network that sees the box's picture (`sight`), grown on pages of `simulate` and on those of
//! three other simulators (CONTRIBUTING.md says how). It settles a doubt only where it is very sure, raises one
//! where it does not share a clear verdict, and never settles what is not a question of ink: a struck option
//! (where a single choice was corrected, `correction` asks it), rows that are lost, a page that lies badly on
//! its form or a row that stands on its neighbour's print.

mod features;
mod sight;

use std::sync::LazyLock;

pub use features::{NAMES, features};
use sight::Sight;

use super::boxes::Verdict;
use super::forest::Forest;
use super::look::Mark;
use super::policy::Policy;
use crate::marks::picture::picture;
use crate::marks::{Evidence, Marks};
use crate::raster::Bitmap;
use crate::reading::{BoxOutcome, Overruler, Reason, ReasonCode};
use crate::register::Template;
use crate::units::Score;

/// `None` if it cannot be read or knows other features: then there is no second opinion (a test says so).
static FOREST: LazyLock<Option<Forest>> = LazyLock::new(|| {
    let forest = Forest::parse(include_str!("second/forest.json")).ok();
    forest.filter(|f| f.features.iter().eq(NAMES))
});

/// How often the network's log of the odds counts, the trees' counting once: as often where a doubt is settled, as it is
/// surer of strangers' pages than it is right (`sight_settles` says how often), and twice where a clear verdict is
/// weighed (of two that are wrong on seed 9854 it finds one, and asks about nothing else).
const TO_SETTLE: f32 = 1.0;
const TO_DISPUTE: f32 = 2.0;
/// The log of the odds of 99,999 to 1: of so many boxes trees and network have seen a few for each that is as rare.
const SUREST: f32 = 11.5;

/// Asks about every box with ink, settles doubts and raises others. `sheet` is the page in the form's frame.
pub fn weigh(
    t: &Template,
    marks: &Marks,
    sheet: &Bitmap,
    residual: f32,
    verdicts: &mut [Verdict],
    policy: &Policy,
) {
    let (Some(forest), Some(sight)) = (FOREST.as_ref(), Sight::own()) else { return };
    let seen = features(t, marks, residual, verdicts);
    let usual = is_usual(verdicts, policy) && residual <= policy.residual;
    for (i, (sample, v)) in seen.iter().zip(verdicts).enumerate() {
        let Some(sample) = sample else { continue };
        let trees = forest.odds(sample);
        let look = |share: f32| {
            (share * sight.odds(picture(t, sheet, marks, i), sample) + trees) / (share + 1.0)
        };
        let known = usual && marks.mistaken[i] <= policy.other_row;
        v.marked = Some(probability(trees));
        let e = &marks.boxes[i];
        match v.outcome {
            BoxOutcome::Doubtful => doubted(v, known, e, look, policy),
            clear => {
                let trees = probability(trees);
                let looks = known && is_looked_at(e, trees, policy);
                let marked = if looks { probability(look(TO_DISPUTE)) } else { trees };
                v.marked = Some(marked);
                let shared = if clear == BoxOutcome::Marked { marked } else { 1.0 - marked };
                agree(v, shared, least(clear, e.missing, policy));
            }
        }
        if v.disputed {
            let reason = Reason::new(ReasonCode::MarginalMark).about(&t.option(&t.boxes[i]).id);
            v.reasons.push(reason.measured(f64::from(v.ink.inner)));
        }
    }
}

/// The trees settle a doubt that the network does not dispute, or both together do, or it stays, with a better guess.
fn doubted(v: &mut Verdict, known: bool, e: &Evidence, look: impl Fn(f32) -> f32, policy: &Policy) {
    let trees = v.marked.unwrap_or_default();
    guess(v, trees);
    if !known {
        return;
    }
    let open = v.reasons.iter().all(|r| is_of_ink(r.code));
    // Where the box's own print is not in its place, a mark may have gone with it.
    let moved = e.missing > policy.crisp;
    let least = if moved { policy.second_settles_moved } else { policy.second_settles };
    if open && is_sure(trees, least) && is_seen(e, trees > 0.5, policy) {
        if is_sure(trees, policy.sight_asked) {
            return settle(v, trees);
        }
        let shared = probability(look(TO_DISPUTE));
        if (shared > 0.5) == (trees > 0.5) && is_sure(shared, policy.second_doubts) {
            settle(v, trees);
        } else {
            v.marked = Some(shared);
            guess(v, shared);
        }
    } else if open && is_placed(v) {
        look_again(v, probability(look(TO_SETTLE)), moved, e.unseen, policy);
    } else if is_struck(v) {
        // Nothing here settles it, but a correction may.
        v.marked = Some(probability(look(TO_SETTLE)));
    }
}

/// What trees and network say together settles more, unless there is ink that the picture does not show.
fn look_again(v: &mut Verdict, marked: f32, moved: bool, unseen: u32, policy: &Policy) {
    let least = if moved { policy.sight_settles_moved } else { policy.sight_settles };
    v.marked = Some(marked);
    guess(v, marked);
    if is_sure(marked, least) && (marked > 0.5 || unseen < policy.unseen) {
        settle(v, marked);
    }
}

/// Nobody is surer than of one in 100,000.
fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds.clamp(-SUREST, SUREST)).exp())
}

fn is_sure(marked: f32, least: f32) -> bool {
    marked.max(1.0 - marked) >= least
}

/// Is a picture asked about a clear verdict? However sure the trees are, a mark may have gone with ink that was
/// taken for another's (seed 9906: a tick from box to box).
fn is_looked_at(e: &Evidence, trees: f32, policy: &Policy) -> bool {
    e.explained >= policy.sight_explained || !is_sure(trees, policy.sight_asked)
}

/// How much a clear verdict must be believed: a garbled row makes solid blocks of its print.
fn least(clear: BoxOutcome, missing: f32, policy: &Policy) -> f32 {
    let block = clear == BoxOutcome::Marked && missing >= policy.second_moved;
    if block { policy.second_doubts_moved } else { policy.second_doubts }
}

fn is_struck(v: &Verdict) -> bool {
    v.reasons.iter().all(|r| r.code == ReasonCode::StruckOut)
}

/// Is it the box's own picture?
fn is_placed(v: &Verdict) -> bool {
    v.reasons.iter().all(|r| r.code != ReasonCode::PoorRegistration)
}

/// What a person is shown first. A struck option stays the last that would be guessed.
fn guess(v: &mut Verdict, marked: f32) {
    if v.reasons.iter().all(|r| r.code != ReasonCode::StruckOut) {
        v.strength = marked;
        v.confidence = Score::new(marked.max(1.0 - marked));
    }
}

/// All of the ink together says what one piece of it left in doubt.
fn settle(v: &mut Verdict, marked: f32) {
    v.overrule(Overruler::SecondOpinion);
    v.reasons.clear();
    if marked > 0.5 {
        v.outcome = BoxOutcome::Marked;
        v.mark = v.mark.or(Some(Mark::Inside));
    } else {
        v.outcome = BoxOutcome::Unmarked;
        v.mark = None;
    }
}

/// A clear verdict is as sure as it is believed, and disputed where it is not.
fn agree(v: &mut Verdict, believed: f32, least: f32) {
    v.confidence = Score::new(believed);
    if believed < least {
        v.overrule(Overruler::SecondOpinion);
        v.disputed = true;
        v.outcome = BoxOutcome::Doubtful;
    }
}

/// A page like those that the trees were grown on: a few marks, clear or at least inside their boxes (those of a pale
/// pen are all in doubt), and not most of it doubtful. Where print has not been taken away, or marks lie after their
/// labels, everything looks like something else.
fn is_usual(verdicts: &[Verdict], policy: &Policy) -> bool {
    let share = |such: &dyn Fn(&Verdict) -> bool| {
        let n = verdicts.iter().filter(|v| such(v)).count();
        n as f32 / verdicts.len().max(1) as f32
    };
    let doubtful = |v: &Verdict| v.outcome == BoxOutcome::Doubtful;
    let marked = |v: &Verdict| {
        v.outcome == BoxOutcome::Marked || doubtful(v) && v.ink.inner >= policy.marginal
    };
    share(&marked) >= policy.usual_marked && share(&doubtful) <= policy.usual_doubtful
}

/// A mark is seen in the box or around something, not beside it alone; and an unmarked option has no ink away
/// from its box that may be a mark behind or under its label, nor any in a box whose lines are gone: half a
/// tick went with the other half of the rows (2 positions of a page of seed 9791).
fn is_seen(e: &Evidence, marked: bool, policy: &Policy) -> bool {
    if !marked {
        let moved = e.missing >= policy.worn && e.specks >= policy.specks;
        return !moved && e.own.saturating_sub(e.close) < policy.away;
    }
    let around = [Some(&e.around_box), e.around_label.as_ref(), e.around_both.as_ref()];
    let mut around = around.into_iter().flatten().chain(e.merged.first());
    e.specks >= policy.specks
        || e.inner >= policy.marginal
        || around.any(|line| line.closed >= policy.circle_open)
}

/// Doubts that more or other ink would have settled, or a box whose own print is mostly gone (`PoorRegistration`
/// of a whole page or of a row that is off was asked about before: `known`).
fn is_of_ink(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::MarginalMark
            | ReasonCode::MarkOutsideBox
            | ReasonCode::PenMismatch
            | ReasonCode::PoorRegistration
    )
}

#[cfg(test)]
mod tests;
