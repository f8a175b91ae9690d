//! The dashboard: pictures of how far the review is and what the figures still can become.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{assets, code, page};
use crate::lang::Lang;
use crate::review::api::{Who, broken, reason_label};
use crate::review::desk::{Board, Desk, Share};
use crate::review::words::word;
use crate::review::{Shared, aside};
use crate::store::StoreError;
use crate::tally::{ChoiceFigure, Figure};

/// Width of a bar in units of the drawing.
const WIDE: f64 = 300.0;

/// One bar: a sure part, and what may be added.
struct Bar {
    label: String,
    text: String,
    sure: f64,
    more: f64,
}

struct Chart {
    title: String,
    bars: Vec<Bar>,
}

struct Line {
    name: String,
    decided: u64,
    last_hour: u64,
    seconds: String,
    per_hour: String,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard {
    lang: &'static str,
    build: &'static str,
    w: Words,
    progress: Bar,
    waiting: Vec<Bar>,
    agreement: Vec<Bar>,
    styles: Vec<Bar>,
    says: Vec<Bar>,
    bound: Vec<Bar>,
    people: Vec<Line>,
    audit: String,
    charts: Vec<Chart>,
}

/// The words of this screen.
struct Words {
    title: &'static str,
    home: &'static str,
    waiting: &'static str,
    agreement: &'static str,
    styles: &'static str,
    says: &'static str,
    nothing: &'static str,
    audit: &'static str,
    tally: &'static str,
    name: &'static str,
    decided: &'static str,
    last_hour: &'static str,
    seconds: &'static str,
    per_hour: &'static str,
    people: &'static str,
}

pub async fn dashboard(State(app): State<Shared>, who: Who) -> Response {
    let lang = who.lang;
    let done = aside(move || build(&app.desk, &who.name, lang)).await;
    match done {
        Some(Ok(dashboard)) => page(StatusCode::OK, &dashboard),
        Some(Err(e)) => broken(&e),
        None => broken(&"the job ended early"),
    }
}

fn build(desk: &Desk, who: &str, lang: Lang) -> Result<Dashboard, StoreError> {
    let board = desk.board(who, lang)?;
    let summary = desk.summary(who);
    let most = summary.reasons.iter().map(|r| r.items).max().unwrap_or(1) as f64;
    let waiting = summary.reasons.iter().map(|r| Bar {
        label: reason_label(&r.name, lang),
        text: r.items.to_string(),
        sure: r.items as f64 / most * WIDE,
        more: 0.0,
    });
    // Beside what waits: nobody has to, but nobody has looked at them either.
    let aside = (summary.set_aside > 0).then(|| Bar {
        label: word(lang, "set_aside_shelf").to_owned(),
        text: summary.set_aside.to_string(),
        sure: (summary.set_aside as f64 / most).min(1.0) * WIDE,
        more: 0.0,
    });
    let agreement = board.agreement.iter().map(|s| agreed(reason_label(&s.name, lang), s));
    let styles = board.styles.iter().map(|s| agreed(word(lang, &s.name).to_owned(), s));
    let says = board.says.iter().map(|s| agreed(word(lang, &s.name).to_owned(), s));
    let all = board.decided + board.open;
    Ok(Dashboard {
        lang: code(lang),
        build: assets::build(),
        w: words(lang),
        progress: Bar {
            label: word(lang, "progress").to_owned(),
            text: format!("{} / {all} ({:.0} %)", board.decided, share(board.decided, all) * 100.0),
            sure: share(board.decided, all) * WIDE,
            more: 0.0,
        },
        waiting: waiting.chain(aside).collect(),
        agreement: agreement.collect(),
        styles: styles.collect(),
        says: says.collect(),
        bound: bound(&board, lang).into_iter().collect(),
        people: lines(&board),
        audit: audit(&board, lang),
        charts: charts(&board),
    })
}

fn agreed(label: String, s: &Share) -> Bar {
    Bar {
        label,
        text: format!("{:.0} % ({}/{})", share(s.part, s.of) * 100.0, s.part, s.of),
        sure: share(s.part, s.of) * WIDE,
        more: 0.0,
    }
}

/// The audit as a picture: the errors that are to be expected, and how many there may be.
fn bound(board: &Board, lang: Lang) -> Option<Bar> {
    let a = &board.audit;
    (a.checked > 0).then(|| Bar {
        label: word(lang, "silent_errors").to_owned(),
        text: format!("{:.0} – {:.0} / {}", a.expected_errors, a.at_most, a.unseen),
        sure: a.expected_errors / a.at_most.max(1.0) * WIDE,
        more: (a.at_most - a.expected_errors).max(0.0) / a.at_most.max(1.0) * WIDE,
    })
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

fn lines(board: &Board) -> Vec<Line> {
    let line = |p: &crate::review::desk::Person| Line {
        name: p.name.clone(),
        decided: p.decided,
        last_hour: p.last_hour,
        seconds: p.seconds.map_or("-".into(), |s| format!("{s:.1}")),
        per_hour: p.per_hour.map_or("-".into(), |n| n.to_string()),
    };
    board.people.iter().map(line).collect()
}

fn audit(board: &Board, lang: Lang) -> String {
    let a = &board.audit;
    if a.checked == 0 {
        return word(lang, "audit_none").to_owned();
    }
    let figures = [
        ("{n}", a.checked.to_string()),
        ("{k}", a.errors.to_string()),
        ("{u}", a.unclear.to_string()),
        ("{m}", a.unseen.to_string()),
        ("{e}", format!("{:.1}", a.expected_errors)),
        ("{b}", format!("{:.0}", a.at_most)),
    ];
    let text = word(lang, "audit_says").to_owned();
    figures.iter().fold(text, |text, (mark, figure)| text.replace(mark, figure))
}

fn charts(board: &Board) -> Vec<Chart> {
    let choices = board.tally.questions.iter().filter_map(|f| match f {
        Figure::Choice(choice) => Some(chart(choice)),
        _ => None,
    });
    choices.collect()
}

/// An option's bar ends where its count is now; pale goes on to where every pending answer would take it.
fn chart(f: &ChoiceFigure) -> Chart {
    let most = (f.base + f.pending).max(1) as f64;
    let bars = f.options.iter().map(|o| Bar {
        label: o.label.clone(),
        text: range(o.count, f.pending),
        sure: o.count as f64 / most * WIDE,
        more: f.pending as f64 / most * WIDE,
    });
    Chart { title: format!("{} {}", f.id, f.label), bars: bars.collect() }
}

fn range(count: u64, pending: u64) -> String {
    if pending == 0 { count.to_string() } else { format!("{count} – {}", count + pending) }
}

fn words(lang: Lang) -> Words {
    let say = |key| word(lang, key);
    Words {
        title: say("dashboard"),
        home: say("home"),
        waiting: say("pending_by_reason"),
        agreement: say("agreement"),
        styles: say("by_style"),
        says: say("by_says"),
        nothing: say("nothing_yet"),
        audit: say("audit_title"),
        tally: say("live_tally"),
        name: say("name"),
        decided: say("decided"),
        last_hour: say("last_hour"),
        seconds: say("seconds"),
        per_hour: say("per_hour"),
        people: say("by_person"),
    }
}
