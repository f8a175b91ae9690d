//! Readings against the truth: how often the machine is silently wrong, how much it sends to
//! people, and whether its confidence means what it says.
//!
//! *Silently wrong*: the machine said answered or blank on a counted page, nobody looked, and the
//! truth is another. A *position* is one box; an answer that is wrong has at least one wrong
//! position. *Sent to people*: pending answers on counted pages, and every answer of a pending page.

mod answers;
mod pages;
mod text;
mod truth;
mod written;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::account::{Account, PageEntry, Response};
use crate::form::Form;
use crate::lang::reason;
use crate::reading::Reason;

pub use pages::{DuplicateScore, PageScore};
pub use text::render;
pub use truth::{TruthError, TruthPage, read_truth};

/// Silent errors that are listed one by one; the rest is only counted.
const LISTED: usize = 20;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub pages: PageScore,
    pub answers: AnswerScore,
    pub positions: PositionScore,
    pub numbers: FieldScore,
    /// Prefectures and other lists.
    pub lists: FieldScore,
    pub texts: FieldScore,
    pub characters: TextScore,
    pub by_reason: Vec<ReasonCount>,
    pub by_style: Vec<StyleScore>,
    pub by_profile: Vec<ProfileScore>,
    pub calibration: Vec<CalibrationBin>,
    /// The first `LISTED` silent errors in the order of the truth file.
    pub errors: Vec<SilentError>,
    /// The same of numbers and lists.
    pub written_errors: Vec<SilentError>,
}

/// Choice answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnswerScore {
    /// On counted and pending pages that the truth knows.
    pub total: u64,
    /// Settled by the machine.
    pub settled: u64,
    pub silent_wrong: u64,
    pub pending: u64,
    pub on_pending_pages: u64,
    /// `pending` and `on_pending_pages` as a share of `total`.
    pub sent_to_people: f64,
    pub decided_by_people: u64,
    pub people_wrong: u64,
}

/// Boxes of the answers that the machine settled.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PositionScore {
    pub total: u64,
    pub wrong: u64,
    /// Marked in truth, not for the machine.
    pub missed: u64,
    /// Marked for the machine, not in truth.
    pub invented: u64,
    pub wrong_per_100_000: f64,
}

/// Written fields on counted pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FieldScore {
    pub total: u64,
    /// Settled by the machine and equal to the truth, spaces aside.
    pub right: u64,
    pub silent_wrong: u64,
    pub pending: u64,
}

/// Free text that a recogniser has read, character by character, punctuation left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TextScore {
    pub fields: u64,
    pub characters: u64,
    pub errors: u64,
    pub error_rate: f64,
    /// Of them, those that stand without a person.
    pub settled_fields: u64,
    pub settled_characters: u64,
    pub settled_errors: u64,
    pub settled_error_rate: f64,
    /// Chance that a text with at most 10 % wrong characters has a higher confidence than another.
    pub auc: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReasonCount {
    pub code: String,
    /// Pending answers on counted pages that have this reason.
    pub answers: u64,
    /// Pages of the truth that have it.
    pub pages: u64,
}

/// Marks of one style, as the simulator noted them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StyleScore {
    pub style: String,
    pub marks: u64,
    pub pending: u64,
    pub silent_wrong: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileScore {
    pub profile: String,
    pub pages: u64,
    pub pages_pending: u64,
    pub pages_lost: u64,
    pub answers: u64,
    pub sent_to_people: u64,
    pub silent_wrong: u64,
    pub wrong_positions: u64,
}

/// Answers whose confidence lies in `[from, to)`; the last bin includes 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    pub from: f64,
    pub to: f64,
    pub answers: u64,
    pub wrong: u64,
    /// 1 minus the mean confidence: the error that was claimed.
    pub claimed_error: f64,
    pub observed_error: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SilentError {
    pub file: String,
    pub page: u32,
    pub question: String,
    pub machine: Vec<String>,
    pub truth: Vec<String>,
    pub confidence: f64,
}

/// One page of the truth with what the survey made of it.
struct Case<'a> {
    truth: &'a TruthPage,
    form: Option<&'a Form>,
    page: Option<&'a PageEntry>,
    response: Option<&'a Response>,
}

/// Compares an account with the truth. Pages that the truth does not know are only looked at for
/// having been counted.
pub fn score(account: &Account, truth: &[TruthPage], forms: &[Form]) -> Report {
    let pages: BTreeMap<_, _> =
        account.pages.iter().map(|p| ((p.file.as_str(), p.page), p)).collect();
    let responses: BTreeMap<_, _> =
        account.responses.iter().map(|r| ((r.file.as_str(), r.page), r)).collect();
    let cases: Vec<Case> = truth
        .iter()
        .map(|t| Case {
            truth: t,
            form: forms.iter().find(|f| f.id() == t.form),
            // A file that gave no page stands as its page 0.
            page: pages.get(&t.key()).or_else(|| pages.get(&(&t.file, 0))).copied(),
            response: responses.get(&t.key()).copied(),
        })
        .collect();
    let mut report = Report { pages: pages::score(account, &cases), ..Report::default() };
    answers::score(&mut report, &cases);
    report
}

/// Reasons of answers and pages, by code.
#[derive(Default)]
struct ReasonTally(BTreeMap<String, (u64, u64)>);

impl ReasonTally {
    fn answer(&mut self, reasons: &[Reason]) {
        for code in codes(reasons) {
            self.0.entry(code).or_default().0 += 1;
        }
    }

    fn page(&mut self, reasons: &[Reason]) {
        for code in codes(reasons) {
            self.0.entry(code).or_default().1 += 1;
        }
    }

    /// The most frequent first.
    fn finish(self) -> Vec<ReasonCount> {
        let mut rows: Vec<_> = self
            .0
            .into_iter()
            .map(|(code, (answers, pages))| ReasonCount { code, answers, pages })
            .collect();
        rows.sort_by_key(|r| std::cmp::Reverse((r.answers, r.pages)));
        rows
    }
}

/// Each code once, however often an answer has it.
fn codes(reasons: &[Reason]) -> std::collections::BTreeSet<String> {
    reasons.iter().map(|r| reason::code(r.code)).collect()
}

/// `n / of`, 0 of nothing, to a millionth.
fn share(n: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { (n as f64 / of as f64 * 1e6).round() / 1e6 }
}
