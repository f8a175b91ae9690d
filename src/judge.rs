//! Evidence + policy -> outcome and confidence. Nothing here looks at pixels but the second opinion's network,
//! at pictures that `marks` makes.

mod answer;
mod beside;
mod boxes;
mod confidence;
mod correction;
mod faintest;
mod forest;
mod look;
mod page;
mod policy;
pub mod second;
mod sole;
pub mod written;

use std::collections::BTreeMap;

pub use boxes::{Ink, Verdict, owners};
pub use look::{Mark, Round};
pub use page::PagePen;
pub use policy::{Policy, PolicyError};

use crate::form::{Question, QuestionType};
use crate::marks::{Evidence, FieldEvidence, Marks};
use crate::raster::Bitmap;
use crate::reading::{AnswerReading, FieldState, Reason, ReasonCode, TextReading};
use crate::register::Template;
use crate::units::Score;

/// Chance that a blank of a faint page is one: most blanks are still blanks.
const FAINT_BLANK: f32 = 0.7;
/// Ink that may be all that is left of a number whose option is chosen: three dots of a pencilled 1 in one
/// of 911 such numbers, which made the sum wrong by one.
const SPECK: u32 = 1;
/// Median share of missing print around the boxes above which thin lines do not arrive, and a pen's may
/// be gone altogether (.08 and .09 on two pages of seeds 5200 to 5225 whose numbers were; 4 of 190
/// pages of every kind of line have as much). On seed 5312 13 of 293 empty numbers go to people for it.
const WORN_PAGE: f32 = 0.075;

/// Everything judged on one page.
#[derive(Clone, Debug)]
pub struct Judged {
    /// One for each of `Template::boxes`.
    pub verdicts: Vec<Verdict>,
    pub answers: BTreeMap<String, AnswerReading>,
    pub text: BTreeMap<String, TextReading>,
}

/// Judges every question of a page. `sheet` is the page in the form's frame: what is not clear is looked at once
/// more.
pub fn judge(
    t: &Template,
    marks: &Marks,
    sheet: &Bitmap,
    residual: f32,
    policy: &Policy,
) -> Judged {
    let (mut verdicts, pen) = boxes::verdicts(t, marks, residual, policy);
    second::weigh(t, marks, sheet, residual, &mut verdicts, policy);
    faintest::doubt(t, marks, &mut verdicts, policy);
    let mut answers = BTreeMap::new();
    for (i, q) in t.form.questions().iter().enumerate().filter(|(_, q)| q.kind.is_choice()) {
        let mut own: Vec<&mut Verdict> = t
            .boxes
            .iter()
            .zip(&mut verdicts)
            .filter(|(b, _)| b.question == i)
            .map(|(_, v)| v)
            .collect();
        if q.kind == QuestionType::SelectOne {
            correction::settle(&mut own, policy);
            sole::settle(&mut own, policy);
        }
        let own: Vec<&Verdict> = own.into_iter().map(|v| &*v).collect();
        answers.insert(q.id.clone(), answer::answer(q, &own));
    }
    doubt_traces(t, marks, &mut answers, policy);
    doubt_blanks(t, &mut answers, pen, is_faint(pen, marks.rough, policy));
    let written = t.form.questions().iter().filter(|q| !q.kind.is_choice());
    let pale = pen.near < policy.faint_pen;
    let worn = worn(marks);
    let read = |q: &Question, e: &FieldEvidence| {
        let read = field(q.kind, e, policy);
        // A number or a place is counted: one blank that is none is a wrong figure.
        let counted = q.kind == QuestionType::Integer || q.is_listed();
        // And where the option that it counts is chosen, hardly anything is too little to ask.
        let least = if owed(q, &answers) { SPECK } else { policy.specks };
        let read = if pale || counted { doubt_written(read, e, least) } else { read };
        if counted { doubt_worn(read, worn) } else { read }
    };
    let read = |q: &Question, e: &FieldEvidence| doubt_circled(read(q, e), &circled(q, e, policy));
    let text = written.zip(&marks.fields).map(|(q, e)| (q.id.clone(), read(q, e))).collect();
    Judged { verdicts, answers, text }
}

/// What the rules alone say of every box, and the numbers that the second opinion is asked by
/// (`second::NAMES`): what it is grown on.
pub fn samples(
    t: &Template,
    marks: &Marks,
    residual: f32,
    policy: &Policy,
) -> (Vec<Verdict>, Vec<Option<Vec<f32>>>) {
    let (verdicts, _) = boxes::verdicts(t, marks, residual, policy);
    let samples = second::features(t, marks, residual, &verdicts);
    (verdicts, samples)
}

/// A single choice that seems blank, with traces of ink near an option or beside it.
fn doubt_traces(
    t: &Template,
    marks: &Marks,
    answers: &mut BTreeMap<String, AnswerReading>,
    policy: &Policy,
) {
    for (i, q) in t.form.questions().iter().enumerate() {
        let blank = |a: &&mut AnswerReading| a.state == FieldState::Blank;
        let single = q.kind == QuestionType::SelectOne;
        let Some(a) = answers.get_mut(&q.id).filter(blank).filter(|_| single) else { continue };
        let own = t.boxes.iter().zip(&marks.boxes).filter(|(b, _)| b.question == i);
        // A mark beside a box, too, leaves but traces (one of 340,000 positions of seed 9935 was missed so).
        let beside = |e: &Evidence| e.strays.iter().map(|s| s.ink).max().unwrap_or(0);
        let most = own.map(|(_, e)| e.near.max(beside(e))).max().unwrap_or(0);
        if most >= policy.blank_near {
            a.state = FieldState::Pending;
            a.confidence = Score::new(FAINT_BLANK);
            a.reasons.push(Reason::new(ReasonCode::MarginalMark).measured(f64::from(most)));
        }
    }
}

/// Specks in a field may be all that is left of writing (4 of 56 such number fields on seeds 9321 to 9603,
/// and 2 of 7 prefectures).
fn doubt_written(mut read: TextReading, e: &FieldEvidence, least: u32) -> TextReading {
    if read.state == FieldState::Blank && e.ink >= least {
        read.state = FieldState::Pending;
        read.confidence = Score::new(FAINT_BLANK);
        read.reasons.push(Reason::new(ReasonCode::PenMismatch).measured(f64::from(e.ink)));
    }
    read
}

/// Is it a number whose option is chosen, or may be?
fn owed(q: &Question, answers: &BTreeMap<String, AnswerReading>) -> bool {
    let Some((question, option)) = q.number_of.as_deref().and_then(|n| n.split_once('.')) else {
        return false;
    };
    let chosen =
        |a: &AnswerReading| a.state == FieldState::Pending || a.value.iter().any(|v| v == option);
    answers.get(question).is_some_and(chosen)
}

/// Median share of the print around the boxes that did not arrive.
fn worn(marks: &Marks) -> f32 {
    let mut missing: Vec<f32> = marks.boxes.iter().map(|e| e.missing).collect();
    missing.sort_by(f32::total_cmp);
    missing.get(missing.len() / 2).copied().unwrap_or(0.0)
}

/// Where thin print is gone, a number or a place may be.
fn doubt_worn(mut read: TextReading, worn: f32) -> TextReading {
    if read.state == FieldState::Blank && worn > WORN_PAGE {
        read.state = FieldState::Pending;
        read.confidence = Score::new(FAINT_BLANK);
        read.reasons.push(Reason::new(ReasonCode::DamagedField).measured(f64::from(worn)));
    }
    read
}

/// The endings printed beside a field that are circled.
pub fn circled(q: &Question, e: &FieldEvidence, policy: &Policy) -> Vec<String> {
    let around = q.endings.iter().zip(&e.circled);
    let clear = around.filter(|(_, c)| c.core < policy.circle_core && look::is_clear(c, policy));
    clear.map(|(ending, _)| ending.text.clone()).collect()
}

/// Nothing is written, but an ending is circled: that is no blank.
fn doubt_circled(mut read: TextReading, circled: &[String]) -> TextReading {
    if read.state == FieldState::Blank && !circled.is_empty() {
        read.state = FieldState::Pending;
        let about = circled.join("・");
        read.reasons.push(Reason::new(ReasonCode::EndingDisagrees).about(about));
    }
    read
}

/// Where rows are known as they are, less of a pen is enough to believe that it arrives wherever it was.
fn is_faint(pen: PagePen, rough: bool, policy: &Policy) -> bool {
    pen.near < if rough { policy.faint_pen } else { policy.faint_pen_fine }
}

/// A pen that is almost gone in transmission may be gone altogether elsewhere on the page: its
/// blanks are not believed. Nor are they where most single choices have no clear answer.
fn doubt_blanks(
    t: &Template,
    answers: &mut BTreeMap<String, AnswerReading>,
    pen: PagePen,
    faint: bool,
) {
    let single = |q: &&Question| q.kind == QuestionType::SelectOne;
    let asked = t.form.questions().iter().filter(single).count();
    let blank = |a: &AnswerReading| a.state == FieldState::Blank;
    let unclear = |a: &AnswerReading| a.state != FieldState::Answered;
    let missing = t
        .form
        .questions()
        .iter()
        .filter(single)
        .filter(|q| answers.get(&q.id).is_some_and(unclear));
    let mostly_blank = 2 * missing.count() > asked;
    if !faint && !mostly_blank {
        return;
    }
    for a in answers.values_mut().filter(|a| blank(a)) {
        a.state = FieldState::Pending;
        a.confidence = Score::new(FAINT_BLANK);
        a.reasons.push(Reason::new(ReasonCode::PenMismatch).measured(f64::from(pen.near)));
    }
}

/// A written field without ink is blank; with ink it waits for a recogniser or a person.
fn field(kind: QuestionType, e: &FieldEvidence, policy: &Policy) -> TextReading {
    let pending = |code: ReasonCode, v: f64| TextReading {
        value: String::new(),
        state: FieldState::Pending,
        confidence: Score::ZERO,
        reasons: vec![Reason::new(code).measured(v)],
    };
    if e.lost > policy.lost_rows || e.blind {
        return pending(ReasonCode::DamagedField, f64::from(e.lost));
    }
    let least = if kind == QuestionType::Integer { policy.digit_ink } else { policy.writing_ink };
    if e.pen >= least {
        return pending(ReasonCode::TextNotRead, f64::from(e.pen));
    }
    TextReading {
        value: String::new(),
        state: FieldState::Blank,
        confidence: confidence::blank_field(e.pen, least),
        reasons: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::form::Form;
    use crate::marks::{Print, measure};
    use crate::register::Rectified;

    #[test]
    fn a_trace_beside_an_option_makes_a_blank_single_choice_doubtful() {
        let t = Template::new(Form::open(Path::new("forms/mynahoken-2024")).unwrap());
        let choices = t.form.questions().iter().filter(|q| q.kind.is_choice());
        let blank: BTreeMap<String, AnswerReading> =
            choices.map(|q| (q.id.clone(), answer(FieldState::Blank))).collect();
        let doubted = |off: usize| -> Vec<String> {
            let (mut sheet, rows) = (t.blank.clone(), (0, t.blank.height()));
            // What a pale line leaves of a small tick left of the first option of question 9.
            let b = &t.boxes.iter().find(|b| t.option(b).id == "restore").unwrap().px;
            let (x, y) = (b.x.0 as usize - off, (b.y.0 + b.h.0 / 2.0) as usize);
            for (x, y) in (x..x + 5).flat_map(|x| (y..y + 2).map(move |y| (x, y))) {
                sheet.set(x, y, true);
            }
            let page = Rectified { sheet, rows, rough: false, blind: None };
            let marks = measure(&t, &Print::of(&t), &page);
            let mut answers = blank.clone();
            doubt_traces(&t, &marks, &mut answers, &Policy::default());
            answers.retain(|_, a| a.state == FieldState::Pending);
            answers.into_keys().collect()
        };
        assert_eq!(doubted(32), ["q9"]);
        // Too far away to be meant for it.
        assert!(doubted(100).is_empty());
    }

    fn answer(state: FieldState) -> AnswerReading {
        let value = if state == FieldState::Answered { vec!["a".to_owned()] } else { Vec::new() };
        AnswerReading { value, state, confidence: Score::ONE, reasons: Vec::new() }
    }

    /// What becomes of the one blank of a page by a pen that leaves so much ink at a mark.
    fn blank_by(near: u32, rough: bool) -> FieldState {
        let policy = Policy::default();
        let form = Form::open(Path::new("forms/mynahoken-2024")).unwrap();
        let choices = form.questions().iter().filter(|q| q.kind.is_choice());
        let mut answers: BTreeMap<String, AnswerReading> =
            choices.map(|q| (q.id.clone(), answer(FieldState::Answered))).collect();
        answers.insert("q3".into(), answer(FieldState::Blank));
        let pen = PagePen { inner: 0.2, near };
        let t = Template::new(form);
        doubt_blanks(&t, &mut answers, pen, is_faint(pen, rough, &policy));
        assert!(answers.values().filter(|a| a.state == FieldState::Answered).count() >= 6);
        answers["q3"].state
    }

    #[test]
    fn a_faint_pens_blank_is_believed_on_fine_rows_as_far_as_its_marks_arrive() {
        let Policy { faint_pen, faint_pen_fine, .. } = Policy::default();
        assert!(faint_pen_fine < faint_pen);
        assert_eq!(blank_by(faint_pen, true), FieldState::Blank);
        assert_eq!(blank_by(faint_pen - 1, true), FieldState::Pending);
        assert_eq!(blank_by(faint_pen - 1, false), FieldState::Blank);
        assert_eq!(blank_by(faint_pen_fine, false), FieldState::Blank);
        assert_eq!(blank_by(faint_pen_fine - 1, false), FieldState::Pending);
    }
}
