//! The desk: what waits, who has what before them, and what was decided. One lock around one state in
//! memory; every decision is on the disk before anybody is told that it counts.

mod board;
mod decide;
mod summary;
mod take;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use board::{Board, Person};
pub use decide::{Given, Told};
pub use take::{Filter, Shelf, Taken};

use super::item::{Item, Key, Order, items};
use super::lease::Leases;
use crate::account::{Account, Field, PageStatus, Snapshot, answers, fold, response_id, written};
use crate::form::Form;
use crate::lang::reason::code;
use crate::sample::{self, Unit};
use crate::store::{Entry, Remark, Store, StoreError};

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
}

/// Everything that changes.
struct State {
    account: Arc<Account>,
    /// Response -> its place in `account.responses`, and in `account.pages`.
    responses: HashMap<String, usize>,
    pages: HashMap<String, usize>,
    revisions: HashMap<String, u32>,
    remarks: HashMap<Key, Vec<Remark>>,
    queue: BTreeMap<Order, Item>,
    orders: HashMap<String, Vec<Order>>,
    leases: Leases,
    sample: Vec<Unit>,
    /// Why people were asked about what they have decided since: codes of reasons.
    why: HashMap<Key, Vec<String>>,
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
        Ok(Self { store, forms, rules, state: Mutex::new(state) })
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
        drop(state);
        for response in touched {
            self.refresh(&response)?;
        }
        for (response, status) in restated {
            self.restate(&response, status);
        }
        Ok(again)
    }

    /// Takes over what the store now says about one response's answers.
    fn refresh(&self, response: &str) -> Result<(), StoreError> {
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
        let (page, at) =
            (state.pages.get(response).copied(), state.responses.get(response).copied());
        let account = Arc::make_mut(&mut state.account);
        if let Some(i) = page {
            account.pages[i].status = status;
        }
        if let Some(i) = at {
            account.responses[i].status = status;
        }
        state.requeue(response, &self.forms);
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
        let pages = account.pages.iter().enumerate();
        let pages = pages.filter_map(|(i, p)| Some((p.response.clone()?, i))).collect();
        let mut state = Self {
            account: Arc::new(account),
            responses,
            pages,
            revisions: revisions.into_iter().collect(),
            remarks: by_key(store.remarks()?),
            queue: BTreeMap::new(),
            orders: HashMap::new(),
            leases: Leases::default(),
            sample,
            why,
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

    /// The items of one response as it stands now.
    fn requeue(&mut self, response: &str, forms: &[Form]) {
        for order in self.orders.remove(response).unwrap_or_default() {
            self.queue.remove(&order);
        }
        let entry = self.pages.get(response).map(|i| &self.account.pages[*i]);
        let answers = self.responses.get(response).map(|i| &self.account.responses[*i]);
        let mut orders = Vec::new();
        for item in items(entry, answers, forms) {
            let order = item.order(forms);
            orders.push(order.clone());
            self.queue.insert(order, item);
        }
        if !orders.is_empty() {
            self.orders.insert(response.to_owned(), orders);
        }
        self.version += 1;
    }

    fn item(&self, key: &Key) -> Option<&Item> {
        let orders = self.orders.get(&key.response)?;
        orders.iter().find_map(|o| self.queue.get(o).filter(|i| i.key == *key))
    }

    fn remarks(&self, key: &Key) -> &[Remark] {
        self.remarks.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Remarks by what they are about, oldest first.
fn by_key(all: Vec<Remark>) -> HashMap<Key, Vec<Remark>> {
    let mut out: HashMap<Key, Vec<Remark>> = HashMap::new();
    for remark in all {
        let key = Key { response: remark.response.clone(), field: remark.field.clone() };
        out.entry(key).or_default().push(remark);
    }
    out
}

/// Why people were asked about what they decided: the reasons of the machine's reading.
fn why(snapshot: &Snapshot) -> HashMap<Key, Vec<String>> {
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
            let codes = reasons.into_iter().flatten().map(|r| code(r.code)).collect();
            out.insert(Key { response: response_id(&sha256, no), field }, codes);
        }
    }
    out
}
