//! What led to each page's reading, for those who work on the reader: the evidence of every box, and
//! a picture of what was taken for added ink. `cargo run --example trace -- -f FORMDIR FILE...`;
//! `-v` prints every box, `-o DIR` writes the pictures.

use std::error::Error;
use std::path::{Path, PathBuf};

use faxtally::decode::{Document, Limits};
use faxtally::form::Form;
use faxtally::judge::{Policy, Verdict};
use faxtally::marks::Evidence;
use faxtally::pipeline::{Read, Reader};
use faxtally::reading::{BoxOutcome, FieldState, PageReading};
use faxtally::register::Template;
use image::{Rgb, RgbImage};
use imageproc::drawing::draw_hollow_rect_mut;

#[derive(Default)]
struct Asked {
    forms: Vec<Form>,
    files: Vec<PathBuf>,
    pictures: Option<PathBuf>,
    verbose: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut asked = Asked::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-f" => asked.forms.push(Form::open(Path::new(&words.next().ok_or("-f FORMDIR")?))?),
            "-o" => asked.pictures = Some(words.next().ok_or("-o DIR")?.into()),
            "-v" => asked.verbose = true,
            _ => asked.files.push(word.into()),
        }
    }
    let reader = Reader::new(std::mem::take(&mut asked.forms), Policy::default());
    for file in &asked.files {
        let document = match Document::open(std::fs::read(file)?, &Limits::default()) {
            Ok(document) => document,
            Err(e) => {
                println!("{}: {e}", file.display());
                continue;
            }
        };
        for i in 0..document.page_count() {
            let trace = reader.trace(&document.page(i)?);
            print_page(&format!("{}#{}", file.display(), i + 1), &trace.reading, asked.verbose);
            let Some(read) = &trace.read else { continue };
            let template = reader.template(read.form);
            if asked.verbose {
                print_boxes(template, read);
            }
            if let Some(dir) = &asked.pictures {
                let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                picture(template, read).save(dir.join(format!("{stem}_{}.png", i + 1)))?;
            }
        }
    }
    Ok(())
}

fn print_page(name: &str, r: &PageReading, all: bool) {
    let reasons: Vec<_> = r.reasons.iter().map(|r| (r.code, r.measured)).collect();
    println!(
        "{name} {:?} {:?} turn {} skew {} residual {} agreement {:.2} {reasons:?}",
        r.kind,
        r.form,
        r.orientation,
        r.skew_deg,
        r.residual_px,
        r.agreement.get(),
    );
    for (q, a) in r.answers.iter().filter(|(_, a)| all || a.state == FieldState::Pending) {
        let why: Vec<_> = a.reasons.iter().map(|r| (r.code, &r.about, r.measured)).collect();
        println!("   {q} {:?} {:?} {:.5} {why:?}", a.state, a.value, a.confidence.get());
    }
}

fn print_boxes(t: &Template, read: &Read) {
    for (e, v) in read.marks.boxes.iter().zip(&read.judged.verdicts) {
        print_box(t, e, v);
    }
    println!("      fields {:?}", read.marks.fields);
}

fn print_box(t: &Template, e: &Evidence, v: &Verdict) {
    let place = &t.boxes[e.index];
    println!(
        "      {}.{} {:?} inner {:.3} foreign {:.2} missing {:.2} shift {:.1},{:.1} box {:.2}/{:.2} \
         label {:?} both {:?} lost {:.2} strays {} near {} close {} explained {} framed {:?}",
        t.question(place).id,
        t.option(place).id,
        v.outcome,
        e.inner,
        e.foreign,
        e.missing,
        e.shift.0,
        e.shift.1,
        e.around_box.closed,
        e.around_box.core,
        e.around_label.as_ref().map(|a| a.closed),
        e.around_both.as_ref().map(|a| a.closed),
        e.lost,
        e.strays.len(),
        e.near,
        e.close,
        e.explained,
        e.framed,
    );
}

/// Print grey, added ink red, boxes by outcome.
fn picture(t: &Template, read: &Read) -> RgbImage {
    let (w, h) = (read.sheet.width() as u32, read.sheet.height() as u32);
    let mut picture = RgbImage::from_fn(w, h, |x, y| {
        let (x, y) = (x as usize, y as usize);
        Rgb(match (read.marks.added.get(x, y), read.sheet.get(x, y)) {
            (true, _) => [200, 0, 0],
            (false, true) => [90, 90, 90],
            (false, false) => [255, 255, 255],
        })
    });
    for (e, v) in read.marks.boxes.iter().zip(&read.judged.verdicts) {
        let colour = Rgb(match v.outcome {
            BoxOutcome::Marked => [0, 160, 0],
            BoxOutcome::Doubtful => [255, 120, 0],
            BoxOutcome::Unmarked => [120, 160, 255],
        });
        let b = t.boxes[e.index].px;
        for k in 3..6 {
            let (x, y) = ((b.x.0 + e.shift.0) as i32 - k, (b.y.0 + e.shift.1) as i32 - k);
            let rect = imageproc::rect::Rect::at(x, y)
                .of_size((b.w.0 as i32 + 2 * k) as u32, (b.h.0 as i32 + 2 * k) as u32);
            draw_hollow_rect_mut(&mut picture, rect, colour);
        }
    }
    picture
}
