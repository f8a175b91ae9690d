//! A fax of `forms/mynahoken-2024` that lies too slanted for any form to be found on it, and where the
//! form's corners are on it: what a person must put by hand.

use std::path::Path;

use faxtally::form::Form;
use faxtally::raster::Bitmap;

use super::fax_files::{Plain, plain_tiff};

/// Beyond the 16.7 degrees within which skew is looked for.
const SLANT: f32 = 20.0;
/// Pixels a millimetre of a fine fax, and its size.
const SCALE: (f32, f32) = (204.0 / 25.4, 196.0 / 25.4);
const SIZE: (usize, usize) = (1728, 2292);
/// What is crossed on it.
pub const CROSSED: [(&str, &str); 2] = [("q2", "hospital"), ("q9", "restore")];

fn form() -> Form {
    Form::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("forms/mynahoken-2024")).unwrap()
}

/// A point of the form, in millimetres, as a point of the page.
fn turned((x, y): (f32, f32), by: f32) -> (f32, f32) {
    let (sin, cos) = by.to_radians().sin_cos();
    let (x, y) = (x - 105.0, y - 148.5);
    (x * cos - y * sin + 105.0, x * sin + y * cos + 148.5)
}

/// The form's corners as shares of the page, clockwise from its top left.
pub fn corners() -> [[f32; 2]; 4] {
    [(0.0, 0.0), (210.0, 0.0), (210.0, 297.0), (0.0, 297.0)].map(|corner| {
        let (x, y) = turned(corner, SLANT);
        [x * SCALE.0 / SIZE.0 as f32, y * SCALE.1 / SIZE.1 as f32]
    })
}

pub fn page() -> Bitmap {
    page_at(SLANT)
}

/// The same at another angle: at 180 degrees it lies upside down.
pub fn page_at(slant: f32) -> Bitmap {
    let form = form();
    let crossed = CROSSED.map(|(question, option)| {
        let question = form.question(question).unwrap();
        question.options.iter().find(|o| o.id == option).unwrap().place
    });
    let dots = form.blank_resolution;
    let mut page = Bitmap::new(SIZE.0, SIZE.1);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let at = ((x as f32 + 0.5) / SCALE.0, (y as f32 + 0.5) / SCALE.1);
            let (u, v) = turned(at, -slant);
            let (px, py) = (u * dots.x / 25.4, v * dots.y / 25.4);
            let inside = px >= 0.0
                && py >= 0.0
                && (px as usize) < form.blank.width()
                && (py as usize) < form.blank.height();
            let print = inside && form.blank.get(px as usize, py as usize);
            let pen = crossed.iter().any(|r| {
                let (cx, cy) = r.centre();
                let (dx, dy) = ((u - cx.0).abs(), (v - cy.0).abs());
                dx < r.w.0 * 0.55 && (dx - dy).abs() < 0.3
            });
            page.set(x, y, print || pen);
        }
    }
    page
}

pub fn fax(page: &Bitmap) -> Vec<u8> {
    plain_tiff(&[page], Plain::default())
}
