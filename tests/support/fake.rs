//! A reader whose files are text: the first line is `FAKE`, every further line is a page. What a page
//! says is what becomes of it, so that a test can write down a whole inbox in a few words:
//!
//! `response q1=a q2=b,c ink=7 write=n:42`, `cover`, `pending`, `undecodable`, `panic`, `abort`, `slow`.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use faxtally::account::{Account, Labels, fold};
use faxtally::batch::{self, BatchError, Job, Pages, ReadPage, Silent, Summary};
use faxtally::decode::{Damage, FaxPage, Limits};
use faxtally::raster::Bitmap;
use faxtally::reading::{
    AnswerReading, BoxOutcome, BoxReading, FieldState, InkMap, PageKind, PageReading, Reason,
    ReasonCode, TextReading, Writing,
};
use faxtally::resent::{GRID_COLUMNS, GRID_ROWS};
use faxtally::store::Store;
use faxtally::units::{Px, Rect, Score};

#[derive(Default)]
pub struct Fake {
    pub version: u32,
    /// Every page that was read, as text.
    pub read: Mutex<Vec<String>>,
    /// Most pages that were being read at once.
    pub most: AtomicUsize,
    pub now: AtomicUsize,
}

impl Fake {
    pub fn pages_read(&self) -> usize {
        self.read.lock().unwrap().len()
    }
}

struct FakePages(Vec<String>);

impl ReadPage for Fake {
    fn key(&self) -> String {
        format!("fake {}", self.version)
    }

    fn open(&self, bytes: Vec<u8>) -> Result<Box<dyn Pages>, Reason> {
        if bytes.is_empty() {
            return Err(Reason::new(ReasonCode::Empty));
        }
        let text = String::from_utf8(bytes).map_err(|_| Reason::new(ReasonCode::UnknownFormat))?;
        let mut lines = text.lines().map(str::to_owned);
        match lines.next().as_deref() {
            Some("FAKE") => Ok(Box::new(FakePages(lines.collect()))),
            Some("OPEN PANIC") => panic!("opening failed"),
            Some("OPEN ABORT") => std::process::abort(),
            _ => Err(Reason::new(ReasonCode::UnknownFormat)),
        }
    }

    fn read(&self, page: &FaxPage) -> PageReading {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let text = String::from_utf8(page.bitmap.to_packed()).unwrap();
        self.read.lock().unwrap().push(text.clone());
        match text.split(' ').next().unwrap_or_default() {
            "panic" => {
                self.now.fetch_sub(1, Ordering::SeqCst);
                panic!("the reader fell over")
            }
            "abort" => std::process::abort(),
            "slow" => std::thread::sleep(Duration::from_millis(20)),
            _ => {}
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        reading(&text)
    }
}

impl Pages for FakePages {
    fn count(&self) -> u32 {
        self.0.len() as u32
    }

    fn page(&self, index: u32) -> Result<FaxPage, Reason> {
        let text = &self.0[index as usize];
        if text.starts_with("undecodable") {
            return Err(Reason::new(ReasonCode::DamagedFile));
        }
        let bitmap = Bitmap::from_packed(text.len() * 8, 1, text.as_bytes());
        Ok(FaxPage { bitmap, resolution: None, damage: Damage::default() })
    }
}

/// The reading that a page's text asks for.
pub fn reading(text: &str) -> PageReading {
    let mut words = text.split(' ');
    let kind = match words.next().unwrap_or_default() {
        "cover" => PageKind::SetAside,
        "pending" => PageKind::Pending,
        _ => PageKind::Response,
    };
    let mut out = PageReading {
        reader: "fake".into(),
        kind,
        form: (kind != PageKind::SetAside).then(|| "f1".into()),
        form_hash: None,
        orientation: 0,
        skew_deg: 0.25,
        residual_px: 0.5,
        agreement: Score::ONE,
        reasons: Vec::new(),
        answers: std::collections::BTreeMap::new(),
        text: std::collections::BTreeMap::new(),
        boxes: Vec::new(),
        ink: InkMap::default(),
        writings: Vec::new(),
    };
    for (name, value) in words.filter_map(|w| w.split_once('=')) {
        if name == "boxes" {
            out.boxes = (0..value.parse::<u32>().unwrap()).map(a_box).collect();
        } else if name == "write" {
            let (field, text) = value.split_once(':').unwrap();
            out.writings.push(writing(field, text));
            out.text.insert(field.into(), not_read());
        } else if name == "ink" {
            out.ink = InkMap::from_cells(hand(value.parse().unwrap()));
        } else {
            out.answers.insert(name.into(), answer(value));
        }
    }
    out
}

/// Ink whose bits are the text; `-` is a strike.
fn writing(field: &str, text: &str) -> Writing {
    Writing {
        field: field.into(),
        ink: Bitmap::from_packed(text.len() * 8, 1, text.as_bytes()),
        origin: (10, 20),
        rough: false,
        overflow: false,
        strike: text == "-",
        circled: Vec::new(),
    }
}

fn not_read() -> TextReading {
    TextReading {
        value: String::new(),
        state: FieldState::Pending,
        confidence: Score::ZERO,
        reasons: vec![Reason::new(ReasonCode::TextNotRead)],
    }
}

fn a_box(i: u32) -> BoxReading {
    BoxReading {
        question: "q1".into(),
        option: format!("option{i}"),
        place: Rect { x: Px(100.25), y: Px(200.75), w: Px(24.5), h: Px(24.5) },
        ink: Score::new(0.123),
        outcome: BoxOutcome::Unmarked,
        overruled: None,
    }
}

fn answer(value: &str) -> AnswerReading {
    let pending = value.contains('?');
    let value: Vec<String> =
        value.trim_matches('?').split(',').filter(|v| !v.is_empty()).map(Into::into).collect();
    let state = match (pending, value.is_empty()) {
        (true, _) => FieldState::Pending,
        (false, true) => FieldState::Blank,
        (false, false) => FieldState::Answered,
    };
    AnswerReading { value, state, confidence: Score::ONE, reasons: vec![] }
}

/// 300 cells of one hand's writing; the same for the same seed.
pub fn hand(seed: u64) -> Vec<u32> {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |n: u32| {
        // xorshift64
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 33) as u32 % n
    };
    let mut cells = Vec::new();
    for _ in 0..20 {
        let (mut column, mut row) = (next(GRID_COLUMNS - 60) + 30, next(GRID_ROWS - 60) + 30);
        let (across, down) = (next(3), next(3));
        for _ in 0..15 {
            cells.push(row * GRID_COLUMNS + column);
            column = column + across - 1;
            row = row + down - 1 + u32::from(across == 1 && down == 1);
        }
    }
    cells
}

pub fn write(inbox: &Path, name: &str, pages: &[&str]) -> PathBuf {
    let path = inbox.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("FAKE\n{}\n", pages.join("\n"))).unwrap();
    path
}

pub fn job(inbox: &Path, jobs: usize) -> Job {
    Job {
        inboxes: vec![inbox.to_owned()],
        labels: Labels::default(),
        jobs: NonZeroUsize::new(jobs).unwrap(),
        limits: Limits::default(),
        settle: Duration::ZERO,
    }
}

pub fn read(inbox: &Path, store: &Store, fake: &Fake) -> Summary {
    try_read(&job(inbox, 2), store, fake).unwrap()
}

pub fn try_read(job: &Job, store: &Store, fake: &Fake) -> Result<Summary, BatchError> {
    batch::run(job, store, fake, &Silent, &AtomicBool::new(false))
}

pub fn account(store: &Store) -> Account {
    fold(&store.snapshot().unwrap())
}

/// (file, page, status) of every line, in order.
pub fn lines(account: &Account) -> Vec<(String, u32, String)> {
    let word = |e: &faxtally::account::PageEntry| format!("{:?}", e.status).to_lowercase();
    account.pages.iter().map(|e| (e.file.clone(), e.page, word(e))).collect()
}
