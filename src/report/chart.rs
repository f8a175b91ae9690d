//! Charts in the manner of the federation's slides: bars with count and share for several answers, a
//! pie with its list for one. Every number stands in the picture; the shapes only help.

use super::font::{Face, guessed_width};
use super::grouped;
use super::picture::{Anchor, FILLS, Fill, Picture, Shape, plain};
use crate::form::QuestionType;
use crate::lang::Lang;
use crate::tally::{Note, Percent, Row, RowKind, Table};

/// Pixels: a slide's half width, the width of an A4 page's text at 144 dpi.
const WIDTH: f32 = 960.0;
const MARGIN: f32 = 32.0;
/// Sizes of letters. In the printed report 19 are 13 rows of a standard fax (98 a 25.4 mm), at which kanji can
/// still be read; 15, which are 10 rows, could not.
const TITLE: f32 = 27.0;
const LABEL: f32 = 20.0;
const SMALL: f32 = 19.0;
/// Bars: distance, thickness, and where they begin and end.
const PITCH: f32 = 40.0;
const THICK: f32 = 24.0;
const THIN: f32 = 17.0;
const BARS_FROM: f32 = 390.0;
const BARS_TO: f32 = 740.0;
/// Pies: radius, and where the list begins.
const RADIUS: f32 = 165.0;
const LIST_FROM: f32 = 440.0;
/// Slices smaller than this turn have no room for a share inside: it is in the list.
const LABELLED: f32 = 0.06;
/// Where a share stands between centre and edge: narrow slices have room only further out.
const DEPTH: f32 = 0.66;
const NARROW: (f32, f32) = (0.12, 0.84);
/// More slices than there are fills cannot be told apart: bars then.
const MOST_SLICES: usize = FILLS.len();

/// Marks that never begin a line, and those that never end one (JIS X 4051).
const CLOSING: [char; 9] = ['、', '。', '，', '．', '）', '」', '』', '・', 'ー'];
const OPENING: [char; 4] = ['（', '「', '『', '('];

/// Draws one question's table. `face` measures the letters; without one widths are guessed.
pub fn chart(table: &Table, lang: Lang, face: Option<&Face>) -> Picture {
    let mut sketch = Sketch { face, shapes: Vec::new(), y: MARGIN };
    let rows: Vec<&Row> = table.rows.iter().filter(|r| r.kind != RowKind::Net).collect();
    sketch.head(table, lang);
    let flat = rows.iter().all(|r| r.kind != RowKind::Suboption);
    let one = table.kind == QuestionType::SelectOne && flat && rows.len() <= MOST_SLICES;
    if one && rows.iter().any(|r| r.count > 0) {
        sketch.pie(&rows, lang);
    } else {
        sketch.bars(&rows, lang);
    }
    sketch.foot(table, lang);
    let described: Vec<String> = rows
        .iter()
        .map(|r| format!("{} {}", plain(&r.label), shown(r.count, r.percent, lang)))
        .collect();
    Picture {
        width: WIDTH,
        height: sketch.y + MARGIN / 2.0,
        title: plain(&table.title),
        description: described.join(lang.comma()),
        shapes: sketch.shapes,
    }
}

/// 5784, 78.0 -> "5,784（78.0％）".
pub fn shown(count: u64, percent: Option<Percent>, lang: Lang) -> String {
    match percent {
        Some(p) => grouped(count) + &lang.aside(&lang.percent(p)),
        None => grouped(count),
    }
}

/// The shapes drawn so far and the height they take.
struct Sketch<'a> {
    face: Option<&'a Face>,
    shapes: Vec<Shape>,
    y: f32,
}

impl Sketch<'_> {
    fn width(&self, text: &str, size: f32) -> f32 {
        self.face.map_or_else(|| guessed_width(text, size), |f| f.width(text, size))
    }

    fn text(&mut self, x: f32, y: f32, size: f32, anchor: Anchor, text: &str) {
        self.shapes.push(Shape::Text { x, y, size, anchor, text: text.to_owned() });
    }

    /// A text as lines of at most `width` pixels. Closing marks never begin
    /// a line, opening ones never end one.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for c in plain(text).chars() {
            let line = lines.last().map_or("", |l| l);
            let full = !line.is_empty() && self.width(&format!("{line}{c}"), size) > width;
            if full && c != ' ' && !CLOSING.contains(&c) {
                // An opening bracket goes along with what it opens, and a word is not cut.
                let from = if line.ends_with(OPENING) {
                    line.char_indices().last().map_or(0, |(at, _)| at)
                } else {
                    word_start(line, c)
                };
                let carried = lines.last_mut().map(|l| l.split_off(from));
                lines.push(carried.unwrap_or_default());
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
        lines
    }

    /// Title and N.
    fn head(&mut self, table: &Table, lang: Lang) {
        for line in self.lines(&table.title, TITLE, WIDTH - 2.0 * MARGIN) {
            self.y += TITLE;
            self.text(MARGIN, self.y, TITLE, Anchor::Start, &line);
            self.y += TITLE * 0.3;
        }
        let several = match table.kind {
            QuestionType::SelectMultiple => lang.say("（複数回答）", " (several answers)"),
            _ => "",
        };
        let n = format!("{}{}{several}", lang.say("N＝", "N = "), grouped(table.base));
        self.y += LABEL;
        self.text(WIDTH - MARGIN, self.y, LABEL, Anchor::End, &n);
        self.y += LABEL;
    }

    fn bars(&mut self, rows: &[&Row], lang: Lang) {
        let most = rows.iter().map(|r| r.count).max().unwrap_or(0).max(1) as f32;
        let top = self.y;
        for row in rows {
            let sub = row.kind == RowKind::Suboption;
            let (thick, fill) = match row.kind {
                RowKind::Suboption => (THIN, Fill::Rising),
                RowKind::NoAnswer => (THICK, Fill::White),
                _ => (THICK, Fill::Ink),
            };
            let of = if sub { lang.say("うち ", "of which ") } else { "" };
            let label = format!("{of}{}", row.label);
            let lines = self.lines(&label, LABEL, BARS_FROM - MARGIN - 12.0);
            let height = PITCH.max(lines.len() as f32 * LABEL * 1.15 + 12.0);
            let middle = self.y + height / 2.0;
            let first = middle - (lines.len() as f32 - 1.0) * LABEL * 0.575 + LABEL * 0.36;
            for (i, line) in lines.iter().enumerate() {
                let y = first + i as f32 * LABEL * 1.15;
                self.text(BARS_FROM - 12.0, y, LABEL, Anchor::End, line);
            }
            let w = row.count as f32 / most * (BARS_TO - BARS_FROM);
            if row.count > 0 {
                let (x, y) = (BARS_FROM, middle - thick / 2.0);
                self.shapes.push(Shape::Bar { x, y, w, h: thick, fill });
            }
            let figure = shown(row.count, row.percent, lang);
            let (x, y) = (BARS_FROM + w + 10.0, middle + LABEL * 0.36);
            self.text(x, y, LABEL, Anchor::Start, &figure);
            self.y += height;
        }
        let (x, to_y) = (BARS_FROM, self.y);
        self.shapes.push(Shape::Line { x, y: top, to_x: x, to_y });
        self.y += LABEL;
    }

    fn pie(&mut self, rows: &[&Row], lang: Lang) {
        let total: u64 = rows.iter().map(|r| r.count).sum();
        let list = rows.len() as f32 * PITCH;
        let height = (2.0 * RADIUS).max(list);
        let (x, y) = (MARGIN + RADIUS + 20.0, self.y + height / 2.0);
        let mut from = 0.0;
        let mut shares = Vec::new();
        for (row, fill) in rows.iter().zip(FILLS) {
            let to = from + row.count as f32 / total as f32;
            if row.count > 0 {
                self.shapes.push(Shape::Slice { x, y, r: RADIUS, from, to, fill });
            }
            if to - from >= LABELLED
                && let Some(p) = row.percent
            {
                let depth = if to - from < NARROW.0 { NARROW.1 } else { DEPTH };
                shares.push((f32::midpoint(from, to), depth * RADIUS, lang.percent(p)));
            }
            from = to;
        }
        for (turn, out, share) in shares {
            let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
            let (cx, cy) = (x + out * sin, y - out * cos);
            let w = self.width(&share, LABEL) + 8.0;
            let (left, top) = (cx - w / 2.0, cy - LABEL * 0.65);
            self.shapes.push(Shape::White { x: left, y: top, w, h: LABEL * 1.3 });
            self.text(cx, cy + LABEL * 0.36, LABEL, Anchor::Middle, &share);
        }
        self.list(rows, y - list / 2.0, lang);
        self.y += height + LABEL;
    }

    /// Fill, label, count and share of every slice.
    fn list(&mut self, rows: &[&Row], top: f32, lang: Lang) {
        let right = WIDTH - MARGIN;
        for ((i, row), fill) in rows.iter().enumerate().zip(FILLS) {
            let middle = top + (i as f32 + 0.5) * PITCH;
            let (x, y) = (LIST_FROM, middle - 11.0);
            self.shapes.push(Shape::Bar { x, y, w: 34.0, h: 22.0, fill });
            let figure = shown(row.count, row.percent, lang);
            let room = right - LIST_FROM - 46.0 - self.width(&figure, LABEL) - 16.0;
            // Two lines fit beside a figure; more words than that are in the table.
            let mut lines = self.lines(&row.label, LABEL, room);
            if lines.len() > 2 {
                lines.truncate(2);
                lines[1].pop();
                lines[1].push('…');
            }
            let size = if lines.len() > 1 { LABEL * 0.9 } else { LABEL };
            let first = middle - (lines.len() as f32 - 1.0) * size * 0.55 + size * 0.36;
            for (j, line) in lines.iter().enumerate() {
                let y = first + j as f32 * size * 1.1;
                self.text(LIST_FROM + 46.0, y, size, Anchor::Start, line);
            }
            self.text(right, middle + LABEL * 0.36, LABEL, Anchor::End, &figure);
        }
    }

    /// Of whom the shares are, and what must be said beside them.
    fn foot(&mut self, table: &Table, lang: Lang) {
        let mut texts = Vec::new();
        if !table.base_sentence.is_empty() {
            texts.push([lang.say("母数", "Base"), lang.colon(), &table.base_sentence].concat());
        }
        let notes = table.notes.iter().filter(|n| !matches!(n, Note::MultipleAnswers));
        texts.extend(notes.map(|n| lang.note(&n.message(lang))));
        for text in texts {
            for line in self.lines(&text, SMALL, WIDTH - 2.0 * MARGIN) {
                self.y += SMALL * 1.35;
                self.text(MARGIN, self.y, SMALL, Anchor::Start, &line);
            }
        }
    }
}

/// Where the word begins that `next` goes on with; the line's end where there is none, or no space before
/// it (Japanese may break anywhere).
fn word_start(line: &str, next: char) -> usize {
    let tail = line.rfind(' ').map(|at| at + 1).filter(|at| line[*at..].is_ascii());
    tail.filter(|_| next.is_ascii_graphic()).unwrap_or(line.len())
}
