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
//! * Who counts in an option is in that question's base: a base of "those with q7 = pay" is of those
//!   whom the table of q7 counts there.

mod audit;
mod base;
mod behind;
pub mod compare;
mod count;
pub mod cross;
pub mod cuts;
mod figures;
mod group;
mod note;
mod percent;
mod sheet;
mod table;
mod text;
pub mod why;

use std::borrow::Borrow;

use crate::account::{Account, Folded, PageEntry, PageStatus, Snapshot};
use crate::form::Form;
use crate::lang::Lang;
use crate::reading::READER_VERSION;

pub use audit::{AuditFigure, CONFIDENCE, audit_sentence, upper_bound};
pub use base::{Member, Rule, base_rule, base_sentence};
pub use behind::{Behind, behind};
pub use count::asked;
pub use figures::{
    ChoiceFigure, Figure, FormHead, NetFigure, NumberFigure, OptionFigure, PageCounts, Share,
    Status, SurveyHead, Tally, TextFigure,
};
pub use group::{CutError, Grouping, LABELS, Place};
pub use note::Note;
pub use percent::{Percent, Points};
pub(crate) use sheet::Standing as AnswerStanding;
pub use sheet::{Sheet, key, pack, unpack};
pub use table::{Row, RowKind, Table, table};
pub use text::{pages_line, render, render_comparison, render_cross, render_cuts, render_why};

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
    tally_sheet(&Sheet::of(account, forms), page_counts(account), settings)
}

/// The same from packed responses.
pub fn tally_sheet(sheet: &Sheet, pages: PageCounts, settings: &TallySettings) -> Tally {
    let responses = sheet.rows() as u64;
    let over = settings.sent.filter(|sent| responses > *sent);
    Tally {
        survey: head(sheet.forms, settings.lang),
        status: if settings.closed { Status::Final } else { Status::Interim },
        as_of: None,
        sent: settings.sent,
        responses,
        response_rate: settings.sent.and_then(|sent| Percent::of(responses, sent)),
        pages,
        questions: count::figures(sheet, &sheet.all(), settings.lang),
        notes: over.map(|sent| Note::MoreThanSent { sent, responses }).into_iter().collect(),
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
    count_pages(&account.pages)
}

/// The same before anything is made of the pages.
pub fn folded_counts<S: Borrow<Snapshot> + Sync>(folded: &Folded<S>) -> PageCounts {
    count_statuses(folded.statuses())
}

fn count_pages<'a>(pages: impl IntoIterator<Item = &'a PageEntry>) -> PageCounts {
    count_statuses(pages.into_iter().map(|p| p.status))
}

fn count_statuses(statuses: impl Iterator<Item = PageStatus>) -> PageCounts {
    let mut n = PageCounts::default();
    for status in statuses {
        *match status {
            PageStatus::Counted => &mut n.counted,
            PageStatus::Duplicate => &mut n.duplicate,
            PageStatus::SetAside => &mut n.set_aside,
            PageStatus::Refused => &mut n.refused,
            PageStatus::Pending => &mut n.pending,
        } += 1;
    }
    n
}
