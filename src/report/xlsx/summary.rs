//! The first sheet: which survey, how many answered, by which form and program.

use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

use super::super::Findings;
use super::formula::Answers;
use super::looks::Looks;

/// Widths in characters of what and value.
const WIDTHS: [f64; 2] = [34.0, 70.0];

pub fn write(
    sheet: &mut Worksheet,
    findings: &Findings,
    answers: &Answers,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (lang, tally) = (findings.lang, findings.tally);
    sheet.set_name(lang.say("概要", "Summary"))?;
    for (at, width) in WIDTHS.into_iter().enumerate() {
        sheet.set_column_width(at as u16, width)?;
    }
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.write_string_with_format(0, 0, &tally.survey.title, &looks.title)?;
    let mut row = 2;
    let mut text = |sheet: &mut Worksheet, label: &str, value: &str| {
        sheet.write_string_with_format(row, 0, label, &looks.label)?;
        sheet.write_string_with_format(row, 1, value, &looks.label)?;
        row += 1;
        Ok::<u32, XlsxError>(row)
    };
    text(sheet, lang.say("調査", "Survey"), &tally.survey.id)?;
    text(sheet, lang.say("集計の段階", "Status"), findings.status())?;
    if let Some(day) = &tally.as_of {
        text(sheet, lang.say("この日までに届いた分", "Arrived by"), day)?;
    }
    text(sheet, lang.say("プログラム", "Program"), &tally.survey.program)?;
    for form in &tally.survey.forms {
        text(sheet, &format!("{} {}", lang.say("調査票", "Form"), form.id), &form.sha256)?;
    }
    let row = text(sheet, lang.say("読み取り", "Reader"), &tally.survey.reader)?;
    let row = counts(sheet, findings, answers, looks, row + 1)?;
    notes(sheet, findings, looks, row + 1)
}

/// Sent, responses, rate; then what became of every page.
fn counts(
    sheet: &mut Worksheet,
    findings: &Findings,
    answers: &Answers,
    looks: &Looks,
    mut row: u32,
) -> Result<u32, XlsxError> {
    let (lang, tally) = (findings.lang, findings.tally);
    let left = |f: &Format| f.clone().set_align(rust_xlsxwriter::FormatAlign::Left);
    let (count, percent) = (left(&looks.count), left(&looks.percent));
    let responses = if answers.rows > 0 {
        let formula = format!("COUNTA('{}'!$A$2:$A${})", answers.sheet, answers.rows + 1);
        Formula::new(formula).set_result(tally.responses.to_string())
    } else {
        Formula::new(tally.responses.to_string()).set_result(tally.responses.to_string())
    };
    sheet.write_string_with_format(row, 0, lang.say("有効回答数", "Responses"), &looks.total)?;
    sheet.write_formula_with_format(row, 1, responses, &count)?;
    if let (Some(sent), Some(rate)) = (tally.sent, tally.response_rate) {
        let (of, n) = (row + 2, row + 1);
        sheet.write_string_with_format(row + 1, 0, lang.say("送付数", "Sent"), &looks.label)?;
        sheet.write_number_with_format(row + 1, 1, sent as f64, &count)?;
        let rate_formula = Formula::new(format!("ROUND(B{n}/B{of},3)"))
            .set_result((rate.tenths() as f64 / 1000.0).to_string());
        let label = lang.say("回答率", "Response rate");
        sheet.write_string_with_format(row + 2, 0, label, &looks.label)?;
        sheet.write_formula_with_format(row + 2, 1, rate_formula, &percent)?;
        row += 2;
    }
    row += 2;
    let p = tally.pages;
    let pages = [
        (lang.say("ページ：集計した", "Pages counted"), p.counted),
        (lang.say("ページ：重複", "Pages: duplicates"), p.duplicate),
        (lang.say("ページ：対象外", "Pages set aside"), p.set_aside),
        (lang.say("ページ：読めなかった", "Pages refused"), p.refused),
        (lang.say("ページ：確認待ち", "Pages pending"), p.pending),
    ];
    for (label, n) in pages {
        sheet.write_string_with_format(row, 0, label, &looks.label)?;
        sheet.write_number_with_format(row, 1, n as f64, &count)?;
        row += 1;
    }
    Ok(row)
}

fn notes(
    sheet: &mut Worksheet,
    findings: &Findings,
    looks: &Looks,
    mut row: u32,
) -> Result<(), XlsxError> {
    let lang = findings.lang;
    for note in &findings.tally.notes {
        let text = lang.note(&note.message(lang));
        sheet.write_string_with_format(row, 0, text, &looks.warning)?;
        row += 1;
    }
    let text = lang.say(
        "件数は「回答データ」シートから数式で数え直しています。割合は母数に対する百分率で、小数第2位を四捨五入。",
        "Counts are formulas over the sheet of answers. Shares are of the base, half-up to one decimal.",
    );
    sheet.write_string_with_format(row, 0, text, &looks.note)?;
    Ok(())
}
