//! TIFF: what fax servers and scanners write.

use faxtally::decode::{Damage, DecodeError, Document, Limits};
use faxtally::raster::Bitmap;
use faxtally::units::Resolution;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::fax_files::{
    Plain, directory, page, plain_tiff, strip, tag, tiffcp, with_tag, without_tag,
};
use crate::sink::Sink;
use crate::{ONE_STRIP, assert_same, only_page, open};

/// Our reading of a file = what was drawn = what libtiff reads from the same file.
fn assert_like_libtiff(bytes: Vec<u8>, drawn: &Bitmap, what: &str) {
    let by_libtiff = tiffcp(&bytes, &["-c", "none", "-f", "msb2lsb", "-r", ONE_STRIP]);
    let photometric = tag(&by_libtiff, 262).expect("photometric").0;
    let mut packed = strip(&by_libtiff).to_vec();
    if photometric == 1 {
        packed = packed.iter().map(|b| !b).collect();
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

#[test]
fn the_short_way_for_group_4_reads_what_the_decoder_behind_it_reads() {
    let drawn = page(1728, 120);
    let good = tiffcp(&plain_tiff(&[&drawn], Plain::default()), &["-c", "g4", "-r", ONE_STRIP]);
    let settings = DecodeSettings {
        columns: 1728,
        rows: 120,
        end_of_block: true,
        end_of_line: false,
        rows_are_byte_aligned: false,
        encoding: EncodingMode::Group4,
        strict: true,
    };
    let mut rng = Pcg64Mcg::seed_from_u64(6872);
    let mut whole = 0;
    for k in 0..400 {
        let mut file = good.clone();
        let length = strip(&good).len();
        // A flipped bit, and mostly other codes from there on that are none after some rows.
        if k > 0 {
            file[8 + rng.random_range(0..length)] ^= 1 << rng.random_range(0..8);
        }
        let mut sink = Sink { page: Bitmap::new(1728, 120), rows: 0 };
        let used = hayro_ccitt::decode(strip(&file), &mut sink, &mut DecoderContext::new(settings));
        // With more data behind its rows a file is read on: what it promised is not believed then.
        if used.is_ok_and(|used| used + 16 < length) && sink.rows == 120 {
            continue;
        }
        let all = used.is_ok() && sink.rows == 120;
        let got = only_page(file);
        assert_eq!(got.damage.is_clean(), all, "file {k}: {:?}, {} rows", got.damage, sink.rows);
        if all {
            whole += 1;
            assert_same(&got.bitmap, &sink.page, &format!("file {k}"));
        }
    }
    assert!((2..400).contains(&whole), "{whole} files are still whole");
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

#[test]
fn modified_huffman_rows_without_end_of_line_codes() {
    // T.4 tables 2 and 3: 4 white, 4 black, 8 white; then 0 white, 16 black. Each row fills its byte.
    let rows = [0b1011_0111, 0b0011_0000, 0b0011_0101, 0b0000_0101, 0b1100_0000];
    let mut drawn = Bitmap::new(16, 2);
    (4..8).for_each(|x| drawn.set(x, 0, true));
    (0..16).for_each(|x| drawn.set(x, 1, true));
    let mut file = b"II\x2a\0\0\0\0\0".to_vec();
    file.extend(rows);
    file.push(0);
    let tags = [
        (256, 4, 16),
        (257, 4, 2),
        (258, 3, 1),
        (259, 3, 2),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, 2),
        (279, 4, 5),
    ];
    directory(&mut file, 4, &tags);
    assert_like_libtiff(file, &drawn, "compression 2");
}

#[test]
fn both_byte_orders_and_bigtiff() {
    let drawn = [page(1728, 200), page(1000, 100)];
    let plain = plain_tiff(&[&drawn[0], &drawn[1]], Plain::default());
    for args in [&["-L"][..], &["-B"], &["-8"], &["-8", "-B"]] {
        for compression in ["g4", "zip"] {
            let doc = open(tiffcp(&plain, &[args, &["-c", compression]].concat()));
            assert_eq!(doc.page_count(), 2, "{args:?}");
            for (i, want) in drawn.iter().enumerate() {
                let got = doc.page(i as u32).expect("decodes");
                assert_same(&got.bitmap, want, &format!("{args:?}, {compression}, page {i}"));
                assert_eq!(got.resolution, Some(Resolution { x: 204.0, y: 196.0 }));
            }
        }
    }
}

#[test]
fn a_lost_strip_does_not_move_the_ones_below_it() {
    let drawn = page(1728, 300);
    let plain = plain_tiff(&[&drawn], Plain::default());
    let mut file = tiffcp(&plain, &["-c", "g4", "-r", "50"]);
    let (offsets, _) = tag(&file, 273).expect("StripOffsets");
    let strip_at = |i: usize| {
        let p = offsets as usize + 4 * i;
        u32::from_le_bytes([file[p], file[p + 1], file[p + 2], file[p + 3]]) as usize
    };
    let (from, to) = (strip_at(2), strip_at(3));
    file[from..to].fill(0);
    let got = only_page(file);
    assert_eq!((got.damage.rows_expected, got.damage.rows_got), (300, 250));
    assert_eq!(got.bitmap.height(), 300);
    for y in 0..300 {
        let lost = (100..150).contains(&y);
        let blank = got.bitmap.row(y).iter().all(|w| *w == 0);
        assert!(if lost { blank } else { got.bitmap.row(y) == drawn.row(y) }, "row {y}");
    }
}
