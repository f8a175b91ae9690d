//! Files for the decoder's tests: a page with the things that faxes have on them, written as plain
//! TIFF and then converted by libtiff's own `tiffcp`, the reference for everything read here.

use std::path::Path;
use std::process::Command;

use faxtally::raster::Bitmap;

/// A page-like drawing: text-like specks, boxes, rules, a filled bar, a diagonal, wholly white and
/// wholly black rows, ink at both edges. The same for the same size.
pub fn page(width: usize, height: usize) -> Bitmap {
    let mut b = Bitmap::new(width, height);
    let mut fill = |x: usize, y: usize, w: usize, h: usize| {
        for yy in y..(y + h).min(height) {
            for xx in x..(x + w).min(width) {
                b.set(xx, yy, true);
            }
        }
    };
    for i in 0..height / 40 {
        fill(width / 10, i * 40 + 5, width * 7 / 10, 2);
        fill(width / 10 + 31 * (i % 13), i * 40 + 12, 24, 20);
    }
    fill(0, height / 2, width, 3);
    fill(0, height / 3, 2, height / 5);
    fill(width - 1, height / 4, 1, height / 5);
    for y in 0..height {
        fill((y * 3) % width, y, 2, 1);
    }
    // Specks, from a small multiplicative generator (Lehmer, modulus 2^31 - 1).
    let mut seed = 20_241_122u64;
    for _ in 0..height * 4 {
        seed = seed * 48_271 % 0x7fff_ffff;
        let (x, y) = (seed as usize % width, (seed >> 12) as usize % height);
        if y % 5 != 0 {
            b.set(x, y, true);
        }
    }
    b
}

/// What a TIFF page is written with.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    pub min_is_black: bool,
    /// Dots per inch, across and down; `None` leaves the three tags out.
    pub dpi: Option<(u32, u32)>,
    pub orientation: u16,
}

impl Default for Plain {
    fn default() -> Self {
        Self { min_is_black: false, dpi: Some((204, 196)), orientation: 1 }
    }
}

/// Little-endian bilevel TIFF, uncompressed, one strip a page.
pub fn plain_tiff(pages: &[&Bitmap], how: Plain) -> Vec<u8> {
    let mut out = b"II\x2a\0\0\0\0\0".to_vec();
    let mut link = 4;
    for page in pages {
        let mut data = page.to_packed();
        if how.min_is_black {
            data = data.iter().map(|b| !b).collect();
        }
        let at = out.len() as u32;
        out.extend_from_slice(&data);
        out.resize(out.len().next_multiple_of(2), 0);
        let photometric = u32::from(how.min_is_black);
        let mut tags = vec![
            (256, 4, page.width() as u32),
            (257, 4, page.height() as u32),
            (258, 3, 1),
            (259, 3, 1),
            (262, 3, photometric),
            (273, 4, at),
            (274, 3, u32::from(how.orientation)),
            (277, 3, 1),
            (278, 4, page.height() as u32),
            (279, 4, data.len() as u32),
        ];
        if let Some((x, y)) = how.dpi {
            let place = out.len() as u32;
            for n in [x, 1, y, 1] {
                out.extend_from_slice(&n.to_le_bytes());
            }
            tags.extend([(282, 5, place), (283, 5, place + 8), (296, 3, 2)]);
        }
        link = directory(&mut out, link, &tags);
    }
    out
}

/// Appends a directory, points the link at `link` to it, returns where its own link stands.
pub fn directory(out: &mut Vec<u8>, link: usize, tags: &[(u16, u16, u32)]) -> usize {
    let at = out.len() as u32;
    out[link..link + 4].copy_from_slice(&at.to_le_bytes());
    out.extend_from_slice(&(tags.len() as u16).to_le_bytes());
    for (tag, kind, value) in tags {
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&1u32.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&[0; 4]);
    out.len() - 4
}

/// `tiffcp <args> in out`.
pub fn tiffcp(input: &[u8], args: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (from, to) = (dir.path().join("in.tif"), dir.path().join("out.tif"));
    std::fs::write(&from, input).expect("the input is written");
    run_tiffcp(args, &from, &to);
    std::fs::read(&to).expect("tiffcp wrote its output")
}

fn run_tiffcp(args: &[&str], from: &Path, to: &Path) {
    let done = Command::new("tiffcp").args(args).arg(from).arg(to).output();
    let done = done.unwrap_or_else(|e| {
        panic!("tiffcp cannot be run ({e}): install libtiff's tools, on Debian `libtiff-tools`")
    });
    assert!(done.status.success(), "tiffcp {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The value of a tag in the first directory of a little-endian TIFF, and where its field stands.
pub fn tag(data: &[u8], wanted: u16) -> Option<(u32, usize)> {
    let u16_at = |i: usize| u16::from_le_bytes([data[i], data[i + 1]]);
    let u32_at = |i: usize| u32::from_le_bytes(data[i..i + 4].try_into().expect("four bytes"));
    let ifd = u32_at(4) as usize;
    (0..usize::from(u16_at(ifd))).map(|i| ifd + 2 + 12 * i).find_map(|e| {
        let value = if u16_at(e + 2) == 3 { u32::from(u16_at(e + 8)) } else { u32_at(e + 8) };
        (u16_at(e) == wanted).then_some((value, e + 8))
    })
}

/// Renames a tag of the first directory to one that nobody reads, as if it were not there.
pub fn without_tag(mut data: Vec<u8>, wanted: u16) -> Vec<u8> {
    let (_, field) = tag(&data, wanted).expect("the tag to take out is there");
    data[field - 8..field - 6].copy_from_slice(&65_000u16.to_le_bytes());
    data
}

/// Sets a tag's inline value, as a LONG.
pub fn with_tag(mut data: Vec<u8>, wanted: u16, value: u32) -> Vec<u8> {
    let (_, field) = tag(&data, wanted).expect("the tag to change is there");
    data[field - 6..field - 4].copy_from_slice(&4u16.to_le_bytes());
    data[field..field + 4].copy_from_slice(&value.to_le_bytes());
    data
}

/// The bytes of the only strip.
pub fn strip(data: &[u8]) -> &[u8] {
    let (at, _) = tag(data, 273).expect("StripOffsets");
    let (n, _) = tag(data, 279).expect("StripByteCounts");
    &data[at as usize..(at + n) as usize]
}
