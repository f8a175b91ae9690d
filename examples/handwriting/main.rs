//! How well written text is read, each recogniser beside the others: one row for each kind of hand, with
//! the error rate of characters and whether the confidence knows. Outside CI: it takes minutes.
//! `cargo run --release --example handwriting -- --strokes KANJIVG.whl [--real DIR] [--seed N]
//! [--fields N] [--coarse] [--each FILE]`; `make handwriting` fetches the strokes (`kanjivg`, CC
//! BY-SA 3.0) and says the rest.
//!
//! The fields are drawn, not faxed: what is measured is the reader of a crop. A sentence is written by a
//! font or by strokes that wobble, then blurred, dirtied and cut to black and white as a scanner does.
//! `--real` is a folder of scanned pages with `boxes.json` and `text.json`.

mod draw;
mod fonts;
mod real;
mod score;
mod strokes;
mod texts;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use faxtally::raster::Bitmap;
use faxtally::reading::Writing;
use faxtally::text::engines::Engines;
use faxtally::text::{Crop, FieldAsk, FieldKind, TextReader};
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64Mcg;

use strokes::{Hand, Strokes};

/// One field of writing with what it says.
pub struct Sample {
    pub truth: String,
    pub ink: Bitmap,
}

/// What one recogniser made of a field.
pub struct Read {
    pub text: String,
    pub sure: f32,
    pub ms: f32,
}

struct Wish {
    strokes: Option<PathBuf>,
    real: Option<PathBuf>,
    each: Option<PathBuf>,
    seed: u64,
    fields: usize,
    coarse: bool,
}

impl Wish {
    fn typed() -> Result<Self, Box<dyn Error>> {
        let (strokes, real, each) = (None, None, None);
        let mut out = Self { strokes, real, each, seed: 1, fields: 100, coarse: false };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            if word == "--coarse" {
                out.coarse = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("{word} VALUE"))?;
            match word.as_str() {
                "--strokes" => out.strokes = Some(value.into()),
                "--real" => out.real = Some(value.into()),
                "--each" => out.each = Some(value.into()),
                "--seed" => out.seed = value.parse()?,
                "--fields" => out.fields = value.parse()?,
                _ => return Err(format!("{word}?").into()),
            }
        }
        Ok(out)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let wish = Wish::typed()?;
    let (engines, missing) = Engines::installed();
    for e in &missing {
        eprintln!("{e}");
    }
    let engines = engines.ok_or("no recogniser is installed")?;
    let all: Vec<_> = std::iter::once(&engines.main).chain(&engines.second).collect();
    let names: Vec<&str> = all.iter().map(|e| e.name().split(' ').next().unwrap_or("")).collect();
    let mut readers = all.iter().map(|e| e.reader()).collect::<Result<Vec<_>, _>>()?;
    let mut table = score::Table::new(&names);
    for (kind, samples) in kinds(&wish)? {
        for s in samples {
            let crop = Crop::of(&writing(s.ink, wish.coarse));
            let read = readers.iter_mut().map(|r| read(r.as_mut(), &crop));
            table.add(kind, s.truth, read.collect::<Result<_, _>>()?);
        }
        println!("{}", table.row(kind));
    }
    println!("\n{}", table.calibration());
    if let Some(path) = &wish.each {
        std::fs::write(path, table.each())?;
    }
    Ok(())
}

type Kinds = Vec<(&'static str, Vec<Sample>)>;

/// Every kind of hand with its fields, each kind from a generator of its own.
fn kinds(wish: &Wish) -> Result<Kinds, Box<dyn Error>> {
    let mut out: Kinds = Vec::new();
    let mut made = |kind, make: &mut dyn FnMut(&str, &mut Pcg64Mcg) -> Bitmap| {
        let mut rng = Pcg64Mcg::seed_from_u64(wish.seed * 100 + out.len() as u64);
        let samples = (0..wish.fields).map(|_| {
            let truth = (*texts::ALL.choose(&mut rng).expect("there are texts")).to_owned();
            let ink = make(&truth, &mut rng);
            Sample { truth, ink }
        });
        let samples = samples.collect();
        out.push((kind, samples));
    };
    let hands = fonts::load(&fonts::HANDS)?;
    let print = fonts::load(&fonts::PRINT)?;
    let coarse = wish.coarse;
    made("print", &mut |t, rng| fonts::printed(&print, t, coarse, rng));
    made("handwriting fonts", &mut |t, rng| fonts::written(&hands, t, coarse, rng));
    if let Some(wheel) = &wish.strokes {
        let mut all = Strokes::open(wheel)?;
        for (kind, hand) in Hand::ALL {
            made(kind, &mut |t, rng| all.written(t, &hand, coarse, rng));
        }
    }
    if let Some(folder) = &wish.real {
        out.push(("real", real::samples(folder)?));
    }
    Ok(out)
}

fn writing(ink: Bitmap, rough: bool) -> Writing {
    let field = "q".to_owned();
    let (overflow, strike) = (false, false);
    Writing { field, ink, origin: (0, 0), rough, overflow, strike, circled: Vec::new() }
}

fn read(reader: &mut dyn TextReader, crop: &Crop) -> Result<Read, Box<dyn Error>> {
    let start = Instant::now();
    let ask = FieldAsk { id: "q", kind: FieldKind::Free, words: &[], until: None };
    let got = reader.read(crop, &ask)?;
    let ms = start.elapsed().as_secs_f32() * 1000.0 / crop.lines.len().max(1) as f32;
    Ok(Read { text: got.text, sure: got.confidence.get(), ms })
}
