//! Comparisons with an earlier survey: by a tally of this program, by a file written by hand, and by
//! files that are wrong.

mod accounts;

use accounts::{account, answered, choice, field, form, response, with, written};
use faxtally::form::{Form, Output};
use faxtally::lang::Lang;
use faxtally::tally::compare::{Comparison, Earlier, Mapping, compare};
use faxtally::tally::{Note, Points, Tally, TallySettings, render_comparison, tally};
use serde_json::{Value, json};

/// a (x, none); b on the base of those without a=none; n of b=p.
fn forms() -> Vec<Form> {
    let base = json!({"question": "a", "without": ["none"]});
    vec![form(
        "f",
        &json!([
            choice("a", "select_one", &["x", "none"]),
            with(choice("b", "select_multiple", &["p", "q"]), "base", base),
            with(field("n", "integer"), "number_of", json!("b.p")),
        ]),
    )]
}

/// 10 responses: 6 x, 3 none, 1 blank; of the 7 in b's base 4 p, 2 q; the numbers add up to 8.
fn now() -> Tally {
    let one = |i: usize| {
        let a: &[&str] = match i {
            0..6 => &["x"],
            6..9 => &["none"],
            _ => &[],
        };
        let b: &[&str] = match i {
            0..2 => &["p", "q"],
            2..4 => &["p"],
            _ => &[],
        };
        let mut r = response(i, "f", &[("a", answered(a)), ("b", answered(b))]);
        r.text.insert("n".into(), written(if i < 4 { "2" } else { "" }));
        r
    };
    tally(&account((0..10).map(one).collect()), &forms(), &TallySettings::default())
}

fn earlier(value: &Value) -> Result<Earlier, String> {
    Earlier::parse(value.to_string().as_bytes()).map_err(|e| e.to_string())
}

fn compared(then: &Value, mapping: Option<Value>) -> Result<Comparison, String> {
    let mapping = mapping
        .map(|m| Mapping::parse(m.to_string().as_bytes()))
        .transpose()
        .map_err(|e| e.to_string())?;
    let how = (Output::Form, Lang::En);
    compare(&now(), &forms(), &earlier(then)?, mapping.as_ref(), how).map_err(|e| e.to_string())
}

/// As a publication would have it: b of all 20 responses.
fn by_hand() -> Value {
    json!({"survey": {"id": "old", "title": "Before"}, "responses": 20, "questions": [
        {"id": "a", "type": "select_one", "base": 20, "base_rule": "all responses", "options": [
            {"id": "x", "label": "option x", "count": 12, "percent": 60.0},
            {"id": "none", "label": "option none", "count": 8, "percent": 40.0}]},
        {"id": "b", "type": "select_multiple", "base": 20, "base_rule": "all responses", "options": [
            {"id": "p", "label": "option p", "count": 4, "percent": 20.0},
            {"id": "q", "label": "quite another", "count": 3, "percent": 15.0},
            {"id": "other", "count": 1, "percent": 5.0}]},
        {"id": "n", "sum": 6}]})
}

fn mapping() -> Value {
    let b = json!({"id": "b", "earlier": "b",
                   "options": [{"id": "p", "earlier": "p"}, {"id": "q", "earlier": "q"}]});
    json!({"schema_version": 1, "this": "test-survey", "earlier": "old", "questions": [
        {"id": "a", "earlier": "a", "options": [{"id": "x", "earlier": "x"},
            {"id": "none", "earlier": "none"}]}, b, {"id": "n", "earlier": "n"}]})
}

#[test]
fn a_tally_beside_itself_has_not_moved() {
    let then: Value = serde_json::from_str(&now().to_json().unwrap()).unwrap();
    let c = compared(&then, None).unwrap();
    assert_eq!(c.questions.iter().map(|q| q.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    for row in c.questions.iter().flat_map(|q| &q.rows) {
        assert!(row.comparable && row.notes.is_empty(), "{row:?}");
        assert_eq!(row.points.map(Points::tenths), Some(0));
    }
    assert_eq!(c.questions[0].rows.last().unwrap().id, "na");
    assert_eq!(c.sums[0].difference, Some(0));
}

#[test]
fn another_base_is_said_with_the_share_by_this_surveys_rule() {
    let c = compared(&by_hand(), Some(mapping())).unwrap();
    let (x, p) = (&c.questions[0].rows[0], &c.questions[1].rows[0]);
    assert!(x.comparable && x.notes.is_empty(), "{x:?}");
    assert_eq!(x.points.unwrap().to_string(), "±0.0");
    assert!(!p.comparable);
    let rule = "responses without a=none (blank a included)".to_owned();
    let differ = Note::BasesDiffer { this: rule, earlier: "all responses".into() };
    assert!(p.notes.contains(&differ), "{:?}", p.notes);
    // 20 - 8 = 12; 4/12 = 33.3 %; 4/7 - 4/12 = 23.8 points, where 57.1 - 20.0 would be 37.1.
    let alike = p.notes.iter().find_map(|n| match n {
        Note::LikeForLike { base, percent, points } => {
            Some((*base, percent.to_string(), points.to_string()))
        }
        _ => None,
    });
    assert_eq!(alike, Some((12, "33.3".into(), "+23.8".into())));
    assert_eq!(p.points.unwrap().to_string(), "+37.1");
    let text = render_comparison(&c, Lang::En);
    assert!(text.lines().any(|l| l.contains("option p") && l.ends_with("+37.1 *")), "{text}");
    let other = Note::WordingDiffers { this: "option q".into(), earlier: "quite another".into() };
    assert!(c.questions[1].rows[1].notes.contains(&other));
    assert_eq!(c.questions[1].notes, [Note::NotCompared { options: vec!["other".into()] }]);
    assert_eq!((c.sums[0].this, c.sums[0].earlier, c.sums[0].difference), (8, Some(6), Some(2)));
}

#[test]
fn both_shares_can_be_taken_of_all_responses() {
    let mut m = mapping();
    m["questions"][1]["rebase"] = json!("all_responses");
    let c = compared(&by_hand(), Some(m)).unwrap();
    let p = &c.questions[1].rows[0];
    let share =
        |p: &faxtally::tally::compare::Part| (p.base.unwrap(), p.percent.unwrap().to_string());
    assert!(p.comparable);
    assert_eq!(share(&p.this), (10, "40.0".into()));
    assert_eq!(share(p.earlier.as_ref().unwrap()), (20, "20.0".into()));
    assert_eq!(p.points.unwrap().to_string(), "+20.0");
    assert!(p.notes.iter().any(|n| matches!(n, Note::Rebased { .. })), "{:?}", p.notes);
}

#[test]
fn a_rule_is_the_same_under_other_ids() {
    let mut then = by_hand();
    then["questions"][0]["id"] = json!("k");
    then["questions"][0]["options"][1]["id"] = json!("never");
    then["questions"][1]["base"] = json!(12);
    then["questions"][1]["base_rule"] = json!("responses without k=never (blank k included)");
    then["questions"][1]["options"][0]["percent"] = json!(33.3);
    let mut m = mapping();
    m["questions"][0]["earlier"] = json!("k");
    m["questions"][0]["options"][1]["earlier"] = json!("never");
    let c = compared(&then, Some(m)).unwrap();
    let (p, q) = (&c.questions[1].rows[0], &c.questions[1].rows[1]);
    assert!(p.comparable && p.notes.is_empty(), "{p:?}");
    assert_eq!(p.points.unwrap().to_string(), "+23.8");
    // 3 of 12 are not the 15.0 % that the file states.
    assert!(q.notes.iter().any(|n| matches!(n, Note::PercentDiffers { .. })), "{:?}", q.notes);
}

#[test]
fn figures_that_are_missing_stay_missing() {
    let mut then = by_hand();
    then["questions"][1] = json!({"id": "b", "type": "select_one", "options": [
        {"id": "p", "percent": 20.0}, {"id": "q"}]});
    then["questions"][2] = json!({"id": "n"});
    let c = compared(&then, Some(mapping())).unwrap();
    let b = &c.questions[1];
    assert!(b.notes.contains(&Note::KindsDiffer));
    let (p, q) = (&b.rows[0], &b.rows[1]);
    assert!(p.notes.contains(&Note::BaseUnknown) && !p.comparable);
    assert_eq!(
        p.points.unwrap().to_string(),
        "+37.1",
        "of the rounded shares, there is nothing better"
    );
    assert_eq!((q.earlier.is_none(), q.points), (true, None));
    assert!(q.notes.contains(&Note::NotPublished));
    assert_eq!((c.sums[0].earlier, c.sums[0].difference), (None, None));
}

#[test]
fn files_that_are_wrong_say_where() {
    let changed = |at: &str, value: Value| {
        let mut v = by_hand();
        *v.pointer_mut(at).unwrap() = value;
        earlier(&v).unwrap_err()
    };
    let option = "/questions/0/options/0";
    assert_eq!(changed(&format!("{option}/count"), json!(21)), "a.x: 21 of a base of 20");
    assert_eq!(
        changed(&format!("{option}/percent"), json!(100.1)),
        "a.x: 100.1 % is more than all"
    );
    assert!(
        changed(&format!("{option}/percent"), json!(60.05))
            .contains("no percentage with one decimal")
    );
    assert!(changed(&format!("{option}/count"), json!(-1)).contains("line 1"));
    assert_eq!(changed(&format!("{option}/id"), json!("none")), "a.none: this id stands twice");
    assert_eq!(changed("/questions/0/id", json!("b")), "b: this id stands twice");
    assert_eq!(
        changed("/questions/0/base", json!(30)),
        "a: a base of 30 is more than all 20 responses"
    );
    let slip = json!({"id": "x", "cuont": 5});
    assert!(changed(option, slip).contains("a.x: no such key \"cuont\""));
    assert!(Earlier::parse(b"{").is_err() && Earlier::parse("\u{feff}".as_bytes()).is_err());
}

#[test]
fn mappings_that_are_wrong_say_where() {
    let changed = |at: &str, value: Value| {
        let mut m = mapping();
        *m.pointer_mut(at).unwrap() = value;
        compared(&by_hand(), Some(m)).unwrap_err()
    };
    assert_eq!(changed("/this", json!("other")), "is for survey other, not test-survey");
    assert_eq!(changed("/earlier", json!("other")), "is for survey other, not old");
    let unknown = changed("/questions/1/options/0/id", json!("zz"));
    assert_eq!(unknown, "questions[1] (b).options[0] (zz): no option \"zz\" in survey test-survey");
    let unknown = changed("/questions/1/options/0/earlier", json!("zz"));
    assert_eq!(unknown, "questions[1] (b).options[0] (p): no option \"b.zz\" in survey old");
    let unknown = changed("/questions/1/earlier", json!("zz"));
    assert_eq!(unknown, "questions[1] (b): no question \"zz\" in survey old");
    assert!(changed("/questions/1/id", json!("a")).contains("this id stands twice"));
    assert_eq!(changed("/schema_version", json!(2)), "schema_version 2, this program reads 1");
    assert!(
        changed("/questions/0", json!({"id": "a", "earlier": "a", "optoins": []}))
            .contains("optoins")
    );
}
