//! Forms as most offices make them: rows of boxes at an even pitch, thin text and little of it. Each row looks
//! like the next, and a page placed one row off would give everybody somebody else's answers.

use std::collections::BTreeMap;
use std::path::Path;

use faxtally::decode::{Damage, FaxPage};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::raster::Bitmap;
use faxtally::reading::{FieldState, PageKind, PageReading, ReasonCode};
use faxtally::units::Resolution;
use image::{GrayImage, Luma};
use tempfile::TempDir;

/// Pixels of the drawn form a millimetre.
const DOTS: f32 = 300.0 / 25.4;
/// Rows of two boxes, their distance, and where the first one lies, in millimetres.
const ROWS: u32 = 20;
const PITCH: f32 = 9.0;
const TOP: f32 = 60.0;
const BOXES: [f32; 2] = [120.0, 150.0];
const SIDE: f32 = 4.0;

/// The same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
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
    let line = 0.25;
    fill(on, x, y, SIDE, line);
    fill(on, x, y + SIDE - line, SIDE, line);
    fill(on, x, y, line, SIDE);
    fill(on, x + SIDE - line, y, line, SIDE);
}

/// A line of thin characters that no other has: strokes in a raster of 3 x 3.
fn words(on: &mut GrayImage, x: f32, y: f32, characters: u32, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for c in 0..characters {
        let left = x + 4.0 * c as f32;
        for k in 0..3 {
            let at = 1.4 * k as f32;
            if !dice.next().is_multiple_of(3) {
                fill(on, left, y + at, 3.0, 0.25);
            }
            if !dice.next().is_multiple_of(3) {
                fill(on, left + at, y, 0.25, 3.0);
            }
        }
    }
}

/// What is asked in each row, by the seed of its words; `rows` may leave some out or add others.
fn sheet(rows: &[u64]) -> GrayImage {
    let mut on = GrayImage::from_pixel(2480, 3508, Luma([255]));
    words(&mut on, 60.0, 30.0, 14, 999);
    for (i, seed) in rows.iter().enumerate() {
        let y = TOP + PITCH * i as f32;
        words(&mut on, 25.0, y, 8 + (seed % 9) as u32, *seed);
        for x in BOXES {
            square(&mut on, x, y);
        }
    }
    on
}

fn form(at: &Path) -> Form {
    let question = |i: u32| {
        let y = TOP + PITCH * i as f32;
        let option = |k: usize, id: &str| {
            format!(
                r#"{{"id":"{id}","label":{{"ja":"{id}","en":"{id}"}},"box":{{"x":{},"y":{y},"w":{SIDE},"h":{SIDE}}}}}"#,
                BOXES[k]
            )
        };
        format!(
            r#"{{"id":"q{i}","type":"select_one","label":{{"ja":"問","en":"q{i}"}},"options":[{},{}]}}"#,
            option(0, "yes"),
            option(1, "no")
        )
    };
    let questions: Vec<String> = (0..ROWS).map(question).collect();
    let json = format!(
        r#"{{"schema_version":1,"id":"even","survey":"even","title":{{"ja":"表","en":"Even"}},
           "page":{{"width":210,"height":297,"blank":"blank.png"}},"questions":[{}]}}"#,
        questions.join(",")
    );
    std::fs::write(at.join("form.json"), json).unwrap();
    sheet(&all()).save(at.join("blank.png")).unwrap();
    Form::open(at).unwrap()
}

fn all() -> Vec<u64> {
    (1..=u64::from(ROWS)).collect()
}

/// Which option of a row is chosen: no period, so that a slip shows.
fn chosen(row: usize) -> usize {
    (0b1011_0010_0111_0100_1101_usize >> row) & 1
}

/// A sheet crossed in each row and faxed at 204 x 196, turned by `skew` degrees about its middle and moved
/// down by `down` mm.
fn fax(mut on: GrayImage, rows: usize, skew: f32, down: f32) -> FaxPage {
    for row in 0..rows {
        let (x, y) = (BOXES[chosen(row)], TOP + PITCH * row as f32);
        for k in 0..30 {
            let at = 0.5 + 0.1 * k as f32;
            fill(&mut on, x + at, y + at, 0.4, 0.4);
            fill(&mut on, x + at, y + 3.6 - at, 0.4, 0.4);
        }
    }
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

fn wrong(read: &PageReading) -> BTreeMap<String, Vec<String>> {
    let sure = read.answers.iter().filter(|(_, a)| a.state != FieldState::Pending);
    sure.filter(|(q, a)| a.value != [["yes", "no"][chosen(q[1..].parse().unwrap())]])
        .map(|(q, a)| (q.clone(), a.value.clone()))
        .collect()
}

#[test]
fn rows_at_an_even_pitch_are_told_apart() {
    let at = TempDir::new().unwrap();
    let reader = Reader::new(vec![form(at.path())], Policy::default());
    for (skew, down) in [(0.0, 0.0), (1.5, 0.0), (-2.0, 6.0), (0.4, PITCH), (0.0, -PITCH)] {
        let read = reader.read_page(&fax(sheet(&all()), ROWS as usize, skew, down));
        assert_eq!(read.kind, PageKind::Response, "{skew} {down}: {:?}", read.reasons);
        assert_eq!(wrong(&read), BTreeMap::new(), "{skew} {down}");
        let answered = read.answers.values().filter(|a| a.state == FieldState::Answered).count();
        assert_eq!(answered, ROWS as usize, "{skew} {down}");
    }
}

#[test]
fn another_version_of_the_form_waits_for_a_person() {
    let at = TempDir::new().unwrap();
    let reader = Reader::new(vec![form(at.path())], Policy::default());
    // The seventh question is gone, or a new one stands in its place: all below moved by one row.
    let without: Vec<u64> = all().into_iter().filter(|r| *r != 7).collect();
    let mut with = all();
    with.insert(6, 77);
    with.pop();
    for rows in [without, with] {
        let read = reader.read_page(&fax(sheet(&rows), rows.len(), 0.3, 0.0));
        assert_eq!(read.kind, PageKind::Pending, "{:?}", read.answers);
        assert_eq!(read.reasons[0].code, ReasonCode::NotRegistered);
    }
}

#[test]
fn a_touch_of_the_pen_beside_a_box_is_no_answer() {
    let at = TempDir::new().unwrap();
    let reader = Reader::new(vec![form(at.path())], Policy::default());
    let mut on = sheet(&all());
    let rows = ROWS as usize - 1;
    let y = TOP + PITCH * rows as f32;
    // A millimetre and a half, slanted, two millimetres left of the last row's first box.
    for k in 0..12 {
        let at = 0.1 * k as f32;
        fill(&mut on, BOXES[0] - 3.2 + at, y + 1.0 + at, 0.4, 0.4);
    }
    let read = reader.read_page(&fax(on, rows, 0.2, 0.0));
    assert_eq!(read.kind, PageKind::Response);
    let last = &read.answers[&format!("q{rows}")];
    assert_ne!(last.state, FieldState::Answered, "{last:?}");
    assert_eq!(read.answers.values().filter(|a| a.state == FieldState::Answered).count(), rows);
}
