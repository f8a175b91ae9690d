//! The line of text that machines put on top of a page (TTI, transmit terminal identification).

use super::carry::Carried;
use crate::raster::Bitmap;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// Glyph rows; a banner is 16 rows at standard and 32 at fine resolution, as spandsp and most
/// machines print it.
const GLYPH_ROWS: usize = 16;
/// Pixels of the line that a glyph pixel takes.
const DOT: usize = 2;
/// Glyphs in GNU Unifont's .hex form; the file's head says where they come from.
const FONT: &str = include_str!("banner_font.hex");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BannerKind {
    None,
    /// Inserted: the page moves down by it.
    Above,
    /// Painted over the page's first rows.
    Over,
}

pub struct BannerCondition {
    pub kind: BannerKind,
    pub text: String,
}

impl BannerCondition {
    pub fn draw(kind: BannerKind, rng: &mut Pcg64Mcg) -> Self {
        Self { kind, text: text(rng) }
    }
}

/// Prints the banner on a received page.
pub fn print(page: &mut Carried, c: &BannerCondition, standard: bool) {
    if c.kind == BannerKind::None {
        return;
    }
    let tall = if standard { 1 } else { 2 };
    let rows = GLYPH_ROWS * tall;
    let strip = render(&c.text, page.bitmap.width(), tall);
    if c.kind == BannerKind::Above {
        page.bitmap = below(&page.bitmap, rows);
        page.rows.splice(0..0, vec![None; rows]);
    }
    let rows = rows.min(page.bitmap.height());
    for y in 0..rows {
        page.bitmap.row_mut(y).copy_from_slice(strip.row(y));
        page.rows[y] = None;
    }
}

fn below(page: &Bitmap, rows: usize) -> Bitmap {
    let mut out = Bitmap::new(page.width(), page.height() + rows);
    for y in 0..page.height() {
        out.row_mut(y + rows).copy_from_slice(page.row(y));
    }
    out
}

fn render(text: &str, width: usize, tall: usize) -> Bitmap {
    let mut strip = Bitmap::new(width, GLYPH_ROWS * tall);
    let mut at = 0;
    for c in text.chars() {
        let glyph = glyph(c).unwrap_or(Glyph { columns: 8, rows: [0; GLYPH_ROWS] });
        for y in 0..GLYPH_ROWS * tall {
            for x in 0..glyph.columns * DOT {
                if glyph.rows[y / tall] >> (glyph.columns - 1 - x / DOT) & 1 == 1 {
                    strip.set(at + x, y, true);
                }
            }
        }
        at += glyph.columns * DOT;
    }
    strip
}

struct Glyph {
    columns: usize,
    rows: [u16; GLYPH_ROWS],
}

/// A line is `code:` and two (8 columns) or four (16 columns) hexadecimal digits a row.
fn glyph(c: char) -> Option<Glyph> {
    let key = format!("{:04X}:", u32::from(c));
    let digits = FONT.lines().find_map(|line| line.strip_prefix(&key))?;
    let per_row = digits.len() / GLYPH_ROWS;
    let mut rows = [0; GLYPH_ROWS];
    for (i, row) in rows.iter_mut().enumerate() {
        *row = u16::from_str_radix(digits.get(i * per_row..(i + 1) * per_row)?, 16).ok()?;
    }
    Some(Glyph { columns: per_row * 4, rows })
}

/// Made-up senders, as Japanese machines show them; the numbers are in no one's use.
fn text(rng: &mut Pcg64Mcg) -> String {
    const SENDERS: [&str; 8] = [
        "サクラ内科クリニック",
        "みどり歯科医院",
        "ｱｵﾊﾞ ｾｲｹｲｹﾞｶ",
        "HIKARI CLINIC",
        "中央小児科医院",
        "FAX",
        "ﾓﾘﾉ ｼｶ",
        "",
    ];
    let sender = SENDERS[rng.random_range(0..SENDERS.len())];
    let (month, day) = (rng.random_range(5..=7), rng.random_range(1..=30));
    let (hour, minute) = (rng.random_range(8..=20), rng.random_range(0..60));
    let number = format!("0{}-0000-{:04}", rng.random_range(3..=9), rng.random_range(0..10_000));
    match rng.random_range(0..3) {
        0 => format!(
            " 2024年{month:2}月{day:2}日 {hour:2}時{minute:02}分  {sender}  {number}          NO.{:04}   P.  1/1",
            rng.random_range(0..10_000)
        ),
        1 => format!(
            "2024/{month:02}/{day:02} {hour:02}:{minute:02}   FROM: {sender} {number}   TO: 00-0000-0000        P.001"
        ),
        _ => format!(
            "   {number}        {sender}          {hour:02}:{minute:02} 24-{month:02}-{day:02}     Pg: 1/1"
        ),
    }
}
