//! Readings and decisions -> figures on their bases: a pure function of one account and the forms
//! of its survey.
//!
//! Three rules make every figure checkable:
//!
//! * A pending answer counts nowhere but in `pending`: neither in an option, nor as a blank, nor in
//!   the base of its question. `base + pending` is therefore the base that the question will have at
//!   most, and of a single choice `options + no_answer = base`.
//! * Whether a response belongs to a base can itself be pending ("those without q6 = none" while q6
//!   waits for a person): then its answer to the conditioned question is counted as pending there,
//!   whatever it is.
//! * The base of a written field is about who was to write, which is settled before the writing is
//!   read: a pending number stays in the base and is counted in `pending` as well.

mod audit;
mod base;
mod figures;
mod percent;
mod text;

use std::collections::BTreeMap;

use crate::account::{Account, Answer, PageStatus, Response, Source, Written};
use crate::form::{Form, Question, QuestionType};
use crate::lang::Lang;
use crate::reading::{FieldState, READER_VERSION};

pub use audit::{AuditFigure, CONFIDENCE, upper_bound};
use base::{Member, member};
pub use base::{base_rule, base_sentence};
pub use figures::{
    ChoiceFigure, Figure, FormHead, NumberFigure, OptionFigure, PageCounts, Share, Status,
    SurveyHead, Tally, TextFigure,
};
pub use percent::Percent;
pub use text::{pages_line, render};

/// What the pages themselves do not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct TallySettings {
    /// Of titles and labels; ids and `base_rule` are never translated.
    pub lang: Lang,
    /// How many questionnaires went out.
    pub sent: Option<u64>,
    /// No more answers are expected.
    pub closed: bool,
    /// What the blind audit found, if there was one.
    pub audit: Option<AuditFigure>,
}

/// Folds the account into figures. Questions come in the order of the first form; what only later
/// forms ask follows in their order.
pub fn tally(account: &Account, forms: &[Form], settings: &TallySettings) -> Tally {
    let counted = Counted::new(account, forms);
    let responses = account.responses.iter().filter(|r| r.status == PageStatus::Counted).count();
    let responses = responses as u64;
    Tally {
        survey: head(forms, settings.lang),
        status: if settings.closed { Status::Final } else { Status::Interim },
        sent: settings.sent,
        responses,
        response_rate: settings.sent.and_then(|sent| Percent::of(responses, sent)),
        pages: page_counts(account),
        questions: asked(forms).iter().map(|id| figure(&counted, forms, id, settings)).collect(),
        audit: settings.audit,
    }
}

fn head(forms: &[Form], lang: Lang) -> SurveyHead {
    let first = forms.first();
    SurveyHead {
        id: first.map(|f| f.survey().to_owned()).unwrap_or_default(),
        title: first.map(|f| lang.pick(&f.file.title).to_owned()).unwrap_or_default(),
        forms: forms
            .iter()
            .map(|f| FormHead { id: f.id().to_owned(), sha256: f.hash.clone() })
            .collect(),
        program: concat!("faxtally ", env!("CARGO_PKG_VERSION")).to_owned(),
        reader: READER_VERSION.to_owned(),
    }
}

/// Pages by status.
pub fn page_counts(account: &Account) -> PageCounts {
    let mut n = PageCounts::default();
    for page in &account.pages {
        *match page.status {
            PageStatus::Counted => &mut n.counted,
            PageStatus::Duplicate => &mut n.duplicate,
            PageStatus::SetAside => &mut n.set_aside,
            PageStatus::Refused => &mut n.refused,
            PageStatus::Pending => &mut n.pending,
        } += 1;
    }
    n
}

/// The counted responses, each with its own form. A response of a form that the survey does not
/// have cannot be tallied; the store refuses to make one.
struct Counted<'a>(Vec<(&'a Response, &'a Form)>);

impl<'a> Counted<'a> {
    fn new(account: &'a Account, forms: &'a [Form]) -> Self {
        let by_id: BTreeMap<&str, &Form> = forms.iter().map(|f| (f.id(), f)).collect();
        let counted = account.responses.iter().filter(|r| r.status == PageStatus::Counted);
        Self(counted.filter_map(|r| Some((r, *by_id.get(r.form.as_str())?))).collect())
    }

    /// Responses whose form asks `id`, with that question and how they stand to its base.
    fn asked(&self, id: &str) -> impl Iterator<Item = (&'a Response, &'a Question, Member)> {
        self.0.iter().filter_map(move |(response, form)| {
            let question = form.question(id)?;
            Some((*response, question, member(response, form, question)))
        })
    }
}

/// Every question that any form asks, once.
fn asked(forms: &[Form]) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for question in forms.iter().flat_map(Form::questions) {
        if !ids.contains(&question.id.as_str()) {
            ids.push(&question.id);
        }
    }
    ids
}

/// The question as the first form that asks it has it.
fn first<'a>(forms: &'a [Form], id: &str) -> Option<&'a Question> {
    forms.iter().find_map(|f| f.question(id))
}

fn figure(counted: &Counted, forms: &[Form], id: &str, settings: &TallySettings) -> Figure {
    let question = first(forms, id);
    match question.map_or(QuestionType::Text, |q| q.kind) {
        QuestionType::Integer => {
            Figure::Number(number(counted, id, question.is_some_and(|q| q.lower_bound)))
        }
        QuestionType::Text => Figure::Text(written(counted, id)),
        kind => Figure::Choice(choice(counted, forms, id, kind, settings.lang)),
    }
}

fn choice(
    counted: &Counted,
    forms: &[Form],
    id: &str,
    kind: QuestionType,
    lang: Lang,
) -> ChoiceFigure {
    let mut f = ChoiceFigure {
        id: id.to_owned(),
        kind,
        label: first(forms, id).map(|q| lang.pick(&q.label).to_owned()).unwrap_or_default(),
        base: 0,
        base_rule: first(forms, id).map(base_rule).unwrap_or_default(),
        options: options(forms, id, lang),
        no_answer: Share { count: 0, percent: None },
        pending: 0,
        decided_by_people: 0,
    };
    for (response, _, member) in counted.asked(id) {
        count_choice(&mut f, response.answers.get(id), member);
    }
    f.no_answer.percent = Percent::of(f.no_answer.count, f.base);
    for option in &mut f.options {
        option.percent = Percent::of(option.count, f.base);
    }
    f
}

/// Every option that any form has for this question, in order of first appearance.
fn options(forms: &[Form], id: &str, lang: Lang) -> Vec<OptionFigure> {
    let mut found: Vec<OptionFigure> = Vec::new();
    for o in forms.iter().filter_map(|f| f.question(id)).flat_map(|q| &q.options) {
        if !found.iter().any(|f| f.id == o.id) {
            let label = lang.pick(&o.label).to_owned();
            found.push(OptionFigure {
                id: o.id.clone(),
                label,
                count: 0,
                percent: None,
                pending: 0,
            });
        }
    }
    found
}

fn count_choice(f: &mut ChoiceFigure, answer: Option<&Answer>, member: Member) {
    // An answer that the reading does not have is unread, never a blank.
    let settled = answer.filter(|a| a.state != FieldState::Pending);
    match (member, settled) {
        (Member::Out, _) => {}
        (Member::In, Some(answer)) => {
            f.base += 1;
            f.decided_by_people += u64::from(answer.source == Source::Person);
            f.no_answer.count += u64::from(answer.state == FieldState::Blank);
            for option in &mut f.options {
                option.count += u64::from(answer.value.contains(&option.id));
            }
        }
        (Member::Unknown, _) | (Member::In, None) => {
            f.pending += 1;
            for option in &mut f.options {
                option.pending += u64::from(answer.is_some_and(|a| may_mean(a, &option.id)));
            }
        }
    }
}

/// Whether a pending answer can turn out to hold this option, as far as the machine can tell.
fn may_mean(answer: &Answer, option: &str) -> bool {
    let named = |about: &str| about.rsplit('.').next() == Some(option);
    answer.value.iter().any(|v| v == option)
        || answer.reasons.iter().any(|r| r.about.as_deref().is_some_and(named))
}

fn number(counted: &Counted, id: &str, lower_bound: bool) -> NumberFigure {
    let kind = QuestionType::Integer;
    let mut f = NumberFigure {
        id: id.to_owned(),
        kind,
        base: 0,
        sum: 0,
        filled: 0,
        lower_bound,
        pending: 0,
    };
    for (response, _, member) in counted.asked(id) {
        let written = Writing::of(response.text.get(id));
        f.base += u64::from(member == Member::In);
        match (member, written) {
            (Member::Out, _) | (_, Writing::Nothing) => {}
            (Member::In, Writing::Settled(text)) => match digits(text) {
                Some(n) => {
                    f.sum = f.sum.saturating_add(n);
                    f.filled += 1;
                }
                None => f.pending += 1,
            },
            _ => f.pending += 1,
        }
    }
    f
}

fn written(counted: &Counted, id: &str) -> TextFigure {
    let kind = QuestionType::Text;
    let mut f = TextFigure { id: id.to_owned(), kind, base: 0, filled: 0, pending: 0 };
    for (response, _, member) in counted.asked(id) {
        f.base += u64::from(member == Member::In);
        match (member, Writing::of(response.text.get(id))) {
            (Member::Out, _) | (_, Writing::Nothing) => {}
            (Member::In, Writing::Settled(_)) => f.filled += 1,
            _ => f.pending += 1,
        }
    }
    f
}

/// A written field as the tally sees it.
enum Writing<'a> {
    Nothing,
    Settled(&'a str),
    Unsettled,
}

impl<'a> Writing<'a> {
    fn of(field: Option<&'a Written>) -> Self {
        match field {
            Some(w) if w.state == FieldState::Blank => Self::Nothing,
            Some(w) if w.state == FieldState::Answered => Self::Settled(&w.value),
            _ => Self::Unsettled,
        }
    }
}

/// A number as the export writes it: ASCII digits. Anything else is no number yet, and pending.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
