//! Everything that is published together, from one snapshot: figures, cross tables, a comparison.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use super::args::{FindingsArgs, Survey};
use super::compare::{files, wrong};
use super::console::Console;
use super::errors;
use super::exit::Failure;
use super::figures::{settings, sheet_as_of};
use super::packed::with_rows;
use super::people::{open, sent_by, store_failure};
use crate::account::{Account, Folded, Rows, Snapshot, Step};
use crate::form::{Form, Output};
use crate::lang::Lang;
use crate::quotes::{Published, published, quotes};
use crate::report::Findings;
use crate::store::Store;
use crate::tally::compare::{Comparison, compare};
use crate::tally::cross::{CrossTable, cross, cross_all, cross_by};
use crate::tally::cuts::{Cuts, cut};
use crate::tally::{Behind, Sheet, Tally, behind, tally_sheet};

/// One snapshot and what is made of it.
pub struct Source {
    /// Made one by one when they are asked for.
    pub rows: Folded<Snapshot>,
    pub forms: Vec<Form>,
    pub tally: Tally,
    pub crosses: Vec<CrossTable>,
    pub comparisons: Vec<Comparison>,
    pub cuts: Vec<Cuts>,
    /// Filled by [`Self::take_apart`].
    pub behind: Vec<Behind>,
    pub quotes: Vec<Published>,
    pub lang: Lang,
}

impl Source {
    pub fn open(console: &Console, survey: &Survey, args: &FindingsArgs) -> Result<Self, Failure> {
        let store = open(console, survey)?;
        let forms = store.forms().map_err(|e| store_failure(console, &e))?;
        let lang = console.lang;
        // Figures first: from the packed answers if there are any, and then the rows, so that they are never
        // in memory together (once more if somebody wrote in between); else both from one fold.
        let (Figures { tally, crosses, cuts, .. }, rows) = loop {
            let before = content(console, &store)?;
            let mut figures = Figures::new(console, &store, &forms, args)?;
            if let Some(rows) = figures.rows.take() {
                break (figures, rows);
            }
            let mut snapshot = store.snapshot().map_err(|e| store_failure(console, &e))?;
            if content(console, &store)? == before {
                if let Some(day) = &args.as_of {
                    snapshot.as_of(day);
                }
                let mut rows = Folded::new(snapshot);
                rows.forget_ink();
                break (figures, rows);
            }
        };
        let comparisons = match args.earlier.as_deref() {
            Some(path) => {
                let mapping = args.mapping.as_deref();
                vec![comparison(console, (&tally, &forms), path, mapping)?]
            }
            None => Vec::new(),
        };
        let steps = store.quote_steps().map_err(|e| store_failure(console, &e))?;
        let quotes = quoted(&rows, &forms, &steps, lang);
        let behind = Vec::new();
        Ok(Self { rows, forms, tally, crosses, comparisons, cuts, behind, quotes, lang })
    }

    /// Finds what every figure is made of, at most `most` responses each.
    pub fn take_apart(&mut self, most: usize) {
        self.behind = behind(self.rows.counted(), &self.forms, &self.tally, most);
    }

    pub fn findings(&self) -> Findings<'_> {
        Findings {
            tally: &self.tally,
            forms: &self.forms,
            crosses: &self.crosses,
            comparisons: &self.comparisons,
            cuts: &self.cuts,
            behind: &self.behind,
            quotes: &self.quotes,
            lang: self.lang,
        }
    }
}

/// What is made of the packed answers.
struct Figures {
    tally: Tally,
    crosses: Vec<CrossTable>,
    cuts: Vec<Cuts>,
    rows: Option<Folded<Snapshot>>,
}

impl Figures {
    fn new(
        console: &Console,
        store: &Store,
        forms: &[Form],
        args: &FindingsArgs,
    ) -> Result<Self, Failure> {
        let lang = console.lang;
        let (settings, sent_by) =
            (settings(console, store, None, false)?, sent_by(console, store)?);
        let (sheet, pages, left_out, rows) = match args.as_of.as_deref() {
            None => {
                let (sheet, pages, rows) = with_rows(console, store, forms)?;
                (sheet, pages, Vec::new(), rows)
            }
            day => {
                let (sheet, pages, notes) = sheet_as_of(console, store, forms, day)?;
                (sheet, pages, notes, None)
            }
        };
        let mut tally = tally_sheet(&sheet, pages, &settings);
        tally.as_of.clone_from(&args.as_of);
        tally.notes.extend(left_out);
        let (mut crosses, mut cuts) = (crosses(&sheet, &args.cross, lang)?, Vec::new());
        for by in &args.by {
            let parts = cut(&sheet, pages, by, &settings, &sent_by);
            cuts.push(parts.map_err(|e| Failure::usage(errors::cut(lang, &e)))?);
            let drawn = |t: &CrossTable| {
                crosses.iter().any(|c: &CrossTable| {
                    (&c.rows_by, &c.columns_by) == (&t.rows_by, &t.columns_by)
                })
            };
            let more: Vec<_> =
                cross_by(&sheet, by, lang).into_iter().filter(|t| !drawn(t)).collect();
            crosses.extend(more);
        }
        Ok(Self { tally, crosses, cuts, rows })
    }
}

/// What has passed the gate.
fn quoted(rows: &dyn Rows, forms: &[Form], steps: &[Step], lang: Lang) -> Vec<Published> {
    // Going through all writing is worth it only where something was taken up.
    if steps.is_empty() {
        return Vec::new();
    }
    let taken: BTreeSet<&str> = steps.iter().map(|s| s.response.as_str()).collect();
    let own = rows.counted().filter(|r| taken.contains(r.id.as_str()));
    let account = Account { pages: Vec::new(), responses: own.map(Cow::into_owned).collect() };
    published(&quotes(&account, forms, steps, lang))
}

fn content(console: &Console, store: &Store) -> Result<Option<String>, Failure> {
    store.content().map_err(|e| store_failure(console, &e))
}

/// The cross tables asked for: `rows,columns` or `all`.
fn crosses(sheet: &Sheet, asked: &[String], lang: Lang) -> Result<Vec<CrossTable>, Failure> {
    let mut out = Vec::new();
    for what in asked {
        if what == "all" {
            out.extend(cross_all(sheet, lang));
            continue;
        }
        let Some((rows, columns)) = what.split_once(',') else {
            let how = lang.say(
                "--cross は「行,列」で指定してください（例: q2,q8）",
                "--cross takes ROWS,COLUMNS, for example q2,q8",
            );
            return Err(Failure::usage(format!("{what}: {how}")));
        };
        let table = cross(sheet, rows.trim(), columns.trim(), lang);
        out.push(table.map_err(|e| Failure::usage(errors::cut(lang, &e)))?);
    }
    Ok(out)
}

fn comparison(
    console: &Console,
    (tally, forms): (&Tally, &[Form]),
    path: &Path,
    mapping: Option<&Path>,
) -> Result<Comparison, Failure> {
    let (earlier, parsed) = files(console, path, mapping)?;
    let labels = (Output::Slides, console.lang);
    compare(tally, forms, &earlier, parsed.as_ref(), labels)
        .map_err(|e| wrong(console, mapping.unwrap_or(path), &errors::mapping(console.lang, &e)))
}
