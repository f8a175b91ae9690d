//! What the second opinion is grown on: one line a box with ink, of pages whose truth is known elsewhere.
//! `cargo run --release --example second -- FORMDIR FILE... > boxes.csv`, then fit.py for its trees.
//!
//! `--pictures FILE` before the form writes the boxes' pictures beside it, and only of boxes that are not plain
//! and of one plain box in 20: for sight.py.

mod pictures;

use std::error::Error;
use std::io::Write;
use std::path::Path;

use faxtally::decode::{Document, Limits};
use faxtally::form::Form;
use faxtally::judge::second::NAMES;
use faxtally::judge::{Policy, samples};
use faxtally::pipeline::{Read, Reader};
use faxtally::reading::PageKind;
use pictures::Pictures;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1).peekable();
    let mut pictures = None;
    if words.next_if_eq("--pictures").is_some() {
        pictures = Some(Pictures::create(&words.next().ok_or("--pictures FILE")?)?);
    }
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
            let page = Page {
                name: format!("{name},{}", number + 1),
                reader: &reader,
                read,
                residual: trace.reading.residual_px,
            };
            page.lines(&mut out, pictures.as_mut())?;
        }
    }
    Ok(())
}

struct Page<'a> {
    name: String,
    reader: &'a Reader,
    read: &'a Read,
    residual: f32,
}

impl Page<'_> {
    fn lines(
        &self,
        out: &mut impl Write,
        mut pictures: Option<&mut Pictures>,
    ) -> Result<(), Box<dyn Error>> {
        let t = self.reader.template(self.read.form);
        let marks = &self.read.marks;
        let (verdicts, samples) = samples(t, marks, self.residual, &Policy::default());
        for (i, ((b, v), sample)) in t.boxes.iter().zip(&verdicts).zip(samples).enumerate() {
            let Some(sample) = sample else { continue };
            let (question, option) = (&t.question(b).id, &t.option(b).id);
            let key = format!("{},{question},{option}", self.name);
            if let Some(all) = pictures.as_deref_mut() {
                if !pictures::is_taken(&key, v, &self.read.judged.verdicts[i]) {
                    continue;
                }
                all.add(t, &self.read.sheet, marks, i)?;
            }
            let reasons: Vec<String> = v.reasons.iter().map(|r| format!("{:?}", r.code)).collect();
            write!(out, "{key},{:?},{}", v.outcome, reasons.join("+"))?;
            for number in sample {
                write!(out, ",{number}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
