//! The part before the data: variables, their labels, formats and missing values.

// Writing to a String cannot fail.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::codebook;
use super::super::variables::{Of, Standing, Variable};
use super::cases::segments;
use super::code;
use crate::form::Question;
use crate::lang::Lang;
use crate::tally::Tally;

/// Bytes of a variable's label and of a value's (SPSS's own limits; full wordings are in the codebook).
const LONGEST_LABEL: usize = 255;
const LONGEST_VALUE_LABEL: usize = 120;
/// Format types (PSPP, "Variable Record"): A, F.
const FORMAT_TEXT: i32 = 1;
const FORMAT_NUMBER: i32 = 5;
/// Digits shown of a number, and columns of a text on the screen.
const DIGITS: i32 = 8;
const SCREEN: usize = 40;
/// Words that no variable may be called.
const RESERVED: [&str; 13] =
    ["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"];

/// One variable of the file.
pub struct Column {
    name: String,
    label: String,
    pub content: Content,
    values: Vec<(f64, String)>,
    missing: Vec<f64>,
    measure: Measure,
    /// Question of a set of several answers: its id and label.
    set: Option<(String, String)>,
}

/// What it holds.
pub enum Content {
    Number,
    /// So many bytes.
    Text(usize),
}

#[derive(Clone, Copy)]
enum Measure {
    Nominal = 1,
    Scale = 3,
}

impl Column {
    pub fn new(v: &Variable, width: usize, lang: Lang) -> Self {
        let content = match v.of {
            Of::One(..) | Of::Chosen(..) | Of::Number(_) | Of::Standing(_) | Of::Page => {
                Content::Number
            }
            _ => Content::Text(width.max(1)),
        };
        let label = match &v.of {
            // The option first: what is cut at the end is the question, which its siblings share.
            Of::Chosen(q, o) => format!("{}｜{}", lang.pick(&o.label), lang.pick(&q.label)),
            _ => codebook::label(v, lang),
        };
        let set = match &v.of {
            Of::Chosen(q, _) => Some((q.id.clone(), lang.pick(&q.label).to_owned())),
            _ => None,
        };
        let (values, missing) = values(&v.of, lang);
        let scale = matches!(v.of, Of::Number(_) | Of::Page);
        let measure = if scale { Measure::Scale } else { Measure::Nominal };
        Self { name: name(&v.name), label, content, values, missing, measure, set }
    }

    fn segments(&self) -> Vec<usize> {
        match self.content {
            Content::Number => vec![0],
            Content::Text(width) => segments(width),
        }
    }
}

/// A name that SPSS takes: it begins with a letter, has no hyphen, does not end in a period and is no
/// word of its language.
fn name(id: &str) -> String {
    let mut out: String = id.replace('-', "_");
    if !out.starts_with(|c: char| c.is_ascii_alphabetic())
        || RESERVED.contains(&out.to_ascii_lowercase().as_str())
    {
        out.insert_str(0, "v_");
    }
    // 64 bytes are what a name may have.
    out.truncate(63);
    if out.ends_with('.') {
        out.push('_');
    }
    out
}

/// Value labels and missing values.
fn values(of: &Of, lang: Lang) -> (Vec<(f64, String)>, Vec<f64>) {
    let none = |s: Standing| codebook::standing(s, lang).to_owned();
    let (blank, pending) = (none(Standing::Blank), none(Standing::Pending));
    let out = none(Standing::Out);
    let waiting = [(code::PENDING, pending), (code::OUT, out)];
    let mut missing = vec![code::PENDING, code::OUT];
    let answered_only = |q: &Question| q.answered_only;
    let mut values: Vec<(f64, String)> = match of {
        Of::One(q, options) => {
            if answered_only(q) {
                missing.push(code::BLANK);
            }
            let label = |(i, o): (usize, &&crate::form::FormOption)| {
                (i as f64 + 1.0, lang.pick(&o.label).to_owned())
            };
            let blank = [(code::BLANK, blank)];
            options.iter().enumerate().map(label).chain(blank).collect()
        }
        Of::Chosen(q, _) => {
            let mut out = vec![
                (1.0, lang.say("選んだ", "chosen").to_owned()),
                (0.0, lang.say("選んでいない", "not chosen").to_owned()),
            ];
            if answered_only(q) {
                missing.push(code::NONE);
                out.push((code::NONE, blank));
            }
            out
        }
        Of::Number(_) => {
            missing.push(code::NONE);
            vec![(code::NONE, blank)]
        }
        Of::Standing(_) => {
            let all = Standing::ALL.iter().enumerate();
            return (all.map(|(i, s)| (i as f64 + 1.0, none(*s))).collect(), Vec::new());
        }
        _ => return (Vec::new(), Vec::new()),
    };
    values.extend(waiting);
    (values, missing)
}

pub fn write(columns: &[Column], tally: &Tally, cases: u64, out: &mut dyn Write) -> io::Result<()> {
    head(columns, tally, cases, out)?;
    let mut short = 0;
    let mut shorts = Vec::with_capacity(columns.len());
    for column in columns {
        shorts.push(format!("V{}", short + 1));
        for (i, width) in column.segments().into_iter().enumerate() {
            short += 1;
            variable(column, &format!("V{short}"), width, i == 0, out)?;
        }
    }
    value_labels(columns, out)?;
    integers(out)?;
    floats(out)?;
    sets(columns, &shorts, out)?;
    display(columns, out)?;
    names(columns, &shorts, out)?;
    extension(20, 1, b"UTF-8", out)?;
    int(999, out)?;
    int(0, out)
}

fn int(v: i32, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&v.to_le_bytes())
}

/// Text of exactly so many bytes, cut between characters, padded with spaces.
fn padded(text: &str, width: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes()[..text.floor_char_boundary(width)].to_vec();
    bytes.resize(width, b' ');
    bytes
}

fn head(columns: &[Column], tally: &Tally, cases: u64, out: &mut dyn Write) -> io::Result<()> {
    let units = |c: &Column| c.segments().iter().map(|w| w.div_ceil(8).max(1)).sum::<usize>();
    out.write_all(b"$FL2")?;
    out.write_all(&padded(&format!("@(#) SPSS DATA FILE {}", tally.survey.program), 60))?;
    int(2, out)?;
    int(columns.iter().map(units).sum::<usize>() as i32, out)?;
    int(1, out)?; // byte codes
    int(0, out)?; // no weights
    int(i32::try_from(cases).unwrap_or(-1), out)?; // -1: not known
    out.write_all(&100f64.to_le_bytes())?;
    // A fixed moment: the same survey gives the same bytes.
    out.write_all(b"01 Jan 0000:00:00")?;
    out.write_all(&padded(&tally.survey.title, 64))?;
    out.write_all(&[0; 3])
}

fn variable(
    column: &Column,
    short: &str,
    width: usize,
    first: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let missing: &[f64] = if first { &column.missing } else { &[] };
    let format = match column.content {
        Content::Number => FORMAT_NUMBER << 16 | DIGITS << 8,
        Content::Text(_) => FORMAT_TEXT << 16 | (width as i32) << 8,
    };
    int(2, out)?;
    int(width as i32, out)?;
    int(i32::from(first), out)?;
    int(missing.len() as i32, out)?;
    int(format, out)?;
    int(format, out)?;
    out.write_all(&padded(short, 8))?;
    if first {
        let label = shortened(&column.label, LONGEST_LABEL);
        int(label.len() as i32, out)?;
        out.write_all(&padded(&label, label.len().next_multiple_of(4)))?;
    }
    for value in missing {
        out.write_all(&value.to_le_bytes())?;
    }
    // The units after the first eight bytes of a string are variables without anything.
    for _ in 1..width.div_ceil(8) {
        for v in [2, -1, 0, 0, 0, 0] {
            int(v, out)?;
        }
        out.write_all(&[b' '; 8])?;
    }
    Ok(())
}

/// The label within so many bytes, with an ellipsis where something was cut.
fn shortened(label: &str, bytes: usize) -> String {
    if label.len() <= bytes {
        return label.to_owned();
    }
    format!("{}…", &label[..label.floor_char_boundary(bytes - '…'.len_utf8())])
}

fn value_labels(columns: &[Column], out: &mut dyn Write) -> io::Result<()> {
    let mut index = 1;
    for column in columns {
        if !column.values.is_empty() {
            int(3, out)?;
            int(column.values.len() as i32, out)?;
            for (value, label) in &column.values {
                let label = shortened(label, LONGEST_VALUE_LABEL);
                out.write_all(&value.to_le_bytes())?;
                out.write_all(&[label.len() as u8])?;
                out.write_all(&padded(&label, (label.len() + 1).next_multiple_of(8) - 1))?;
            }
            int(4, out)?;
            int(1, out)?;
            int(index, out)?;
        }
        let units = column.segments().iter().map(|w| w.div_ceil(8).max(1)).sum::<usize>();
        index += units as i32;
    }
    Ok(())
}

fn extension(subtype: i32, size: i32, data: &[u8], out: &mut dyn Write) -> io::Result<()> {
    int(7, out)?;
    int(subtype, out)?;
    int(size, out)?;
    int(data.len() as i32 / size, out)?;
    out.write_all(data)
}

/// Version 20.0.0 of the format, IEEE 754, byte codes, little-endian, UTF-8 (code page 65001).
fn integers(out: &mut dyn Write) -> io::Result<()> {
    let data: Vec<u8> =
        [20, 0, 0, -1, 1, 1, 2, 65001].iter().flat_map(|v: &i32| v.to_le_bytes()).collect();
    extension(3, 4, &data, out)
}

/// System-missing, highest and lowest value.
fn floats(out: &mut dyn Write) -> io::Result<()> {
    let lowest = f64::MIN.next_up();
    let data: Vec<u8> = [f64::MIN, f64::MAX, lowest].iter().flat_map(|v| v.to_le_bytes()).collect();
    extension(4, 8, &data, out)
}

/// Multiple dichotomies: the options of a choice of several, counted where they are 1.
fn sets(columns: &[Column], shorts: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut sets: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    for (column, short) in columns.iter().zip(shorts) {
        if let Some((id, label)) = &column.set {
            let members = &mut sets.entry(id).or_insert((label, Vec::new())).1;
            members.push(short.to_ascii_lowercase());
        }
    }
    let mut text = String::new();
    for (id, (label, members)) in sets {
        let label = shortened(label, LONGEST_LABEL);
        let (name, members) = (name(id), members.join(" "));
        let _ = writeln!(text, "${name}=D1 1 {} {label} {members}", label.len());
    }
    if text.is_empty() { Ok(()) } else { extension(7, 1, text.as_bytes(), out) }
}

/// Measure, width on the screen and alignment of every variable, segments too.
fn display(columns: &[Column], out: &mut dyn Write) -> io::Result<()> {
    let mut data = Vec::new();
    for column in columns {
        for width in column.segments() {
            let (screen, left) = match column.content {
                Content::Number => (DIGITS, 1),
                Content::Text(_) => (width.min(SCREEN) as i32, 0),
            };
            data.extend([column.measure as i32, screen, left].iter().flat_map(|v| v.to_le_bytes()));
        }
    }
    extension(11, 4, &data, out)
}

/// Names of more than eight bytes, and widths of more than 255.
fn names(columns: &[Column], shorts: &[String], out: &mut dyn Write) -> io::Result<()> {
    let pairs = columns.iter().zip(shorts);
    let long: Vec<String> = pairs.clone().map(|(c, s)| format!("{s}={}", c.name)).collect();
    extension(13, 1, long.join("\t").as_bytes(), out)?;
    let mut wide = String::new();
    for (column, short) in pairs {
        if let Content::Text(width) = column.content
            && column.segments().len() > 1
        {
            let _ = write!(wide, "{short}={width:05}\0\t");
        }
    }
    if wide.is_empty() { Ok(()) } else { extension(14, 1, wide.as_bytes(), out) }
}
