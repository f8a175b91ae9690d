//! What an affine map leaves over: feeders slip and lines get lost, so the residual is a function of
//! the scan line. A local weighted median, because slips are steps and some matches are wrong.

use super::affine::{Affine, Match};

/// Reach of the median in rows and columns of the form: one line of print; a third of the page.
const REACH: (f32, f32) = (45.0, 500.0);
/// So many rows away a match hardly weighs: less than 0.01.
const FARTHEST: f32 = 2.2 * REACH.0;
/// Residuals beyond this are wrong matches, not slips (trial: longest run of lost lines 17 rows).
const LARGEST: (f32, f32) = (9.0, 26.0);

/// Residuals left over by `map`, in rows of the form.
#[derive(Clone, Debug)]
pub struct Slip {
    points: Vec<Point>,
    spread: f32,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    at: (f32, f32),
    by: (f32, f32),
    weight: f32,
}

impl Slip {
    pub fn new(map: &Affine, matches: &[Match]) -> Self {
        let mut points: Vec<Point> = matches
            .iter()
            .map(|m| {
                let (x, y) = map.apply(m.from.0, m.from.1);
                Point { at: m.from, by: (m.to.0 - x, m.to.1 - y), weight: m.weight }
            })
            .filter(|p| p.by.0.abs() < LARGEST.0 && p.by.1.abs() < LARGEST.1)
            .collect();
        points.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
        let mut out = Self { points, spread: f32::INFINITY };
        out.spread = out.measure();
        out
    }

    /// The residuals around places of the form, one after the other.
    pub fn around(&self, places: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
        let (mut by_x, mut by_y) = (Vec::new(), Vec::new());
        let at = |(x, y): (f32, f32)| {
            by_x.clear();
            by_y.clear();
            // Sorted by their rows, so those near are side by side.
            let from = self.points.partition_point(|p| p.at.1 - y <= -FARTHEST);
            for p in self.points[from..].iter().take_while(|p| p.at.1 - y < FARTHEST) {
                let (ex, ey) = ((p.at.0 - x) / REACH.1, (p.at.1 - y) / REACH.0);
                let weight = p.weight * (-ex * ex - ey * ey).exp();
                if weight > 0.01 {
                    by_x.push((p.by.0, weight));
                    by_y.push((p.by.1, weight));
                }
            }
            (median(&mut by_x), median(&mut by_y))
        };
        places.map(at).collect()
    }

    /// Median distance of the matches from the corrected map, in pixels; infinite without matches.
    pub fn spread(&self) -> f32 {
        self.spread
    }

    fn measure(&self) -> f32 {
        let found = self.around(self.points.iter().map(|p| p.at));
        let left = found.iter().zip(&self.points);
        let mut left: Vec<f32> = left.map(|((x, y), p)| (p.by.0 - x).hypot(p.by.1 - y)).collect();
        left.sort_by(f32::total_cmp);
        left.get(left.len() / 2).copied().unwrap_or(f32::INFINITY)
    }
}

/// Weighted median of (value, weight); 0 of nothing.
pub fn median(values: &mut [(f32, f32)]) -> f32 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|v| v.1).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    for (v, w) in values.iter() {
        sum += w;
        if sum >= half {
            return *v;
        }
    }
    0.0
}
