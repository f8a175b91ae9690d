//! A sheet of paper through scanner, telephone line and receiver: what arrives, and how it got there.
//!
//! The order is the physical one: the feeder pulls the sheet (skew, stretch, slips), the sensor sees
//! it (blur, dirt, noise, threshold), the line carries the rows (lost, repeated, cut off), the
//! machines add their banner. Each page draws its own parameters from its [`Profile`].

mod banner;
mod carry;
mod condition;
mod feed;
mod photocopy;
mod sample;
mod sensor;

pub use banner::BannerKind;
pub use carry::LossKind;
pub use feed::{Affine, Feed, Slip};
pub use photocopy::photocopy_pass;

use crate::raster::Bitmap;
use crate::units::{Mm, Px, Resolution};
use condition::Condition;
use image::GrayImage;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;
use std::fmt;

/// Paper as a picture: white 255, ink darker, at the resolution it was drawn.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub grey: GrayImage,
    pub resolution: Resolution,
}

impl Sheet {
    pub fn width(&self) -> Mm {
        self.resolution.x_mm(Px(self.grey.width() as f32))
    }

    pub fn height(&self) -> Mm {
        self.resolution.y_mm(Px(self.grey.height() as f32))
    }
}

/// How bad scanner and line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// 204x196, almost straight, no noise: a computer's fax modem.
    Clean,
    /// An ordinary good fax: 204x196, skew to 1.5 degrees.
    Fine,
    /// 204x98, skew to 2.5 degrees, specks, a lost row now and then.
    Standard,
    /// Everything, to its limits, at either resolution.
    Rough,
    /// Each page one of the others, as a day's inbox mixes them.
    Mixed,
}

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Fine => "fine",
            Self::Standard => "standard",
            Self::Rough => "rough",
            Self::Mixed => "mixed",
        }
    }

    /// `Mixed` becomes one of the others: 20 % clean, 35 % fine, 25 % standard, 20 % rough (an
    /// assumption; more bad pages than an ordinary day brings).
    fn pick(self, rng: &mut Pcg64Mcg) -> Self {
        if self != Self::Mixed {
            return self;
        }
        match rng.random_range(0..100) {
            0..20 => Self::Clean,
            20..55 => Self::Fine,
            55..80 => Self::Standard,
            _ => Self::Rough,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What happened to one page on its way; goes into `truth.jsonl`, so that errors can be sorted by
/// cause.
#[derive(Clone, Debug, Serialize)]
pub struct LineNotes {
    /// Never `Mixed`.
    pub profile: Profile,
    pub lines_per_inch: u32,
    /// Clockwise as received, before `upside_down`.
    pub skew_deg: f32,
    pub stretch_x: f32,
    pub stretch_y: f32,
    pub upside_down: bool,
    pub slips: Vec<Slip>,
    /// Grey level under which the scanner saw black.
    pub threshold: u8,
    pub blur: f32,
    /// Standard deviation of the sensor, in grey levels.
    pub noise: f32,
    pub streaks: usize,
    pub black_edges: bool,
    pub specks: u32,
    /// Rows replaced or dropped by hits on the line.
    pub lost_rows: usize,
    pub loss: Option<LossKind>,
    /// Rows that arrived twice.
    pub repeated_rows: usize,
    pub banner: BannerKind,
    /// Share of the page that arrived, if the line dropped.
    pub cut: Option<f32>,
    /// Where each point of the paper went.
    #[serde(skip)]
    pub trace: Trace,
}

/// The way back from a received pixel to the paper: the truth that registration is measured by.
#[derive(Clone, Debug)]
pub struct Trace {
    feed: Feed,
    /// For each received row the scan position it shows, in millimetres of feed; `None` where it
    /// shows none of the paper (banner, lost rows).
    rows: Vec<Option<f32>>,
}

impl Trace {
    /// The point of the paper that the received pixel's centre shows.
    pub fn paper_at(&self, col: usize, row: usize) -> Option<(Mm, Mm)> {
        let v = (*self.rows.get(row)?)?;
        let u = Resolution::FINE.x_mm(Px(col as f32 + 0.5)).0;
        let (x, y) = self.feed.paper_at(f64::from(u), f64::from(v));
        Some((Mm(x as f32), Mm(y as f32)))
    }

    /// Where a point of the paper arrived (pixel centres at .5); `None` if it did not. Searches
    /// every row: for tests and measurements.
    pub fn place(&self, x: Mm, y: Mm) -> Option<(Px, Px)> {
        let mut best: Option<(f64, Px, Px)> = None;
        for (row, v) in self.rows.iter().enumerate() {
            let Some(v) = v else { continue };
            let (u, miss) = self.feed.column_of(f64::from(x.0), f64::from(y.0), f64::from(*v));
            if best.is_none_or(|(least, ..)| miss.abs() < least.abs()) {
                best = Some((miss, Resolution::FINE.x_px(Mm(u as f32)), Px(row as f32 + 0.5)));
            }
        }
        // Farther than the widest row pitch (98 lines/inch) means that its row never came.
        best.filter(|(miss, ..)| miss.abs() < 0.3).map(|(_, x, y)| (x, y))
    }
}

/// Sends a sheet; the same sheet, profile and state of `rng` give the same page.
pub fn send(
    sheet: &Sheet,
    profile: Profile,
    rng: &mut Pcg64Mcg,
) -> (Bitmap, Resolution, LineNotes) {
    let profile = profile.pick(rng);
    let condition = Condition::draw(profile, rng);
    let (bitmap, trace, losses) = transmit(sheet, &condition, rng);
    let resolution = condition.resolution();
    let Condition { feed, sensor, carry, banner, .. } = condition;
    let notes = LineNotes {
        profile,
        lines_per_inch: resolution.y as u32,
        skew_deg: feed.skew_deg,
        stretch_x: feed.stretch_x,
        stretch_y: feed.stretch_y,
        upside_down: feed.upside_down,
        slips: feed.slips,
        threshold: sensor.threshold,
        blur: sensor.blur,
        noise: sensor.noise,
        streaks: sensor.streaks.len(),
        black_edges: sensor.black_edges,
        specks: carry.specks,
        lost_rows: losses.lost,
        loss: (losses.lost > 0).then_some(carry.loss),
        repeated_rows: losses.repeated,
        banner: banner.kind,
        cut: carry.cut,
        trace,
    };
    (bitmap, resolution, notes)
}

fn transmit(
    sheet: &Sheet,
    condition: &Condition,
    rng: &mut Pcg64Mcg,
) -> (Bitmap, Trace, carry::Losses) {
    let width = columns(sheet.width());
    let feed = Feed::new(sheet, width, &condition.feed);
    let scanned = sensor::scan(sheet, &feed, width, condition, rng);
    let pitch = Resolution::FINE.y / condition.resolution().y;
    let rows = (0..scanned.height())
        .map(|row| Some(Resolution::FINE.y_mm(Px((row as f32 + 0.5) * pitch)).0))
        .collect();
    let mut page = carry::Carried { bitmap: scanned, rows };
    let losses = carry::carry(&mut page, &condition.carry, condition.resolution(), rng);
    banner::print(&mut page, &condition.banner, condition.standard);
    (page.bitmap, Trace { feed, rows: page.rows }, losses)
}

/// ITU-T T.4 2.1: pixels of a line for A4, B4 and A3 at 8 pixels/mm.
fn columns(paper: Mm) -> usize {
    match paper.0 {
        w if w <= 216.0 => 1728,
        w if w <= 257.0 => 2048,
        _ => 2432,
    }
}
