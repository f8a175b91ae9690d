//! Cross tables: counts and, beside them, shares of the row's own n. Cells under ten are marked.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::Findings;
use super::looks::Looks;
use crate::tally::cross::{CrossRow, CrossTable};

/// Widths in characters of the row's label and of a cell.
const LABEL_WIDTH: f64 = 34.0;
const CELL_WIDTH: f64 = 14.0;
/// The label, n, and a count and a share an option: sheets end at column 16,384.
const MOST_COLUMNS: usize = 8_000;

pub fn write(sheet: &mut Worksheet, findings: &Findings, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(findings.lang.say("クロス集計", "Cross tables"))?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_column_width(0, LABEL_WIDTH)?;
    let widest = findings.crosses.iter().map(|c| c.columns.len()).max().unwrap_or(0);
    for at in 1..=(widest.min(MOST_COLUMNS) * 2 + 1) as u16 {
        sheet.set_column_width(at, CELL_WIDTH)?;
    }
    let mut row = 0;
    for cross in findings.crosses {
        row = table(sheet, cross, findings, looks, row)? + 1;
    }
    Ok(())
}

fn table(
    sheet: &mut Worksheet,
    cross: &CrossTable,
    findings: &Findings,
    looks: &Looks,
    mut row: u32,
) -> Result<u32, XlsxError> {
    let lang = findings.lang;
    let (by, of) = (&cross.rows_by, &cross.columns_by);
    let gap = lang.gap();
    let title = format!("{} {}{gap}×{gap}{} {}", by.id, by.label, of.id, of.label);
    sheet.write_string_with_format(row, 0, title, &looks.heading)?;
    row += 1;
    sheet.write_string_with_format(row, 0, &by.label, &looks.head)?;
    sheet.write_string_with_format(row, 1, "n", &looks.head)?;
    for (i, head) in cross.columns.iter().take(MOST_COLUMNS).enumerate() {
        let at = 2 + 2 * i as u16;
        sheet.write_string_with_format(row, at, &head.label, &looks.head)?;
        let share = format!("{} %", head.label);
        sheet.write_string_with_format(row, at + 1, share, &looks.head)?;
    }
    for line in cross.rows.iter().chain([&cross.total]) {
        row += 1;
        let total = std::ptr::eq(line, &raw const cross.total);
        cells(sheet, line, total, looks, row)?;
    }
    row += 1;
    for note in &cross.notes {
        let look = if note.warns() { &looks.warning } else { &looks.note };
        sheet.write_string_with_format(row, 0, lang.note(&note.message(lang)), look)?;
        row += 1;
    }
    Ok(row)
}

fn cells(
    sheet: &mut Worksheet,
    line: &CrossRow,
    total: bool,
    looks: &Looks,
    row: u32,
) -> Result<(), XlsxError> {
    let label = if total { &looks.total } else { &looks.label };
    // The star stays a number's format, so that the cell can still be added up.
    let starred = looks.count.clone().set_num_format("#,##0\"*\"");
    let count = |small: bool| if small { &starred } else { &looks.count };
    sheet.write_string_with_format(row, 0, &line.label, label)?;
    sheet.write_number_with_format(row, 1, line.n as f64, count(line.small))?;
    for (i, cell) in line.cells.iter().take(MOST_COLUMNS).enumerate() {
        let at = 2 + 2 * i as u16;
        sheet.write_number_with_format(row, at, cell.count as f64, count(cell.small))?;
        match cell.percent {
            Some(p) => {
                let share = p.tenths() as f64 / 1000.0;
                sheet.write_number_with_format(row, at + 1, share, &looks.percent)?
            }
            None => sheet.write_string_with_format(row, at + 1, "-", &looks.shown)?,
        };
    }
    Ok(())
}
