//! The desk: what waits, who has what before them, and what was decided. One lock around one state in
//! memory; every decision is on the disk before anybody is told that it counts.

mod board;
mod decide;
mod style;
mod summary;
mod take;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use board::{Board, Person, Share};
pub use decide::{Given, Told};
pub use take::{Filter, Shelf, Taken};

use super::item::{Key, Slot, View, id_of, slots};
use super::lease::Leases;
use crate::account::{
    Account, Field, PageEntry, PageStatus, Snapshot, answers, fold, response_id, written,
};
use crate::form::Form;
use crate::reading::ReasonCode;
use crate::sample::{self, Unit};
use crate::store::{Entry, Remark, Store, StoreError};
use style::Style;

/// How a survey is reviewed.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Answers in the blind audit's sample.
    pub audit: usize,
    /// Share of the items that two people enter, 0..=1.
    pub double_share: f64,
    /// Questions of which two people enter every item.
    pub double: BTreeSet<String>,
}

impl Default for Rules {
    fn default() -> Self {
        // 200 answers without an error bound the silent ones at 1.5 %, in five minutes of looking.
        Self { audit: 200, double_share: 0.0, double: BTreeSet::new() }
    }
}

/// Another program's writing is looked for so often: one pragma.
const LOOK_ELSEWHERE: Duration = Duration::from_secs(2);

/// A survey under review.
pub struct Desk {
    pub store: Store,
    pub forms: Vec<Form>,
    pub rules: Rules,
    state: Mutex<State>,
    /// Held from the look into the store to the change of the state: of two looks at one response the later
    /// must be the one that stays.
    looking: Mutex<()>,
}

/// Everything that changes.
struct State {
    account: Arc<Account>,
    /// Response -> its place in `account.responses`, and in `account.pages`.
    responses: HashMap<String, usize>,
    pages: HashMap<String, usize>,
    revisions: HashMap<String, u32>,
    /// By response, oldest first.
    remarks: HashMap<String, Vec<Remark>>,
    queue: BTreeSet<Slot>,
    /// What of the queue is of a response.
    slots: HashMap<String, Vec<Slot>>,
    leases: Leases,
    sample: Vec<Unit>,
    /// Why people were asked about what they have decided since.
    why: HashMap<Key, Vec<ReasonCode>>,
    /// The styles of marks that people have decided about, as far as they were asked for.
    styles: HashMap<Key, Style>,
    /// Steps of this process as they were given, for redo; and those that were undone, by person.
    given: HashMap<i64, Vec<Entry>>,
    undone: HashMap<String, Vec<Vec<Entry>>>,
    /// Grows with every change that the screen can show.
    version: u64,
    elsewhere: (i64, Instant),
    /// A new account is being made; what was decided meanwhile is looked at again when it is there.
    reloading: Option<BTreeSet<String>>,
    /// Pages decided meanwhile, and that the account must be made once more.
    restated: BTreeMap<String, PageStatus>,
    once_more: bool,
    /// Ordinary items given out since the last of the audit.
    since_probe: usize,
}

impl Desk {
    /// Folds the survey; 8,330 responses take a second or two.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn open(store: Store, rules: Rules) -> Result<Self, StoreError> {
        let forms = store.forms()?;
        let state = State::load(&store, &forms, &rules)?;
        Ok(Self { store, forms, rules, state: Mutex::new(state), looking: Mutex::default() })
    }

    /// A panic elsewhere leaves the state as it was between two statements, never half a decision: those
    /// are the store's.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn account(&self) -> Arc<Account> {
        self.state().account.clone()
    }

    /// Grows with every change that the screen can show.
    pub fn version(&self) -> u64 {
        self.state().version
    }

    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|f| f.id() == id)
    }

    /// Whether the account must be made anew: another program has written, or a page was decided.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn is_stale(&self) -> Result<bool, StoreError> {
        {
            let mut state = self.state();
            if state.reloading.is_some() || state.elsewhere.1.elapsed() < LOOK_ELSEWHERE {
                return Ok(false);
            }
            state.elsewhere.1 = Instant::now();
        }
        let now = self.store.changed_elsewhere()?;
        let mut state = self.state();
        let changed = state.elsewhere.0 != now;
        state.elsewhere.0 = now;
        Ok(changed)
    }

    /// Makes the account anew, beside the work that goes on.
    ///
    /// # Errors
    /// Whatever the store says; then the former account stays.
    pub fn reload(&self) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            if state.reloading.is_some() {
                state.once_more = true;
                return Ok(());
            }
            state.reloading = Some(BTreeSet::new());
        }
        while self.reload_once()? {}
        Ok(())
    }

    /// Whether it must be done once more: something asked for it meanwhile.
    fn reload_once(&self) -> Result<bool, StoreError> {
        let fresh = State::load(&self.store, &self.forms, &self.rules);
        let mut state = self.state();
        let touched = state.reloading.take().unwrap_or_default();
        let restated = std::mem::take(&mut state.restated);
        let again = std::mem::take(&mut state.once_more);
        let fresh = fresh?;
        state.replace(fresh);
        if again {
            state.reloading = Some(BTreeSet::new());
        }
        // What was decided meanwhile is nobody's to take before it is looked at again; what a page became
        // is known already.
        for response in &touched {
            state.hide(response);
        }
        for (response, status) in restated {
            state.restate(&response, status, &self.forms);
        }
        drop(state);
        for response in touched {
            self.refresh(&response)?;
        }
        Ok(again)
    }

    /// Takes over what the store now says about one response's answers.
    fn refresh(&self, response: &str) -> Result<(), StoreError> {
        let _look = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let (page, rev) = self.store.page_now(response)?;
        let mut state = self.state();
        if let Some(touched) = &mut state.reloading {
            touched.insert(response.to_owned());
        }
        state.revisions.insert(response.to_owned(), rev);
        if let Some(at) = state.responses.get(response).copied() {
            let account = Arc::make_mut(&mut state.account);
            let r = &mut account.responses[at];
            let form = self.forms.iter().find(|f| f.id() == r.form).map(|f| &f.file);
            r.answers = answers(&page, form);
            r.text = written(&page, form);
        }
        state.requeue(response, &self.forms);
        Ok(())
    }

    /// A page's new status, until the account is made anew.
    fn restate(&self, response: &str, status: PageStatus) {
        let mut state = self.state();
        if state.reloading.is_some() {
            state.restated.insert(response.to_owned(), status);
        }
        state.restate(response, status, &self.forms);
    }
}

impl State {
    fn load(store: &Store, forms: &[Form], rules: &Rules) -> Result<Self, StoreError> {
        // Before the snapshot: what comes in between is found out as new, and never overridden unseen.
        let (mark, revisions) = (store.changed_elsewhere()?, store.revisions()?);
        let (account, why) = {
            let snapshot = store.snapshot()?;
            (fold(&snapshot), why(&snapshot))
        };
        let probed = store.probes()?.into_iter().map(|p| (p.response, p.field));
        let taken: BTreeSet<(String, Field)> = probed.collect();
        let size = rules.audit.saturating_sub(taken.len());
        let sample = sample::draw(&account, forms, size, &taken);
        let responses = account.responses.iter().enumerate().map(|(i, r)| (r.id.clone(), i));
        let responses = responses.collect();
        let pages = pages(&account);
        let mut state = Self {
            account: Arc::new(account),
            responses,
            pages,
            revisions: revisions.into_iter().collect(),
            remarks: by_response(store.remarks()?),
            queue: BTreeSet::new(),
            slots: HashMap::new(),
            leases: Leases::default(),
            sample,
            why,
            styles: HashMap::new(),
            given: HashMap::new(),
            undone: HashMap::new(),
            version: 0,
            elsewhere: (mark, Instant::now()),
            reloading: None,
            restated: BTreeMap::new(),
            once_more: false,
            since_probe: 0,
        };
        let all: BTreeSet<String> =
            state.pages.keys().chain(state.responses.keys()).cloned().collect();
        for id in &all {
            state.requeue(id, forms);
        }
        Ok(state)
    }

    /// The new account in place of the former; who has what before them stays.
    fn replace(&mut self, fresh: Self) {
        let leases = std::mem::take(&mut self.leases);
        let (given, undone) = (std::mem::take(&mut self.given), std::mem::take(&mut self.undone));
        let version = self.version + 1;
        *self = Self { leases, given, undone, version, ..fresh };
    }

    fn restate(&mut self, response: &str, status: PageStatus, forms: &[Form]) {
        let (page, at) = (self.pages.get(response).copied(), self.responses.get(response).copied());
        let account = Arc::make_mut(&mut self.account);
        if let Some(i) = page {
            account.pages[i].status = status;
        }
        if let Some(i) = at {
            account.responses[i].status = status;
        }
        self.requeue(response, forms);
    }

    /// Takes a response's items out of the queue.
    fn hide(&mut self, response: &str) {
        for slot in self.slots.remove(response).unwrap_or_default() {
            self.queue.remove(&slot);
        }
    }

    /// The items of one response as it stands now.
    fn requeue(&mut self, response: &str, forms: &[Form]) {
        self.hide(response);
        let entry = self.pages.get(response).map(|i| (*i, &self.account.pages[*i]));
        let answers = self.responses.get(response).map(|i| (*i, &self.account.responses[*i]));
        let mut found = slots(entry, answers, forms);
        // What a person has set aside is settled; what the machine did may be looked at.
        found.retain(|slot| !slot.is_aside() || !self.why.contains_key(&Key::page(response)));
        if !found.is_empty() {
            self.queue.extend(&found);
            self.slots.insert(response.to_owned(), found);
        }
        self.version += 1;
    }

    /// The queue in its order.
    fn views<'a>(&'a self, forms: &'a [Form]) -> impl Iterator<Item = (Slot, View<'a>)> {
        self.queue.iter().filter_map(|slot| Some((*slot, slot.view(&self.account, forms)?)))
    }

    fn waiting<'a>(&'a self, key: &Key, forms: &'a [Form]) -> Option<View<'a>> {
        let slots = self.slots.get(&key.response)?;
        let mut views = slots.iter().filter_map(|slot| slot.view(&self.account, forms));
        views.find(|view| view.part.is(&key.field))
    }

    /// What was remarked about an item, oldest first.
    fn remarks<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = &'a Remark> + Clone {
        let of_response = self.remarks.get(&key.response).map_or(&[][..], Vec::as_slice);
        of_response.iter().filter(|r| r.field == key.field)
    }

    /// The same for an item in the queue.
    fn remarks_on<'a>(&'a self, view: &View<'a>) -> impl Iterator<Item = &'a Remark> + Clone {
        let id = view.part.response();
        let of_response = self.remarks.get(id.as_ref()).map_or(&[][..], Vec::as_slice);
        let (kind, name) = (view.part.kind(), view.part.name());
        of_response.iter().filter(move |r| r.field.kind() == kind && r.field.name() == name)
    }
}

/// Where every page that people can be asked about is in the account.
fn pages(account: &Account) -> HashMap<String, usize> {
    let asked = |p: &PageEntry| {
        // The bytes of another input: whatever is to be said about them is said of that one.
        let copy = p.reasons.iter().any(|r| r.code == ReasonCode::ByteCopy);
        // A copy, too: what made it one can be taken back.
        p.response.is_some() || p.page > 0 && !copy
    };
    let pages = account.pages.iter().enumerate().filter(|(_, p)| asked(p));
    pages.map(|(i, p)| (id_of(p).into_owned(), i)).collect()
}

/// Remarks by the response they are about, oldest first.
fn by_response(all: Vec<Remark>) -> HashMap<String, Vec<Remark>> {
    let mut out: HashMap<String, Vec<Remark>> = HashMap::new();
    for remark in all {
        out.entry(remark.response.clone()).or_default().push(remark);
    }
    out
}

/// Why people were asked about what they decided: the reasons of the machine's reading.
fn why(snapshot: &Snapshot) -> HashMap<Key, Vec<ReasonCode>> {
    let mut out = HashMap::new();
    for (sha256, no, page) in snapshot.decided_pages() {
        for decision in &page.decisions {
            let field = decision.verdict.field();
            let reading = page.reading.as_ref();
            let reasons = match &field {
                Field::Page => reading.map(|r| &r.reasons),
                Field::Answer(q) => reading.and_then(|r| r.answers.get(q)).map(|a| &a.reasons),
                Field::Text(q) => reading.and_then(|r| r.text.get(q)).map(|t| &t.reasons),
            };
            let codes = reasons.into_iter().flatten().map(|r| r.code).collect();
            out.insert(Key { response: response_id(&sha256, no), field }, codes);
        }
    }
    out
}
