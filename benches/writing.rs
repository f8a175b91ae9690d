//! Lines of writing a second and thread, for each recogniser that is installed, on the same crops of
//! simulated pages: `cargo bench --bench writing`.

mod pages;

use std::error::Error;
use std::time::Instant;

use faxtally::decode::{Document, Limits};
use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::text::Crop;
use faxtally::text::engines::Engines;
use faxtally::text::spec::FieldSpec;

/// Some hundred lines: ten seconds of the slower recogniser.
const PAGES: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let form = || Form::open(&pages::form_dir());
    let fields = FieldSpec::of_form(&form()?, &[]);
    let reader = Reader::new(vec![form()?], Policy::default());
    let inbox = tempfile::tempdir()?;
    let mut crops = Vec::new();
    for file in pages::simulate(inbox.path(), PAGES) {
        let document = Document::open(std::fs::read(file)?, &Limits::default())?;
        let writings = reader.read_page(&document.page(0)?).writings;
        crops.extend(writings.iter().map(|w| (w.field.clone(), Crop::of(w))));
    }
    let lines: usize = crops.iter().map(|(_, c)| c.lines.len()).sum();
    println!("{} fields, {lines} lines of {PAGES} pages", crops.len());
    let (engines, missing) = Engines::installed();
    for e in &missing {
        println!("{e}");
    }
    let all = engines.iter().flat_map(|e| std::iter::once(&e.main).chain(&e.second));
    for engine in all {
        let mut reader = engine.reader()?;
        let start = Instant::now();
        for (id, crop) in &crops {
            let Some(field) = fields.iter().find(|f| f.id == *id) else { continue };
            reader.read(crop, &field.ask(None))?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let (rate, each) = (lines as f64 / seconds, 1000.0 * seconds / lines.max(1) as f64);
        println!("{}: {rate:.1} lines/s, {each:.0} ms a line", engine.name());
    }
    Ok(())
}
