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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::canvas::{Canvas, Ink, Nib};
    use crate::simulate::line::{Profile, send};
    use crate::simulate::{Stream, rng_for};
    use crate::units::Mm;

    /// On rough lines too (skew, slips, upside down) the drawn line is found and paper is not.
    #[test]
    fn what_was_drawn_is_seen_and_what_was_not_is_not() {
        let mut canvas = Canvas::white(Mm(210.0), Mm(297.0), 200.0);
        let path: Vec<Point> = (0..60).map(|i| [150.0 + i as f32 * 0.2, 220.0]).collect();
        let nibs: Vec<Nib> = path.iter().map(|at| Nib { at: *at, radius: 0.3 }).collect();
        canvas.stroke(&nibs, Ink { tone: 10, grain: 0.0 });
        let below: Vec<Point> = path.iter().map(|[x, y]| [*x, y + 3.0]).collect();
        let mut arrived = 0;
        for i in 0..12 {
            let mut rng = rng_for(3, Stream::Line, i);
            let (page, _, notes) = send(&canvas.sheet, Profile::Rough, &mut rng);
            let Some(drawn) = share(&page, &notes.trace, &path) else { continue };
            let paper = share(&page, &notes.trace, &below).unwrap_or(0.0);
            assert!(
                drawn > 0.8 && paper < 0.3,
                "line {i}: {drawn} of the ink, {paper} of the paper"
            );
            arrived += 1;
        }
        assert!(arrived >= 9, "{arrived} of 12");
    }
}
