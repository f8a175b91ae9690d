//! How cells look: few kinds, readable when printed and faxed.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, XlsxError};

/// What a Japanese Excel has used since 2016; other programs take their own gothic instead.
const FONT: &str = "游ゴシック";
const POINTS: f64 = 11.0;
/// Pixels of a row and of a column at 11 points, as Excel itself has them.
const ROW_PX: u32 = 25;
const COLUMN_PX: u32 = 72;
/// Light enough to vanish by fax, dark enough to see on a screen.
const HEAD: Color = Color::RGB(0x00E7_ECF2);
const LINE: Color = Color::RGB(0x0080_8080);

/// The kinds of cells.
pub struct Looks {
    pub wrapped: Format,
    pub title: Format,
    pub heading: Format,
    pub head: Format,
    pub label: Format,
    pub sub: Format,
    pub total: Format,
    pub count: Format,
    pub percent: Format,
    pub points: Format,
    pub shown: Format,
    pub note: Format,
    pub warning: Format,
}

impl Looks {
    /// # Errors
    /// None before the first sheet.
    pub fn new(book: &mut Workbook) -> Result<Self, XlsxError> {
        let plain = Format::new().set_font_name(FONT).set_font_size(POINTS);
        book.set_default_format(&plain, ROW_PX, COLUMN_PX)?;
        let boxed = plain.clone().set_border(FormatBorder::Hair).set_border_color(LINE);
        Ok(Self {
            wrapped: plain.clone().set_text_wrap().set_align(FormatAlign::Top),
            title: plain.clone().set_bold().set_font_size(POINTS + 5.0),
            heading: plain.clone().set_bold().set_font_size(POINTS + 1.0),
            head: boxed
                .clone()
                .set_bold()
                .set_background_color(HEAD)
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            label: boxed.clone(),
            sub: boxed.clone().set_indent(2),
            total: boxed.clone().set_bold(),
            count: boxed.clone().set_num_format("#,##0"),
            percent: boxed.clone().set_num_format("0.0%"),
            points: boxed.clone().set_num_format("+0.0;-0.0;±0.0"),
            shown: boxed.set_align(FormatAlign::Right),
            note: plain.clone().set_font_size(POINTS - 1.0),
            warning: plain.clone().set_font_size(POINTS - 1.0).set_bold(),
        })
    }
}
