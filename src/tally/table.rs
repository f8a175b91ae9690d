//! One question's figures as a table for people: the labels of one output, no answer shown or not,
//! and the notes that must stand beside it. Every renderer draws these rows and adds nothing.

use serde::Serialize;

use super::{ChoiceFigure, Note, Percent, base_sentence};
use crate::form::{Output, Question, QuestionType};
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
pub fn table(f: &ChoiceFigure, question: Option<&Question>, output: Output, lang: Lang) -> Table {
    let show_blank = question.is_none_or(|q| q.shows_no_answer(output));
    let mut rows: Vec<Row> = f
        .options
        .iter()
        .map(|o| {
            let printed = question.and_then(|q| q.options.iter().find(|p| p.id == o.id));
            let child = printed.is_some_and(|p| p.parent.is_some());
            Row {
                id: o.id.clone(),
                label: printed.map_or(&*o.label, |p| lang.pick(p.label_for(output))).to_owned(),
                kind: if child { RowKind::Suboption } else { RowKind::Option },
                count: o.count,
                percent: o.percent,
                pending: o.pending,
            }
        })
        .collect();
    if show_blank {
        rows.push(Row {
            id: "na".to_owned(),
            label: lang.say("無回答", "No answer").to_owned(),
            kind: RowKind::NoAnswer,
            count: f.no_answer.count,
            percent: f.no_answer.percent,
            pending: 0,
        });
    }
    rows.extend(f.nets.iter().map(|n| Row {
        id: n.id.clone(),
        label: n.label.clone(),
        kind: RowKind::Net,
        count: n.count,
        percent: n.percent,
        pending: 0,
    }));
    let mut notes = f.notes.clone();
    if !show_blank && f.no_answer.count > 0 && f.no_answer.percent.is_some() {
        let (count, percent) = (f.no_answer.count, f.no_answer.percent);
        notes.push(Note::NoAnswerHidden { count, percent });
    }
    Table {
        question: f.id.clone(),
        title: question.map_or(&*f.label, |q| lang.pick(q.label_for(output))).to_owned(),
        kind: f.kind,
        base: f.base,
        base_sentence: question.map_or_else(String::new, |q| base_sentence(lang, q)),
        rows,
        notes,
    }
}
