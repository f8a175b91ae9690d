//! Pages for the eye, decoded again from the inbox: the pictures stay where they are. Whatever lies there
//! now is looked at only if it is, byte for byte, what was read.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::account::{PageState, document_hash};
use crate::decode::{Document, FaxPage, Limits};
use crate::ingest::{Load, load, stamp};
use crate::store::{Sheet, Stamp, Store, StoreError};

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    #[error("the file is no longer where it was read")]
    Moved,
    #[error("another file is there now")]
    Changed,
    #[error("the page can no longer be decoded")]
    Undecodable,
    #[error("looking at this page ended the program before; open the file with another program")]
    Dangerous,
    #[error("there is no such page")]
    NoPage,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Bytes of opened files kept for their next page: a day's faxes in one file are 80 MB.
const KEPT_BYTES: u64 = 32 << 20;
/// Decoded pages kept, of half a megabyte each: those that one reviewer has before them.
const KEPT_PAGES: usize = 12;

/// A page with everything that is known of it.
pub struct Shown {
    pub sheet: Sheet,
    pub page: FaxPage,
}

/// Opened files and decoded pages, the latest last.
#[derive(Default)]
pub struct Files {
    documents: Mutex<VecDeque<(PathBuf, Stamp, Arc<Document>)>>,
    pages: Mutex<VecDeque<(String, Arc<Shown>)>>,
}

impl Files {
    /// The page of a response as it arrived.
    ///
    /// # Errors
    /// Every [`Missing`].
    pub fn page(&self, store: &Store, response: &str) -> Result<Arc<Shown>, Missing> {
        if let Some(shown) = self.kept(response) {
            return Ok(shown);
        }
        let sheet = store.sheet(response).map_err(|e| match e {
            StoreError::NoResponse { .. } => Missing::NoPage,
            e => Missing::Store(e),
        })?;
        if store.page_now(response)?.0.state == PageState::Quarantined {
            return Err(Missing::Dangerous);
        }
        let mut worst = Missing::Moved;
        for file in &sheet.files {
            match self.decode(file, &sheet) {
                Ok(page) => {
                    let shown = Arc::new(Shown { sheet, page });
                    self.keep(response, &shown);
                    return Ok(shown);
                }
                Err(Missing::Moved) => {}
                Err(e) => worst = e,
            }
        }
        Err(worst)
    }

    /// After a page was read again.
    pub fn forget(&self, response: &str) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, _)| id != response);
    }

    fn kept(&self, response: &str) -> Option<Arc<Shown>> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.iter().find(|(id, _)| id == response).map(|(_, shown)| shown.clone())
    }

    fn keep(&self, response: &str, shown: &Arc<Shown>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.push_back((response.to_owned(), shown.clone()));
        while pages.len() > KEPT_PAGES {
            pages.pop_front();
        }
    }

    fn decode(&self, file: &Path, sheet: &Sheet) -> Result<FaxPage, Missing> {
        let document = self.document(file, sheet)?;
        let index = sheet.page.checked_sub(1).ok_or(Missing::NoPage)?;
        document.page(index).map_err(|_| Missing::Undecodable)
    }

    fn document(&self, file: &Path, sheet: &Sheet) -> Result<Arc<Document>, Missing> {
        let now = stamp(file).ok_or(Missing::Moved)?;
        {
            let kept = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, _, d)) = kept.iter().find(|(p, s, _)| p == file && *s == now) {
                return Ok(d.clone());
            }
        }
        let limits = Limits::default();
        let Load::Bytes { bytes, stamp } = load(file, limits.file_bytes) else {
            return Err(Missing::Moved);
        };
        if document_hash(&bytes) != sheet.sha256 {
            return Err(Missing::Changed);
        }
        let document = Document::open(bytes, &limits).map_err(|_| Missing::Undecodable)?;
        let document = Arc::new(document);
        // Of a single page nothing more is wanted than the page, which is kept itself.
        if document.page_count() < 2 {
            return Ok(document);
        }
        let mut kept = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(p, ..)| p != file);
        kept.push_back((file.to_owned(), stamp, document.clone()));
        while kept.len() > 1 && kept.iter().map(|(_, s, _)| s.bytes).sum::<u64>() > KEPT_BYTES {
            kept.pop_front();
        }
        Ok(document)
    }
}
