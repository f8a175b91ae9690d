//! What must hold for every page, not only for those that somebody thought of.

mod judge;
mod raster;
mod register;

use std::sync::LazyLock;

use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;

/// One form for all cases: preparing it costs more than reading a page.
static READER: LazyLock<Reader> = LazyLock::new(|| {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/mynahoken-2024");
    Reader::new(vec![Form::open(&dir).unwrap()], Policy::default())
});
