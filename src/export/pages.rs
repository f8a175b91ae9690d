//! A line for every page of every input, and for every input that gave no page.

use std::io::{self, Write};

use serde::Serialize;

use super::csv::{Cell, row};
use super::{
    RESIDUAL_DECIMALS, ReasonRow, SKEW_DECIMALS, line, reason_codes, reason_rows, rounded,
};
use crate::account::{PageEntry, PageStatus, Rows};
use crate::lang::{Lang, reason};

/// The contract's keys, in its order.
#[derive(Serialize)]
struct PageRow<'a> {
    file: &'a str,
    page: u32,
    sha256: &'a str,
    batch: Option<&'a str>,
    arrived: Option<&'a str>,
    association: Option<&'a str>,
    status: PageStatus,
    form: Option<&'a str>,
    response: Option<&'a str>,
    duplicate_of: Option<&'a str>,
    orientation: u16,
    skew_deg: f64,
    residual_px: f64,
    reasons: Vec<ReasonRow>,
}

impl<'a> PageRow<'a> {
    fn new(p: &'a PageEntry, lang: Lang) -> Self {
        Self {
            file: &p.file,
            page: p.page,
            sha256: &p.sha256,
            batch: p.labels.batch.as_deref(),
            arrived: p.labels.arrived.as_deref(),
            association: p.labels.association.as_deref(),
            status: p.status,
            form: p.form.as_deref(),
            response: p.response.as_deref(),
            duplicate_of: p.duplicate_of.as_deref(),
            orientation: p.orientation,
            skew_deg: rounded(p.skew_deg, SKEW_DECIMALS),
            residual_px: rounded(p.residual_px, RESIDUAL_DECIMALS),
            reasons: reason_rows(&p.reasons, lang),
        }
    }
}

pub fn jsonl(account: &dyn Rows, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    account.pages().try_for_each(|p| line(out, &PageRow::new(&p, lang)))
}

const COLUMNS: [&str; 15] = [
    "file",
    "page",
    "sha256",
    "batch",
    "arrived",
    "association",
    "status",
    "form",
    "response",
    "duplicate_of",
    "orientation",
    "skew_deg",
    "residual_px",
    "reasons",
    "messages",
];

pub fn csv(account: &dyn Rows, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    row(out, COLUMNS.map(Cell::own))?;
    account.pages().try_for_each(|p| row(out, cells(&p, lang)))
}

fn cells(p: &PageEntry, lang: Lang) -> [Cell; 15] {
    let label = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
    [
        Cell::text(&p.file),
        Cell::own(p.page),
        Cell::own(&p.sha256),
        label(&p.labels.batch),
        label(&p.labels.arrived),
        label(&p.labels.association),
        Cell::own(status_word(p.status)),
        label(&p.form),
        label(&p.response),
        label(&p.duplicate_of),
        Cell::own(p.orientation),
        Cell::own(rounded(p.skew_deg, SKEW_DECIMALS)),
        Cell::own(rounded(p.residual_px, RESIDUAL_DECIMALS)),
        Cell::own(reason_codes(&p.reasons)),
        Cell::text(reason::messages(lang, &p.reasons)),
    ]
}

/// The status as files have it.
pub fn status_word(status: PageStatus) -> &'static str {
    match status {
        PageStatus::Counted => "counted",
        PageStatus::Duplicate => "duplicate",
        PageStatus::SetAside => "set_aside",
        PageStatus::Refused => "refused",
        PageStatus::Pending => "pending",
    }
}
