//! The decoder against libtiff, pixel by pixel, and against everything that is not a page.

#[path = "support/fax_files.rs"]
mod fax_files;

#[path = "support/pdf_files.rs"]
mod pdf_files;

use fax_files::{Plain, directory, page, plain_tiff, strip, tag, tiffcp, with_tag, without_tag};
use faxtally::decode::{Damage, DecodeError, Document, FaxPage, Limits};
use faxtally::raster::Bitmap;
use faxtally::reading::ReasonCode;
use faxtally::units::Resolution;
use pdf_files::{Scan, jbig2};
use pdf_writer::Filter;

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

/// The strip of a single-strip TIFF made by tiffcp.
fn coded(drawn: &Bitmap, compression: &str) -> Vec<u8> {
    let plain = plain_tiff(&[drawn], Plain::default());
    let args = ["-c", compression, "-f", "msb2lsb", "-r", ONE_STRIP];
    strip(&tiffcp(&plain, &args)).to_vec()
}

#[test]
fn what_careless_writers_leave_out_or_get_wrong() {
    let drawn = page(1728, 300);
    let plain = plain_tiff(&[&drawn], Plain::default());
    for compression in ["g3:1d", "g3:2d", "g4"] {
        let good = tiffcp(&plain, &["-c", compression, "-r", ONE_STRIP]);
        let variants = [
            ("RowsPerStrip 2^32-1", with_tag(good.clone(), 278, u32::MAX)),
            ("RowsPerStrip missing", without_tag(good.clone(), 278)),
            ("StripByteCounts missing", without_tag(good.clone(), 279)),
            ("StripByteCounts 0", with_tag(good.clone(), 279, 0)),
            ("PhotometricInterpretation missing", without_tag(good.clone(), 262)),
            ("ImageLength missing", without_tag(good.clone(), 257)),
            ("ImageLength 0", with_tag(good.clone(), 257, 0)),
            ("ImageLength 2^32-1", with_tag(good.clone(), 257, u32::MAX)),
            ("ImageLength too small", with_tag(good.clone(), 257, 100)),
        ];
        for (what, bytes) in variants {
            let got = only_page(bytes);
            let what = format!("{what}, {compression}");
            assert!(got.damage.is_clean(), "{:?}, {what}", got.damage);
            assert_same(&got.bitmap, &drawn, &what);
        }
        let got = only_page(with_tag(good, 257, 2200));
        assert_eq!((got.damage.rows_expected, got.damage.rows_got), (2200, 300));
        assert_same(&got.bitmap, &drawn, "ImageLength too large");
    }
}

#[test]
fn a_wrong_2d_bit_does_not_matter() {
    let drawn = page(1728, 200);
    let plain = plain_tiff(&[&drawn], Plain::default());
    for (compression, wrong) in [("g3:1d", 1), ("g3:2d", 0)] {
        let bytes = tiffcp(&plain, &["-c", compression, "-r", ONE_STRIP]);
        let got = only_page(with_tag(bytes, 292, wrong));
        assert!(got.damage.is_clean(), "{:?}", got.damage);
        assert_same(&got.bitmap, &drawn, compression);
    }
}

#[test]
fn resolutions_that_make_sense_and_those_that_do_not() {
    let drawn = page(100, 20);
    let of = |bytes| only_page(bytes).resolution;
    let good = plain_tiff(&[&drawn], Plain::default());
    assert_eq!(of(good.clone()), Some(Resolution { x: 204.0, y: 196.0 }));
    assert_eq!(of(with_tag(good.clone(), 296, 1)), Some(Resolution { x: 204.0, y: 196.0 }));
    assert_eq!(of(without_tag(good.clone(), 282)), None);
    assert_eq!(of(plain_tiff(&[&drawn], Plain { dpi: None, ..Plain::default() })), None);
    let dpi = |x, y| plain_tiff(&[&drawn], Plain { dpi: Some((x, y)), ..Plain::default() });
    let per_cm = of(with_tag(dpi(80, 77), 296, 3)).expect("lines a centimetre");
    assert!((per_cm.x - 203.2).abs() < 0.01 && (per_cm.y - 195.58).abs() < 0.01, "{per_cm:?}");
    for (x, y) in [(0, 0), (204, 0), (3000, 3000), (400, 98), (u32::MAX, 1)] {
        assert_eq!(of(dpi(x, y)), None, "{x} x {y}");
    }
    assert_eq!(of(with_tag(dpi(1, 2), 296, 1)), None, "an aspect ratio is no resolution");
}

#[test]
fn orientation_tags_stand_the_page_up() {
    let drawn = page(300, 100);
    let file = |orientation| plain_tiff(&[&drawn], Plain { orientation, ..Plain::default() });
    let upside_down = only_page(file(3));
    for (x, y) in [(0, 0), (17, 3), (299, 99), (120, 50)] {
        assert_eq!(upside_down.bitmap.get(299 - x, 99 - y), drawn.get(x, y));
    }
    let right = only_page(file(6));
    assert_eq!((right.bitmap.width(), right.bitmap.height()), (100, 300));
    assert_eq!(right.resolution, Some(Resolution { x: 196.0, y: 204.0 }));
    assert_eq!(right.bitmap.count(), drawn.count());
    for y in 0..100 {
        for x in 0..300 {
            // Row 0 becomes the right side.
            assert_eq!(right.bitmap.get(99 - y, x), drawn.get(x, y));
        }
    }
}

#[test]
fn pages_are_decoded_one_by_one_and_in_order() {
    let drawn: Vec<Bitmap> = (0..5).map(|i| page(800 + i, 100)).collect();
    let all: Vec<&Bitmap> = drawn.iter().collect();
    let doc = open(tiffcp(&plain_tiff(&all, Plain::default()), &["-c", "g4"]));
    assert_eq!(doc.page_count(), 5);
    assert!(doc.incomplete().is_none());
    for i in [4, 0, 2] {
        let got = doc.page(i).expect("decodes");
        assert_same(&got.bitmap, &drawn[i as usize], "page by number");
    }
    assert!(doc.page(5).is_err());
}

#[test]
fn pdfs_of_scans_give_the_scan_itself() {
    let drawn = page(1728, 300);
    let size = (1728, 300);
    let dpi = (204.0, 196.0);
    let packed = drawn.to_packed();
    let white_is_one: Vec<u8> = packed.iter().map(|b| !b).collect();
    let g4 = coded(&drawn, "g4");
    let (g3, g32) = (coded(&drawn, "g3:1d"), coded(&drawn, "g3:2d"));
    let jb = jbig2(&g4, 1728, 300);
    let fax = |data, k, black_is_1, flipped| Scan {
        filter: Some(Filter::CcittFaxDecode),
        fax: Some((k, black_is_1)),
        flipped,
        ..Scan::new(data, size, dpi)
    };
    let files = [
        ("G4", fax(&g4, -1, false, false)),
        ("G4 BlackIs1 with Decode", fax(&g4, -1, true, true)),
        ("G3 1-D", fax(&g3, 0, false, false)),
        ("G3 2-D", fax(&g32, 4, false, false)),
        ("G4 mask", Scan { mask: true, ..fax(&g4, -1, false, false) }),
        ("G4 mask BlackIs1", Scan { mask: true, ..fax(&g4, -1, true, true) }),
        ("JBIG2", Scan { filter: Some(Filter::Jbig2Decode), ..Scan::new(&jb, size, dpi) }),
        ("1 bit", Scan::new(&white_is_one, size, dpi)),
        ("1 bit with Decode", Scan { flipped: true, ..Scan::new(&packed, size, dpi) }),
        (
            "G4 behind recognised text",
            Scan { before: b"BT 3 Tr /F0 9 Tf (text) Tj ET ", ..fax(&g4, -1, false, false) },
        ),
    ];
    for (what, scan) in files {
        let got = only_page(scan.bytes());
        assert!(got.damage.is_clean(), "{:?}, {what}", got.damage);
        assert_same(&got.bitmap, &drawn, what);
        let r = got.resolution.expect("the page's size gives the resolution");
        assert!((r.x - 204.0).abs() < 0.1 && (r.y - 196.0).abs() < 0.1, "{r:?}, {what}");
    }
    // The same bits with the other meaning are the inverted page, so the tests above can fail.
    let inverse = only_page(fax(&g4, -1, true, false).bytes());
    assert_eq!(inverse.bitmap.count(), 1728 * 300 - drawn.count());
}

#[test]
fn pdf_rotation_and_matrix_stand_the_page_up() {
    let drawn = page(600, 300);
    let g4 = coded(&drawn, "g4");
    let upright = Scan {
        filter: Some(Filter::CcittFaxDecode),
        fax: Some((-1, false)),
        ..Scan::new(&g4, (600, 300), (204.0, 196.0))
    };
    let (w, h) = upright.page;
    let turned = only_page(Scan { rotate: 90, ..upright }.bytes());
    assert_eq!((turned.bitmap.width(), turned.bitmap.height()), (300, 600));
    for y in 0..300 {
        for x in 0..600 {
            assert_eq!(turned.bitmap.get(299 - y, x), drawn.get(x, y), "clockwise");
        }
    }
    let r = turned.resolution.expect("a resolution");
    assert!((r.x - 196.0).abs() < 0.1 && (r.y - 204.0).abs() < 0.1, "{r:?}");
    // Stored upside down, placed upside down by its matrix and turned back: upright again.
    let base = |matrix, rotate, page| Scan {
        filter: Some(Filter::CcittFaxDecode),
        fax: Some((-1, false)),
        matrix,
        rotate,
        page,
        ..Scan::new(&g4, (600, 300), (204.0, 196.0))
    };
    let twice = base([-w, 0.0, 0.0, -h, w, h], 180, (w, h));
    assert_same(&only_page(twice.bytes()).bitmap, &drawn, "upside down twice");
    // The matrix turns a quarter anticlockwise, the page a quarter clockwise.
    let quarter = base([0.0, w, -h, 0.0, h, 0.0], 90, (h, w));
    assert_same(&only_page(quarter.bytes()).bitmap, &drawn, "a quarter and back");
}

fn failure(bytes: Vec<u8>) -> DecodeError {
    match Document::open(bytes, &Limits::default()) {
        Err(e) => e,
        Ok(doc) => doc.page(0).expect_err("no page can be had"),
    }
}

fn code(bytes: Vec<u8>) -> ReasonCode {
    failure(bytes).reason().code
}

#[test]
fn what_is_no_page_says_why() {
    let good = plain_tiff(&[&page(200, 50)], Plain::default());
    assert_eq!(code(Vec::new()), ReasonCode::Empty);
    assert_eq!(code(b"Dear sirs, please find attached".to_vec()), ReasonCode::UnknownFormat);
    assert_eq!(code(vec![0x1f; 5000]), ReasonCode::UnknownFormat);
    assert_eq!(code(b"II\x2a\0".to_vec()), ReasonCode::Truncated);
    assert_eq!(code(b"II\x2a\0\xff\xff\xff\x7f".to_vec()), ReasonCode::Truncated);
    assert_eq!(code(b"II\x2a\0\0\0\0\0".to_vec()), ReasonCode::DamagedFile);
    assert_eq!(code(with_tag(good.clone(), 273, 0x7fff_0000)), ReasonCode::Truncated);
    assert_eq!(code(with_tag(good.clone(), 256, 0)), ReasonCode::DamagedFile);
    assert_eq!(code(b"%PDF-1.4\nnothing more".to_vec()), ReasonCode::DamagedFile);
    assert_eq!(code(b"\x89PNG\r\n\x1a\n".to_vec()), ReasonCode::Truncated);
    for (compression, name) in [(34661, "JBIG"), (7, "JPEG"), (34712, "JPEG 2000")] {
        let e = failure(with_tag(good.clone(), 259, compression));
        assert_eq!(e.reason().code, ReasonCode::Unsupported, "{e}");
        assert!(e.to_string().contains(name), "{e}");
    }
}

#[test]
fn promises_allocate_nothing() {
    let mut tiny = b"II\x2a\0\0\0\0\0".to_vec();
    let tags = [
        (256, 4, 400_000),
        (257, 4, 400_000),
        (258, 3, 1),
        (259, 3, 4),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 400_000),
        (279, 4, 100),
        (282, 3, 0),
        (283, 3, 0),
        (296, 3, 2),
        (266, 3, 1),
    ];
    directory(&mut tiny, 4, &tags);
    tiny.resize(186, 0);
    let e = failure(tiny.clone());
    let want = DecodeError::TooLarge {
        unit: "pixels",
        value: 160_000_000_000,
        limit: Limits::default().pixels,
    };
    assert_eq!(e, want);
    // Without a length the width alone decides; the rows are what the bytes give.
    let doc = open(without_tag(tiny.clone(), 257));
    assert!(doc.page(0).is_ok_and(|p| p.bitmap.height() < 300 && !p.damage.is_clean()));
    // 2^32 - 1 strips.
    let mut strips = with_tag(with_tag(tiny, 256, 1728), 257, 2200);
    let (_, field) = tag(&strips, 273).expect("StripOffsets");
    strips[field - 4..field].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(open(strips).page(0).is_ok_and(|p| p.bitmap.height() < 300 && !p.damage.is_clean()));
    let small = Limits { file_bytes: 10, ..Limits::default() };
    let e = Document::open(vec![0; 11], &small).expect_err("over the limit");
    assert_eq!(e, DecodeError::TooLarge { unit: "bytes", value: 11, limit: 10 });
}

#[test]
fn a_chain_that_loops_or_breaks_keeps_its_pages_and_says_so() {
    let drawn = [page(200, 50), page(201, 50), page(202, 50)];
    let all: Vec<&Bitmap> = drawn.iter().collect();
    let good = plain_tiff(&all, Plain::default());
    let link = good.len() - 4;
    let first = good[4..8].to_vec();
    let mut looped = good.clone();
    looped[link..].copy_from_slice(&first);
    let doc = open(looped);
    assert_eq!(doc.page_count(), 3);
    assert!(
        matches!(doc.incomplete(), Some(DecodeError::Damaged { what }) if what.contains("loops"))
    );
    assert_same(&doc.page(2).expect("decodes").bitmap, &drawn[2], "behind the loop");
    let cut = good[..link - 300].to_vec();
    let doc = open(cut);
    assert_eq!(doc.page_count(), 2);
    assert!(matches!(doc.incomplete(), Some(DecodeError::Truncated { .. })));
    assert!(doc.page(1).is_ok());
}

#[test]
fn a_cut_off_file_gives_the_rows_it_has() {
    let drawn = page(1728, 300);
    let plain = plain_tiff(&[&drawn], Plain::default());
    for (compression, rows) in
        [("g4", ONE_STRIP), ("g3:2d", ONE_STRIP), ("g4", "50"), ("none", "50")]
    {
        // tiffcp writes the directory last; a fax server that streams writes it first.
        let whole = tiffcp(&plain, &["-c", compression, "-r", rows]);
        let first_strip = 8usize;
        let ifd = u32::from_le_bytes([whole[4], whole[5], whole[6], whole[7]]) as usize;
        let body = &whole[first_strip..ifd];
        let mut lost = whole.clone();
        // The second half of the strips' bytes as a dead line would leave them.
        let half = first_strip + body.len() / 2;
        lost[half..ifd].fill(0);
        let got = only_page(lost);
        let what = format!("{compression} {rows}: {:?}", got.damage);
        if compression == "none" {
            // Zeros are white paper to a page without codes: nothing can tell.
            assert!(got.damage.is_clean(), "{what}");
            continue;
        }
        assert!(!got.damage.is_clean(), "{what}");
        assert_eq!(got.damage.rows_expected, 300, "{what}");
        for y in 0..100 {
            assert_eq!(got.bitmap.row(y), drawn.row(y), "row {y}, {what}");
        }
    }
}

#[test]
fn wrong_rows_are_counted() {
    let drawn = page(1728, 300);
    let plain = plain_tiff(&[&drawn], Plain::default());
    for compression in ["g3:1d", "g3:2d"] {
        let good = tiffcp(&plain, &["-c", compression, "-r", ONE_STRIP]);
        let mut hit = good.clone();
        let middle = 8 + strip(&good).len() / 2;
        hit[middle] ^= 0x5a;
        hit[middle + 1] ^= 0xa5;
        let got = only_page(hit);
        let Damage { rows_got, bad_rows, .. } = got.damage;
        // T.4: with K = 4 at fine resolution a fault spoils at most four rows; two if it spans a code.
        assert!((1..=8).contains(&bad_rows), "{compression}: {:?}", got.damage);
        assert!(rows_got >= 298, "{compression}: {:?}", got.damage);
        let differ = (0..300.min(got.bitmap.height()))
            .filter(|y| got.bitmap.row(*y) != drawn.row(*y))
            .count();
        if rows_got == 300 {
            assert!(differ <= bad_rows as usize, "{differ} rows differ, {bad_rows} counted");
        }
    }
}

#[test]
fn bad_fax_lines_of_the_receiving_machine_count() {
    let mut file = plain_tiff(&[&page(200, 50)], Plain::default());
    assert_eq!(only_page(file.clone()).damage.bad_rows, 0);
    // SamplesPerPixel is 1 without the tag; its place is free for BadFaxLines.
    let (_, field) = tag(&file, 277).expect("SamplesPerPixel");
    file[field - 8..field - 6].copy_from_slice(&326u16.to_le_bytes());
    file[field..field + 2].copy_from_slice(&7u16.to_le_bytes());
    assert_eq!(only_page(file).damage.bad_rows, 7);
}

#[test]
fn two_thousand_pages_open_at_once_and_the_limit_holds() {
    let drawn = page(64, 16);
    let all: Vec<&Bitmap> = std::iter::repeat_n(&drawn, 2000).collect();
    let file = plain_tiff(&all, Plain::default());
    let doc = open(file.clone());
    assert_eq!(doc.page_count(), 2000);
    assert_same(&doc.page(1999).expect("decodes").bitmap, &drawn, "the last page");
    let few = Limits { pages: 1999, ..Limits::default() };
    let e = Document::open(file, &few).expect_err("one page too many");
    assert_eq!(e, DecodeError::TooManyPages { limit: 1999 });
}

#[test]
fn a_document_is_shared_between_threads() {
    fn both<T: Send + Sync>() {}
    both::<Document>();
}

/// Replaces the first occurrence.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).expect("there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

#[test]
fn pdfs_that_are_locked_cut_off_or_short_of_pages_say_so() {
    let drawn = page(600, 300);
    let g4 = coded(&drawn, "g4");
    let good = Scan {
        filter: Some(Filter::CcittFaxDecode),
        fax: Some((-1, false)),
        ..Scan::new(&g4, (600, 300), (204.0, 196.0))
    };
    let good = good.bytes();
    assert!(open(good.clone()).incomplete().is_none());
    let locked = replaced(
        &good,
        b"trailer\n<<",
        b"trailer\n<</Encrypt<</Filter/Standard/V 9/R 9>>/ID[(a)(b)]",
    );
    let e = failure(locked);
    assert!(matches!(&e, DecodeError::Unsupported { what } if what.contains("encrypted")), "{e}");
    let short = open(replaced(&good, b"/Count 1", b"/Count 3"));
    assert!(
        matches!(short.incomplete(), Some(DecodeError::Damaged { what }) if what.contains("3 pages"))
    );
    assert_same(&short.page(0).expect("decodes").bitmap, &drawn, "the page that is there");
    let end = good.windows(9).position(|w| w == b"startxref").expect("startxref");
    let cut = open(good[..end].to_vec());
    assert!(matches!(cut.incomplete(), Some(DecodeError::Truncated { .. })));
    assert_same(&cut.page(0).expect("decodes").bitmap, &drawn, "without its end");
    let behind_mail = [&b"X-Fax-Id: 17\n\n"[..], &good].concat();
    assert_same(&open(behind_mail).page(0).expect("decodes").bitmap, &drawn, "behind a header");
}
