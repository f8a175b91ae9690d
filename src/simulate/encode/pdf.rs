//! PDF as fax-to-mail gateways send it: one Group 4 image a page, the page as large as the paper.

use super::{Codec, ccitt};
use crate::raster::Bitmap;
use crate::units::Resolution;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};

const POINTS_PER_INCH: f32 = 72.0;
/// Objects of a page: the page, its content, its image.
const REFS_PER_PAGE: usize = 3;
const IMAGE: Name<'static> = Name(b"Fax");

/// All pages in one file.
pub fn pdf(pages: &[(Bitmap, Resolution)]) -> Vec<u8> {
    let (catalog, tree) = (Ref::new(1), Ref::new(2));
    let page_ref = |i: usize| Ref::new((3 + i * REFS_PER_PAGE) as i32);
    let mut out = Pdf::new();
    out.catalog(catalog).pages(tree);
    out.pages(tree).kids((0..pages.len()).map(page_ref)).count(pages.len() as i32);
    for (i, (bitmap, resolution)) in pages.iter().enumerate() {
        write_page(&mut out, tree, page_ref(i), bitmap, *resolution);
    }
    out.finish()
}

fn write_page(out: &mut Pdf, tree: Ref, id: Ref, bitmap: &Bitmap, resolution: Resolution) {
    let (content_id, image_id) = (Ref::new(id.get() + 1), Ref::new(id.get() + 2));
    let w = bitmap.width() as f32 / resolution.x * POINTS_PER_INCH;
    let h = bitmap.height() as f32 / resolution.y * POINTS_PER_INCH;
    let mut page = out.page(id);
    page.media_box(Rect::new(0.0, 0.0, w, h)).parent(tree).contents(content_id);
    page.resources().x_objects().pair(IMAGE, image_id);
    page.finish();

    let mut content = Content::new();
    content.save_state().transform([w, 0.0, 0.0, h, 0.0, 0.0]).x_object(IMAGE).restore_state();
    out.stream(content_id, &content.finish());

    let data = ccitt::encode(bitmap, Codec::G4);
    let mut image = out.image_xobject(image_id, &data);
    image.filter(Filter::CcittFaxDecode);
    image.width(bitmap.width() as i32).height(bitmap.height() as i32);
    image.color_space().device_gray();
    image.bits_per_component(1);
    image
        .decode_parms()
        .k(-1)
        .columns(bitmap.width() as i32)
        .rows(bitmap.height() as i32)
        .black_is_1(false);
}
