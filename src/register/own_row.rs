//! Does each row of boxes lie on its own print, or on that of the row above or below? Where boxes stand at an
//! even pitch, one row's patches fit the next one as well; what is printed beside them does not.

use multiversion::multiversion;

use super::template::BoxPlace;
use crate::raster::Bitmap;

/// Boxes whose middles are so near in height, in px, stand in one row: half a box.
const LEVEL: isize = 12;
/// The nearest rows that one may be mistaken for, in px: closer is the same row, farther no slip reaches.
const PITCH: std::ops::RangeInclusive<isize> = 20..=240;
/// How far above and below a box its row's print is looked at, in px: a line of text is little higher.
const AROUND: isize = 4;
/// Print of the page may lie so far off, in px: 99 % of boxes lie within 2.1 of their place.
const OFF: (usize, usize) = (2, 3);
/// Print that only one of two rows has: less tells nothing, in px: as little as an anchor has.
const TELLING: u32 = 250;

/// A row of boxes, and the print by which it can be told from its neighbours.
#[derive(Clone, Debug)]
pub struct Row {
    boxes: Vec<usize>,
    /// From which row of the form on.
    y0: isize,
    neighbours: Vec<Neighbour>,
}

#[derive(Clone, Debug)]
struct Neighbour {
    /// How far below it is; above it is negative.
    step: isize,
    /// What is printed in this row and not in that one.
    own: Bitmap,
    black: u32,
}

impl Row {
    /// What `mistaken` found for its boxes.
    pub fn share(&self, mistaken: &[f32]) -> f32 {
        self.boxes.first().map_or(-1.0, |i| mistaken[*i])
    }
}

/// The rows of a form that have a neighbour to be mistaken for.
pub fn rows(blank: &Bitmap, boxes: &[BoxPlace]) -> Vec<Row> {
    let mut levels: Vec<(isize, isize, Vec<usize>)> = Vec::new();
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    let middle = |i: usize| (boxes[i].px.y.0 + boxes[i].px.h.0 / 2.0).round() as isize;
    order.sort_by_key(|i| middle(*i));
    for i in order {
        let half = (boxes[i].px.h.0 / 2.0).round() as isize;
        match levels.last_mut().filter(|l| middle(i) - l.0 <= LEVEL) {
            Some(l) => {
                l.1 = l.1.max(half);
                l.2.push(i);
            }
            None => levels.push((middle(i), half, vec![i])),
        }
    }
    let middles: Vec<isize> = levels.iter().map(|l| l.0).collect();
    let wide = blank.dilated(OFF.0, OFF.1);
    let row = |(k, (y, half, boxes)): (usize, (isize, isize, Vec<usize>))| {
        let (y0, y1) = (y - half - AROUND, y + half + AROUND);
        let near = [k.checked_sub(1), Some(k + 1)].into_iter().flatten();
        let steps = near.filter_map(|o| Some(middles.get(o)? - y));
        let neighbours = steps
            .filter(|s| PITCH.contains(&s.abs()))
            .map(|step| Neighbour::of(blank, &wide, (y0, y1), step))
            .filter(|n| n.black >= TELLING)
            .collect();
        Row { boxes, y0, neighbours }
    };
    levels.into_iter().enumerate().map(row).filter(|r| !r.neighbours.is_empty()).collect()
}

impl Neighbour {
    fn of(blank: &Bitmap, wide: &Bitmap, (y0, y1): (isize, isize), step: isize) -> Self {
        let mut own = Bitmap::new(blank.width(), (y1 - y0).max(1) as usize);
        for y in y0..y1 {
            let (Some(here), Some(there)) = (blank.line(y), wide.line(y + step)) else {
                continue;
            };
            let to = own.row_mut((y - y0) as usize);
            to.iter_mut().zip(here.iter().zip(there)).for_each(|(t, (h, o))| *t = h & !o);
        }
        let black = own.count() as u32;
        Self { step, own, black }
    }

    /// How much of it is on the page in the rows from `y0` on.
    fn seen(&self, page: &Bitmap, y0: isize) -> u32 {
        let rows = (0..self.own.height()).filter_map(|k| Some((k, page.line(y0 + k as isize)?)));
        rows.map(|(k, row)| shared(self.own.row(k), row)).sum()
    }
}

/// Pixels that are black in both.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn shared(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

/// For each box, the share of its row's own print that lies better a row further: above 0 it stands on another
/// row's print; -1 where there is no row to be mistaken for. `sheet` is in the form's frame.
pub fn mistaken(rows: &[Row], boxes: usize, sheet: &Bitmap) -> Vec<f32> {
    let mut out = vec![-1.0; boxes];
    if rows.is_empty() {
        return out;
    }
    let sheet = sheet.dilated_in(&looked_at(rows, sheet.height()), OFF.0, OFF.1);
    for r in rows {
        let better = |n: &Neighbour| {
            let (here, there) = (n.seen(&sheet, r.y0), n.seen(&sheet, r.y0 + n.step));
            (there as f32 - here as f32) / n.black as f32
        };
        let most = r.neighbours.iter().map(better).fold(-1.0, f32::max);
        r.boxes.iter().for_each(|i| out[*i] = most);
    }
    out
}

/// The rows of a page on which any of it can be seen.
fn looked_at(rows: &[Row], height: usize) -> Vec<bool> {
    let mut out = vec![false; height];
    for (r, n) in rows.iter().flat_map(|r| r.neighbours.iter().map(move |n| (r, n))) {
        for y0 in [r.y0, r.y0 + n.step] {
            let (from, to) = (y0.max(0) as usize, (y0 + n.own.height() as isize).max(0) as usize);
            out[from.min(height)..to.min(height)].fill(true);
        }
    }
    out
}
