//! Pages that are drawn: text, lines, several images. The slow path.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use image::GrayImage;

use crate::units::Resolution;

use super::super::error::DecodeError;
use super::super::grey::{self, luma};
use super::super::{Damage, FaxPage, Limits};

/// A1 at the fine fax grid is 31 million pixels; a drawing needs some 8 bytes a pixel on the way.
const MOST_DRAWN: u64 = 32_000_000;

/// Draws the page, `/Rotate` applied, on the fine fax grid, so that nothing has to be scaled later.
pub(super) fn page(page: &Page, limits: &Limits) -> Result<FaxPage, DecodeError> {
    let scale = |dpi: f32| dpi / super::POINTS_PER_INCH;
    let (x_scale, y_scale) = (scale(Resolution::FINE.x), scale(Resolution::FINE.y));
    let (w, h) = page.render_dimensions();
    let value = (w * x_scale) as u64 * (h * y_scale) as u64;
    let limit = MOST_DRAWN.min(limits.pixels);
    if value > limit || w * x_scale > f32::from(u16::MAX) || h * y_scale > f32::from(u16::MAX) {
        return Err(DecodeError::TooLarge { unit: "pixels", value, limit });
    }
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale, y_scale, bg_color: WHITE },
    );
    let grey: Vec<u8> = pixmap.data().iter().map(|p| luma(p.r, p.g, p.b)).collect();
    let grey = GrayImage::from_raw(u32::from(pixmap.width()), u32::from(pixmap.height()), grey)
        .ok_or_else(|| DecodeError::damaged("the page could not be drawn"))?;
    Ok(FaxPage {
        bitmap: grey::to_bitmap(&grey),
        resolution: Some(Resolution::FINE),
        damage: Damage::default(),
    })
}
