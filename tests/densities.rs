//! The line densities and widths of fax machines, from the file to the answers: one page at 204 x 196 lines
//! an inch, and the same page as other machines would have sent it, coded by libtiff.

#[path = "support/fax_files.rs"]
#[allow(dead_code, reason = "each test crate uses a part of it")]
mod fax_files;
#[path = "support/keyed.rs"]
mod keyed;

use fax_files::{Plain, plain_tiff, tiffcp};
use faxtally::decode::{Document, FaxPage, Limits};
use faxtally::raster::Bitmap;
use faxtally::reading::{FieldState, PageReading};
use faxtally::score::TruthPage;
use faxtally::simulate::line::Profile;
use faxtally::simulate::{SimulateJob, run};
use faxtally::units::Resolution;
use keyed::{Outcome, form, form_dir, read, reader};

const SEED: u64 = 6871;
const PAGES: u64 = 3;

fn fine_pages() -> Vec<(TruthPage, FaxPage)> {
    let dir = tempfile::tempdir().unwrap();
    let job = SimulateJob::new(vec![form_dir()], PAGES, SEED, dir.path().to_owned());
    run(&SimulateJob { profile: Profile::Clean, ..job }).unwrap();
    let pages = keyed::pages(dir.path());
    let fine = |p: &FaxPage| p.resolution.is_some_and(|r| (r.y - 196.0).abs() < 1.0);
    assert!(pages.iter().all(|(_, p)| p.bitmap.width() == 1728 && fine(p)));
    pages
}

/// The page in a file with so many lines an inch, in this compression, and as the decoder gives it back.
fn sent(page: &Bitmap, dpi: u32, compression: &str) -> FaxPage {
    let plain = plain_tiff(&[page], Plain { dpi: Some((204, dpi)), ..Plain::default() });
    let file = tiffcp(&plain, &["-c", compression, "-f", "lsb2msb", "-r", "4294967295"]);
    let page = Document::open(file, &Limits::default()).unwrap().page(0).unwrap();
    assert_eq!(page.resolution, Some(Resolution { x: 204.0, y: dpi as f32 }));
    page
}

/// On the glass of a wider machine: the sheet lies in its middle.
fn on_glass(page: &Bitmap, width: usize) -> Bitmap {
    let mut out = Bitmap::new(width, page.height());
    let left = ((width - page.width()) / 2) as isize;
    for y in 0..page.height() {
        for (i, word) in page.row(y).iter().enumerate() {
            out.blacken(left + 64 * i as isize, y as isize, *word);
        }
    }
    out
}

/// What is settled on a page, question by question, and what waits for people.
fn answers(r: &PageReading) -> Vec<(&str, &FieldState, &[String])> {
    r.answers.iter().map(|(q, a)| (q.as_str(), &a.state, a.value.as_slice())).collect()
}

#[test]
fn every_width_and_density_reads_to_the_same_answers() {
    let (form, reader, pages) = (form(), reader(), fine_pages());
    let first = read(&reader, &pages);
    assert!(Outcome::of(&form, &pages, &first).wrong_positions.is_empty());
    for width in [1728, 2048, 2432] {
        for (dpi, compression) in [(98, "g3:1d"), (196, "g3:2d"), (391, "g4")] {
            let as_sent = |(truth, page): &(TruthPage, FaxPage)| {
                let wide = on_glass(&page.bitmap, width);
                let rows = (wide.height() as f32 * dpi as f32 / 196.0).round() as usize;
                // A machine that scans every other line sees the lines in between as well.
                (truth.clone(), sent(&wide.resampled(width, rows, 0.5), dpi, compression))
            };
            let sent: Vec<_> = pages.iter().map(as_sent).collect();
            let what = format!("{width} wide, {dpi} lines an inch");
            let readings = read(&reader, &sent);
            let outcome = Outcome::of(&form, &sent, &readings);
            assert!(outcome.unregistered.is_empty(), "{what}: {:?}", outcome.unregistered);
            assert!(outcome.pending_pages.is_empty(), "{what}: {:?}", outcome.pending_pages);
            assert!(outcome.wrong_positions.is_empty(), "{what}: {:?}", outcome.wrong_positions);
            if dpi >= 196 {
                for (want, got) in first.iter().zip(&readings) {
                    assert_eq!(answers(got), answers(want), "{what}");
                }
            }
            // Half of the lines tell less: people may be asked once more a page, and never told wrong.
            let asked = outcome.pending.saturating_sub(pending(&first));
            assert!(asked as u64 <= PAGES, "{what}: {asked} more answers to people");
        }
    }
}

fn pending(readings: &[PageReading]) -> usize {
    let all = readings.iter().flat_map(|r| r.answers.values());
    all.filter(|a| a.state == FieldState::Pending).count()
}
