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
        let under = Shares::of(&columns, self.width);
        let rows = spans(self.height, height);
        let mut sums = vec![0.0f32; width];
        // Words of the target that got ink: most of a page is white.
        let mut inked = vec![false; out.stride];
        for (y, span) in rows.iter().enumerate() {
            for (sy, wy) in span.cells() {
                under.add_row(self.row(sy), wy, &mut sums, &mut inked);
            }
            let limit = threshold * span.total() - 1e-4;
            let cells = sums.chunks_mut(64).zip(columns.chunks(64));
            for (((sums, columns), inked), word) in cells.zip(&mut inked).zip(out.row_mut(y)) {
                if !std::mem::take(inked) {
                    continue;
                }
                for (x, (sum, c)) in sums.iter_mut().zip(columns).enumerate() {
                    let black = *sum > 0.0 && *sum >= limit * c.total();
                    *word |= u64::from(black) << (63 - x);
                    *sum = 0.0;
                }
            }
        }
        out
    }
}

/// For every source column the target columns above it, and how much of it each holds.
struct Shares {
    /// Where each source column's part of `shares` begins; one more at the end.
    starts: Vec<u32>,
    shares: Vec<(u32, f32)>,
}

impl Shares {
    fn of(columns: &[Span], from: usize) -> Self {
        let mut starts = vec![0u32; from + 1];
        for (x, _) in columns.iter().flat_map(Span::cells) {
            starts[x + 1] += 1;
        }
        for x in 0..from {
            starts[x + 1] += starts[x];
        }
        let mut next = starts.clone();
        let mut shares = vec![(0, 0.0); starts[from] as usize];
        for (target, column) in columns.iter().enumerate() {
            for (x, w) in column.cells() {
                shares[next[x] as usize] = (target as u32, w);
                next[x] += 1;
            }
        }
        Self { starts, shares }
    }

    /// Adds what is black in a source row of this weight.
    fn add_row(&self, row: &[u64], weight: f32, sums: &mut [f32], inked: &mut [bool]) {
        for (i, word) in row.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.leading_zeros() as usize;
                left &= !(1 << (63 - bit));
                let x = i * 64 + bit;
                for (target, w) in
                    &self.shares[self.starts[x] as usize..self.starts[x + 1] as usize]
                {
                    sums[*target as usize] += w * weight;
                    inked[*target as usize / 64] = true;
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
