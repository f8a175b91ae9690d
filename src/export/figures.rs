//! The tally as a table: a row for every option, no answer and sum, with its base beside it.

use std::io::{self, Write};

use super::Format;
use super::lines::{Field, Lines};
use super::variables::questions;
use crate::form::Form;
use crate::lang::Lang;
use crate::tally::{ChoiceFigure, Figure, Percent, Tally};

/// The columns; see [`super::schema`].
pub const COLUMNS: [&str; 10] = [
    "question",
    "type",
    "question_label",
    "row",
    "row_label",
    "count",
    "percent",
    "base",
    "base_rule",
    "pending",
];

/// Writes the figures of a tally; labels in `lang`.
///
/// # Errors
/// What the writer gives.
pub fn figures(
    tally: &Tally,
    forms: &[Form],
    format: Format,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    let asked = questions(forms);
    let mut lines = Lines::begin(COLUMNS, format, out)?;
    for figure in &tally.questions {
        let question = asked.iter().find(|q| q.id == figure.id());
        let label = question.map_or("", |q| lang.pick(&q.label));
        for row in rows(figure, lang) {
            lines.record(&row.fields(figure, label))?;
        }
    }
    Ok(())
}

/// One row of one question.
struct Row<'a> {
    id: &'a str,
    label: &'a str,
    count: u64,
    percent: Option<Percent>,
    pending: u64,
}

impl<'a> Row<'a> {
    fn fields(&self, figure: &'a Figure, label: &'a str) -> [Field<'a>; 10]
    where
        Self: 'a,
    {
        let (kind, base, rule) = match figure {
            Figure::Choice(f) => (f.kind.word(), f.base, Field::own(f.base_rule.as_str())),
            Figure::Number(f) => (f.kind.word(), f.base, Field::Nothing),
            Figure::Text(f) => (f.kind.word(), f.base, Field::Nothing),
        };
        [
            Field::own(figure.id()),
            Field::own(kind),
            Field::text(label),
            Field::own(self.id.to_owned()),
            Field::text(self.label.to_owned()),
            Field::Whole(self.count),
            Field::percent(self.percent),
            Field::Whole(base),
            rule,
            Field::Whole(self.pending),
        ]
    }
}

fn rows(figure: &Figure, lang: Lang) -> Vec<Row<'_>> {
    let filled = |count, pending| Row {
        id: "filled",
        label: lang.say("記入あり", "filled in"),
        count,
        percent: None,
        pending,
    };
    match figure {
        Figure::Choice(f) => choice(f, lang),
        Figure::Number(f) => {
            let (ja, en) = if f.lower_bound {
                ("合計（少なくとも）", "sum (at least)")
            } else {
                ("合計", "sum")
            };
            let label = lang.say(ja, en);
            let sum = Row { id: "sum", label, count: f.sum, percent: None, pending: f.pending };
            vec![sum, filled(f.filled, f.pending)]
        }
        Figure::Text(f) => vec![filled(f.filled, f.pending)],
    }
}

fn choice(f: &ChoiceFigure, lang: Lang) -> Vec<Row<'_>> {
    let option = f.options.iter().map(|o| Row {
        id: &o.id,
        label: &o.label,
        count: o.count,
        percent: o.percent,
        pending: o.pending,
    });
    let none = Row {
        id: "na",
        label: lang.say("無回答", "no answer"),
        count: f.no_answer.count,
        percent: f.no_answer.percent,
        pending: 0,
    };
    // Pending answers name no row; one line says how many there are.
    let pending = Row {
        id: "pending",
        label: lang.say("確認待ち", "waits for a person"),
        count: f.pending,
        percent: None,
        pending: f.pending,
    };
    option.chain([none, pending]).collect()
}
