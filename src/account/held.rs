//! What the store held at one moment: the fold's only input. Packed, so that a million pages are held in
//! two hundred megabytes.

use std::collections::{BTreeMap, HashMap};

use super::block::{Block, Hash, Kind, Packer, View};
use super::overlay::{answers, written};
use super::places::Places;
use super::sightings::{NONE, Place, Sightings};
use super::{Answer, Decision, Document, Labels, LeftOut, Page, PageState, Sighting, Written};
use crate::form::FormFile;
use crate::reading::{PageReading, Reason};
use crate::resent::{Id, Known};

/// One consistent view of a survey: nothing in it was written after anything else in it was read.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The survey's forms, in the order in which they were first given.
    pub forms: Vec<FormFile>,
    pub(super) seen: Sightings,
    /// Documents that are not simply one page that was opened: why none could be had, or how many.
    unusual: HashMap<Hash, (Option<Reason>, u32)>,
    places: Places,
    /// Where the next record's document is looked for first: they come in the order of the sightings.
    next: u32,
    hashes: Vec<Hash>,
    /// The first page of every document among `pages`.
    first: Vec<u32>,
    pub(super) refused: BTreeMap<u32, Reason>,
    pages: Vec<Slot>,
    reasons: BTreeMap<u32, Reason>,
    decisions: BTreeMap<u32, Vec<Decision>>,
    /// Recognised fields: page, block, place, revision; in the order of pages.
    texts: Vec<(u32, u32, u32, u32)>,
    blocks: Vec<Block>,
    /// What former folds found out about sheets that were sent twice.
    known: Known,
}

/// One page: how far it has come, and where its latest reading lies.
#[derive(Clone, Copy, Debug)]
struct Slot {
    state: PageState,
    document: u32,
    /// `NONE`: it was not read.
    block: u32,
    at: u32,
    ink: u32,
    rev: u32,
}

/// A name that is no SHA-256 in hex.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no SHA-256")]
pub struct NoHash(String);

/// The 32 bytes of a SHA-256 in hex.
///
/// # Errors
/// `NoHash`.
pub fn hash_of(sha256: &str) -> Result<Hash, NoHash> {
    let mut out = [0; 32];
    let pairs = sha256.as_bytes().chunks_exact(2);
    let digit = |c: u8| char::from(c).to_digit(16).filter(|_| !c.is_ascii_uppercase());
    let bytes = pairs.map(|p| Some((digit(p[0])? << 4 | digit(p[1])?) as u8));
    let mut filled = 0;
    for (to, byte) in out.iter_mut().zip(bytes) {
        *to = byte.ok_or_else(|| NoHash(sha256.to_owned()))?;
        filled += 1;
    }
    if filled == 32 && sha256.len() == 64 { Ok(out) } else { Err(NoHash(sha256.to_owned())) }
}

impl Snapshot {
    /// Without inputs.
    pub fn new(forms: Vec<FormFile>) -> Self {
        Self { forms, ..Self::default() }
    }

    /// Says of a document that it was refused, or how many pages it has; otherwise it has one. Before any
    /// sighting of it.
    ///
    /// # Errors
    /// `NoHash`.
    pub fn unusual(
        &mut self,
        sha256: &str,
        refused: Option<Reason>,
        pages: u32,
    ) -> Result<(), NoHash> {
        self.unusual.insert(hash_of(sha256)?, (refused, pages));
        Ok(())
    }

    /// Adds a sighting, and its document if it is new.
    ///
    /// # Errors
    /// `NoHash`.
    pub fn see(&mut self, s: &Sighting) -> Result<(), NoHash> {
        let labels = || s.labels.clone();
        let key = format!("{:?}", s.labels);
        let place = Place { file: &s.file, location: &s.location, labels: &key };
        self.see_at(&place, labels, s.document.as_deref(), s.reason.clone())
    }

    /// The same of what lies in a longer text: `labels` is asked once for every key.
    ///
    /// # Errors
    /// `NoHash`.
    pub fn see_at(
        &mut self,
        place: &Place,
        labels: impl FnOnce() -> Labels,
        document: Option<&str>,
        reason: Option<Reason>,
    ) -> Result<(), NoHash> {
        let document = document.map(hash_of).transpose()?.map_or(NONE, |hash| self.add(hash));
        self.seen.push(place, labels, document, reason);
        Ok(())
    }

    /// Adds what is known of a document that was seen, all at once.
    ///
    /// # Errors
    /// `NoHash`.
    pub fn document(&mut self, sha256: &str, document: &Document) -> Result<(), NoHash> {
        let hash = hash_of(sha256)?;
        let mut packer = Packer::default();
        for (page, no) in document.pages.iter().zip(1..) {
            self.state(&hash, no, page.state, page.reason.clone());
            page.decisions.iter().for_each(|d| self.decided(&hash, no, d.clone()));
            if let Some(reading) = &page.reading {
                packer.reading(&hash, (no, 1), reading);
            }
        }
        if let Some(block) = packer.finish().and_then(|(bytes, ink)| Block::open(bytes, ink)) {
            self.block(block);
        }
        Ok(())
    }

    /// The document's place.
    fn add(&mut self, hash: Hash) -> u32 {
        if let Some(at) = self.places.find(&hash, &self.hashes) {
            return at;
        }
        let at = self.hashes.len() as u32;
        self.hashes.push(hash);
        self.places.add_last(&self.hashes);
        self.first.push(self.pages.len() as u32);
        let (refused, pages) = self.unusual.remove(&hash).unwrap_or((None, 1));
        if let Some(reason) = refused {
            self.refused.insert(at, reason);
        }
        let slot =
            Slot { state: PageState::Read, document: at, block: NONE, at: 0, ink: 0, rev: 0 };
        self.pages.extend((0..pages).map(|_| slot));
        at
    }

    /// The page's number here. `None`: nobody has seen the document, or a former version of the reader found
    /// more pages in it than there are now.
    fn place(&self, hash: &Hash, no: u32) -> Option<u32> {
        let next = Some(self.next).filter(|at| self.hashes.get(*at as usize) == Some(hash));
        let at = next.or_else(|| self.places.find(hash, &self.hashes))?;
        self.pages_of(at).nth((no as usize).checked_sub(1)?)
    }

    /// How far a page has come; one that nothing is said of was read.
    pub fn state(&mut self, hash: &Hash, no: u32, state: PageState, reason: Option<Reason>) {
        let Some(page) = self.place(hash, no) else { return };
        self.pages[page as usize].state = state;
        if let Some(reason) = reason {
            self.reasons.insert(page, reason);
        }
    }

    /// A decision about a page; the latest last.
    pub fn decided(&mut self, hash: &Hash, no: u32, decision: Decision) {
        if let Some(page) = self.place(hash, no) {
            self.decisions.entry(page).or_default().push(decision);
        }
    }

    /// A block of readings, in the order in which they were stored: the last reading of a page stands.
    pub fn block(&mut self, block: Block) {
        let number = self.blocks.len() as u32;
        let (block, records) = block.unnamed();
        for record in records {
            let Some(page) = self.place(&record.document, record.page) else { continue };
            self.next = self.pages[page as usize].document + 1;
            match record.kind {
                Kind::Reading => {
                    let slot = &mut self.pages[page as usize];
                    (slot.block, slot.at) = (number, record.at);
                    (slot.ink, slot.rev) = (record.ink, record.rev);
                }
                Kind::Texts => self.texts.push((page, number, record.at, record.rev)),
            }
        }
        self.blocks.push(block);
    }

    /// After the last block: what only the loading needed is let go.
    pub fn complete(&mut self) {
        self.places = Places::default();
        self.unusual = HashMap::new();
        // Stable: the last of a field stands.
        self.texts.sort_by_key(|t| t.0);
    }

    /// What a former fold has learned (`Folded::learned`); where it does not fit, it is not used.
    pub fn known(&mut self, known: Known) {
        self.known = known;
    }

    pub(super) fn known_pairs(&self) -> &Known {
        &self.known
    }

    /// Names the page's reading: eight bytes of its document's hash, its number, and the reading's revision. `form`
    /// is what it counts as.
    pub(super) fn reading_id(&self, page: u32, form: &str) -> Id {
        let (document, no) = self.name_of(page);
        let rev = self.pages[page as usize].rev;
        let form = form.bytes().fold(0u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()));
        let mut id = [0; 20];
        id[..8].copy_from_slice(&self.hashes[document as usize][..8]);
        for (to, part) in id[8..].chunks_exact_mut(4).zip([no, rev, form]) {
            to.copy_from_slice(&part.to_le_bytes());
        }
        id
    }

    pub(super) fn documents(&self) -> u32 {
        self.hashes.len() as u32
    }

    /// SHA-256 in hex.
    pub(super) fn sha256(&self, document: u32) -> String {
        self.hashes.get(document as usize).map(|h| super::snapshot::hex(h)).unwrap_or_default()
    }

    pub(super) fn pages_of(&self, document: u32) -> std::ops::Range<u32> {
        let at = document as usize;
        let end = self.first.get(at + 1).map_or(self.pages.len(), |p| *p as usize);
        self.first[at]..end as u32
    }

    pub(super) fn pages(&self) -> u32 {
        self.pages.len() as u32
    }

    /// Document and number, from 1.
    pub(super) fn name_of(&self, page: u32) -> (u32, u32) {
        let document = self.pages[page as usize].document;
        (document, page - self.first[document as usize] + 1)
    }

    pub(super) fn state_of(&self, page: u32) -> (PageState, Option<&Reason>) {
        (self.pages[page as usize].state, self.reasons.get(&page))
    }

    /// Its reading where it lies, with the number of its block.
    pub(super) fn view(&self, page: u32) -> Option<(u32, View<'_>)> {
        let slot = self.pages[page as usize];
        let block = self.blocks.get(slot.block as usize)?;
        Some((slot.block, block.view(slot.at)))
    }

    pub(super) fn block_of(&self, number: u32) -> &Block {
        &self.blocks[number as usize]
    }

    /// Lets go of what only names a page.
    pub(super) fn forget_names(&mut self) {
        self.hashes = Vec::new();
        self.seen.forget_files();
    }

    /// Lets go of what only the search for sheets that were sent twice needs.
    pub(super) fn forget_ink(&mut self) {
        self.blocks.iter_mut().for_each(Block::forget_ink);
    }

    /// What people have decided about a page, all of it anew; the latest last.
    pub(super) fn set_decisions(&mut self, page: u32, decisions: Vec<Decision>) {
        if decisions.is_empty() {
            self.decisions.remove(&page);
        } else {
            self.decisions.insert(page, decisions);
        }
    }

    pub(super) fn ink(&self, page: u32) -> &[u8] {
        let slot = self.pages[page as usize];
        self.blocks.get(slot.block as usize).map_or(&[], |b| b.ink(slot.ink))
    }

    pub(super) fn decisions_on(&self, page: u32) -> &[Decision] {
        self.decisions.get(&page).map_or(&[], Vec::as_slice)
    }

    /// Nothing lies over its reading.
    pub(super) fn untouched(&self, page: u32) -> bool {
        !self.decisions.contains_key(&page)
            && self.texts.binary_search_by_key(&page, |t| t.0).is_err()
    }

    /// The page's reading with what recognisers made of its writing.
    pub(super) fn reading(&self, page: u32) -> Option<PageReading> {
        let (_, view) = self.view(page)?;
        let mut reading = view.unpack()?;
        let rev = self.pages[page as usize].rev;
        let from = self.texts.partition_point(|t| t.0 < page);
        let own = self.texts[from..].iter().take_while(|t| t.0 == page && t.3 == rev);
        for (_, block, at, _) in own {
            let block = &self.blocks[*block as usize];
            reading.text.extend(block.view(*at).texts().unwrap_or_default());
        }
        Some(reading)
    }

    /// One page taken out; its reading has neither boxes nor ink.
    fn page(&self, page: u32) -> Page {
        let (state, reason) = self.state_of(page);
        let decisions = self.decisions_on(page).to_vec();
        Page { state, reason: reason.cloned(), reading: self.reading(page), decisions }
    }

    /// What a page's answers and written fields are as things stand.
    pub(super) fn answers(
        &self,
        page: u32,
        form: Option<&FormFile>,
    ) -> (BTreeMap<String, Answer>, BTreeMap<String, Written>) {
        let page = self.page(page);
        (answers(&page, form), written(&page, form))
    }

    /// Every page that somebody decided something about: document, number, and the page itself.
    pub fn decided_pages(&self) -> impl Iterator<Item = (String, u32, Page)> + '_ {
        self.decisions.keys().map(|page| {
            let (document, no) = self.name_of(*page);
            (self.sha256(document), no, self.page(*page))
        })
    }

    /// Forgets every sighting after `day` (an ISO date) and those without a date. It is the sightings
    /// that go, before anything is folded: a sheet whose copy came in time and whose original came later
    /// is then counted by its copy.
    pub fn as_of(&mut self, day: &str) -> LeftOut {
        let mut out = LeftOut::default();
        // ISO dates sort as text.
        let stays = |l: &Labels| l.arrived.as_deref().is_some_and(|date| date <= day);
        for i in self.seen.all().filter(|i| !stays(self.seen.labels(*i))) {
            let pages = self.seen.document(i).map_or(1, |d| self.pages_of(d).len().max(1)) as u64;
            match self.seen.labels(i).arrived {
                Some(_) => out.later += pages,
                None => out.undated += pages,
            }
        }
        self.seen.forget(|l| !stays(l));
        out
    }
}
