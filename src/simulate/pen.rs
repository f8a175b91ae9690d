//! One respondent's hand: what they write with, how they mark, how they slant and tremble.

use rand::RngExt;
use serde::Serialize;

use super::canvas::{Ink, Nib, Point};
use super::{SimRng, normal, weighted};

/// How an option was chosen. Every one of them means "this".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkStyle {
    Tick,
    Cross,
    Fill,
    Slash,
    Dot,
    CircleBox,
    CircleBoxLabel,
    CircleLabel,
    Beside,
}

/// Shares of respondents by their main style (the brief's).
const STYLES: [(MarkStyle, f32); 9] = [
    (MarkStyle::Tick, 46.0),
    (MarkStyle::Cross, 8.0),
    (MarkStyle::Fill, 6.0),
    (MarkStyle::Slash, 9.0),
    (MarkStyle::Dot, 3.0),
    (MarkStyle::CircleBox, 10.0),
    (MarkStyle::CircleBoxLabel, 8.0),
    (MarkStyle::CircleLabel, 2.0),
    (MarkStyle::Beside, 2.0),
];

/// What lies on the reception desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Black or blue: a blue line scans grey.
    Ballpoint,
    Gel,
    Felt,
    /// Pale and thin, the scanner's threshold often loses it.
    Pencil,
}

/// Shares: 6 of 100 pencil by the brief; the others by what clinics keep at hand (no source).
const TOOLS: [(Tool, f32); 4] =
    [(Tool::Ballpoint, 54.0), (Tool::Gel, 30.0), (Tool::Felt, 10.0), (Tool::Pencil, 6.0)];

/// How one respondent fills in a form. Drawn once a page.
#[derive(Clone, Debug, Serialize)]
pub struct Hand {
    pub style: MarkStyle,
    pub tool: Tool,
    /// Line width, mm.
    pub width: f32,
    /// Grey value of the line.
    pub tone: u8,
    /// Radians by which marks lean.
    pub slant: f32,
    /// Where marks land beside where they should, mm.
    pub offset: [f32; 2],
    /// Marks' size against the box.
    pub size: f32,
    /// Amplitude of the hand's tremble, mm.
    pub tremor: f32,
    /// Which of the handwriting fonts.
    pub font: usize,
    /// Height of a character, mm.
    pub glyph: f32,
    /// Radians by which characters lean.
    pub glyph_slant: f32,
    /// How much characters differ from each other, 0 to 1.
    pub untidy: f32,
}

impl Hand {
    /// A respondent. `fonts`: how many handwriting fonts there are.
    pub fn draw(fonts: usize, rng: &mut SimRng) -> Self {
        let tool = weighted(rng, &TOOLS);
        let (width, tone) = match tool {
            Tool::Ballpoint => (0.30..0.50, 30..105),
            Tool::Gel => (0.40..0.70, 10..60),
            Tool::Felt => (0.60..0.90, 5..50),
            // Fainter is not seen at the line's usual thresholds of 115 to 170 and would be sent again.
            Tool::Pencil => (0.30..0.50, 115..165),
        };
        Self {
            style: weighted(rng, &STYLES),
            tool,
            width: rng.random_range(width),
            tone: rng.random_range(tone),
            slant: normal(rng, 0.05, 0.12),
            offset: [normal(rng, 0.1, 0.3), normal(rng, -0.1, 0.3)],
            size: normal(rng, 0.05, 0.22).exp(),
            tremor: rng.random_range(0.01..0.09),
            font: rng.random_range(0..fonts.max(1)),
            glyph: rng.random_range(3.6..5.6),
            glyph_slant: normal(rng, 0.03, 0.08),
            untidy: rng.random_range(0.15..1.0),
        }
    }

    pub fn ink(&self) -> Ink {
        let grain = if self.tool == Tool::Pencil { 0.2 } else { 0.0 };
        Ink { tone: self.tone, grain }
    }

    /// The style of one mark: 4 in 100 are not the respondent's own.
    pub fn style_of_mark(&self, rng: &mut SimRng) -> MarkStyle {
        if rng.random_bool(0.04) { weighted(rng, &STYLES) } else { self.style }
    }

    /// Draws a line through the points as this hand would: smooth, trembling, thinning where the pen
    /// lifts. `flick` 0..1: how much of its width the line loses at its end.
    pub fn line(&self, through: &[Point], flick: f32, rng: &mut SimRng) -> Vec<Nib> {
        let path = smooth(through);
        let length: f32 = path.windows(2).map(|p| distance(p[0], p[1])).sum();
        let phase: [f32; 4] = std::array::from_fn(|_| rng.random_range(0.0..std::f32::consts::TAU));
        // Physiological tremor and correction of the stroke: bends of about 1.7 and 4.5 mm.
        let bend = |s: f32, a: f32, b: f32| (s / 0.27 + a).sin() * 0.5 + (s / 0.72 + b).sin();
        let mut s = 0.0;
        let mut last = path.first().copied().unwrap_or_default();
        path.iter()
            .map(|&p| {
                s += distance(last, p);
                last = p;
                let t = if length > 0.0 { s / length } else { 0.0 };
                let at = [
                    p[0] + self.tremor * bend(s, phase[0], phase[1]),
                    p[1] + self.tremor * bend(s, phase[2], phase[3]),
                ];
                let pressure = 1.0 + 0.08 * (s / 1.1 + phase[0]).sin() - flick * t * t;
                Nib { at, radius: self.width / 2.0 * pressure.max(0.25) }
            })
            .collect()
    }
}

fn distance(p: Point, q: Point) -> f32 {
    (q[0] - p[0]).hypot(q[1] - p[1])
}

/// Catmull-Rom through the points, a point about every 0.35 mm: shorter than any bend of the tremble.
fn smooth(through: &[Point]) -> Vec<Point> {
    const STEP: f32 = 0.35;
    let n = through.len();
    if n < 2 {
        return through.to_vec();
    }
    let mut out = vec![through[0]];
    for i in 0..n - 1 {
        let p =
            [through[i.saturating_sub(1)], through[i], through[i + 1], through[(i + 2).min(n - 1)]];
        let steps = (distance(p[1], p[2]) / STEP).ceil().max(1.0) as usize;
        for k in 1..=steps {
            let t = k as f32 / steps as f32;
            out.push(std::array::from_fn(|j| {
                let [a, b, c, d] = [p[0][j], p[1][j], p[2][j], p[3][j]];
                b + 0.5
                    * t
                    * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            }));
        }
    }
    out
}
