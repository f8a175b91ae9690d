//! The tally for people: one table of at most 80 columns, aligned although Japanese characters are
//! two columns wide.

mod reasons;
mod sides;

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{ChoiceFigure, Figure, Note, PageCounts, Percent, Status, Tally, base_sentence};
use crate::form::{Form, Question};
use crate::lang::{Lang, hidden};

pub use reasons::render_why;
pub use sides::{render_comparison, render_cross, render_cuts};

/// A terminal's default width, and that of a fax page in 10-point type.
const COLUMNS: usize = 80;
/// Left for labels: 80 less the indent, the count, the percentage and the bar.
const LABEL_COLUMNS: usize = 42;
/// One cell of a bar is 8 %: what is left of 80 columns.
const BAR_CELLS: u64 = 12;

/// The whole tally in `lang`. `forms` gives the base rules their sentences.
pub fn render(tally: &Tally, forms: &[Form], lang: Lang) -> String {
    let mut out = String::new();
    head(&mut out, tally, lang);
    for figure in &tally.questions {
        let question = forms.iter().find_map(|f| f.question(figure.id()));
        match figure {
            Figure::Choice(f) => choice(&mut out, f, (question, forms), lang),
            Figure::Number(f) => {
                let least =
                    if f.lower_bound { lang.say("少なくとも ", "at least ") } else { "" };
                let gap = lang.gap();
                let text = format!(
                    "{} {least}{}{gap}{} {}/{}",
                    lang.say("合計", "sum"),
                    grouped(f.sum),
                    lang.say("記入", "filled in"),
                    grouped(f.filled),
                    grouped(f.base),
                );
                field(&mut out, &f.id, question, &text, f.pending, lang);
            }
            Figure::Text(f) => {
                let (filled, base) = (grouped(f.filled), grouped(f.base));
                let text = format!("{} {filled}/{base}", lang.say("記入", "filled in"));
                field(&mut out, &f.id, question, &text, f.pending, lang);
            }
        }
    }
    out
}

fn head(out: &mut String, t: &Tally, lang: Lang) {
    let status = match t.status {
        Status::Interim => lang.say("中間集計", "interim"),
        Status::Final => lang.say("最終集計", "final"),
    };
    line(out, &t.survey.title);
    line(out, &format!("{} · {status} · {}", t.survey.id, t.survey.program));
    let n = grouped(t.responses);
    let responses = match (t.sent, t.response_rate) {
        (Some(sent), Some(rate)) => {
            let sent = grouped(sent);
            match lang {
                Lang::Ja => format!("回答 {n}（送付 {sent}、回収率 {rate} %）"),
                Lang::En => format!("Responses {n} of {sent} sent ({rate} %)"),
            }
        }
        _ => format!("{} {n}", lang.say("回答", "Responses")),
    };
    if let Some(day) = &t.as_of {
        line(out, &format!("{}{day}", lang.say("到着分の基準日: ", "arrived by the end of ")));
    }
    line(out, &responses);
    line(out, &pages_line(t.pages, lang));
    sides::notes(out, "", &t.notes, lang);
}

/// "Pages: 8330 counted, ..." as the summary of a read has it too.
pub fn pages_line(p: PageCounts, lang: Lang) -> String {
    let parts = [
        (lang.say("集計", "counted"), p.counted),
        (lang.say("重複", "duplicate"), p.duplicate),
        (lang.say("対象外", "set aside"), p.set_aside),
        (lang.say("読めず", "refused"), p.refused),
        (lang.say("要確認", "pending"), p.pending),
    ];
    let parts: Vec<_> = parts.iter().map(|(word, n)| format!("{word} {}", grouped(*n))).collect();
    format!("{}: {}", lang.say("ページ", "Pages"), parts.join(", "))
}

fn choice(
    out: &mut String,
    f: &ChoiceFigure,
    (question, forms): (Option<&Question>, &[Form]),
    lang: Lang,
) {
    let base = format!("n = {}", grouped(f.base));
    let label = question.map_or(f.label.as_str(), |q| lang.pick(&q.label));
    let title = clip(&format!("{}  {label}", f.id), COLUMNS - base.len() - 2);
    let gap = COLUMNS - base.len() - title.width();
    line(out, "");
    line(out, &format!("{title}{}{base}", " ".repeat(gap)));
    for option in &f.options {
        let printed = question.and_then(|q| q.options.iter().find(|o| o.id == option.id));
        let label = printed.map_or(option.label.as_str(), |o| lang.pick(&o.label));
        let indent = if printed.is_some_and(|o| o.parent.is_some()) { "  " } else { "" };
        row(out, &format!("{indent}{label}"), option.count, option.percent);
    }
    row(out, lang.say("無回答", "no answer"), f.no_answer.count, f.no_answer.percent);
    for net in &f.nets {
        row(out, &format!("= {}", net.label), net.count, net.percent);
    }
    let mut notes = Vec::new();
    if let Some(question) = question.filter(|q| q.base.is_some() || q.answered_only) {
        notes.push(format!(
            "{}: {}",
            lang.say("母数", "base"),
            base_sentence(lang, question, forms)
        ));
    }
    if f.decided_by_people > 0 {
        let n = grouped(f.decided_by_people);
        notes.push(format!("{} {n}", lang.say("人が判断", "decided by people")));
    }
    if f.pending > 0 {
        notes.push(format!("{} {}", lang.say("要確認", "pending"), grouped(f.pending)));
    }
    if !notes.is_empty() {
        line(out, &format!("    ({})", notes.join("; ")));
    }
    let rest = f.notes.iter().filter(|n| !matches!(n, Note::Pending { .. }));
    sides::notes(out, "    ", rest.cloned().collect::<Vec<_>>().as_slice(), lang);
}

fn row(out: &mut String, label: &str, count: u64, percent: Option<Percent>) {
    let label = clip(label, LABEL_COLUMNS);
    let gap = LABEL_COLUMNS - label.width();
    let share = percent.map_or_else(|| "-".to_owned(), |p| p.to_string());
    let bar = percent.map_or(0, |p| (p.tenths() * BAR_CELLS + 500) / 1000).min(BAR_CELLS);
    let bar = "#".repeat(bar as usize);
    line(out, &format!("    {label}{}{:>9} {share:>6} % {bar}", " ".repeat(gap), grouped(count)));
}

fn field(out: &mut String, id: &str, q: Option<&Question>, text: &str, pending: u64, lang: Lang) {
    let label = q.map_or("", |q| lang.pick(&q.label));
    line(out, "");
    line(out, &clip(&format!("{id}  {label}"), COLUMNS));
    let waiting = match pending {
        0 => String::new(),
        n => format!("; {} {}", lang.say("要確認", "pending"), grouped(n)),
    };
    line(out, &format!("    {text}{waiting}"));
}

/// The text within `columns`, with an ellipsis where something was cut.
fn clip(text: &str, columns: usize) -> String {
    let seen = text.chars().filter(|c| !hidden(*c));
    let text: String = seen.map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.width() <= columns {
        return text;
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used < columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// 8330 -> "8,330".
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The text in lines of at most `COLUMNS`: behind `first` the first, the others below it. Broken at blanks or before
/// a character of two columns that may begin a line.
fn told(out: &mut String, first: &str, text: &str) {
    let most = COLUMNS.saturating_sub(first.width());
    let (mut rest, mut before) = (text, first.to_owned());
    loop {
        let (mut used, mut fits, mut at) = (0, 0, None);
        for (i, c) in rest.char_indices() {
            used += c.width().unwrap_or(0);
            if used > most {
                break;
            }
            fits = i + c.len_utf8();
            let begins = c == ' ' || (c.width() == Some(2) && !"、。）」：？％".contains(c));
            at = if begins && i > 0 { Some(i) } else { at };
        }
        if fits == rest.len() || fits == 0 {
            return line(out, &(before + rest));
        }
        let (now, later) = rest.split_at(at.unwrap_or(fits));
        line(out, &(before + now));
        (rest, before) = (later.trim_start(), " ".repeat(first.width()));
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sentences_are_broken_where_lines_may_begin() {
        let mut out = String::new();
        told(&mut out, "    ! ", &["word"; 30].join(" "));
        told(&mut out, "      ", &["印がある、", "ともない"].concat().repeat(6));
        told(&mut out, "", &"x".repeat(100));
        told(&mut out, "  ", "");
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines.iter().all(|l| l.width() <= COLUMNS), "{out}");
        assert!(lines[0].starts_with("    ! word") && lines[1].starts_with("      word"));
        assert!(lines.iter().all(|l| !l.trim_start().starts_with('、')), "{out}");
        let said: String = lines.iter().flat_map(|l| l.chars()).filter(|c| *c != ' ').collect();
        assert_eq!(said.matches("word").count(), 30);
        assert!(said.contains(&"印がある、ともない".repeat(6)) && said.ends_with(&"x".repeat(100)));
    }
}
