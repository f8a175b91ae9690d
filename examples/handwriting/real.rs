//! Fields of scanned pages that people filled in: a folder with `boxes.json` (the frames, in points),
//! `text.json` (what they wrote) and the pages at 150 dots an inch.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use faxtally::decode::{Document, Limits};
use faxtally::marks::Area;
use faxtally::raster::Bitmap;
use faxtally::text::pieces::{Piece, draw, pieces};
use serde::Deserialize;

use super::Sample;

/// Pixels of the scans to a point.
const SCALE: f32 = 150.0 / 72.0;
/// Pixels of the fine grid to one of the scans.
const FINE: (f32, f32) = (204.0 / 150.0, 196.0 / 150.0);
/// Smaller pieces are dust; small ones this far from all others are dirt, in px of the scans.
const DUST: u32 = 4;
const DOT: u32 = 22;
const ALONE: isize = 30;

#[derive(Deserialize)]
struct Boxes {
    boxes: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    id: String,
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

pub fn samples(folder: &Path) -> Result<Vec<Sample>, Box<dyn Error>> {
    let frames: Boxes = serde_json::from_slice(&std::fs::read(folder.join("boxes.json"))?)?;
    let texts: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_slice(&std::fs::read(folder.join("text.json"))?)?;
    let mut out = Vec::new();
    for (file, fields) in texts {
        let document = Document::open(std::fs::read(folder.join(&file))?, &Limits::default())?;
        let page = document.page(0)?.bitmap;
        for (id, truth) in fields {
            let frame = frames.boxes.iter().find(|b| b.id == id).ok_or("no such box")?;
            out.push(Sample { truth, ink: written(&page, frame) });
        }
    }
    Ok(out)
}

/// What stands inside the frame: its largest piece is the frame's line.
fn written(page: &Bitmap, f: &Frame) -> Bitmap {
    let at = |v: f32| (v * SCALE) as isize;
    let (x, y) = (at(f.x), at(f.y));
    let near = Area { x0: x - 40, y0: y - 30, x1: x + at(f.w) + 40, y1: y + at(f.h) + 40 };
    let all = pieces(page, near);
    let Some(line) = all.iter().max_by_key(|p| p.bounds.width() * p.bounds.height()) else {
        return Bitmap::new(1, 1);
    };
    let b = line.bounds;
    let inside = |p: &&Piece| {
        let q = p.bounds;
        p.ink >= DUST && *p != line && q.x0 > b.x0 && q.x1 < b.x1 && q.y0 > b.y0 && q.y1 < b.y1
    };
    let kept: Vec<&Piece> = all.iter().filter(inside).collect();
    let near = |p: &Piece| {
        let wide = p.bounds.grown(ALONE, ALONE);
        kept.iter().any(|o| o.bounds != p.bounds && o.bounds.overlaps(wide))
    };
    let ink = draw(kept.iter().copied().filter(|p| p.ink >= DOT || near(p)), b);
    let side = |v: usize, by: f32| (v as f32 * by).round() as usize;
    ink.resampled(side(ink.width(), FINE.0), side(ink.height(), FINE.1), 0.5)
}
