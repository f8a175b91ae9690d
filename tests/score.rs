//! The score on accounts and truths made by hand: every kind of error shows up in its own place.

mod accounts;

use accounts::{
    account, answered, choice, decided, field, form, page, pending, response, unread, written,
};
use faxtally::account::{Account, PageStatus, Response};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::reading::{Reason, ReasonCode};
use faxtally::score::{TruthError, TruthPage, read_truth, render, score};
use faxtally::units::Score;

fn forms() -> Vec<Form> {
    let questions = serde_json::json!([
        choice("a", "select_one", &["x", "y"]),
        choice("b", "select_multiple", &["p", "q", "r"]),
        field("n", "integer"),
        field("t", "text"),
    ]);
    vec![form("f", &questions)]
}

/// A truth line for `fax<n>.tif`.
fn truth(n: usize, answers: &str, rest: &str) -> String {
    format!("{{\"file\":\"fax{n:05}.tif\",\"page\":1,\"form\":\"f\",\"answers\":{answers}{rest}}}")
}

fn read(lines: &[String]) -> Vec<TruthPage> {
    read_truth(lines.join("\n").as_bytes()).unwrap()
}

fn plain(n: usize, a: &[&str], b: &[&str]) -> Response {
    let mut r = response(n, "f", &[("a", answered(a)), ("b", answered(b))]);
    r.text.insert("n".into(), written("3"));
    r.text.insert("t".into(), unread());
    r
}

#[test]
fn silent_errors_are_counted_by_answer_and_by_position() {
    let text = ",\"text\":{\"n\":\"3\"}";
    let truth = read(&[
        truth(0, "{\"a\":[\"x\"],\"b\":[\"q\",\"p\"]}", text), // right, order aside
        truth(1, "{\"a\":[\"y\"],\"b\":[\"p\"]}", text),       // x for y: two positions
        truth(2, "{\"b\":[\"p\",\"q\"]}", text),               // q missed
        truth(3, "{\"a\":[\"x\"]}", ",\"text\":{\"n\":\"4\"}"), // r invented, number wrong
    ]);
    let acc = account(vec![
        plain(0, &["x"], &["p", "q"]),
        plain(1, &["x"], &["p"]),
        plain(2, &[], &["p"]),
        plain(3, &["x"], &["r"]),
    ]);
    let report = score(&acc, &truth, &forms());
    assert_eq!(
        (report.answers.total, report.answers.settled, report.answers.silent_wrong),
        (8, 8, 3)
    );
    let p = &report.positions;
    assert_eq!((p.total, p.wrong, p.missed, p.invented), (20, 4, 2, 2));
    assert!((p.wrong_per_100_000 - 20_000.0).abs() < 1e-6);
    assert_eq!((report.numbers.right, report.numbers.silent_wrong), (3, 1));
    assert_eq!((report.texts.total, report.texts.pending), (4, 4));
    let listed: Vec<_> =
        report.errors.iter().map(|e| (e.file.as_str(), e.question.as_str())).collect();
    assert_eq!(listed, [("fax00001.tif", "a"), ("fax00002.tif", "b"), ("fax00003.tif", "b")]);
    assert_eq!(report.errors[0].truth, ["y"]);
}

#[test]
fn what_people_see_is_no_silent_error() {
    let truth = read(&[
        truth(0, "{\"a\":[\"x\"],\"b\":[\"p\"]}", ""),
        truth(1, "{\"a\":[\"x\"],\"b\":[\"p\"]}", ""),
        truth(2, "{\"a\":[\"x\"],\"b\":[\"p\"]}", ""),
    ]);
    let mut guess = plain(0, &["x"], &["p"]);
    guess.answers.insert("a".into(), pending(&["y"], ReasonCode::MarginalMark));
    let mut person = plain(1, &["x"], &["p"]);
    person.answers.insert("a".into(), decided(&["y"]));
    let mut whole = plain(2, &["y"], &["q"]);
    whole.status = PageStatus::Pending;
    let report = score(&account(vec![guess, person, whole]), &truth, &forms());
    let a = &report.answers;
    assert_eq!((a.total, a.settled, a.silent_wrong, a.pending), (6, 2, 0, 1));
    assert_eq!((a.on_pending_pages, a.decided_by_people, a.people_wrong), (2, 1, 1));
    assert!((a.sent_to_people - 0.5).abs() < 1e-9);
    assert_eq!(report.by_reason[0].code, "marginal_mark");
    assert_eq!((report.pages.counted, report.pages.pending), (2, 1));
}

#[test]
fn pages_that_went_astray() {
    let line = |n| truth(n, "{}", "");
    let truth = read(&[line(0), line(1), line(2), line(3), line(4)]);
    let mut acc = account(vec![plain(0, &[], &[]), plain(9, &[], &[])]);
    acc.pages[0].form = Some("other".into());
    acc.pages.push(page("fax00001.tif", PageStatus::SetAside));
    let mut refused = page("fax00002.tif", PageStatus::Refused);
    refused.page = 0; // a file without any page
    acc.pages.push(refused);
    let mut lost = page("fax00003.tif", PageStatus::Pending);
    lost.form = Some("f".into());
    lost.reasons = vec![Reason::new(ReasonCode::NotRegistered)];
    acc.pages.push(lost);
    let p = score(&acc, &truth, &forms()).pages;
    assert_eq!((p.truth, p.counted, p.pending), (5, 1, 1));
    assert_eq!((p.wrongly_set_aside, p.refused, p.missing), (1, 1, 1));
    assert_eq!((p.not_registered, p.wrong_form, p.wrongly_counted), (4, 1, 1));
}

fn duplicate(acc: &mut Account, file: &str, of: usize) {
    let mut copy = page(file, PageStatus::Duplicate);
    copy.form = Some("f".into());
    copy.duplicate_of = Some(format!("r-{of:016x}"));
    acc.pages.push(copy);
}

#[test]
fn duplicates_by_sheet_whichever_transmission_was_kept() {
    let again = |n, of: usize| {
        truth(n, "{}", &format!(",\"notes\":{{\"resent_of\":\"fax{of:05}.tif#1\"}}"))
    };
    let line = |n| truth(n, "{}", "");
    // 1 is 0 again (0 was kept as the copy of 1); 3 is 2 again, missed; 5 is a sheet of its own.
    let truth = read(&[line(0), again(1, 0), line(2), again(3, 2), line(4), line(5)]);
    let mut acc = account([1, 2, 3, 4].map(|n| plain(n, &[], &[])).to_vec());
    duplicate(&mut acc, "fax00000.tif", 1);
    duplicate(&mut acc, "fax00005.tif", 4);
    let d = score(&acc, &truth, &forms()).pages.duplicates;
    assert_eq!((d.sent_again, d.missed, d.wrong), (2, 1, 1));
}

#[test]
fn by_style_and_line_when_the_notes_say() {
    let notes = ",\"notes\":{\"line\":{\"profile\":\"rough\"},\
                  \"marks\":{\"a.x\":\"tick\",\"b.p\":\"tick\",\"b.q\":\"circle_box\"},\
                  \"struck\":{\"b.r\":\"scribble\"}}";
    let truth = read(&[truth(0, "{\"a\":[\"x\"],\"b\":[\"p\",\"q\"]}", notes)]);
    let mut r = plain(0, &["x"], &["p"]);
    r.answers.insert("a".into(), pending(&["x"], ReasonCode::PenMismatch));
    let report = score(&account(vec![r]), &truth, &forms());
    let styles: Vec<_> = report
        .by_style
        .iter()
        .map(|s| (s.style.as_str(), s.marks, s.pending, s.silent_wrong))
        .collect();
    assert_eq!(styles, [("tick", 2, 1, 0), ("circle_box", 1, 0, 1), ("struck_out", 1, 0, 0)]);
    let line = &report.by_profile[0];
    assert_eq!((line.profile.as_str(), line.pages, line.answers), ("rough", 1, 2));
    assert_eq!((line.sent_to_people, line.silent_wrong, line.wrong_positions), (1, 1, 1));
}

#[test]
fn confidence_is_set_against_what_happened() {
    let claim = |n: usize, v: f32, a: &[&str]| {
        let mut r = plain(n, a, &[]);
        r.answers.get_mut("a").unwrap().confidence = Score::new(v);
        r.answers.get_mut("b").unwrap().confidence = Score::new(0.6);
        r
    };
    let truth: Vec<_> = (0..4).map(|n| truth(n, "{\"a\":[\"x\"]}", "")).collect();
    let acc = account(vec![
        claim(0, 0.97, &["x"]),
        claim(1, 0.97, &["x"]),
        claim(2, 0.97, &["y"]),
        claim(3, 1.0, &["x"]),
    ]);
    let bins = score(&acc, &read(&truth), &forms()).calibration;
    let rows: Vec<_> = bins.iter().map(|b| (b.from, b.answers, b.wrong)).collect();
    assert_eq!(rows, [(0.5, 4, 0), (0.95, 3, 1), (0.9999, 1, 0)]);
    assert!((bins[1].claimed_error - 0.03).abs() < 1e-5);
    assert!((bins[1].observed_error - 0.333_333).abs() < 1e-9);
}

#[test]
fn both_languages_name_the_errors() {
    let truth = read(&[truth(0, "{\"a\":[\"x\"]}", "")]);
    let report = score(&account(vec![plain(0, &["y"], &[])]), &truth, &forms());
    let (ja, en) = (render(&report, Lang::Ja), render(&report, Lang::En));
    assert!(en.contains("fax00000.tif p.1 a: machine y, truth x"), "{en}");
    assert!(ja.contains("fax00000.tif p.1 a: 機械 y, 正解 x"), "{ja}");
}

#[test]
fn a_truth_file_that_is_none_says_where() {
    let broken = [truth(0, "{}", ""), "{\"file\": 3}".to_owned()].join("\n");
    assert!(matches!(read_truth(broken.as_bytes()), Err(TruthError::Line { line: 2, .. })));
    let twice = [truth(0, "{}", ""), String::new(), truth(0, "{}", "")].join("\n");
    assert!(matches!(read_truth(twice.as_bytes()), Err(TruthError::Twice { line: 3, .. })));
    assert!(matches!(read_truth("\n\n".as_bytes()), Err(TruthError::Empty)));
}
