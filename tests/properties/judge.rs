//! Marks drawn on the form's own print, judged: contradictions go to people, and ink never unmarks.

use faxtally::decode::{Damage, FaxPage};
use faxtally::judge::{Policy, PolicyError, judge};
use faxtally::marks::{Marks, Print, measure};
use faxtally::raster::Bitmap;
use faxtally::reading::{AnswerReading, BoxOutcome, FieldState, PageReading, ReasonCode};
use faxtally::register::{Effort, PageCells, Template, place};
use faxtally::units::{Px, Rect, Resolution};
use proptest::prelude::*;

use crate::READER;

/// The blank with crosses in these boxes, read as a page that the line left as it was.
fn read(crossed: &[(&str, &str)]) -> PageReading {
    let t = READER.template(0);
    let mut page = t.blank.clone();
    for (question, option) in crossed {
        let b = place_of(t, question, option);
        line(&mut page, at(b, 0.2, 0.2), at(b, 0.8, 0.8));
        line(&mut page, at(b, 0.8, 0.2), at(b, 0.2, 0.8));
    }
    read_page(page)
}

fn read_page(bitmap: Bitmap) -> PageReading {
    let resolution = Some(Resolution::FINE);
    READER.read_page(&FaxPage { bitmap, resolution, damage: Damage::default() })
}

fn place_of(t: &Template, question: &str, option: &str) -> Rect<Px> {
    let named = |b: &&_| t.question(b).id == question && t.option(b).id == option;
    t.boxes.iter().find(named).expect("the form has this box").px
}

/// A spot of a box, given in shares of its sides.
fn at(b: Rect<Px>, x: f32, y: f32) -> (f32, f32) {
    (b.x.0 + x * b.w.0, b.y.0 + y * b.h.0)
}

/// A pen of 4 px: half a millimetre, a ballpoint as a fax shows it.
fn line(page: &mut Bitmap, a: (f32, f32), b: (f32, f32)) {
    for i in 0..=100 {
        let k = i as f32 / 100.0;
        let (x, y) = (a.0 + k * (b.0 - a.0), a.1 + k * (b.1 - a.1));
        for (dx, dy) in (-2..2).flat_map(|dx| (-2..2).map(move |dy| (dx, dy))) {
            page.set((x as isize + dx) as usize, (y as isize + dy) as usize, true);
        }
    }
}

fn answer<'a>(reading: &'a PageReading, question: &str) -> &'a AnswerReading {
    &reading.answers[question]
}

fn codes(a: &AnswerReading) -> Vec<ReasonCode> {
    a.reasons.iter().map(|r| r.code).collect()
}

/// One cross for each of the page's single choices: nothing else of it is in doubt.
const ORDINARY: [(&str, &str); 5] =
    [("q2", "hospital"), ("q3", "lt10"), ("q4", "reduced"), ("q8", "feel"), ("q9", "restore")];

fn with(more: &[(&'static str, &'static str)]) -> PageReading {
    read(&[&ORDINARY, more].concat())
}

#[test]
fn crosses_are_answers_and_their_absence_is_a_blank() {
    let reading = with(&[("q6", "invalid"), ("q6", "expired")]);
    for (question, option) in ORDINARY {
        let a = answer(&reading, question);
        assert_eq!((a.state, &a.value[..]), (FieldState::Answered, &[option.to_owned()][..]));
    }
    assert_eq!(answer(&reading, "q6").value, ["invalid", "expired"]);
    assert_eq!(answer(&reading, "q7").state, FieldState::Blank);
}

#[test]
fn two_of_a_single_choice_are_an_overvote() {
    let reading = with(&[("q4", "burdened")]);
    let a = answer(&reading, "q4");
    assert_eq!((a.state, codes(a)), (FieldState::Pending, vec![ReasonCode::Overvote]));
    assert_eq!(a.reasons[0].measured, Some(2.0));
}

#[test]
fn an_exclusive_option_with_others_is_a_conflict_and_alone_is_none() {
    let a = with(&[("q6", "none")]);
    assert_eq!((answer(&a, "q6").state, codes(answer(&a, "q6"))), (FieldState::Answered, vec![]));
    let both = with(&[("q6", "none"), ("q6", "invalid")]);
    let a = answer(&both, "q6");
    assert_eq!((a.state, codes(a)), (FieldState::Pending, vec![ReasonCode::ExclusiveConflict]));
    assert_eq!(a.reasons[0].about.as_deref(), Some("none"));
}

#[test]
fn a_child_without_its_parent_goes_to_people_and_with_it_does_not() {
    let alone = with(&[("q6", "burden_shaho")]);
    let a = answer(&alone, "q6");
    assert_eq!((a.state, codes(a)), (FieldState::Pending, vec![ReasonCode::ChildWithoutParent]));
    let both = with(&[("q6", "burden_ratio"), ("q6", "burden_shaho")]);
    assert_eq!(answer(&both, "q6").state, FieldState::Answered);
    assert_eq!(answer(&both, "q6").value, ["burden_ratio", "burden_shaho"]);
}

#[test]
fn a_policy_whose_thresholds_cross_is_refused() {
    assert!(Policy::default().checked().is_ok());
    let p = Policy::default();
    let crossed = Policy { marginal: p.definite, definite: p.marginal, ..p };
    let expected = PolicyError::Order { marginal: p.definite, definite: p.marginal };
    assert_eq!(crossed.checked(), Err(expected));
    for share in [-0.1, 1.1, f32::NAN] {
        assert!(matches!(Policy { struck: share, ..p }.checked(), Err(PolicyError::Share { .. })));
    }
}

fn measured(page: &Bitmap) -> Marks {
    let t = READER.template(0);
    let found = place(t, page, &PageCells::of(page), Effort::Ordinary).expect("the form");
    measure(t, &Print::of(t), &found.rectify(t, page))
}

fn spot() -> impl Strategy<Value = (f32, f32)> {
    (0.2f32..0.8, 0.2f32..0.8)
}

proptest! {
    // A case reads two pages: 24 are two seconds.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Drawn: the same box with more and more strokes in it.
    #[test]
    fn more_strokes_in_a_box_never_unmark_it(
        index in 0usize..41,
        strokes in proptest::collection::vec((spot(), spot()), 2..6),
    ) {
        let t = READER.template(0);
        let b = t.boxes[index % t.boxes.len()].px;
        let mut page = t.blank.clone();
        let mut marked = false;
        for ((x0, y0), (x1, y1)) in strokes {
            line(&mut page, at(b, x0, y0), at(b, x1, y1));
            let reading = read_page(page.clone());
            let outcome = reading.boxes[index % t.boxes.len()].outcome;
            prop_assert!(!marked || outcome != BoxOutcome::Unmarked, "more ink unmarked it");
            marked |= outcome == BoxOutcome::Marked;
        }
    }

    /// Measured: the same evidence but for the ink inside.
    #[test]
    fn more_ink_inside_never_unmarks_a_box(index in 0usize..41, from in 0f32..1.0, more in 0f32..1.0) {
        let t = READER.template(0);
        let mut marks = measured(&t.blank);
        let index = index % marks.boxes.len();
        let mut outcome = |inner: f32| {
            marks.boxes[index].inner = inner;
            judge(t, &marks, &t.blank, 0.5, &Policy::default()).verdicts[index].outcome
        };
        let rank = |o: BoxOutcome| match o {
            BoxOutcome::Unmarked => 0,
            BoxOutcome::Doubtful => 1,
            BoxOutcome::Marked => 2,
        };
        let (less, more) = (outcome(from), outcome((from + more).min(1.0)));
        prop_assert!(rank(more) >= rank(less), "{from}: {less:?}, with more: {more:?}");
    }
}
