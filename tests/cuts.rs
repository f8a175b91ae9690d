//! Cuts, cross tables, nets and rules of bases on accounts made by hand.

mod accounts;
#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod folder;

use accounts::{account, answered, choice, field, form, pending, response, with, written};
use faxtally::account::{Account, Response, fold};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::reading::ReasonCode;
use faxtally::store::Store;
use faxtally::tally::cross::{CrossTable, cross, cross_all};
use faxtally::tally::cuts::{Cuts, SentBy, cut};
use faxtally::tally::{
    ChoiceFigure, CutError, Figure, Note, Sheet, TallySettings, page_counts, render_cross,
    render_cuts, tally,
};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

fn associated(mut r: Response, name: Option<&str>) -> Response {
    r.labels.association = name.map(str::to_owned);
    r
}

fn crossed(account: &Account, forms: &[Form], rows: &str, columns: &str) -> CrossTable {
    cross(&Sheet::of(account, forms), rows, columns, Lang::En).unwrap()
}

fn cuts(account: &Account, forms: &[Form], by: &str, sent: &[(&str, u64)]) -> Cuts {
    let sent: SentBy = sent.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
    let settings = TallySettings { sent: Some(100), ..TallySettings::default() };
    cut(&Sheet::of(account, forms), page_counts(account), by, &settings, &sent).unwrap()
}

fn figure(account: &Account, forms: &[Form], id: &str) -> ChoiceFigure {
    let t = tally(account, forms, &TallySettings::default());
    match t.questions.into_iter().find(|f| f.id() == id) {
        Some(Figure::Choice(f)) => f,
        other => panic!("{other:?}"),
    }
}

fn counts(table: &CrossTable, row: &str) -> Vec<u64> {
    let row = table.rows.iter().find(|r| r.id == row).unwrap();
    row.cells.iter().map(|c| c.count).collect()
}

/// a: one of x, y; b: several of p, q, on the base of those with a.
fn two() -> Form {
    let base = json!({"question": "a", "answered": true});
    form(
        "f",
        &json!([
            choice("a", "select_one", &["x", "y"]),
            with(choice("b", "select_multiple", &["p", "q"]), "base", base),
            with(field("pref", "text"), "lexicon", json!("prefectures")),
        ]),
    )
}

fn row(i: usize, a: &[&str], b: &[&str]) -> Response {
    response(i, "f", &[("a", answered(a)), ("b", answered(b))])
}

#[test]
fn a_cross_table_has_row_percentages_on_the_rows_own_n() {
    let doubt = pending(&["p"], ReasonCode::MarginalMark);
    let mut people = vec![
        row(0, &["x"], &["p", "q"]),
        row(1, &["x"], &["p"]),
        row(2, &["x"], &[]),
        row(3, &["y"], &["q"]),
        row(4, &[], &["q"]), // not in the base of b
        response(5, "f", &[("a", answered(&["x"])), ("b", doubt)]),
    ];
    people.extend((6..20).map(|i| row(i, &["y"], &["p"])));
    let (acc, forms) = (account(people), [two()]);
    let t = crossed(&acc, &forms, "a", "b");
    assert_eq!((t.n, t.pending), (18, 1));
    assert_eq!(t.columns.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["p", "q", "na"]);
    assert_eq!(
        (counts(&t, "x"), counts(&t, "y"), counts(&t, "na")),
        (vec![2, 1, 1], vec![14, 1, 0], vec![0; 3])
    );
    let x = &t.rows[0];
    assert_eq!((x.n, x.small), (3, true));
    assert_eq!(x.cells[0].percent.unwrap().to_string(), "66.7");
    let y = &t.rows[1];
    assert_eq!((y.n, y.small, y.cells[0].small, y.cells[1].small), (15, false, false, true));
    assert_eq!(t.total.cells[0].count, 16);
    assert_eq!(t.rows[2].cells[0].percent, None);
    let small = Note::Small { under: 10, count: 8 };
    assert!(
        t.notes.contains(&small) && t.notes.contains(&Note::Pending { count: 1 }),
        "{:?}",
        t.notes
    );
    // The other way round a response with two answers is in two rows and once in n.
    let t = crossed(&acc, &forms, "b", "a");
    assert_eq!((t.n, counts(&t, "p"), counts(&t, "q")), (18, vec![2, 14, 0], vec![1, 1, 0]));
    assert_eq!(t.total.cells.iter().map(|c| c.count).sum::<u64>(), 18);
    assert!(t.notes.contains(&Note::SeveralRows));
}

#[test]
fn what_cannot_be_cut_says_what_can() {
    let (acc, forms) = (account(vec![row(0, &["x"], &[])]), [two()]);
    let sheet = Sheet::of(&acc, &forms);
    let error = |rows, columns| cross(&sheet, rows, columns, Lang::En).unwrap_err();
    let known = "a, b, pref".to_owned();
    assert_eq!(error("zz", "a"), CutError::NoQuestion { id: "zz".into(), known });
    assert_eq!(error("a", "a"), CutError::Itself { id: "a".into() });
    let free = form(
        "g",
        &json!([choice("a", "select_one", &["x"]), field("t", "text"), field("n", "integer")]),
    );
    let forms = [free];
    let empty = Account::default();
    let sheet = Sheet::of(&empty, &forms);
    for id in ["t", "n"] {
        let error = cross(&sheet, id, "a", Lang::En).unwrap_err();
        assert_eq!(error, CutError::NoGroups { id: id.into() });
    }
}

#[test]
fn response_rates_come_by_association() {
    let mut people: Vec<_> =
        (0..12).map(|i| associated(row(i, &["x"], &[]), Some("東京"))).collect();
    people.push(associated(row(12, &["y"], &[]), Some("大阪")));
    people.push(associated(row(13, &["y"], &[]), None));
    let c =
        cuts(&account(people), &[two()], "association", &[("東京", 40), ("愛知", 30), ("大阪", 0)]);
    let line = |g: &faxtally::tally::cuts::CutGroup| {
        (g.id.clone(), g.responses, g.sent, g.response_rate.map(|p| p.to_string()), g.small)
    };
    let lines: Vec<_> = c.groups.iter().map(line).collect();
    let name = str::to_owned;
    assert_eq!(
        lines,
        [
            (name("大阪"), 1, Some(0), None, true),
            (name("愛知"), 0, Some(30), Some(name("0.0")), true),
            (name("東京"), 12, Some(40), Some(name("30.0")), false),
            (name("na"), 1, None, None, true),
        ]
    );
    assert!(c.notes.contains(&Note::SentDiffers { total: 100, sum: 70 }));
    assert!(c.notes.contains(&Note::MoreThanSent { sent: 0, responses: 1 }));
    let Figure::Choice(f) = &c.groups[2].questions[0] else { panic!() };
    assert_eq!((f.base, f.options[0].count), (12, 12));
    let sum: u64 = c.groups.iter().map(|g| g.responses).sum();
    assert_eq!(sum, c.all.responses);
}

#[test]
fn prefectures_stand_north_to_south_however_they_were_written() {
    let mut people: Vec<_> = (0..5).map(|i| row(i, &["x"], &[])).collect();
    for (r, p) in people.iter_mut().zip(["三重県", "三重", "青森", "東京都", "どこか"])
    {
        r.text.insert("pref".into(), written(p));
    }
    let c = cuts(&account(people), &[two()], "pref", &[]);
    let groups: Vec<_> = c.groups.iter().map(|g| (g.label.as_str(), g.responses)).collect();
    assert_eq!(
        groups,
        [("青森県", 1), ("東京都", 1), ("三重県", 2), ("どこか", 1), ("none given", 0)]
    );
}

#[test]
fn nets_count_a_response_once_and_say_whom_they_hold() {
    let nets = json!([
        {"id": "any", "label": {"ja": "計", "en": "any"}, "with": ["p", "q"]},
        {"id": "not_p", "label": {"ja": "p 以外", "en": "not p"}, "without": ["p"]},
    ]);
    let forms =
        [form("f", &json!([with(choice("b", "select_multiple", &["p", "q", "r"]), "nets", nets)]))];
    let of = |i, b: &[&str]| response(i, "f", &[("b", answered(b))]);
    let people = vec![of(0, &["p", "q"]), of(1, &["q"]), of(2, &["r"]), of(3, &[])];
    let f = figure(&account(people), &forms, "b");
    let net =
        |i: usize| (f.nets[i].count, f.nets[i].percent.unwrap().to_string(), f.nets[i].no_answer);
    assert_eq!(net(0), (2, "50.0".into(), 0));
    assert_eq!(net(1), (3, "75.0".into(), 1));
}

#[test]
fn blanks_leave_a_base_of_those_who_answered() {
    let forms = [form(
        "f",
        &json!([with(choice("a", "select_one", &["x", "y"]), "answered_only", json!(true))]),
    )];
    let people =
        vec![row(0, &["x"], &[]), row(1, &["y"], &[]), row(2, &["y"], &[]), row(3, &[], &[])];
    let f = figure(&account(people), &forms, "a");
    assert_eq!((f.base, f.no_answer.count, f.no_answer.percent), (3, 1, None));
    assert_eq!(f.options[0].percent.unwrap().to_string(), "33.3");
    assert_eq!(f.base_rule, "responses that answered a");
    assert!(f.notes.contains(&Note::AnsweredOnly { no_answer: 1 }));
}

#[test]
fn a_base_of_those_who_chose_is_of_those_counted_there() {
    let base = |question: &str, key: &str, what: Value| json!({"question": question, key: what});
    let forms = [form(
        "f",
        &json!([
            choice("a", "select_one", &["x", "none"]),
            with(choice("b", "select_one", &["p"]), "base", base("a", "without", json!(["none"]))),
            with(choice("c", "select_one", &["r"]), "base", base("b", "with", json!(["p"]))),
            with(choice("d", "select_one", &["r"]), "base", base("a", "unanswered", json!(true))),
        ]),
    )];
    let of = |i, a: &[&str]| {
        let r = ["c", "d"].map(|q| (q, answered(&["r"])));
        response(i, "f", &[("a", answered(a)), ("b", answered(&["p"])), r[0].clone(), r[1].clone()])
    };
    let acc = account(vec![of(0, &["x"]), of(1, &["none"]), of(2, &[])]);
    let b = figure(&acc, &forms, "b");
    assert_eq!((b.base, b.options[0].count), (2, 2), "without a=none");
    assert!(b.notes.contains(&Note::BlanksInBase { question: "a".into(), count: 1 }));
    assert_eq!(figure(&acc, &forms, "c").base, b.options[0].count, "n of c is the count of b.p");
    assert_eq!(figure(&acc, &forms, "d").base, 1);
}

#[test]
fn bases_that_go_nowhere_are_refused_with_their_place() {
    let problem = |questions: Value| {
        let json = json!({"schema_version": 1, "id": "f", "survey": "s", "title": {"ja": "", "en": ""},
            "page": {"width": 60.0, "height": 120.0, "blank": "b.png"}, "questions": questions});
        let path = std::path::Path::new("form.json");
        Form::from_bytes(json.to_string().as_bytes(), &[], path).unwrap_err().to_string()
    };
    let one = |id: &str, base: &str| {
        with(choice(id, "select_one", &["x"]), "base", json!({"question": base, "with": ["x"]}))
    };
    let itself = problem(json!([one("a", "a")]));
    assert!(itself.contains("questions[0] (a).base: refers to its own question"), "{itself}");
    let circle = problem(json!([one("a", "b"), one("b", "a")]));
    assert!(circle.contains("goes in a circle: a -> b -> a"), "{circle}");
    let nowhere = problem(json!([one("a", "zz")]));
    assert!(nowhere.contains("no question \"zz\""), "{nowhere}");
    let net = json!([{"id": "x", "label": {"ja": "", "en": ""}, "with": ["x"]}]);
    let twice = problem(json!([with(choice("a", "select_one", &["x"]), "nets", net)]));
    assert!(twice.contains("nets[0] (x): this id stands twice"), "{twice}");
}

#[test]
fn a_survey_as_it_stood_on_a_day() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = Store::create(&dir.path().join("s")).unwrap();
    store.add_form(&folder::folder(dir.path(), "f1", "s1")).unwrap();
    for (day, name, pages) in [
        (Some("2025-03-01"), "b.tif", &["response q1=a ink=1", "response q1=b ink=2"][..]),
        (Some("2025-03-14"), "c.tif", &["response q1=a ink=3"]),
        // In the order of names this is the original, and the sheet of b.tif its copy.
        (Some("2025-03-20"), "a.tif", &["response q1=a ink=1"]),
        (None, "d.tif", &["response q1=a ink=4"]),
    ] {
        let inbox = dir.path().join(name);
        fake::write(&inbox, name, pages);
        let mut job = fake::job(&inbox, 1);
        job.labels.arrived = day.map(str::to_owned);
        fake::try_read(&job, &store, &fake::Fake::default()).unwrap();
    }
    let at = |day: &str| {
        let mut snapshot = store.snapshot().unwrap();
        let left = snapshot.as_of(day);
        let t = tally(&fold(&snapshot), &store.forms().unwrap(), &TallySettings::default());
        (t.responses, t.pages.duplicate, left.later, left.undated)
    };
    assert_eq!(at("2025-02-28"), (0, 0, 4, 1));
    assert_eq!(at("2025-03-01"), (2, 0, 2, 1), "the copy counts while its original has not come");
    assert_eq!(at("2025-03-14"), (3, 0, 1, 1));
    assert_eq!(at("2025-03-20"), (3, 1, 0, 1));
}

#[test]
fn nothing_at_all_and_nothing_decided_give_empty_tables() {
    let forms = [two()];
    let doubt = |g: &[&str]| pending(g, ReasonCode::MarginalMark);
    let all = (0..3).map(|i| response(i, "f", &[("a", doubt(&["x"])), ("b", doubt(&[]))]));
    for (acc, waiting) in [(Account::default(), 0), (account(all.collect()), 3)] {
        let sheet = Sheet::of(&acc, &forms);
        for t in cross_all(&sheet, Lang::Ja) {
            assert_eq!(
                (t.n, t.pending),
                (0, if t.rows_by.id == "pref" { 3.min(waiting) } else { waiting })
            );
            assert!(t.rows.iter().all(|r| r.cells.iter().all(|c| c.percent.is_none())));
            assert!(!render_cross(&t, Lang::Ja).is_empty());
        }
        let f = figure(&acc, &forms, "a");
        assert_eq!((f.base, f.pending, f.options[0].percent), (0, waiting, None));
    }
}

#[test]
fn hostile_names_stay_in_their_lines() {
    let names = ["=1+1", "a\nb", "🦷 歯科", "\u{202e}txt", "とても長い名前の協会".repeat(9).leak()];
    let people = names.iter().enumerate().map(|(i, n)| associated(row(i, &["x"], &["p"]), Some(n)));
    let acc = account(people.collect());
    let forms = [two()];
    let text = render_cuts(&cuts(&acc, &forms, "association", &[]), Lang::Ja)
        + &render_cross(&crossed(&acc, &forms, "association", "b"), Lang::Ja);
    for line in text.lines().filter(|l| !l.contains('：')) {
        assert!(line.width() <= 80, "{} {line}", line.width());
        assert!(!line.contains('\u{202e}'), "{line}");
    }
    let groups = cuts(&acc, &forms, "association", &[]).groups;
    assert_eq!(groups.iter().filter(|g| g.id != "na").count(), names.len());
    // Two heads, ten rows of cuts and cross tables with two lines each: no name has made more lines.
    assert_eq!(text.lines().filter(|l| l.contains("a b") || l.contains("=1+1")).count(), 4);
}
