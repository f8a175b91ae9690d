//! Pages that arrive on the same fax number and are no response: cover sheets, adverts, empty sheets.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::canvas::{Canvas, Ink, Nib};
use super::fonts::{self, Fonts, Shape};
use super::phrases::{LONG, SHORT};
use super::{SimRng, normal, weighted};
use crate::units::{Mm, Rect};

/// A4 at the blank forms' usual resolution.
const PAGE: (f32, f32) = (210.0, 297.0);
const DPI: f32 = 300.0;
const TONER: Ink = Ink { tone: 0, grain: 0.0 };

/// Draws one; returns its kind for the notes.
pub fn draw(fonts: &Fonts, rng: &mut SimRng) -> (Canvas, &'static str) {
    let mut canvas = Canvas::white(Mm(PAGE.0), Mm(PAGE.1), DPI);
    let kind = weighted(rng, &[("cover", 50.0), ("advert", 38.0), ("empty", 12.0)]);
    match kind {
        "cover" => cover(&mut canvas, fonts, rng),
        "advert" => advert(&mut canvas, fonts, rng),
        _ => {}
    }
    (canvas, kind)
}

fn print(canvas: &mut Canvas, fonts: &Fonts, text: &str, at: [f32; 2], size: f32, ink: Ink) {
    let mut x = at[0];
    for c in text.chars() {
        fonts::draw(canvas, &fonts.print, c, [x, at[1]], Shape::upright(size), ink);
        x += fonts::advance(&fonts.print, c, size);
    }
}

fn rule(canvas: &mut Canvas, from: [f32; 2], to: [f32; 2], width: f32) {
    let nib = |at| Nib { at, radius: width / 2.0 };
    canvas.stroke(&[nib(from), nib(to)], TONER);
}

fn frame(canvas: &mut Canvas, r: Rect<Mm>, width: f32) {
    let (x0, y0, x1, y1) = (r.x.0, r.y.0, r.x.0 + r.w.0, r.y.0 + r.h.0);
    for (a, b) in
        [([x0, y0], [x1, y0]), ([x1, y0], [x1, y1]), ([x1, y1], [x0, y1]), ([x0, y1], [x0, y0])]
    {
        rule(canvas, a, b, width);
    }
}

/// 送付状: who to whom, how many sheets, with checkboxes that are not ours.
fn cover(canvas: &mut Canvas, fonts: &Fonts, rng: &mut SimRng) {
    print(canvas, fonts, "ＦＡＸ送付状", [62.0, 36.0], 13.0, TONER);
    rule(canvas, [20.0, 44.0], [190.0, 44.0], 0.7);
    let pages = format!("枚数：{}枚（本状含む）", rng.random_range(2..4));
    let rows = ["宛先：保険医協会 御中", "発信：　　　　　医院", &pages, "件名：アンケートの件"];
    for (i, row) in rows.iter().enumerate() {
        let y = 60.0 + 13.0 * i as f32;
        print(canvas, fonts, row, [26.0, y], 5.2, TONER);
        rule(canvas, [24.0, y + 3.0], [rng.random_range(120.0..186.0), y + 3.0], 0.3);
    }
    for (i, label) in ["至急", "ご確認ください", "ご返信ください"].iter().enumerate()
    {
        let x = 26.0 + 52.0 * i as f32;
        frame(canvas, Rect::new(x, 116.0, 4.0, 4.0), 0.3);
        print(canvas, fonts, label, [x + 6.0, 119.6], 4.4, TONER);
    }
    let tail = [
        "いつもお世話になっております。",
        "アンケートを送付いたしますので、",
        "よろしくお願いいたします。",
    ];
    for (i, text) in tail.iter().enumerate() {
        print(canvas, fonts, text, [28.0, 142.0 + 9.0 * i as f32], 4.8, TONER);
    }
    frame(canvas, Rect::new(20.0, 128.0, 170.0, rng.random_range(60.0..130.0)), 0.4);
}

/// 広告: large type, black bars, a coupon to send back.
fn advert(canvas: &mut Canvas, fonts: &Fonts, rng: &mut SimRng) {
    let heads = ["コピー用紙 特価", "開業医の先生へ", "中古医療機器 高価買取", "節税セミナー開催"];
    let head = heads.choose(rng).copied().unwrap_or("特価");
    let size = (174.0 / head.chars().count() as f32).min(21.0);
    print(canvas, fonts, head, [18.0, 24.0 + size], size, TONER);
    canvas.bar(Rect::new(15.0, 56.0, 180.0, rng.random_range(6.0..24.0)), 0);
    for i in 0..rng.random_range(6..12) {
        let text = if i % 3 == 0 { LONG.choose(rng) } else { SHORT.choose(rng) };
        let y = 96.0 + 13.0 * i as f32;
        if y < 226.0 {
            let text = format!("●{}", text.copied().unwrap_or_default());
            let size = (172.0 / text.chars().count().max(1) as f32).min(7.0);
            print(canvas, fonts, &text, [20.0 + normal(rng, 0.0, 0.5).abs(), y], size, TONER);
        }
    }
    frame(canvas, Rect::new(15.0, 232.0, 180.0, 48.0), 0.8);
    print(canvas, fonts, "お申込みＦＡＸ番号 000-000-0000", [22.0, 246.0], 7.5, TONER);
    for (i, label) in ["資料希望", "見積希望", "配信停止"].iter().enumerate() {
        let x = 24.0 + 56.0 * i as f32;
        frame(canvas, Rect::new(x, 256.0, 5.0, 5.0), 0.4);
        print(canvas, fonts, label, [x + 8.0, 260.5], 5.5, TONER);
    }
}
