//! PDFs of scanned pages as fax servers and scanners write them, each around one image.

use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};

/// One page's image and how it is placed.
pub struct Scan<'a> {
    pub data: &'a [u8],
    pub size: (usize, usize),
    pub filter: Option<Filter>,
    pub bits: i32,
    /// `/K` and `/BlackIs1` of fax images.
    pub fax: Option<(i32, bool)>,
    /// `/Decode [1 0]`.
    pub flipped: bool,
    pub mask: bool,
    /// The matrix in points, and the page's size.
    pub matrix: [f32; 6],
    pub page: (f32, f32),
    pub rotate: i32,
    /// Content before the image.
    pub before: &'a [u8],
}

impl<'a> Scan<'a> {
    /// Upright on a page that is exactly as large as the image is at this resolution.
    pub fn new(data: &'a [u8], size: (usize, usize), dpi: (f32, f32)) -> Self {
        let page = (size.0 as f32 * 72.0 / dpi.0, size.1 as f32 * 72.0 / dpi.1);
        Self {
            data,
            size,
            filter: None,
            bits: 1,
            fax: None,
            flipped: false,
            mask: false,
            matrix: [page.0, 0.0, 0.0, page.1, 0.0, 0.0],
            page,
            rotate: 0,
            before: b"",
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let [catalog, tree, page, content, image] = [1, 2, 3, 4, 5].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids([page]).count(1);
        let mut p = pdf.page(page);
        p.parent(tree).media_box(Rect::new(0.0, 0.0, self.page.0, self.page.1)).contents(content);
        p.rotate(self.rotate);
        p.resources().x_objects().pair(Name(b"Im0"), image);
        p.finish();
        let mut c = Content::new();
        c.save_state().transform(self.matrix).x_object(Name(b"Im0")).restore_state();
        let mut ops = self.before.to_vec();
        ops.extend_from_slice(c.finish().as_slice());
        pdf.stream(content, &ops);
        self.image(&mut pdf, image);
        pdf.finish()
    }

    fn image(&self, pdf: &mut Pdf, id: Ref) {
        let mut im = pdf.image_xobject(id, self.data);
        im.width(self.size.0 as i32).height(self.size.1 as i32).bits_per_component(self.bits);
        if self.mask {
            im.image_mask(true);
        } else {
            im.color_space().device_gray();
        }
        if let Some(filter) = self.filter {
            im.filter(filter);
        }
        if self.flipped {
            im.decode([1.0, 0.0]);
        }
        if let Some((k, black_is_1)) = self.fax {
            let mut d = im.decode_parms();
            d.k(k).columns(self.size.0 as i32).rows(self.size.1 as i32).black_is_1(black_is_1);
        }
    }
}

/// An embedded JBIG2 page (ITU-T T.88): page information, then one immediate generic region coded in
/// MMR, whose data are T.6 codes.
pub fn jbig2(g4: &[u8], width: usize, height: usize) -> Vec<u8> {
    let size = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
    let page_information = [&size[..], &[0; 8], &[0, 0, 0]].concat();
    let region = [&size[..], &[0; 8], &[0], &[1], g4].concat();
    let segment = |number: u32, kind: u8, body: &[u8]| {
        let length = (body.len() as u32).to_be_bytes();
        [&number.to_be_bytes()[..], &[kind, 0, 1], &length, body].concat()
    };
    [segment(0, 48, &page_information), segment(1, 38, &region)].concat()
}
