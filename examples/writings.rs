//! The writing that is cut out of pages, for those who work on it: one line of text for each written
//! field, and pictures of its crop (`_crop.png`) and of its lines one under the other (`_lines.png`).
//! `cargo run --example writings -- -f FORMDIR -o DIR FILE...`

use std::error::Error;
use std::path::{Path, PathBuf};

use faxtally::decode::{Document, Limits};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::text::Crop;
use image::{GrayImage, Luma};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut forms, mut files, mut out) = (Vec::new(), Vec::new(), PathBuf::from("."));
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-f" => forms.push(Form::open(Path::new(&words.next().ok_or("-f FORMDIR")?))?),
            "-o" => out = words.next().ok_or("-o DIR")?.into(),
            _ => files.push(PathBuf::from(word)),
        }
    }
    std::fs::create_dir_all(&out)?;
    let reader = Reader::new(forms, Policy::default());
    for file in &files {
        let document = Document::open(std::fs::read(file)?, &Limits::default())?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        for i in 0..document.page_count() {
            for w in reader.read_page(&document.page(i)?).writings {
                let crop = Crop::of(&w);
                let name = format!("{stem}_{}_{}", i + 1, w.field);
                println!(
                    "{name} {}x{} at {:?} lines {} rough {} overflow {} strike {}",
                    w.ink.width(),
                    w.ink.height(),
                    w.origin,
                    crop.lines.len(),
                    w.rough,
                    w.overflow,
                    w.strike
                );
                w.ink.to_luma().save(out.join(format!("{name}_crop.png")))?;
                lines(&crop).save(out.join(format!("{name}_lines.png")))?;
            }
        }
    }
    Ok(())
}

/// The lines under each other, a grey row between them.
fn lines(crop: &Crop) -> GrayImage {
    let all: Vec<GrayImage> = crop.lines.iter().map(|l| l.ink.to_luma()).collect();
    let width = all.iter().map(GrayImage::width).max().unwrap_or(1);
    let height: u32 = all.iter().map(|l| l.height() + 3).sum();
    let mut out = GrayImage::from_pixel(width, height.max(1), Luma([170]));
    let mut y = 0;
    for line in &all {
        image::imageops::replace(&mut out, line, 0, i64::from(y));
        y += line.height() + 3;
    }
    out
}
