//! Grey, colour and palette TIFF pages by way of the `tiff` crate; also bilevel ones in compressions
//! that fax machines do not write (deflate, tiles).

use std::io::{Cursor, Read, Seek, SeekFrom};

use image::GrayImage;
use tiff::decoder::{Decoder, DecodingResult, Limits as TiffLimits};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use crate::raster::Bitmap;

use super::Limits;
use super::error::DecodeError;
use super::grey::{self, luma, over_white};

/// The file with another first directory in its header, so that a page in the middle of a long file
/// is found without walking to it.
struct FromPage<'a> {
    inner: Cursor<&'a [u8]>,
    header: [u8; 16],
}

impl<'a> FromPage<'a> {
    fn new(data: &'a [u8], offset: u64) -> Option<Self> {
        let mut header: [u8; 16] = data.get(..16)?.try_into().ok()?;
        let big = header[2] == 43 || header[3] == 43;
        let mut place = offset.to_le_bytes();
        let width = if big { 8 } else { 4 };
        if header[0] == b'M' {
            place[..width].reverse();
        }
        header[width..2 * width].copy_from_slice(&place[..width]);
        Some(Self { inner: Cursor::new(data), header })
    }
}

impl Read for FromPage<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let at = self.inner.position() as usize;
        let n = self.inner.read(buf)?;
        for (i, byte) in buf[..n].iter_mut().enumerate() {
            if let Some(patched) = self.header.get(at + i) {
                *byte = *patched;
            }
        }
        Ok(n)
    }
}

impl Seek for FromPage<'_> {
    fn seek(&mut self, pos: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(pos)
    }
}

/// Decodes the page whose directory is at `offset` and makes it black and white.
pub(super) fn page(
    data: &[u8],
    offset: u64,
    compression: u64,
    limits: &Limits,
) -> Result<Bitmap, DecodeError> {
    let fail = |e| failure(&e, compression, data.len() as u64);
    let short = DecodeError::Truncated { needed: 16, have: data.len() as u64 };
    let mut decoder = Decoder::new(FromPage::new(data, offset).ok_or(short)?)
        .map_err(fail)?
        .with_limits(tiff_limits(limits));
    let (width, height) = decoder.dimensions().map_err(fail)?;
    let value = u64::from(width) * u64::from(height);
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    let color = decoder.colortype().map_err(fail)?;
    let palette = decoder.find_tag_unsigned_vec::<u16>(Tag::ColorMap).map_err(fail)?;
    let samples = match decoder.read_image().map_err(fail)? {
        DecodingResult::U8(v) => v,
        DecodingResult::U16(v) => v.into_iter().map(|s| (s >> 8) as u8).collect(),
        _ => return Err(DecodeError::unsupported("TIFF with 32-bit or float samples")),
    };
    let grey = to_grey(&samples, color, palette.as_deref(), width as usize)?;
    let grey = GrayImage::from_raw(width, height, grey)
        .ok_or_else(|| DecodeError::damaged("the page holds fewer pixels than it promises"))?;
    Ok(grey::to_bitmap(&grey))
}

fn tiff_limits(limits: &Limits) -> TiffLimits {
    let mut l = TiffLimits::default();
    // RGBA with 16 bits is 8 bytes a pixel.
    l.decoding_buffer_size = (limits.pixels as usize).saturating_mul(8);
    l.intermediate_buffer_size = l.decoding_buffer_size;
    l
}

fn to_grey(
    samples: &[u8],
    color: ColorType,
    palette: Option<&[u16]>,
    width: usize,
) -> Result<Vec<u8>, DecodeError> {
    Ok(match color {
        ColorType::Gray(8 | 16) => samples.to_vec(),
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            let step = 255 / ((1u8 << bits) - 1);
            expand(samples, bits, width).map(|s| s * step).collect()
        }
        ColorType::GrayA(8 | 16) => {
            samples.chunks_exact(2).map(|p| over_white(p[0], p[1])).collect()
        }
        ColorType::RGB(8 | 16) => samples.chunks_exact(3).map(|p| luma(p[0], p[1], p[2])).collect(),
        ColorType::RGBA(8 | 16) => {
            samples.chunks_exact(4).map(|p| over_white(luma(p[0], p[1], p[2]), p[3])).collect()
        }
        ColorType::Palette(bits @ (1 | 2 | 4 | 8)) => {
            let map = palette.ok_or_else(|| DecodeError::damaged("a palette page, no palette"))?;
            let n = map.len() / 3;
            let part = |i: usize| map.get(i).map_or(255, |v| (v >> 8) as u8);
            let lut: Vec<u8> =
                (0..n).map(|i| luma(part(i), part(n + i), part(2 * n + i))).collect();
            expand(samples, bits, width)
                .map(|s| lut.get(usize::from(s)).map_or(255, |v| *v))
                .collect()
        }
        other => return Err(DecodeError::unsupported(format!("TIFF colours {other:?}"))),
    })
}

/// Samples of fewer than 8 bits, rows padded to a byte, one by one.
fn expand(samples: &[u8], bits: u8, width: usize) -> impl Iterator<Item = u8> + '_ {
    let per_byte = usize::from(8 / bits);
    let mask = 0xffu8 >> (8 - bits);
    samples.chunks(width.div_ceil(per_byte).max(1)).flat_map(move |row| {
        (0..width).filter_map(move |x| {
            let byte = row.get(x / per_byte)?;
            Some(byte >> (8 - bits * (x % per_byte + 1) as u8) & mask)
        })
    })
}

/// The compressions that people may meet, by name.
fn compression_name(value: u64) -> String {
    let name = match value {
        2..=4 => "fax codes in tiles",
        6 | 7 => "JPEG in TIFF",
        9 => "T.85 JBIG",
        10 => "T.43 JBIG",
        34661 => "T.85 JBIG",
        34663 => "JBIG2 in TIFF",
        34712 => "JPEG 2000 in TIFF",
        _ => return format!("TIFF compression {value}"),
    };
    format!("TIFF compression {value} ({name})")
}

fn failure(e: &TiffError, compression: u64, have: u64) -> DecodeError {
    match e {
        TiffError::UnsupportedError(_) => DecodeError::unsupported(compression_name(compression)),
        TiffError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { needed: have + 1, have }
        }
        TiffError::LimitsExceeded => {
            DecodeError::TooLarge { unit: "pixels", value: u64::MAX, limit: 0 }
        }
        other => DecodeError::damaged(other.to_string()),
    }
}
