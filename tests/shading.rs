//! Forms with rows printed grey, through the whole pipeline: the grey arrives as dots, marks on it are read or
//! asked about, and what lies on grey too dense to tell a mark from is never an answer nor a blank.

use std::path::Path;

use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::raster::Bitmap;
use faxtally::reading::{AnswerReading, FieldState, PageKind, PageReading, ReasonCode};
use faxtally::register::{Grey, Template};
use faxtally::units::Resolution;
use image::{GrayImage, Luma};
use tempfile::TempDir;

/// Pixels of the drawn form a millimetre.
const DOTS: f32 = 300.0 / 25.4;
const ROWS: u32 = 18;
const PITCH: f32 = 10.0;
const TOP: f32 = 60.0;
const BOXES: [f32; 2] = [120.0, 150.0];
const SIDE: f32 = 4.0;

/// Rows of a panel, and how dense its dots are: dots of a third of a millimetre's half, so many px apart.
#[derive(Clone, Copy)]
struct Panel {
    rows: (u32, u32),
    dot: u32,
    pitch: u32,
}

/// 11 % and 56 % of the paper are black.
const LIGHT: Panel = Panel { rows: (3, 8), dot: 2, pitch: 6 };
const DENSE: Panel = Panel { rows: (11, 15), dot: 3, pitch: 4 };

impl Panel {
    fn holds(&self, row: u32) -> bool {
        (self.rows.0..=self.rows.1).contains(&row)
    }
}

fn fill(on: &mut GrayImage, x: f32, y: f32, w: f32, h: f32) {
    let px = |v: f32| (v * DOTS).round() as u32;
    for v in px(y)..px(y + h) {
        for u in px(x)..px(x + w) {
            on.put_pixel(u, v, Luma([0]));
        }
    }
}

fn square(on: &mut GrayImage, x: f32, y: f32) {
    // Boxes on grey are printed with a white inside or without: without is the harder one.
    let line = 0.25;
    fill(on, x, y, SIDE, line);
    fill(on, x, y + SIDE - line, SIDE, line);
    fill(on, x, y, line, SIDE);
    fill(on, x + SIDE - line, y, line, SIDE);
}

/// A line of thin characters that no other has: strokes in a raster of 3 x 3.
fn words(on: &mut GrayImage, x: f32, y: f32, characters: u32, seed: u32) {
    let mut dice = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        !dice.is_multiple_of(3)
    };
    for c in 0..characters {
        let left = x + 4.0 * c as f32;
        for k in 0..3 {
            let at = 1.4 * k as f32;
            if next() {
                fill(on, left, y + at, 3.0, 0.25);
            }
            if next() {
                fill(on, left + at, y, 0.25, 3.0);
            }
        }
    }
}

fn top(row: u32) -> f32 {
    TOP + PITCH * row as f32
}

fn shade(on: &mut GrayImage, panel: Panel) {
    let px = |v: f32| (v * DOTS).round() as u32;
    let (y0, y1) = (px(top(panel.rows.0) - 2.5), px(top(panel.rows.1) + SIDE + 2.5));
    for (y, x) in (y0..y1).flat_map(|y| (px(20.0)..px(190.0)).map(move |x| (y, x))) {
        if x % panel.pitch < panel.dot && y % panel.pitch < panel.dot {
            on.put_pixel(x, y, Luma([0]));
        }
    }
}

fn sheet(panels: &[Panel], title: u32) -> GrayImage {
    let mut on = GrayImage::from_pixel(2480, 3508, Luma([255]));
    for p in panels {
        shade(&mut on, *p);
    }
    words(&mut on, 60.0, 30.0, 14, title);
    for row in 0..ROWS {
        words(&mut on, 25.0, top(row), 9 + row % 8, row + 1);
        for x in BOXES {
            square(&mut on, x, top(row));
        }
    }
    on
}

fn form(at: &Path, id: &str, blank: &GrayImage) -> Form {
    let option = |row: u32, k: usize| {
        let (id, x, y) = (["yes", "no"][k], BOXES[k], top(row));
        format!(
            r#"{{"id":"{id}","label":{{"ja":"{id}","en":"{id}"}},"box":{{"x":{x},"y":{y},"w":{SIDE},"h":{SIDE}}}}}"#
        )
    };
    let question = |row: u32| {
        format!(
            r#"{{"id":"q{row}","type":"select_one","label":{{"ja":"問","en":"q"}},"options":[{},{}]}}"#,
            option(row, 0),
            option(row, 1)
        )
    };
    let mut questions: Vec<String> = (0..ROWS).map(question).collect();
    questions.extend(WRITTEN.map(|row| {
        let (x, y, w, h) = field(row);
        format!(
            r#"{{"id":"t{row}","type":"text","label":{{"ja":"記入","en":"t"}},"box":{{"x":{x},"y":{y},"w":{w},"h":{h}}}}}"#
        )
    }));
    let json = format!(
        r#"{{"schema_version":1,"id":"{id}","survey":"grey","title":{{"ja":"表","en":"Grey"}},
           "page":{{"width":210,"height":297,"blank":"blank.png"}},"questions":[{}]}}"#,
        questions.join(",")
    );
    let dir = at.join(id);
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("form.json"), json).unwrap();
    blank.save(dir.join("blank.png")).unwrap();
    Form::open(&dir).unwrap()
}

/// Rows beside whose boxes there is room to write: on light grey, on dense, and on none.
const WRITTEN: [u32; 3] = [5, 13, 17];

fn field(row: u32) -> (f32, f32, f32, f32) {
    (162.0, top(row) - 1.5, 25.0, 7.0)
}

/// How a row is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hand {
    Cross,
    Tick,
    Ring,
    Beside,
    Nothing,
}

const HANDS: [Hand; 6] =
    [Hand::Cross, Hand::Ring, Hand::Tick, Hand::Nothing, Hand::Beside, Hand::Cross];

fn hand(row: u32) -> Hand {
    HANDS[row as usize % HANDS.len()]
}

/// Which option of a row is chosen: no period, so that a slip shows.
fn chosen(row: u32) -> usize {
    (0b10_1100_1001_1101_0011_usize >> row) & 1
}

/// A line of a pen of 0.4 mm.
fn stroke(on: &mut GrayImage, from: (f32, f32), to: (f32, f32)) {
    let steps = ((to.0 - from.0).hypot(to.1 - from.1) / 0.05).ceil();
    for k in 0..=steps as u32 {
        let t = k as f32 / steps;
        fill(on, from.0 + t * (to.0 - from.0) - 0.2, from.1 + t * (to.1 - from.1) - 0.2, 0.4, 0.4);
    }
}

fn mark(on: &mut GrayImage, row: u32, hand: Hand) {
    let (x, y) = (BOXES[chosen(row)], top(row));
    match hand {
        Hand::Nothing => {}
        Hand::Cross => {
            stroke(on, (x + 0.5, y + 0.5), (x + 3.5, y + 3.5));
            stroke(on, (x + 3.5, y + 0.5), (x + 0.5, y + 3.5));
        }
        Hand::Tick => {
            stroke(on, (x + 0.6, y + 2.0), (x + 1.6, y + 3.3));
            stroke(on, (x + 1.6, y + 3.3), (x + 4.2, y - 0.6));
        }
        Hand::Ring => {
            let at = |k: u32| {
                let (sin, cos) = (k as f32 * 0.1).sin_cos();
                (x + 2.0 + 3.6 * cos, y + 2.0 + 3.4 * sin)
            };
            (0..63).for_each(|k| stroke(on, at(k), at(k + 1)));
        }
        Hand::Beside => {
            stroke(on, (x - 4.0, y + 1.6), (x - 3.0, y + 3.2));
            stroke(on, (x - 3.0, y + 3.2), (x - 1.2, y - 0.2));
        }
    }
}

/// Faxed at 204 x 196, turned by `skew` degrees and moved down by `down` mm.
fn fax(on: &GrayImage, skew: f32, down: f32) -> FaxPage {
    let scale = (204.0 / 25.4, 196.0 / 25.4);
    let (sin, cos) = skew.to_radians().sin_cos();
    let mut bitmap = Bitmap::new(1728, 2292);
    for v in 0..2292 {
        for u in 0..1728 {
            let (x, y) = (u as f32 / scale.0 - 105.0, v as f32 / scale.1 - 148.5 - down);
            let (x, y) = (x * cos + y * sin + 105.0, y * cos - x * sin + 148.5);
            let (px, py) = ((x * DOTS).round(), (y * DOTS).round());
            let inside = px >= 0.0 && py >= 0.0 && px < 2480.0 && py < 3508.0;
            bitmap.set(u, v, inside && on.get_pixel(px as u32, py as u32).0[0] < 128);
        }
    }
    let resolution = Some(Resolution { x: 204.0, y: 196.0 });
    FaxPage { bitmap, resolution, damage: Damage::default() }
}

fn filled(panels: &[Panel], title: u32, hand: impl Fn(u32) -> Hand) -> GrayImage {
    let mut on = sheet(panels, title);
    (0..ROWS).for_each(|row| mark(&mut on, row, hand(row)));
    for (x, y, ..) in WRITTEN.map(field) {
        for k in 0..4 {
            let x = x + 3.0 + 5.0 * k as f32;
            stroke(&mut on, (x, y + 1.5), (x + 2.5, y + 1.2));
            stroke(&mut on, (x + 1.2, y + 0.8), (x + 0.8, y + 5.5));
        }
    }
    on
}

fn answer(read: &PageReading, row: u32) -> &AnswerReading {
    &read.answers[&format!("q{row}")]
}

/// Rows of which the machine is sure and wrong.
fn wrong(read: &PageReading, hand: impl Fn(u32) -> Hand) -> Vec<u32> {
    let is_wrong = |row: &u32| {
        let a = answer(read, *row);
        let truth: &[&str] = match hand(*row) {
            Hand::Nothing => &[],
            _ => &[["yes", "no"][chosen(*row)]],
        };
        a.state != FieldState::Pending && a.value != truth
    };
    (0..ROWS).filter(is_wrong).collect()
}

fn answered(read: &PageReading, rows: impl Fn(u32) -> bool) -> usize {
    let sure = |row: &u32| answer(read, *row).state != FieldState::Pending;
    (0..ROWS).filter(|row| rows(*row)).filter(sure).count()
}

/// Fields with writing that the machine holds to be empty.
fn lost(read: &PageReading) -> Vec<&String> {
    let blank = read.text.iter().filter(|(_, t)| t.state != FieldState::Pending);
    blank.map(|(id, _)| id).collect()
}

#[test]
fn marks_on_grey_are_read_or_asked_about() {
    let at = TempDir::new().unwrap();
    let form = form(at.path(), "grey", &sheet(&[LIGHT], 999));
    let reader = Reader::new(vec![form], Policy::default());
    let mut sure = 0;
    for (skew, down, turn) in [(0.0, 0.0, 0), (0.7, 3.0, 2), (-1.2, -2.0, 4)] {
        let hand = |row| hand(row + turn);
        let read = reader.read_page(&fax(&filled(&[LIGHT], 999, hand), skew, down));
        assert_eq!(read.kind, PageKind::Response, "{skew} {down}: {:?}", read.reasons);
        assert_eq!(wrong(&read, hand), Vec::<u32>::new(), "{skew} {down}");
        assert_eq!(lost(&read), Vec::<&String>::new(), "{skew} {down}");
        sure += answered(&read, |row| LIGHT.holds(row));
    }
    // Most of the 18 are read all the same; a sixth of them has no mark and waits with the page's other blanks.
    assert!(sure >= 10, "{sure}");
}

#[test]
fn on_grey_too_dense_nothing_is_answered_or_blank() {
    let at = TempDir::new().unwrap();
    for panels in [&[DENSE][..], &[LIGHT, DENSE]] {
        let form = form(at.path(), "grey", &sheet(panels, 999));
        let reader = Reader::new(vec![form], Policy::default());
        let read = reader.read_page(&fax(&filled(panels, 999, hand), 0.0, 0.0));
        assert_eq!(read.kind, PageKind::Response, "{:?}", read.reasons);
        assert_eq!(wrong(&read, hand), Vec::<u32>::new());
        assert_eq!(lost(&read), Vec::<&String>::new());
        assert!(answered(&read, |row| !DENSE.holds(row)) >= 7);
        for row in (0..ROWS).filter(|row| DENSE.holds(*row)) {
            // Row 15 has no mark at all: that cannot be told either.
            let a = answer(&read, row);
            assert_eq!(a.state, FieldState::Pending, "{row}: {a:?}");
            let told = a.reasons.iter().any(|r| r.code == ReasonCode::DamagedField);
            assert!(told, "{row}: {:?}", a.reasons);
        }
        // What is written there is asked about for the same reason, not held to be empty.
        assert_eq!(read.text["t13"].reasons[0].code, ReasonCode::DamagedField);
    }
}

#[test]
fn of_two_forms_each_page_finds_its_own() {
    let at = TempDir::new().unwrap();
    let grey = form(at.path(), "grey", &sheet(&[LIGHT], 999));
    // The same questions at the same places; only the grey and the title tell them apart.
    let white = form(at.path(), "white", &sheet(&[], 998));
    for forms in [vec![grey.clone(), white.clone()], vec![white, grey]] {
        let reader = Reader::new(forms, Policy::default());
        for (id, panels, title) in [("grey", &[LIGHT][..], 999), ("white", &[], 998)] {
            let read = reader.read_page(&fax(&filled(panels, title, hand), 0.4, 1.0));
            assert_eq!(read.form.as_deref(), Some(id), "{:?}", read.reasons);
            assert_eq!(wrong(&read, hand), Vec::<u32>::new(), "{id}");
        }
    }
}

#[test]
fn a_form_tells_what_lies_on_grey_before_it_is_sent() {
    let at = TempDir::new().unwrap();
    let grey =
        |panels: &[Panel]| Template::new(form(at.path(), "grey", &sheet(panels, 999))).grey();
    assert_eq!(grey(&[]), Grey::default());
    let rows = |p: Panel, field: &str| -> Vec<String> {
        let boxes = (p.rows.0..=p.rows.1).flat_map(|r| [format!("q{r}.yes"), format!("q{r}.no")]);
        boxes.chain([field.to_owned()]).collect()
    };
    assert_eq!(grey(&[LIGHT]), Grey { light: rows(LIGHT, "t5"), dense: Vec::new() });
    let both = Grey { light: rows(LIGHT, "t5"), dense: rows(DENSE, "t13") };
    assert_eq!(grey(&[LIGHT, DENSE]), both);
}
