//! Lost and repeated lines shift what follows by whole rows: the rectified page is aligned to the
//! blank row by row, strip by strip, by dynamic programming (Viterbi 1967). Strips, because a line
//! of the scan runs slanted through a page whose skew was taken out.

use multiversion::multiversion;

use crate::raster::Bitmap;

/// Words across a strip: 256 px, over which a skew of 2 degrees is 9 rows.
const STRIP: usize = 4;
/// Rows up and down that are tried (longest run of lost lines in the trials: 17; the slips by
/// scan line have taken up most of it).
const REACH: usize = 9;
const SHIFTS: usize = 2 * REACH + 1;
/// Price of a change by one row, in mismatched pixels: one row of small print in a strip.
const CHANGE: u32 = 24;
/// A strip with less of its print missing than this is left alone: rotation alone loses 2 %.
const WORN: f32 = 0.05;
/// Rows without much print hardly tell anything; a strip needs this many black pixels.
const PRINT: u32 = 800;

/// Re-reads the rows of every worn strip where they match the blank best; says whether any was worn.
/// What people wrote in `fields` is no mismatch: rows of writing would be the cheapest ones to skip.
pub fn align(blank: &Bitmap, fields: &Bitmap, sheet: &mut Bitmap) -> bool {
    let mut any = false;
    let strips = blank.stride().div_ceil(STRIP);
    for (s, _) in worn(blank, sheet, strips).into_iter().enumerate().filter(|(_, worn)| *worn) {
        any = true;
        let source = strip(sheet, s);
        let costs = costs(&strip(blank, s), &strip(fields, s), &source);
        let shifts = best_path(&costs, blank.height());
        for (y, d) in shifts.iter().enumerate() {
            let from = (y + d).checked_sub(REACH).and_then(|k| source.get(k));
            let wide = &mut sheet.row_mut(y)[s * STRIP..];
            for (to, word) in wide.iter_mut().zip(from.unwrap_or(&[0; STRIP])) {
                *to = *word;
            }
        }
    }
    any
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
) -> Vec<[u32; SHIFTS]> {
    let mut out = vec![[0; SHIFTS]; blank.len()];
    for (y, costs) in out.iter_mut().enumerate() {
        let (print, written) = (blank[y], fields[y]);
        for (d, cost) in costs.iter_mut().enumerate() {
            let Some(page) = (y + d).checked_sub(REACH).and_then(|k| sheet.get(k)) else {
                *cost = print.iter().map(|b| 2 * b.count_ones()).sum();
                continue;
            };
            let mut sum = 0;
            for i in 0..STRIP {
                let (b, s) = (print[i], page[i]);
                sum += u64::from(((b ^ s) & !written[i]).count_ones());
                sum += u64::from((b & !s).count_ones());
            }
            *cost = sum as u32;
        }
    }
    out
}

/// The cheapest sequence of shifts, each change paid for by its size.
fn best_path(costs: &[[u32; SHIFTS]], height: usize) -> Vec<usize> {
    let mut from: Vec<[u8; SHIFTS]> = Vec::with_capacity(height);
    let mut sums = [0u32; SHIFTS];
    for (d, s) in sums.iter_mut().enumerate() {
        *s = CHANGE * d.abs_diff(REACH) as u32;
    }
    for row in costs {
        let mut origin = [0u8; SHIFTS];
        for (d, o) in origin.iter_mut().enumerate() {
            *o = d as u8;
        }
        for d in 1..SHIFTS {
            relax(&mut sums, &mut origin, d - 1, d);
        }
        for d in (1..SHIFTS).rev() {
            relax(&mut sums, &mut origin, d, d - 1);
        }
        for (s, c) in sums.iter_mut().zip(row) {
            *s += c;
        }
        from.push(origin);
    }
    let mut d = (0..SHIFTS).min_by_key(|d| sums[*d]).unwrap_or(REACH);
    let mut path = vec![REACH; height];
    for y in (0..height).rev() {
        path[y] = d;
        d = from[y][d] as usize;
    }
    path
}

fn relax(sums: &mut [u32; SHIFTS], origin: &mut [u8; SHIFTS], a: usize, b: usize) {
    if sums[a] + CHANGE < sums[b] {
        sums[b] = sums[a] + CHANGE;
        origin[b] = origin[a];
    }
}
