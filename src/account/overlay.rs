//! People's decisions laid over the machine's answers: they never overwrite, and where a later reading
//! of the same page disagrees with what the person had seen, the question is asked again.

use std::collections::BTreeMap;

use super::{Answer, Page, Seen, Source, Verdict, Written};
use crate::form::{FormFile, QuestionType};
use crate::reading::{FieldState, Reason};
use crate::units::Score;

/// Every choice question of the form, and whatever else was read or decided.
pub fn answers(page: &Page, form: Option<&FormFile>) -> BTreeMap<String, Answer> {
    let mut out: BTreeMap<String, Answer> = asked(form, QuestionType::is_choice)
        .map(|id| (id, Answer::from(Part::<Vec<String>>::unread())))
        .collect();
    for (id, a) in page.reading.iter().flat_map(|r| &r.answers) {
        let part = Part::machine(a.value.clone(), a.state, a.confidence, &a.reasons);
        out.insert(id.clone(), part.into());
    }
    for decision in &page.decisions {
        let Verdict::Answer { question, value } = &decision.verdict else { continue };
        let machine = page.reading.as_ref().and_then(|r| r.answers.get(question));
        let machine =
            machine.map(|a| Part::machine(a.value.clone(), a.state, a.confidence, &a.reasons));
        let seen = decision.machine.as_ref().and_then(|s| match s {
            Seen::Answer(v) => Some(v),
            Seen::Text(_) => None,
        });
        out.insert(question.clone(), decide(machine, seen, value, Vec::is_empty(value)).into());
    }
    out
}

/// Every written field of the form, and whatever else was read or decided.
pub fn written(page: &Page, form: Option<&FormFile>) -> BTreeMap<String, Written> {
    let mut out: BTreeMap<String, Written> = asked(form, |k| !k.is_choice())
        .map(|id| (id, Written::from(Part::<String>::unread())))
        .collect();
    for (id, t) in page.reading.iter().flat_map(|r| &r.text) {
        let part = Part::machine(t.value.clone(), t.state, t.confidence, &t.reasons);
        out.insert(id.clone(), part.into());
    }
    for decision in &page.decisions {
        let Verdict::Text { field, value } = &decision.verdict else { continue };
        let machine = page.reading.as_ref().and_then(|r| r.text.get(field));
        let machine =
            machine.map(|t| Part::machine(t.value.clone(), t.state, t.confidence, &t.reasons));
        let seen = decision.machine.as_ref().and_then(|s| match s {
            // Who typed from the picture, before any recogniser had read it, saw what there is.
            Seen::Text(v) => Some(v).filter(|v| !v.is_empty()),
            Seen::Answer(_) => None,
        });
        out.insert(field.clone(), decide(machine, seen, value, value.is_empty()).into());
    }
    out
}

fn asked(
    form: Option<&FormFile>,
    wanted: impl Fn(QuestionType) -> bool,
) -> impl Iterator<Item = String> {
    let questions = form.into_iter().flat_map(|f| &f.questions);
    questions.filter(move |q| wanted(q.kind)).map(|q| q.id.clone())
}

/// An answer or a written field, whichever `V` it has.
struct Part<V> {
    value: V,
    state: FieldState,
    confidence: Score,
    source: Source,
    reasons: Vec<Reason>,
}

impl<V: Default> Part<V> {
    /// Nobody has looked at it yet, so it is pending and not blank.
    fn unread() -> Self {
        Self::machine(V::default(), FieldState::Pending, Score::ZERO, &[])
    }
}

impl<V> Part<V> {
    fn machine(value: V, state: FieldState, confidence: Score, reasons: &[Reason]) -> Self {
        Self { value, state, confidence, source: Source::Machine, reasons: reasons.to_vec() }
    }
}

fn decide<V: Clone + PartialEq>(
    machine: Option<Part<V>>,
    seen: Option<&V>,
    decided: &V,
    blank: bool,
) -> Part<V> {
    let disagrees = |m: &Part<V>| {
        m.state != FieldState::Pending && m.value != *decided && seen.is_some_and(|s| *s != m.value)
    };
    let value = decided.clone();
    if let Some(m) = machine.filter(disagrees) {
        return Part { value, state: FieldState::Pending, source: Source::Person, ..m };
    }
    let state = if blank { FieldState::Blank } else { FieldState::Answered };
    Part { value, state, confidence: Score::ONE, source: Source::Person, reasons: Vec::new() }
}

impl From<Part<Vec<String>>> for Answer {
    fn from(p: Part<Vec<String>>) -> Self {
        let Part { value, state, confidence, source, reasons } = p;
        Self { value, state, confidence, source, reasons }
    }
}

impl From<Part<String>> for Written {
    fn from(p: Part<String>) -> Self {
        let Part { value, state, confidence, source, reasons } = p;
        Self { value, state, confidence, source, reasons }
    }
}
