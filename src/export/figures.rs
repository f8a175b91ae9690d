//! The tally as a table: a row for every option, no answer and sum, with its base beside it.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Format;
use super::lines::{Field, Lines};
use crate::form::{Form, Output, Question};
use crate::lang::Lang;
use crate::tally::{ChoiceFigure, Figure, Percent, Tally, asked, table};

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
    let asked = asked(forms);
    let mut lines = Lines::begin(COLUMNS, format, out)?;
    for figure in &tally.questions {
        let question = asked.iter().find(|q| q.id == figure.id());
        let label = question.map_or("", |q| lang.pick(&q.label));
        for row in rows(figure, question.copied(), lang) {
            lines.record(&row.fields(figure, label))?;
        }
    }
    Ok(())
}

/// One row of one question.
struct Row<'a> {
    id: Cow<'a, str>,
    label: Cow<'a, str>,
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
            Field::own(self.id.to_string()),
            Field::text(self.label.to_string()),
            Field::Whole(self.count),
            Field::percent(self.percent),
            Field::Whole(base),
            rule,
            Field::Whole(self.pending),
        ]
    }
}

fn rows<'a>(figure: &'a Figure, question: Option<&Question>, lang: Lang) -> Vec<Row<'a>> {
    let filled = |count, pending| Row {
        id: "filled".into(),
        label: lang.say("記入あり", "filled in").into(),
        count,
        percent: None,
        pending,
    };
    match figure {
        Figure::Choice(f) => choice(f, question, lang),
        Figure::Number(f) => {
            let (ja, en) = if f.lower_bound {
                ("合計（少なくとも）", "sum (at least)")
            } else {
                ("合計", "sum")
            };
            let label = lang.say(ja, en).into();
            let sum =
                Row { id: "sum".into(), label, count: f.sum, percent: None, pending: f.pending };
            vec![sum, filled(f.filled, f.pending)]
        }
        Figure::Text(f) => vec![filled(f.filled, f.pending)],
    }
}

fn choice<'a>(f: &'a ChoiceFigure, question: Option<&Question>, lang: Lang) -> Vec<Row<'a>> {
    // Its base stands here as a rule, for which no labels are needed.
    let shown = table(f, &[], question, (Output::Form, lang));
    let mut rows: Vec<Row> = shown
        .rows
        .into_iter()
        .map(|r| Row {
            id: r.id.into(),
            label: r.label.into(),
            count: r.count,
            percent: r.percent,
            pending: r.pending,
        })
        .collect();
    // Pending answers name no row; one line says how many there are.
    rows.push(Row {
        id: "pending".into(),
        label: lang.say("確認待ち", "waits for a person").into(),
        count: f.pending,
        percent: None,
        pending: f.pending,
    });
    rows
}
