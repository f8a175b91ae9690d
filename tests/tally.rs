//! The tally on accounts made by hand: bases, ties, pending answers, and the published margins.

mod accounts;

use accounts::{
    account, answered, choice, decided, field, form, page, pending, published, response, unread,
    with, written,
};
use faxtally::account::{Account, PageStatus, Response};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::reading::{Reason, ReasonCode};
use faxtally::tally::{Figure, Percent, Tally, TallySettings, render, tally};
use serde_json::{Value, json};

fn english(account: &Account, forms: &[Form]) -> Tally {
    tally(account, forms, &TallySettings::default())
}

fn json_of(t: &Tally) -> Value {
    serde_json::from_str(&t.to_json().unwrap()).unwrap()
}

fn question<'a>(t: &'a Value, id: &str) -> &'a Value {
    t["questions"].as_array().unwrap().iter().find(|q| q["id"] == id).unwrap()
}

/// The 2024 questions that have figures, in the form's order.
fn form_2024() -> Form {
    let ids = |q: &str| -> Vec<&str> {
        published().iter().filter(|r| r.0 == q && r.1 != "na").map(|r| r.1).collect()
    };
    let one = |q| choice(q, "select_one", &ids(q));
    let several = |q| choice(q, "select_multiple", &ids(q));
    let base = json!({"question": "q6", "without": ["none"]});
    let mut count = with(field("q7_count", "integer"), "number_of", json!("q7.full_payment"));
    count = with(count, "lower_bound", json!(true));
    form(
        "mynahoken-2024",
        &json!([
            one("q2"),
            one("q3"),
            one("q4"),
            several("q6"),
            with(several("q7"), "base", base),
            count,
            one("q8"),
            one("q9"),
            field("q10", "text")
        ]),
    )
}

/// 8,330 responses with exactly the published margins; the 911 without trouble come first.
fn responses_2024() -> Vec<Response> {
    let (n, none) = (8330, 911);
    let mut all: Vec<Response> = (0..n).map(|i| response(i, "mynahoken-2024", &[])).collect();
    let mut choose = |i: usize, question: &str, option: &str| {
        let answer = all[i].answers.entry(question.to_owned()).or_insert_with(|| answered(&[]));
        answer.value.push(option.to_owned());
        answer.state = faxtally::reading::FieldState::Answered;
    };
    let mut next = std::collections::BTreeMap::new();
    for (k, (q, option, count, _, _)) in published().into_iter().enumerate() {
        let start: &mut usize = next.entry(q).or_default();
        for j in 0..count {
            match (q, option) {
                ("q6", "none") => choose(j, q, option),
                // Ticks of several options overlap: each begins elsewhere among those with trouble.
                ("q6" | "q7", _) => choose(none + (k * 997 + j) % (n - none), q, option),
                (_, "na") => {}
                _ => choose(*start + j, q, option),
            }
        }
        *start += count;
    }
    // Some without trouble answer question 7 nevertheless: they are not in its base.
    (0..50).for_each(|i| choose(i, "q7", "full_payment"));
    let mut first = true;
    for (i, r) in all.iter_mut().enumerate() {
        for q in ["q2", "q3", "q4", "q6", "q7", "q8", "q9"] {
            r.answers.entry(q.to_owned()).or_insert_with(|| answered(&[]));
        }
        let pays = r.answers["q7"].value.iter().any(|v| v == "full_payment");
        let number = match (pays, i < none) {
            (true, false) if std::mem::take(&mut first) => "810",
            (true, false) => "1",
            (true, true) => "7",
            _ => "",
        };
        r.text.insert("q7_count".to_owned(), written(number));
        r.text.insert("q10".to_owned(), written(""));
    }
    all
}

#[test]
fn published_figures_come_out_exactly() {
    let settings = TallySettings { sent: Some(47_387), closed: true, ..TallySettings::default() };
    let t = json_of(&tally(&account(responses_2024()), &[form_2024()], &settings));
    assert_eq!(t["responses"], 8330);
    assert_eq!(t["response_rate"].to_string(), "17.6");
    assert_eq!(t["status"], "final");
    for (q, option, count, percent, base) in published() {
        let figure = question(&t, q);
        assert_eq!(figure["base"], base, "{q}");
        let share = match option {
            "na" => &figure["no_answer"],
            _ => figure["options"].as_array().unwrap().iter().find(|o| o["id"] == option).unwrap(),
        };
        assert_eq!(share["count"], count, "{q}.{option}");
        assert_eq!(share["percent"].to_string(), percent, "{q}.{option}");
    }
    assert_eq!(question(&t, "q7")["base_rule"], "responses without q6=none (blank q6 included)");
    let count = json!({"id": "q7_count", "type": "integer", "base": 911, "sum": 1720,
                       "filled": 911, "lower_bound": true, "pending": 0});
    assert_eq!(question(&t, "q7_count"), &count);
}

#[test]
fn keys_stand_in_the_contracts_order() {
    let one = response(1, "f", &[("a", answered(&["x"]))]);
    let f = form("f", &json!([choice("a", "select_one", &["x", "y"]), field("n", "integer")]));
    let text = serde_json::to_string(&english(&account(vec![one]), &[f])).unwrap();
    let order = [
        "\"survey\":",
        "\"status\":\"interim\"",
        "\"sent\":null",
        "\"responses\":1",
        "\"response_rate\":null",
        "\"pages\":{\"counted\":1,\"duplicate\":0,\"set_aside\":0,\
         \"refused\":0,\"pending\":0}",
        "\"questions\":[{\"id\":\"a\",\"type\":\"select_one\",\
         \"label\":\"question a\",\"base\":1,\"base_rule\":\"all responses\",\"options\":[{\"id\":\
         \"x\",\"label\":\"option x\",\"count\":1,\"percent\":100.0,\"pending\":0}",
        "\"no_answer\":{\"count\":0,\"percent\":0.0},\"pending\":0,\"decided_by_people\":0}",
        "{\"id\":\"n\",\"type\":\"integer\",\"base\":1,\"sum\":0,\"filled\":0,\"lower_bound\":false,\
         \"pending\":1}",
    ];
    let mut rest = text.as_str();
    for part in order {
        let at =
            rest.find(part).unwrap_or_else(|| panic!("{part} not after what precedes: {rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn ties_are_rounded_up_by_integers() {
    let percent = |count, base| Percent::of(count, base).map(|p| p.to_string());
    // 1/16 = 6.25 %, 3/16 = 18.75 %, 1/2000 = 0.05 %: exact ties; the neighbours are not.
    assert_eq!(percent(1, 16).as_deref(), Some("6.3"));
    assert_eq!(percent(3, 16).as_deref(), Some("18.8"));
    assert_eq!(percent(1, 2000).as_deref(), Some("0.1"));
    assert_eq!(percent(1, 2001).as_deref(), Some("0.0"));
    // 28.45 is a little less in binary: formatting the double gives 28.4.
    assert_eq!(percent(569, 2000).as_deref(), Some("28.5"));
    assert_eq!(percent(2, 3).as_deref(), Some("66.7"));
    assert_eq!(percent(8330, 8330).as_deref(), Some("100.0"));
    assert_eq!(percent(0, 0), None);
    assert_eq!(percent(u64::MAX, u64::MAX).as_deref(), Some("100.0"));
}

/// Two questions, the second asked of those without `none` in the first; one number.
fn form_of_bases() -> Form {
    let base = json!({"question": "q6", "without": ["none"]});
    form(
        "f",
        &json!([
            choice("q6", "select_multiple", &["a", "none"]),
            with(choice("q7", "select_multiple", &["pay", "call"]), "base", base),
            with(field("n", "integer"), "number_of", json!("q7.pay")),
            field("free", "text"),
        ]),
    )
}

fn with_text(mut r: Response, n: faxtally::account::Written) -> Response {
    r.text.insert("n".to_owned(), n);
    r.text.insert("free".to_owned(), written("字"));
    r
}

#[test]
fn a_pending_answer_counts_nowhere_but_in_pending() {
    let doubt = |guess: &[&str]| pending(guess, ReasonCode::MarginalMark);
    let row = |i, q6, q7| response(i, "f", &[("q6", q6), ("q7", q7)]);
    let pay = || answered(&["pay"]);
    let responses = vec![
        with_text(row(0, answered(&["a"]), pay()), written("3")),
        with_text(row(1, answered(&[]), pay()), unread()), // a blank q6 is in the base of q7
        with_text(row(2, answered(&["none"]), pay()), written("9")),
        with_text(row(3, doubt(&["none"]), pay()), written("5")), // belongs or not: unknown
        with_text(row(4, doubt(&["a"]), answered(&["call"])), written("")),
        with_text(row(5, answered(&["a"]), doubt(&["pay"])), written("2")),
        with_text(row(6, decided(&["a"]), decided(&["call"])), written("")),
    ];
    let t = json_of(&english(&account(responses), &[form_of_bases()]));
    let (q6, q7, n) = (question(&t, "q6"), question(&t, "q7"), question(&t, "n"));
    assert_eq!((&q6["base"], &q6["pending"]), (&json!(5), &json!(2)));
    assert_eq!(q6["no_answer"], json!({"count": 1, "percent": 20.0}));
    assert_eq!(q6["decided_by_people"], 1);
    let option = |q: &Value, i: usize, key: &str| q["options"][i][key].clone();
    assert_eq!((option(q6, 0, "count"), option(q6, 0, "pending")), (json!(3), json!(1)));
    assert_eq!((option(q6, 1, "count"), option(q6, 1, "pending")), (json!(1), json!(1)));
    // q7: 0, 1 and 6 are in; 2 is out; 3 and 4 wait for q6, 5 for itself.
    assert_eq!((&q7["base"], &q7["pending"]), (&json!(3), &json!(3)));
    assert_eq!((option(q7, 0, "count"), option(q7, 0, "pending")), (json!(2), json!(2)));
    assert_eq!(option(q7, 0, "percent"), json!(66.7));
    // n: 0 and 1 are in its base, 1 is not read yet; 3 and 5 may still join; 4 and 6 cannot.
    assert_eq!((&n["base"], &n["filled"], &n["sum"]), (&json!(2), &json!(1), &json!(3)));
    assert_eq!(n["pending"], 3);
    assert_eq!(
        question(&t, "free"),
        &json!({"id": "free", "type": "text", "base": 7,
                                             "filled": 7, "pending": 0})
    );
}

#[test]
fn an_option_named_by_a_reason_is_pending_too() {
    let mut doubt = pending(&["x"], ReasonCode::MarginalMark);
    doubt.reasons = vec![Reason::new(ReasonCode::MarginalMark).about("y")];
    let f = form("f", &json!([choice("a", "select_one", &["x", "y", "z"])]));
    let t = json_of(&english(&account(vec![response(0, "f", &[("a", doubt)])]), &[f]));
    let pending: Vec<_> =
        (0..3).map(|i| t["questions"][0]["options"][i]["pending"].clone()).collect();
    assert_eq!(pending, [1, 1, 0]);
    assert_eq!(t["questions"][0]["options"][0]["percent"], Value::Null, "no base, no percentage");
}

#[test]
fn an_answer_missing_from_a_reading_is_unread_not_blank() {
    let f = form("f", &json!([choice("a", "select_one", &["x"]), field("t", "text")]));
    let t = json_of(&english(&account(vec![response(0, "f", &[])]), &[f]));
    assert_eq!(question(&t, "a")["pending"], 1);
    assert_eq!(question(&t, "a")["no_answer"]["count"], 0);
    assert_eq!(question(&t, "t")["pending"], 1);
}

#[test]
fn pages_pending_are_outside_n_and_hold_publication_up() {
    let f = form("f", &json!([choice("a", "select_one", &["x"])]));
    let mut waiting = response(1, "f", &[("a", answered(&["x"]))]);
    waiting.status = PageStatus::Pending;
    let mut acc = account(vec![response(0, "f", &[("a", answered(&["x"]))]), waiting]);
    for (file, status) in [
        ("c.tif", PageStatus::Duplicate),
        ("d.tif", PageStatus::SetAside),
        ("e.tif", PageStatus::SetAside),
        ("f.tif", PageStatus::Refused),
    ] {
        acc.pages.push(page(file, status));
    }
    let t = english(&acc, &[f]);
    assert_eq!(t.responses, 1);
    assert_eq!(t.unreviewed(), 1);
    let pages = json!({"counted": 1, "duplicate": 1, "set_aside": 2, "refused": 1, "pending": 1});
    assert_eq!(json_of(&t)["pages"], pages);
    assert_eq!(json_of(&t)["questions"][0]["base"], 1);
}

#[test]
fn several_forms_share_questions_and_lack_others() {
    let long = form(
        "long",
        &json!([choice("a", "select_one", &["x", "y"]), choice("b", "select_one", &["p"])]),
    );
    let short = form(
        "short",
        &json!([choice("a", "select_one", &["y", "z"]), choice("c", "select_one", &["q"])]),
    );
    let responses = vec![
        response(0, "long", &[("a", answered(&["y"])), ("b", answered(&["p"]))]),
        response(1, "short", &[("a", answered(&["z"])), ("c", answered(&[]))]),
    ];
    let t = json_of(&english(&account(responses), &[long, short]));
    let ids: Vec<_> = t["questions"].as_array().unwrap().iter().map(|q| q["id"].clone()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(question(&t, "a")["base"], 2);
    assert_eq!(question(&t, "b")["base"], 1, "the short form does not ask b");
    let options: Vec<_> =
        question(&t, "a")["options"].as_array().unwrap().iter().map(|o| o["id"].clone()).collect();
    assert_eq!(options, ["x", "y", "z"]);
}

#[test]
fn conditions_with_and_answered() {
    let condition = |key: &str, what: Value| json!({"question": "a", key: what});
    let f = form(
        "f",
        &json!([
            choice("a", "select_one", &["x", "y"]),
            with(choice("b", "select_one", &["p"]), "base", condition("with", json!(["x"]))),
            with(choice("c", "select_one", &["p"]), "base", condition("answered", json!(true))),
        ]),
    );
    let row = |i, a: &[&str]| {
        response(i, "f", &[("a", answered(a)), ("b", answered(&["p"])), ("c", answered(&["p"]))])
    };
    let t = json_of(&english(&account(vec![row(0, &["x"]), row(1, &["y"]), row(2, &[])]), &[f]));
    assert_eq!(question(&t, "b")["base"], 1);
    assert_eq!(question(&t, "b")["base_rule"], "responses with a=x");
    assert_eq!(question(&t, "c")["base"], 2);
    assert_eq!(question(&t, "c")["base_rule"], "responses that answered a");
}

#[test]
fn the_text_table_is_aligned_in_80_columns_in_both_languages() {
    use unicode_width::UnicodeWidthStr;
    let forms = [form_2024()];
    let acc = account(responses_2024());
    for lang in [Lang::Ja, Lang::En] {
        let settings = TallySettings { lang, sent: Some(47_387), closed: false, audit: None };
        let text = render(&tally(&acc, &forms, &settings), &forms, lang);
        assert!(text.lines().all(|l| l.width() <= 80), "{text}");
        // Every share ends its percent sign in the same column, whatever the label's script.
        let columns: std::collections::BTreeSet<_> = text
            .lines()
            // Notes beside a question name shares, too, but stand in no column.
            .filter(|l| l.starts_with("    ") && l.contains(" % ") && l.trim().contains("   "))
            .map(|l| l[..l.find(" %").unwrap()].width())
            .collect();
        assert_eq!(columns.len(), 1, "{columns:?}\n{text}");
        assert!(text.contains("8,330") && text.contains("47,387") && text.contains("1,720"));
    }
}

#[test]
fn the_sum_of_a_single_choice_is_its_base() {
    let t = english(&account(responses_2024()), &[form_2024()]);
    for f in &t.questions {
        if let Figure::Choice(f) = f
            && f.kind == faxtally::form::QuestionType::SelectOne
        {
            let sum: u64 = f.options.iter().map(|o| o.count).sum();
            assert_eq!(sum + f.no_answer.count, f.base, "{}", f.id);
        }
    }
}
