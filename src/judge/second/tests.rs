//! The second opinion on boxes made by hand.

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
    let mut clear = Verdict { outcome: BoxOutcome::Marked, ..doubtful(ReasonCode::MarginalMark) };
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
