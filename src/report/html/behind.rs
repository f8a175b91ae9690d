//! The page beside the report: what every figure is made of, response by response. A click on a figure
//! leads here. Ids only, because the report may be handed on: names of files may point to a sender.

// Writing to a String cannot fail.
use std::fmt::Write as _;

use super::super::font::Face;
use super::super::svg::escaped;
use super::super::{Findings, grouped};
use super::{line, page};
use crate::form::Output;
use crate::lang::Lang;
use crate::tally::{Behind, Figure, audit_sentence};

/// Name of the file that the report's links lead to.
pub const FILE: &str = "why.html";

/// The whole page.
pub fn why(findings: &Findings, face: Option<&Face>) -> String {
    let lang = findings.lang;
    let mut body = String::new();
    body.push_str("<header>\n");
    line(&mut body, "h1", "", &findings.tally.survey.title);
    let what = lang.say("数字の根拠（回答ごと）", "What every figure is made of");
    line(&mut body, "p", "status", what);
    let how = lang.say(
        "番号は回答の ID です。画像は faxtally why 設問.選択肢 --crops フォルダ、または faxtally proof --response ID で見られます。",
        "Numbers are ids of responses. `faxtally why QUESTION.OPTION --crops DIR` and `faxtally proof \
         --response ID` show the pictures.",
    );
    line(&mut body, "p", "", how);
    let audit = audit_sentence(findings.tally.audit.as_ref(), lang);
    line(&mut body, "p", "", &audit);
    body.push_str("</header>\n<main>\n");
    let mut last = "";
    for figure in findings.behind {
        let id = figure.path.split('.').next().unwrap_or_default();
        if id != last {
            let question = findings.question(id);
            let label = question.map_or("", |q| lang.pick(q.label_for(Output::Slides)));
            line(&mut body, "h2", "", &[id, findings.lang.gap(), label].concat());
        }
        last = id;
        section(&mut body, figure, findings);
    }
    body.push_str("</main>\n");
    page(findings, face, &body)
}

fn section(out: &mut String, f: &Behind, findings: &Findings) {
    let lang = findings.lang;
    let _ = writeln!(out, "<section class=\"why\" id=\"{}\">", f.path);
    line(out, "h3", "", &[&f.path, lang.gap(), &label(f, findings)].concat());
    let said = [
        (lang.say("件数", "Count"), f.counted),
        (lang.say("機械が読んだ", "read by machine"), f.counted - f.people),
        (lang.say("人が判断した", "decided by people"), f.people),
        (lang.say("確認待ち（これに入りうる）", "pending, may join it"), f.pending),
    ];
    let said: Vec<String> =
        said.iter().map(|(word, n)| [word, lang.colon(), &grouped(*n)].concat()).collect();
    line(out, "p", "pages", &said.join(lang.gap()));
    let lists = [
        (lang.say("人が判断した", "Decided by people"), &f.decided),
        (lang.say("確認待ち", "Pending"), &f.waiting),
        (lang.say("機械が読んだ", "Read by machine"), &f.read),
    ];
    for (word, ids) in lists.into_iter().filter(|l| !l.1.is_empty()) {
        listed(out, &(word.to_owned() + &lang.aside(&ids.len().to_string())), ids);
    }
    if f.more() > 0 {
        let more = match lang {
            Lang::Ja => format!(
                "ほか {} 件は faxtally why {} --format json で一覧できます",
                grouped(f.more()),
                f.path
            ),
            Lang::En => format!(
                "{} more: faxtally why {} --format json lists them",
                grouped(f.more()),
                f.path
            ),
        };
        line(out, "p", "pages", &more);
    }
    out.push_str("</section>\n");
}

/// Folded away until somebody opens it.
fn listed(out: &mut String, heading: &str, ids: &[String]) {
    let _ = write!(out, "<details><summary>{heading}</summary><p>");
    for id in ids {
        // A line each keeps the file readable and the browser's search quick.
        let _ = writeln!(out, "{}", escaped(id));
    }
    out.push_str("</p></details>\n");
}

fn label(f: &Behind, findings: &Findings) -> String {
    let Some((id, part)) = f.path.split_once('.') else {
        return findings.lang.say("記入された数", "numbers written").to_owned();
    };
    if part == "na" {
        return findings.lang.say("無回答", "No answer").to_owned();
    }
    let figure = findings.tally.questions.iter().find(|q| q.id() == id);
    let Some(Figure::Choice(choice)) = figure else { return String::new() };
    let option = choice.options.iter().find(|o| o.id == part).map(|o| &o.label);
    let net = || choice.nets.iter().find(|n| n.id == part).map(|n| &n.label);
    option.or_else(net).cloned().unwrap_or_default()
}
