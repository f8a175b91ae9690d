//! Pens on a real form: what is cut out of a field, and what is left out of it.

use std::path::Path;

use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::raster::Bitmap;
use faxtally::reading::{FieldState, PageReading, ReasonCode, Writing};
use faxtally::text::{Crop, lines};
use faxtally::units::{Mm, Rect, Resolution};

struct Sheet {
    reader: Reader,
    form: Form,
    page: Bitmap,
}

impl Sheet {
    /// The blank, with one box crossed so that it is a response.
    fn new() -> Self {
        let form = Form::open(Path::new("forms/mynahoken-2024")).unwrap();
        let reader = Reader::new(vec![form.clone()], Policy::default());
        let page = reader.template(0).blank.clone();
        let mut out = Self { reader, form, page };
        let b = out.form.question("q2").unwrap().options[0].place;
        out.pen([b.x.0, b.y.0, b.x.0 + b.w.0, b.y.0 + b.h.0]);
        out
    }

    /// A stroke of 0.5 mm from one point to another, in mm.
    fn pen(&mut self, [x0, y0, x1, y1]: [f32; 4]) {
        let steps = ((x1 - x0).hypot(y1 - y0) * 16.0) as usize + 1;
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            let x = Resolution::FINE.x_px(Mm(x0 + t * (x1 - x0))).0 as usize;
            let y = Resolution::FINE.y_px(Mm(y0 + t * (y1 - y0))).0 as usize;
            for k in 0..16 {
                self.page.set(x + k % 4, y + k / 4, true);
            }
        }
    }

    fn place(&self, field: &str) -> Rect<Mm> {
        self.form.question(field).unwrap().place.unwrap()
    }

    /// Something like 田: a box with a cross in it, `size` mm, from the field's corner.
    fn character(&mut self, field: &str, (x, y): (f32, f32), size: f32) {
        let p = self.place(field);
        let (x, y) = (p.x.0 + x, p.y.0 + y);
        let (r, b, m) = (x + size, y + size, size / 2.0);
        for line in [[x, y, r, y], [x, b, r, b], [x, y, x, b], [r, y, r, b]] {
            self.pen(line);
        }
        self.pen([x + m, y, x + m, b]);
        self.pen([x, y + m, r, y + m]);
    }

    fn read(&self) -> PageReading {
        let (bitmap, damage) = (self.page.clone(), Damage::default());
        self.reader.read_page(&FaxPage { bitmap, resolution: Some(Resolution::FINE), damage })
    }

    fn writing(&self, field: &str) -> Option<Writing> {
        self.read().writings.into_iter().find(|w| w.field == field)
    }
}

#[test]
fn an_empty_field_is_blank_and_has_no_crop() {
    let reading = Sheet::new().read();
    assert!(reading.text.values().all(|t| t.state == FieldState::Blank));
    assert!(reading.writings.is_empty());
}

#[test]
fn a_word_is_cut_out_whole_and_nothing_else() {
    let mut s = Sheet::new();
    for i in 0..3u8 {
        s.character("q1", (6.0 + 5.0 * f32::from(i), 0.8), 3.6);
    }
    let reading = s.read();
    assert_eq!(reading.text["q1"].reasons[0].code, ReasonCode::TextNotRead);
    assert_eq!(reading.writings.len(), 1, "no other field has any");
    let w = &reading.writings[0];
    let width = Resolution::FINE.x_px(Mm(13.6)).0 as usize;
    assert!(w.ink.width().abs_diff(width) < 14, "{} of {width} px", w.ink.width());
    assert!(!w.overflow && !w.strike && !w.rough);
    let crop = Crop::of(w);
    assert_eq!(crop.lines.len(), 1);
    assert!(u64::from(w.ink.count() > 0) == 1 && crop.lines[0].ink.count() == w.ink.count());
}

#[test]
fn where_print_is_gone_no_number_is_believed_to_be_blank() {
    let mut s = Sheet::new();
    // Seven columns of thirty, wider than the pixel either way that is forgiven.
    for y in 0..s.page.height() {
        for x in (0..s.page.width()).filter(|x| x % 30 < 7) {
            s.page.set(x, y, false);
        }
    }
    let read = s.read();
    for field in ["q1", "q7_count"] {
        assert_eq!(read.text[field].state, FieldState::Pending, "{field}");
        assert_eq!(read.text[field].reasons[0].code, ReasonCode::DamagedField);
    }
    assert_eq!(read.text["q10"].state, FieldState::Blank, "free text is in no figure");
}

#[test]
fn an_ending_that_is_circled_comes_with_the_writing_and_is_no_blank() {
    let ring = |s: &mut Sheet, text: &str| {
        let q = s.form.question("q1").unwrap();
        let b = q.endings.iter().find(|e| e.text == text).unwrap().place;
        let (x, y) = (b.x.0 + b.w.0 / 2.0, b.y.0 + b.h.0 / 2.0);
        let at = |i: u8| {
            let a = f32::from(i) / 40.0 * std::f32::consts::TAU;
            (x + 3.2 * a.cos(), y + 2.9 * a.sin())
        };
        for i in 0..40 {
            let ((x0, y0), (x1, y1)) = (at(i), at(i + 1));
            s.pen([x0, y0, x1, y1]);
        }
    };
    let mut alone = Sheet::new();
    ring(&mut alone, "県");
    let read = &alone.read().text["q1"];
    assert_eq!(read.state, FieldState::Pending);
    assert_eq!(read.reasons[0].code, ReasonCode::EndingDisagrees);
    assert_eq!(read.reasons[0].about.as_deref(), Some("県"));
    for circled in [&["都"][..], &["府"], &["道", "県"], &[]] {
        let mut s = Sheet::new();
        s.character("q1", (6.0, 0.8), 3.6);
        for text in circled {
            ring(&mut s, text);
        }
        let w = s.writing("q1").unwrap();
        assert_eq!(w.circled, circled);
        let width = Resolution::FINE.x_px(Mm(3.6)).0 as usize;
        assert!(w.ink.width().abs_diff(width) < 14, "the ring is no writing: {}", w.ink.width());
    }
}

#[test]
fn a_stroke_or_a_cross_is_a_strike_and_a_one_is_a_number() {
    let p = Sheet::new().place("q10");
    let (r, b) = (p.x.0 + p.w.0 - 20.0, p.y.0 + p.h.0 - 3.0);
    let falling = [p.x.0 + 20.0, p.y.0 + 3.0, r, b];
    let rising = [p.x.0 + 20.0, b, r, p.y.0 + 3.0];
    for strokes in [vec![falling], vec![falling, rising]] {
        let mut s = Sheet::new();
        for line in strokes {
            s.pen(line);
        }
        assert!(s.writing("q10").unwrap().strike);
    }
    let mut s = Sheet::new();
    let n = s.place("q7_count");
    s.pen([n.x.0 + 8.0, n.y.0 + 0.8, n.x.0 + 7.6, n.y.0 + 4.4]);
    assert!(!s.writing("q7_count").unwrap().strike, "1");
}

#[test]
fn an_overshooting_tick_is_no_writing() {
    let mut s = Sheet::new();
    s.character("q7_other", (20.0, 0.8), 3.6);
    let alone = s.writing("q7_other").unwrap();
    // The box left of the field, and the one above it.
    let options = &s.form.question("q7").unwrap().options;
    let [b, above] =
        ["other", "full_payment"].map(|id| options.iter().find(|o| o.id == id).unwrap().place);
    s.pen([b.x.0 + 0.5, b.y.0 + 1.5, b.x.0 + 1.5, b.y.0 + 3.0]);
    s.pen([b.x.0 + 1.5, b.y.0 + 3.0, b.x.0 + 9.0, b.y.0 - 2.0]);
    s.pen([above.x.0 + 1.0, above.y.0 + 1.0, above.x.0 + 3.0, above.y.0 + 6.0]);
    assert_eq!(s.writing("q7_other").unwrap().ink, alone.ink);
}

#[test]
fn writing_that_runs_out_is_followed_a_little_and_noted() {
    let mut s = Sheet::new();
    let p = s.place("q6_other");
    for i in 0..4u8 {
        s.character("q6_other", (p.w.0 - 13.0 + 4.2 * f32::from(i), 0.8), 3.6);
    }
    let w = s.writing("q6_other").unwrap();
    assert!(w.overflow);
    let right = f32::from(w.origin.0 as u16) + w.ink.width() as f32;
    let frame = Resolution::FINE.x_px(Mm(p.x.0 + p.w.0)).0;
    assert!(right > frame + 16.0, "{right} beyond {frame}");
}

#[test]
fn a_last_digit_over_the_printed_bracket_is_not_lost_in_silence() {
    let cut = |last: Option<f32>| {
        let mut s = Sheet::new();
        let p = s.place("q7_count");
        let (x, y, right) = (p.x.0 + 12.0, p.y.0 + 0.8, p.x.0 + p.w.0);
        // A 7, and a 1 so far from the frame's end.
        s.pen([x, y, x + 2.2, y]);
        s.pen([x + 2.2, y, x + 1.0, y + 3.6]);
        if let Some(beyond) = last {
            s.pen([right + beyond, y, right + beyond, y + 3.4]);
        }
        s.writing("q7_count").unwrap().overflow
    };
    assert!(!cut(None));
    // Further to the right the bracket itself swallows the stroke: nobody sees it there.
    assert!([-0.1, 0.0, 0.2].into_iter().all(|beyond| cut(Some(beyond))));
}

#[test]
fn lines_are_parted_where_they_slant_and_crowd() {
    for slope in [-0.05f32, 0.0, 0.06] {
        let mut s = Sheet::new();
        for row in 0..3u8 {
            for i in 0..20u8 {
                let x = 10.0 + 5.0 * f32::from(i);
                let y = 8.0 * f32::from(slope < 0.0) * 0.65 + 4.2 * f32::from(row) + 1.5;
                s.character("q10", (x, y + slope * (x - 10.0)), 3.2);
            }
        }
        let w = s.writing("q10").unwrap();
        let crop = Crop::of(&w);
        assert_eq!(crop.lines.len(), 3, "slope {slope}");
        for line in &crop.lines {
            assert!(line.ink.height() < 40, "slope {slope}: {} px", line.ink.height());
            assert!(line.ink.width() > 700);
        }
        let all: u64 = crop.lines.iter().map(|l| l.ink.count()).sum();
        assert!(all * 100 >= w.ink.count() * 98, "ink is kept");
    }
}

/// Black, noise, one pixel, nothing, a stamp.
fn hostile() -> Vec<Bitmap> {
    let mut black = Bitmap::new(900, 160);
    let mut noise = Bitmap::new(900, 160);
    let mut state = 7u32;
    for i in 0..900 * 160 {
        black.set(i % 900, i / 900, true);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.set(i % 900, i / 900, state >> 31 == 1);
    }
    let mut dot = Bitmap::new(1, 1);
    dot.set(0, 0, true);
    let mut stamp = Bitmap::new(160, 160);
    for a in 0..6000 {
        let (angle, radius) = (a as f32 / 300.0, 40.0 + (a % 40) as f32);
        stamp.set(
            (80.0 + radius * angle.cos()) as usize,
            (80.0 + radius * angle.sin()) as usize,
            true,
        );
    }
    vec![black, noise, dot, Bitmap::new(0, 0), Bitmap::new(50, 20), stamp]
}

#[test]
fn hostile_ink_is_cut_into_lines_without_losing_any() {
    for ink in hostile() {
        let found = lines::lines(&ink);
        let sum: u64 = found.iter().map(|l| l.ink.count()).sum();
        assert!(sum <= ink.count() && sum * 10 >= ink.count() * 8, "{sum} of {}", ink.count());
        assert_eq!(found.is_empty(), ink.is_white());
    }
}

#[cfg(feature = "ocr")]
#[test]
fn tesseract_survives_hostile_ink() {
    use faxtally::text::tesseract::Tesseract;
    use faxtally::text::{FieldAsk, FieldKind, Lexicon, TextEngine};

    // Where it is not installed, `doctor` and `read` say so; there is nothing to test.
    let Ok(engine) = Tesseract::find() else { return };
    let mut reader = engine.reader().unwrap();
    let list = Lexicon::prefectures();
    for ink in hostile() {
        let field = "q".to_owned();
        let (rough, overflow, strike) = (false, false, false);
        let circled = Vec::new();
        let w = Writing { field, ink, origin: (0, 0), rough, overflow, strike, circled };
        let crop = Crop::of(&w);
        for kind in
            [FieldKind::Integer { min: 1, max: 9 }, FieldKind::Lexicon(&list), FieldKind::Free]
        {
            let ask = FieldAsk { id: "q", kind, words: &[], until: None };
            let said = reader.read(&crop, &ask).unwrap();
            assert!(said.text.chars().count() < 1000);
            let sure = said.confidence.get();
            assert!(matches!(kind, FieldKind::Free) || sure < 0.9, "{:?} {sure}", said.text);
        }
    }
}
