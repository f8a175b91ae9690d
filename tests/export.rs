//! Exported rows against what the contract prints, key by key.

mod accounts;

use accounts::{
    account, answered, choice, decided, field, form, page, pending, response, unread, written,
};
use faxtally::account::{Account, Labels, PageStatus};
use faxtally::export::{Format, Table, export};
use faxtally::form::Form;
use faxtally::lang::Lang;
use faxtally::reading::{Reason, ReasonCode};
use serde_json::json;

fn forms() -> Vec<Form> {
    let questions = json!([
        field("q1", "text"),
        choice("q3", "select_one", &["20to30", "ge30"]),
        choice("q2", "select_multiple", &["a", "b"]),
        field("n", "integer"),
    ]);
    vec![form("mynahoken-2024", &questions)]
}

fn sample() -> Account {
    let mut first = response(
        0,
        "mynahoken-2024",
        &[("q3", answered(&["20to30"])), ("q2", decided(&["a", "b"]))],
    );
    first.text.insert("q1".into(), written("三重県"));
    first.text.insert("n".into(), written("12"));
    let doubt = pending(&["ge30"], ReasonCode::MarginalMark);
    let mut second = response(1, "mynahoken-2024", &[("q3", doubt), ("q2", answered(&[]))]);
    second.file = "sub/a, b.tif".into();
    second.text.insert("q1".into(), written("=HYPERLINK(\"http://x\")\n二行"));
    second.text.insert("n".into(), unread());
    let mut acc = account(vec![first, second]);
    acc.pages[0].skew_deg = -0.4183;
    acc.pages[0].residual_px = 0.6;
    acc.pages[0].labels = Labels {
        batch: Some("三重".into()),
        arrived: Some("2024-12-01".into()),
        association: None,
    };
    let mut refused = page("-cmd.tif", PageStatus::Refused);
    refused.page = 0;
    refused.reasons = vec![Reason::new(ReasonCode::Empty)];
    acc.pages.push(refused);
    acc
}

fn rows(table: Table, format: Format, lang: Lang) -> String {
    let mut out = Vec::new();
    export(&sample(), &forms(), table, format, lang, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn pages_as_json_lines() {
    let text = rows(Table::Pages, Format::Jsonl, Lang::En);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let sha = "00".repeat(32);
    assert_eq!(
        lines[0],
        format!(
            "{{\"file\":\"fax00000.tif\",\"page\":1,\"sha256\":\"{sha}\",\"batch\":\"三重\",\
             \"arrived\":\"2024-12-01\",\"association\":null,\"status\":\"counted\",\
             \"form\":\"mynahoken-2024\",\"response\":\"r-0000000000000000\",\"duplicate_of\":null,\
             \"orientation\":0,\"skew_deg\":-0.42,\"residual_px\":0.6,\"reasons\":[]}}"
        )
    );
    assert!(lines[2].ends_with(
        "\"status\":\"refused\",\"form\":null,\"response\":null,\"duplicate_of\":null,\
         \"orientation\":0,\"skew_deg\":0.0,\"residual_px\":0.0,\"reasons\":[{\"code\":\"empty\",\
         \"message\":\"an empty file: ask for it again\"}]}"
    ));
}

#[test]
fn responses_as_json_lines_in_the_forms_order() {
    let text = rows(Table::Responses, Format::Jsonl, Lang::Ja);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "{\"response\":\"r-0000000000000000\",\"file\":\"fax00000.tif\",\"page\":1,\
         \"form\":\"mynahoken-2024\",\"status\":\"counted\",\"answers\":{\
         \"q3\":{\"value\":[\"20to30\"],\"state\":\"answered\",\"confidence\":0.9993,\
         \"source\":\"machine\",\"reasons\":[]},\
         \"q2\":{\"value\":[\"a\",\"b\"],\"state\":\"answered\",\"confidence\":1.0,\
         \"source\":\"person\",\"reasons\":[]}},\"text\":{\
         \"q1\":{\"value\":\"三重県\",\"state\":\"answered\",\"confidence\":0.98,\
         \"source\":\"machine\",\"reasons\":[]},\
         \"n\":{\"value\":\"12\",\"state\":\"answered\",\"confidence\":0.98,\
         \"source\":\"machine\",\"reasons\":[]}}}"
    );
    assert!(lines[1].contains(
        "\"q3\":{\"value\":[\"ge30\"],\"state\":\"pending\",\"confidence\":0.5,\"source\":\"machine\",\
         \"reasons\":[{\"code\":\"marginal_mark\",\"message\":\"印があるともないとも言い切れない\"}]}"
    ));
    assert!(lines[1].contains("\"q2\":{\"value\":[],\"state\":\"blank\""));
}

#[test]
fn csv_quotes_and_defuses_what_came_from_outside() {
    let pages = rows(Table::Pages, Format::Csv, Lang::En);
    let lines: Vec<_> = pages.split("\r\n").collect();
    assert!(lines[0].starts_with("file,page,sha256,batch,arrived,association,status,"));
    assert!(lines[1].contains(",0,-0.42,0.6,"), "a negative number is no formula: {}", lines[1]);
    assert!(lines[2].starts_with("\"sub/a, b.tif\",1,"));
    assert!(lines[3].starts_with("'-cmd.tif,0,"), "{}", lines[3]);
    let responses = rows(Table::Responses, Format::Csv, Lang::En);
    assert!(responses.starts_with(
        "response,file,page,form,status,batch,arrived,association,\
         q1,q1_state,q1_source,q1_confidence,q1_reasons,q3,q3_state,"
    ));
    assert!(responses.contains(",20to30,answered,machine,0.9993,,a;b,answered,person,1,,12,"));
    assert!(responses.contains(",\"'=HYPERLINK(\"\"http://x\"\")\n二行\",answered,"));
    assert!(responses.contains(",ge30,pending,machine,0.5,marginal_mark,,blank,"));
}

#[test]
fn every_reason_has_its_own_sentence_in_both_languages() {
    use faxtally::lang::reason::{code, message};
    let last = ReasonCode::ChangedWhileRead as usize;
    assert_eq!(every_code().len(), last + 1, "a code is missing in the list");
    let codes: Vec<ReasonCode> = every_code();
    for lang in [Lang::Ja, Lang::En] {
        let sentences: std::collections::BTreeSet<_> =
            codes.iter().map(|c| message(lang, &Reason::new(*c))).collect();
        assert_eq!(sentences.len(), codes.len(), "{lang:?}");
    }
    assert_eq!(code(ReasonCode::ChangedWhileRead), "changed_while_read");
    let slipped = Reason::new(ReasonCode::LinesLost).measured(42.0);
    assert_eq!(message(Lang::En, &slipped), "lines were lost in transmission (42 rows)");
}

/// All codes, by their place in the enum: the last one is `ChangedWhileRead`.
fn every_code() -> Vec<ReasonCode> {
    use ReasonCode as C;
    vec![
        C::MarginalMark,
        C::Overvote,
        C::ExclusiveConflict,
        C::ChildWithoutParent,
        C::StruckOut,
        C::MarkOutsideBox,
        C::PoorRegistration,
        C::DamagedField,
        C::PenMismatch,
        C::TextNotRead,
        C::TextUnsure,
        C::TextDisagrees,
        C::EndingDisagrees,
        C::TextTooSlow,
        C::TextFailed,
        C::NotRegistered,
        C::PageCut,
        C::NothingMarked,
        C::PossibleDuplicate,
        C::LinesLost,
        C::Quarantined,
        C::NotReadYet,
        C::NoForm,
        C::BlankPage,
        C::BlackPage,
        C::NoisePage,
        C::ByteCopy,
        C::Resent,
        C::Empty,
        C::UnknownFormat,
        C::Truncated,
        C::DamagedFile,
        C::TooLarge,
        C::TooManyPages,
        C::Unsupported,
        C::Unreadable,
        C::ChangedWhileRead,
    ]
}
