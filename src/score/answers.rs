//! Answer by answer: right, wrong, or left to people; by style of the mark and by line.

use std::collections::BTreeMap;

use super::written;
use super::{
    CalibrationBin, Case, LISTED, ProfileScore, ReasonTally, Report, SilentError, StyleScore, share,
};
use crate::account::{Answer, PageStatus, Source};
use crate::form::{Form, Question, QuestionType};
use crate::reading::FieldState;

/// Lower edges of the confidence bins: tenfold steps of error, as rare errors need.
const BINS: [f64; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999];

/// What is gathered over all cases beside the report's own counts.
struct Gathered {
    reasons: ReasonTally,
    styles: BTreeMap<String, StyleScore>,
    profiles: BTreeMap<String, ProfileScore>,
    bins: [Bin; BINS.len()],
    written: written::Gathered,
}

#[derive(Clone, Copy, Default)]
struct Bin {
    answers: u64,
    wrong: u64,
    confidence: f64,
}

pub fn score(report: &mut Report, cases: &[Case]) {
    let mut g = Gathered {
        reasons: ReasonTally::default(),
        styles: BTreeMap::new(),
        profiles: BTreeMap::new(),
        bins: [Bin::default(); BINS.len()],
        written: written::Gathered::default(),
    };
    for case in cases {
        page(report, &mut g, case);
    }
    let answers = &mut report.answers;
    answers.sent_to_people = share(answers.pending + answers.on_pending_pages, answers.total);
    report.positions.wrong = report.positions.missed + report.positions.invented;
    report.positions.wrong_per_100_000 =
        share(report.positions.wrong, report.positions.total) * 100_000.0;
    report.by_reason = g.reasons.finish();
    report.by_style = g.styles.into_values().collect();
    report.by_style.sort_by_key(|s| std::cmp::Reverse(s.marks));
    report.by_profile = g.profiles.into_values().collect();
    report.calibration = calibration(&g.bins);
    written::finish(&mut report.characters, &mut g.written);
}

fn page(report: &mut Report, g: &mut Gathered, case: &Case) {
    let status = case.page.map(|p| p.status);
    if let Some(page) = case.page {
        g.reasons.page(&page.reasons);
    }
    let before = (report.answers.clone(), report.positions.clone());
    match (status, case.form) {
        (Some(PageStatus::Counted), Some(form)) => counted(report, g, case, form),
        (Some(PageStatus::Pending), Some(form)) => {
            let n = form.questions().iter().filter(|q| q.kind.is_choice()).count() as u64;
            report.answers.total += n;
            report.answers.on_pending_pages += n;
        }
        _ => {}
    }
    let Some(name) = case.truth.profile() else { return };
    let row = g.profiles.entry(name.to_owned()).or_insert_with(|| ProfileScore::new(name));
    row.pages += 1;
    row.pages_pending += u64::from(status == Some(PageStatus::Pending));
    row.pages_lost +=
        u64::from(matches!(status, None | Some(PageStatus::SetAside | PageStatus::Refused)));
    let (a, p) = (&report.answers, &report.positions);
    row.answers += a.total - before.0.total;
    row.sent_to_people +=
        a.pending + a.on_pending_pages - before.0.pending - before.0.on_pending_pages;
    row.silent_wrong += a.silent_wrong - before.0.silent_wrong;
    row.wrong_positions += p.missed + p.invented - before.1.missed - before.1.invented;
}

impl ProfileScore {
    fn new(name: &str) -> Self {
        Self {
            profile: name.to_owned(),
            pages: 0,
            pages_pending: 0,
            pages_lost: 0,
            answers: 0,
            sent_to_people: 0,
            silent_wrong: 0,
            wrong_positions: 0,
        }
    }
}

fn counted(report: &mut Report, g: &mut Gathered, case: &Case, form: &Form) {
    for q in form.questions() {
        match q.kind {
            QuestionType::SelectOne | QuestionType::SelectMultiple => {
                report.answers.total += 1;
                choice(report, g, case, q);
            }
            QuestionType::Integer | QuestionType::Text => {
                written::field(report, &mut g.written, case, q);
            }
        }
    }
    for (question, option, style) in case.truth.styles() {
        mark(g, case, question, option, style);
    }
}

fn choice(report: &mut Report, g: &mut Gathered, case: &Case, q: &Question) {
    let truth = case.truth.answer(&q.id);
    let Some(answer) = answer(case, &q.id) else {
        report.answers.pending += 1;
        return;
    };
    let right = same(&answer.value, truth);
    if answer.source == Source::Person {
        report.answers.decided_by_people += 1;
        report.answers.people_wrong += u64::from(!right);
        return;
    }
    let confidence = f64::from(answer.confidence.get());
    let bin = &mut g.bins[BINS.iter().rposition(|from| confidence >= *from).unwrap_or(0)];
    bin.answers += 1;
    bin.wrong += u64::from(!right);
    bin.confidence += confidence;
    if answer.state == FieldState::Pending {
        report.answers.pending += 1;
        g.reasons.answer(&answer.reasons);
        return;
    }
    settled(report, case, q, answer, truth);
}

fn settled(report: &mut Report, case: &Case, q: &Question, answer: &Answer, truth: &[String]) {
    report.answers.settled += 1;
    for o in &q.options {
        let (machine, really) = (answer.value.contains(&o.id), truth.contains(&o.id));
        report.positions.total += 1;
        report.positions.missed += u64::from(really && !machine);
        report.positions.invented += u64::from(machine && !really);
    }
    if same(&answer.value, truth) {
        return;
    }
    report.answers.silent_wrong += 1;
    if report.errors.len() < LISTED {
        report.errors.push(SilentError {
            file: case.truth.file.clone(),
            page: case.truth.page,
            question: q.id.clone(),
            machine: answer.value.clone(),
            truth: truth.to_vec(),
            confidence: (f64::from(answer.confidence.get()) * 1e4).round() / 1e4,
        });
    }
}

fn mark(g: &mut Gathered, case: &Case, question: &str, option: &str, style: &str) {
    let row = g.styles.entry(style.to_owned()).or_insert_with(|| StyleScore {
        style: style.to_owned(),
        marks: 0,
        pending: 0,
        silent_wrong: 0,
    });
    row.marks += 1;
    match answer(case, question) {
        Some(a) if a.source == Source::Person => {}
        Some(a) if a.state != FieldState::Pending => {
            let holds = |ids: &[String]| ids.iter().any(|o| o == option);
            let wrong = holds(&a.value) != holds(case.truth.answer(question));
            row.silent_wrong += u64::from(wrong);
        }
        _ => row.pending += 1,
    }
}

fn answer<'a>(case: &Case<'a>, question: &str) -> Option<&'a Answer> {
    case.response?.answers.get(question)
}

/// Equal as sets: the order of options means nothing.
fn same(machine: &[String], truth: &[String]) -> bool {
    machine.iter().all(|o| truth.contains(o)) && truth.iter().all(|o| machine.contains(o))
}

fn calibration(bins: &[Bin]) -> Vec<CalibrationBin> {
    let edge = |i: usize| BINS.get(i).copied().unwrap_or(1.0);
    let row = |(i, b): (usize, &Bin)| CalibrationBin {
        from: edge(i),
        to: edge(i + 1),
        answers: b.answers,
        wrong: b.wrong,
        claimed_error: ((1.0 - b.confidence / b.answers as f64) * 1e6).round() / 1e6,
        observed_error: share(b.wrong, b.answers),
    };
    bins.iter().enumerate().filter(|(_, b)| b.answers > 0).map(row).collect()
}
