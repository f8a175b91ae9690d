//! One question's figure from packed answers, over any selection of rows.

use rayon::prelude::*;

use super::base::{Member, Rule, base_rule};
use super::sheet::{Choices, Sheet, Standing};
use super::{
    ChoiceFigure, Figure, NetFigure, Note, NumberFigure, OptionFigure, Percent, Share, TextFigure,
};
use crate::form::{Form, Question, QuestionType};
use crate::lang::Lang;

/// The figures of every question that any form asks, over `rows`. Questions come in the order of the
/// first form; what only later forms ask follows in their order.
pub fn figures(sheet: &Sheet, rows: &[u32], lang: Lang) -> Vec<Figure> {
    asked(sheet.forms).into_par_iter().map(|q| figure(sheet, rows, q, lang)).collect()
}

/// Every question that any form asks, as the first form that asks it has it.
pub fn asked(forms: &[Form]) -> Vec<&Question> {
    let mut out: Vec<&Question> = Vec::new();
    for question in forms.iter().flat_map(Form::questions) {
        if !out.iter().any(|q| q.id == question.id) {
            out.push(question);
        }
    }
    out
}

fn figure(sheet: &Sheet, rows: &[u32], question: &Question, lang: Lang) -> Figure {
    match question.kind {
        QuestionType::Integer => Figure::Number(number(sheet, rows, question)),
        QuestionType::Text => Figure::Text(written(sheet, rows, &question.id)),
        _ => Figure::Choice(choice(sheet, rows, question, lang)),
    }
}

/// One choice question over `rows`.
pub fn choice(sheet: &Sheet, rows: &[u32], question: &Question, lang: Lang) -> ChoiceFigure {
    let id = &question.id;
    let mut f = empty(sheet, question, lang);
    let Some(column) = sheet.choices(id) else { return f };
    let mut nets = Nets::new(question, column, lang);
    let rule = Rule::new(sheet, id);
    for &row in rows {
        let row = row as usize;
        let standing = column.standing(row);
        match (rule.member(row), standing) {
            (Member::Out, _) | (_, Standing::NotAsked) => {}
            (Member::Unknown, _) | (_, Standing::Pending) => {
                f.pending += 1;
                column.each(row, |i| f.options[i].pending += 1);
            }
            (Member::In, _) => {
                let blank = standing == Standing::Blank;
                f.no_answer.count += u64::from(blank);
                if blank && question.answered_only {
                    continue;
                }
                f.base += 1;
                f.decided_by_people += u64::from(column.by_person(row));
                column.each(row, |i| f.options[i].count += 1);
                nets.add(column, row, blank);
            }
        }
    }
    shares(&mut f, question, nets);
    f.notes = notes(&f, question, blanks_in_base(sheet, rows, question));
    f
}

fn empty(sheet: &Sheet, question: &Question, lang: Lang) -> ChoiceFigure {
    ChoiceFigure {
        id: question.id.clone(),
        kind: question.kind,
        label: lang.pick(&question.label).to_owned(),
        base: 0,
        base_rule: base_rule(question),
        options: options(sheet.forms, &question.id, lang),
        no_answer: Share { count: 0, percent: None },
        pending: 0,
        decided_by_people: 0,
        nets: Vec::new(),
        notes: Vec::new(),
    }
}

fn shares(f: &mut ChoiceFigure, question: &Question, nets: Nets) {
    if !question.answered_only {
        f.no_answer.percent = Percent::of(f.no_answer.count, f.base);
    }
    for option in &mut f.options {
        option.percent = Percent::of(option.count, f.base);
    }
    f.nets = nets.figures;
    for net in &mut f.nets {
        net.percent = Percent::of(net.count, f.base);
    }
}

/// What a question counts together, while its rows go by.
struct Nets {
    figures: Vec<NetFigure>,
    /// The options' bits, and whether they must be absent.
    masks: Vec<(Vec<u8>, bool)>,
}

impl Nets {
    fn new(question: &Question, column: &Choices, lang: Lang) -> Self {
        let figure = |net: &crate::form::Net| NetFigure {
            id: net.id.clone(),
            label: lang.pick(&net.label).to_owned(),
            count: 0,
            percent: None,
            no_answer: 0,
        };
        let mask = |net: &crate::form::Net| {
            (column.mask(net.with.iter().chain(&net.without)), net.with.is_empty())
        };
        Self {
            figures: question.nets.iter().map(figure).collect(),
            masks: question.nets.iter().map(mask).collect(),
        }
    }

    fn add(&mut self, column: &Choices, row: usize, blank: bool) {
        for (figure, (mask, absent)) in self.figures.iter_mut().zip(&self.masks) {
            if column.any(row, mask) != *absent {
                figure.count += 1;
                figure.no_answer += u64::from(blank);
            }
        }
    }
}

fn notes(f: &ChoiceFigure, question: &Question, blanks: Option<(String, u64)>) -> Vec<Note> {
    let mut out = Vec::new();
    let shares = f.options.iter().map(|o| o.percent).chain([f.no_answer.percent]);
    let sum: u64 = shares.flatten().map(Percent::tenths).sum();
    match f.kind {
        QuestionType::SelectOne if f.base > 0 && sum != 1000 => {
            out.push(Note::RoundedSum { sum: Percent::from_tenths(sum) });
        }
        QuestionType::SelectMultiple if sum > 1000 => out.push(Note::MultipleAnswers),
        _ => {}
    }
    if question.answered_only && f.no_answer.count > 0 {
        out.push(Note::AnsweredOnly { no_answer: f.no_answer.count });
    }
    if let Some((question, count)) = blanks.filter(|b| b.1 > 0) {
        out.push(Note::BlanksInBase { question, count });
    }
    if f.pending > 0 {
        out.push(Note::Pending { count: f.pending });
    }
    out
}

/// How many of the base are there only because they left the conditioned question blank.
fn blanks_in_base(sheet: &Sheet, rows: &[u32], question: &Question) -> Option<(String, u64)> {
    let base = question.base.as_ref().filter(|c| !c.without.is_empty())?;
    let asked = sheet.choices(&base.question)?;
    let own = sheet.choices(&question.id)?;
    let rule = Rule::new(sheet, &question.id);
    let counted = rows.iter().map(|r| *r as usize).filter(|&row| {
        asked.standing(row) == Standing::Blank
            && matches!(own.standing(row), Standing::Blank | Standing::Answered)
            && !(question.answered_only && own.standing(row) == Standing::Blank)
            && rule.member(row) == Member::In
    });
    Some((base.question.clone(), counted.count() as u64))
}

/// Every option that any form has for this question, in order of first appearance.
fn options(forms: &[Form], id: &str, lang: Lang) -> Vec<OptionFigure> {
    let mut found: Vec<OptionFigure> = Vec::new();
    for o in forms.iter().filter_map(|f| f.question(id)).flat_map(|q| &q.options) {
        if !found.iter().any(|f| f.id == o.id) {
            let label = lang.pick(&o.label).to_owned();
            found.push(OptionFigure {
                id: o.id.clone(),
                label,
                count: 0,
                percent: None,
                pending: 0,
            });
        }
    }
    found
}

fn number(sheet: &Sheet, rows: &[u32], question: &Question) -> NumberFigure {
    let mut f = NumberFigure {
        id: question.id.clone(),
        kind: QuestionType::Integer,
        base: 0,
        sum: 0,
        filled: 0,
        lower_bound: question.lower_bound,
        pending: 0,
    };
    let Some(column) = sheet.writing(&f.id) else { return f };
    let rule = Rule::new(sheet, &f.id);
    for &row in rows {
        let row = row as usize;
        let (member, standing) = (rule.member(row), column.standing(row));
        f.base += u64::from(member == Member::In);
        if member == Member::Out || matches!(standing, Standing::Blank | Standing::NotAsked) {
            continue;
        }
        match column.number(row).filter(|_| member == Member::In) {
            Some(n) => {
                f.sum = f.sum.saturating_add(n);
                f.filled += 1;
            }
            None => f.pending += 1,
        }
    }
    f
}

fn written(sheet: &Sheet, rows: &[u32], id: &str) -> TextFigure {
    let kind = QuestionType::Text;
    let mut f = TextFigure { id: id.to_owned(), kind, base: 0, filled: 0, pending: 0 };
    let Some(column) = sheet.writing(id) else { return f };
    let rule = Rule::new(sheet, id);
    for &row in rows {
        let row = row as usize;
        let (member, standing) = (rule.member(row), column.standing(row));
        f.base += u64::from(member == Member::In);
        match (member, standing) {
            (Member::Out, _) | (_, Standing::Blank | Standing::NotAsked) => {}
            (Member::In, Standing::Answered) => f.filled += 1,
            _ => f.pending += 1,
        }
    }
    f
}
