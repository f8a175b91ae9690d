//! Affine maps from matched points, by least squares and by consensus (RANSAC: Fischler and Bolles
//! 1981).

/// A matched point: `from` in the form's pixels, `to` on the page, and how much it is believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub from: (f32, f32),
    pub to: (f32, f32),
    pub weight: f32,
}

/// `x' = a x + b y + c`, `y' = d x + e y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    pub a: f32,
    pub b: f32,
    pub c: f32,
    pub d: f32,
    pub e: f32,
    pub f: f32,
}

/// Scales that a page may still have after cleaning: stretch of 3.5 %, twice (there and back), and
/// 3 % between neighbouring resolutions.
const SCALE: std::ops::RangeInclusive<f32> = 0.90..=1.10;
/// Shear left over when the skew was estimated on little print.
const SHEAR: f32 = 0.03;

impl Affine {
    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        (self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f)
    }

    /// Neither mirrored nor shrunk to nothing: what four corners put by a person can mean.
    pub fn is_sheet(&self) -> bool {
        let area = self.a * self.e - self.b * self.d;
        area.is_finite() && area > 0.1
    }

    fn plausible(&self) -> bool {
        SCALE.contains(&self.a)
            && SCALE.contains(&self.e)
            && self.b.abs() < SHEAR
            && self.d.abs() < SHEAR
    }

    fn fits(&self, m: &Match, tolerance: (f32, f32)) -> bool {
        let (x, y) = self.apply(m.from.0, m.from.1);
        (x - m.to.0).abs() < tolerance.0 && (y - m.to.1).abs() < tolerance.1
    }

    /// Weighted least squares; `None` if the points lie on a line.
    pub fn fit(matches: &[Match]) -> Option<Self> {
        let (mut m, mut vx, mut vy) = ([[0.0f64; 3]; 3], [0.0f64; 3], [0.0f64; 3]);
        for p in matches {
            // Thousands of pixels against 1: scaled so that the normal matrix stays well conditioned.
            let r = [f64::from(p.from.0) / 1000.0, f64::from(p.from.1) / 1000.0, 1.0];
            let w = f64::from(p.weight);
            for i in 0..3 {
                for j in 0..3 {
                    m[i][j] += w * r[i] * r[j];
                }
                vx[i] += w * r[i] * f64::from(p.to.0);
                vy[i] += w * r[i] * f64::from(p.to.1);
            }
        }
        let (x, y) = (solve(&m, vx)?, solve(&m, vy)?);
        let f = |v: f64| v as f32;
        Some(Self {
            a: f(x[0] / 1000.0),
            b: f(x[1] / 1000.0),
            c: f(x[2]),
            d: f(y[0] / 1000.0),
            e: f(y[1] / 1000.0),
            f: f(y[2]),
        })
    }

    /// The plausible map that most weight agrees on, and the matches that do. Deterministic.
    pub fn consensus(matches: &[Match], tolerance: (f32, f32)) -> Option<(Self, Vec<Match>)> {
        let mut dice = Dice(0x2545_F491_4F6C_DD1D);
        let n = matches.len();
        let mut best: Option<(f32, Self)> = None;
        let mut trials = *TRIALS.end();
        let mut done = 0;
        while done < trials {
            done += 1;
            let (i, j, k) = (dice.below(n), dice.below(n), dice.below(n));
            if n < 3 || i == j || j == k || i == k {
                continue;
            }
            let Some(map) = Self::fit(&[matches[i], matches[j], matches[k]]) else { continue };
            if !map.plausible() {
                continue;
            }
            let agree = || matches.iter().filter(|m| map.fits(m, tolerance));
            let score = agree().map(|m| m.weight).sum();
            if best.is_none_or(|(s, _)| score > s) {
                best = Some((score, map));
                trials = enough(agree().count(), n);
            }
        }
        let mut map = best?.1;
        let mut inliers = Vec::new();
        for _ in 0..3 {
            inliers = matches.iter().copied().filter(|m| map.fits(m, tolerance)).collect();
            if let Some(better) = Self::fit(&inliers).filter(Self::plausible) {
                map = better;
            }
        }
        Some((map, inliers))
    }
}

/// Draws: with half the matches wrong, 400 miss three right ones with probability e^-53; where an even form's
/// patches have four likely places each, a quarter is right, and 400 missed them on 1 page of 500.
const TRIALS: std::ops::RangeInclusive<usize> = 400..=4000;
/// Probability with which the draws may miss a consensus as large as the best so far.
const MISSED: f32 = 1e-9;

/// Draws after which three of `right` among `n` matches were drawn together (Fischler and Bolles 1981, 2.2).
fn enough(right: usize, n: usize) -> usize {
    let three = (right as f32 / n.max(1) as f32).powi(3);
    let draws = MISSED.ln() / (-three).ln_1p();
    (draws as usize).clamp(*TRIALS.start(), *TRIALS.end())
}

/// Cramer's rule; `None` if singular.
fn solve(m: &[[f64; 3]; 3], v: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let d = det(m);
    if d.abs() < 1e-9 {
        return None;
    }
    let mut out = [0.0; 3];
    for (k, o) in out.iter_mut().enumerate() {
        let mut n = *m;
        for i in 0..3 {
            n[i][k] = v[i];
        }
        *o = det(&n) / d;
    }
    Some(out)
}

/// Xorshift: the same draws on every machine and in every version.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}
