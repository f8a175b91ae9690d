//! The telephone line and the receiver: specks, rows lost to hits, rows that come twice, a page cut
//! off.

use crate::raster::Bitmap;
use crate::units::Resolution;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

pub struct CarryCondition {
    pub specks: u32,
    /// Bursts of noise on the line, and the most fine rows that one spoils.
    pub hits: u32,
    pub hit_rows: u32,
    pub loss: LossKind,
    /// Places where rows come twice.
    pub repeats: u32,
    /// Share of the page after which the line dropped.
    pub cut: Option<f32>,
}

/// What the receiver puts in the place of rows it could not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    White,
    /// The last good row again.
    Repeat,
    /// What a wrong code makes of it: the rest of the row moves, runs turn black.
    Garbage,
    /// Nothing: the page gets shorter.
    Dropped,
    /// A few repeats and then nothing, as spandsp does (seen with `samples/line/faxloop.c`).
    Smeared,
}

impl LossKind {
    /// Even odds for lack of counts; every receiver has its own way and keeps to it.
    pub fn draw(rng: &mut Pcg64Mcg) -> Self {
        match rng.random_range(0..5) {
            0 => Self::White,
            1 => Self::Repeat,
            2 => Self::Garbage,
            3 => Self::Dropped,
            _ => Self::Smeared,
        }
    }
}

/// A page and, for each row, the scan position it shows.
pub struct Carried {
    pub bitmap: Bitmap,
    pub rows: Vec<Option<f32>>,
}

#[derive(Default)]
pub struct Losses {
    pub lost: usize,
    pub repeated: usize,
}

pub fn carry(
    page: &mut Carried,
    c: &CarryCondition,
    resolution: Resolution,
    rng: &mut Pcg64Mcg,
) -> Losses {
    specks(&mut page.bitmap, c.specks, resolution.y / resolution.x, rng);
    let mut order: Vec<Row> = (0..page.bitmap.height()).map(Row::good).collect();
    let pitch = resolution.y / Resolution::FINE.y;
    let losses =
        Losses { lost: hit(&mut order, c, pitch, rng), repeated: repeat(&mut order, c, rng) };
    if let Some(share) = c.cut {
        order.truncate((order.len() as f32 * share) as usize);
    }
    if losses.lost + losses.repeated > 0 || c.cut.is_some() {
        receive(page, &order, rng);
    }
    losses
}

/// A row to be received: which one was sent, and what came of it.
#[derive(Clone, Copy)]
struct Row {
    sent: usize,
    loss: Option<LossKind>,
}

impl Row {
    fn good(sent: usize) -> Self {
        Self { sent, loss: None }
    }
}

/// Marks or removes the rows that hits spoil; returns how many. `pitch`: rows to a fine row.
fn hit(order: &mut Vec<Row>, c: &CarryCondition, pitch: f32, rng: &mut Pcg64Mcg) -> usize {
    let sent = order.len();
    for _ in 0..c.hits {
        let fine = rng.random_range(1..=c.hit_rows.max(1)) as f32;
        let rows = (fine * pitch).ceil() as usize;
        if order.len() <= rows {
            break;
        }
        let at = rng.random_range(0..order.len() - rows);
        let (kept, kind) = match c.loss {
            LossKind::Dropped => (0, c.loss),
            // spandsp's longest repeats in ten calls were 1 to 5 rows.
            LossKind::Smeared => (rng.random_range(1..=5).min(rows), LossKind::Repeat),
            kind => (rows, kind),
        };
        order.drain(at + kept..at + rows);
        for row in &mut order[at..at + kept] {
            row.loss = Some(kind);
        }
    }
    sent - order.len() + order.iter().filter(|row| row.loss.is_some()).count()
}

/// Doubles short runs of rows; returns how many rows came twice.
fn repeat(order: &mut Vec<Row>, c: &CarryCondition, rng: &mut Pcg64Mcg) -> usize {
    let mut repeated = 0;
    for _ in 0..c.repeats {
        let rows = rng.random_range(1..=3);
        if order.len() <= rows {
            break;
        }
        let at = rng.random_range(0..order.len() - rows);
        let again: Vec<Row> = order[at..at + rows].to_vec();
        order.splice(at..at, again);
        repeated += rows;
    }
    repeated
}

fn receive(page: &mut Carried, order: &[Row], rng: &mut Pcg64Mcg) {
    let width = page.bitmap.width();
    let mut received = Bitmap::new(width, order.len());
    let mut rows = Vec::with_capacity(order.len());
    for (y, row) in order.iter().enumerate() {
        let sent = page.bitmap.row(row.sent).to_vec();
        match row.loss {
            None => received.row_mut(y).copy_from_slice(&sent),
            Some(LossKind::Repeat) if y > 0 => {
                let last = received.row(y - 1).to_vec();
                received.row_mut(y).copy_from_slice(&last);
            }
            Some(LossKind::Garbage) => {
                received.row_mut(y).copy_from_slice(&sent);
                spoil(&mut received, y, rng);
            }
            Some(_) => {}
        }
        rows.push(if row.loss.is_none() { page.rows[row.sent] } else { None });
    }
    *page = Carried { bitmap: received, rows };
}

/// One wrong code: from some column on the row is displaced, after a run of the wrong colour.
fn spoil(page: &mut Bitmap, y: usize, rng: &mut Pcg64Mcg) {
    let width = page.width();
    let (from, by) = (rng.random_range(0..width), rng.random_range(3..60));
    let run = rng.random_range(0..by);
    let black = rng.random_bool(0.5);
    for x in (from..width).rev() {
        let moved = if x >= from + by { page.get(x - by, y) } else { black && x < from + run };
        page.set(x, y, moved);
    }
}

/// Dust on the paper, drop-outs in the print: one in four is white. `aspect`: rows to a column, so
/// that a speck is as tall on paper at either resolution.
fn specks(page: &mut Bitmap, count: u32, aspect: f32, rng: &mut Pcg64Mcg) {
    if page.width() == 0 || page.height() == 0 {
        return;
    }
    for _ in 0..count {
        let (x, y) = (rng.random_range(0..page.width()), rng.random_range(0..page.height()));
        let black = rng.random_bool(0.75);
        let (w, h) = (speck_size(rng) as usize, (speck_size(rng) * aspect).ceil() as usize);
        for (dy, dx) in (0..h).flat_map(|dy| (0..w).map(move |dx| (dy, dx))) {
            // Ragged: a third of a larger speck's pixels are missing.
            if w * h <= 2 || rng.random_range(0..3) > 0 {
                page.set(x + dx, y + dy, black);
            }
        }
    }
}

/// Most are one pixel (0.12 mm), one in fourteen is four: the fourth power makes large ones rare.
fn speck_size(rng: &mut Pcg64Mcg) -> f32 {
    let draw: f32 = rng.random_range(0.0..1.0);
    (1.0 + draw.powi(4) * 4.0).floor()
}
