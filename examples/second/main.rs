//! The numbers that the second opinion is grown on: one line a box with ink, of pages whose truth is
//! known elsewhere. `cargo run --release --example second -- FORMDIR FILE... > boxes.csv`, then fit.py.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use faxtally::decode::{Document, Limits};
use faxtally::form::Form;
use faxtally::judge::second::NAMES;
use faxtally::judge::{Policy, samples};
use faxtally::pipeline::{Read, Reader};
use faxtally::reading::PageKind;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let form = Form::open(Path::new(&words.next().ok_or("second FORMDIR FILE...")?))?;
    let reader = Reader::new(vec![form], Policy::default());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "file,page,question,option,outcome,reasons,{}", NAMES.join(","))?;
    for file in words {
        let document = Document::open(std::fs::read(&file)?, &Limits::default())?;
        let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy();
        for number in 0..document.page_count() {
            let Ok(page) = document.page(number) else { continue };
            let trace = reader.trace(&page);
            let Some(read) = &trace.read else { continue };
            if trace.reading.kind != PageKind::Response {
                continue;
            }
            let residual = trace.reading.residual_px;
            lines(&mut out, &format!("{name},{}", number + 1), &reader, read, residual)?;
        }
    }
    Ok(())
}

fn lines(
    out: &mut impl Write,
    page: &str,
    reader: &Reader,
    read: &Read,
    residual: f32,
) -> Result<(), Box<dyn Error>> {
    let t = reader.template(read.form);
    let (verdicts, samples) = samples(t, &read.marks, residual, &Policy::default());
    for ((b, v), sample) in t.boxes.iter().zip(&verdicts).zip(samples) {
        let Some(sample) = sample else { continue };
        let reasons: Vec<String> = v.reasons.iter().map(|r| format!("{:?}", r.code)).collect();
        let (question, option) = (&t.question(b).id, &t.option(b).id);
        write!(out, "{page},{question},{option},{:?},{}", v.outcome, reasons.join("+"))?;
        for number in sample {
            write!(out, ",{number}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
