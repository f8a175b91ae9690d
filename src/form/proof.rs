//! A form's own picture: every region drawn on its blank, for the eye to check.

use image::{GrayImage, Rgb, RgbImage};
use imageproc::drawing::draw_hollow_rect_mut;

use super::Form;
use crate::units::{Mm, Rect};

/// One colour a question, in turn, so that neighbours differ: six hues that stay apart for most
/// colour-blind people (Okabe and Ito 2008).
const HUES: [[u8; 3]; 6] =
    [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233]];
/// A label's outline is so much nearer to white than its box's.
const PALE: u8 = 2;
/// Lines of this many pixels are seen when a 300-dpi page is shown at a third of its size.
const LINE: i32 = 3;

/// The blank in grey with boxes and written fields in full colour, labels in pale, a question a hue.
pub fn proof(form: &Form) -> RgbImage {
    let mut picture = faded(&form.blank.to_luma());
    for (question, hue) in form.questions().iter().zip(HUES.iter().cycle()) {
        let pale = hue.map(|v| 255 - (255 - v) / PALE);
        for option in &question.options {
            if let Some(label) = option.label_box {
                outline(&mut picture, form, label, pale);
            }
            outline(&mut picture, form, option.place, *hue);
        }
        if let Some(place) = question.place {
            outline(&mut picture, form, place, *hue);
        }
        for ending in &question.endings {
            outline(&mut picture, form, ending.place, pale);
        }
    }
    picture
}

/// Print at half strength, so that colours stand out.
fn faded(blank: &GrayImage) -> RgbImage {
    RgbImage::from_fn(blank.width(), blank.height(), |x, y| {
        let v = blank.get_pixel(x, y).0[0];
        let v = 255 - (255 - v) / 2;
        Rgb([v; 3])
    })
}

fn outline(picture: &mut RgbImage, form: &Form, place: Rect<Mm>, colour: [u8; 3]) {
    let r = form.blank_resolution.rect_px(place);
    for i in 0..LINE {
        let side = |v: f32| (v.round() as u32).saturating_add(2 * i as u32).max(1);
        let corner = |v: f32| v.round() as i32 - i;
        let rect = imageproc::rect::Rect::at(corner(r.x.0), corner(r.y.0))
            .of_size(side(r.w.0), side(r.h.0));
        draw_hollow_rect_mut(picture, rect, Rgb(colour));
    }
}
