//! Grey and colour scans: the same ink must come out of them as went in, and nothing else.

use std::io::Cursor;

use faxtally::decode::{Damage, Document, Limits};
use faxtally::raster::Bitmap;
use faxtally::reading::ReasonCode;
use faxtally::units::Resolution;
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use pdf_writer::Filter;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::fax_files::{directory, tiffcp, with_tag};
use crate::pdf_files::Scan;
use crate::{failure, only_page};

/// A4 at 150 dpi.
const SIZE: (usize, usize) = (1240, 1754);

/// Frames, check boxes, thin rules and strokes: nothing thinner than two pixels.
fn form(width: usize, height: usize) -> Bitmap {
    let mut b = Bitmap::new(width, height);
    let mut fill = |x: usize, y: usize, w: usize, h: usize| {
        for yy in y..y + h {
            for xx in x..x + w {
                b.set(xx, yy, true);
            }
        }
    };
    for i in 0..height / 60 {
        let y = 20 + i * 60;
        fill(width / 12, y, width * 5 / 6, 2);
        fill(width / 10 + 37 * (i % 9), y + 15, 18, 2);
        fill(width / 10 + 37 * (i % 9), y + 31, 18, 2);
        fill(width / 10 + 37 * (i % 9), y + 15, 2, 18);
        fill(width / 10 + 37 * (i % 9) + 16, y + 15, 2, 18);
    }
    // A filled heading.
    fill(width / 4, 150, width / 2, 40);
    b
}

/// The scan of a form: `paper(x, y)` is the paper's brightness, ink reflects `ink` of it, the sensor
/// adds noise of this standard deviation.
fn scan(form: &Bitmap, paper: impl Fn(f32, f32) -> f32, ink: f32, noise: f32) -> GrayImage {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let (w, h) = (form.width() as u32, form.height() as u32);
    GrayImage::from_fn(w, h, |x, y| {
        let light = paper(x as f32 / w as f32, y as f32 / h as f32);
        let share = if form.get(x as usize, y as usize) { ink } else { 1.0 };
        // The sum of twelve uniform numbers has a standard deviation of 1.
        let n: f32 = (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
        Luma([(light * share + n * noise).round().clamp(0.0, 255.0) as u8])
    })
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, ImageFormat::Png).expect("PNG");
    out.into_inner()
}

fn jpeg(grey: &GrayImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, quality);
    encoder.set_pixel_density(PixelDensity::dpi(150));
    encoder.encode_image(grey).expect("JPEG");
    out
}

/// Pixels of ink that are missing and pixels of paper that are black.
fn errors(got: &Bitmap, want: &Bitmap) -> (u64, u64) {
    assert_eq!((got.width(), got.height()), (want.width(), want.height()));
    let (mut lost, mut invented) = (0, 0);
    for y in 0..want.height() {
        for (g, w) in got.row(y).iter().zip(want.row(y)) {
            lost += u64::from((w & !g).count_ones());
            invented += u64::from((g & !w).count_ones());
        }
    }
    (lost, invented)
}

/// Brightness by place, both from 0 to 1.
type Paper = fn(f32, f32) -> f32;

#[test]
fn ink_survives_shading_noise_and_faint_pencil() {
    let drawn = form(SIZE.0, SIZE.1);
    let flat: Paper = |_, _| 235.0;
    let grey: Paper = |_, _| 150.0;
    let slope: Paper = |x, y| 240.0 - 70.0 * x - 40.0 * y;
    let spine: Paper = |x, _| if x < 0.1 { 130.0 + 1000.0 * x } else { 230.0 };
    let cases: [(&str, Paper, f32, f32); 7] = [
        ("print on white", flat, 0.15, 2.0),
        ("print on grey paper", grey, 0.3, 3.0),
        ("print in uneven light", slope, 0.3, 3.0),
        ("print at the spine", spine, 0.3, 3.0),
        ("pencil on white", flat, 0.6, 3.0),
        ("faint pencil on white", flat, 0.68, 3.0),
        ("pencil in uneven light", slope, 0.6, 3.0),
    ];
    for (what, paper, ink, noise) in cases {
        let got = only_page(png(scan(&drawn, paper, ink, noise)));
        let (lost, invented) = errors(&got.bitmap, &drawn);
        assert!(lost * 1000 <= drawn.count(), "{what}: {lost} of {} lost", drawn.count());
        // A speck in 100,000 pixels.
        assert!(invented <= 22, "{what}: {invented} invented");
    }
}

#[test]
fn paper_without_ink_stays_white_and_black_stays_black() {
    let empty = Bitmap::new(SIZE.0, SIZE.1);
    for (light, noise) in [(255.0, 0.0), (235.0, 2.0), (200.0, 6.0), (140.0, 5.0), (180.0, 0.0)] {
        let got = only_page(png(scan(&empty, |_, _| light, 1.0, noise)));
        assert!(got.bitmap.count() <= 22, "paper {light} +- {noise}: {}", got.bitmap.count());
    }
    // The back of the sheet shines through: 0.88 of the paper.
    let back = only_page(png(scan(&form(SIZE.0, SIZE.1), |_, _| 230.0, 0.88, 2.0)));
    assert!(back.bitmap.count() <= 22, "show-through: {}", back.bitmap.count());
    let black = only_page(png(scan(&empty, |_, _| 12.0, 1.0, 3.0)));
    let all = (SIZE.0 * SIZE.1) as u64;
    assert!(black.bitmap.count() > all * 999 / 1000, "{} of {all}", black.bitmap.count());
    // A scanner's black border, wider than any letter, is black through and through.
    let edge = only_page(png(scan(&empty, |x, _| if x > 0.7 { 10.0 } else { 230.0 }, 1.0, 2.0)));
    let dark = (SIZE.0 - SIZE.0 * 7 / 10) as u64 * SIZE.1 as u64;
    assert!(edge.bitmap.count().abs_diff(dark) < dark / 50, "{} of {dark}", edge.bitmap.count());
}

#[test]
fn two_tones_are_taken_as_they_are() {
    let drawn = form(600, 400);
    for (ink, paper) in [(0, 255), (0, 1), (40, 200), (254, 255)] {
        let grey = GrayImage::from_fn(600, 400, |x, y| {
            Luma([if drawn.get(x as usize, y as usize) { ink } else { paper }])
        });
        let got = only_page(png(grey)).bitmap;
        match (ink, paper) {
            // No ink tells 254 from 255, or 0 from 1.
            (254, _) => assert_eq!(got.count(), 0),
            _ => assert_eq!(errors(&got, &drawn), (0, 0), "{ink} on {paper}"),
        }
    }
}

#[test]
fn every_pixel_format_of_png_and_jpeg() {
    let drawn = form(620, 877);
    let grey = drawn.to_luma();
    let at = |x: u32, y: u32| drawn.get(x as usize, y as usize);
    let blue = RgbImage::from_fn(620, 877, |x, y| {
        if at(x, y) { Rgb([30, 50, 160]) } else { Rgb([245, 243, 230]) }
    });
    // Ink by opacity alone: the colour under it is black everywhere.
    let clear =
        RgbaImage::from_fn(620, 877, |x, y| Rgba([0, 0, 0, if at(x, y) { 255 } else { 0 }]));
    let wide = DynamicImage::ImageLuma8(grey.clone()).into_luma16();
    for (what, bytes) in [
        ("grey", png(grey.clone())),
        ("16 bits", png(wide)),
        ("blue pen", png(blue)),
        ("transparent", png(clear)),
    ] {
        assert_eq!(errors(&only_page(bytes).bitmap, &drawn), (0, 0), "{what}");
    }
    let got = only_page(jpeg(&grey, 90));
    assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "JPEG");
    assert_eq!(got.resolution, Some(Resolution { x: 150.0, y: 150.0 }));
}

/// A PNG with a chunk behind its header; the decoder does not look at the checksum of a chunk that it
/// does not need, but it is right all the same.
fn with_phys(png: &[u8], per_metre: (u32, u32), unit: u8) -> Vec<u8> {
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.0.to_be_bytes());
    chunk.extend(per_metre.1.to_be_bytes());
    chunk.push(unit);
    let crc = !chunk.iter().fold(!0u32, |crc, b| {
        (0..8).fold(
            crc ^ u32::from(*b),
            |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 },
        )
    });
    let header = 8 + 25;
    [&png[..header], &9u32.to_be_bytes(), &chunk, &crc.to_be_bytes(), &png[header..]].concat()
}

#[test]
fn resolution_of_png_and_its_absence() {
    let plain = png(form(300, 200).to_luma());
    assert_eq!(only_page(plain.clone()).resolution, None);
    let r = only_page(with_phys(&plain, (11811, 11811), 1)).resolution.expect("300 dpi");
    assert!((r.x - 300.0).abs() < 0.01 && (r.y - 300.0).abs() < 0.01, "{r:?}");
    assert_eq!(only_page(with_phys(&plain, (1, 1), 0)).resolution, None, "only an aspect");
    assert_eq!(only_page(with_phys(&plain, (u32::MAX, 1), 1)).resolution, None);
}

/// A strip of samples with the tags that say what they are.
fn tiff(samples: &[u8], size: (u32, u32), more: &[(u16, u16, u32)], palette: &[u16]) -> Vec<u8> {
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    let at = out.len() as u32;
    out.extend_from_slice(samples);
    out.resize(out.len().next_multiple_of(2), 0);
    let map = out.len() as u32;
    out.extend(palette.iter().flat_map(|v| v.to_le_bytes()));
    let mut tags = vec![
        (256, 4, size.0),
        (257, 4, size.1),
        (259, 3, 1),
        (273, 4, at),
        (278, 4, size.1),
        (279, 4, samples.len() as u32),
    ];
    tags.extend_from_slice(more);
    if !palette.is_empty() {
        tags.push((320, 3, map));
    }
    tags.sort_unstable();
    let end = directory(&mut out, 4, &tags);
    if let Some(i) = tags.iter().position(|t| t.0 == 320) {
        let count = end - 12 * (tags.len() - i) + 4;
        out[count..count + 4].copy_from_slice(&(palette.len() as u32).to_le_bytes());
    }
    out
}

#[test]
fn grey_palette_and_colour_tiff_in_the_compressions_of_scanners() {
    let drawn = form(620, 300);
    let size = (620, 300);
    let grey = drawn.to_luma().into_raw();
    let one = [(258, 3, 8), (262, 3, 1), (277, 3, 1)];
    let zero = [(258, 3, 8), (262, 3, 0), (277, 3, 1)];
    let indexed = [(258, 3, 8), (262, 3, 3), (277, 3, 1)];
    let inverse: Vec<u8> = grey.iter().map(|v| !v).collect();
    let indices: Vec<u8> = grey.iter().map(|v| if *v == 0 { 9 } else { 3 }).collect();
    let mut palette = vec![0x8000u16; 768];
    for part in 0..3 {
        palette[part * 256 + 9] = 0x1000;
        palette[part * 256 + 3] = 0xf000;
    }
    for (what, file) in [
        ("min is black", tiff(&grey, size, &one, &[])),
        ("min is white", tiff(&inverse, size, &zero, &[])),
        ("palette", tiff(&indices, size, &indexed, &palette)),
    ] {
        for args in
            [&["-c", "none"], &["-c", "lzw"], &["-c", "lzw:2"], &["-c", "packbits"], &["-c", "zip"]]
        {
            let got = only_page(tiffcp(&file, args));
            assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "{what}, {args:?}");
        }
    }
    let tiled = only_page(tiffcp(&tiff(&grey, size, &one, &[]), &["-t", "-w", "128", "-l", "128"]));
    assert_eq!(errors(&tiled.bitmap, &drawn), (0, 0), "tiles");
    // A bilevel page in a compression of scanners.
    let bits: Vec<u8> = drawn.to_packed();
    let bilevel = tiff(&bits, size, &[(258, 3, 1), (262, 3, 0), (277, 3, 1)], &[]);
    let got = only_page(tiffcp(&bilevel, &["-c", "zip"]));
    assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "one bit, deflated");
    // Two colours by palette, the darker first and last.
    for (dark, bits) in [(1, bits.clone()), (0, bits.iter().map(|b| !b).collect::<Vec<u8>>())] {
        let map: Vec<u16> = (0..6).map(|i| if i % 2 == dark { 0 } else { 0xffff }).collect();
        let got = only_page(tiff(&bits, size, &[(258, 3, 1), (262, 3, 3), (277, 3, 1)], &map));
        assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "palette of two, {dark} dark");
    }
}

/// As copiers that scan to mail write it: grey, and colour as light and two colours.
#[test]
fn jpeg_in_tiff() {
    let drawn = form(620, 877);
    let size = (620, 877);
    let grey = drawn.to_luma().into_raw();
    let rgb: Vec<u8> = grey.iter().flat_map(|v| [*v; 3]).collect();
    let one = tiff(&grey, size, &[(258, 3, 8), (262, 3, 1), (277, 3, 1)], &[]);
    let colour = tiff(&rgb, size, &[(258, 3, 8), (262, 3, 2), (277, 3, 3)], &[]);
    for (what, file) in [("grey", one), ("colour", colour)] {
        for args in [&["-c", "jpeg:95", "-r", "64"], &["-c", "jpeg:r:95", "-r", "64"]] {
            let got = only_page(tiffcp(&file, args));
            assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "{what}, {args:?}");
        }
    }
}

#[test]
fn old_style_jpeg_in_tiff_is_named_and_refused() {
    // TIFF 6.0 section 22: the stream as a whole lies where JPEGInterchangeFormat (513) says, 514 is its length.
    let grey = GrayImage::from_pixel(64, 48, Luma([255]));
    let stream = jpeg(&grey, 90);
    let length = stream.len() as u32;
    let more = [(258, 3, 8), (262, 3, 1), (277, 3, 1), (512, 3, 1), (513, 4, 8), (514, 4, length)];
    let e = failure(with_tag(tiff(&stream, (64, 48), &more, &[]), 259, 6));
    assert_eq!(e.reason().code, ReasonCode::Unsupported, "{e}");
    assert!(e.to_string().contains("old-style JPEG"), "{e}");
}

#[test]
fn jpeg_and_grey_samples_in_a_pdf() {
    let drawn = form(620, 877);
    let grey = drawn.to_luma();
    let data = jpeg(&grey, 90);
    let size = (620, 877);
    let dct =
        Scan { filter: Some(Filter::DctDecode), bits: 8, ..Scan::new(&data, size, (75.0, 75.0)) };
    let raw = Scan { bits: 8, ..Scan::new(grey.as_raw(), size, (75.0, 75.0)) };
    let inverse: Vec<u8> = grey.as_raw().iter().map(|v| !v).collect();
    let flipped = Scan { bits: 8, flipped: true, ..Scan::new(&inverse, size, (75.0, 75.0)) };
    for (what, scan) in [("JPEG", dct), ("plain", raw), ("with Decode", flipped)] {
        let got = only_page(scan.bytes());
        assert_eq!(errors(&got.bitmap, &drawn), (0, 0), "{what}");
        let r = got.resolution.expect("from the page's size");
        assert!((r.x - 75.0).abs() < 0.1 && (r.y - 75.0).abs() < 0.1, "{what}: {r:?}");
    }
}

#[test]
fn half_a_jpeg_is_not_a_page_with_a_blank_half() {
    let drawn = form(620, 877);
    let whole = jpeg(&drawn.to_luma(), 90);
    let half = &whole[..whole.len() / 2];
    let in_pdf = Scan {
        filter: Some(Filter::DctDecode),
        bits: 8,
        ..Scan::new(half, (620, 877), (75.0, 75.0))
    };
    for (what, bytes) in [("JPEG", half.to_vec()), ("PDF", in_pdf.bytes())] {
        let Damage { rows_expected, rows_got, bad_rows } = only_page(bytes).damage;
        assert_eq!(rows_expected, 877, "{what}");
        assert!((300..600).contains(&rows_got) && bad_rows == 16, "{what}: {rows_got}, {bad_rows}");
    }
    let none = Document::open(whole[..700].to_vec(), &Limits::default()).expect("opens").page(0);
    assert!(none.is_err() || none.is_ok_and(|p| p.damage.rows_got < 150));
    let png = png(drawn.to_luma());
    let e =
        Document::open(png[..png.len() / 2].to_vec(), &Limits::default()).expect("opens").page(0);
    assert_eq!(e.expect_err("PNG gives all or nothing").reason().code, ReasonCode::Truncated);
}

#[cfg(feature = "pdf")]
#[test]
fn a_page_that_is_more_than_an_image_is_drawn() {
    let white = [0xff; 100];
    // A black rectangle of 1 x 2 inches, 3 inches from the left and 4 from the top of A4.
    let before = b"216 410 72 144 re f ";
    let scan = Scan {
        before,
        page: (595.0, 842.0),
        matrix: [100.0, 0.0, 0.0, 100.0, 0.0, 0.0],
        ..Scan::new(&white, (20, 20), (72.0, 72.0))
    };
    let got = only_page(scan.bytes());
    assert_eq!(got.resolution, Some(Resolution::FINE));
    let (w, h) = (got.bitmap.width() as i64, got.bitmap.height() as i64);
    assert!((w - 1685).abs() <= 1 && (h - 2292).abs() <= 1, "{w} x {h}");
    let black = |x: f32, y: f32| got.bitmap.get((x * 204.0) as usize, (y * 196.0) as usize);
    assert!(black(3.05, 4.05) && black(3.95, 5.95));
    assert!(!black(2.95, 4.5) && !black(4.05, 4.5) && !black(3.5, 3.95) && !black(3.5, 6.05));
    let area = 204 * 2 * 196;
    assert!(got.bitmap.count().abs_diff(area) < area / 50, "{}", got.bitmap.count());
}
