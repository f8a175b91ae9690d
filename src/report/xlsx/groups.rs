//! Associations, prefectures ...: how many answered, of how many. Groups under ten are marked.

use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::super::Findings;
use super::looks::Looks;
use crate::tally::Percent;
use crate::tally::cuts::{CutGroup, Cuts};

/// Widths in characters of the group's name and of a figure.
const WIDTHS: [f64; 5] = [34.0, 12.0, 12.0, 12.0, 12.0];

pub fn write(sheet: &mut Worksheet, findings: &Findings, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(findings.lang.say("内訳", "Groups"))?;
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    for (at, width) in WIDTHS.into_iter().enumerate() {
        sheet.set_column_width(at as u16, width)?;
    }
    let mut row = 0;
    for cuts in findings.cuts {
        row = table(sheet, cuts, findings, looks, row)? + 1;
    }
    Ok(())
}

fn table(
    sheet: &mut Worksheet,
    cuts: &Cuts,
    findings: &Findings,
    looks: &Looks,
    mut row: u32,
) -> Result<u32, XlsxError> {
    let lang = findings.lang;
    sheet.write_string_with_format(row, 0, &cuts.by.label, &looks.heading)?;
    row += 1;
    let heads = [
        cuts.by.label.as_str(),
        lang.say("回答数", "Responses"),
        lang.say("構成比", "Share"),
        lang.say("送付数", "Sent"),
        lang.say("回答率", "Response rate"),
    ];
    let sent = cuts.groups.iter().any(|g| g.sent.is_some());
    let shown = if sent { 5 } else { 3 };
    for (at, head) in heads.into_iter().take(shown).enumerate() {
        sheet.write_string_with_format(row, at as u16, head, &looks.head)?;
    }
    for group in &cuts.groups {
        row += 1;
        line(sheet, group, sent, looks, row)?;
    }
    row += 1;
    for note in &cuts.notes {
        let look = if note.warns() { &looks.warning } else { &looks.note };
        sheet.write_string_with_format(row, 0, lang.note(&note.message(lang)), look)?;
        row += 1;
    }
    Ok(row)
}

fn line(
    sheet: &mut Worksheet,
    g: &CutGroup,
    sent: bool,
    looks: &Looks,
    row: u32,
) -> Result<(), XlsxError> {
    // The star stays a number's format, so that the cell can still be added up.
    let starred = looks.count.clone().set_num_format("#,##0\"*\"");
    let count = if g.small { &starred } else { &looks.count };
    sheet.write_string_with_format(row, 0, &g.label, &looks.label)?;
    sheet.write_number_with_format(row, 1, g.responses as f64, count)?;
    let share = |p: Percent| p.tenths() as f64 / 1000.0;
    match g.percent {
        Some(p) => sheet.write_number_with_format(row, 2, share(p), &looks.percent)?,
        None => sheet.write_string_with_format(row, 2, "-", &looks.shown)?,
    };
    if !sent {
        return Ok(());
    }
    match g.sent {
        Some(n) => sheet.write_number_with_format(row, 3, n as f64, &looks.count)?,
        None => sheet.write_string_with_format(row, 3, "-", &looks.shown)?,
    };
    match g.response_rate {
        Some(p) => {
            let n = row + 1;
            let formula = Formula::new(format!("ROUND(B{n}/D{n},3)"));
            let formula = formula.set_result(share(p).to_string());
            sheet.write_formula_with_format(row, 4, formula, &looks.percent)?
        }
        None => sheet.write_string_with_format(row, 4, "-", &looks.shown)?,
    };
    Ok(())
}
