//! What stands in a field: numbers mostly, and whatever else people write there.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// One thing after the other; `Other` is any character that is no digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign {
    Digit(char),
    Other,
}

/// What is drawn over it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Over {
    Nothing,
    /// One or two lines, or a cross, through all of it or its first characters.
    Struck,
    /// Round and round.
    Scribbled,
    Circled,
}

pub fn text(rng: &mut Pcg64Mcg) -> (Vec<Sign>, Over) {
    let length = match rng.random_range(0..100) {
        0..35 => 1,
        35..70 => 2,
        70..90 => 3,
        _ => 4,
    };
    let digit = |rng: &mut Pcg64Mcg| Sign::Digit(char::from(b'0' + rng.random_range(0..10u8)));
    let mut out: Vec<Sign> = (0..length).map(|_| digit(rng)).collect();
    match rng.random_range(0..100) {
        0..62 => (out, Over::Nothing),
        62..82 => {
            for _ in 0..rng.random_range(1..3) {
                out.insert(rng.random_range(0..=out.len()), Sign::Other);
            }
            (out, Over::Nothing)
        }
        82..88 => (vec![Sign::Other; length], Over::Nothing),
        88..94 => (out, Over::Struck),
        94..97 => (out, Over::Scribbled),
        _ => (out, Over::Circled),
    }
}
