//! What one page's scanner and line are like: the ranges of each profile, and one draw from them.
//!
//! The outer limits (skew 5 degrees, stretch 0.965 to 1.035) are those the reader must stand; the
//! profiles' own ranges are assumptions, tuned by eye against pages from real machines.

use super::Profile;
use super::banner::{BannerCondition, BannerKind};
use super::carry::{CarryCondition, LossKind};
use super::feed::{FeedCondition, Slip};
use crate::units::Resolution;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::ops::RangeInclusive;

/// Everything about one page's way.
pub struct Condition {
    pub feed: FeedCondition,
    pub sensor: SensorCondition,
    pub carry: CarryCondition,
    pub banner: BannerCondition,
    pub standard: bool,
}

/// What the sensor makes of it.
pub struct SensorCondition {
    /// Black below this grey level.
    pub threshold: u8,
    /// Share of a pixel's light that comes from each neighbour.
    pub blur: f32,
    /// Standard deviation, grey levels.
    pub noise: f32,
    /// Grey levels by which the line's ends are darker than its middle.
    pub shading: f32,
    pub streaks: Vec<Streak>,
    /// What lies beside the paper is black, not white.
    pub black_edges: bool,
    /// Standard resolution by leaving out every second row; otherwise two rows are averaged.
    pub skip_rows: bool,
}

/// Dirt on the glass (dark) or a dead or cleaned spot (light): a line along the feed.
pub struct Streak {
    /// Share of the line.
    pub at: f32,
    pub pixels: usize,
    /// Shares of the page.
    pub from: f32,
    pub to: f32,
    /// Grey levels added.
    pub light: i16,
}

/// Share of calls with error correction (T.30 ECM), which lose nothing: an assumption, on the low
/// side of what today's machines do.
const CORRECTED: f64 = 0.5;

type Range = RangeInclusive<f32>;

struct Ranges {
    skew: f32,
    stretch: f32,
    offset: f32,
    slips: u32,
    slip_x: f32,
    slip_y: f32,
    wander: f32,
    blur: Range,
    threshold: RangeInclusive<u8>,
    noise: Range,
    shading: f32,
    streak: f64,
    black_edges: f64,
    standard: f64,
    specks: u32,
    hits: u32,
    hit_rows: u32,
    repeats: u32,
    cut: f64,
    upside_down: f64,
    banner_above: f64,
    banner_over: f64,
}

const CLEAN: Ranges = Ranges {
    skew: 0.3,
    stretch: 0.003,
    offset: 0.5,
    slips: 0,
    slip_x: 0.0,
    slip_y: 0.0,
    wander: 0.0,
    blur: 0.05..=0.12,
    threshold: 125..=155,
    noise: 0.0..=0.0,
    shading: 0.0,
    streak: 0.0,
    black_edges: 0.0,
    standard: 0.0,
    specks: 0,
    hits: 0,
    hit_rows: 0,
    repeats: 0,
    cut: 0.0,
    upside_down: 0.0,
    banner_above: 0.6,
    banner_over: 0.1,
};

const FINE: Ranges = Ranges {
    skew: 1.5,
    stretch: 0.012,
    offset: 1.5,
    slips: 1,
    slip_x: 0.12,
    slip_y: 0.25,
    wander: 0.1,
    blur: 0.08..=0.18,
    threshold: 115..=170,
    noise: 1.0..=6.0,
    shading: 8.0,
    streak: 0.04,
    black_edges: 0.05,
    specks: 12,
    upside_down: 0.02,
    banner_above: 0.7,
    banner_over: 0.15,
    ..CLEAN
};

const STANDARD: Ranges = Ranges {
    skew: 2.5,
    stretch: 0.02,
    offset: 2.0,
    slips: 1,
    slip_x: 0.25,
    slip_y: 0.5,
    wander: 0.15,
    blur: 0.1..=0.2,
    threshold: 110..=175,
    noise: 2.0..=8.0,
    shading: 12.0,
    streak: 0.1,
    black_edges: 0.1,
    standard: 1.0,
    specks: 40,
    hits: 2,
    hit_rows: 3,
    repeats: 2,
    ..FINE
};

const ROUGH: Ranges = Ranges {
    skew: 5.0,
    stretch: 0.035,
    offset: 3.0,
    slips: 3,
    slip_x: 0.6,
    slip_y: 1.5,
    wander: 0.3,
    blur: 0.1..=0.26,
    threshold: 90..=195,
    noise: 4.0..=14.0,
    shading: 20.0,
    streak: 0.35,
    black_edges: 0.3,
    standard: 0.5,
    specks: 200,
    // faxloop with hit=0.4 lost 37 to 98 fine rows in 5 to 10 bursts; standard rows half as many.
    hits: 8,
    hit_rows: 14,
    repeats: 6,
    cut: 0.003,
    banner_above: 0.6,
    banner_over: 0.3,
    ..STANDARD
};

impl Condition {
    pub fn draw(profile: Profile, rng: &mut Pcg64Mcg) -> Self {
        let ranges = match profile {
            Profile::Clean => CLEAN,
            Profile::Fine => FINE,
            Profile::Standard => STANDARD,
            Profile::Rough | Profile::Mixed => ROUGH,
        };
        Self {
            feed: FeedCondition::draw(&ranges, rng),
            sensor: SensorCondition::draw(&ranges, rng),
            carry: draw_carry(&ranges, rng),
            banner: draw_banner(&ranges, rng),
            standard: rng.random_bool(ranges.standard),
        }
    }

    /// A good machine's, for the blank form's own way: everything mild, no banner, upright.
    pub fn mild(rng: &mut Pcg64Mcg) -> Self {
        let ranges = Ranges {
            skew: 0.6,
            stretch: 0.008,
            slips: 0,
            wander: 0.0,
            streak: 0.0,
            black_edges: 0.0,
            upside_down: 0.0,
            banner_above: 0.0,
            banner_over: 0.0,
            ..FINE
        };
        Self {
            feed: FeedCondition::draw(&ranges, rng),
            sensor: SensorCondition::draw(&ranges, rng),
            carry: draw_carry(&ranges, rng),
            banner: draw_banner(&ranges, rng),
            standard: false,
        }
    }

    pub fn resolution(&self) -> Resolution {
        if self.standard { Resolution::STANDARD } else { Resolution::FINE }
    }
}

impl FeedCondition {
    fn draw(r: &Ranges, rng: &mut Pcg64Mcg) -> Self {
        Self {
            skew_deg: leaning(r.skew, rng),
            stretch_x: 1.0 + leaning(r.stretch, rng),
            stretch_y: 1.0 + leaning(r.stretch, rng),
            offset_x: leaning(r.offset, rng),
            offset_y: leaning(r.offset, rng),
            slips: draw_slips(r, rng),
            wander: rng.random_range(0.0..=r.wander),
            // A roller's turn or several.
            wander_length: rng.random_range(30.0..=120.0),
            upside_down: rng.random_bool(r.upside_down),
        }
    }
}

/// Mostly small, never beyond `limit`: the mean of two even draws.
fn leaning(limit: f32, rng: &mut Pcg64Mcg) -> f32 {
    f32::midpoint(rng.random_range(-limit..=limit), rng.random_range(-limit..=limit))
}

fn draw_slips(r: &Ranges, rng: &mut Pcg64Mcg) -> Vec<Slip> {
    let count = rng.random_range(0..=r.slips);
    let mut slips: Vec<Slip> = (0..count)
        .map(|_| Slip {
            // Anywhere on an A4 page but its very edges.
            at: rng.random_range(15.0..=285.0),
            dx: leaning(r.slip_x, rng),
            dy: leaning(r.slip_y, rng),
        })
        .collect();
    slips.sort_by(|a, b| a.at.total_cmp(&b.at));
    slips
}

impl SensorCondition {
    fn draw(r: &Ranges, rng: &mut Pcg64Mcg) -> Self {
        // Dirt seldom comes alone.
        let streaks = if rng.random_bool(r.streak) { rng.random_range(1..=4) } else { 0 };
        Self {
            threshold: rng.random_range(r.threshold.clone()),
            blur: rng.random_range(r.blur.clone()),
            noise: rng.random_range(r.noise.clone()),
            shading: rng.random_range(0.0..=r.shading),
            streaks: (0..streaks).map(|_| Streak::draw(rng)).collect(),
            black_edges: rng.random_bool(r.black_edges),
            skip_rows: rng.random_bool(0.5),
        }
    }
}

impl Streak {
    fn draw(rng: &mut Pcg64Mcg) -> Self {
        let dark = rng.random_bool(0.75);
        // Half of them last for the whole page, the others begin or end on it.
        let whole = rng.random_bool(0.5);
        let (from, to) = if whole { (0.0, 1.0) } else { span(rng) };
        let strength = rng.random_range(60..=230);
        Self {
            at: rng.random_range(0.02..=0.98),
            pixels: rng.random_range(1..=3),
            from,
            to,
            light: if dark { -strength } else { strength },
        }
    }
}

fn span(rng: &mut Pcg64Mcg) -> (f32, f32) {
    let (a, b) = (rng.random_range(0.0..=1.0f32), rng.random_range(0.0..=1.0f32));
    (a.min(b), a.max(b))
}

fn draw_carry(r: &Ranges, rng: &mut Pcg64Mcg) -> CarryCondition {
    CarryCondition {
        specks: rng.random_range(0..=r.specks),
        hits: if rng.random_bool(CORRECTED) { 0 } else { rng.random_range(0..=r.hits) },
        hit_rows: r.hit_rows,
        loss: LossKind::draw(rng),
        repeats: rng.random_range(0..=r.repeats),
        cut: rng.random_bool(r.cut).then(|| rng.random_range(0.25..=0.9)),
    }
}

fn draw_banner(r: &Ranges, rng: &mut Pcg64Mcg) -> BannerCondition {
    let kind = match rng.random_range(0.0..1.0) {
        p if p < r.banner_above => BannerKind::Above,
        p if p < r.banner_above + r.banner_over => BannerKind::Over,
        _ => BannerKind::None,
    };
    BannerCondition::draw(kind, rng)
}
