//! Sentences drawn stroke by stroke (`KanjiVG`, CC BY-SA 3.0, Ulrich Apel), each stroke bent on its own,
//! some run into the next one: nearer to a quick hand than any font.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use faxtally::raster::Bitmap;
use image::{GrayImage, Luma};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;
use zip::ZipArchive;

use super::draw::{Point, SCALE, line, normal, scanned};

/// Side of `KanjiVG`'s square.
const SQUARE: f32 = 109.0;
/// Points of a curve.
const POINTS: usize = 8;

/// How a hand writes.
#[derive(Clone, Copy)]
pub struct Hand {
    /// Bend of each stroke, in 109ths of a character.
    bend: f32,
    /// Share of strokes that run into the next one.
    joined: f32,
    /// Lean of the whole hand and turn of each character, in radians (deviations).
    lean: f32,
    turn: f32,
    /// Widths of its pens, in px of 0.12 mm.
    pens: &'static [f32],
    /// Grey levels at which it is cut.
    levels: (f32, f32),
}

const PENS: [f32; 5] = [2.0, 3.0, 3.0, 4.0, 5.0];
const CUT: (f32, f32) = (110.0, 170.0);

impl Hand {
    /// From tidy to what people read with care; the last two were never used to fit anything.
    pub const ALL: [(&'static str, Self); 6] = [
        ("strokes, medium", Self::of(1.9, 0.0, 0.1, 0.05)),
        ("strokes, messy", Self::of(4.0, 0.1, 0.1, 0.1)),
        ("strokes, wild", Self::of(6.0, 0.3, 0.1, 0.1)),
        ("strokes, worst", Self::of(8.5, 0.5, 0.1, 0.1)),
        ("strokes, slanted", Self::of(3.0, 0.4, 0.35, 0.15)),
        (
            "strokes, pale",
            Self { pens: &[1.2, 1.6, 2.0], levels: (55.0, 110.0), ..Self::of(3.0, 0.1, 0.1, 0.1) },
        ),
    ];

    const fn of(bend: f32, joined: f32, lean: f32, turn: f32) -> Self {
        Self { bend, joined, lean, turn, pens: &PENS, levels: CUT }
    }
}

/// The strokes of characters, read when they are asked for.
pub struct Strokes {
    wheel: ZipArchive<File>,
    known: HashMap<char, Vec<Vec<Point>>>,
}

impl Strokes {
    pub fn open(wheel: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(Self { wheel: ZipArchive::new(File::open(wheel)?)?, known: HashMap::new() })
    }

    fn of(&mut self, c: char) -> Vec<Vec<Point>> {
        if !self.known.contains_key(&c) {
            let mut svg = String::new();
            if let Ok(mut file) = self.wheel.by_name(&format!("kanji/{:05x}.svg", u32::from(c))) {
                file.read_to_string(&mut svg).unwrap_or_default();
            }
            let ways = svg.split("<path").skip(1).filter_map(|p| p.split(" d=\"").nth(1));
            let ways = ways.filter_map(|d| Some(way(d.split('"').next()?)));
            self.known.insert(c, ways.collect());
        }
        self.known[&c].clone()
    }

    /// A sentence in one hand.
    pub fn written(&mut self, text: &str, hand: &Hand, coarse: bool, rng: &mut Pcg64Mcg) -> Bitmap {
        let size = rng.random_range(38.0..60.0f32);
        let pen = *hand.pens.choose(rng).expect("it has a pen");
        let (slope, lean) = (rng.random_range(-0.02..0.02f32), normal(rng, hand.lean));
        let wide = (text.chars().count() as f32 + 2.0) * size * 1.15 * SCALE;
        let high = (size * 2.0 + 0.02 * wide / SCALE * 2.0) * SCALE;
        let mut paper = GrayImage::from_pixel(wide as u32, high as u32, Luma([255]));
        let (mut x, middle) = (size * 0.5, high / SCALE / 2.0 - slope * wide / SCALE / 2.0);
        for c in text.chars() {
            let strokes = self.of(c);
            if strokes.is_empty() {
                x += size * 0.4;
                continue;
            }
            let kana = if ('ぁ'..='ヿ').contains(&c) { 0.85 } else { 1.0 };
            let each = Place {
                at: (x + size / 2.0, middle + normal(rng, size * 0.05) + slope * x),
                scale: size / SQUARE * rng.random_range(0.82..1.05f32) * kana,
                turn: normal(rng, hand.turn),
                lean: lean + normal(rng, 0.06),
            };
            character(&mut paper, &strokes, &each, hand, pen, rng);
            x += size * rng.random_range(0.92..1.06f32);
        }
        scanned(&paper, hand.levels.0..hand.levels.1, coarse, rng)
    }
}

/// Where and how a character stands.
struct Place {
    at: Point,
    scale: f32,
    turn: f32,
    lean: f32,
}

fn character(
    paper: &mut GrayImage,
    strokes: &[Vec<Point>],
    place: &Place,
    hand: &Hand,
    pen: f32,
    rng: &mut Pcg64Mcg,
) {
    let mut end: Option<Point> = None;
    for stroke in strokes {
        // A bend at either end and in the middle: a quadratic curve added to the stroke.
        let bends: [Point; 3] =
            std::array::from_fn(|_| (normal(rng, hand.bend), normal(rng, hand.bend)));
        let last = (stroke.len() - 1).max(1) as f32;
        let moved: Vec<Point> = (0..stroke.len())
            .map(|i| {
                let t = i as f32 / last;
                let k = [(1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t];
                let add = |f: fn(&Point) -> f32| -> f32 {
                    k.iter().zip(&bends).map(|(k, b)| k * f(b)).sum()
                };
                let (x, y) = (stroke[i].0 - 54.5 + add(|b| b.0), stroke[i].1 - 54.5 + add(|b| b.1));
                let (sin, cos) = place.turn.sin_cos();
                let (x, y) = (x * cos - y * sin - place.lean * y, x * sin + y * cos);
                (place.at.0 + x * place.scale, place.at.1 + y * place.scale)
            })
            .collect();
        if let (Some(from), Some(to)) = (end, moved.first())
            && rng.random_bool(hand.joined.into())
        {
            line(paper, &[from, *to], pen * 0.7);
        }
        line(paper, &moved, pen);
        end = moved.last().copied();
    }
}

/// The few commands of SVG paths that `KanjiVG` has: M, L, C and S, in both cases.
fn way(d: &str) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::new();
    let (mut now, mut handle): (Point, Option<Point>) = ((0.0, 0.0), None);
    let mut rest = d;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() && c != 'e') {
        let command = rest.as_bytes()[start] as char;
        let after = &rest[start + 1..];
        let end = after.find(|c: char| c.is_ascii_alphabetic() && c != 'e').unwrap_or(after.len());
        let values = numbers(&after[..end]);
        rest = &after[end..];
        let of = |p: &[f32], now: Point| -> Vec<Point> {
            let from = if command.is_ascii_lowercase() { now } else { (0.0, 0.0) };
            p.chunks_exact(2).map(|c| (c[0] + from.0, c[1] + from.1)).collect()
        };
        match command.to_ascii_uppercase() {
            'M' | 'L' => {
                for p in values.chunks_exact(2) {
                    now = of(p, now)[0];
                    out.push(now);
                }
                handle = None;
            }
            'C' => {
                for p in values.chunks_exact(6) {
                    let q = of(p, now);
                    curve(&mut out, now, [q[0], q[1], q[2]]);
                    (now, handle) = (q[2], Some(q[1]));
                }
            }
            'S' => {
                for p in values.chunks_exact(4) {
                    let q = of(p, now);
                    let first = handle.map_or(now, |h| (2.0 * now.0 - h.0, 2.0 * now.1 - h.1));
                    curve(&mut out, now, [first, q[0], q[1]]);
                    (now, handle) = (q[1], Some(q[0]));
                }
            }
            _ => {}
        }
    }
    out
}

fn curve(out: &mut Vec<Point>, a: Point, [b, c, d]: [Point; 3]) {
    out.extend((1..=POINTS).map(|i| {
        let t = i as f32 / POINTS as f32;
        let u = 1.0 - t;
        let at = |f: fn(Point) -> f32| {
            u * u * u * f(a) + 3.0 * u * u * t * f(b) + 3.0 * u * t * t * f(c) + t * t * t * f(d)
        };
        (at(|p| p.0), at(|p| p.1))
    }));
}

/// `-1.2.5,3-4` is -1.2, .5, 3 and -4.
fn numbers(text: &str) -> Vec<f32> {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        let dotted = parts.last().is_some_and(|p| p.contains('.'));
        match c {
            '-' => parts.push("-".into()),
            '.' if dotted || parts.is_empty() => parts.push(".".into()),
            '0'..='9' | '.' => match parts.last_mut() {
                Some(p) => p.push(c),
                None => parts.push(c.into()),
            },
            _ => parts.push(String::new()),
        }
    }
    parts.iter().filter_map(|p| p.parse().ok()).collect()
}
