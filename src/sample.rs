//! The blind audit's sample: answers that the machine was sure of, drawn by lot, which people look at among
//! the doubtful ones without knowing it.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use sha2::{Digest, Sha256};

use crate::account::{Account, Field, Response, Rows, Seen, Source};
use crate::form::{Form, Question, QuestionType};
use crate::reading::FieldState;
use crate::store::Probe;
use crate::tally::AuditFigure;

/// One thing that can be wrong: a single choice, a number, or one option of a multiple choice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    pub response: String,
    pub field: Field,
    /// Empty for a whole answer.
    pub option: String,
}

/// The first `size` of all units of the counted responses that the machine was sure of, in an order that is
/// the same on every machine and says nothing about them. Those in `taken` are passed over.
pub fn draw<R: Borrow<Response>>(
    counted: impl Iterator<Item = R>,
    forms: &[Form],
    size: usize,
    taken: &BTreeSet<(String, Field)>,
) -> Vec<Unit> {
    let mut chosen: BinaryHeap<(u64, Unit)> = BinaryHeap::new();
    each(counted, forms, &mut |unit| {
        let lot = lot(&unit);
        if chosen.len() < size {
            chosen.push((lot, unit));
        } else if chosen.peek().is_some_and(|(most, _)| lot < *most) {
            chosen.pop();
            chosen.push((lot, unit));
        }
    });
    let drawn = chosen.into_sorted_vec().into_iter().map(|(_, unit)| unit);
    drawn.filter(|u| !taken.contains(&(u.response.clone(), u.field.clone()))).collect()
}

fn lot(unit: &Unit) -> u64 {
    let mut hash = Sha256::new();
    for part in [&unit.response, unit.field.name(), &unit.option] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |lot, byte| lot << 8 | u64::from(*byte))
}

/// Every unit that the machine alone stands for.
fn each<R: Borrow<Response>>(
    counted: impl Iterator<Item = R>,
    forms: &[Form],
    found: &mut dyn FnMut(Unit),
) {
    let by_id: BTreeMap<&str, &Form> = forms.iter().map(|f| (f.id(), f)).collect();
    for response in counted {
        let response = response.borrow();
        let Some(form) = by_id.get(response.form.as_str()) else { continue };
        for question in form.questions() {
            units(response, question, found);
        }
    }
}

fn units(r: &Response, q: &Question, found: &mut dyn FnMut(Unit)) {
    let sure = |state, source| state != FieldState::Pending && source == Source::Machine;
    let unit = |field, option: &str| Unit { response: r.id.clone(), field, option: option.into() };
    if let Some(a) = r.answers.get(&q.id).filter(|a| sure(a.state, a.source)) {
        let field = Field::Answer(q.id.clone());
        if q.kind == QuestionType::SelectMultiple {
            q.options.iter().for_each(|o| found(unit(field.clone(), &o.id)));
        } else if a.value.len() <= 1 {
            found(unit(field, ""));
        }
    }
    let number = q.kind == QuestionType::Integer;
    if r.text.get(&q.id).is_some_and(|t| number && sure(t.state, t.source)) {
        found(unit(Field::Text(q.id.clone()), ""));
    }
}

/// What the probes say about the figures of `account`.
pub fn figure(account: &Account, forms: &[Form], probes: &[Probe]) -> AuditFigure {
    figure_of(account.counted(), forms, probes)
}

/// The same from the counted responses as they come.
pub fn figure_of<R: Borrow<Response>>(
    counted: impl Iterator<Item = R>,
    forms: &[Form],
    probes: &[Probe],
) -> AuditFigure {
    let mut unseen = 0;
    each(counted, forms, &mut |_| unseen += 1);
    let latest: BTreeMap<_, &Probe> =
        probes.iter().map(|p| ((&p.response, &p.field, &p.option), p)).collect();
    let unclear = latest.values().filter(|p| p.person.is_none()).count();
    let errors = latest.values().filter(|p| is_error(p)).count();
    AuditFigure::new(latest.len() as u64, errors as u64, unclear as u64, unseen)
}

/// Whether the person saw it otherwise; of a multiple choice only the option that was drawn counts.
fn is_error(probe: &Probe) -> bool {
    match (&probe.machine, &probe.person) {
        (Seen::Answer(machine), Some(Seen::Answer(person))) if !probe.option.is_empty() => {
            machine.contains(&probe.option) != person.contains(&probe.option)
        }
        (machine, Some(person)) => machine != person,
        (_, None) => false,
    }
}
