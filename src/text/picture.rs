//! A crop as it is kept and shown: PNG of one bit a pixel, black on white.

use crate::raster::Bitmap;

/// A picture that cannot be had back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored crop is damaged: {0}")]
pub struct PictureError(String);

/// Never fails: it is written to memory. A comment of two lines takes 1 to 2 KB.
pub fn to_png(ink: &Bitmap) -> Vec<u8> {
    let mut out = Vec::new();
    let (w, h) = (ink.width().max(1), ink.height().max(1));
    let mut encoder = png::Encoder::new(&mut out, w as u32, h as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Balanced);
    // Rows of bits gain nothing by differences.
    encoder.set_filter(png::Filter::NoFilter);
    let mut rows = ink.to_packed();
    rows.resize(w.div_ceil(8) * h, 0);
    invert(&mut rows);
    let written = encoder.write_header().and_then(|mut w| w.write_image_data(&rows));
    debug_assert!(written.is_ok(), "{written:?}");
    out
}

/// The inverse.
///
/// # Errors
/// Whatever is no PNG of one bit a pixel.
pub fn from_png(bytes: &[u8]) -> Result<Bitmap, PictureError> {
    let bad = |e: png::DecodingError| PictureError(e.to_string());
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(bad)?;
    let (kind, depth) = reader.output_color_type();
    if (kind, depth) != (png::ColorType::Grayscale, png::BitDepth::One) {
        return Err(PictureError(format!("{kind:?} of {depth:?}")));
    }
    let size = reader.output_buffer_size().ok_or_else(|| PictureError("too large".into()))?;
    let mut rows = vec![0; size];
    reader.next_frame(&mut rows).map_err(bad)?;
    invert(&mut rows);
    let info = reader.info();
    let mut out = Bitmap::from_packed(info.width as usize, info.height as usize, &rows);
    out.clear_padding();
    Ok(out)
}

/// A bitmap's 1 is black, a grey picture's 0 is.
fn invert(rows: &mut [u8]) {
    for b in rows {
        *b = !*b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_comes_back_as_it_was_and_damage_is_told() {
        for (w, h) in [(1, 1), (63, 5), (64, 2), (131, 40)] {
            let mut ink = Bitmap::new(w, h);
            for i in (0..w * h).step_by(7) {
                ink.set(i % w, i / w, true);
            }
            let png = to_png(&ink);
            assert_eq!(from_png(&png).unwrap(), ink);
            assert!(from_png(&png[..png.len() / 2]).is_err());
        }
    }
}
