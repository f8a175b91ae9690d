//! The report for people.

use std::fmt::Write as _;

use super::{FieldScore, Report, SilentError};
use crate::lang::Lang;

/// The whole report in `lang`, in lines of at most about 80 columns.
pub fn render(report: &Report, lang: Lang) -> String {
    let mut out = String::new();
    pages(&mut out, report, lang);
    answers(&mut out, report, lang);
    written(&mut out, &report.numbers, lang.say("数字", "Numbers"), lang);
    written(&mut out, &report.lists, lang.say("一覧（都道府県）", "Lists (prefectures)"), lang);
    written(&mut out, &report.texts, lang.say("文字", "Texts"), lang);
    characters(&mut out, report, lang);
    reasons(&mut out, report, lang);
    styles(&mut out, report, lang);
    profiles(&mut out, report, lang);
    calibration(&mut out, report, lang);
    errors(&mut out, &report.errors, lang);
    errors(&mut out, &report.written_errors, lang);
    out
}

fn pages(out: &mut String, report: &Report, lang: Lang) {
    let p = &report.pages;
    let d = &p.duplicates;
    line(out, lang.say("ページ", "Pages"));
    let rows = [
        (lang.say("正解にある", "in the truth"), p.truth),
        (lang.say("集計した", "counted"), p.counted),
        (lang.say("要確認", "pending"), p.pending),
        (lang.say("重複とした", "duplicate"), p.duplicate),
        (lang.say("誤って対象外にした", "wrongly set aside"), p.wrongly_set_aside),
        (lang.say("読めなかった", "refused"), p.refused),
        (lang.say("届いていない", "never read"), p.missing),
        (lang.say("位置合わせができない", "not registered"), p.not_registered),
        (lang.say("様式を取り違えた", "taken for another form"), p.wrong_form),
        (lang.say("誤って集計した", "wrongly counted"), p.wrongly_counted),
        (lang.say("再送", "sent again"), d.sent_again),
        (lang.say("見逃した再送", "sent again, counted twice"), d.missed),
        (lang.say("誤って重複とした", "wrongly called a duplicate"), d.wrong),
    ];
    for (word, n) in rows {
        row(out, word, &n.to_string());
    }
}

fn answers(out: &mut String, report: &Report, lang: Lang) {
    let (a, p) = (&report.answers, &report.positions);
    line(out, lang.say("選択の回答", "Choice answers"));
    row(out, lang.say("全体", "in all"), &a.total.to_string());
    row(out, lang.say("機械が確定", "settled by the machine"), &a.settled.to_string());
    row(out, lang.say("黙って誤った", "silently wrong"), &a.silent_wrong.to_string());
    let positions = format!(
        "{} / {} ({} {}, {} {}; {:.2} / 100,000)",
        p.wrong,
        p.total,
        p.missed,
        lang.say("見落とし", "missed"),
        p.invented,
        lang.say("余計", "invented"),
        p.wrong_per_100_000
    );
    row(out, lang.say("誤った欄", "wrong positions"), &positions);
    let sent = format!(
        "{:.2} % ({} + {} {})",
        a.sent_to_people * 100.0,
        a.pending,
        a.on_pending_pages,
        lang.say("要確認ページ上", "on pending pages")
    );
    row(out, lang.say("人に回した", "sent to people"), &sent);
    if a.decided_by_people > 0 {
        let n =
            format!("{} ({} {})", a.decided_by_people, a.people_wrong, lang.say("誤り", "wrong"));
        row(out, lang.say("人が判断", "decided by people"), &n);
    }
}

fn written(out: &mut String, f: &FieldScore, title: &str, lang: Lang) {
    if f.total == 0 {
        return;
    }
    let text = format!(
        "{} {}, {} {}, {} {} / {}",
        f.right,
        lang.say("正", "right"),
        f.silent_wrong,
        lang.say("黙って誤り", "silently wrong"),
        f.pending,
        lang.say("要確認", "pending"),
        f.total
    );
    line(out, &format!("{title}: {text}"));
}

fn characters(out: &mut String, report: &Report, lang: Lang) {
    let c = &report.characters;
    if c.fields == 0 {
        return;
    }
    let rate =
        |errors: u64, of: u64, share: f64| format!("{errors} / {of} ({:.2} %)", share * 100.0);
    let all = rate(c.errors, c.characters, c.error_rate);
    row(out, lang.say("誤った文字", "wrong characters"), &all);
    let settled = rate(c.settled_errors, c.settled_characters, c.settled_error_rate);
    let settled = format!("{settled}; {} / {}", c.settled_fields, c.fields);
    row(out, lang.say("うち機械が確定した欄", "in settled fields"), &settled);
    if let Some(auc) = c.auc {
        row(out, lang.say("確信度の AUC", "AUC of confidence"), &format!("{auc:.3}"));
    }
}

fn reasons(out: &mut String, report: &Report, lang: Lang) {
    if report.by_reason.is_empty() {
        return;
    }
    line(out, lang.say("理由（回答数、ページ数）", "Reasons (answers, pages)"));
    for r in &report.by_reason {
        row(out, &r.code, &format!("{:>7} {:>7}", r.answers, r.pages));
    }
}

fn styles(out: &mut String, report: &Report, lang: Lang) {
    if report.by_style.is_empty() {
        return;
    }
    line(
        out,
        lang.say("印の種類（印、要確認、黙って誤り）", "Marks (marks, pending, silently wrong)"),
    );
    for s in &report.by_style {
        row(out, &s.style, &format!("{:>7} {:>7} {:>7}", s.marks, s.pending, s.silent_wrong));
    }
}

fn profiles(out: &mut String, report: &Report, lang: Lang) {
    if report.by_profile.is_empty() {
        return;
    }
    line(
        out,
        lang.say(
            "回線（ページ、要確認、失われた、回答、人に、黙って誤り、欄）",
            "Lines (pages, pending, lost, answers, to people, silently wrong, positions)",
        ),
    );
    for p in &report.by_profile {
        let numbers = [
            p.pages,
            p.pages_pending,
            p.pages_lost,
            p.answers,
            p.sent_to_people,
            p.silent_wrong,
            p.wrong_positions,
        ];
        let numbers: Vec<_> = numbers.iter().map(|n| format!("{n:>7}")).collect();
        line(out, &format!("  {:<10}{}", p.profile, numbers.join(" ")));
    }
}

fn calibration(out: &mut String, report: &Report, lang: Lang) {
    line(
        out,
        lang.say(
            "確信度（回答、誤り、示した誤り率、実際の誤り率）",
            "Confidence (answers, wrong, claimed error, observed error)",
        ),
    );
    for b in &report.calibration {
        line(
            out,
            &format!(
                "  {:.4}-{:.4} {:>9} {:>7} {:>10.6} {:>10.6}",
                b.from, b.to, b.answers, b.wrong, b.claimed_error, b.observed_error
            ),
        );
    }
}

fn errors(out: &mut String, errors: &[SilentError], lang: Lang) {
    if errors.is_empty() {
        return;
    }
    line(out, lang.say("黙って誤った回答", "Silent errors"));
    for e in errors {
        let list = |ids: &[String]| if ids.is_empty() { "-".into() } else { ids.join(";") };
        line(
            out,
            &format!(
                "  {} p.{} {}: {} {}, {} {} ({:.4})",
                e.file,
                e.page,
                e.question,
                lang.say("機械", "machine"),
                list(&e.machine),
                lang.say("正解", "truth"),
                list(&e.truth),
                e.confidence
            ),
        );
    }
}

fn row(out: &mut String, word: &str, value: &str) {
    // 28 columns hold the longest word in both languages.
    let gap = 28_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(word));
    line(out, &format!("  {word}{} {value}", " ".repeat(gap)));
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
