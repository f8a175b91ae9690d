//! Cross tables, and this survey beside earlier ones with every warning beside its row.

// Writing to a String cannot fail.
use std::fmt::Write as _;

use super::super::svg::escaped;
use super::super::{Findings, grouped};
use super::{cell, line, notes};
use crate::lang::Lang;
use crate::tally::Percent;
use crate::tally::compare::{ComparedQuestion, ComparedRow, ComparedSum, Comparison, Part};
use crate::tally::cross::{CrossRow, CrossTable};
use crate::tally::cuts::Cuts;

pub fn write(out: &mut String, findings: &Findings) {
    let lang = findings.lang;
    if !findings.cuts.is_empty() {
        out.push_str("<section id=\"-groups\">\n");
        line(out, "h2", "", lang.say("内訳", "Groups"));
        findings.cuts.iter().for_each(|c| groups(out, c, lang));
        out.push_str("</section>\n");
    }
    if !findings.crosses.is_empty() {
        out.push_str("<section id=\"-cross\">\n");
        line(out, "h2", "", lang.say("クロス集計", "Cross tables"));
        findings.crosses.iter().for_each(|c| cross(out, c, lang));
        out.push_str("</section>\n");
    }
    if !findings.comparisons.is_empty() {
        out.push_str("<section id=\"-earlier\">\n");
        line(out, "h2", "", lang.say("前回との比較", "Comparison with an earlier survey"));
        findings.comparisons.iter().for_each(|c| comparison(out, c, lang));
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
}

fn heads<'a>(out: &mut String, heads: impl IntoIterator<Item = &'a str>) {
    out.push_str("<thead><tr>");
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

/// How many answered in every group, and of how many.
fn groups(out: &mut String, c: &Cuts, lang: Lang) {
    line(out, "h3", "", &c.by.label);
    let sent = c.groups.iter().any(|g| g.sent.is_some());
    let mut names = vec![
        c.by.label.as_str(),
        lang.say("回答数", "Responses"),
        lang.say("構成比（％）", "Share (%)"),
    ];
    if sent {
        names.extend([lang.say("送付数", "Sent"), lang.say("回答率（％）", "Response rate (%)")]);
    }
    out.push_str("<table>\n");
    heads(out, names);
    for g in &c.groups {
        let label = escaped(&g.label);
        let _ = write!(out, "<tr class=\"option\"><th scope=\"row\"><bdi>{label}</bdi></th>");
        cell(out, Some(format!("{}{}", grouped(g.responses), star(g.small))));
        cell(out, g.percent.map(|p| p.to_string()));
        if sent {
            cell(out, g.sent.map(grouped));
            cell(out, g.response_rate.map(|p| p.to_string()));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    notes(out, &c.notes, lang);
}

fn cross(out: &mut String, c: &CrossTable, lang: Lang) {
    line(out, "h3", "", &format!("{} × {}", c.rows_by.label, c.columns_by.label));
    out.push_str("<div class=\"wide\"><table>\n");
    let first = [c.rows_by.label.as_str(), "n"];
    heads(out, first.into_iter().chain(c.columns.iter().map(|h| h.label.as_str())));
    for row in c.rows.iter().chain([&c.total]) {
        crossed(out, row, std::ptr::eq(row, &raw const c.total), lang);
    }
    out.push_str("</tbody>\n</table></div>\n");
    notes(out, &c.notes, lang);
}

fn crossed(out: &mut String, row: &CrossRow, total: bool, lang: Lang) {
    let class = if total { "base" } else { "option" };
    let label = escaped(&row.label);
    let _ = write!(out, "<tr class=\"{class}\"><th scope=\"row\"><bdi>{label}</bdi></th>");
    cell(out, Some(format!("{}{}", grouped(row.n), star(row.small))));
    for c in &row.cells {
        let share = c.percent.map_or_else(|| "-".to_owned(), |p| lang.percent(p));
        let count = format!("{}{}", grouped(c.count), star(c.small));
        let _ = write!(out, "<td>{share}<br><small>{count}</small></td>");
    }
    out.push_str("</tr>\n");
}

fn star(small: bool) -> &'static str {
    if small { "*" } else { "" }
}

fn comparison(out: &mut String, c: &Comparison, lang: Lang) {
    let sides = [(lang.say("今回", "Now"), &c.this), (lang.say("前回", "Then"), &c.earlier)];
    for (word, side) in sides {
        let n = side.responses.map_or_else(|| "-".to_owned(), grouped);
        let source = side.source.as_ref().map(|s| lang.aside(s)).unwrap_or_default();
        let (colon, gap, n_is) = (lang.colon(), lang.gap(), lang.say("N＝", "N = "));
        line(out, "p", "", &format!("{word}{colon}{}{gap}{n_is}{n}{source}", side.title));
    }
    notes(out, &c.notes, lang);
    c.questions.iter().for_each(|q| question(out, q, lang));
    if !c.sums.is_empty() {
        sums(out, &c.sums, lang);
    }
}

fn question(out: &mut String, q: &ComparedQuestion, lang: Lang) {
    line(out, "h3", "", &[&q.id, lang.gap(), &q.label].concat());
    out.push_str("<div class=\"wide\"><table class=\"sides\">\n");
    heads(
        out,
        [
            lang.say("選択肢", "Option"),
            lang.say("今回（％）", "Now (%)"),
            lang.say("件数／母数", "Count / base"),
            lang.say("前回（％）", "Then (%)"),
            lang.say("件数／母数", "Count / base"),
            lang.say("差（ポイント）", "Points"),
        ],
    );
    for row in &q.rows {
        compared(out, row, lang);
    }
    out.push_str("</tbody>\n</table></div>\n");
    notes(out, &q.notes, lang);
}

fn compared(out: &mut String, r: &ComparedRow, lang: Lang) {
    let class = if r.suboption { "sub" } else { "option" };
    let label = escaped(&r.label);
    let _ = write!(out, "<tr class=\"{class}\"><th scope=\"row\"><bdi>{label}</bdi></th>");
    part(out, Some(&r.this), lang);
    part(out, r.earlier.as_ref(), lang);
    cell(out, r.points.map(|p| format!("{p}{}", star(!r.comparable))));
    out.push_str("</tr>\n");
    if !r.notes.is_empty() {
        out.push_str("<tr class=\"remarks\"><td colspan=\"6\">");
        notes(out, &r.notes, lang);
        out.push_str("</td></tr>\n");
    }
}

fn part(out: &mut String, part: Option<&Part>, lang: Lang) {
    let percent = part.and_then(|p| p.percent).map(|p: Percent| p.to_string());
    cell(out, percent);
    let number = |n: Option<u64>| n.map_or_else(|| "?".to_owned(), grouped);
    cell(out, part.map(|p| [number(p.count), number(p.base)].join(lang.say("／", " / "))));
}

fn sums(out: &mut String, sums: &[ComparedSum], lang: Lang) {
    out.push_str("<table>\n");
    heads(
        out,
        [
            lang.say("合計", "Sum"),
            lang.say("今回", "Now"),
            lang.say("前回", "Then"),
            lang.say("差", "Difference"),
        ],
    );
    for sum in sums {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escaped(&sum.label));
        cell(out, Some(grouped(sum.this)));
        cell(out, sum.earlier.map(grouped));
        cell(out, sum.difference.map(|d| format!("{d:+}")));
        out.push_str("</tr>\n");
        if !sum.notes.is_empty() {
            out.push_str("<tr class=\"remarks\"><td colspan=\"4\">");
            notes(out, &sum.notes, lang);
            out.push_str("</td></tr>\n");
        }
    }
    out.push_str("</tbody>\n</table>\n");
}
