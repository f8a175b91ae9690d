//! Quotes that have passed the gate, with what stands beside them.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::Findings;
use super::looks::Looks;

/// Widths in characters of question, who, and the words.
const WIDTHS: [f64; 3] = [40.0, 28.0, 90.0];
/// Characters that a cell holds (Excel's specification).
const LONGEST_TEXT: usize = 32_767;

pub fn write(sheet: &mut Worksheet, findings: &Findings, looks: &Looks) -> Result<(), XlsxError> {
    let lang = findings.lang;
    sheet.set_name(lang.say("引用", "Quotes"))?;
    let heads = [
        lang.say("設問", "Question"),
        lang.say("回答者", "Who"),
        lang.say("引用（承認済み）", "Quote (approved)"),
    ];
    for (at, (head, width)) in heads.into_iter().zip(WIDTHS).enumerate() {
        sheet.set_column_width(at as u16, width)?;
        sheet.write_string_with_format(0, at as u16, head, &looks.head)?;
    }
    for (row, quote) in (1..).zip(findings.quotes) {
        let beside: Vec<&str> = quote.attributes.iter().map(|a| a.label.as_str()).collect();
        let text: String = quote.text.chars().take(LONGEST_TEXT).collect();
        let question = [&quote.field, findings.lang.gap(), &quote.question].concat();
        for (at, text) in [question, beside.join(" "), text].iter().enumerate() {
            sheet.write_string_with_format(row, at as u16, text, &looks.wrapped)?;
        }
    }
    Ok(())
}
