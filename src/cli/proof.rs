//! `faxtally proof`: some read pages, drawn for the eye.

use std::io::{Cursor, Error, Write};
use std::path::Path;

use image::{ImageFormat, RgbImage};
use sha2::{Digest, Sha256};

use super::args::ProofArgs;
use super::console::{Console, cannot_write, write_out};
use super::exit::{Exit, Failure};
use super::packed::folded;
use super::people::{open, store_failure};
use crate::account::{Folded, Response, Snapshot, document_hash};
use crate::decode::{Document, FaxPage, Limits};
use crate::ingest::{Load, load};
use crate::lang::Lang;
use crate::store::{Sheet, Store};

pub fn proof(console: &Console, args: &ProofArgs) -> Result<Exit, Failure> {
    let store = open(console, &args.survey)?;
    let folded = folded(&store, store.snapshot().map_err(|e| store_failure(console, &e))?);
    std::fs::create_dir_all(&args.output).map_err(|e| cannot_write(console, &args.output, &e))?;
    let mut lines = Vec::new();
    let mut lost = 0;
    let chosen = chosen(&folded, args);
    drop(folded);
    for (i, response) in chosen.iter().enumerate() {
        let Some(picture) = picture(console, &store, response)? else {
            console.warn(&gone(console, response));
            lost += 1;
            continue;
        };
        let name = format!("{:03}-{}.png", i + 1, response.id);
        save(console, &args.output.join(&name), &picture)?;
        lines.push(format!("{name}\t{}\t{}", response.file, response.page));
    }
    write_out(console, None, |out: &mut dyn Write| {
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    })?;
    Ok(if lost > 0 { Exit::Attention } else { Exit::Done })
}

/// The responses asked for, or so many drawn by the seed: the same on every machine.
fn chosen(folded: &Folded<Snapshot>, args: &ProofArgs) -> Vec<Response> {
    let named = |page: u32| folded.id_of_sheet(page);
    let sheets = folded.sheets();
    let pages: Vec<u32> = if args.responses.is_empty() {
        let mut drawn: Vec<_> =
            sheets.into_iter().map(|p| (lot(args.seed, &named(p)), p)).collect();
        drawn.sort_by(|a, b| a.0.cmp(&b.0));
        drawn.into_iter().take(args.pages).map(|(_, page)| page).collect()
    } else {
        sheets.into_iter().filter(|p| args.responses.contains(&named(*p))).collect()
    };
    pages.into_iter().filter_map(|page| folded.sheet(page)).collect()
}

fn lot(seed: u64, id: &str) -> Vec<u8> {
    Sha256::new().chain_update(seed.to_le_bytes()).chain_update(id).finalize().to_vec()
}

/// `None` if the page's file is no longer where it was read, or is another one now.
fn picture(
    console: &Console,
    store: &Store,
    response: &Response,
) -> Result<Option<RgbImage>, Failure> {
    let sheet = store.sheet(&response.id).map_err(|e| store_failure(console, &e))?;
    let page = sheet.files.iter().find_map(|file| page(file, &sheet));
    let drawn = sheet.reading.as_ref().zip(page);
    Ok(drawn.map(|(reading, page)| crate::proof::draw(&page, reading)))
}

/// The page that was read, if its file is still there and the same.
pub fn page(file: &Path, sheet: &Sheet) -> Option<FaxPage> {
    let limits = Limits::default();
    let Load::Bytes { bytes, .. } = load(file, limits.file_bytes) else { return None };
    if document_hash(&bytes) != sheet.sha256 {
        return None;
    }
    Document::open(bytes, &limits).ok()?.page(sheet.page.checked_sub(1)?).ok()
}

fn gone(console: &Console, response: &Response) -> String {
    let what = match console.lang {
        Lang::Ja => "読んだときの場所にないか、変わっています",
        Lang::En => "no longer where it was read, or another file now",
    };
    format!("{}: {what}", response.file)
}

/// A picture as PNG.
pub fn save(console: &Console, path: &Path, picture: &RgbImage) -> Result<(), Failure> {
    write_out(console, Some(path), |out| {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).map_err(Error::other)?;
        out.write_all(png.get_ref())
    })
}
