//! Every question: chart, table, notes, and what its figures are made of.

// Writing to a String cannot fail.
use std::fmt::Write as _;

use super::super::font::Face;
use super::super::svg::escaped;
use super::super::{Findings, grouped};
use super::{behind, cell, charts, line, notes};
use crate::form::Output;
use crate::tally::{
    ChoiceFigure, Figure, NumberFigure, RowKind, Table, TextFigure, audit_sentence,
};

pub fn write(out: &mut String, findings: &Findings, face: Option<&Face>) {
    out.push_str("<main>\n");
    for figure in &findings.tally.questions {
        let _ = writeln!(out, "<section id=\"{}\">", figure.id());
        let question = findings.question(figure.id());
        let label =
            question.map_or("", |q| findings.lang.pick(q.label_for(Output::Slides))).to_owned();
        line(out, "h2", "", &[figure.id(), findings.lang.gap(), &label].concat());
        match figure {
            Figure::Choice(f) => choice(out, f, findings, face),
            Figure::Number(f) => number(out, f, findings),
            Figure::Text(f) => text(out, f, findings),
        }
        out.push_str("</section>\n");
    }
}

fn choice(out: &mut String, f: &ChoiceFigure, findings: &Findings, face: Option<&Face>) {
    let lang = findings.lang;
    let shown = findings.table(f, Output::Slides);
    charts::write(out, &shown, lang, face);
    rows(out, &shown, findings);
    notes(out, &shown.notes, lang);
    defence(out, f, &shown, findings);
}

fn rows(out: &mut String, shown: &Table, findings: &Findings) {
    let lang = findings.lang;
    let heads = [
        lang.say("選択肢", "Option"),
        lang.say("件数", "Count"),
        lang.say("割合（％）", "Share (%)"),
    ];
    out.push_str("<table>\n<thead><tr>");
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &shown.rows {
        let class = match row.kind {
            RowKind::Option => "option",
            RowKind::Suboption => "sub",
            RowKind::NoAnswer => "none",
            RowKind::Net => "net",
        };
        let label = escaped(&row.label);
        let _ = write!(out, "<tr class=\"{class}\"><th scope=\"row\"><bdi>{label}</bdi></th>");
        count(out, row.count, &format!("{}.{}", shown.question, row.id), findings);
        cell(out, row.percent.map(|p| p.to_string()));
        out.push_str("</tr>\n");
    }
    let base = lang.say("母数", "Base").to_owned() + &lang.aside(&shown.base_sentence);
    let _ = write!(out, "<tr class=\"base\"><th scope=\"row\">{}</th>", escaped(&base));
    cell(out, Some(grouped(shown.base)));
    out.push_str("<td></td></tr>\n</tbody>\n</table>\n");
}

/// A count that leads to what it is made of, where that is written beside the page.
fn count(out: &mut String, n: u64, path: &str, findings: &Findings) {
    if !findings.behind.iter().any(|b| b.path == path) {
        return cell(out, Some(grouped(n)));
    }
    let (n, path) = (grouped(n), escaped(path));
    let _ = write!(out, "<td><a href=\"{}#{path}\">{n}</a></td>", behind::FILE);
}

/// What the figures are made of; the rest is what `faxtally why` lists.
fn defence(out: &mut String, f: &ChoiceFigure, shown: &Table, findings: &Findings) {
    let lang = findings.lang;
    let machine = f.base.saturating_sub(f.decided_by_people);
    out.push_str("<details>\n");
    line(out, "summary", "", lang.say("数字の根拠", "What the figures are made of"));
    let colon = |what: &str, of: &str| [what, lang.colon(), of].concat();
    let said = [
        format!(
            "{}{}",
            colon(lang.say("母数の規則", "Rule of the base"), &shown.base_sentence),
            lang.aside(&f.base_rule)
        ),
        colon(lang.say("機械が読んだ回答", "Read by machine"), &grouped(machine)),
        colon(lang.say("人が判断した回答", "Decided by people"), &grouped(f.decided_by_people)),
        colon(lang.say("確認待ち", "Pending"), &grouped(f.pending)),
        audit_sentence(findings.tally.audit.as_ref(), lang),
    ];
    out.push_str("<ul>\n");
    for text in said {
        line(out, "li", "", &text);
    }
    out.push_str("</ul>\n");
    let example = f.options.first().map_or("na", |o| &o.id);
    let how = lang.say("一件ごとの内訳", "Every response behind a figure");
    line(out, "p", "", &format!("{how}: faxtally why {}.{example}", f.id));
    out.push_str("</details>\n");
}

fn number(out: &mut String, f: &NumberFigure, findings: &Findings) {
    let lang = findings.lang;
    let least = if f.lower_bound { lang.say("少なくとも ", "at least ") } else { "" };
    line(out, "p", "sum", &format!("{} {least}{}", lang.say("合計", "Sum"), grouped(f.sum)));
    let filled = format!(
        "{} {} / {}",
        lang.say("数を書いた回答", "Wrote a number"),
        grouped(f.filled),
        grouped(f.base)
    );
    line(out, "p", "", &filled);
    waiting(out, f.pending, findings);
}

fn text(out: &mut String, f: &TextFigure, findings: &Findings) {
    let (filled, base) = (grouped(f.filled), grouped(f.base));
    line(
        out,
        "p",
        "",
        &format!("{} {filled} / {base}", findings.lang.say("記入あり", "Filled in")),
    );
    waiting(out, f.pending, findings);
    for quote in findings.quotes.iter().filter(|q| q.field == f.id) {
        let beside: Vec<&str> =
            quote.attributes.iter().map(|a| a.label.as_str()).filter(|l| !l.is_empty()).collect();
        let (text, beside) = (escaped(&quote.text), escaped(&beside.join(" ")));
        let _ = writeln!(
            out,
            "<blockquote><p><bdi>{text}</bdi></p><footer>{beside}</footer></blockquote>"
        );
    }
}

fn waiting(out: &mut String, pending: u64, findings: &Findings) {
    if pending > 0 {
        let word = findings.lang.say("確認待ち", "Pending");
        line(out, "p", "pending", &format!("{word} {}", grouped(pending)));
    }
}
