//! Pages a second, as processor time of one core, beside Leptonica's time for the same files in the
//! same run; two workers against one; and the most memory that a run takes.
//!
//! `make bench` builds Leptonica's part and names it in `LEPTONICA`; without it that line is left out.
//! `PAGES=10000 make bench` measures a larger inbox.

mod pages;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use faxtally::batch::ReadPage;
use faxtally::decode::Limits;
use faxtally::faxes::FaxReader;
use faxtally::form::Form;
use faxtally::judge::Policy;

/// Pages of the inbox when `PAGES` does not say: 5 s of work for two cores.
const PAGES: u64 = 600;
/// Pages read in memory and by Leptonica: a page a profile and container would do; 200 take 1 s.
const IN_MEMORY: usize = 200;
/// Linux counts processor time for programs in hundredths of a second on every machine (man 5 proc).
const TICK_MS: f64 = 10.0;
/// A child's memory is looked at this often; its peak is kept by the kernel between two looks.
const LOOK: Duration = Duration::from_millis(5);

fn main() {
    let pages = std::env::var("PAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(PAGES);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let inbox = dir.path().join("inbox");
    eprintln!("simulating {pages} pages ...");
    let files = pages::simulate(&inbox, pages);
    let few = &files[..files.len().min(IN_MEMORY)];
    // Twice in turn: a machine that others use as well shows it as a difference between the two.
    for _ in 0..2 {
        let ours = in_memory(few);
        println!("read --no-text   {ours:6.2} ms a page  {:6.0} pages/s a core", 1000.0 / ours);
        if let Some(theirs) = leptonica(few) {
            println!(
                "Leptonica        {theirs:6.2} ms a page  (read, skew, rotate)  faxtally takes {:.2} \
                 of that",
                ours / theirs
            );
        }
    }
    let one = whole_run(&inbox, &dir.path().join("one"), 1);
    let two = whole_run(&inbox, &dir.path().join("two"), 2);
    for (jobs, run) in [(1, &one), (2, &two)] {
        let (wall, peak) = (run.wall.as_secs_f64(), run.peak_mb);
        let rate = pages as f64 / wall;
        println!("--jobs {jobs}         {wall:6.2} s  {rate:6.0} pages/s  peak {peak:.0} MB");
    }
    println!("2 jobs against 1 {:6.2} times", one.wall.as_secs_f64() / two.wall.as_secs_f64());
}

/// Processor time of decoding and reading, ms a page, start-up left out.
fn in_memory(files: &[PathBuf]) -> f64 {
    let form = Form::open(&pages::form_dir()).expect("the form is good");
    let reader = FaxReader::new(vec![form], Policy::default(), Limits::default());
    let bytes: Vec<Vec<u8>> =
        files.iter().map(|f| std::fs::read(f).expect("the file was written")).collect();
    let count = bytes.len();
    let before = processor_ms();
    for file in bytes {
        let document = reader.open(file).expect("a TIFF file");
        std::hint::black_box(reader.read(&document.page(0).expect("its page")));
    }
    (processor_ms() - before) / count as f64
}

/// User and system time of this process.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // The name before the last bracket may hold blanks; fields 14 and 15 of the line count from 1.
    let (_, fields) = stat.rsplit_once(')').expect("proc's format");
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.map(|t| t.parse::<f64>().expect("a number")).sum::<f64>() * TICK_MS
}

/// Processor time of Leptonica, ms a page.
fn leptonica(files: &[PathBuf]) -> Option<f64> {
    let program = std::env::var_os("LEPTONICA")?;
    let out = Command::new(program).args(files).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8(out.stdout).ok()?;
    let (pages, ms) = text.trim().split_once(' ')?;
    let pages: f64 = pages.parse().ok()?;
    assert!(pages as usize == files.len(), "Leptonica could not read every file");
    Some(ms.parse::<f64>().ok()? / pages)
}

struct Run {
    wall: Duration,
    peak_mb: f64,
}

/// The program itself, from its start to its end.
fn whole_run(inbox: &Path, survey: &Path, jobs: u32) -> Run {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_faxtally"))
        .arg("read")
        .arg(inbox)
        .arg("--form")
        .arg(pages::form_dir())
        .arg("-s")
        .arg(survey)
        .args(["--no-text", "--no-progress", "--jobs", &jobs.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("faxtally starts");
    let mut peak_mb = 0.0;
    let status = loop {
        peak_mb = peak(child.id()).unwrap_or(peak_mb);
        if let Some(status) = child.try_wait().expect("the child is ours") {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    // 1: some pages need a person's eye.
    assert!(matches!(status.code(), Some(0 | 1)), "faxtally read ended with {status}");
    Run { wall: start.elapsed(), peak_mb }
}

/// The most memory that a process has had so far, in MB.
fn peak(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
