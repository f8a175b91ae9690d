//! How much memory and time the outputs of a very large survey take: the published answers, as often
//! as it takes, go straight into the writers without ever being together.
//!
//!     cargo run --release --example outputs -- FOLDER 1000000 csv|sav|xlsx|parquet

#[path = "../tests/support/people.rs"]
mod people;

use std::borrow::Borrow;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use faxtally::account::Response;
use faxtally::export::variables::Variables;
use faxtally::export::{Format, sav, wide};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::report::{Findings, xlsx};
use faxtally::tally::{PageCounts, Sheet, Tally, TallySettings, tally_sheet};
use people::{form, people, response};

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, n, format] = args.as_slice() else { return Err("FOLDER N FORMAT".into()) };
    let (folder, n): (&Path, usize) = (Path::new(folder), n.parse()?);
    let forms = vec![form("forms/mynahoken-2024")];
    let drawn = people(&forms[0]);
    let responses = || (0..n).map(|i| response(&forms[0], i, &drawn[i % drawn.len()], i % 50 != 7));
    let tally = tallied(&forms, responses());
    println!("tallied; at most {}", peak());
    let start = Instant::now();
    let file = folder.join(format!("outputs.{format}"));
    write(&file, format, &tally, &forms, responses)?;
    let size = file.metadata()?.len() as f64 / 1e6;
    println!("{format}: {:.1} s, {size:.0} MB; at most {}", start.elapsed().as_secs_f64(), peak());
    Ok(())
}

/// The figures; the packed answers they are counted from are gone afterwards.
fn tallied(forms: &[Form], responses: impl Iterator<Item = Response>) -> Tally {
    let mut sheet = Sheet::new(forms);
    for r in responses {
        sheet.push(r.borrow());
    }
    let settings = TallySettings { lang: Lang::Ja, sent: None, closed: false, audit: None };
    tally_sheet(&sheet, PageCounts::default(), &settings)
}

fn write<I: Iterator<Item = Response>>(
    file: &Path,
    format: &str,
    tally: &Tally,
    forms: &[Form],
    responses: impl Fn() -> I,
) -> Result<(), Failed> {
    let variables = Variables::new(forms);
    let mut out = BufWriter::new(File::create(file)?);
    match format {
        "csv" => wide(&variables, responses(), Format::ExcelCsv, &mut out)?,
        "sav" => drop(sav::write(tally, &variables, responses, Lang::Ja, &mut out)?),
        "parquet" => faxtally::export::parquet::wide(&variables, responses(), &mut out)?,
        "xlsx" => {
            let findings = Findings {
                tally,
                forms,
                crosses: &[],
                comparisons: &[],
                cuts: &[],
                behind: &[],
                quotes: &[],
                lang: Lang::Ja,
            };
            let scratch = file.parent().unwrap_or(Path::new("."));
            xlsx::write(&findings, &variables, responses(), scratch, &mut out)?;
        }
        other => return Err(format!("{other}: csv, sav, xlsx or parquet").into()),
    }
    Ok(())
}

fn peak() -> String {
    let all = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = all.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}
