//! Ink on an option's label: people tick there, too. Moved print lies there as well.

use super::label_area;
use super::strokes::Stroke;
use super::window::Window;
use crate::register::BoxPlace;

/// The size of a tick on a label, in px: its least width, and its height from more than moved print has to that
/// of two lines.
const TICK: (isize, std::ops::RangeInclusive<isize>) = (6, 10..=80);

/// Ink on a label, in pixels; none where the label's place is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnLabel {
    pub ink: u32,
    /// That of pieces as large as a tick that touch it: bits of moved print are lower, streaks narrower or longer.
    pub drawn: u32,
}

impl OnLabel {
    pub fn of(b: &BoxPlace, window: &Window, moved: &[Stroke], strokes: &[Stroke]) -> Self {
        if b.label.is_none() {
            return Self::default();
        }
        let a = label_area(b);
        let large = |s: &&Stroke| {
            let b = s.bounds;
            b.width() >= TICK.0 && TICK.1.contains(&b.height()) && b.overlaps(a)
        };
        let drawn = moved.iter().chain(strokes).filter(large).map(|s| s.ink).sum();
        Self { ink: window.count(a), drawn }
    }
}
