//! The report as one page that needs nothing else: charts, tables, notes and a subset of a Japanese
//! font are inside it, nothing is fetched and no script runs.

pub mod behind;
mod charts;
mod figures;
mod sides;

// Writing to a String cannot fail.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::font::Face;
use super::svg::escaped;
use super::{Findings, grouped};
use crate::lang::Lang;
use crate::tally::Note;

/// How the page looks on a screen and on paper.
const STYLE: &str = include_str!("html/style.css");

/// The whole page. Without a font the reader's own is used.
pub fn html(findings: &Findings, face: Option<&Face>) -> String {
    let mut body = String::new();
    head(&mut body, findings);
    contents(&mut body, findings);
    figures::write(&mut body, findings, face);
    sides::write(&mut body, findings);
    colophon(&mut body, findings);
    page(findings, face, &body)
}

/// Everything around a body.
fn page(findings: &Findings, face: Option<&Face>, body: &str) -> String {
    let lang = findings.lang.say("ja", "en");
    let title = escaped(&findings.tally.survey.title);
    let font = face.and_then(|f| f.subset(&characters(body, &title))).map(|ttf| embedded(&ttf));
    let font = font.unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; font-src data:; img-src data:\">\n\
         <meta name=\"generator\" content=\"{}\">\n<title>{title}</title>\n\
         <style>\n{font}{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(&findings.tally.survey.program),
    )
}

/// Every character of the page, and what list markers and counters of the style may add.
fn characters(body: &str, title: &str) -> BTreeSet<char> {
    let visible = body.chars().chain(title.chars()).chain("0123456789.,-–※▶▼".chars());
    visible.filter(|c| !c.is_control()).collect()
}

fn embedded(ttf: &[u8]) -> String {
    format!(
        "@font-face {{ font-family: \"Report\"; src: url(data:font/ttf;base64,{}) \
         format(\"truetype\"); }}\n",
        base64(ttf)
    )
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * i) & 63) as usize];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

/// Title, how many answered, what became of the pages.
fn head(out: &mut String, findings: &Findings) {
    let (t, lang) = (findings.tally, findings.lang);
    out.push_str("<header>\n");
    line(out, "h1", "", &t.survey.title);
    line(out, "p", "status", &format!("{} · {}", t.survey.id, findings.status()));
    let mut facts = vec![(lang.say("有効回答数", "Responses"), grouped(t.responses))];
    if let (Some(sent), Some(rate)) = (t.sent, t.response_rate) {
        facts.push((lang.say("送付数", "Sent"), grouped(sent)));
        facts.push((lang.say("回答率", "Response rate"), lang.percent(rate)));
    }
    if let Some(day) = &t.as_of {
        facts.push((lang.say("この日までに届いた分", "Arrived by"), day.clone()));
    }
    out.push_str("<dl class=\"facts\">\n");
    for (what, value) in facts {
        let (what, value) = (escaped(what), escaped(&value));
        let _ = writeln!(out, "<div><dt>{what}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>\n");
    line(out, "p", "pages", &crate::tally::pages_line(t.pages, lang));
    notes(out, &t.notes, lang);
    out.push_str("</header>\n");
}

fn contents(out: &mut String, findings: &Findings) {
    let name = findings.lang.say("目次", "Contents");
    let _ = writeln!(out, "<nav aria-label=\"{name}\">\n<ul>");
    for figure in &findings.tally.questions {
        let id = figure.id();
        let label = findings
            .question(id)
            .map_or("", |q| findings.lang.pick(q.label_for(crate::form::Output::Slides)));
        let text = [id, findings.lang.gap(), label].concat();
        let _ = writeln!(out, "<li><a href=\"#{id}\">{}</a></li>", escaped(&text));
    }
    let sides = [
        (!findings.cuts.is_empty(), "groups", findings.lang.say("内訳", "Groups")),
        (!findings.crosses.is_empty(), "cross", findings.lang.say("クロス集計", "Cross tables")),
        (
            !findings.comparisons.is_empty(),
            "earlier",
            findings.lang.say("前回との比較", "Comparison"),
        ),
    ];
    for (_, id, text) in sides.iter().filter(|s| s.0) {
        let _ = writeln!(out, "<li><a href=\"#-{id}\">{text}</a></li>");
    }
    out.push_str("</ul>\n</nav>\n");
}

/// What the page was made of: enough to make it again.
fn colophon(out: &mut String, findings: &Findings) {
    let (survey, lang) = (&findings.tally.survey, findings.lang);
    out.push_str("<footer>\n");
    line(out, "h2", "", lang.say("この集計の作り方", "How this was made"));
    let rule = lang.say(
        "割合は各設問の母数に対する百分率で、小数第2位を四捨五入した。確認待ちの回答はどの件数・割合にも入れていない。\
         同じ調査・調査票・プログラムからは同じ結果が得られる。",
        "Shares are of each question's base, half-up to one decimal. Answers that wait for a person are \
         in no count and no share. The same survey, form and program give the same result.",
    );
    line(out, "p", "", rule);
    for form in &survey.forms {
        let text = format!("{} {}: SHA-256 {}", lang.say("調査票", "Form"), form.id, form.sha256);
        line(out, "p", "made", &text);
    }
    line(out, "p", "made", &format!("{} · reader {}", survey.program, survey.reader));
    out.push_str("</footer>\n");
}

/// One element with text and a class.
fn line(out: &mut String, tag: &str, class: &str, text: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let _ = writeln!(out, "<{tag}{class}>{}</{tag}>", escaped(text));
}

/// What must be said, the warnings so that they are seen.
fn notes(out: &mut String, notes: &[Note], lang: Lang) {
    if notes.is_empty() {
        return;
    }
    out.push_str("<ul class=\"notes\">\n");
    for note in notes {
        let class = if note.warns() { "warns" } else { "says" };
        line(out, "li", class, &lang.note(&note.message(lang)));
    }
    out.push_str("</ul>\n");
}

/// A cell; `-` where there is nothing to say.
fn cell(out: &mut String, text: Option<String>) {
    let text = text.unwrap_or_else(|| "-".to_owned());
    let _ = write!(out, "<td>{}</td>", escaped(&text));
}
