//! The fold: one status for every page of every input, one response for every sheet. Pure, and a
//! function of the snapshot's content alone (never of the order in which pages were read).

use std::collections::{BTreeMap, BTreeSet};

use super::overlay::{answers, written};
use super::{
    Account, Document, Page, PageEntry, PageState, PageStatus, PageVerdict, Response, Sighting,
    Snapshot, Verdict, response_id,
};
use crate::form::FormFile;
use crate::reading::{PageKind, PageReading, Reason, ReasonCode};
use crate::resent;

/// One page at the place where its content was first seen.
struct Item<'a> {
    sighting: &'a Sighting,
    document: &'a str,
    no: u32,
    page: &'a Page,
    response: String,
    standing: Standing,
}

/// What a page is, and why.
#[derive(Clone)]
struct Standing {
    status: PageStatus,
    form: Option<String>,
    reasons: Vec<Reason>,
    duplicate_of: Option<String>,
    /// A person said so.
    decided: bool,
}

/// Folds a snapshot into the account of every page, in the order of (file, page).
pub fn fold(snapshot: &Snapshot) -> Account {
    let seen = current(snapshot);
    let mut items = items(snapshot, &seen);
    mark_resent(&mut items);
    mark_unfounded_duplicates(&mut items);
    let home: BTreeMap<(&str, u32), usize> =
        items.iter().enumerate().map(|(i, item)| ((item.document, item.no), i)).collect();
    let mut pages = Vec::new();
    for sighting in &seen {
        let document = sighting.document.as_deref().and_then(|d| snapshot.documents.get(d));
        let Some(pages_of) = document.filter(|d| d.refused.is_none() && !d.pages.is_empty()) else {
            pages.push((without_page(sighting, document), sighting.location.as_str()));
            continue;
        };
        let sha = sighting.document.as_deref().unwrap_or_default();
        for no in 1..=pages_of.pages.len() as u32 {
            if let Some(i) = home.get(&(sha, no)) {
                pages.push((entry(sighting, &items[*i]), sighting.location.as_str()));
            }
        }
    }
    pages.sort_by(|(a, la), (b, lb)| {
        (&a.file, a.page, &a.sha256, la).cmp(&(&b.file, b.page, &b.sha256, lb))
    });
    let forms: BTreeMap<&str, &FormFile> =
        snapshot.forms.iter().map(|f| (f.id.as_str(), f)).collect();
    let mut responses: Vec<Response> =
        items.iter().filter_map(|item| response(item, &forms)).collect();
    responses.sort_by(|a, b| (&a.file, a.page, &a.id).cmp(&(&b.file, b.page, &b.id)));
    Account { pages: pages.into_iter().map(|(p, _)| p).collect(), responses }
}

/// Sightings that still say something: a refused input whose file was seen again with other content
/// (it had been cut off, or unreadable) is superseded.
fn current(snapshot: &Snapshot) -> Vec<&Sighting> {
    let last: BTreeMap<&str, usize> =
        snapshot.sightings.iter().enumerate().map(|(i, s)| (s.location.as_str(), i)).collect();
    let refused = |s: &Sighting| match &s.document {
        Some(d) => snapshot.documents.get(d).is_none_or(|d| d.refused.is_some()),
        None => true,
    };
    let stands = |(i, s): &(usize, &Sighting)| last[s.location.as_str()] == *i || !refused(s);
    snapshot.sightings.iter().enumerate().filter(stands).map(|(_, s)| s).collect()
}

fn items<'a>(snapshot: &'a Snapshot, seen: &[&'a Sighting]) -> Vec<Item<'a>> {
    let mut first = BTreeSet::new();
    let mut order: Vec<(&Sighting, &str, &Document)> = Vec::new();
    for sighting in seen {
        let Some((sha, document)) =
            sighting.document.as_deref().and_then(|d| snapshot.documents.get_key_value(d))
        else {
            continue;
        };
        if document.refused.is_none() && first.insert(sha.as_str()) {
            order.push((sighting, sha, document));
        }
    }
    let pages_of = |(sighting, sha, document): (&'a Sighting, &'a str, &'a Document)| {
        document.pages.iter().zip(1..).map(move |(page, no)| Item {
            sighting,
            document: sha,
            no,
            page,
            response: response_id(sha, no),
            standing: stand(page),
        })
    };
    order.into_iter().flat_map(pages_of).collect()
}

/// A page by itself: a person's word over the machine's.
fn stand(page: &Page) -> Standing {
    let reading = page.reading.as_ref();
    let mut reasons = reading.map(|r| r.reasons.clone()).unwrap_or_default();
    let status = match (page.state, reading) {
        (PageState::Refused, _) => PageStatus::Refused,
        (PageState::Quarantined, _) | (_, None) => PageStatus::Pending,
        (_, Some(r)) => match r.kind {
            PageKind::Response => PageStatus::Counted,
            PageKind::Pending => PageStatus::Pending,
            PageKind::SetAside => PageStatus::SetAside,
        },
    };
    if matches!(page.state, PageState::Refused | PageState::Quarantined) {
        reasons = page.reason.iter().cloned().collect();
    }
    if page.state == PageState::Waiting && reading.is_none() {
        reasons = vec![Reason::new(ReasonCode::NotReadYet)];
    }
    let form = reading.and_then(|r| r.form.clone());
    let mut out = Standing { status, form, reasons, duplicate_of: None, decided: false };
    let verdict = page.decisions.iter().rev().find_map(|d| match &d.verdict {
        Verdict::Page(v) => Some(v),
        _ => None,
    });
    if let Some(verdict) = verdict {
        out.decided = true;
        match verdict {
            PageVerdict::Counted { form } => {
                out.form = form.clone().or(out.form);
                // Without a form there are no questions that could be counted.
                let known = out.form.is_some();
                out.status = if known { PageStatus::Counted } else { PageStatus::Pending };
            }
            PageVerdict::SetAside => out.status = PageStatus::SetAside,
            PageVerdict::Duplicate { of } => {
                out.status = PageStatus::Duplicate;
                out.duplicate_of = Some(of.clone());
            }
        }
    }
    out
}

fn mark_resent(items: &mut [Item]) {
    let readings: Vec<(usize, &PageReading)> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.standing.status == PageStatus::Counted)
        .filter_map(|(i, item)| item.page.reading.as_ref().map(|r| (i, r)))
        .collect();
    for m in resent::find(&readings) {
        let original = items[m.original].response.clone();
        let standing = &mut items[m.copy].standing;
        if standing.decided {
            continue;
        }
        let certain = !m.doubtful;
        let code = if certain { ReasonCode::Resent } else { ReasonCode::PossibleDuplicate };
        standing.reasons.push(Reason::new(code).about(&original).measured(m.similarity));
        standing.status = if certain { PageStatus::Duplicate } else { PageStatus::Pending };
        standing.duplicate_of = certain.then_some(original);
    }
}

/// A page that a person called a duplicate of something that is no response (any more) must not
/// vanish from the figures unseen: it is asked about again.
fn mark_unfounded_duplicates(items: &mut [Item]) {
    let standing: BTreeMap<String, PageStatus> =
        items.iter().map(|i| (i.response.clone(), i.standing.status)).collect();
    for item in items.iter_mut().filter(|i| i.standing.decided) {
        let Some(of) = &item.standing.duplicate_of else { continue };
        let founded = matches!(standing.get(of), Some(PageStatus::Counted | PageStatus::Pending));
        if !founded || *of == item.response {
            item.standing.reasons.push(Reason::new(ReasonCode::PossibleDuplicate).about(of));
            item.standing.status = PageStatus::Pending;
            item.standing.duplicate_of = None;
        }
    }
}

fn without_page(sighting: &Sighting, document: Option<&Document>) -> PageEntry {
    let refused = document.and_then(|d| d.refused.as_ref()).or(sighting.reason.as_ref());
    // Neither refused nor opened: the run was interrupted before its turn came.
    let waiting = document.is_some_and(|d| d.refused.is_none());
    let status = if waiting { PageStatus::Pending } else { PageStatus::Refused };
    let unread = waiting.then(|| Reason::new(ReasonCode::NotReadYet));
    blank_entry(sighting, 0, status, refused.cloned().into_iter().chain(unread).collect())
}

fn blank_entry(s: &Sighting, page: u32, status: PageStatus, reasons: Vec<Reason>) -> PageEntry {
    PageEntry {
        file: s.file.clone(),
        page,
        sha256: s.document.clone().unwrap_or_default(),
        labels: s.labels.clone(),
        status,
        form: None,
        response: None,
        duplicate_of: None,
        orientation: 0,
        skew_deg: 0.0,
        residual_px: 0.0,
        reasons,
    }
}

fn entry(sighting: &Sighting, item: &Item) -> PageEntry {
    let mut standing = item.standing.clone();
    let mut response = Some(item.response.clone());
    let response_like = matches!(
        standing.status,
        PageStatus::Counted | PageStatus::Pending | PageStatus::Duplicate
    );
    let byte_copy = !std::ptr::eq(sighting, item.sighting);
    if byte_copy {
        standing.reasons = vec![Reason::new(ReasonCode::ByteCopy).about(&item.sighting.file)];
        if response_like {
            standing.status = PageStatus::Duplicate;
            standing.duplicate_of = standing.duplicate_of.or_else(|| response.clone());
        } else {
            standing.reasons.extend(item.standing.reasons.iter().cloned());
        }
    }
    if !matches!(standing.status, PageStatus::Counted | PageStatus::Pending) {
        response = None;
    }
    let mut out = blank_entry(sighting, item.no, standing.status, standing.reasons);
    out.form = standing.form;
    out.response = response;
    out.duplicate_of = standing.duplicate_of;
    if let Some(r) = &item.page.reading {
        out.orientation = r.orientation;
        out.skew_deg = r.skew_deg;
        out.residual_px = r.residual_px;
    }
    out
}

/// `None` for pages that are no response, and for pending ones of which no form is known.
fn response(item: &Item, forms: &BTreeMap<&str, &FormFile>) -> Option<Response> {
    let status = item.standing.status;
    if !matches!(status, PageStatus::Counted | PageStatus::Pending) {
        return None;
    }
    let form = item.standing.form.clone()?;
    let file = forms.get(form.as_str()).copied();
    Some(Response {
        id: item.response.clone(),
        file: item.sighting.file.clone(),
        page: item.no,
        labels: item.sighting.labels.clone(),
        status,
        answers: answers(item.page, file),
        text: written(item.page, file),
        form,
    })
}
