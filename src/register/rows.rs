//! Lost and repeated lines shift what follows by whole rows: the rectified page is aligned to the
//! blank row by row, strip by strip, by dynamic programming (Viterbi 1967). Strips, because a line
//! of the scan runs slanted through a page whose skew was taken out.

use fearless_simd::{Level, Simd, dispatch, i16x8, prelude::*};
use multiversion::multiversion;

use crate::raster::Bitmap;

/// Words across a strip: 256 px, over which a skew of 2 degrees is 9 rows.
const STRIP: usize = 4;
/// Rows up and down that are tried (longest run of lost lines in the trials: 17; the slips by
/// scan line have taken up most of it).
const REACH: usize = 9;
const SHIFTS: usize = 2 * REACH + 1;
/// Price of a change by one row, in mismatched pixels: one row of small print in a strip.
const CHANGE: i16 = 24;
/// Strips whose way is looked for together: most pages have fewer.
const LANES: usize = 8;
/// What each shift of a row costs, of up to so many strips: less than 2^10 in the 256 px of a strip.
type Costs = [[i16; LANES]; SHIFTS];
/// A strip with less of its print missing than this is left alone: rotation alone loses 2 %.
const WORN: f32 = 0.05;
/// Rows without much print hardly tell anything; a strip needs this many black pixels.
const PRINT: u32 = 800;

/// Re-reads the rows of every worn strip where they match the blank best; says whether any was worn.
/// What people wrote in `fields` is no mismatch: rows of writing would be the cheapest ones to skip.
pub fn align(blank: &Bitmap, fields: &Bitmap, sheet: &mut Bitmap) -> bool {
    let worn = worn(blank, sheet, blank.stride().div_ceil(STRIP));
    let strips: Vec<usize> = (0..worn.len()).filter(|s| worn[*s]).collect();
    for together in strips.chunks(LANES) {
        let sources: Vec<_> = together.iter().map(|s| strip(sheet, *s)).collect();
        let mut all = vec![[[0; LANES]; SHIFTS]; blank.height()];
        for ((lane, s), source) in together.iter().enumerate().zip(&sources) {
            costs(&strip(blank, *s), &strip(fields, *s), source, lane, &mut all);
        }
        let paths = dispatch!(Level::new(), simd => best_paths(simd, &all));
        for ((lane, s), source) in together.iter().enumerate().zip(&sources) {
            for (y, shifts) in paths.iter().enumerate() {
                let from = (y + shifts[lane] as usize).checked_sub(REACH);
                let from = from.and_then(|k| source.get(k)).unwrap_or(&[0; STRIP]);
                let to = &mut sheet.row_mut(y)[s * STRIP..];
                to.iter_mut().zip(from).for_each(|(to, word)| *to = *word);
            }
        }
    }
    !strips.is_empty()
}

/// One strip of a page, row by row; white beyond its right edge.
fn strip(page: &Bitmap, s: usize) -> Vec<[u64; STRIP]> {
    let cut = |y: usize| {
        let words = &page.row(y)[s * STRIP..];
        std::array::from_fn(|i| words.get(i).copied().unwrap_or(0))
    };
    (0..page.height()).map(cut).collect()
}

/// Which strips miss much of their print, one row up or down allowed. Row by row over all of them: a strip
/// at a time would walk through the page's memory as often as there are strips.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn worn(blank: &Bitmap, sheet: &Bitmap, strips: usize) -> Vec<bool> {
    let mut counts = vec![(0u32, 0u32); strips];
    for y in 1..blank.height().saturating_sub(1) {
        let rows = blank.row(y).chunks(STRIP).zip(sheet.row(y - 1).chunks(STRIP));
        let rows = rows.zip(sheet.row(y).chunks(STRIP)).zip(sheet.row(y + 1).chunks(STRIP));
        for ((((blank, up), here), down), (print, missing)) in rows.zip(&mut counts) {
            for (((b, up), here), down) in blank.iter().zip(up).zip(here).zip(down) {
                let there = up | here | here << 1 | here >> 1 | down;
                *print += b.count_ones();
                *missing += (b & !there).count_ones();
            }
        }
    }
    let much =
        |(print, missing): (u32, u32)| print >= PRINT && missing as f32 > WORN * print as f32;
    counts.into_iter().map(much).collect()
}

/// Mismatch of every row of the blank with the page's rows around it; missing print counts double.
#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512vpopcntdq+avx2+bmi1+bmi2+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"
))]
fn costs(
    blank: &[[u64; STRIP]],
    fields: &[[u64; STRIP]],
    sheet: &[[u64; STRIP]],
    lane: usize,
    out: &mut [Costs],
) {
    for (y, costs) in out.iter_mut().enumerate() {
        let (print, written) = (blank[y], fields[y]);
        for (d, cost) in costs.iter_mut().enumerate() {
            let Some(page) = (y + d).checked_sub(REACH).and_then(|k| sheet.get(k)) else {
                cost[lane] = print.iter().map(|b| 2 * b.count_ones()).sum::<u32>() as i16;
                continue;
            };
            let mut sum = 0;
            for i in 0..STRIP {
                let (b, s) = (print[i], page[i]);
                sum += u64::from(((b ^ s) & !written[i]).count_ones());
                sum += u64::from((b & !s).count_ones());
            }
            cost[lane] = sum as i16;
        }
    }
}

/// For every strip the cheapest sequence of shifts, each change paid for by its size. A row waits for the one
/// above, a shift for its neighbour: it is the strips that stand side by side in a vector.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn best_paths<S: Simd>(simd: S, costs: &[Costs]) -> Vec<[u8; LANES]> {
    let of = |lanes: &[i16; LANES]| i16x8::from_slice(simd, lanes);
    let mut from: Vec<[[u8; LANES]; SHIFTS]> = Vec::with_capacity(costs.len());
    let mut sums: [_; SHIFTS] =
        std::array::from_fn(|d| i16x8::splat(simd, CHANGE * d.abs_diff(REACH) as i16));
    let itself: [_; SHIFTS] = std::array::from_fn(|d| i16x8::splat(simd, d as i16));
    for row in costs {
        let mut origin = itself;
        for d in 1..SHIFTS {
            relax(&mut sums, &mut origin, d - 1, d);
        }
        for d in (1..SHIFTS).rev() {
            relax(&mut sums, &mut origin, d, d - 1);
        }
        // Only how much more than another a shift costs counts: so the sums stay small.
        let middle = sums[REACH];
        sums.iter_mut().zip(row).for_each(|(sum, cost)| *sum = *sum - middle + of(cost));
        from.push(origin.map(|o| <[i16; LANES]>::from(o).map(|d| d as u8)));
    }
    let sums = sums.map(<[i16; LANES]>::from);
    let last = |l: usize| (0..SHIFTS).min_by_key(|d| sums[*d][l]).unwrap_or(REACH) as u8;
    let mut here: [u8; LANES] = std::array::from_fn(last);
    let mut paths = vec![here; costs.len()];
    for (path, from) in paths.iter_mut().zip(&from).rev() {
        *path = here;
        here = std::array::from_fn(|l| from[here[l] as usize][l]);
    }
    paths
}

/// Shift `b` by way of its neighbour `a`, where that is cheaper.
#[expect(clippy::inline_always, reason = "only inlined is it compiled for the processor's vectors")]
#[inline(always)]
fn relax<S: Simd>(
    sums: &mut [i16x8<S>; SHIFTS],
    origin: &mut [i16x8<S>; SHIFTS],
    a: usize,
    b: usize,
) {
    let by = sums[a] + CHANGE;
    let cheaper = by.simd_lt(sums[b]);
    sums[b] = by.min(sums[b]);
    origin[b] = cheaper.select(origin[a], origin[b]);
}
