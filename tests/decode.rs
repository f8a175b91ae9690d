//! The decoder against libtiff, pixel by pixel, and against everything that is not a page.

#[path = "support/fax_files.rs"]
mod fax_files;

use fax_files::{Plain, page, plain_tiff, strip, tag, tiffcp, with_tag, without_tag};
use faxtally::decode::{Damage, DecodeError, Document, FaxPage, Limits};
use faxtally::raster::Bitmap;
use faxtally::reading::ReasonCode;
use faxtally::units::Resolution;

/// `RowsPerStrip` as HylaFAX writes it; tiffcp takes the page's height for "one strip".
const ONE_STRIP: &str = "100000";

fn open(bytes: Vec<u8>) -> Document {
    Document::open(bytes, &Limits::default()).expect("opens")
}

fn only_page(bytes: Vec<u8>) -> FaxPage {
    let doc = open(bytes);
    assert_eq!(doc.page_count(), 1);
    doc.page(0).expect("decodes")
}

/// Same pixels; on failure the number of different ones, not two dumps of a page.
fn assert_same(got: &Bitmap, want: &Bitmap, what: &str) {
    assert_eq!((got.width(), got.height()), (want.width(), want.height()), "size, {what}");
    let differ = (0..want.height())
        .flat_map(|y| (0..want.width()).map(move |x| (x, y)))
        .filter(|(x, y)| got.get(*x, *y) != want.get(*x, *y))
        .collect::<Vec<_>>();
    assert!(differ.is_empty(), "{} pixels differ from {:?} on, {what}", differ.len(), differ[0]);
}

/// Our reading of a file = what was drawn = what libtiff reads from the same file.
fn assert_like_libtiff(bytes: Vec<u8>, drawn: &Bitmap, what: &str) {
    let by_libtiff = tiffcp(&bytes, &["-c", "none", "-f", "msb2lsb", "-r", ONE_STRIP]);
    let photometric = tag(&by_libtiff, 262).expect("photometric").0;
    let mut packed = strip(&by_libtiff).to_vec();
    if photometric == 1 {
        packed.iter_mut().for_each(|b| *b = !*b);
    }
    let libtiff = Bitmap::from_packed(drawn.width(), drawn.height(), &packed);
    let got = only_page(bytes);
    assert!(got.damage.is_clean(), "{:?}, {what}", got.damage);
    assert_same(&got.bitmap, &libtiff, &format!("against libtiff, {what}"));
    assert_same(&got.bitmap, drawn, what);
}

const COMPRESSIONS: [&str; 8] =
    ["g3:1d", "g3:2d", "g3:1d:fill", "g3:2d:fill", "g4", "lzw", "packbits", "none"];

#[test]
fn every_compression_fill_order_strip_and_polarity_like_libtiff() {
    let drawn = page(1728, 300);
    for min_is_black in [false, true] {
        let plain = plain_tiff(&[&drawn], Plain { min_is_black, ..Plain::default() });
        for compression in COMPRESSIONS {
            for fill in ["msb2lsb", "lsb2msb"] {
                for rows in [ONE_STRIP, "64", "7"] {
                    let args = ["-c", compression, "-f", fill, "-r", rows];
                    let what = format!("{args:?}, min is black: {min_is_black}");
                    assert_like_libtiff(tiffcp(&plain, &args), &drawn, &what);
                }
            }
        }
    }
}

#[test]
fn every_width_and_line_density() {
    for width in [864, 1728, 2048, 2432, 1731] {
        for (dpi, height) in [(98, 150), (196, 300), (391, 600)] {
            let drawn = page(width, height);
            let how = Plain { dpi: Some((204, dpi)), ..Plain::default() };
            let plain = plain_tiff(&[&drawn], how);
            for compression in ["g3:1d", "g3:2d:fill", "g4"] {
                let args = ["-c", compression, "-f", "lsb2msb", "-r", ONE_STRIP];
                let bytes = tiffcp(&plain, &args);
                let got = only_page(bytes.clone());
                let want = Resolution { x: 204.0, y: dpi as f32 };
                assert_eq!(got.resolution, Some(want), "{compression}");
                assert_like_libtiff(bytes, &drawn, &format!("{width} wide, {dpi}, {compression}"));
            }
        }
    }
}
