//! PDF: the scan inside comes out as it went in, the way up that the page shows it.

use faxtally::decode::DecodeError;
use pdf_writer::Filter;

use crate::fax_files::page;
use crate::pdf_files::{Scan, jbig2};
use crate::{assert_same, coded, failure, only_page, open};

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
