//! Resampling to another resolution by area: a target pixel is black if enough of it was.

use super::Bitmap;

impl Bitmap {
    /// Resampled to `width` x `height`. A pixel is black where the black share of its area is at
    /// least `threshold` (0..1): under a half keeps thin lines when scaling down.
    #[must_use]
    pub fn resampled(&self, width: usize, height: usize, threshold: f32) -> Self {
        let mut out = Self::new(width, height);
        if self.width == 0 || self.height == 0 || width == 0 || height == 0 {
            return out;
        }
        let columns = spans(self.width, width);
        let rows = spans(self.height, height);
        let mut sums = vec![0.0f32; width];
        for (y, span) in rows.iter().enumerate() {
            sums.fill(0.0);
            for (sy, wy) in span.cells() {
                self.add_row(sy, wy, &columns, &mut sums);
            }
            let limit = threshold * span.total() - 1e-4;
            let row = out.row_mut(y);
            for (x, (sum, c)) in sums.iter().zip(&columns).enumerate() {
                if *sum > 0.0 && *sum >= limit * c.total() {
                    row[x / 64] |= 1 << (63 - x % 64);
                }
            }
        }
        out
    }

    fn add_row(&self, y: usize, weight: f32, columns: &[Span], sums: &mut [f32]) {
        let row = self.row(y);
        if row.iter().all(|w| *w == 0) {
            return;
        }
        for (sum, c) in sums.iter_mut().zip(columns) {
            for (x, w) in c.cells() {
                if row[x / 64] >> (63 - x % 64) & 1 == 1 {
                    *sum += w * weight;
                }
            }
        }
    }
}

/// The source pixels under one target pixel: the first, the last, and how much of each.
struct Span {
    first: usize,
    last: usize,
    head: f32,
    tail: f32,
}

impl Span {
    fn total(&self) -> f32 {
        if self.first == self.last {
            self.head
        } else {
            self.head + self.tail + (self.last - self.first - 1) as f32
        }
    }

    fn cells(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        (self.first..=self.last).map(|i| {
            let w = if i == self.first {
                self.head
            } else if i == self.last {
                self.tail
            } else {
                1.0
            };
            (i, w)
        })
    }
}

fn spans(from: usize, to: usize) -> Vec<Span> {
    let step = from as f32 / to as f32;
    (0..to)
        .map(|i| {
            let (a, b) = (i as f32 * step, ((i + 1) as f32 * step).min(from as f32));
            let first = (a as usize).min(from - 1);
            let last = (b.ceil() as usize).clamp(first + 1, from) - 1;
            if first == last {
                Span { first, last, head: b - a, tail: 0.0 }
            } else {
                Span { first, last, head: (first + 1) as f32 - a, tail: b - last as f32 }
            }
        })
        .collect()
}
