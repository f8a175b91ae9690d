//! The packed answers of a survey: from the file beside its store if that was made from this very
//! content, else from the store. The figures are the same either way.

use super::console::Console;
use super::exit::Failure;
use super::people::store_failure;
use crate::account::{Folded, Snapshot};
use crate::form::Form;
use crate::reading::READER_VERSION;
use crate::store::{PACKED, Store};
use crate::tally::{PageCounts, Sheet, folded_counts, key, pack, unpack};

/// From here on it is worth a file: below, a survey is read in about a second (40 us of CPU a response).
pub const LEAST_ROWS: usize = 20_000;

/// Figures' columns, what became of the pages, and the fold they were made of if one was.
pub type Columns<'f> = (Sheet<'f>, PageCounts, Option<Folded<Snapshot>>);

/// The survey as it stands now. Surveys of at least `least` responses leave a file behind.
pub fn packed<'f>(
    console: &Console,
    store: &Store,
    forms: &'f [Form],
    least: usize,
) -> Result<(Sheet<'f>, PageCounts), Failure> {
    let lighten = |folded: &mut Folded<Snapshot>| folded.forget_names();
    columns(console, store, forms, least, lighten).map(|(sheet, pages, _)| (sheet, pages))
}

/// The same for whoever goes on to the rows: they need not be loaded again where they just were.
pub fn with_rows<'f>(
    console: &Console,
    store: &Store,
    forms: &'f [Form],
) -> Result<Columns<'f>, Failure> {
    columns(console, store, forms, LEAST_ROWS, Folded::forget_ink)
}

fn columns<'f>(
    console: &Console,
    store: &Store,
    forms: &'f [Form],
    least: usize,
    lighten: impl FnOnce(&mut Folded<Snapshot>),
) -> Result<Columns<'f>, Failure> {
    let failed = |e| store_failure(console, &e);
    let path = store.dir().join(PACKED);
    // Taken before the snapshot: if somebody writes in between, the file is made for a content that is
    // past, and is never used.
    let key = store.content().map_err(failed)?.map(|content| key(&content, forms, READER_VERSION));
    if let Some(key) = &key
        && let Some(found) = std::fs::read(&path).ok().and_then(|b| unpack(&b, forms, key))
    {
        return Ok((found.0, found.1, None));
    }
    let snapshot = store.snapshot().map_err(failed)?;
    let mut folded = folded(store, snapshot);
    let pages = folded_counts(&folded);
    lighten(&mut folded);
    let sheet = Sheet::of_folded(&folded, forms);
    if let Some(key) = key.filter(|_| sheet.rows() >= least) {
        let part = path.with_extension("part");
        // A folder that cannot be written is an archive: its figures are made anew each time.
        let written =
            std::fs::File::create(&part).and_then(|mut file| pack(&sheet, pages, &key, &mut file));
        if written.and_then(|()| std::fs::rename(&part, &path)).is_err() {
            let _ = std::fs::remove_file(&part);
        }
    }
    Ok((sheet, pages, Some(folded)))
}

/// Folds a survey as it stands now, and keeps what was learned by it.
pub fn folded(store: &Store, snapshot: Snapshot) -> Folded<Snapshot> {
    let folded = Folded::new(snapshot);
    if let Some(learned) = folded.learned() {
        // A survey that cannot be written is an archive: it is learned anew each time.
        let _ = store.keep_known(learned);
    }
    folded
}

/// The counted responses of a snapshot, and what became of its pages.
pub fn sheet_of(snapshot: Snapshot, forms: &[Form]) -> (Sheet<'_>, PageCounts) {
    let folded = Folded::new(snapshot);
    let pages = folded_counts(&folded);
    (Sheet::of_folded(&folded, forms), pages)
}
