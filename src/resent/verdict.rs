//! What all that is known of a pair of pages means: one response, two, or a question for a person.
//!
//! Chosen on nine simulated surveys of 35,600 pages (seeds 5101-5103, 5201-5203, 5301, 5302 and 9864) with 2,130
//! sheets sent again that are compared at all: mixed, rough and fine lines, the published margins, and two of 1,000 respondents each who all
//! chose the very same options.

/// How much of either's ink must lie on the other's for the two to be joined without a person (0.8 was chosen
/// before there was a likeness; no strangers that reach it are alike).
pub const SAME: f64 = 0.80;
/// What a factor of e in the chance is worth, beside the likeness.
const WORTH: f64 = 0.015;
/// Likeness and chance at which a person is asked: 24 of 2,130 sheets sent again stay below (20 of them by rough
/// lines), and of 25,000 strangers with the published margins two are asked about.
const ASKED: f64 = 0.48;
/// Cells' worth of what is asked beyond that: the less ink, the better strangers may agree by chance.
const ASKED_OF_LITTLE: f64 = 8.0;
/// And at which two are joined: no strangers came above 0.64, not among those who all chose the same.
const JOINED: f64 = 0.70;
/// However small the chance, the ink must be somewhat alike; strangers rarely are by so much.
const LEAST_ASKED: f64 = 0.25;
/// Nobody who chose the same options had ink so alike and so rare.
const LEAST_JOINED: f64 = 0.45;
/// With fewer cells (three or four ticks) two boxes filled in from edge to edge could do it (estimate).
const LEAST_INK_JOINED: usize = 100;
/// By how much the best must be better than the next best, or a person is not asked: a sheet sent again lies on one
/// page as on no other, while among many who chose the same somebody is always closest. No sheet sent again is
/// lost by it; of 2,000 who all chose the same it spares people 36 of 48.
const AHEAD: f64 = 0.12;
/// Where answers differ (a sheet that was corrected is the same but for some marks) strangers are far more pairs:
/// two of 41,000 whose ink covers each other rise above.
const CORRECTED: f64 = 0.60;
const LEAST_CORRECTED: f64 = 0.42;
const LEAST_INK_CORRECTED: usize = 150;

/// What is known of two pages.
pub struct Pair {
    /// Share of ink that lies on the other's, with a tolerance of a cell.
    pub similarity: f64,
    /// Cell for cell and beyond chance (`likeness`).
    pub likeness: f64,
    /// Cells of the one that has less.
    pub ink: usize,
    /// Questions that are surely answered differently.
    pub apart: usize,
    /// Natural logarithm of the chance that a stranger's page agrees as well (`evidence`).
    pub log_chance: f64,
    /// The sheet that the earlier page shows, by its first sending.
    pub sheet: usize,
}

/// The likeness under which two pages are strangers' whatever else there is.
pub fn worth_asking(apart: usize) -> f64 {
    if apart == 0 { LEAST_ASKED } else { LEAST_CORRECTED }
}

/// Of all pairs of one page with earlier ones the place of the one that is the same sheet, or may be, and whether a
/// person must say so.
pub fn choose(pairs: &[Pair]) -> Option<(usize, bool)> {
    let open = (0..).zip(pairs).filter(|(_, p)| p.is_possible());
    // The earliest of equally good ones.
    let (at, best) = open.reduce(|a, b| if b.1.worth() > a.1.worth() { b } else { a })?;
    let others = pairs.iter().filter(|p| p.apart == 0 && p.sheet != best.sheet);
    let next = others.map(Pair::worth).fold(f64::NEG_INFINITY, f64::max);
    let same = best.is_same();
    (same || best.worth() >= next + AHEAD).then_some((at, !same))
}

impl Pair {
    fn worth(&self) -> f64 {
        self.likeness - WORTH * self.log_chance
    }

    fn is_possible(&self) -> bool {
        self.likeness >= worth_asking(self.apart)
            && if self.apart == 0 {
                self.worth() >= ASKED + ASKED_OF_LITTLE / self.ink.max(1) as f64
            } else {
                self.worth() >= CORRECTED && self.ink >= LEAST_INK_CORRECTED
            }
    }

    fn is_same(&self) -> bool {
        self.apart == 0
            && self.worth() >= JOINED
            && self.likeness >= LEAST_JOINED
            && self.similarity >= SAME
            && self.ink >= LEAST_INK_JOINED
    }
}

#[cfg(test)]
mod tests {
    use super::{Pair, choose};

    fn pair(likeness: f64, log_chance: f64, sheet: usize) -> Pair {
        Pair { similarity: 0.9, likeness, ink: 500, apart: 0, log_chance, sheet }
    }

    #[test]
    fn the_same_is_joined_and_what_is_unsure_is_asked() {
        assert_eq!(choose(&[]), None);
        assert_eq!(choose(&[pair(0.45, 0.0, 1)]), None);
        assert_eq!(choose(&[pair(0.45, -5.0, 1)]), Some((0, true)));
        assert_eq!(choose(&[pair(0.3, 0.0, 1), pair(0.8, -1.0, 2)]), Some((1, false)));
        let corrected = Pair { apart: 1, ..pair(0.9, -90.0, 1) };
        assert_eq!(choose(&[corrected]), Some((0, true)), "never without a person");
        let little = Pair { ink: 60, ..pair(0.9, -9.0, 1) };
        assert_eq!(choose(&[little]), Some((0, true)));
    }

    #[test]
    fn the_closest_of_many_alike_is_nobodys_copy() {
        assert_eq!(choose(&[pair(0.55, 0.0, 1), pair(0.5, 0.0, 2)]), None);
        assert_eq!(choose(&[pair(0.55, 0.0, 1), pair(0.4, 0.0, 2)]), Some((0, true)));
        // A sheet sent three times is like two of them.
        assert_eq!(choose(&[pair(0.5, 0.0, 1), pair(0.55, 0.0, 1)]), Some((1, true)));
    }
}
