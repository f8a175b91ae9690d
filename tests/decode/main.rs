//! The decoder against libtiff, pixel by pixel, and against everything that is not a page.

#[path = "../support/fax_files.rs"]
mod fax_files;
#[path = "../support/pdf_files.rs"]
mod pdf_files;
#[path = "../support/sink.rs"]
mod sink;

mod bad;
mod grey;
mod hostile;
mod pdf;
mod tiff;

use fax_files::{Plain, plain_tiff, strip, tiffcp};
use faxtally::decode::{DecodeError, Document, FaxPage, Limits};
use faxtally::raster::Bitmap;

/// `RowsPerStrip` as `HylaFAX` writes it; tiffcp takes the page's height for "one strip".
pub(crate) const ONE_STRIP: &str = "100000";

pub(crate) fn open(bytes: Vec<u8>) -> Document {
    Document::open(bytes, &Limits::default()).expect("opens")
}

pub(crate) fn only_page(bytes: Vec<u8>) -> FaxPage {
    let doc = open(bytes);
    assert_eq!(doc.page_count(), 1);
    doc.page(0).expect("decodes")
}

/// Same pixels; on failure the number of different ones, not two dumps of a page.
pub(crate) fn assert_same(got: &Bitmap, want: &Bitmap, what: &str) {
    assert_eq!((got.width(), got.height()), (want.width(), want.height()), "size, {what}");
    let differ = (0..want.height())
        .flat_map(|y| (0..want.width()).map(move |x| (x, y)))
        .filter(|(x, y)| got.get(*x, *y) != want.get(*x, *y))
        .collect::<Vec<_>>();
    assert!(differ.is_empty(), "{} pixels differ from {:?} on, {what}", differ.len(), differ[0]);
}

/// The strip of a single-strip TIFF made by tiffcp.
pub(crate) fn coded(drawn: &Bitmap, compression: &str) -> Vec<u8> {
    let plain = plain_tiff(&[drawn], Plain::default());
    let args = ["-c", compression, "-f", "msb2lsb", "-r", ONE_STRIP];
    strip(&tiffcp(&plain, &args)).to_vec()
}

pub(crate) fn failure(bytes: Vec<u8>) -> DecodeError {
    match Document::open(bytes, &Limits::default()) {
        Err(e) => e,
        Ok(doc) => doc.page(0).expect_err("no page can be had"),
    }
}
