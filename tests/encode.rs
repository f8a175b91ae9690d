//! What `simulate::encode` writes comes back pixel for pixel: through hayro-ccitt, through libtiff
//! (where `tiffcp` is installed) and out of the PDF.

#[path = "support/sink.rs"]
mod sink;

use ::tiff::decoder::ifd::Value;
use ::tiff::tags::Tag;
use faxtally::raster::Bitmap;
use faxtally::simulate::encode::{Codec, FillOrder, Scheme, ccitt, pdf, tiff};
use faxtally::units::Resolution;
use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use proptest::prelude::*;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use sink::Sink;
use std::process::Command;

fn codecs() -> Vec<Codec> {
    let schemes = [Scheme::G31d, Scheme::G32d { k: 2 }, Scheme::G32d { k: 4 }, Scheme::G4];
    let mut all = Vec::new();
    for scheme in schemes {
        for fill_order in [FillOrder::MsbFirst, FillOrder::LsbFirst] {
            for aligned_eols in [false, true] {
                all.push(Codec { scheme, fill_order, aligned_eols });
            }
        }
    }
    all
}

/// Pixels that a page can be made of, from plain to the worst case of every scheme.
fn pages() -> Vec<(&'static str, Bitmap)> {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let mut made = vec![
        ("white", Bitmap::new(1728, 31)),
        ("black", filled(1728, 31, |_, _| true)),
        ("black B4", filled(2048, 3, |_, _| true)),
        ("black A3", filled(2432, 3, |_, _| true)),
        // More than one 2,560-pixel make-up code.
        ("white and black, very wide", filled(6000, 9, |x, y| x > 5990 || y % 3 == 0)),
        ("one column", filled(1, 9, |_, y| y % 2 == 0)),
        ("one row", filled(1728, 1, |x, _| x % 5 == 0)),
        ("64 columns, black end", filled(64, 5, |x, y| x + y > 60)),
        ("slanted lines", filled(1728, 77, |x, y| (x + 2 * y) % 97 < 3 || (x * 3 + y) % 203 < 2)),
    ];
    for (name, width, share) in
        [("noise", 1728, 50), ("noise B4", 2048, 3), ("noise A3", 2432, 97), ("odd", 871, 20)]
    {
        made.push((name, filled(width, 33, |_, _| rng.random_range(0..100) < share)));
    }
    made
}

fn filled(width: usize, height: usize, mut black: impl FnMut(usize, usize) -> bool) -> Bitmap {
    let mut page = Bitmap::new(width, height);
    for y in 0..height {
        for x in 0..width {
            let b = black(x, y);
            page.set(x, y, b);
        }
    }
    page
}

fn decoded(data: &[u8], codec: Codec, width: usize, height: usize) -> Bitmap {
    let settings = DecodeSettings {
        columns: width as u32,
        rows: height as u32,
        end_of_block: true,
        end_of_line: codec.scheme != Scheme::G4,
        rows_are_byte_aligned: false,
        encoding: match codec.scheme {
            Scheme::G31d => EncodingMode::Group3_1D,
            Scheme::G32d { .. } => EncodingMode::Group3_2D,
            Scheme::G4 => EncodingMode::Group4,
        },
        strict: true,
    };
    let mut sink = Sink { page: Bitmap::new(width, height), rows: 0 };
    let data: Vec<u8> = match codec.fill_order {
        FillOrder::MsbFirst => data.to_vec(),
        FillOrder::LsbFirst => data.iter().map(|b| b.reverse_bits()).collect(),
    };
    hayro_ccitt::decode(&data, &mut sink, &mut DecoderContext::new(settings)).unwrap();
    assert_eq!(sink.rows, height, "rows decoded");
    sink.page
}

#[test]
fn every_codec_comes_back_through_hayro() {
    for (name, page) in pages() {
        for codec in codecs() {
            let data = ccitt::encode(&page, codec);
            let back = decoded(&data, codec, page.width(), page.height());
            assert!(back == page, "{name} differs after {codec:?}");
        }
    }
}

#[test]
fn aligned_ends_of_line_end_on_bytes() {
    let codec = Codec { aligned_eols: true, ..Codec::G3_1D };
    let page = filled(1728, 20, |x, y| (x + y) % 13 == 0);
    let data = ccitt::encode(&page, codec);
    // An aligned EOL is a byte pair whose low 12 bits are 0...01.
    let eols = data.windows(2).filter(|w| w[0] % 16 == 0 && w[1] == 1).count();
    assert_eq!(eols, 20);
}

fn have_tiffcp() -> bool {
    let found = Command::new("tiffcp").arg("-v").output().is_ok();
    if !found {
        eprintln!("tiffcp is not installed: libtiff not asked");
    }
    found
}

/// libtiff's copy of a file, in one strip a page; it must have nothing to complain of.
fn tiffcp(file: &[u8], compression: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("in.tif"), dir.path().join("out.tif"));
    std::fs::write(&from, file).unwrap();
    let run = Command::new("tiffcp")
        .args(["-c", compression, "-r", "100000", "-f", "msb2lsb"])
        .args([&from, &to])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.is_empty(), "{said}");
    std::fs::read(&to).unwrap()
}

#[test]
fn every_codec_comes_back_through_libtiff() {
    if !have_tiffcp() {
        return;
    }
    let pages: Vec<(Bitmap, Resolution)> =
        pages().into_iter().map(|(_, page)| (page, Resolution::FINE)).collect();
    for codec in codecs() {
        let back = strips(&tiffcp(&tiff(&pages, codec), "none"));
        assert_eq!(back.len(), pages.len());
        for (i, (back, (page, _))) in back.iter().zip(&pages).enumerate() {
            let back = Bitmap::from_packed(page.width(), page.height(), back);
            assert!(back == *page, "page {i} differs after {codec:?}");
        }
    }
}

/// Coding that misses its modes still decodes; only the bytes show it.
#[test]
fn g4_is_bit_for_bit_libtiffs() {
    if !have_tiffcp() {
        return;
    }
    for (name, page) in pages() {
        let file = tiff(&[(page.clone(), Resolution::FINE)], Codec::G4);
        let libtiffs = strips(&tiffcp(&file, "g4")).remove(0);
        assert!(libtiffs == ccitt::encode(&page, Codec::G4), "{name}");
    }
}

/// Each page's data in a file by `tiffcp -r 100000`: little-endian, one strip a page, min is white.
fn strips(file: &[u8]) -> Vec<Vec<u8>> {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let u32_at = |at: usize| u16_at(at) | u16_at(at + 2) << 16;
    let mut pages = Vec::new();
    let mut at = u32_at(4);
    while at != 0 {
        let entries = u16_at(at);
        let value = |tag: usize| {
            let entry = (0..entries).map(|i| at + 2 + i * 12).find(|e| u16_at(*e) == tag).unwrap();
            if u16_at(entry + 2) == 3 { u16_at(entry + 8) } else { u32_at(entry + 8) }
        };
        let (strip, len) = (value(273), value(279));
        assert_eq!((value(262), value(258)), (0, 1));
        pages.push(file[strip..strip + len].to_vec());
        at = u32_at(at + 2 + entries * 12);
    }
    pages
}

#[test]
fn tiff_says_its_resolution_and_page_numbers() {
    let page = (Bitmap::new(1728, 10), Resolution { x: 203.2, y: 97.8 });
    let file = tiff(&[page.clone(), page], Codec::SPANDSP);
    let mut reader = tiff_reader(&file);
    for number in 0..2u16 {
        let mut tag = |t| reader.get_tag(t).unwrap();
        assert_eq!(tag(Tag::XResolution), Value::Rational(20320, 100));
        assert_eq!(tag(Tag::YResolution), Value::Rational(9780, 100));
        assert_eq!(tag(Tag::Unknown(292)).into_u32().unwrap(), 5);
        assert_eq!(tag(Tag::FillOrder).into_u16().unwrap(), 2);
        assert_eq!(tag(Tag::Unknown(297)).into_u16_vec().unwrap(), [number, 2]);
        assert_eq!(reader.more_images(), number == 0);
        if number == 0 {
            reader.next_image().unwrap();
        }
    }
}

fn tiff_reader(file: &[u8]) -> ::tiff::decoder::Decoder<std::io::Cursor<&[u8]>> {
    ::tiff::decoder::Decoder::new(std::io::Cursor::new(file)).unwrap()
}

#[test]
fn pdf_pages_hold_the_same_pixels_at_their_size() {
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let pages: Vec<(Bitmap, Resolution)> = vec![
        (filled(1728, 23, |_, _| rng.next_u32() % 9 == 0), Resolution::FINE),
        (filled(2048, 12, |x, y| x % 7 == y % 7), Resolution::STANDARD),
    ];
    let file = hayro_syntax::Pdf::new(pdf(&pages)).unwrap();
    assert_eq!(file.pages().len(), 2);
    for (got, (page, resolution)) in file.pages().iter().zip(&pages) {
        let (w, h) = got.render_dimensions();
        assert!((w - page.width() as f32 / resolution.x * 72.0).abs() < 0.01);
        assert!((h - page.height() as f32 / resolution.y * 72.0).abs() < 0.01);
        let images = &got.resources().x_objects;
        let image: hayro_syntax::object::Stream<'_> = images.get(b"Fax".as_ref()).unwrap();
        // hayro gives a byte a pixel, 0 black.
        assert!(*image.decoded().unwrap() == *page.to_luma().as_raw());
    }
}

#[test]
fn the_same_pixels_give_the_same_files() {
    let page = [(filled(300, 40, |x, y| x * y % 11 == 0), Resolution::FINE)];
    assert_eq!(tiff(&page, Codec::G4), tiff(&page, Codec::G4));
    assert_eq!(pdf(&page), pdf(&page));
}

proptest! {
    #[test]
    fn small_pages_come_back(width in 1usize..200, bytes in prop::collection::vec(any::<u8>(), 1..400)) {
        let height = bytes.len().div_ceil(width.div_ceil(8));
        let page = Bitmap::from_packed(width, height, &bytes);
        for codec in codecs() {
            let back = decoded(&ccitt::encode(&page, codec), codec, width, height);
            prop_assert!(back == page, "{codec:?}");
        }
    }
}
