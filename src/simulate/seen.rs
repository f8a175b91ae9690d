//! How much of each mark the received page shows. A pencil line can fall wholly below a scanner's
//! threshold; what nobody could see cannot be the truth of a page, so such a sheet is sent again.

use super::canvas::Point;
use super::line::Trace;
use crate::raster::Bitmap;

/// Share of the points of the path (mm on the paper) that are black on the page, within one pixel;
/// `None` if no point of it arrived (lost rows, a dropped line: damage that the page itself shows).
pub fn share(page: &Bitmap, trace: &Trace, path: &[Point]) -> Option<f32> {
    let way = Way::of(page, trace)?;
    let mut arrived = 0u32;
    let mut black = 0u32;
    // 24 points describe any mark.
    for &point in path.iter().step_by(path.len().div_ceil(24).max(1)) {
        let Some((col, row)) = way.find(trace, point) else { continue };
        arrived += 1;
        let near = |d: i64, e: i64| {
            let at = (usize::try_from(col + d), usize::try_from(row + e));
            matches!(at, (Ok(x), Ok(y)) if page.get(x, y))
        };
        black += u32::from((-1..=1).any(|e| (-1..=1).any(|d| near(d, e))));
    }
    (arrived > 0).then(|| black as f32 / arrived as f32)
}

/// The page's way back to the paper as one affine, from three pixels; slips are found by correction.
struct Way {
    origin: (i64, i64),
    at: [f64; 2],
    /// Pixels a mm: the inverse of the mm a pixel.
    inverse: [f64; 4],
}

/// Pixels between the points of the estimate.
const SPAN: i64 = 200;

impl Way {
    fn of(page: &Bitmap, trace: &Trace) -> Option<Self> {
        let origin = (page.width() as i64 / 2 - SPAN / 2, page.height() as i64 / 3);
        // Rows of a banner or of garbage show no paper: look a little further down.
        (0..SPAN).find_map(|shift| {
            let origin = (origin.0, origin.1 + shift);
            let p = back(trace, origin)?;
            let q = back(trace, (origin.0 + SPAN, origin.1))?;
            let r = back(trace, (origin.0, origin.1 + SPAN))?;
            let span = SPAN as f64;
            let [a, d] = [(q[0] - p[0]) / span, (q[1] - p[1]) / span];
            let [b, e] = [(r[0] - p[0]) / span, (r[1] - p[1]) / span];
            let det = a * e - b * d;
            let inverse = [e / det, -b / det, -d / det, a / det];
            (det.abs() > f64::EPSILON).then_some(Self { origin, at: p, inverse })
        })
    }

    /// The pixel that shows the point.
    fn find(&self, trace: &Trace, point: Point) -> Option<(i64, i64)> {
        let (mut at, mut shown) = (self.origin, self.at);
        let [a, b, c, d] = self.inverse;
        // Two corrections take out slips and stretch; a third changes no pixel.
        for _ in 0..3 {
            let miss = [f64::from(point[0]) - shown[0], f64::from(point[1]) - shown[1]];
            at.0 += (a * miss[0] + b * miss[1]).round() as i64;
            at.1 += (c * miss[0] + d * miss[1]).round() as i64;
            shown = back(trace, at)?;
        }
        Some(at)
    }
}

fn back(trace: &Trace, (col, row): (i64, i64)) -> Option<[f64; 2]> {
    let (x, y) = trace.paper_at(usize::try_from(col).ok()?, usize::try_from(row).ok()?)?;
    Some([f64::from(x.0), f64::from(y.0)])
}
