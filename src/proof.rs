//! Read pages for the eye to check: the page as it arrived, every box coloured by its outcome.

use image::{Rgb, RgbImage, imageops};
use imageproc::drawing::draw_hollow_rect_mut;

use crate::decode::FaxPage;
use crate::reading::{BoxOutcome, PageReading};
use crate::units::{Px, Rect};

/// Three hues that stay apart for most colour-blind people (Okabe and Ito 2008).
const UNMARKED: [u8; 3] = [86, 180, 233];
const MARKED: [u8; 3] = [0, 158, 115];
const DOUBTFUL: [u8; 3] = [213, 94, 0];
/// A row of a standard-resolution fax is twice as tall as a pixel is wide (204 x 98 dpi); below this
/// ratio of lines a picture is not stretched: fine faxes have 0.96.
const SQUARE: f32 = 0.75;
/// A page without resolution whose rows are this few to its width is a standard-resolution one: A4 in
/// fine has 1.33 rows a column, in standard 0.66.
const FLAT: f32 = 0.9;

/// The page upright in black on white, its boxes outlined around the mark: blue unmarked, green
/// marked, orange doubtful. Standard-resolution rows are doubled.
pub fn draw(page: &FaxPage, reading: &PageReading) -> RgbImage {
    let rows = rows_per_line(page);
    let bitmap = &page.bitmap;
    let mut picture =
        RgbImage::from_fn(bitmap.width() as u32, bitmap.height() as u32 * rows, |x, y| {
            let black = bitmap.get(x as usize, (y / rows) as usize);
            Rgb([if black { 0 } else { 255 }; 3])
        });
    for b in &reading.boxes {
        let (colour, width) = match b.outcome {
            BoxOutcome::Unmarked => (UNMARKED, 1),
            BoxOutcome::Marked => (MARKED, 3),
            BoxOutcome::Doubtful => (DOUBTFUL, 5),
        };
        outline(&mut picture, b.place, rows, colour, width);
    }
    upright(picture, reading)
}

fn upright(picture: RgbImage, reading: &PageReading) -> RgbImage {
    match reading.orientation {
        90 => imageops::rotate90(&picture),
        180 => imageops::rotate180(&picture),
        270 => imageops::rotate270(&picture),
        _ => picture,
    }
}

/// Boxes' widths of paper shown around a box: what overshoots it, and the label beside it.
const AROUND: f32 = 1.5;
const BESIDE: f32 = 9.0;

/// One option's box, upright, with what is around it and the beginning of its label. `None`: the
/// machine had found no such box on the page.
pub fn crop(
    page: &FaxPage,
    reading: &PageReading,
    question: &str,
    option: &str,
) -> Option<RgbImage> {
    let at = reading.boxes.iter().find(|b| b.question == question && b.option == option)?;
    let rows = rows_per_line(page);
    let (w, h) = (at.place.w.0, at.place.h.0);
    // To the right as people read, whichever way the page came.
    let (left, top, right, bottom) = match reading.orientation {
        90 => (AROUND, BESIDE, AROUND, AROUND),
        180 => (BESIDE, AROUND, AROUND, AROUND),
        270 => (AROUND, AROUND, AROUND, BESIDE),
        _ => (AROUND, AROUND, BESIDE, AROUND),
    };
    let pixel = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
    let (width, height) = (page.bitmap.width(), page.bitmap.height());
    let (x0, x1) =
        (pixel(at.place.x.0 - left * w, width), pixel(at.place.x.0 + (1.0 + right) * w, width));
    let (y0, y1) =
        (pixel(at.place.y.0 - top * h, height), pixel(at.place.y.0 + (1.0 + bottom) * h, height));
    if x0 >= x1 || y0 >= y1 {
        return None;
    }
    let picture = RgbImage::from_fn((x1 - x0) as u32, (y1 - y0) as u32 * rows, |x, y| {
        let black = page.bitmap.get(x0 + x as usize, y0 + (y / rows) as usize);
        Rgb([if black { 0 } else { 255 }; 3])
    });
    Some(upright(picture, reading))
}

fn rows_per_line(page: &FaxPage) -> u32 {
    let stretched = match page.resolution {
        Some(r) => r.y / r.x.max(1.0) < SQUARE,
        None => (page.bitmap.height() as f32) < page.bitmap.width() as f32 * FLAT,
    };
    if stretched { 2 } else { 1 }
}

/// Lines grow outwards, so that they never hide the mark they speak of.
fn outline(picture: &mut RgbImage, place: Rect<Px>, rows: u32, colour: [u8; 3], width: i32) {
    let rows = rows as f32;
    for i in 1..=width {
        let corner = |v: f32| v.round() as i32 - i;
        let side = |v: f32| (v.round().max(1.0) as u32).saturating_add(2 * i as u32);
        let rect = imageproc::rect::Rect::at(corner(place.x.0), corner(place.y.0 * rows))
            .of_size(side(place.w.0), side(place.h.0 * rows));
        draw_hollow_rect_mut(picture, rect, Rgb(colour));
    }
}
