//! The fold: one status for every page of every input, one response for every sheet. Pure, and a
//! function of the snapshot's content alone (never of the order in which pages were read). What a page
//! or a response is in full is made when it is asked for, one at a time.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::block::{Block, View};
use super::resend::mark_resent;
use super::sightings::NONE;
use super::{
    Account, Labels, PageEntry, PageState, PageStatus, PageVerdict, Response, Snapshot, Verdict,
    response_id,
};
use crate::form::FormFile;
use crate::reading::{PageKind, Reason, ReasonCode};
use crate::resent::Known;

/// Responses made on all cores before the first of them is passed on: 5 KB each.
const TOGETHER: usize = 1024;

/// A snapshot, owned or borrowed, in which every page has its status.
#[derive(Clone)]
pub struct Folded<S> {
    snapshot: S,
    /// Sightings that still say something.
    seen: Vec<u32>,
    /// Document -> the sighting at which its pages are at home; `NONE` if it was refused or not seen.
    home: Vec<u32>,
    pub(super) standing: Vec<Standing>,
    /// Forms that pages are of, by `Standing::form`.
    forms: Vec<String>,
    extra: BTreeMap<u32, Extra>,
    /// About sheets that were sent twice.
    learned: Option<Known>,
}

/// What a page is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub status: PageStatus,
    /// A person said so.
    pub decided: bool,
    form: Option<u16>,
}

/// What is said of few pages.
#[derive(Clone, Debug, Default)]
struct Extra {
    /// Beside those of the reading.
    reasons: Vec<Reason>,
    duplicate_of: Option<String>,
}

/// A response that counts, for whoever only adds up.
pub enum Counted<'s> {
    /// As the machine read it: nothing lies over it.
    Plain {
        form: &'s str,
        labels: &'s Labels,
        number: u32,
        block: &'s Block,
        view: View<'s>,
    },
    Whole(Box<Response>),
}

/// Folds a snapshot into the account of every page, in the order of (file, page).
pub fn fold(snapshot: &Snapshot) -> Account {
    let folded = Folded::new(snapshot);
    Account {
        pages: folded.entries().collect(),
        responses: folded.each_response(|_| true).collect(),
    }
}

impl<S: Borrow<Snapshot> + Sync> Folded<S> {
    /// Gives every page its status.
    pub fn new(snapshot: S) -> Self {
        let seen = current(snapshot.borrow());
        let home = homes(snapshot.borrow(), &seen);
        let pages = snapshot.borrow().pages();
        let mut out = Self {
            snapshot,
            seen,
            home,
            standing: Vec::with_capacity(pages as usize),
            forms: Vec::new(),
            extra: BTreeMap::new(),
            learned: None,
        };
        for page in 0..pages {
            out.stand(page);
        }
        out.learned = mark_resent(&mut out);
        out.mark_unfounded_duplicates();
        out
    }

    /// What this fold found out that its snapshot did not have: worth keeping for the next one.
    pub fn learned(&self) -> Option<&Known> {
        self.learned.as_ref()
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        self.snapshot.borrow()
    }

    /// A page by itself: a person's word over the machine's.
    fn stand(&mut self, page: u32) {
        let snapshot = self.snapshot.borrow();
        let (state, _) = snapshot.state_of(page);
        let head = snapshot.view(page).and_then(|(_, view)| view.kind());
        let mut status = match (state, head) {
            (PageState::Refused, _) => PageStatus::Refused,
            (PageState::Quarantined, _) | (_, None) => PageStatus::Pending,
            (_, Some((kind, _))) => match kind {
                PageKind::Response => PageStatus::Counted,
                PageKind::Pending => PageStatus::Pending,
                PageKind::SetAside => PageStatus::SetAside,
            },
        };
        let mut form = head.and_then(|(_, form)| form);
        let decisions = snapshot.decisions_on(page).iter().rev();
        let verdict = decisions.into_iter().find_map(|d| match &d.verdict {
            Verdict::Page(v) => Some(v),
            _ => None,
        });
        match verdict {
            None => {}
            Some(PageVerdict::Counted { form: said }) => {
                form = said.as_deref().or(form);
                // Without a form there are no questions that could be counted.
                let known = form.is_some();
                status = if known { PageStatus::Counted } else { PageStatus::Pending };
            }
            Some(PageVerdict::SetAside) => status = PageStatus::SetAside,
            Some(PageVerdict::Duplicate { of }) => {
                status = PageStatus::Duplicate;
                self.extra.entry(page).or_default().duplicate_of = Some(of.clone());
            }
        }
        let form = form.map(|id| place(&mut self.forms, id));
        self.standing.push(Standing { status, decided: verdict.is_some(), form });
    }

    /// Pages at home somewhere, in the order in which their documents were seen first.
    pub(super) fn at_home(&self) -> impl Iterator<Item = u32> + '_ {
        let home = |i: &u32| {
            let document = self.snapshot().seen.document(*i)?;
            (self.home[document as usize] == *i).then_some(document)
        };
        self.seen.iter().filter_map(home).flat_map(|d| self.snapshot().pages_of(d))
    }

    pub(super) fn id(&self, page: u32) -> String {
        let (document, no) = self.snapshot().name_of(page);
        response_id(&self.snapshot().sha256(document), no)
    }

    pub(super) fn form_of(&self, page: u32) -> Option<&str> {
        let form = self.standing[page as usize].form?;
        self.forms.get(usize::from(form)).map(String::as_str)
    }

    /// It is (or may be) `of` sent again.
    pub(super) fn resent(&mut self, page: u32, of: String, reason: Reason, certain: bool) {
        let status = if certain { PageStatus::Duplicate } else { PageStatus::Pending };
        self.standing[page as usize].status = status;
        let extra = self.extra.entry(page).or_default();
        extra.reasons.push(reason);
        extra.duplicate_of = certain.then_some(of);
    }

    /// A page that a person called a duplicate of something that is no response (any more) must not
    /// vanish from the figures unseen: it is asked about again.
    fn mark_unfounded_duplicates(&mut self) {
        let said = |p: &u32| self.standing[*p as usize].decided;
        let said: Vec<u32> = self.at_home().filter(said).collect();
        let of = |p: &u32| Some((*p, self.extra.get(p)?.duplicate_of.clone()?));
        let said: Vec<(u32, String)> = said.iter().filter_map(of).collect();
        if said.is_empty() {
            return;
        }
        let wanted: BTreeSet<&str> = said.iter().map(|s| s.1.as_str()).collect();
        let mut standing = BTreeMap::new();
        for page in self.at_home() {
            let id = self.id(page);
            if let Some(id) = wanted.get(id.as_str()) {
                standing.insert(*id, self.standing[page as usize].status);
            }
        }
        let like =
            |of: &str| matches!(standing.get(of), Some(PageStatus::Counted | PageStatus::Pending));
        let unfounded = said.iter().filter(|(page, of)| !like(of) || *of == self.id(*page));
        let unfounded: Vec<(u32, String)> = unfounded.cloned().collect();
        for (page, of) in unfounded {
            self.standing[page as usize].status = PageStatus::Pending;
            let extra = self.extra.entry(page).or_default();
            extra.reasons.push(Reason::new(ReasonCode::PossibleDuplicate).about(of));
            extra.duplicate_of = None;
        }
    }

    /// Why a page stands as it does.
    fn reasons(&self, page: u32) -> Vec<Reason> {
        let (state, reason) = self.snapshot().state_of(page);
        let view = self.snapshot().view(page).map(|(_, view)| view);
        let mut out = match state {
            PageState::Refused | PageState::Quarantined => reason.into_iter().cloned().collect(),
            PageState::Waiting if view.is_none() => vec![Reason::new(ReasonCode::NotReadYet)],
            _ => view.and_then(|v| v.reasons()).unwrap_or_default(),
        };
        let extra = self.extra.get(&page);
        out.extend(extra.iter().flat_map(|e| e.reasons.iter().cloned()));
        out
    }

    /// Sighting and page of every line of the account; an input without pages has `NONE`.
    fn lines(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.seen.iter().flat_map(|i| {
            let document = self.snapshot().seen.document(*i);
            let document = document.filter(|d| !self.snapshot().refused.contains_key(d));
            let pages = document.map_or(0..0, |d| self.snapshot().pages_of(d));
            let none = pages.is_empty().then_some((*i, NONE));
            pages.map(|page| (*i, page)).chain(none)
        })
    }

    /// The status of every line, in no order.
    pub fn statuses(&self) -> impl Iterator<Item = PageStatus> + '_ {
        self.lines().map(|(sighting, page)| match page {
            NONE => self.without_page(sighting),
            page => self.status_at(sighting, page),
        })
    }

    /// What a page is where it was seen: only at home it is the response itself.
    fn status_at(&self, sighting: u32, page: u32) -> PageStatus {
        let own = self.standing[page as usize].status;
        let response_like =
            matches!(own, PageStatus::Counted | PageStatus::Pending | PageStatus::Duplicate);
        if self.byte_copy(sighting, page) && response_like { PageStatus::Duplicate } else { own }
    }

    fn byte_copy(&self, sighting: u32, page: u32) -> bool {
        self.home_of(page) != sighting
    }

    pub(super) fn home_of(&self, page: u32) -> u32 {
        self.home[self.snapshot().name_of(page).0 as usize]
    }

    /// Neither refused nor opened: the run was interrupted before its turn came.
    fn without_page(&self, sighting: u32) -> PageStatus {
        let document = self.snapshot().seen.document(sighting);
        let waiting = document.is_some_and(|d| !self.snapshot().refused.contains_key(&d));
        if waiting { PageStatus::Pending } else { PageStatus::Refused }
    }

    /// Every line of the account, in the order of (file, page).
    pub fn entries(&self) -> impl Iterator<Item = PageEntry> + '_ {
        self.sorted_lines().into_iter().map(|(sighting, page)| self.entry(sighting, page))
    }

    /// Sighting and page of every line, in the order of (file, page).
    pub(super) fn sorted_lines(&self) -> Vec<(u32, u32)> {
        let seen = &self.snapshot().seen;
        let mut lines: Vec<(u32, u32)> = self.lines().collect();
        let no = |page: u32| if page == NONE { 0 } else { self.snapshot().name_of(page).1 };
        let sha = |i: u32| seen.document(i).map(|d| self.snapshot().sha256(d));
        lines.sort_by(|a, b| {
            let first = (seen.file(a.0), no(a.1)).cmp(&(seen.file(b.0), no(b.1)));
            // Equal names are rare: what tells them apart is made only then.
            let then = || (sha(a.0), seen.location(a.0)).cmp(&(sha(b.0), seen.location(b.0)));
            first.then_with(then)
        });
        lines
    }

    pub(super) fn entry(&self, sighting: u32, page: u32) -> PageEntry {
        let seen = &self.snapshot().seen;
        let document = seen.document(sighting);
        let mut out = PageEntry {
            file: seen.file(sighting).to_owned(),
            page: 0,
            sha256: document.map(|d| self.snapshot().sha256(d)).unwrap_or_default(),
            labels: seen.labels(sighting).clone(),
            status: PageStatus::Refused,
            form: None,
            response: None,
            duplicate_of: None,
            orientation: 0,
            skew_deg: 0.0,
            residual_px: 0.0,
            reasons: Vec::new(),
        };
        if page == NONE {
            let refused = document.and_then(|d| self.snapshot().refused.get(&d));
            out.reasons.extend(refused.or(seen.reason(sighting)).cloned());
            out.status = self.without_page(sighting);
            let waiting = out.status == PageStatus::Pending;
            out.reasons.extend(waiting.then(|| Reason::new(ReasonCode::NotReadYet)));
            return out;
        }
        self.fill(&mut out, sighting, page);
        out
    }

    fn fill(&self, out: &mut PageEntry, sighting: u32, page: u32) {
        out.page = self.snapshot().name_of(page).1;
        out.status = self.status_at(sighting, page);
        out.form = self.form_of(page).map(str::to_owned);
        out.reasons = self.reasons(page);
        out.duplicate_of = self.extra.get(&page).and_then(|e| e.duplicate_of.clone());
        let counts = matches!(out.status, PageStatus::Counted | PageStatus::Pending);
        out.response = counts.then(|| self.id(page));
        if self.byte_copy(sighting, page) {
            let home = self.snapshot().seen.file(self.home_of(page));
            let copy = Reason::new(ReasonCode::ByteCopy).about(home);
            if out.status == PageStatus::Duplicate {
                out.reasons = vec![copy];
                out.duplicate_of = out.duplicate_of.take().or_else(|| Some(self.id(page)));
            } else {
                out.reasons.insert(0, copy);
            }
        }
        let geometry = self.snapshot().view(page).and_then(|(_, view)| view.geometry());
        if let Some((orientation, skew, residual)) = geometry {
            (out.orientation, out.skew_deg, out.residual_px) = (orientation, skew, residual);
        }
    }

    /// Every response that is counted or pending and of a status that `wanted` names, in the order of
    /// (file, page).
    pub fn each_response(
        &self,
        wanted: impl Fn(PageStatus) -> bool,
    ) -> impl Iterator<Item = Response> + '_ {
        let pages = self.sorted_responses(wanted);
        let chunks = (0..pages.len()).step_by(TOGETHER);
        chunks.flat_map(move |from| {
            let to = pages.len().min(from + TOGETHER);
            let some = pages[from..to].par_iter().filter_map(|page| self.response(*page));
            some.collect::<Vec<_>>()
        })
    }

    /// Their pages, in the same order.
    pub(super) fn sorted_responses(&self, wanted: impl Fn(PageStatus) -> bool) -> Vec<u32> {
        let like = |p: &u32| {
            let s = &self.standing[*p as usize];
            matches!(s.status, PageStatus::Counted | PageStatus::Pending)
                && s.form.is_some()
                && wanted(s.status)
        };
        let mut pages: Vec<u32> = self.at_home().filter(like).collect();
        pages.sort_by(|a, b| self.listed_before(*a, *b));
        pages
    }

    /// Whether a page's response is listed before another's.
    pub(super) fn listed_before(&self, a: u32, b: u32) -> Ordering {
        let file = |p: u32| self.snapshot().seen.file(self.home_of(p));
        let no = |p: u32| self.snapshot().name_of(p).1;
        let first = (file(a), no(a)).cmp(&(file(b), no(b)));
        first.then_with(|| self.id(a).cmp(&self.id(b)))
    }

    /// `None` for pages of which no form is known.
    pub(super) fn response(&self, page: u32) -> Option<Response> {
        let form = self.form_of(page)?;
        let file: Option<&FormFile> = self.snapshot().forms.iter().find(|f| f.id == form);
        let home = self.home_of(page);
        let (answers, text) = self.snapshot().answers(page, file);
        Some(Response {
            id: self.id(page),
            file: self.snapshot().seen.file(home).to_owned(),
            page: self.snapshot().name_of(page).1,
            form: form.to_owned(),
            labels: self.snapshot().seen.labels(home).clone(),
            status: self.standing[page as usize].status,
            answers,
            text,
        })
    }

    /// Every response that counts, in no order that means anything, for `visit`: its block (0 if something
    /// lies over its reading) and page, block by block.
    pub fn counted_places(&self) -> Vec<(u32, u32)> {
        let counts = |p: &u32| self.standing[*p as usize].status == PageStatus::Counted;
        let block = |page: u32| match self.snapshot().view(page) {
            Some((number, _)) if self.snapshot().untouched(page) => number + 1,
            _ => 0,
        };
        let mut out: Vec<_> = self.at_home().filter(counts).map(|p| (block(p), p)).collect();
        out.sort_unstable();
        out
    }

    /// The short way for figures to one of `counted_places`.
    pub fn visit(&self, (block, page): (u32, u32), mut visit: impl FnMut(Counted)) {
        let plain = self.snapshot().view(page).filter(|_| block > 0);
        let (Some((number, view)), Some(form)) = (plain, self.form_of(page)) else {
            return self
                .response(page)
                .into_iter()
                .for_each(|r| visit(Counted::Whole(Box::new(r))));
        };
        let labels = self.snapshot().seen.labels(self.home_of(page));
        let block = self.snapshot().block_of(number);
        visit(Counted::Plain { form, labels, number, block, view });
    }

    /// How many responses count.
    pub fn count(&self) -> usize {
        let counts = |p: &u32| self.standing[*p as usize].status == PageStatus::Counted;
        self.at_home().filter(counts).count()
    }
}

impl Folded<Snapshot> {
    pub(super) fn snapshot_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }
}

fn place(forms: &mut Vec<String>, id: &str) -> u16 {
    let at = forms.iter().position(|f| f == id).unwrap_or_else(|| {
        forms.push(id.to_owned());
        forms.len() - 1
    });
    at as u16
}

/// Document -> the first sighting that gives pages of it.
fn homes(snapshot: &Snapshot, seen: &[u32]) -> Vec<u32> {
    let mut home = vec![NONE; snapshot.documents() as usize];
    for i in seen {
        let Some(document) = snapshot.seen.document(*i) else { continue };
        let home = &mut home[document as usize];
        if *home == NONE && !snapshot.refused.contains_key(&document) {
            *home = *i;
        }
    }
    home
}

/// Sightings that still say something: a refused input whose file was seen again with other content
/// (it had been cut off, or unreadable) is superseded.
fn current(snapshot: &Snapshot) -> Vec<u32> {
    let seen = &snapshot.seen;
    let refused = |i: &u32| seen.document(*i).is_none_or(|d| snapshot.refused.contains_key(&d));
    let superseded = seen.superseded(&seen.all().filter(refused).collect());
    seen.all().filter(|i| !superseded.contains(i)).collect()
}
