//! Inked cells by neighbourhood: a square of 14 x 14 cells is four words, so that two pages are laid upon
//! each other a word at a time.

use multiversion::multiversion;

use super::ink::{GRID_COLUMNS, GRID_ROWS};

/// Cells across a neighbourhood: 7 mm hold a box of 4 mm and what overshoots it.
pub const TILE: u32 = 14;
/// The grid has one cell of margin on every side, which spares the edge tests.
const TILES_ACROSS: u32 = (GRID_COLUMNS + 2).div_ceil(TILE);
/// Neighbourhoods on the grid with its margins.
pub const TILES: usize = (TILES_ACROSS * (GRID_ROWS + 2).div_ceil(TILE)) as usize;
/// Bits of a row: two are left free, so that rows can be shifted without touching each other.
const LANE: u32 = 16;
/// The 14 bits in use of each of four rows.
const USED: u64 = 0x3fff_3fff_3fff_3fff;
/// The first column of each of four rows, and the last.
const FIRST: u64 = 0x0001_0001_0001_0001;
const LAST: u64 = FIRST << (TILE - 1);

/// 14 rows of 14 cells; row `r` has 16 bits of word `r / 4`.
type Bits = [u64; 4];

/// The ink of one neighbourhood.
#[derive(Clone, Copy, Debug)]
pub struct Tile {
    /// Which one, row by row.
    pub at: u16,
    /// Inked cells.
    pub count: u16,
    bits: Bits,
}

/// What the comparison needs of one page: its neighbourhoods with ink, in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    tiles: Vec<Tile>,
    size: u32,
}

/// One cell: its neighbourhood, and its bit there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    tile: u16,
    bit: u8,
}

impl Spot {
    pub fn new(cell: u32) -> Self {
        Self::at(cell % GRID_COLUMNS + 1, cell / GRID_COLUMNS + 1)
    }

    /// With the margin.
    fn at(x: u32, y: u32) -> Self {
        Self {
            tile: (y / TILE * TILES_ACROSS + x / TILE) as u16,
            bit: (y % TILE * LANE + x % TILE) as u8,
        }
    }
}

impl Sheet {
    /// From ascending cells.
    pub fn new(cells: &[u32]) -> Self {
        Self::of_spots(cells.len(), cells.iter().map(|cell| Spot::new(*cell)))
    }

    fn of_spots(size: usize, spots: impl Iterator<Item = Spot>) -> Self {
        let mut places = vec![u16::MAX; TILES];
        let mut tiles: Vec<Tile> = Vec::with_capacity(size / 8);
        for spot in spots {
            let place = &mut places[usize::from(spot.tile)];
            if *place == u16::MAX {
                *place = tiles.len() as u16;
                tiles.push(Tile { at: spot.tile, count: 0, bits: [0; 4] });
            }
            let tile = &mut tiles[usize::from(*place)];
            tile.bits[usize::from(spot.bit / 64)] |= 1 << (spot.bit % 64);
            tile.count += 1;
        }
        tiles.sort_unstable_by_key(|t| t.at);
        tiles.shrink_to_fit();
        Self { tiles, size: size as u32 }
    }

    /// Inked cells.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// The neighbourhood, if it has ink.
    pub fn tile(&self, at: u16) -> Option<&Tile> {
        self.tiles.binary_search_by_key(&at, |t| t.at).ok().map(|i| &self.tiles[i])
    }

    /// Neighbourhoods where both have ink: cells of this one, of the other, and of both, cell for cell.
    pub fn shared(&self, other: &Self) -> impl Iterator<Item = (u16, u16, u32)> {
        let mut rest = other.tiles.as_slice();
        self.tiles.iter().filter_map(move |a| {
            let before = rest.iter().take_while(|b| b.at < a.at).count();
            rest = &rest[before..];
            let b = rest.first().filter(|b| b.at == a.at)?;
            Some((a.count, b.count, both(&a.bits, &b.bits)))
        })
    }

    /// The same ink, by at most one cell to the right and downwards (or the other way).
    pub fn moved(&self, right: i32, down: i32) -> Self {
        let spots = self.tiles.iter().flat_map(|t| {
            let left_top =
                (u32::from(t.at) % TILES_ACROSS * TILE, u32::from(t.at) / TILES_ACROSS * TILE);
            set_bits(&t.bits).map(move |bit| (left_top.0 + bit % LANE, left_top.1 + bit / LANE))
        });
        let to = |(x, y): (u32, u32)| {
            Some(Spot::at(x.checked_add_signed(right)?, y.checked_add_signed(down)?))
        };
        Self::of_spots(self.size(), spots.filter_map(to))
    }

    /// Without what is solid: cells whose four neighbours are inked too, and all around them.
    pub fn strokes(&self) -> Self {
        let mut solid = Mask::default();
        solid.draw(&self.inner());
        let thin = self.tiles.iter().map(|t| {
            let away = &solid.bits[usize::from(t.at)];
            Tile::new(t.at, std::array::from_fn(|i| t.bits[i] & !away[i]))
        });
        Self::of(thin)
    }

    /// Cells whose four neighbours are inked too.
    fn inner(&self) -> Self {
        let of = |at: Option<u16>| at.and_then(|at| self.tile(at)).map_or([0; 4], |t| t.bits);
        let across = TILES_ACROSS as u16;
        let inner = self.tiles.iter().map(|t| {
            let (left, right) = (of(t.at.checked_sub(1)), of(t.at.checked_add(1)));
            let (above, below) = (of(t.at.checked_sub(across)), of(t.at.checked_add(across)));
            let (up, down) = (row_after(&t.bits, &above), row_before(&t.bits, &below));
            let inner = std::array::from_fn(|i| {
                let own = t.bits[i];
                let west = own << 1 & USED | (left[i] & LAST) >> (TILE - 1);
                let east = own >> 1 & USED | (right[i] & FIRST) << (TILE - 1);
                own & west & east & up[i] & down[i]
            });
            Tile::new(t.at, inner)
        });
        Self::of(inner)
    }

    fn of(tiles: impl Iterator<Item = Tile>) -> Self {
        let tiles: Vec<Tile> = tiles.filter(|t| t.count > 0).collect();
        let size = tiles.iter().map(|t| u32::from(t.count)).sum();
        Self { tiles, size }
    }
}

impl Tile {
    fn new(at: u16, bits: Bits) -> Self {
        Self { at, count: bits.iter().map(|w| w.count_ones() as u16).sum(), bits }
    }
}

/// Every row in the place of the one below it, the last one of `above` in the first.
fn row_after(bits: &Bits, above: &Bits) -> Bits {
    let last = above[3] >> LANE & 0xffff;
    let carried = |i: usize| if i == 0 { last } else { bits[i - 1] >> (3 * LANE) };
    let mut out: Bits = std::array::from_fn(|i| bits[i] << LANE | carried(i));
    // Two rows of the last word are in use.
    out[3] &= u64::from(u32::MAX);
    out
}

/// Every row in the place of the one above it, the first one of `below` in the last.
fn row_before(bits: &Bits, below: &Bits) -> Bits {
    let carried = |i: usize| if i == 3 { 0 } else { bits[i + 1] << (3 * LANE) };
    let mut out: Bits = std::array::from_fn(|i| bits[i] >> LANE | carried(i));
    out[3] |= (below[0] & 0xffff) << LANE;
    out
}

fn both(a: &Bits, b: &Bits) -> u32 {
    (0..4).map(|i| (a[i] & b[i]).count_ones()).sum()
}

/// Places of the set bits, row by row.
fn set_bits(bits: &Bits) -> impl Iterator<Item = u32> {
    (0u32..).zip(*bits).flat_map(|(word, mut left)| {
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some(word * u64::BITS + bit)
        })
    })
}

/// A page's ink grown by one cell to every side: a transmission moves a stroke by up to 0.25 mm.
pub struct Mask {
    bits: Vec<Bits>,
}

impl Default for Mask {
    fn default() -> Self {
        Self { bits: vec![[0; 4]; TILES] }
    }
}

impl Mask {
    /// Adds the sheet's cells and all their neighbours.
    pub fn draw(&mut self, sheet: &Sheet) {
        for tile in &sheet.tiles {
            let at = usize::from(tile.at);
            let own = tile.bits;
            let left = own.map(|w| (w & FIRST) << (TILE - 1));
            let right = own.map(|w| (w & LAST) >> (TILE - 1));
            self.tall(at, &own.map(|w| w | w << 1 & USED | w >> 1 & USED));
            // Hardly any ink lies on a border.
            if left != [0; 4] {
                self.tall(at.wrapping_sub(1), &left);
            }
            if right != [0; 4] {
                self.tall(at + 1, &right);
            }
        }
    }

    /// Adds the rows and those above and below.
    fn tall(&mut self, at: usize, rows: &Bits) {
        let none = [0; 4];
        let (down, up) = (row_after(rows, &none), row_before(rows, &none));
        let Some(own) = self.bits.get_mut(at) else { return };
        *own = std::array::from_fn(|i| own[i] | rows[i] | down[i] | up[i]);
        let (first, last) = (rows[0] & 0xffff, rows[3] >> LANE & 0xffff);
        let across = TILES_ACROSS as usize;
        if first != 0
            && let Some(above) = self.bits.get_mut(at.wrapping_sub(across))
        {
            above[3] |= first << LANE;
        }
        if last != 0
            && let Some(below) = self.bits.get_mut(at + across)
        {
            below[0] |= last;
        }
    }

    /// Takes away what `draw` of the same sheet has set.
    pub fn wipe(&mut self, sheet: &Sheet) {
        let across = TILES_ACROSS as usize;
        for tile in &sheet.tiles {
            let at = usize::from(tile.at);
            for row in [at.wrapping_sub(across), at, at + across] {
                for place in [row.wrapping_sub(1), row, row.wrapping_add(1)] {
                    if let Some(bits) = self.bits.get_mut(place) {
                        *bits = [0; 4];
                    }
                }
            }
        }
    }

    pub fn is_set(&self, spot: Spot) -> bool {
        self.bits[usize::from(spot.tile)][usize::from(spot.bit / 64)] >> (spot.bit % 64) & 1 == 1
    }

    /// Cells set in a neighbourhood.
    pub fn count(&self, at: u16) -> u32 {
        self.bits[usize::from(at)].iter().map(|w| w.count_ones()).sum()
    }

    /// How many of the sheet's cells lie on the mask.
    pub fn hits(&self, sheet: &Sheet) -> usize {
        hits(&self.bits, &sheet.tiles)
    }

    /// For each of the sheet's neighbourhoods with at least `least` cells that has a place in `slots`
    /// (neighbourhood -> place): that place, and the share of its ink that lies on the mask.
    pub fn shares(&self, sheet: &Sheet, least: u16, slots: &[u16], out: &mut Vec<(u16, f32)>) {
        out.clear();
        shares(&self.bits, &sheet.tiles, least, slots, out);
    }
}

/// Stands for "no such place".
pub const NOWHERE: u16 = u16::MAX;

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn shares(mask: &[Bits], tiles: &[Tile], least: u16, slots: &[u16], out: &mut Vec<(u16, f32)>) {
    for tile in tiles.iter().filter(|t| t.count >= least) {
        let slot = slots[usize::from(tile.at)];
        if slot != NOWHERE {
            let pairs = mask[usize::from(tile.at)].iter().zip(&tile.bits);
            let hits: u32 = pairs.map(|(a, b)| (a & b).count_ones()).sum();
            out.push((slot, hits as f32 / f32::from(tile.count)));
        }
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn hits(mask: &[Bits], tiles: &[Tile]) -> usize {
    let mut out = 0;
    for tile in tiles {
        let pairs = mask[usize::from(tile.at)].iter().zip(&tile.bits);
        out += pairs.map(|(a, b)| (a & b).count_ones() as usize).sum::<usize>();
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Mask, Sheet, Spot};
    use crate::resent::{GRID_COLUMNS, GRID_ROWS};

    fn around(cell: u32) -> impl Iterator<Item = u32> {
        let (x, y) = (i64::from(cell % GRID_COLUMNS), i64::from(cell / GRID_COLUMNS));
        let on = |(x, y): &(i64, i64)| {
            (0..i64::from(GRID_COLUMNS)).contains(x) && (0..i64::from(GRID_ROWS)).contains(y)
        };
        let all = (-1..=1).flat_map(move |dy| (-1..=1).map(move |dx| (x + dx, y + dy)));
        all.filter(on).map(|(x, y)| (y * i64::from(GRID_COLUMNS) + x) as u32)
    }

    /// Blots of ink, so that neighbours are common, also across the borders of neighbourhoods.
    fn blots() -> impl Strategy<Value = BTreeSet<u32>> {
        let seeds = proptest::collection::vec(0..GRID_COLUMNS * GRID_ROWS, 0..40);
        seeds.prop_map(|all| all.into_iter().flat_map(around).collect())
    }

    proptest! {
        #[test]
        fn tiles_say_what_cells_say(a in blots(), b in blots(), shift in 0u32..3) {
            // The other page: some ink of its own, and the first one's moved.
            let b: BTreeSet<u32> =
                b.into_iter().chain(a.iter().filter_map(|c| c.checked_sub(shift))).collect();
            let list = |s: &BTreeSet<u32>| s.iter().copied().collect::<Vec<_>>();
            let (one, other) = (Sheet::new(&list(&a)), Sheet::new(&list(&b)));
            prop_assert_eq!((one.size(), other.size()), (a.len(), b.len()));
            let common = |one: &Sheet| one.shared(&other).map(|t| t.2 as usize).sum::<usize>();
            prop_assert_eq!(common(&one), a.intersection(&b).count());
            // One column to the left and back is the same sheet.
            let back = one.moved(-1, 1).moved(1, -1);
            prop_assert_eq!((back.size(), common(&back)), (one.size(), common(&one)));
            let beside = |c: &u32| (!c.is_multiple_of(GRID_COLUMNS)).then(|| c - 1);
            let left: BTreeSet<u32> = a.iter().filter_map(beside).collect();
            prop_assert_eq!(common(&one.moved(-1, 0)), left.intersection(&b).count());
            let row = |c: u32| c / GRID_COLUMNS;
            let inner = a.iter().filter(|c| {
                let sides = [c.checked_sub(1).filter(|n| row(*n) == row(**c)), Some(*c + 1),
                    c.checked_sub(GRID_COLUMNS), Some(*c + GRID_COLUMNS)];
                sides.iter().all(|n| n.is_some_and(|n| a.contains(&n)))
                    && row(**c + 1) == row(**c)
            });
            let inner: BTreeSet<u32> = inner.copied().collect();
            prop_assert_eq!(one.inner().size(), inner.len());
            let solid: BTreeSet<u32> = inner.iter().flat_map(|c| around(*c)).collect();
            let strokes: BTreeSet<u32> = a.difference(&solid).copied().collect();
            prop_assert_eq!(one.strokes().size(), strokes.len());
            prop_assert_eq!(common(&one.strokes()), strokes.intersection(&b).count());
            let grown: BTreeSet<u32> = a.iter().flat_map(|c| around(*c)).collect();
            let mut mask = Mask::default();
            mask.draw(&one);
            prop_assert_eq!(mask.hits(&other), b.intersection(&grown).count());
            for cell in &b {
                prop_assert_eq!(mask.is_set(Spot::new(*cell)), grown.contains(cell));
            }
            mask.wipe(&one);
            prop_assert_eq!(mask.hits(&other), 0);
        }
    }
}
