//! The whole tally once for every association, prefecture, kind of facility ..., and once for all.

use serde::Serialize;

use std::collections::BTreeMap;

use super::cross::{Axis, SMALL};
use super::group::{CutError, Grouping, Place};
use super::{Figure, Note, PageCounts, Percent, Sheet, Tally, TallySettings, count, tally_sheet};

/// A tally in parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cuts {
    pub by: Axis,
    /// Everybody.
    pub all: Tally,
    pub groups: Vec<CutGroup>,
    pub notes: Vec<Note>,
}

/// One part of the responses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutGroup {
    /// Option id, association ...; `na`: none was given.
    pub id: String,
    pub label: String,
    /// N of the group.
    pub responses: u64,
    /// Of `all.responses`.
    pub percent: Option<Percent>,
    /// Questionnaires sent to this association.
    pub sent: Option<u64>,
    pub response_rate: Option<Percent>,
    /// `responses` is under ten.
    pub small: bool,
    pub questions: Vec<Figure>,
}

/// How many questionnaires each association sent out.
pub type SentBy = BTreeMap<String, u64>;

/// The tally of everybody and of every group of `by` (a question's id, `association`, `batch` or
/// `form`). Response rates by association come from `sent_by`; one that sent something and got
/// nothing back is a group of none.
///
/// # Errors
/// `NoQuestion`, `NoGroups`.
pub fn cut(
    sheet: &Sheet,
    pages: PageCounts,
    by: &str,
    settings: &TallySettings,
    sent_by: &SentBy,
) -> Result<Cuts, CutError> {
    let grouping = Grouping::new(sheet, by, settings.lang)?;
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); grouping.headings.len()];
    let mut pending = 0;
    for row in 0..sheet.rows() {
        let place = grouping.place(row, |i| members[i].push(row as u32));
        pending += u64::from(place == Place::Pending);
    }
    let n = sheet.rows() as u64;
    let sent_of = |id: &String| sent_by.get(id).copied().filter(|_| by == "association");
    let mut groups: Vec<CutGroup> = Vec::new();
    for (heading, rows) in grouping.headings.iter().zip(&members) {
        // Nobody is without a label: no line for it.
        if heading.id == "na" && rows.is_empty() && by == "association" {
            continue;
        }
        let questions = count::figures(sheet, rows, settings.lang);
        let sent = sent_of(&heading.id);
        groups.push(group(
            heading.id.clone(),
            heading.label.clone(),
            rows.len() as u64,
            n,
            sent,
            questions,
        ));
    }
    if by == "association" {
        add_silent(sheet, settings, sent_by, &mut groups);
    }
    let mut notes =
        notes(&groups, settings, if by == "association" { Some(sent_by) } else { None });
    if grouping.several {
        notes.push(Note::SeveralRows);
    }
    if pending > 0 {
        notes.push(Note::GroupPending { count: pending });
    }
    Ok(Cuts { by: grouping.axis, all: tally_sheet(sheet, pages, settings), groups, notes })
}

fn group(
    id: String,
    label: String,
    responses: u64,
    n: u64,
    sent: Option<u64>,
    questions: Vec<Figure>,
) -> CutGroup {
    CutGroup {
        id,
        label,
        responses,
        percent: Percent::of(responses, n),
        sent,
        response_rate: sent.and_then(|sent| Percent::of(responses, sent)),
        small: responses < SMALL,
        questions,
    }
}

/// Associations that sent questionnaires and of which nothing has come back.
fn add_silent(
    sheet: &Sheet,
    settings: &TallySettings,
    sent_by: &SentBy,
    groups: &mut Vec<CutGroup>,
) {
    for (name, sent) in sent_by {
        if !groups.iter().any(|g| g.id == *name) {
            let none = count::figures(sheet, &[], settings.lang);
            let n = sheet.rows() as u64;
            groups.push(group(name.clone(), name.clone(), 0, n, Some(*sent), none));
        }
    }
    groups.sort_by(|a, b| (a.id == "na", &a.id).cmp(&(b.id == "na", &b.id)));
}

fn notes(groups: &[CutGroup], settings: &TallySettings, sent_by: Option<&SentBy>) -> Vec<Note> {
    let mut out = Vec::new();
    let small = groups.iter().filter(|g| g.small).count() as u64;
    if small > 0 {
        out.push(Note::Small { under: SMALL, count: small });
    }
    let over =
        groups.iter().filter_map(|g| g.sent.filter(|sent| g.responses > *sent).map(|s| (s, g)));
    out.extend(over.map(|(sent, g)| Note::MoreThanSent { sent, responses: g.responses }));
    if let Some(sent_by) = sent_by.filter(|s| !s.is_empty()) {
        let sum: u64 = sent_by.values().sum();
        let total = settings.sent.filter(|total| *total != sum);
        out.extend(total.map(|total| Note::SentDiffers { total, sum }));
    }
    out
}
