//! What every variable and every value of the wide table means, one line a value.

use std::io::{self, Write};

use super::Format;
use super::lines::{Field, Lines};
use super::variables::{Of, Standing, Variable, Variables};
use crate::form::{Form, FormOption, Question};
use crate::lang::Lang;
use crate::tally::base_sentence;

/// One value of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub variable: String,
    /// What the variable is.
    pub label: String,
    /// Empty: any value.
    pub value: String,
    pub meaning: String,
    /// Of whom percentages are taken; only in the first line of a question.
    pub base: String,
}

/// The whole codebook, in the order of the variables.
pub fn entries(variables: &Variables, lang: Lang) -> Vec<Entry> {
    variables.columns.iter().flat_map(|v| of_variable(v, variables.forms(), lang)).collect()
}

/// Writes it as a table.
///
/// # Errors
/// What the writer gives.
pub fn write(forms: &[Form], format: Format, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let names = ["variable", "label", "value", "meaning", "base"];
    let mut lines = Lines::begin(names, format, out)?;
    for e in entries(&Variables::new(forms), lang) {
        lines.record(&[
            Field::own(e.variable),
            Field::text(e.label),
            Field::own(e.value),
            Field::text(e.meaning),
            Field::text(e.base),
        ])?;
    }
    Ok(())
}

/// What a variable is called in `lang`.
pub fn label(v: &Variable, lang: Lang) -> String {
    match &v.of {
        Of::Response => lang.say("回答番号", "response").into(),
        Of::File => lang.say("ファイル", "file").into(),
        Of::Page => lang.say("ページ", "page").into(),
        Of::Form => lang.say("調査票", "form").into(),
        Of::Batch => lang.say("受信区分", "batch").into(),
        Of::Arrived => lang.say("到着日", "arrived").into(),
        Of::Association => lang.say("協会・医会", "association").into(),
        Of::One(q, _) | Of::Number(q) | Of::Text(q) => lang.pick(&q.label).into(),
        Of::Chosen(q, o) => [lang.pick(&q.label), lang.colon(), lang.pick(&o.label)].concat(),
        Of::Standing(q) => {
            lang.pick(&q.label).to_owned() + &lang.aside(lang.say("回答の状態", "standing"))
        }
    }
}

fn of_variable(v: &Variable, forms: &[Form], lang: Lang) -> Vec<Entry> {
    let mut rows = match &v.of {
        Of::One(_, options) => options.iter().map(|o| value(v, o, lang)).collect(),
        Of::Chosen(..) => vec![
            entry(v, lang, "1", lang.say("選んだ", "chosen")),
            entry(v, lang, "0", lang.say("選んでいない", "not chosen")),
        ],
        Of::Standing(_) => {
            Standing::ALL.iter().map(|s| entry(v, lang, s.word(), standing(*s, lang))).collect()
        }
        Of::Number(q) => vec![entry(v, lang, "", &number(q, lang))],
        _ => vec![entry(v, lang, "", lang.say("文字", "text"))],
    };
    if let (Some(q), Some(first)) = (question(v), rows.first_mut()) {
        first.base = base_sentence(lang, q, forms);
    }
    rows
}

fn question<'a>(v: &Variable<'a>) -> Option<&'a Question> {
    match v.of {
        Of::One(q, _) | Of::Number(q) | Of::Text(q) | Of::Chosen(q, _) => Some(q),
        _ => None,
    }
}

fn value(v: &Variable, option: &FormOption, lang: Lang) -> Entry {
    entry(v, lang, &option.id, lang.pick(&option.label))
}

fn entry(v: &Variable, lang: Lang, value: &str, meaning: &str) -> Entry {
    Entry {
        variable: v.name.clone(),
        label: label(v, lang),
        value: value.to_owned(),
        meaning: meaning.to_owned(),
        base: String::new(),
    }
}

fn number(q: &Question, lang: Lang) -> String {
    match q.range {
        Some([a, b]) => match lang {
            Lang::Ja => format!("整数 {a}～{b}"),
            Lang::En => format!("whole number {a} to {b}"),
        },
        None => lang.say("整数", "whole number").to_owned(),
    }
}

/// What a standing means.
pub fn standing(s: Standing, lang: Lang) -> &'static str {
    match s {
        Standing::Answered => lang.say("回答あり", "answered"),
        Standing::Blank => lang.say("無回答", "no answer"),
        Standing::Pending => {
            lang.say("確認待ち（集計に入れない）", "waits for a person: not counted")
        }
        Standing::Unsettled => {
            lang.say("母数に入るかどうかが確認待ち", "whether it is in the base waits for a person")
        }
        Standing::Out => lang.say("設問の対象外（母数に入れない）", "not in the question's base"),
        Standing::NotAsked => lang.say("この調査票にない設問", "not asked on this form"),
    }
}
