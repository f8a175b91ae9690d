//! One page of a TIFF: fax codes and bilevel strips here, grey and colour in [`super::tiff_grey`].

use hayro_ccitt::EncodingMode;

use crate::units::Resolution;

use super::ccitt::{self, Coding, Outcome};
use super::error::DecodeError;
use super::ifd::{Bytes, Ifd};
use super::orient::Orient;
use super::rows::Rows;
use super::{Damage, FaxPage, Limits, tiff_grey, unpack};

mod tag {
    pub const WIDTH: u16 = 256;
    pub const LENGTH: u16 = 257;
    pub const BITS: u16 = 258;
    pub const COMPRESSION: u16 = 259;
    pub const PHOTOMETRIC: u16 = 262;
    pub const FILL_ORDER: u16 = 266;
    pub const OFFSETS: u16 = 273;
    pub const ORIENTATION: u16 = 274;
    pub const SAMPLES: u16 = 277;
    pub const ROWS_PER_STRIP: u16 = 278;
    pub const BYTE_COUNTS: u16 = 279;
    pub const X_RESOLUTION: u16 = 282;
    pub const Y_RESOLUTION: u16 = 283;
    pub const T4_OPTIONS: u16 = 292;
    pub const RESOLUTION_UNIT: u16 = 296;
    pub const COLOR_MAP: u16 = 320;
    pub const BAD_FAX_LINES: u16 = 326;
}

/// What the strips are made of.
#[derive(Clone, Copy, Debug)]
enum Packing {
    Fax(Coding),
    Plain,
    PackBits,
    Lzw,
}

/// A bilevel page's directory, checked.
struct Page<'a> {
    ifd: Ifd<'a>,
    data: &'a [u8],
    width: usize,
    /// `None`: not said, or said to be endless; the data decide.
    height: Option<usize>,
    packing: Packing,
}

/// Decodes the page whose directory is at `offset`.
pub(super) fn page(data: &[u8], offset: u64, limits: &Limits) -> Result<FaxPage, DecodeError> {
    let (bytes, _) = Bytes::open(data)?;
    let ifd = Ifd::at(bytes, offset)
        .ok_or(DecodeError::Truncated { needed: offset, have: data.len() as u64 })?;
    let (width, height) = size(&ifd, limits)?;
    let page = match packing(&ifd) {
        Some(packing) => bilevel(&Page { ifd, data, width, height, packing }, limits)?,
        None => FaxPage {
            bitmap: tiff_grey::page(data, &ifd, compression(&ifd), limits)?,
            resolution: None,
            damage: Damage::default(),
        },
    };
    let page = FaxPage { resolution: resolution(&ifd), ..page };
    Ok(Orient::from_tiff(ifd.uint(tag::ORIENTATION).unwrap_or(1)).apply(page))
}

fn size(ifd: &Ifd, limits: &Limits) -> Result<(usize, Option<usize>), DecodeError> {
    let width = ifd.uint(tag::WIDTH).filter(|w| *w > 0);
    let width = width.ok_or_else(|| DecodeError::damaged("the page has no width"))?;
    // Writers that stream leave 0 or 2^32-1 when the call drops before they can come back.
    let height = ifd.uint(tag::LENGTH).filter(|h| *h > 0 && *h < u64::from(u32::MAX));
    let value = width.saturating_mul(height.unwrap_or(1));
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    Ok((width as usize, height.map(|h| h as usize)))
}

fn compression(ifd: &Ifd) -> u64 {
    ifd.uint(tag::COMPRESSION).unwrap_or(1)
}

/// `None`: not ours; the general reader has to try.
fn packing(ifd: &Ifd) -> Option<Packing> {
    let fax = |mode, aligned| Some(Packing::Fax(Coding { mode, aligned }));
    let bilevel = ifd.uint(tag::BITS).unwrap_or(1) == 1 && ifd.uint(tag::SAMPLES).unwrap_or(1) == 1;
    ifd.values(tag::OFFSETS)?;
    match compression(ifd) {
        2 => fax(EncodingMode::Group3_1D, true),
        3 if ifd.uint(tag::T4_OPTIONS).unwrap_or(0) & 1 == 1 => fax(EncodingMode::Group3_2D, false),
        3 => fax(EncodingMode::Group3_1D, false),
        4 => fax(EncodingMode::Group4, false),
        1 if bilevel => Some(Packing::Plain),
        5 if bilevel => Some(Packing::Lzw),
        32773 if bilevel => Some(Packing::PackBits),
        _ => None,
    }
}

/// Whether a 0 bit (in fax codes: a "white" run) is black.
fn inverted(ifd: &Ifd, packing: Packing) -> bool {
    match ifd.uint(tag::PHOTOMETRIC) {
        Some(1) => true,
        Some(3) => ifd.values(tag::COLOR_MAP).is_some_and(|map| {
            // Red, green and blue each for colour 0 and colour 1.
            let sum = |i| (0..3u64).filter_map(|c| map.get(2 * c + i)).sum::<u64>();
            sum(0) < sum(1)
        }),
        Some(_) => false,
        // What libtiff assumes (tif_dirread.c): fax codes are min-is-white, everything else is not.
        None => !matches!(packing, Packing::Fax(_)),
    }
}

fn bilevel(page: &Page, limits: &Limits) -> Result<FaxPage, DecodeError> {
    let cap = page.height.unwrap_or((limits.pixels / page.width as u64) as usize);
    // A single strip may hold more rows than its directory says.
    let most = (limits.pixels / page.width as u64) as usize;
    let single = page.ifd.values(tag::OFFSETS).is_none_or(|v| v.count <= 1);
    let mut rows = Rows::new(page.width, if single { most } else { cap });
    rows.invert = inverted(&page.ifd, page.packing);
    let mut total = Outcome::default();
    let truncated = strips(page, single, &mut rows, &mut total);
    if total.rows == 0 {
        return Err(truncated.unwrap_or_else(|| DecodeError::damaged("no row could be decoded")));
    }
    let expected = page.height.unwrap_or(0);
    let unknown_cut = truncated.is_some() && expected == 0;
    let noted = page.ifd.uint(tag::BAD_FAX_LINES).unwrap_or(0).min(rows.count() as u64);
    let damage = Damage {
        rows_expected: expected as u32,
        rows_got: total.rows as u32,
        bad_rows: total.bad_rows as u32 + noted as u32 + u32::from(unknown_cut),
    };
    Ok(FaxPage { bitmap: rows.into_bitmap(), resolution: None, damage })
}

/// Decodes all strips; returns what was missing if the file ends before one of them does.
fn strips(page: &Page, single: bool, rows: &mut Rows, total: &mut Outcome) -> Option<DecodeError> {
    let offsets = page.ifd.values(tag::OFFSETS)?;
    let per_strip = page.ifd.uint(tag::ROWS_PER_STRIP).filter(|r| *r > 0).unwrap_or(u64::MAX);
    let per_strip = usize::try_from(per_strip).unwrap_or(usize::MAX);
    let mut missing = None;
    let mut top = 0;
    for i in 0..offsets.count {
        let left = page.height.map(|h| h.saturating_sub(top));
        if left == Some(0) || rows.count() >= rows.cap() {
            break;
        }
        let Some(start) = offsets.get(i) else {
            missing = Some(DecodeError::damaged(format!("{} strips promised", offsets.count)));
            break;
        };
        let (data, cut) = strip_data(page, i, start);
        missing = missing.or(cut);
        let want = match left {
            Some(left) => Some(left.min(per_strip)),
            None if per_strip < rows.cap() => Some(per_strip),
            None => None,
        };
        // A strip that came short must not pull the ones below it up.
        let above = rows.count();
        rows.set_count(above.max(top));
        let got = one_strip(page, data, want, single && page.height.is_some(), rows);
        if got.rows == 0 {
            rows.set_count(above);
        }
        total.rows += got.rows;
        total.bad_rows += got.bad_rows;
        top = if per_strip < rows.cap() { top + per_strip } else { rows.count() };
    }
    missing
}

/// A strip's bytes as far as the file has them.
fn strip_data<'a>(page: &Page<'a>, i: u64, start: u64) -> (&'a [u8], Option<DecodeError>) {
    let have = page.data.len() as u64;
    let count = page.ifd.values(tag::BYTE_COUNTS).and_then(|c| c.get(i)).filter(|c| *c > 0);
    // Without a byte count the strip ends with the file; fax codes carry their own end.
    let end = count.map_or(have.max(start + 1), |c| start.saturating_add(c));
    let cut = (end > have).then_some(DecodeError::Truncated { needed: end, have });
    let (from, to) = (start.min(have) as usize, end.min(have) as usize);
    (&page.data[from..to], cut)
}

fn one_strip(
    page: &Page,
    data: &[u8],
    want: Option<usize>,
    grow: bool,
    rows: &mut Rows,
) -> Outcome {
    let reversed: Vec<u8>;
    let data = if page.ifd.uint(tag::FILL_ORDER) == Some(2) {
        reversed = data.iter().map(|b| b.reverse_bits()).collect();
        &reversed
    } else {
        data
    };
    let row_bytes = page.width.div_ceil(8);
    let most = want.unwrap_or(rows.cap()).min(rows.cap()).saturating_mul(row_bytes);
    let unpacked: Vec<u8>;
    let plain = match page.packing {
        Packing::Fax(_) if data.is_empty() => return Outcome::default(),
        Packing::Fax(coding) => {
            let grow = grow && page.ifd.values(tag::BYTE_COUNTS).is_some();
            return ccitt::decode_strip(data, coding, want, grow, rows);
        }
        Packing::Plain => &data[..data.len().min(most)],
        Packing::PackBits => {
            unpacked = unpack::pack_bits(data, most);
            &unpacked
        }
        Packing::Lzw => {
            unpacked = unpack::lzw(data, most);
            &unpacked
        }
    };
    let base = rows.count();
    plain.chunks_exact(row_bytes).for_each(|row| rows.push_packed(row));
    Outcome { rows: rows.count() - base, bad_rows: 0 }
}

/// Dots per inch above which a tag is nonsense: the finest fax is 408, office scanners end at 1200.
const MOST_DPI: f32 = 2500.0;
/// The flattest fax mode is 204 x 98 (2.1); twice that is no raster of a page.
const MOST_ASPECT: f32 = 4.0;
/// Below this a "resolution" without a unit is an aspect ratio: the coarsest fax has 98 lines.
const LEAST_BARE_DPI: f32 = 50.0;

/// Dots per inch that make sense, or `None`.
pub(super) fn sane_resolution(x: f32, y: f32) -> Option<Resolution> {
    let ok = |v: f32| v > 0.0 && v <= MOST_DPI;
    let aspect = if x > y { x / y } else { y / x };
    (ok(x) && ok(y) && aspect <= MOST_ASPECT).then_some(Resolution { x, y })
}

fn resolution(ifd: &Ifd) -> Option<Resolution> {
    let (x, y) = (ifd.rational(tag::X_RESOLUTION)?, ifd.rational(tag::Y_RESOLUTION)?);
    match ifd.uint(tag::RESOLUTION_UNIT).unwrap_or(2) {
        3 => sane_resolution(x * 2.54, y * 2.54),
        1 if x.min(y) < LEAST_BARE_DPI => None,
        _ => sane_resolution(x, y),
    }
}
