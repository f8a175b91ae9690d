//! How alike two pages' ink is, beyond what chance lays on each other.
//!
//! Two dense blocks of writing cover each other well whatever they say, and two boxes filled in agree by
//! anyone's hand. So it is asked cell for cell and by Pearson's coefficient of two yes-or-no variables (phi),
//! neighbourhood by neighbourhood: ink that meets only as often as so much ink must counts nothing. Once for
//! all ink, and once for the strokes alone, without what is solid; the likeness is the mean of both.

use std::borrow::Borrow;

use super::tiles::{Sheet, TILE};

/// Cells of a neighbourhood.
const CELLS: f64 = (TILE * TILE) as f64;
/// Everywhere a page can be laid: registration is good to a cell (0.5 mm), not to half of one.
const MOVES: [(i32, i32); 8] =
    [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];

/// One page, ready to be laid on others.
pub struct Hand<'a> {
    ink: Laid<&'a Sheet>,
    strokes: Laid<Sheet>,
    moved: Vec<(Laid<Sheet>, Laid<Sheet>)>,
}

struct Laid<S> {
    sheet: S,
    spread: f64,
}

impl<S: Borrow<Sheet>> Laid<S> {
    fn new(sheet: S) -> Self {
        let spread = sheet.borrow().tiles().iter().map(|t| f64::from(t.count));
        let spread = spread.map(|n| n * (1.0 - n / CELLS)).sum();
        Self { sheet, spread }
    }

    /// -1 to 1; 0 where either has no ink.
    fn phi<T: Borrow<Sheet>>(&self, other: &Laid<T>) -> f64 {
        let shared = self.sheet.borrow().shared(other.sheet.borrow());
        let beyond_chance =
            |(a, b, both): (u16, u16, u32)| f64::from(both) - f64::from(a) * f64::from(b) / CELLS;
        let spread = (self.spread * other.spread).sqrt();
        if spread > 0.0 { shared.map(beyond_chance).sum::<f64>() / spread } else { 0.0 }
    }
}

impl<'a> Hand<'a> {
    pub fn new(sheet: &'a Sheet) -> Self {
        let strokes = sheet.strokes();
        let moved =
            |(x, y): (i32, i32)| (Laid::new(sheet.moved(x, y)), Laid::new(strokes.moved(x, y)));
        let moved = MOVES.into_iter().map(moved).collect();
        Self { ink: Laid::new(sheet), strokes: Laid::new(strokes), moved }
    }

    /// -1 to 1, at the best of nine places each.
    pub fn likeness(&self, other: &Sheet) -> f64 {
        let ink = Laid::new(other);
        let strokes = Laid::new(other.strokes());
        let (mut all, mut thin) = (self.ink.phi(&ink), self.strokes.phi(&strokes));
        for (moved_ink, moved_strokes) in &self.moved {
            all = all.max(moved_ink.phi(&ink));
            thin = thin.max(moved_strokes.phi(&strokes));
        }
        f64::midpoint(all, thin)
    }
}
