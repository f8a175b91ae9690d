//! What every column and value of the answers means.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::looks::Looks;
use crate::export::codebook::entries;
use crate::export::variables::Variables;
use crate::lang::Lang;

/// Widths in characters of variable, label, value, meaning and base.
const WIDTHS: [f64; 5] = [24.0, 56.0, 16.0, 44.0, 40.0];

pub fn write(
    sheet: &mut Worksheet,
    variables: &Variables,
    lang: Lang,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name(lang.say("コードブック", "Codebook"))?;
    let heads = [
        lang.say("変数", "Variable"),
        lang.say("内容", "Label"),
        lang.say("値（CSV・SPSS など）", "Value (CSV and others)"),
        lang.say("意味", "Meaning"),
        lang.say("割合の母数", "Base of percentages"),
    ];
    for (at, (text, width)) in heads.iter().zip(WIDTHS).enumerate() {
        sheet.set_column_width(at as u16, width)?;
        sheet.write_string_with_format(0, at as u16, *text, &looks.head)?;
    }
    let mut row = 0;
    for e in entries(variables, lang) {
        row += 1;
        let cells = [&e.variable, &e.label, &e.value, &e.meaning, &e.base];
        for (at, text) in cells.into_iter().enumerate() {
            sheet.write_string_with_format(row, at as u16, text, &looks.wrapped)?;
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    sheet.autofilter(0, 0, row.max(1), heads.len() as u16 - 1)?;
    Ok(())
}
