//! Every figure that the seeds published comes out of a survey with their answers: the slide tables of
//! 2024 and 2023, the press table of two surveys side by side, the headlines. `tests/data/published.json`
//! lists them as they stand in the two publications (federation's press conferences of 27 March 2025
//! and 12 December 2023).

#[path = "support/kept.rs"]
mod kept;

use std::collections::{BTreeMap, BTreeSet};

use faxtally::account::{Account, Labels, fold};
use faxtally::form::{Form, Output};
use faxtally::lang::Lang;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use faxtally::tally::compare::{Comparison, Earlier, Mapping, compare};
use faxtally::tally::cuts::{SentBy, cut};
use faxtally::tally::{
    ChoiceFigure, Figure, Note, Sheet, Table, Tally, TallySettings, page_counts, table, tally,
};
use kept::{here, keep};
use serde_json::Value;

struct Survey {
    _dir: tempfile::TempDir,
    forms: Vec<Form>,
    account: Account,
    tally: Tally,
}

/// Everybody's answers with the published margins, one response in forty decided by people.
fn survey(form: &str, sent: u64, associations: usize) -> Survey {
    let dir = tempfile::TempDir::new().unwrap();
    let store = Store::create(dir.path()).unwrap();
    let form = store.add_form(&here(form)).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let people = draw(&form, &margins, margins.n, 42).unwrap();
    keep(&store, &form, &people, 40, |i| Labels {
        association: Some(format!("協会 {:02}", i % associations)),
        ..Labels::default()
    });
    let account = fold(&store.snapshot().unwrap());
    let forms = store.forms().unwrap();
    let settings = TallySettings { lang: Lang::Ja, sent: Some(sent), closed: false, audit: None };
    let tally = tally(&account, &forms, &settings);
    Survey { _dir: dir, forms, account, tally }
}

fn published() -> Value {
    serde_json::from_slice(&std::fs::read(here("tests/data/published.json")).unwrap()).unwrap()
}

fn of<'a>(list: &'a Value, survey: &'a str) -> impl Iterator<Item = &'a Value> {
    list.as_array().unwrap().iter().filter(move |f| f["survey"] == survey)
}

fn choice<'a>(t: &'a Tally, id: &str) -> &'a ChoiceFigure {
    match t.questions.iter().find(|f| f.id() == id) {
        Some(Figure::Choice(f)) => f,
        other => panic!("{id}: {other:?}"),
    }
}

fn sum(t: &Tally, id: &str) -> (u64, bool) {
    match t.questions.iter().find(|f| f.id() == id) {
        Some(Figure::Number(f)) => (f.sum, f.lower_bound),
        other => panic!("{id}: {other:?}"),
    }
}

fn tables(s: &Survey, output: Output) -> BTreeMap<String, Table> {
    let choices = s.tally.questions.iter().filter_map(|f| match f {
        Figure::Choice(f) => Some(f),
        _ => None,
    });
    let one = |f: &ChoiceFigure| table(f, &s.forms, s.forms[0].question(&f.id), (output, Lang::Ja));
    choices.map(|f| (f.id.clone(), one(f))).collect()
}

/// As `published.json` writes labels: NFKC, of which the forms need only the ASCII part.
fn narrow(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap(),
        c => c,
    };
    text.chars().map(one).collect()
}

/// Every figure of one survey in the tables of one output. Returns how many were compared.
fn figures_of(s: &Survey, id: &str, output: Output, word: &str) -> usize {
    let (all, tables) = (published(), tables(s, output));
    let mut compared = 0;
    for f in of(&all["figures"], id) {
        let (q, option) = (f["question"].as_str().unwrap(), f["option_id"].as_str().unwrap());
        let Some(label) = f["labels"].get(word).and_then(Value::as_str) else { continue };
        let table = &tables[q];
        assert_eq!(Some(table.base), f["denominator"].as_u64(), "{q}");
        let row = table.rows.iter().find(|r| r.id == option);
        let row = row.unwrap_or_else(|| panic!("{q}.{option} is not in the table for {word}"));
        assert_eq!(Some(row.count), f["count"].as_u64(), "{q}.{option}");
        if let Some(percent) = f["percent"].as_f64() {
            assert_eq!(
                row.percent.unwrap().tenths(),
                (percent * 10.0).round() as u64,
                "{q}.{option}"
            );
        }
        match label {
            "N/A" | "無回答" => assert_eq!(row.label, "無回答"),
            // The slide of 2023 says 内科 (internal medicine) where it must mean 医科 (I12).
            "内科診療所" => assert_eq!(row.label, "医科診療所"),
            label => assert_eq!(narrow(&row.label), label, "{q}.{option}"),
        }
        compared += 1;
    }
    compared
}

/// A published number as it is written.
fn scalar(all: &Value, survey: &str, id: &str) -> String {
    of(&all["scalars"], survey).find(|s| s["id"] == id).unwrap()["value"].to_string()
}

fn groups(s: &Survey, by: &str) -> usize {
    let sheet = Sheet::of(&s.account, &s.forms);
    let settings = TallySettings::default();
    let cuts = cut(&sheet, page_counts(&s.account), by, &settings, &SentBy::new()).unwrap();
    cuts.groups.iter().filter(|g| g.responses > 0 && g.id != "na").count()
}

#[test]
fn the_slides_and_the_press_text_of_2024_figure_by_figure() {
    let s = survey("forms/mynahoken-2024", 47_387, 34);
    assert_eq!(figures_of(&s, "hodanren-2024-12", Output::Slides, "slides"), 46);
    assert_eq!(figures_of(&s, "hodanren-2024-12", Output::Form, "form"), 41);
    assert_eq!(figures_of(&s, "hodanren-2024-12", Output::Press, "press"), 14);
    let all = published();
    let number = |id| scalar(&all, "hodanren-2024-12", id);
    assert_eq!(s.tally.sent.unwrap().to_string(), number("sent"));
    assert_eq!(s.tally.responses.to_string(), number("valid"));
    assert_eq!(s.tally.response_rate.unwrap().to_string(), number("response_rate"));
    assert_eq!(choice(&s.tally, "q7").base.to_string(), number("q7_base"));
    let (cases, least) = sum(&s.tally, "q7_count");
    assert_eq!((cases.to_string(), least), (number("q7_full_payment_cases"), true));
    assert_eq!(groups(&s, "q1").to_string(), number("prefectures"));
    assert_eq!(groups(&s, "association").to_string(), number("associations"));
    let decided: u64 = ["q2", "q6"].iter().map(|q| choice(&s.tally, q).decided_by_people).sum();
    assert_eq!(decided, 2 * (8330 / 40));
    assert_eq!(s.tally.unreviewed(), 0);
    // Q3's percentages add up to 100.1 (I14), which no other single choice does; Q7's base holds those
    // who left Q6 blank (I1).
    let rounded =
        |q: &str| choice(&s.tally, q).notes.iter().any(|n| matches!(n, Note::RoundedSum { .. }));
    let odd: Vec<_> = ["q2", "q3", "q4", "q8", "q9"].into_iter().filter(|q| rounded(q)).collect();
    assert_eq!(odd, ["q3"]);
    let blank = choice(&s.tally, "q6").no_answer.count;
    let note = Note::BlanksInBase { question: "q6".into(), count: blank };
    assert_eq!(choice(&s.tally, "q7").notes.contains(&note), blank > 0);
    claims(&s);
    press_table(&s);
}

/// The headlines: shares of several options together.
fn claims(s: &Survey) {
    let all = published();
    let nets = BTreeMap::from([("q3", "under30"), ("q4", "any_burden"), ("q6", "any_trouble")]);
    let mut compared = 0;
    for claim in of(&all["claims"], "hodanren-2024-12") {
        let figure = choice(&s.tally, claim["question"].as_str().unwrap());
        let (count, percent) = if let Some(id) = nets.get(figure.id.as_str()) {
            let net = figure.nets.iter().find(|n| n.id == *id).unwrap();
            (net.count, net.percent)
        } else {
            let id = claim["options"][0].as_str().unwrap();
            let option = figure.options.iter().find(|o| o.id == id).unwrap();
            (option.count, option.percent)
        };
        assert_eq!(Some(count), claim["count"].as_u64(), "{claim}");
        assert_eq!(Some(figure.base), claim["denominator"].as_u64(), "{claim}");
        // Published to two decimals; ours is the same to one.
        let stated = claim["percent"].as_f64().unwrap();
        assert!((percent.unwrap().tenths() as f64 / 10.0 - stated).abs() < 0.051, "{claim}");
        compared += 1;
    }
    assert_eq!(compared, all["claims"].as_array().unwrap().len());
}

/// The reference table of the press text as it was printed: label, then, now.
const PRESS: &str = "\
資格情報が無効|4266 33.5|3156 37.9
該当の被保険者番号がない|1655 13.0|978 11.7
名前や住所の間違い|1795 14.1|1642 19.7
●（くろまる）で出る|6017 47.2|5350 64.2
カードリーダーの接続不良・認証エラー|4726 37.1|3636 43.6
限度額認定に誤り等があった|493 3.9|363 4.4
負担割合の齟齬|977 7.7|637 7.6
国保|371 2.9|173 2.1
社保|159 1.2|84 1.0
後期高齢|641 5.0|296 3.6
他人の情報が紐づけられていた|189 1.5|154 1.8
マイナ保険証の有効期限が切れていた|1799 14.1|2552 30.6
その他|-|1439 17.3
特にトラブルなし（※）|3128 24.6|911 10.9
";

fn compared(s: &Survey) -> Comparison {
    let read = |name: &str| std::fs::read(here("forms/mynahoken-2024/compare").join(name)).unwrap();
    let earlier = Earlier::parse(&read("hodanren-2024-05.json")).unwrap();
    let mapping = Mapping::parse(&read("mapping.json")).unwrap();
    compare(&s.tally, &s.forms, &earlier, Some(&mapping), (Output::Press, Lang::Ja)).unwrap()
}

fn press_table(s: &Survey) {
    let c = compared(s);
    let part =
        |p: &faxtally::tally::compare::Part| format!("{} {}", p.count.unwrap(), p.percent.unwrap());
    let q6 = &c.questions[0];
    let lines = q6.rows.iter().map(|r| {
        let then = r.earlier.as_ref().map_or_else(|| "-".to_owned(), part);
        format!("{}|{then}|{}\n", r.label, part(&r.this))
    });
    assert_eq!(lines.collect::<String>(), PRESS);
    for row in q6.rows.iter().filter(|r| r.earlier.is_some()) {
        assert!(row.comparable, "{row:?}");
        assert_eq!(row.earlier.as_ref().unwrap().base, Some(12_735));
    }
    // 3156/8330 - 4266/12735 = 4.389 points, and 64.226 - 47.248 = 16.978.
    let points =
        |id: &str| q6.rows.iter().find(|r| r.id == id).unwrap().points.unwrap().to_string();
    assert_eq!((points("invalid"), points("black_dot")), ("+4.4".into(), "+17.0".into()));
    assert_eq!(points("none"), "-13.6"); // 10.936 - 24.562 = -13.626; the printed ones give -13.7
    let all = published();
    let then =
        |q: &str| of(&all["figures"], "hodanren-2024-05").filter(|f| f["question"] == q).count();
    assert_eq!(q6.rows.iter().filter(|r| r.earlier.is_some()).count(), then("q6"));
    assert_eq!(c.earlier.responses.unwrap().to_string(), scalar(&all, "hodanren-2024-05", "valid"));
    let sum = &c.sums[0];
    assert_eq!(
        sum.earlier.unwrap().to_string(),
        scalar(&all, "hodanren-2024-05", "q7_full_payment_cases")
    );
    assert_eq!((sum.this, sum.difference), (1720, Some(479)));
    assert!(sum.notes.contains(&Note::AtLeast));
    two_bases(&c);
}

/// 12.3 % of those with trouble beside 9.6 % of nobody knows whom: it must be said (I2).
fn two_bases(c: &Comparison) {
    let row = &c.questions[1].rows[0];
    let then = row.earlier.as_ref().unwrap();
    assert_eq!(row.this.percent.unwrap().to_string(), "12.3");
    assert_eq!((then.count, then.percent.unwrap().to_string()), (Some(857), "9.6".into()));
    assert!(!row.comparable && row.points.is_some());
    assert!(row.notes.contains(&Note::BaseUnknown), "{:?}", row.notes);
    // 857 is 9.6 % of 8,929, which a later publication gives; not of 12,735 nor of 9,607.
    let implied = Note::ImpliedBase { lowest: 8881, highest: 8973 };
    assert!(row.notes.contains(&implied), "{:?}", row.notes);
    let alike = row.notes.iter().find_map(|n| match n {
        Note::LikeForLike { base, percent, points } => {
            Some((*base, percent.to_string(), points.to_string()))
        }
        _ => None,
    });
    // 12,735 - 3,128 = 9,607; 12.279 - 8.921 = 3.359.
    assert_eq!(alike, Some((9607, "8.9".into(), "+3.4".into())));
    assert!(row.notes.iter().filter(|n| n.warns()).count() >= 2);
}

#[test]
fn the_slides_of_2023_figure_by_figure() {
    let s = survey("forms/mynahoken-2023", 8533, 7);
    let all = published();
    let listed = of(&all["figures"], "hodanren-2023-10").count();
    assert_eq!(figures_of(&s, "hodanren-2023-10", Output::Slides, "slides"), listed);
    let number = |id| scalar(&all, "hodanren-2023-10", id);
    assert_eq!(s.tally.responses.to_string(), number("valid"));
    assert_eq!(s.tally.sent.unwrap().to_string(), number("sent"));
    for q in ["trouble_kind", "trouble_response"] {
        assert_eq!(choice(&s.tally, q).base.to_string(), number("trouble_base"));
    }
    let (cases, least) = sum(&s.tally, "full_payment_count");
    assert_eq!((cases.to_string(), least), (number("full_payment_cases"), true));
    assert_eq!(groups(&s, "prefecture").to_string(), number("prefectures"));
}

/// What the two tests above look at is all that was published about surveys.
#[test]
fn nothing_published_is_left_out() {
    let all = published();
    let surveys: BTreeSet<_> = all["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["survey"])
        .map(Value::to_string)
        .collect();
    assert_eq!(surveys.len(), 3);
    let of_surveys = |s: &&Value| s["not_from_survey"] != true;
    let scalars = all["scalars"].as_array().unwrap().iter().filter(of_surveys).count();
    assert_eq!(scalars, 7 + 2 + 5);
    let outputs = ["slides", "press"];
    for f in all["figures"].as_array().unwrap() {
        let published = f["published_in"].as_array().unwrap();
        assert!(published.iter().all(|p| outputs.contains(&p.as_str().unwrap())), "{f}");
    }
}

#[test]
fn the_committed_schemas_are_those_of_the_code() {
    use faxtally::tally::compare::{earlier_schema, mapping_schema};
    for (name, schema) in [("earlier", earlier_schema()), ("mapping", mapping_schema())] {
        let committed = std::fs::read_to_string(here(&format!("forms/{name}.schema.json")));
        assert_eq!(committed.unwrap(), schema, "faxtally compare --schema {name} -o ...");
    }
}
