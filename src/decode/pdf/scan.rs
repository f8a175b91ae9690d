//! The image of a scanned PDF page, without drawing it: fax codes, JBIG2, JPEG and plain samples.

use hayro_ccitt::EncodingMode;
use hayro_syntax::Filter;
use hayro_syntax::object::stream::ImageDecodeParams;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use image::GrayImage;

use crate::raster::Bitmap;

use super::super::ccitt::{self, Coding};
use super::super::error::DecodeError;
use super::super::grey::{self, luma};
use super::super::rows::Rows;
use super::super::{Damage, Limits, picture};

/// What was decoded; a damaged image may have fewer rows than were meant to fill its place.
pub(super) struct Raster {
    pub bitmap: Bitmap,
    pub rows_meant: usize,
    pub damage: Damage,
}

/// How samples become ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Samples {
    OneBit { zero_is_black: bool },
    Grey { inverted: bool },
    Rgb,
}

struct Image<'s, 'a> {
    stream: &'s Stream<'a>,
    width: usize,
    height: usize,
    samples: Samples,
}

/// `Ok(None)`: an image of a kind that only the renderer knows.
pub(super) fn decode(
    stream: &Stream,
    coloured: bool,
    limits: &Limits,
) -> Result<Option<Raster>, DecodeError> {
    let dict = stream.dict();
    let size = |long: &str, short: &str| dict.get::<u32>(long).or_else(|| dict.get::<u32>(short));
    let (Some(width), Some(height)) = (size("Width", "W"), size("Height", "H")) else {
        return Err(DecodeError::damaged("an image without a size"));
    };
    let value = u64::from(width) * u64::from(height);
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    let masked = ["SMask", "Mask"].iter().any(|k| dict.contains_key(k));
    let Some(samples) = samples(dict, coloured).filter(|_| !masked && value > 0) else {
        return Ok(None);
    };
    let image = Image { stream, width: width as usize, height: height as usize, samples };
    match *stream.filters() {
        [Filter::CcittFaxDecode] => fax(&image, limits),
        [Filter::Jbig2Decode] => jbig2(&image, limits),
        [Filter::DctDecode] => jpeg(&image, limits),
        _ => plain(&image),
    }
}

fn samples(dict: &Dict, coloured: bool) -> Option<Samples> {
    let decode = dict.get::<Array>("Decode").map(|a| a.iter::<f32>().collect::<Vec<_>>());
    let flipped = decode.as_ref().is_some_and(|d| d.len() == 2 && d[0] > d[1]);
    let plain = decode.is_none_or(|d| d.chunks(2).all(|p| p == [0.0, 1.0]));
    if dict.get::<bool>("ImageMask").unwrap_or(false) {
        // The mask's colour is only known to be black where none was set.
        return (!coloured).then_some(Samples::OneBit { zero_is_black: !flipped });
    }
    let bits = dict.get::<u8>("BitsPerComponent").unwrap_or(8);
    let one_bit = is_one_bit_filter(dict);
    match (colour_space(dict), if one_bit { 1 } else { bits }) {
        (Colours::Grey, 1) => Some(Samples::OneBit { zero_is_black: !flipped }),
        (Colours::TwoTones { zero_is_darker }, 1) if plain => {
            Some(Samples::OneBit { zero_is_black: zero_is_darker })
        }
        (Colours::Grey, 8) => Some(Samples::Grey { inverted: flipped }),
        (Colours::Rgb, 8) if plain => Some(Samples::Rgb),
        _ => None,
    }
}

/// Fax codes and JBIG2 have one bit a sample whatever the dictionary says.
fn is_one_bit_filter(dict: &Dict) -> bool {
    let name = dict
        .get::<Name>("Filter")
        .or_else(|| dict.get::<Array>("Filter").and_then(|a| a.iter::<Name>().last()));
    name.is_some_and(|n| matches!(&*n, b"CCITTFaxDecode" | b"JBIG2Decode"))
}

enum Colours {
    Grey,
    Rgb,
    /// Indexed with two entries.
    TwoTones {
        zero_is_darker: bool,
    },
    Other,
}

fn colour_space(dict: &Dict) -> Colours {
    let named = |name: &[u8]| match name {
        b"DeviceGray" | b"CalGray" | b"G" => Colours::Grey,
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Colours::Rgb,
        _ => Colours::Other,
    };
    match dict.get::<Object>("ColorSpace") {
        // Fax images from careless writers; one bit without a colour space is grey.
        None => Colours::Grey,
        Some(Object::Name(name)) => named(&name),
        Some(Object::Array(array)) => {
            let parts: Vec<Object> = array.iter::<Object>().take(4).collect();
            match parts.as_slice() {
                [Object::Name(n), Object::Stream(profile), ..] if &**n == b"ICCBased" => {
                    match profile.dict().get::<u8>("N") {
                        Some(1) => Colours::Grey,
                        Some(3) => Colours::Rgb,
                        _ => Colours::Other,
                    }
                }
                [Object::Name(n), _, Object::Number(last), table] if &**n == b"Indexed" => {
                    two_tones(last.as_i64(), table)
                }
                [Object::Name(n), ..] => named(n),
                _ => Colours::Other,
            }
        }
        Some(_) => Colours::Other,
    }
}

/// A palette of two: which of them is darker, by the sum of its components (grey or RGB).
fn two_tones(last: i64, table: &Object) -> Colours {
    let table = match table {
        Object::String(s) => s.as_bytes().to_vec(),
        Object::Stream(s) => s.decoded_data().map(|d| d.to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    };
    if last != 1 || !matches!(table.len(), 2 | 6) {
        return Colours::Other;
    }
    let (zero, one) = table.split_at(table.len() / 2);
    let sum = |c: &[u8]| c.iter().map(|v| u32::from(*v)).sum::<u32>();
    Colours::TwoTones { zero_is_darker: sum(zero) < sum(one) }
}

fn raster(rows: Rows, bad_rows: usize, image: &Image) -> Option<Raster> {
    let damage = Damage {
        rows_expected: image.height as u32,
        rows_got: rows.count() as u32,
        bad_rows: bad_rows as u32,
    };
    let bitmap = rows.into_bitmap();
    (damage.rows_got > 0).then_some(Raster { bitmap, rows_meant: image.height, damage })
}

/// ISO 32000-1 7.4.6.
fn fax(image: &Image, limits: &Limits) -> Result<Option<Raster>, DecodeError> {
    let Samples::OneBit { zero_is_black } = image.samples else { return Ok(None) };
    let dict = image.stream.dict();
    let params = dict
        .get::<Dict>("DecodeParms")
        .or_else(|| dict.get::<Array>("DecodeParms").and_then(|a| a.iter::<Dict>().next()))
        .unwrap_or_default();
    let k = params.get::<i32>("K").unwrap_or(0);
    let mode = match k {
        ..0 => EncodingMode::Group4,
        0 => EncodingMode::Group3_1D,
        1.. => EncodingMode::Group3_2D,
    };
    let aligned = params.get::<bool>("EncodedByteAlign").unwrap_or(false);
    let width = params.get::<u32>("Columns").unwrap_or(1728).max(1);
    let value = u64::from(width) * image.height as u64;
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    let mut rows = Rows::new(width as usize, image.height);
    // A black run is written as 1 with `BlackIs1`, else as 0; the samples say which of them is ink.
    let black_is_1 = params.get::<bool>("BlackIs1").unwrap_or(false);
    rows.invert = black_is_1 == zero_is_black;
    let data = image.stream.raw_data();
    let coding = Coding { mode, aligned };
    let got = ccitt::decode_strip(&data, coding, Some(image.height), false, &mut rows);
    match raster(rows, got.bad_rows, image) {
        None => Err(DecodeError::damaged("no row of the fax image could be decoded")),
        some => Ok(some),
    }
}

fn jbig2(image: &Image, limits: &Limits) -> Result<Option<Raster>, DecodeError> {
    let Samples::OneBit { zero_is_black } = image.samples else { return Ok(None) };
    let raw = image.stream.raw_data();
    // The decoder allocates what the data say, whatever the dictionary said.
    let value = jbig2_pixels(&raw);
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    // `is_indexed` asks for packed bits instead of a byte a pixel.
    let params = ImageDecodeParams {
        is_indexed: true,
        bpc: Some(1),
        num_components: Some(1),
        width: image.width as u32,
        height: image.height as u32,
        ..ImageDecodeParams::default()
    };
    let failed = || DecodeError::damaged("the JBIG2 image cannot be decoded");
    let decoded = image.stream.decoded_image(&params).map_err(|_| failed())?;
    let width = decoded.image_data.as_ref().map_or(image.width, |d| d.width as usize);
    let mut rows = Rows::new(width, image.height);
    rows.invert = zero_is_black;
    decoded.data.chunks_exact(width.div_ceil(8).max(1)).for_each(|row| rows.push_packed(row));
    raster(rows, 0, image).map(Some).ok_or_else(failed)
}

/// The pixels that the page information segments promise (ITU-T T.88 7.2, 7.4.8). An unknown height
/// counts as one row: it then grows with the stripes that are there.
fn jbig2_pixels(data: &[u8]) -> u64 {
    const PAGE_INFORMATION: u8 = 48;
    let uint = |at: usize, n: usize| -> Option<u64> {
        Some(data.get(at..at.checked_add(n)?)?.iter().fold(0, |a, b| a << 8 | u64::from(*b)))
    };
    let mut most = 0;
    let mut at = 0;
    while let (Some(number), Some(flags), Some(refs)) =
        (uint(at, 4), uint(at + 4, 1), uint(at + 5, 1))
    {
        let many = refs >> 5 == 7;
        let count = if many { uint(at + 5, 4).unwrap_or(0) & 0x1fff_ffff } else { refs >> 5 };
        let head = if many { 4 + (count + 1).div_ceil(8) } else { 1 };
        let ref_size = match number {
            0..=256 => 1,
            257..=65_536 => 2,
            _ => 4,
        };
        let page_size = if flags & 0x40 == 0 { 1 } else { 4 };
        let length_at = at + 5 + (head + count * ref_size + page_size) as usize;
        let Some(length) = uint(length_at, 4) else { break };
        let body = length_at + 4;
        if flags as u8 & 0x3f == PAGE_INFORMATION
            && let (Some(w), Some(h)) = (uint(body, 4), uint(body + 4, 4))
        {
            let h = if h == u64::from(u32::MAX) { 1 } else { h };
            most = most.max(w.saturating_mul(h));
        }
        at = body.saturating_add(length as usize);
    }
    most
}

fn jpeg(image: &Image, limits: &Limits) -> Result<Option<Raster>, DecodeError> {
    let inverted = match image.samples {
        Samples::OneBit { .. } => return Ok(None),
        Samples::Grey { inverted } => inverted,
        Samples::Rgb => false,
    };
    let (mut grey, _, damage) = picture::jpeg(&image.stream.raw_data(), limits)?;
    if inverted {
        image::imageops::invert(&mut grey);
    }
    let rows_meant = (damage.rows_expected.max(grey.height())) as usize;
    Ok(Some(Raster { bitmap: grey::to_bitmap(&grey), rows_meant, damage }))
}

/// Flate, LZW, run length or no compression at all.
fn plain(image: &Image) -> Result<Option<Raster>, DecodeError> {
    // Filters that need the renderer's knowledge (JPEG 2000, chains ending in fax codes) stay with it.
    let Ok(data) = image.stream.decoded_data() else { return Ok(None) };
    let none = || DecodeError::damaged("an image without pixels");
    match image.samples {
        Samples::OneBit { zero_is_black } => {
            let mut rows = Rows::new(image.width, image.height);
            rows.invert = zero_is_black;
            data.chunks_exact(image.width.div_ceil(8)).for_each(|row| rows.push_packed(row));
            raster(rows, 0, image).map(Some).ok_or_else(none)
        }
        Samples::Grey { inverted } => {
            let flip = if inverted { 0xff } else { 0 };
            grey_rows(data.iter().map(|v| v ^ flip).collect(), image).map(Some).ok_or_else(none)
        }
        Samples::Rgb => {
            let grey = data.chunks_exact(3).map(|p| luma(p[0], p[1], p[2])).collect();
            grey_rows(grey, image).map(Some).ok_or_else(none)
        }
    }
}

/// As many whole rows as there are.
fn grey_rows(mut grey: Vec<u8>, image: &Image) -> Option<Raster> {
    let rows = (grey.len() / image.width).min(image.height);
    grey.truncate(rows * image.width);
    let grey = GrayImage::from_raw(image.width as u32, rows as u32, grey)?;
    let damage = Damage { rows_expected: image.height as u32, rows_got: rows as u32, bad_rows: 0 };
    let bitmap = grey::to_bitmap(&grey);
    (rows > 0).then_some(Raster { bitmap, rows_meant: image.height, damage })
}
