//! Damaged and hostile files: no panic gets out, nothing giant is allocated, nothing hangs.

use std::io::Cursor;
use std::process::Command;
use std::time::Instant;

use faxtally::decode::{Document, Limits};
use image::ImageFormat;
use pdf_writer::Filter;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::fax_files::{Plain, page, plain_tiff, strip, tiffcp};
use crate::pdf_files::{Scan, jbig2};

/// Small pages, so that a wild size is refused early and 2,000 files take seconds.
const LIMITS: Limits = Limits { file_bytes: 1 << 20, pixels: 4_000_000, pages: 100 };

/// One small good file of every kind.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let drawn = page(200, 60);
    let plain = plain_tiff(&[&drawn, &drawn], Plain::default());
    let compressions =
        ["g3:1d", "g3:2d:fill", "g4", "lzw", "packbits", "none", "zip"].map(|c| (c, ["-c", c]));
    let mut out: Vec<_> =
        compressions.iter().map(|(name, args)| (*name, tiffcp(&plain, args))).collect();
    let g4 = strip(&tiffcp(&plain_tiff(&[&drawn], Plain::default()), &["-c", "g4"])).to_vec();
    let grey = drawn.to_luma();
    let encoded = |format| {
        let mut bytes = Cursor::new(Vec::new());
        grey.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    };
    let jpeg = encoded(ImageFormat::Jpeg);
    let jb = jbig2(&g4, 200, 60);
    let scan = |data, filter, bits, fax| {
        Scan { filter, bits, fax, ..Scan::new(data, (200, 60), (204.0, 196.0)) }.bytes()
    };
    out.extend([
        ("PDF G4", scan(&g4, Some(Filter::CcittFaxDecode), 1, Some((-1, false)))),
        ("PDF JBIG2", scan(&jb, Some(Filter::Jbig2Decode), 1, None)),
        ("PDF JPEG", scan(&jpeg, Some(Filter::DctDecode), 8, None)),
        (
            "PDF drawn",
            Scan { before: b"10 10 20 20 re f ", ..Scan::new(&g4, (20, 20), (72.0, 72.0)) }.bytes(),
        ),
        ("PNG", encoded(ImageFormat::Png)),
        ("JPEG", jpeg),
    ]);
    out
}

/// A few changed bytes, wild numbers, a piece cut out, or the end cut off.
fn mutate(good: &[u8], rng: &mut Pcg64Mcg) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..rng.random_range(1..5) {
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..10) {
            0..5 => bytes[at] = rng.random(),
            5..7 => bytes[at] ^= 1 << rng.random_range(0..8),
            7 => bytes[at..].iter_mut().take(4).for_each(|b| *b = 0xff),
            8 => {
                let end = (at + rng.random_range(1..20)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => bytes.truncate(at.max(1)),
        }
        if bytes.is_empty() {
            return bytes;
        }
    }
    bytes
}

const CHILD: &str = "FAXTALLY_TEST_MUTATIONS";

/// Runs itself again under a limit of 1 GB of address space: an allocation of what a file promises
/// would end the child, and that cannot be caught from inside.
#[test]
fn two_thousand_damaged_files() {
    if std::env::var_os(CHILD).is_some() {
        return mutations();
    }
    let me = std::env::current_exe().expect("the test's own file");
    let out = Command::new("sh")
        .args([
            "-c",
            "ulimit -v 1000000 && exec \"$0\" --exact hostile::two_thousand_damaged_files --nocapture",
        ])
        .arg(me)
        .env(CHILD, "1")
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}: {said}", out.status);
    assert!(!said.contains("panicked"), "a caught panic is not printed: {said}");
}

fn mutations() {
    let mut rng = Pcg64Mcg::seed_from_u64(20_241_122);
    let (mut pages, mut refused) = (0, 0);
    for (what, good) in seeds() {
        let doc = Document::open(good.clone(), &LIMITS).expect(what);
        assert!(doc.page(0).is_ok_and(|p| p.damage.is_clean()), "{what}");
        for round in 0..160 {
            let bytes = mutate(&good, &mut rng);
            let start = Instant::now();
            let Ok(doc) = Document::open(bytes, &LIMITS) else {
                refused += 1;
                continue;
            };
            for i in 0..doc.page_count() {
                match doc.page(i) {
                    Ok(page) => {
                        pages += 1;
                        let pixels = page.bitmap.width() * page.bitmap.height();
                        assert!(pixels > 0 && pixels as u64 <= LIMITS.pixels, "{what}, {round}");
                    }
                    Err(_) => refused += 1,
                }
            }
            let took = start.elapsed().as_secs();
            assert!(took < 5, "{what}, {round}: {took} s");
        }
    }
    // Both ends of the scale are met, or the mutations test nothing.
    assert!(pages > 500 && refused > 300, "{pages} pages, {refused} refused");
}

#[test]
fn random_bytes_behind_a_good_beginning() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let starts: [&[u8]; 5] = [
        b"II\x2a\0\x08\0\0\0",
        b"MM\0\x2a\0\0\0\x08",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
    ];
    for start in starts {
        for _ in 0..40 {
            let mut bytes = start.to_vec();
            bytes.extend((0..rng.random_range(0..600)).map(|_| rng.random::<u8>()));
            if let Ok(doc) = Document::open(bytes, &LIMITS) {
                for i in 0..doc.page_count() {
                    let _ = doc.page(i);
                }
            }
        }
    }
}
