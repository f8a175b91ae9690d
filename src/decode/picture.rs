//! PNG and JPEG: one page a file, grey or colour.

use std::io::Cursor;

use image::codecs::{jpeg::JpegDecoder, png::PngDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, Limits as ImageLimits};

use crate::units::Resolution;

use super::error::DecodeError;
use super::grey::{self, luma, over_white};
use super::orient::Orient;
use super::tiff::sane_resolution;
use super::{Damage, FaxPage, Limits};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
}

pub(super) fn page(data: &[u8], format: Format, limits: &Limits) -> Result<FaxPage, DecodeError> {
    let (grey, orient, damage) = match format {
        Format::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(data), image_limits(limits));
            let (grey, orient) = read(decoder.map_err(|e| failure(&e, data))?, data, limits)?;
            (grey, orient, Damage::default())
        }
        Format::Jpeg => jpeg(data, limits)?,
    };
    let resolution = match format {
        Format::Png => png_resolution(data),
        Format::Jpeg => jpeg_resolution(data),
    };
    let bitmap = grey::to_bitmap(&grey);
    Ok(orient.apply(FaxPage { bitmap, resolution, damage }))
}

/// The grey picture inside a JPEG as it is stored, how Exif says it stands, and what is missing.
pub(super) fn jpeg(
    data: &[u8],
    limits: &Limits,
) -> Result<(GrayImage, Orient, Damage), DecodeError> {
    let decoder = JpegDecoder::new(Cursor::new(data)).map_err(|e| failure(&e, data))?;
    let (grey, orient) = read(decoder, data, limits)?;
    if has_end(data) {
        return Ok((grey, orient, Damage::default()));
    }
    let rows_expected = grey.height();
    let grey = without_fill(grey);
    let rows_got = grey.height();
    if rows_got == 0 {
        let have = data.len() as u64;
        return Err(DecodeError::Truncated { needed: have + 1, have });
    }
    // The row of blocks in which the data end is half there: 16 rows at the usual 4:2:0 subsampling.
    let damage = Damage { rows_expected, rows_got, bad_rows: rows_got.min(16) };
    Ok((grey, orient, damage))
}

/// Whether an end of image (T.81 B.1.1.3) follows the last scan. The decoder does not say when it is
/// missing: it fills the rest with grey, which would count as a page with its lower half left blank.
fn has_end(data: &[u8]) -> bool {
    let last = |marker: [u8; 2], from: usize| {
        data[from..].windows(2).rposition(|w| w == marker).map(|i| from + i)
    };
    let scan = last([0xff, 0xda], 0).unwrap_or(0);
    last([0xff, 0xd9], scan).is_some()
}

/// Without the rows at the bottom that are one grey throughout, the decoder's filling.
fn without_fill(grey: GrayImage) -> GrayImage {
    let width = grey.width();
    let Some(fill) = grey.as_raw().last().copied() else { return grey };
    let rows = grey.as_raw().chunks_exact(width as usize);
    let filled = rows.rev().take_while(|row| row.iter().all(|v| *v == fill)).count();
    let left = grey.height() - filled as u32;
    let mut samples = grey.into_raw();
    samples.truncate(width as usize * left as usize);
    GrayImage::from_raw(width, left, samples).unwrap_or_default()
}

fn image_limits(limits: &Limits) -> ImageLimits {
    let mut l = ImageLimits::default();
    // RGBA with 16 bits is 8 bytes a pixel; as much again for the decoder's own rows.
    l.max_alloc = Some(limits.pixels.saturating_mul(16));
    l
}

fn read(
    mut decoder: impl ImageDecoder,
    data: &[u8],
    limits: &Limits,
) -> Result<(GrayImage, Orient), DecodeError> {
    let (w, h) = decoder.dimensions();
    let value = u64::from(w) * u64::from(h);
    if value > limits.pixels {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit: limits.pixels });
    }
    decoder.set_limits(image_limits(limits)).map_err(|e| failure(&e, data))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| failure(&e, data))?;
    Ok((to_grey(picture), Orient::from_tiff(u64::from(orientation.to_exif()))))
}

/// Grey on white paper, whatever it was.
fn to_grey(picture: DynamicImage) -> GrayImage {
    let picture = match picture {
        DynamicImage::ImageLuma8(grey) => return grey,
        DynamicImage::ImageLuma16(_) => return picture.into_luma8(),
        other => other,
    };
    let (w, h) = (picture.width(), picture.height());
    let grey: Vec<u8> = if picture.color().has_alpha() {
        picture.into_rgba8().pixels().map(|p| over_white(luma(p[0], p[1], p[2]), p[3])).collect()
    } else {
        picture.into_rgb8().pixels().map(|p| luma(p[0], p[1], p[2])).collect()
    };
    GrayImage::from_raw(w, h, grey).unwrap_or_default()
}

fn failure(e: &ImageError, data: &[u8]) -> DecodeError {
    let have = data.len() as u64;
    match e {
        ImageError::Unsupported(u) => DecodeError::unsupported(u.to_string()),
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::Truncated { needed: have + 1, have }
        }
        other => DecodeError::damaged(other.to_string()),
    }
}

const INCH_IN_METRES: f32 = 0.0254;

/// PNG 11.3.5.3 `pHYs`: pixels a metre, before the first `IDAT`.
fn png_resolution(data: &[u8]) -> Option<Resolution> {
    let mut at = 8;
    loop {
        let head = data.get(at..at + 8)?;
        let len = u32::from_be_bytes(head[..4].try_into().ok()?) as usize;
        match &head[4..8] {
            b"pHYs" => {
                let body = data.get(at + 8..at + 17)?;
                let per_metre =
                    |b: &[u8]| b.iter().fold(0u32, |a, v| a << 8 | u32::from(*v)) as f32;
                let (x, y) = (per_metre(&body[..4]), per_metre(&body[4..8]));
                return (body[8] == 1)
                    .then(|| sane_resolution(x * INCH_IN_METRES, y * INCH_IN_METRES))?;
            }
            b"IDAT" | b"IEND" => return None,
            _ => at = at.checked_add(12)?.checked_add(len)?,
        }
    }
}

/// JFIF 1.02: the APP0 segment's density, unit 1 = inch, 2 = centimetre.
fn jpeg_resolution(data: &[u8]) -> Option<Resolution> {
    let mut at = 2;
    loop {
        let head = data.get(at..at + 4)?;
        let len = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if head[0] != 0xff || matches!(head[1], 0xda | 0xc0..=0xc2) {
            return None;
        }
        let body = data.get(at + 4..)?;
        if head[1] == 0xe0 && body.starts_with(b"JFIF\0") && body.len() >= 12 {
            let density = |i: usize| f32::from(u16::from_be_bytes([body[i], body[i + 1]]));
            let scale = match body[7] {
                1 => 1.0,
                2 => 2.54,
                _ => return None,
            };
            return sane_resolution(density(8) * scale, density(10) * scale);
        }
        at = at.checked_add(2 + len)?;
    }
}
