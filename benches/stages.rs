//! What each stage of reading a page costs: a page an iteration, in turn through the same pages.
//!
//! `cargo bench --bench stages`; the whole path against Leptonica is `--bench throughput`.

mod pages;

use std::sync::LazyLock;

use divan::Bencher;
use faxtally::clean::{self, CleanPage, View, skew, streaks, views::views};
use faxtally::decode::{Document, FaxPage, Limits};
use faxtally::form::Form;
use faxtally::judge::{Policy, judge};
use faxtally::marks::{Marks, Print, measure};
use faxtally::pipeline::Reader;
use faxtally::raster::Bitmap;
use faxtally::reading::PageReading;
use faxtally::register::{Effort, PageCells, Placement, Rectified, Template, place};
use faxtally::store::{Op, Store};
use faxtally::units::Mm;

/// Enough that no profile of the line is missing, few enough to be simulated in seconds.
const PAGES: u64 = 24;
/// Looked at twice each by a bench: medians of 100 differed by 4 % between runs, of 240 by 2 %.
const SAMPLES: u32 = 240;
/// Pages a transaction, as `batch` commits them.
const TRANSACTION: usize = 32;

/// A page at every stage.
struct Staged {
    file: Vec<u8>,
    page: FaxPage,
    positive: Bitmap,
    view: View,
    clean: CleanPage,
    cells: PageCells,
    placement: Placement,
    rectified: Rectified,
    marks: Marks,
    reading: PageReading,
}

struct Bench {
    template: Template,
    print: Print,
    reader: Reader,
    staged: Vec<Staged>,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let form = || Form::open(&pages::form_dir()).expect("the form is good");
    let template = Template::new(form());
    let print = Print::of(&template);
    let reader = Reader::new(vec![form()], Policy::default());
    let inbox = tempfile::tempdir().expect("a temporary folder");
    let files = pages::simulate(inbox.path(), PAGES);
    let bytes = files.iter().map(|f| std::fs::read(f).expect("the file was written"));
    // Pages on which no form is found are no part of the later stages.
    let staged: Vec<_> = bytes.filter_map(|b| stage(&template, &print, &reader, b)).collect();
    assert!(staged.len() * 10 >= files.len() * 9, "only {} pages were registered", staged.len());
    Bench { template, print, reader, staged }
});

fn decode(file: &[u8]) -> FaxPage {
    let document = Document::open(file.to_vec(), &Limits::default()).expect("a TIFF file");
    document.page(0).expect("its page")
}

fn prepare(page: &FaxPage) -> Bitmap {
    let mut positive = clean::positive(&page.bitmap).expect("print on the page");
    let found = streaks::find(&positive);
    streaks::erase(&mut positive, &found);
    positive
}

fn stage(t: &Template, print: &Print, reader: &Reader, file: Vec<u8>) -> Option<Staged> {
    let page = decode(&file);
    let positive = prepare(&page);
    let view = views(&positive, page.resolution, Mm(210.0)).likely[0];
    let clean = clean::clean(&positive, view);
    let cells = PageCells::of(&clean.level);
    let placement = place(t, &clean.level, &cells, Effort::Ordinary)?;
    let rectified = placement.rectify(t, &clean.level);
    let marks = measure(t, print, &rectified);
    let reading = reader.read_page(&page);
    Some(Staged { file, page, positive, view, clean, cells, placement, rectified, marks, reading })
}

/// One page an iteration, all in turn.
fn each<T>(bencher: Bencher, mut work: impl FnMut(&Bench, &Staged) -> T) {
    let bench = &*BENCH;
    let mut pages = bench.staged.iter().cycle();
    bencher.bench_local(|| pages.next().map(|s| work(bench, s)));
}

#[divan::bench(sample_count = SAMPLES)]
fn s1_decode_g4(bencher: Bencher) {
    each(bencher, |_, s| decode(&s.file));
}

#[divan::bench(sample_count = SAMPLES)]
fn s2_positive_and_streaks(bencher: Bencher) {
    each(bencher, |_, s| prepare(&s.page));
}

#[divan::bench(sample_count = SAMPLES)]
fn s3_clean_skew_and_shear(bencher: Bencher) {
    each(bencher, |_, s| clean::clean(&s.positive, s.view));
}

/// A part of `s3`.
#[divan::bench(sample_count = SAMPLES)]
fn s3a_skew(bencher: Bencher) {
    each(bencher, |_, s| skew::slope(&s.clean.level));
}

#[divan::bench(sample_count = SAMPLES)]
fn s4_cells(bencher: Bencher) {
    each(bencher, |_, s| PageCells::of(&s.clean.level));
}

#[divan::bench(sample_count = SAMPLES)]
fn s5_register_coarse_and_fine(bencher: Bencher) {
    each(bencher, |b, s| place(&b.template, &s.clean.level, &s.cells, Effort::Ordinary));
}

#[divan::bench(sample_count = SAMPLES)]
fn s6_rectify(bencher: Bencher) {
    each(bencher, |b, s| s.placement.rectify(&b.template, &s.clean.level));
}

#[divan::bench(sample_count = SAMPLES)]
fn s7_measure_marks(bencher: Bencher) {
    each(bencher, |b, s| measure(&b.template, &b.print, &s.rectified));
}

#[divan::bench(sample_count = SAMPLES)]
fn s8_judge(bencher: Bencher) {
    let policy = Policy::default();
    each(bencher, |b, s| {
        judge(&b.template, &s.marks, &s.rectified.sheet, s.placement.residual().0, &policy)
    });
}

/// `s2` to `s8` and what ties them together.
#[divan::bench(sample_count = SAMPLES)]
fn s9_read_page(bencher: Bencher) {
    each(bencher, |b, s| b.reader.read_page(&s.page));
}

/// A transaction of 32 pages, from first sight to reading, durable when it returns.
#[divan::bench(sample_count = 30)]
fn t1_commit_32_pages(bencher: Bencher) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = Store::create(&dir.path().join("survey")).expect("a new survey");
    let mut next = 0u64;
    let batch = || {
        let mut ops = Vec::new();
        for s in BENCH.staged.iter().cycle().take(TRANSACTION) {
            next += 1;
            ops.extend(one_page(next, &s.reading));
        }
        ops
    };
    bencher.with_inputs(batch).bench_local_values(|ops| store.commit(ops).expect("it is kept"));
}

fn one_page(no: u64, reading: &PageReading) -> [Op; 5] {
    let (sha256, reader, page) = (format!("{no:064x}"), "bench".to_owned(), 1);
    let (sha, r) = (|| sha256.clone(), || reader.clone());
    [
        Op::Receive { sha256: sha(), bytes: 1 },
        Op::Opening { sha256: sha(), reader: r() },
        Op::Opened { sha256: sha(), reader: r(), pages: 1 },
        Op::Start { sha256: sha(), page, reader: r() },
        Op::Read { sha256: sha(), page, reader: r(), reading: Box::new(reading.clone()) },
    ]
}

fn main() {
    divan::main();
}
