//! Grey, colour and palette TIFF pages by way of the `tiff` crate; also bilevel ones in compressions
//! that fax machines do not write (deflate, tiles).

use std::io::{Cursor, Read, Seek, SeekFrom};

use image::GrayImage;
use tiff::decoder::{Decoder, DecodingResult, Limits as TiffLimits};
use tiff::{ColorType, TiffError};

use crate::raster::Bitmap;

use super::Limits;
use super::error::DecodeError;
use super::grey::{self, luma, over_white};
use super::ifd::Ifd;

const PHOTOMETRIC: u16 = 262;

/// The file with a few bytes of it read differently: another first directory in its header, so that a
/// page in the middle of a long file is found without walking to it; palette indices as greys, as the
/// `tiff` crate has no palettes.
struct Patched<'a> {
    inner: Cursor<&'a [u8]>,
    patches: Vec<(usize, Vec<u8>)>,
}

impl<'a> Patched<'a> {
    fn new(data: &'a [u8], ifd: &Ifd, palette: bool) -> Self {
        let mut patches = vec![ifd.as_first()];
        if palette {
            const MIN_IS_BLACK: u64 = 1;
            patches.extend(ifd.values(PHOTOMETRIC).and_then(|v| v.rewritten(MIN_IS_BLACK)));
        }
        Self { inner: Cursor::new(data), patches }
    }
}

impl Read for Patched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let start = self.inner.position() as usize;
        let n = self.inner.read(buf)?;
        for (at, bytes) in &self.patches {
            for (i, byte) in bytes.iter().enumerate() {
                let place = (at + i).checked_sub(start).and_then(|p| buf[..n].get_mut(p));
                if let Some(place) = place {
                    *place = *byte;
                }
            }
        }
        Ok(n)
    }
}

impl Seek for Patched<'_> {
    fn seek(&mut self, pos: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(pos)
    }
}

/// Decodes the page of this directory and makes it black and white.
pub(super) fn page(
    data: &[u8],
    ifd: &Ifd,
    compression: u64,
    limits: &Limits,
) -> Result<Bitmap, DecodeError> {
    let fail = |e| failure(&e, compression, data.len() as u64);
    let palette = (ifd.uint(PHOTOMETRIC) == Some(3)).then(|| palette(ifd)).transpose()?;
    let mut decoder = Decoder::new(Patched::new(data, ifd, palette.is_some()))
        .map_err(fail)?
        .with_limits(tiff_limits(limits));
    let (width, height) = decoder.dimensions().map_err(fail)?;
    let value = u64::from(width) * u64::from(height);
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    let color = decoder.colortype().map_err(fail)?;
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

/// The greys of a palette (TIFF 6.0 page 23: all reds, all greens, all blues, 16 bits each).
fn palette(ifd: &Ifd) -> Result<Vec<u8>, DecodeError> {
    const COLOR_MAP: u16 = 320;
    let none = || DecodeError::damaged("a page with a palette and no palette");
    let map = ifd.values(COLOR_MAP).ok_or_else(none)?;
    // A sample of 8 bits has no more.
    let n = (map.count / 3).min(256);
    let part = |i: u64| Some((map.get(i)? >> 8) as u8);
    let grey = |i| Some(luma(part(i)?, part(n + i)?, part(2 * n + i)?));
    (0..n).map(grey).collect::<Option<Vec<u8>>>().ok_or_else(none)
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
    palette: Option<&[u8]>,
    width: usize,
) -> Result<Vec<u8>, DecodeError> {
    Ok(match color {
        ColorType::Gray(bits @ (1 | 2 | 4 | 8)) if let Some(palette) = palette => {
            let look_up = |i: u8| palette.get(usize::from(i)).map_or(255, |v| *v);
            expand(samples, bits, width).map(look_up).collect()
        }
        ColorType::Gray(8 | 16) => samples.to_vec(),
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            let step = 255 / ((1u8 << bits) - 1);
            expand(samples, bits, width).map(|s| s * step).collect()
        }
        ColorType::GrayA(8 | 16) => {
            samples.chunks_exact(2).map(|p| over_white(p[0], p[1])).collect()
        }
        // The first is the light.
        ColorType::YCbCr(8) => samples.chunks_exact(3).map(|p| p[0]).collect(),
        ColorType::RGB(8 | 16) => samples.chunks_exact(3).map(|p| luma(p[0], p[1], p[2])).collect(),
        ColorType::RGBA(8 | 16) => {
            samples.chunks_exact(4).map(|p| over_white(luma(p[0], p[1], p[2]), p[3])).collect()
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
        6 => "old-style JPEG in TIFF",
        7 => "JPEG in TIFF",
        9 | 34661 => "T.85 JBIG",
        10 => "T.43 JBIG",
        34663 => "JBIG2 in TIFF",
        34712 => "JPEG 2000 in TIFF",
        _ => return format!("TIFF compression {value}"),
    };
    format!("TIFF compression {value} ({name})")
}

fn failure(e: &TiffError, compression: u64, have: u64) -> DecodeError {
    match e {
        TiffError::UnsupportedError(why) => {
            DecodeError::unsupported(format!("{}: {why}", compression_name(compression)))
        }
        TiffError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { needed: have + 1, have }
        }
        TiffError::LimitsExceeded => {
            DecodeError::TooLarge { unit: "pixels", value: u64::MAX, limit: 0 }
        }
        other => DecodeError::damaged(other.to_string()),
    }
}
