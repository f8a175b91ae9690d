//! What leaves the house: tables, SPSS files, workbooks, charts and the page, made from a survey with
//! the published answers and from texts that mean harm.

mod accounts;
#[path = "support/people.rs"]
mod people;

use std::collections::BTreeMap;

use accounts::{
    account as hand_made, choice, field, form as small_form, response as by_hand, written,
};
use faxtally::account::{Account, Answer, Rows};
use faxtally::export::variables::Variables;
use faxtally::export::{Format, Table, export, figures, sav, schema};
use faxtally::form::{Form, Output};
use faxtally::lang::Lang;
use faxtally::report::Findings;
use faxtally::report::chart::chart;
use faxtally::report::font::Face;
use faxtally::report::html::html;
use faxtally::report::picture::Shape;
use faxtally::report::png::png;
use faxtally::report::svg::{Letters, svg};
use faxtally::tally::{Figure, Tally, TallySettings, tally};
use serde_json::json;

const JA: TallySettings =
    TallySettings { lang: Lang::Ja, sent: Some(47_387), closed: false, audit: None };

fn survey() -> (Vec<Form>, Account, Tally) {
    let forms = vec![people::form("forms/mynahoken-2024")];
    let account = people::account(&forms[0]);
    let tally = tally(&account, &forms, &JA);
    (forms, account, tally)
}

fn findings<'a>(tally: &'a Tally, forms: &'a [Form]) -> Findings<'a> {
    Findings {
        tally,
        forms,
        crosses: &[],
        comparisons: &[],
        cuts: &[],
        behind: &[],
        quotes: &[],
        lang: Lang::Ja,
    }
}

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

fn rows(account: &Account, forms: &[Form], table: Table, format: Format) -> String {
    text(|out| export(account, forms, table, format, Lang::Ja, out).unwrap())
}

/// Records of JSON lines.
fn records(lines: &str) -> Vec<BTreeMap<String, serde_json::Value>> {
    lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn the_published_figures_stand_in_the_table_for_excel() {
    let (forms, _, tally) = survey();
    let csv = text(|out| figures(&tally, &forms, Format::ExcelCsv, Lang::Ja, out).unwrap());
    assert!(csv.starts_with("\u{feff}question,type,"), "Excel takes it for Shift JIS otherwise");
    for published in [
        "q3,select_one,直近のマイナ保険証の利用率はおおよそどれくらいですか。,lt10,10％未満,1594,19.1,8330,",
        "insurance_card,その日に持ち合わせていた健康保険証で資格確認をした,5784,78.0,7419,",
        "q9,select_one,",
        ",restore,復活し併用できるようにすべき,5709,68.5,8330,all responses,0\r\n",
        "sum,合計（少なくとも）,1720,,911,",
    ] {
        assert!(csv.contains(published), "{published}");
    }
}

#[test]
fn every_count_comes_out_of_the_wide_table_again() {
    let (forms, account, tally) = survey();
    let wide = records(&rows(&account, &forms, Table::Wide, Format::Jsonl));
    assert_eq!(wide.len(), 8330);
    let mut checked = 0;
    for figure in &tally.questions {
        let Figure::Choice(f) = figure else { continue };
        let standing = |word: &str| {
            let key = format!("{}.standing", f.id);
            wide.iter().filter(|r| r[&key] == word).collect::<Vec<_>>()
        };
        let answered = standing("answered");
        assert_eq!((answered.len() + standing("blank").len()) as u64, f.base, "{}", f.id);
        for option in &f.options {
            let flag = format!("{}.{}", f.id, option.id);
            let chose = answered.iter().filter(|r| match r.get(&flag) {
                Some(flag) => *flag == 1,
                None => r[&f.id] == option.id.as_str(),
            });
            assert_eq!(chose.count() as u64, option.count, "{flag}");
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked} options");
}

#[test]
fn the_long_table_has_a_row_for_every_choice() {
    let (forms, account, tally) = survey();
    let long = records(&rows(&account, &forms, Table::Long, Format::Jsonl));
    let Some(Figure::Choice(q7)) = tally.questions.iter().find(|f| f.id() == "q7") else {
        panic!()
    };
    let cards = long.iter().filter(|r| r["question"] == "q7" && r["option"] == "insurance_card");
    assert_eq!(cards.count() as u64, q7.options[0].count);
    assert!(!long.iter().any(|r| r["standing"] == "out_of_base"));
}

/// Labels and texts that spreadsheets, browsers and terminals take for something else.
fn hostile() -> (Vec<Form>, Account) {
    let mut q = choice("q1", "select_one", &["a", "b"]);
    q["label"]["ja"] =
        json!("=cmd|' /C calc'!A0 <script>alert(1)</script> \u{202e}逆\u{202c} 😀\n二行");
    q["options"][0]["label"]["ja"] = json!("=1+1");
    q["options"][1]["label"]["ja"] = json!("*\"~?</title>");
    let forms = vec![small_form("mynahoken-2024", &json!([q, field("t", "text")]))];
    let mut first = by_hand(0, "mynahoken-2024", &[("q1", accounts::answered(&["a"]))]);
    first.text.insert("t".into(), written("=HYPERLINK(\"http://x\")"));
    let mut second = by_hand(1, "mynahoken-2024", &[("q1", accounts::answered(&[]))]);
    second.text.insert("t".into(), written(&"長い文章。".repeat(400)));
    (forms, hand_made(vec![first, second]))
}

#[test]
fn hostile_texts_stay_texts() {
    let (forms, account) = hostile();
    let wide = rows(&account, &forms, Table::Wide, Format::ExcelCsv);
    assert!(wide.contains(",\"'=HYPERLINK(\"\"http://x\"\")\","), "{wide}");
    let tally = tally(&account, &forms, &JA);
    let page = html(&findings(&tally, &forms), Face::open(None).ok().as_ref());
    assert!(!page.contains("<script"), "no script of theirs, none of ours");
    assert!(!page.contains("</title>\n<tr"), "labels do not close elements");
    for outside in ["src=\"", "href=\"http", "url(http", "@import"] {
        assert!(!page.contains(outside), "{outside}: the page fetches nothing");
    }
    assert!(page.contains("Content-Security-Policy"));
}

#[test]
fn missing_is_never_a_value_and_long_text_is_whole_in_spss() {
    let (forms, account) = hostile();
    let tally = tally(&account, &forms, &JA);
    let variables = Variables::new(&forms);
    let write = || {
        let mut out = Vec::new();
        let cut = sav::write(&tally, &variables, || account.counted(), Lang::Ja, &mut out).unwrap();
        assert_eq!(cut, 0);
        out
    };
    let file = write();
    assert_eq!(&file[..4], b"$FL2");
    assert_eq!(file[80..84], 2i32.to_le_bytes(), "two cases");
    let find = |needle: &[u8]| file.windows(needle.len()).any(|w| w == needle);
    assert!(find(b"=06000\0\t"), "a text of 6,000 bytes is a very long string of just that");
    assert!(find("確認待ち（集計に入れない）".as_bytes()));
    assert!(find(b"UTF-8"));
    assert_eq!(file, write(), "the same survey gives the same bytes");
}

#[test]
fn the_dictionary_names_every_column() {
    let (forms, account, _) = survey();
    for table in [Table::Wide, Table::Long, Table::Figures] {
        let schema = schema(&forms, table, Lang::Ja).unwrap();
        let names: Vec<&str> = schema["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["name"].as_str().unwrap())
            .collect();
        let few = Account { responses: account.responses[..2].to_vec(), ..Account::default() };
        let head = match table {
            Table::Figures => {
                let tally = tally(&few, &forms, &JA);
                text(|out| figures(&tally, &forms, Format::Csv, Lang::Ja, out).unwrap())
            }
            table => rows(&few, &forms, table, Format::Csv),
        };
        assert_eq!(head.lines().next().unwrap().split(',').collect::<Vec<_>>(), names);
    }
}

#[test]
fn charts_say_every_number_and_are_drawn_alike() {
    let (forms, _, tally) = survey();
    let findings = findings(&tally, &forms);
    let Some(Figure::Choice(q3)) = tally.questions.iter().find(|f| f.id() == "q3") else {
        panic!()
    };
    let table = findings.table(q3, Output::Slides);
    let face = Face::open(None).ok();
    let picture = chart(&table, Lang::Ja, face.as_ref());
    let said: Vec<&str> = picture
        .shapes
        .iter()
        .filter_map(|s| if let Shape::Text { text, .. } = s { Some(text.as_str()) } else { None })
        .collect();
    for published in ["1,594（19.1％）", "2,180（26.2％）", "171（2.1％）", "N＝8,330"] {
        assert!(said.contains(&published), "{published} in {said:?}");
    }
    let drawn = svg(&picture, "c", Letters::Text);
    assert_eq!(drawn.matches("<polygon").count(), 7, "a slice an option and one for no answer");
    let Some(face) = face else { return };
    assert!(!svg(&picture, "c", Letters::Outlines(&face)).contains("<text"));
    let file = png(&picture, &face).unwrap();
    assert_eq!(file, png(&picture, &face).unwrap());
    let pixels = image::load_from_memory(&file).unwrap().to_luma8();
    let dark = pixels.pixels().filter(|p| p.0[0] < 128).count() as f64;
    let share = dark / f64::from(pixels.width() * pixels.height());
    assert!((0.02..0.3).contains(&share), "{share} of it is ink: a fax carries it");
}

#[test]
fn the_page_carries_its_font_and_every_table() {
    let (forms, _, tally) = survey();
    let face = Face::open(None).ok();
    let page = html(&findings(&tally, &forms), face.as_ref());
    for published in ["<td>5,784</td><td>78.0</td>", "8,330", "17.6％", "少なくとも 1,720"] {
        assert!(page.contains(published), "{published}");
    }
    assert_eq!(page.matches("<svg").count(), 7);
    assert_eq!(page.contains("data:font/ttf;base64,"), face.is_some());
    assert_eq!(page, html(&findings(&tally, &forms), face.as_ref()));
}

#[test]
fn nothing_and_all_pending_make_right_pages() {
    let forms = vec![people::form("forms/mynahoken-2024")];
    let drawn = people::people(&forms[0]);
    let few = drawn.iter().take(30).enumerate();
    let unsure = few.map(|(i, p)| people::response(&forms[0], i, p, false)).collect();
    for responses in [Vec::new(), unsure] {
        let waiting = responses.len();
        let account = Account { pages: Vec::new(), responses };
        let tally = tally(&account, &forms, &JA);
        let page = html(&findings(&tally, &forms), None);
        assert!(!page.contains("<svg"), "no chart of nothing");
        assert_eq!(page.contains(&format!("確認待ち {waiting} 件")), waiting > 0);
        let wide = records(&rows(&account, &forms, Table::Wide, Format::Jsonl));
        let guesses = wide.iter().filter(|r| !r["q3"].is_null());
        assert_eq!(guesses.count(), 0, "a guess is no value");
    }
}

#[test]
fn a_pending_answer_is_no_value_anywhere() {
    let (forms, mut account) = hostile();
    let answer = accounts::pending(&["b"], faxtally::reading::ReasonCode::MarginalMark);
    let guess: &mut Answer = account.responses[0].answers.get_mut("q1").unwrap();
    *guess = answer;
    let wide = records(&rows(&account, &forms, Table::Wide, Format::Jsonl));
    assert!(wide[0]["q1"].is_null());
    assert_eq!(wide[0]["q1.standing"], "pending");
    assert!(wide[1]["q1"].is_null());
    assert_eq!(wide[1]["q1.standing"], "blank");
    let long = records(&rows(&account, &forms, Table::Long, Format::Jsonl));
    let waiting = long.iter().find(|r| r["standing"] == "pending").unwrap();
    assert!(waiting["option"].is_null(), "{waiting:?}");
}

#[cfg(feature = "xlsx")]
mod workbook {
    use super::*;
    use faxtally::report::xlsx;
    use std::io::{Cursor, Read};

    fn book(tally: &Tally, forms: &[Form], account: &Account, variables: &Variables) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let scratch = tempfile::tempdir().unwrap();
        let responses = account.counted();
        let findings = findings(tally, forms);
        xlsx::write(&findings, variables, responses, scratch.path(), &mut out).unwrap();
        out.into_inner()
    }

    fn part(book: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(book)).unwrap();
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn counts_are_formulas_with_our_figures_beside_them() {
        let (forms, account, tally) = survey();
        let variables = Variables::new(&forms);
        let book = book(&tally, &forms, &account, &variables);
        let sheet = part(&book, "xl/worksheets/sheet2.xml");
        // Column of q7.insurance_card and of its standing, as the sheet of answers has them.
        let formula = sheet
            .split("<f>")
            .find(|f| f.contains("</f><v>5784</v>"))
            .and_then(|f| f.split("</f>").next())
            .unwrap();
        assert!(formula.starts_with("COUNTIFS('回答データ'!$"), "{formula}");
        assert!(formula.contains("$2:$") && formula.ends_with(",\"回答\")"), "{formula}");
        assert!(sheet.contains("</f><v>0.78</v>"), "78.0 % of 7,419");
        assert_eq!(part(&book, "xl/charts/chart1.xml").matches("<c:ser>").count(), 1);
        // Bars have their options' names beside them, the first on top, and grow to the right.
        let charts = (1..=6).map(|i| part(&book, &format!("xl/charts/chart{i}.xml")));
        let bars: Vec<String> = charts.filter(|c| c.contains("<c:barChart>")).collect();
        assert!(!bars.is_empty());
        for chart in bars {
            let (options, counts) = chart.split_once("<c:valAx>").unwrap();
            let options = options.split_once("<c:catAx>").unwrap().1;
            assert!(options.contains("maxMin") && !options.contains("<c:delete"), "{options}");
            assert!(counts.contains("minMax") && counts.contains("<c:delete val=\"1\"/>"));
        }
    }

    #[test]
    fn the_same_survey_gives_the_same_bytes() {
        let (forms, account) = hostile();
        let tally = tally(&account, &forms, &JA);
        let variables = Variables::new(&forms);
        let first = book(&tally, &forms, &account, &variables);
        assert_eq!(first, book(&tally, &forms, &account, &variables));
        assert!(
            !part(&first, "xl/worksheets/sheet4.xml").contains("<f>"),
            "answers are no formulas"
        );
    }

    #[test]
    fn what_may_be_handed_on_has_no_writing() {
        let (forms, account) = hostile();
        let tally = tally(&account, &forms, &JA);
        let book = book(&tally, &forms, &account, &Variables::without_writing(&forms));
        let answers = part(&book, "xl/worksheets/sheet4.xml");
        assert!(!answers.contains("HYPERLINK") && !answers.contains("fax00000"), "{answers}");
    }
}
