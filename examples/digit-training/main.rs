//! What the digit reader is trained on: numbers, and what is none, written on sheets, sent by fax and cut
//! into the very parts that the reader would look at, each with what it is. README.md says how.
//! `cargo run --release --example digit-training -- GLYPHS OUT [--pages N] [--seed N] [--profile NAME]`
//!
//! A record of OUT: class u8 (0 to 9, 10 is no digit), source u8, then 24 x 24 px (u8, 255 is ink).

mod glyphs;
mod sheet;
mod texts;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use faxtally::marks::Area;
use faxtally::raster::Bitmap;
use faxtally::simulate::line::{Profile, send};
use faxtally::simulate::{Stream, rng_for};
use faxtally::text::lines::lines;
use faxtally::text::pieces::{Piece, draw, extent, pieces};
use faxtally::text::{Line, digits};
use faxtally::units::{Mm, Resolution};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use glyphs::Glyphs;
use sheet::{FIELDS, OVER, Written};

/// Smaller pieces never reach a reader (`text/prepare`).
const SPECK: u32 = 6;
/// Who has less of a part than this is not what the part is; who has more than that is.
const SOME: f32 = 0.72;
const MOST: f32 = 0.92;
/// Ink of another sign, or of a line through it, that spoils a digit, in px: a point, the crossing of a pen.
const SPOILT: f32 = 9.0;
/// A digit of which less than this arrived is nobody's guess.
const ARRIVED: f32 = 0.6;
/// One in so many is kept of what cuts make by the dozen: pieces of signs, and several signs at once.
const PIECES: f64 = 0.1;
const SEVERAL: f64 = 0.15;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut path = || words.next().map(PathBuf::from).ok_or("GLYPHS OUT");
    let (from, to) = (path()?, path()?);
    let (mut pages, mut seed, mut profile) = (100, 1, Profile::Mixed);
    while let (Some(word), value) = (words.next(), words.next().unwrap_or_default()) {
        match word.as_str() {
            "--pages" => pages = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--profile" if value == "rough" => profile = Profile::Rough,
            _ => return Err(format!("{word}?").into()),
        }
    }
    let glyphs = Glyphs::open(&from)?;
    let mut out = BufWriter::new(File::create(to)?);
    for page in 0..pages {
        for (class, source, picture) in one_page(&glyphs, seed, page, profile) {
            out.write_all(&[class, source])?;
            let grey: Vec<u8> = picture.iter().map(|v| (v * 255.0).round() as u8).collect();
            out.write_all(&grey)?;
        }
    }
    Ok(())
}

type Seen = (u8, u8, Vec<f32>);

/// A page full of numbers through the line, and all that the reader would look at on it.
fn one_page(glyphs: &Glyphs, seed: u64, page: u64, profile: Profile) -> Vec<Seen> {
    let mut rng = rng_for(seed, Stream::Paper, page);
    let (paper, fields) = sheet::write(glyphs, &mut rng);
    let (fax, resolution, notes) =
        send(&paper.sheet, profile, &mut rng_for(seed, Stream::Line, page));
    if notes.upside_down {
        return Vec::new();
    }
    let lines = if resolution.y < Resolution::FINE.y * 0.75 { 2 } else { 1 };
    let fine = if lines == 2 { fax.rows_doubled() } else { fax };
    let place = |x: f32, y: f32| {
        let (x, y) = notes.trace.place(Mm(x), Mm(y))?;
        Some((x.0 as isize, y.0 as isize * lines as isize))
    };
    let owner = |x: usize, y: usize| {
        notes.trace.paper_at(x, y / lines).map_or(0, |(x, y)| paper.owner(x, y))
    };
    let mut out = Vec::new();
    for field in &fields {
        let corners = [place(field.x, field.y), place(field.x + FIELDS.0, field.y + FIELDS.1)];
        let [Some(a), Some(b)] = corners else { continue };
        let area = Area { x0: a.0, y0: a.1, x1: b.0, y1: b.1 };
        out.extend(of_field(&fine, area, &field.written, &owner, &mut rng));
    }
    out
}

type Owner<'a> = &'a dyn Fn(usize, usize) -> u8;

fn of_field(
    page: &Bitmap,
    area: Area,
    written: &[Written],
    owner: Owner,
    rng: &mut Pcg64Mcg,
) -> Vec<Seen> {
    let mut own = pieces(page, area);
    own.retain(|p| p.ink >= SPECK);
    let Some(bounds) = extent(&own) else { return Vec::new() };
    let found = lines(&draw(&own, bounds));
    let [line] = found.as_slice() else { return Vec::new() };
    // Lines that were levelled or cut have moved.
    if line.ink.height() as isize != bounds.height() {
        return Vec::new();
    }
    let at =
        |x: f32, y: f32| owner(x as usize + bounds.x0 as usize, y as usize + bounds.y0 as usize);
    let whole = shares(&pieces_of(line), &at, written.len());
    let mut out = Vec::new();
    for (part, picture) in digits::seen(line, 0.0) {
        let Some((class, source, kept)) = what(&part, &at, written, &whole) else { continue };
        if rng.random_bool(kept) {
            out.push((class, source, picture));
        }
    }
    out
}

fn pieces_of(line: &Line) -> Vec<Piece> {
    let (w, h) = (line.ink.width() as isize, line.ink.height() as isize);
    pieces(&line.ink, Area { x0: 0, y0: 0, x1: w, y1: h })
}

/// Ink of each sign, then that of lines through them, then dirt.
fn shares(parts: &[Piece], owner: &dyn Fn(f32, f32) -> u8, signs: usize) -> Vec<f32> {
    let mut out = vec![0.0; signs + 2];
    for (x, y) in parts.iter().flat_map(Piece::pixels) {
        match owner(x, y) {
            0 => out[signs + 1] += 1.0,
            OVER => out[signs] += 1.0,
            i => out[usize::from(i) - 1] += 1.0,
        }
    }
    out
}

/// What a group of parts is, and how often it is kept; `None`: neither one thing nor the other.
fn what(
    part: &Piece,
    owner: &dyn Fn(f32, f32) -> u8,
    written: &[Written],
    whole: &[f32],
) -> Option<(u8, u8, f64)> {
    let own = shares(std::slice::from_ref(part), owner, written.len());
    let all = own[..=written.len()].iter().sum::<f32>().max(1.0);
    let i = (0..written.len()).max_by(|a, b| own[*a].total_cmp(&own[*b]))?;
    let sign = &written[i];
    let class = sign.char.to_digit(10).map_or(10, |d| d as u8);
    let (share, cover) = (own[i] / all, own[i] / whole[i].max(1.0));
    let other = |j: &usize| *j != i && own[*j] >= SPOILT && own[*j] >= 0.5 * whole[*j];
    let none = |kept| Some((10, sign.source, kept));
    if own[written.len()] >= SPOILT {
        return none(1.0);
    }
    if (0..written.len()).any(|j| other(&j)) || share < SOME {
        return none(SEVERAL);
    }
    if cover < SOME {
        return none(PIECES);
    }
    let dirty = own[written.len() + 1] >= SPOILT;
    if dirty || share < MOST || cover < MOST || whole[i] < ARRIVED * sign.ink {
        return None;
    }
    if class == 10 { none(1.0) } else { Some((class, sign.source, 1.0)) }
}
