//! TIFF class F: one strip a page, pages in one chain, little-endian.

use super::{Codec, FillOrder, Scheme, ccitt};
use crate::raster::Bitmap;
use crate::units::Resolution;

/// All pages in one file. Each page: its strip, then its directory, as spandsp and `HylaFAX` write.
pub fn tiff(pages: &[(Bitmap, Resolution)], codec: Codec) -> Vec<u8> {
    // "II", 42, and the place of the first directory, patched below.
    let mut out = vec![b'I', b'I', 42, 0, 0, 0, 0, 0];
    let mut link = 4;
    for (number, (page, resolution)) in pages.iter().enumerate() {
        let strip = ccitt::encode(page, codec);
        let strip_at = out.len() as u32;
        out.extend(&strip);
        pad_to_word(&mut out);
        let mut entries = page_entries(page, codec, strip_at, strip.len() as u32);
        entries.push(Entry::shorts(297, number as u16, pages.len() as u16));
        for (tag, dpi) in [(282, resolution.x), (283, resolution.y)] {
            entries.push(Entry { tag, kind: RATIONAL, count: 1, value: out.len() as u32 });
            out.extend(rational(dpi));
        }
        entries.push(Entry {
            tag: 305,
            kind: ASCII,
            count: SOFTWARE.len() as u32,
            value: out.len() as u32,
        });
        out.extend(SOFTWARE);
        pad_to_word(&mut out);
        patch(&mut out, link);
        link = directory(&mut out, entries);
    }
    out
}

/// With the NUL that TIFF strings end on.
const SOFTWARE: &[u8] = b"faxtally\0";

const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    value: u32,
}

impl Entry {
    fn short(tag: u16, value: u16) -> Self {
        Self { tag, kind: SHORT, count: 1, value: u32::from(value) }
    }

    fn shorts(tag: u16, a: u16, b: u16) -> Self {
        Self { tag, kind: SHORT, count: 2, value: u32::from(a) | u32::from(b) << 16 }
    }

    fn long(tag: u16, value: u32) -> Self {
        Self { tag, kind: LONG, count: 1, value }
    }
}

fn page_entries(page: &Bitmap, codec: Codec, strip_at: u32, strip_len: u32) -> Vec<Entry> {
    let compression = if codec.scheme == Scheme::G4 { 4 } else { 3 };
    let fill_order = if codec.fill_order == FillOrder::LsbFirst { 2 } else { 1 };
    let mut entries = vec![
        // A page of a multi-page document.
        Entry::long(254, 2),
        Entry::long(256, page.width() as u32),
        Entry::long(257, page.height() as u32),
        Entry::short(258, 1),
        Entry::short(259, compression),
        // Min is white: a 0 bit is a white pixel.
        Entry::short(262, 0),
        Entry::short(266, fill_order),
        Entry::long(273, strip_at),
        Entry::short(277, 1),
        // "One strip, however long", as HylaFAX writes it.
        Entry::long(278, u32::MAX),
        Entry::long(279, strip_len),
        // Inches.
        Entry::short(296, 2),
    ];
    entries.push(match codec.scheme {
        Scheme::G4 => Entry::long(293, 0),
        scheme => {
            let two_d = u32::from(scheme != Scheme::G31d);
            Entry::long(292, two_d | u32::from(codec.aligned_eols) << 2)
        }
    });
    entries
}

/// Writes the directory and returns where its link to the next one stands.
fn directory(out: &mut Vec<u8>, mut entries: Vec<Entry>) -> usize {
    entries.sort_by_key(|e| e.tag);
    out.extend((entries.len() as u16).to_le_bytes());
    for e in entries {
        out.extend(e.tag.to_le_bytes());
        out.extend(e.kind.to_le_bytes());
        out.extend(e.count.to_le_bytes());
        out.extend(e.value.to_le_bytes());
    }
    out.extend([0; 4]);
    out.len() - 4
}

/// TIFF 6.0 wants directories and values on even offsets.
fn pad_to_word(out: &mut Vec<u8>) {
    if out.len() % 2 == 1 {
        out.push(0);
    }
}

fn patch(out: &mut [u8], at: usize) {
    let here = (out.len() as u32).to_le_bytes();
    out[at..at + 4].copy_from_slice(&here);
}

/// Hundredths keep 203.2 and 195.58 (the metric resolutions) exact.
fn rational(dpi: f32) -> [u8; 8] {
    let hundredths = (dpi * 100.0).round() as u32;
    let (n, d) =
        if hundredths.is_multiple_of(100) { (hundredths / 100, 1u32) } else { (hundredths, 100) };
    let mut out = [0; 8];
    out[..4].copy_from_slice(&n.to_le_bytes());
    out[4..].copy_from_slice(&d.to_le_bytes());
    out
}
