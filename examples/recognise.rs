//! Pictures of writing through each installed recogniser, for those who measure them: a list has lines
//! of `picture <tab> pref|num|free <tab> class <tab> truth`, pictures on the fine grid beside it; one
//! line comes out for each picture and recogniser: engine, kind, class, truth, text, confidence, ms,
//! lines and the probabilities of its characters.
//! `cargo run --release --example recognise -- LIST... > readings.tsv`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use faxtally::raster::Bitmap;
use faxtally::reading::Writing;
use faxtally::text::engines::Engines;
use faxtally::text::{Crop, FieldAsk, FieldKind, Lexicon, TextReader};

fn main() -> Result<(), Box<dyn Error>> {
    let (engines, missing) = Engines::installed();
    for e in &missing {
        eprintln!("{e}");
    }
    let engines = engines.ok_or("no recogniser is installed")?;
    let only = std::env::var("ONLY").ok();
    let all = std::iter::once(&engines.main).chain(&engines.second);
    for engine in all.filter(|e| only.as_ref().is_none_or(|o| e.name().starts_with(o.as_str()))) {
        let mut reader = engine.reader()?;
        for list in std::env::args().skip(1).map(PathBuf::from) {
            let folder = list.parent().unwrap_or(Path::new("."));
            for line in std::fs::read_to_string(&list)?.lines() {
                let parts: Vec<&str> = line.split('\t').collect();
                let [picture, kind, class, truth] = parts[..] else { return Err(line.into()) };
                let (text, numbers) = read(reader.as_mut(), &folder.join(picture), kind)?;
                let name = engine.name().split(' ').next().unwrap_or_default();
                println!("{name}\t{kind}\t{class}\t{truth}\t{text}\t{numbers}");
            }
        }
    }
    Ok(())
}

fn read(
    reader: &mut dyn TextReader,
    picture: &Path,
    kind: &str,
) -> Result<(String, String), Box<dyn Error>> {
    let grey = image::open(picture)?.to_luma8();
    let ink = Bitmap::from_luma(&grey, 128);
    let field = "q".to_owned();
    let (rough, overflow, strike) = (false, false, false);
    let circled = Vec::new();
    let crop = Crop::of(&Writing { field, ink, origin: (0, 0), rough, overflow, strike, circled });
    let list = Lexicon::prefectures();
    let kind = match kind {
        "pref" => FieldKind::Lexicon(&list),
        "num" => FieldKind::Integer { min: 0, max: 9999 },
        _ => FieldKind::Free,
    };
    let start = Instant::now();
    let got = reader.read(&crop, &FieldAsk { id: "q", kind, words: &[], until: None })?;
    let ms = start.elapsed().as_millis();
    let symbols: Vec<String> =
        got.symbols.iter().map(|s| format!("{:.3}", s.confidence.get())).collect();
    let (sure, lines) = (got.confidence.get(), crop.lines.len());
    Ok((got.text, format!("{sure:.4}\t{ms}\t{lines}\t{}", symbols.join(" "))))
}
