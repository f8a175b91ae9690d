//! One question's figures as a table for people: the labels of one output, no answer shown or not,
//! and the notes that must stand beside it. Every renderer draws these rows and adds nothing.

use serde::Serialize;

use super::{ChoiceFigure, Note, OptionFigure, Percent, base_sentence};
use crate::form::{Form, Output, Question, QuestionType};
use crate::lang::Lang;

/// One choice question, ready to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    pub question: String,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// N of this question.
    pub base: u64,
    /// Who is in it, in the language asked for.
    pub base_sentence: String,
    pub rows: Vec<Row>,
    pub notes: Vec<Note>,
}

/// What a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    Option,
    /// Refines the option above it.
    Suboption,
    NoAnswer,
    /// Several options together.
    Net,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The option's or net's id; `na` for no answer.
    pub id: String,
    pub label: String,
    pub kind: RowKind,
    pub count: u64,
    /// `None` on an empty base.
    pub percent: Option<Percent>,
    pub pending: u64,
}

/// The table of one choice question in the words of `output`. `question` is the form's own.
pub fn table(
    f: &ChoiceFigure,
    forms: &[Form],
    question: Option<&Question>,
    (output, lang): (Output, Lang),
) -> Table {
    let show_blank = question.is_none_or(|q| q.shows_no_answer(output));
    let mut rows = options(f, question, output, lang);
    let blank = f.no_answer;
    if show_blank {
        let label = lang.say("無回答", "No answer");
        rows.push(row("na", label, RowKind::NoAnswer, blank.count, blank.percent));
    }
    let nets = f.nets.iter();
    rows.extend(nets.map(|n| row(&n.id, &n.label, RowKind::Net, n.count, n.percent)));
    let mut notes = f.notes.clone();
    if !show_blank && blank.count > 0 && blank.percent.is_some() {
        notes.push(Note::NoAnswerHidden { count: blank.count, percent: blank.percent });
    }
    Table {
        question: f.id.clone(),
        title: question.map_or(&*f.label, |q| lang.pick(q.label_for(output))).to_owned(),
        kind: f.kind,
        base: f.base,
        base_sentence: question.map_or_else(String::new, |q| base_sentence(lang, q, forms)),
        rows,
        notes,
    }
}

fn options(f: &ChoiceFigure, question: Option<&Question>, output: Output, lang: Lang) -> Vec<Row> {
    let one = |o: &OptionFigure| {
        let printed = question.and_then(|q| q.options.iter().find(|p| p.id == o.id));
        let child = printed.is_some_and(|p| p.parent.is_some());
        let kind = if child { RowKind::Suboption } else { RowKind::Option };
        let label = printed.map_or(&*o.label, |p| lang.pick(p.label_for(output)));
        Row { pending: o.pending, ..row(&o.id, label, kind, o.count, o.percent) }
    };
    f.options.iter().map(one).collect()
}

fn row(id: &str, label: &str, kind: RowKind, count: u64, percent: Option<Percent>) -> Row {
    let (id, label) = (id.to_owned(), label.to_owned());
    Row { id, label, kind, count, percent, pending: 0 }
}
