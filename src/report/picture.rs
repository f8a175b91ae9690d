//! A drawing before it is a file: a few kinds of shapes in one ink, which `svg` and `png` draw alike.
//! Lengths are pixels at the picture's own size.

/// A chart as shapes, drawn in order on white.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub width: f32,
    pub height: f32,
    /// For those who do not see it.
    pub title: String,
    pub description: String,
    pub shapes: Vec<Shape>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// With an outline.
    Bar {
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        fill: Fill,
    },
    /// Without one, to keep what lies below out of a text.
    White {
        x: f32,
        y: f32,
        w: f32,
        h: f32,
    },
    Line {
        x: f32,
        y: f32,
        to_x: f32,
        to_y: f32,
    },
    /// A slice of a pie: turns from the top, clockwise, 0 to 1.
    Slice {
        x: f32,
        y: f32,
        r: f32,
        from: f32,
        to: f32,
        fill: Fill,
    },
    /// `x`, `y`: the baseline's left end, middle or right end.
    Text {
        x: f32,
        y: f32,
        size: f32,
        anchor: Anchor,
        text: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Fills that stay apart in black and white, by fax and photocopy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    Ink,
    White,
    /// Stripes that rise to the right.
    Rising,
    /// Stripes that fall to the right.
    Falling,
    Dots,
    Level,
    Upright,
    Grid,
}

/// Fills in the order in which slices take them: neighbours differ most.
pub const FILLS: [Fill; 8] = [
    Fill::Ink,
    Fill::Rising,
    Fill::White,
    Fill::Dots,
    Fill::Falling,
    Fill::Level,
    Fill::Grid,
    Fill::Upright,
];

/// Distance of stripes in pixels: 960 pixels are a page's 170 mm, so 1.8 mm, 7 lines of a standard fax.
pub const STRIPES: f32 = 10.0;
/// Width of a stripe, an outline and a dot's radius.
pub const STRIPE: f32 = 3.0;
pub const OUTLINE: f32 = 1.5;
pub const DOT: f32 = 2.2;

/// Red, green and blue of the ink: dark enough to come out black by fax.
pub const INK: [u8; 3] = [0x12, 0x26, 0x3f];

/// Points of a slice's edge, the centre first: an arc is one chord a degree.
pub fn slice_points(x: f32, y: f32, r: f32, from: f32, to: f32) -> Vec<(f32, f32)> {
    let at = |turn: f32| {
        let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
        (x + r * sin, y - r * cos)
    };
    let chords = ((to - from) * 360.0).ceil().max(1.0) as usize;
    let step = (to - from) / chords as f32;
    let arc = (0..=chords).map(|i| at(from + step * i as f32));
    // A whole pie has no centre to go to.
    if to - from >= 1.0 { arc.collect() } else { std::iter::once((x, y)).chain(arc).collect() }
}

/// Text as it can be drawn: no control characters, no marks that turn the reading order round.
pub fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !turns(*c) && *c != '\u{feff}')
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
