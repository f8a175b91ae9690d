//! The real reader behind [`ReadPage`]: decoding under limits, and the pipeline.

use crate::batch::{Pages, ReadPage, reader_key};
use crate::decode::{Document, FaxPage, Limits};
use crate::form::Form;
use crate::judge::Policy;
use crate::pipeline::Reader;
use crate::reading::{PageReading, READER_VERSION, Reason};

/// Opens files and reads pages with the survey's forms.
pub struct FaxReader {
    reader: Reader,
    limits: Limits,
    key: String,
}

impl FaxReader {
    pub fn new(forms: Vec<Form>, policy: Policy, limits: Limits) -> Self {
        // `Debug` prints every threshold to its last digit.
        let policy_text = format!("{policy:?}");
        let hashes = forms.iter().map(|f| f.hash.as_str());
        let key = reader_key(READER_VERSION, hashes, &[&policy_text]);
        Self { reader: Reader::new(forms, policy), limits, key }
    }
}

impl ReadPage for FaxReader {
    fn key(&self) -> String {
        self.key.clone()
    }

    fn open(&self, bytes: Vec<u8>) -> Result<Box<dyn Pages>, Reason> {
        match Document::open(bytes, &self.limits) {
            Ok(document) => Ok(Box::new(Opened(document))),
            Err(e) => Err(e.reason()),
        }
    }

    fn read(&self, page: &FaxPage) -> PageReading {
        self.reader.read_page(page)
    }
}

/// A file that promises more than it holds has one page more: the missing part, which is refused with
/// its reason. Otherwise a file cut off between two pages would look whole.
struct Opened(Document);

impl Pages for Opened {
    fn count(&self) -> u32 {
        self.0.page_count() + u32::from(self.0.incomplete().is_some())
    }

    fn page(&self, index: u32) -> Result<FaxPage, Reason> {
        if let Some(why) = self.0.incomplete().filter(|_| index >= self.0.page_count()) {
            return Err(why.reason());
        }
        let page = self.0.page(index).map_err(|e| e.reason())?;
        // A PDF that is cut off keeps its pages and loses their pictures: white is not blank there.
        match self.0.incomplete() {
            Some(why) if page.bitmap.count() == 0 => Err(why.reason()),
            _ => Ok(page),
        }
    }
}
