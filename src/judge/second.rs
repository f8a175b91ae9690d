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
mod tests {
    use std::path::Path;

    use super::*;
    use crate::form::Form;
    use crate::judge::boxes::Ink;
    use crate::marks::{Enclosure, Print, measure};
    use crate::register::Rectified;

    #[test]
    fn the_forest_in_the_program_knows_our_features() {
        assert!(FOREST.is_some());
    }

    /// A box on a page without any mark.
    fn empty() -> Evidence {
        let form = Form::open(Path::new("forms/mynahoken-2024")).unwrap();
        let t = Template::new(form);
        let (sheet, rows) = (t.blank.clone(), (0, t.blank.height()));
        let page = Rectified { sheet, rows, rough: false, blind: None };
        let mut marks = measure(&t, &Print::of(&t), &page);
        marks.boxes.swap_remove(0)
    }

    #[test]
    fn what_is_settled_must_be_seen_where_it_is_said_to_be() {
        let policy = Policy::default();
        let none = empty();
        let seen = |e: &Evidence, marked| is_seen(e, marked, &policy);
        // Nothing is there: unmarked may be settled, marked may not.
        assert!(seen(&none, false) && !seen(&none, true));
        assert!(seen(&Evidence { specks: policy.specks, ..none.clone() }, true));
        assert!(seen(&Evidence { inner: policy.marginal, ..none.clone() }, true));
        let around = Enclosure { closed: policy.circle_open, ..Enclosure::default() };
        assert!(seen(&Evidence { around_both: Some(around), ..none.clone() }, true));
        // Ink away from the box may be a mark under its label; half a tick is left where the lines are gone.
        let close = none.close;
        assert!(!seen(&Evidence { own: close + policy.away, ..none.clone() }, false));
        assert!(seen(&Evidence { own: close + policy.away - 1, ..none.clone() }, false));
        let gone = Evidence { missing: policy.worn, specks: policy.specks, ..none };
        assert!(!seen(&gone, false));
        assert!(seen(&Evidence { specks: policy.specks - 1, ..gone }, false));
    }

    fn doubtful(code: ReasonCode) -> Verdict {
        Verdict {
            outcome: BoxOutcome::Doubtful,
            mark: None,
            strength: 0.2,
            confidence: Score::ZERO,
            reasons: vec![Reason::new(code)],
            ink: Ink { near: 40, inner: 0.02, its_own: true, on_label: false },
            marked: None,
            disputed: false,
            overruled: None,
        }
    }

    #[test]
    fn a_better_guess_is_made_of_ink_and_never_of_a_struck_option() {
        let (mut faint, mut struck) =
            (doubtful(ReasonCode::MarginalMark), doubtful(ReasonCode::StruckOut));
        guess(&mut faint, 0.9);
        guess(&mut struck, 0.9);
        assert!((faint.strength, struck.strength) == (0.9, 0.2));
        assert_eq!((faint.outcome, faint.reasons.len()), (BoxOutcome::Doubtful, 1));
        assert!(!is_of_ink(ReasonCode::StruckOut) && !is_of_ink(ReasonCode::DamagedField));
    }

    #[test]
    fn a_clear_verdict_that_is_not_shared_is_disputed() {
        let policy = Policy::default();
        let mut clear =
            Verdict { outcome: BoxOutcome::Marked, ..doubtful(ReasonCode::MarginalMark) };
        clear.reasons.clear();
        agree(&mut clear, policy.second_doubts, policy.second_doubts);
        assert_eq!((clear.outcome, clear.disputed), (BoxOutcome::Marked, false));
        agree(&mut clear, policy.second_doubts - 0.01, policy.second_doubts);
        assert_eq!((clear.outcome, clear.disputed), (BoxOutcome::Doubtful, true));
    }

    #[test]
    fn a_mark_on_a_row_that_moved_must_be_believed_more() {
        let p = Policy::default();
        // Believed .99: enough of a plain mark, not of a block.
        let enough = |clear, missing| 0.99 >= least(clear, missing, &p);
        assert!(!enough(BoxOutcome::Marked, p.second_moved));
        assert!(enough(BoxOutcome::Marked, p.second_moved - 0.01));
        assert!(enough(BoxOutcome::Unmarked, 1.0));
    }

    #[test]
    fn a_clear_verdict_is_looked_at_where_trees_are_unsure_or_much_ink_was_taken_for_anothers() {
        let p = Policy::default();
        let none = empty();
        let taken = Evidence { explained: p.sight_explained, ..none.clone() };
        let less = Evidence { explained: p.sight_explained - 1, ..none.clone() };
        for sure in [p.sight_asked, 1.0 - p.sight_asked] {
            assert!(!is_looked_at(&none, sure, &p) && !is_looked_at(&less, sure, &p), "{sure}");
            assert!(is_looked_at(&taken, sure, &p), "{sure}");
        }
        assert!(is_looked_at(&none, p.sight_asked - 1e-4, &p));
    }

    #[test]
    fn what_the_trees_would_settle_stays_open_where_the_picture_disputes_it() {
        let p = Policy::default();
        let (hardly, surely) = (p.second_settles + 0.001, p.sight_asked);
        let crossed = Evidence { specks: p.specks, ..empty() };
        let settled = |trees, seen: f32| {
            let mut v = Verdict { marked: Some(trees), ..doubtful(ReasonCode::MarginalMark) };
            doubted(&mut v, true, &crossed, |_| seen, &p);
            (v.outcome, v.marked)
        };
        assert_eq!(settled(hardly, 9.0), (BoxOutcome::Marked, Some(hardly)));
        let (outcome, guessed) = settled(hardly, -1.0);
        assert_eq!(outcome, BoxOutcome::Doubtful);
        assert!(guessed.is_some_and(|g| (g - probability(-1.0)).abs() < 1e-6));
        // Not even where it only lessens what they are sure of.
        assert_eq!(settled(hardly, 2.0).0, BoxOutcome::Doubtful);
        // Surer trees settle it by themselves.
        assert_eq!(settled(surely, -9.0), (BoxOutcome::Marked, Some(surely)));
    }

    #[test]
    fn looking_again_settles_what_is_sure_unless_ink_is_out_of_the_picture() {
        let policy = Policy::default();
        let looked = |marked, moved, unseen| {
            let mut v = doubtful(ReasonCode::MarkOutsideBox);
            look_again(&mut v, marked, moved, unseen, &policy);
            assert_eq!(v.marked, Some(marked));
            v.outcome
        };
        let (sure, hardly) = (policy.sight_settles, policy.sight_settles - 0.001);
        assert_eq!(looked(sure, false, 0), BoxOutcome::Marked);
        assert_eq!(looked(1.0 - sure - 1e-4, false, 0), BoxOutcome::Unmarked);
        assert_eq!(looked(hardly, false, 0), BoxOutcome::Doubtful);
        assert_eq!(looked(sure, true, 0), BoxOutcome::Doubtful);
        // A tick after the label is no reason to doubt a cross in the box.
        assert_eq!(looked(1e-4, false, policy.unseen), BoxOutcome::Doubtful);
        assert_eq!(looked(sure, false, policy.unseen), BoxOutcome::Marked);
    }

    #[test]
    fn only_a_correction_settles_a_struck_option_however_sure_the_picture_is() {
        let policy = Policy::default();
        let mut v = Verdict { marked: Some(0.4), ..doubtful(ReasonCode::StruckOut) };
        let e = &empty();
        doubted(&mut v, true, e, |_| -20.0, &policy);
        assert_eq!((v.outcome, v.strength), (BoxOutcome::Doubtful, 0.2));
        assert!(v.marked.is_some_and(|p| p < 2e-5));
        let mut elsewhere = Verdict { marked: Some(0.4), ..doubtful(ReasonCode::MarginalMark) };
        doubted(&mut elsewhere, false, e, |_| -20.0, &policy);
        assert_eq!((elsewhere.outcome, elsewhere.marked), (BoxOutcome::Doubtful, Some(0.4)));
        doubted(&mut elsewhere, true, e, |_| -20.0, &policy);
        assert_eq!(elsewhere.outcome, BoxOutcome::Unmarked);
    }

    #[test]
    fn what_it_settles_or_disputes_says_what_the_rules_said() {
        let mut settled = Verdict { marked: Some(0.9999), ..doubtful(ReasonCode::MarkOutsideBox) };
        settle(&mut settled, 0.9999);
        let said = settled.overruled.unwrap();
        assert_eq!((said.by, said.rules), (Overruler::SecondOpinion, BoxOutcome::Doubtful));
        assert_eq!(said.why, [ReasonCode::MarkOutsideBox]);
        assert!(said.marked.is_some_and(|p| (p.get() - 0.999).abs() < 1e-6));
        let clear = |marked| Verdict {
            outcome: BoxOutcome::Unmarked,
            marked: Some(marked),
            reasons: Vec::new(),
            ..doubtful(ReasonCode::MarginalMark)
        };
        let (mut shared, mut disputed) = (clear(0.0), clear(0.4));
        agree(&mut shared, 1.0, 0.98);
        agree(&mut disputed, 0.6, 0.98);
        assert_eq!(shared.overruled, None);
        assert!(disputed.overruled.is_some_and(|o| o.rules == BoxOutcome::Unmarked));
    }

    #[test]
    fn a_page_without_clear_marks_or_full_of_doubts_is_not_usual() {
        let policy = Policy::default();
        let page = |marked: usize, unsure: usize, inner: f32| {
            let of = |outcome, n| {
                let v = Verdict { outcome, ..doubtful(ReasonCode::MarginalMark) };
                std::iter::repeat_n(Verdict { ink: Ink { inner, ..v.ink }, ..v }, n)
            };
            let marks = of(BoxOutcome::Marked, marked).chain(of(BoxOutcome::Doubtful, unsure));
            marks.chain(of(BoxOutcome::Unmarked, 40 - marked - unsure)).collect::<Vec<_>>()
        };
        let usual = |marked, unsure| is_usual(&page(marked, unsure, 0.0), &policy);
        assert!(usual(8, 4) && !usual(1, 4) && !usual(8, 16));
        // A pale pen's marks lie in their boxes.
        let pale = |unsure| is_usual(&page(0, unsure, policy.marginal), &policy);
        assert!(pale(4) && !pale(1) && !pale(16));
    }
}
