//! What is no page says why, and costs nothing.

use faxtally::decode::{DecodeError, Document, Limits};
use faxtally::reading::ReasonCode;

use crate::fax_files::{Plain, directory, page, plain_tiff, tag, tiffcp, with_tag, without_tag};
use crate::{failure, open};

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
    for (compression, name) in [(34661, "JBIG"), (6, "JPEG"), (34712, "JPEG 2000")] {
        let e = failure(with_tag(good.clone(), 259, compression));
        assert_eq!(e.reason().code, ReasonCode::Unsupported, "{e}");
        assert!(e.to_string().contains(name), "{e}");
    }
}

#[test]
fn jbig_as_libtiff_writes_it_is_named_and_refused() {
    let drawn = page(1728, 300);
    let e = failure(tiffcp(&plain_tiff(&[&drawn], Plain::default()), &["-c", "jbig"]));
    assert_eq!(e.reason().code, ReasonCode::Unsupported, "{e}");
    assert!(e.to_string().contains("34661 (T.85 JBIG)"), "{e}");
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
