//! Comparisons, cross tables and cuts for a terminal: 80 columns, the notes below.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{COLUMNS, clip, grouped, line, told};
use crate::lang::Lang;
use crate::tally::compare::{ComparedQuestion, ComparedRow, ComparedSum, Comparison, Part};
use crate::tally::cross::{CrossRow, CrossTable, Heading};
use crate::tally::cuts::Cuts;
use crate::tally::{Note, Percent};

/// Left for labels beside two counts, two shares and a difference.
const LABEL: usize = 32;
/// Of a cross table's column: a count of five digits or a share, and a blank.
const CELL: usize = 8;
/// Columns that fit beside a label of 16 and its n.
const CELLS: usize = 7;

/// Two surveys side by side; rows that cannot be compared as they stand have a `*`.
pub fn render_comparison(c: &Comparison, lang: Lang) -> String {
    let mut out = String::new();
    let sides = [(lang.say("前回", "then"), &c.earlier), (lang.say("今回", "now"), &c.this)];
    for (word, side) in sides {
        let n = side.responses.map_or_else(|| "-".to_owned(), grouped);
        line(&mut out, &format!("{word}: {}  {}  (N = {n})", side.id, side.title));
    }
    for question in &c.questions {
        compared(&mut out, question, lang);
    }
    for sum in &c.sums {
        sums(&mut out, sum, lang);
    }
    notes(&mut out, "  ", &c.notes, lang);
    out
}

fn compared(out: &mut String, q: &ComparedQuestion, lang: Lang) {
    line(out, "");
    line(out, &clip(&format!("{}  {}", q.id, q.label), COLUMNS));
    let (then, now) = (lang.say("前回", "then"), lang.say("今回", "now"));
    let head = [then, "%", now, "%", lang.say("差", "points")];
    let head: String = head.iter().zip([10, 7, 9, 7, 8]).map(|(h, w)| right(h, w)).collect();
    line(out, &format!("    {}{head}", " ".repeat(LABEL)));
    for row in &q.rows {
        compared_row(out, row);
    }
    for row in q.rows.iter().filter(|r| !r.notes.is_empty()) {
        notes(out, &format!("    {}: ", clip(&row.label, LABEL)), &row.notes, lang);
    }
    notes(out, "    ", &q.notes, lang);
}

fn compared_row(out: &mut String, row: &ComparedRow) {
    let indent = if row.suboption { "  " } else { "" };
    let label = left(&format!("{indent}{}", row.label), LABEL);
    let part = |p: Option<&Part>, width| {
        let count = p.and_then(|p| p.count).map_or_else(|| "-".to_owned(), grouped);
        format!("{}{}", right(&count, width), right(&share(p.and_then(|p| p.percent)), 7))
    };
    let points = row.points.map_or_else(|| "-".to_owned(), |p| p.to_string());
    let mark = if row.comparable || row.earlier.is_none() { "" } else { " *" };
    let (then, now) = (part(row.earlier.as_ref(), 10), part(Some(&row.this), 9));
    line(out, &format!("    {label}{then}{now}{}{mark}", right(&points, 8)));
}

fn sums(out: &mut String, sum: &ComparedSum, lang: Lang) {
    line(out, "");
    line(out, &clip(&format!("{}  {}", sum.id, sum.label), COLUMNS));
    let then = sum.earlier.map_or_else(|| "-".to_owned(), grouped);
    let difference = sum.difference.map_or_else(|| "-".to_owned(), |d| format!("{d:+}"));
    let (word, now) = (lang.say("合計", "sum"), grouped(sum.this));
    line(out, &format!("    {word} {then} -> {now} ({difference})"));
    notes(out, "    ", &sum.notes, lang);
}

/// A cross table: counts and, below them, row percentages; cells under ten in brackets. Wide ones
/// are continued below.
pub fn render_cross(t: &CrossTable, lang: Lang) -> String {
    let mut out = String::new();
    let title = format!(
        "{} {} × {} {}",
        t.rows_by.id, t.rows_by.label, t.columns_by.id, t.columns_by.label
    );
    line(&mut out, &clip(&title, COLUMNS));
    line(&mut out, &format!("    n = {}", grouped(t.n)));
    for start in (0..t.columns.len()).step_by(CELLS) {
        let columns = start..(start + CELLS).min(t.columns.len());
        let heads = &t.columns[columns.clone()];
        heading(&mut out, heads);
        for row in std::iter::once(&t.total).chain(&t.rows) {
            cross_row(&mut out, row, columns.clone());
        }
    }
    notes(&mut out, "    ", &t.notes, lang);
    out
}

/// Labels over narrow columns, in as many lines as they need, three at most.
fn heading(out: &mut String, heads: &[Heading]) {
    let parts: Vec<Vec<String>> = heads.iter().map(|h| folded(&h.label, CELL - 1, 3)).collect();
    let lines = parts.iter().map(Vec::len).max().unwrap_or(0);
    for i in 0..lines {
        let n = if i + 1 == lines { "n" } else { "" };
        let part = |p: &Vec<String>| {
            let blank = lines - p.len();
            right(i.checked_sub(blank).map_or("", |i| p[i].as_str()), CELL)
        };
        let head: String = parts.iter().map(part).collect();
        line(out, &format!("    {}{}{head}", " ".repeat(12), right(n, 8)));
    }
}

/// The text in lines of `columns`, the last one cut off where it is too long.
fn folded(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let full = out.last().is_some_and(|l| l.width() + c.width().unwrap_or(0) > columns);
        if full && out.len() == most {
            let tail: String = std::iter::once(c).chain(rest.by_ref()).collect();
            let last = out.pop().unwrap_or_default() + &tail;
            out.push(clip(&last, columns));
            break;
        }
        if full {
            out.push(String::new());
        }
        if let Some(line) = out.last_mut() {
            line.push(c);
        }
    }
    out
}

fn cross_row(out: &mut String, row: &CrossRow, columns: std::ops::Range<usize>) {
    let cells = &row.cells[columns];
    let bracket = |text: String, small| if small { format!("({text})") } else { text };
    let counts = cells.iter().map(|c| right(&bracket(grouped(c.count), c.small), CELL));
    let shares = cells.iter().map(|c| right(&share(c.percent), CELL));
    let n = right(&bracket(grouped(row.n), row.small), 8);
    line(out, &format!("    {}{n}{}", left(&row.label, 12), counts.collect::<String>()));
    line(out, &format!("    {}{}", " ".repeat(20), shares.collect::<String>()));
}

/// The groups of a cut: how many, their share, what was sent and came back. Their figures are in the
/// JSON, and in the cross tables.
pub fn render_cuts(cuts: &Cuts, lang: Lang) -> String {
    let mut out = String::new();
    line(&mut out, &clip(&format!("{}  {}", cuts.by.id, cuts.by.label), COLUMNS));
    let words = [
        (lang.say("回答", "responses"), 10),
        ("%", 8),
        (lang.say("送付", "sent"), 10),
        (lang.say("回収率 %", "rate %"), 10),
    ];
    let head: String = words.iter().map(|(word, width)| right(word, *width)).collect();
    line(&mut out, &format!("    {}{head}", " ".repeat(LABEL)));
    let maybe = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), grouped);
    let mut row = |label: &str, n: u64, small: bool, percent, sent, rate| {
        let n = if small { format!("({})", grouped(n)) } else { grouped(n) };
        let cells = [
            right(&n, 10),
            right(&share(percent), 8),
            right(&maybe(sent), 10),
            right(&share(rate), 10),
        ];
        line(&mut out, &format!("    {}{}", left(label, LABEL), cells.concat()));
    };
    let all = &cuts.all;
    let whole = Percent::of(all.responses, all.responses);
    row(lang.say("全体", "all"), all.responses, false, whole, all.sent, all.response_rate);
    for g in &cuts.groups {
        row(&g.label, g.responses, g.small, g.percent, g.sent, g.response_rate);
    }
    notes(&mut out, "    ", &cuts.notes, lang);
    notes(&mut out, "    ", &cuts.all.notes, lang);
    out
}

/// Each note on its own line; who must not be misled sees a `!`.
pub fn notes(out: &mut String, prefix: &str, notes: &[Note], lang: Lang) {
    for note in notes {
        let mark = if note.warns() { "! " } else { "" };
        told(out, &[prefix, mark].concat(), &note.message(lang));
    }
}

fn share(percent: Option<Percent>) -> String {
    percent.map_or_else(|| "-".to_owned(), |p| p.to_string())
}

fn left(text: &str, columns: usize) -> String {
    let text = clip(text, columns);
    let gap = columns.saturating_sub(text.width());
    text + &" ".repeat(gap)
}

fn right(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(text.width())) + text
}
