//! The desk: what waits, who has what before them, and what was decided. One lock around one state in
//! memory; every decision is on the disk before anybody is told that it counts.

mod board;
mod decide;
mod says;
mod style;
mod summary;
mod take;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use board::{Board, Person, Share};
pub use decide::{Given, Told};
pub use summary::Summary;
pub use take::{Filter, Shelf, Taken};

use super::book::Book;
use super::item::{Item, Key, Slot, View, Whys, slots};
use super::lease::Leases;
use crate::account::{Field, Folded, PageStatus, Snapshot, response_id};
use crate::form::Form;
use crate::reading::ReasonCode;
use crate::sample::{self, Unit};
use crate::store::{Entry, Remark, Store, StoreError};
use says::Says;
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
/// After the account was made anew it rests for so many times as long: it takes no more than a tenth of the
/// time that reviewers need for themselves.
const REST: u32 = 9;
/// But no longer: what a page's decision makes of other pages is seen within a minute.
const LONGEST_REST: Duration = Duration::from_mins(1);

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
    /// Shared with whoever draws the dashboard, who is not waited for.
    book: Arc<Book>,
    whys: Whys,
    revisions: HashMap<String, u32>,
    /// By response, oldest first.
    remarks: HashMap<String, Vec<Remark>>,
    queue: BTreeSet<Slot>,
    /// What of the queue is of a response.
    slots: HashMap<String, Vec<Slot>>,
    leases: Leases,
    /// The blind audit's, each in the shape of any other item while the machine alone stands for it.
    sample: Vec<(Unit, Option<Item>)>,
    /// Why people were asked about what they have decided since.
    why: HashMap<Key, Vec<ReasonCode>>,
    /// The styles of marks that people have decided about and whose word they were, as far as they were asked for.
    styles: HashMap<Key, (Style, Says)>,
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
    /// How long making it took, and whether somebody waits to make it again.
    reload_took: Duration,
    reload_waits: bool,
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

    pub fn book(&self) -> Arc<Book> {
        self.state().book.clone()
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

    /// Somebody wants the account made anew: how long they wait before they do it. `None`: somebody waits
    /// already, and will see what they have done.
    pub fn rest(&self) -> Option<Duration> {
        let mut state = self.state();
        if std::mem::replace(&mut state.reload_waits, true) {
            return None;
        }
        Some((state.reload_took * REST).min(LONGEST_REST))
    }

    /// Makes the account anew after a rest.
    ///
    /// # Errors
    /// Whatever the store says; then the former account stays.
    pub fn reload_rested(&self) -> Result<(), StoreError> {
        self.state().reload_waits = false;
        self.reload()
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
        Arc::make_mut(&mut state.book).set_decisions(response, page.decisions);
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
        let began = Instant::now();
        // Before the snapshot: what comes in between is found out as new, and never overridden unseen.
        let (mark, revisions) = (store.changed_elsewhere()?, store.revisions()?);
        let snapshot = store.snapshot()?;
        let why = why(&snapshot);
        let book = Book::new(Folded::new(snapshot));
        let probed = store.probes()?.into_iter().map(|p| (p.response, p.field));
        let taken: BTreeSet<(String, Field)> = probed.collect();
        let size = rules.audit.saturating_sub(taken.len());
        let sample = sample::draw(book.counted(), forms, size, &taken);
        let sample = sample.into_iter().map(|unit| (take::probe_item(&book, &unit), unit));
        let sample = sample.map(|(item, unit)| (unit, item)).collect();
        let mut state = Self {
            book: Arc::new(book),
            whys: Whys::default(),
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
            reload_took: Duration::ZERO,
            reload_waits: false,
            since_probe: 0,
        };
        let book = state.book.clone();
        let all: BTreeSet<&str> = book.all_ids().collect();
        for id in all {
            state.requeue(id, forms);
        }
        state.reload_took = began.elapsed();
        Ok(state)
    }

    /// The new account in place of the former; who has what before them stays.
    fn replace(&mut self, fresh: Self) {
        let leases = std::mem::take(&mut self.leases);
        let (given, undone) = (std::mem::take(&mut self.given), std::mem::take(&mut self.undone));
        let (version, reload_waits) = (self.version + 1, self.reload_waits);
        *self = Self { leases, given, undone, version, reload_waits, ..fresh };
    }

    fn restate(&mut self, response: &str, status: PageStatus, forms: &[Form]) {
        Arc::make_mut(&mut self.book).restate(response, status);
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
        let entry = self.book.line_place(response).and_then(|i| Some((i, self.book.line(i)?)));
        let answers = self.book.place(response).and_then(|i| Some((i, self.book.response(i)?)));
        let entry = entry.as_ref().map(|(i, e)| (*i, e));
        let answers = answers.as_ref().map(|(i, r)| (*i, r));
        let mut found = slots(entry, answers, forms, &mut self.whys);
        // What a person has set aside is settled; what the machine did may be looked at.
        found.retain(|slot| !slot.is_aside() || !self.why.contains_key(&Key::page(response)));
        if !found.is_empty() {
            self.queue.extend(&found);
            self.slots.insert(response.to_owned(), found);
        }
        for (unit, item) in self.sample.iter_mut().filter(|(u, _)| u.response == response) {
            *item = take::probe_item(&self.book, unit);
        }
        self.version += 1;
    }

    /// The queue in its order.
    fn views<'a>(&'a self, forms: &'a [Form]) -> impl Iterator<Item = (Slot, View<'a>)> {
        self.queue.iter().map(|slot| (*slot, slot.view(&self.book, &self.whys, forms)))
    }

    fn waiting<'a>(&'a self, key: &Key, forms: &'a [Form]) -> Option<View<'a>> {
        let slots = self.slots.get(&key.response)?;
        let mut views = slots.iter().map(|slot| slot.view(&self.book, &self.whys, forms));
        views.find(|view| view.is(&key.field))
    }

    /// What was remarked about an item, oldest first.
    fn remarks<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = &'a Remark> + Clone {
        let of_response = self.remarks.get(&key.response).map_or(&[][..], Vec::as_slice);
        of_response.iter().filter(|r| r.field == key.field)
    }

    /// The same for an item in the queue.
    fn remarks_on<'a>(&'a self, view: &View<'a>) -> impl Iterator<Item = &'a Remark> + Clone {
        let of_response = self.remarks.get(view.response).map_or(&[][..], Vec::as_slice);
        let view = *view;
        of_response.iter().filter(move |r| view.is(&r.field))
    }
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
            let codes: BTreeSet<ReasonCode> =
                reasons.into_iter().flatten().map(|r| r.code).collect();
            let codes = codes.into_iter().collect();
            out.insert(Key { response: response_id(&sha256, no), field }, codes);
        }
    }
    out
}
