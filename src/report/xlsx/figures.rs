//! 単純集計: every question's table, counted by formulas over the answers.

use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

use super::super::Findings;
use super::formula::Answers;
use super::looks::Looks;
use crate::form::{Output, Question};
use crate::lang::Lang;
use crate::tally::{ChoiceFigure, Figure, Note, NumberFigure, Percent, RowKind, Table, TextFigure};

/// Widths in characters of label, count, share, and both as text.
const WIDTHS: [f64; 4] = [52.0, 12.0, 10.0, 20.0];

/// Where one question's rows stand: what a chart refers to.
pub struct Placed {
    pub table: Table,
    pub sheet: &'static str,
    /// First and last row of its options and of no answer, counted from 0.
    pub rows: (u32, u32),
}

/// The sheet while it is being written.
struct Page<'s, 'a> {
    sheet: &'s mut Worksheet,
    findings: &'a Findings<'a>,
    answers: &'a Answers,
    looks: &'a Looks,
    row: u32,
}

pub fn write(
    sheet: &mut Worksheet,
    findings: &Findings,
    answers: &Answers,
    looks: &Looks,
) -> Result<Vec<Placed>, XlsxError> {
    let name = findings.lang.say("単純集計", "Figures");
    sheet.set_name(name)?;
    for (at, width) in WIDTHS.into_iter().enumerate() {
        sheet.set_column_width(at as u16, width)?;
    }
    // A4, one page wide, as many long as it takes.
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_footer("&C&P / &N");
    let mut page = Page { sheet, findings, answers, looks, row: 0 };
    page.line(&findings.tally.survey.title, &looks.title)?;
    page.row += 1;
    let mut placed = Vec::new();
    for figure in &findings.tally.questions {
        let question = findings.question(figure.id());
        match figure {
            Figure::Choice(f) => placed.push(page.choice(f, question, name)?),
            Figure::Number(f) => page.number(f, question)?,
            Figure::Text(f) => page.text(f, question)?,
        }
        page.row += 1;
    }
    Ok(placed)
}

impl Page<'_, '_> {
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, text, format)?;
        self.row += 1;
        Ok(())
    }

    fn heads(&mut self, first: &str) -> Result<(), XlsxError> {
        let lang = self.findings.lang;
        let heads = [
            first,
            lang.say("件数", "Count"),
            lang.say("割合", "Share"),
            lang.say("件数（割合）", "Count (share)"),
        ];
        for (at, text) in heads.into_iter().enumerate() {
            self.sheet.write_string_with_format(self.row, at as u16, text, &self.looks.head)?;
        }
        self.row += 1;
        Ok(())
    }

    /// A count as a formula with our own figure as its result, or as a number where there is none.
    fn count(&mut self, formula: Option<String>, value: u64) -> Result<(), XlsxError> {
        let look = &self.looks.count;
        match formula {
            Some(formula) => {
                let formula = Formula::new(formula).set_result(value.to_string());
                self.sheet.write_formula_with_format(self.row, 1, formula, look)?;
            }
            None => {
                self.sheet.write_number_with_format(self.row, 1, value as f64, look)?;
            }
        }
        Ok(())
    }

    /// The share of a count in the base, half-up to one decimal, and both as one text.
    fn share(&mut self, base: u32, count: u64, percent: Percent) -> Result<(), XlsxError> {
        let (row, base) = (self.row + 1, base + 1);
        let share = format!("IF($B${base}=0,\"\",ROUND(B{row}/$B${base},3))");
        let share = Formula::new(share).set_result(format!("{}", percent.tenths() as f64 / 1000.0));
        self.sheet.write_formula_with_format(self.row, 2, share, &self.looks.percent)?;
        let lang = self.findings.lang;
        let (open, close) = (lang.say("（", " ("), lang.say("）", ")"));
        let shown = format!("TEXT(B{row},\"#,##0\")&\"{open}\"&TEXT(C{row},\"0.0%\")&\"{close}\"");
        let shown = Formula::new(shown).set_result(shown_as(count, percent, lang));
        self.sheet.write_formula_with_format(self.row, 3, shown, &self.looks.shown)?;
        Ok(())
    }

    fn empty_share(&mut self) -> Result<(), XlsxError> {
        for at in [2, 3] {
            self.sheet.write_blank(self.row, at, &self.looks.label)?;
        }
        Ok(())
    }

    fn choice(
        &mut self,
        f: &ChoiceFigure,
        question: Option<&Question>,
        sheet: &'static str,
    ) -> Result<Placed, XlsxError> {
        let lang = self.findings.lang;
        let table = self.findings.table(f, Output::Form);
        self.line(&[&f.id, lang.gap(), &table.title].concat(), &self.looks.heading)?;
        self.heads(lang.say("選択肢", "Option"))?;
        let first = self.row;
        let base = first + table.rows.len() as u32;
        for row in &table.rows {
            let formula = question.and_then(|q| match row.kind {
                RowKind::Option | RowKind::Suboption => self.answers.option(q, &row.id),
                RowKind::NoAnswer => self.answers.blank(q),
                RowKind::Net => {
                    q.nets.iter().find(|n| n.id == row.id).and_then(|n| self.answers.net(q, n))
                }
            });
            let look = match row.kind {
                RowKind::Suboption => &self.looks.sub,
                RowKind::Net => &self.looks.total,
                _ => &self.looks.label,
            };
            self.sheet.write_string_with_format(self.row, 0, &row.label, look)?;
            self.count(formula, row.count)?;
            match row.percent {
                Some(percent) => self.share(base, row.count, percent)?,
                None => self.empty_share()?,
            }
            self.row += 1;
        }
        let listed = |k: RowKind| k != RowKind::Net;
        let shown = table.rows.iter().filter(|r| listed(r.kind)).count() as u32;
        self.foot(f, question, &table)?;
        Ok(Placed { table, sheet, rows: (first, first + shown.max(1) - 1) })
    }

    /// Base, what is pending, and what must be said.
    fn foot(
        &mut self,
        f: &ChoiceFigure,
        question: Option<&Question>,
        table: &Table,
    ) -> Result<(), XlsxError> {
        let lang = self.findings.lang;
        let base = lang.say("母数（N）", "Base (N)");
        let base = [base, lang.colon(), &table.base_sentence].concat();
        self.sheet.write_string_with_format(self.row, 0, base, &self.looks.total)?;
        self.count(question.and_then(|q| self.answers.base(q)), f.base)?;
        self.row += 1;
        if f.pending > 0 {
            let text = lang.say("確認待ち（母数に入れない）", "Pending (not in the base)");
            self.sheet.write_string_with_format(self.row, 0, text, &self.looks.label)?;
            self.count(question.and_then(|q| self.answers.pending(q)), f.pending)?;
            self.row += 1;
        }
        self.notes(&table.notes)
    }

    fn notes(&mut self, notes: &[Note]) -> Result<(), XlsxError> {
        for note in notes {
            let look = if note.warns() { &self.looks.warning } else { &self.looks.note };
            self.line(&self.findings.lang.note(&note.message(self.findings.lang)), look)?;
        }
        Ok(())
    }

    fn title(&mut self, id: &str, question: Option<&Question>) -> Result<(), XlsxError> {
        let label = question.map_or("", |q| self.findings.lang.pick(&q.label));
        self.line(&[id, self.findings.lang.gap(), label].concat(), &self.looks.heading)
    }

    fn counted(&mut self, label: &str, formula: Option<String>, n: u64) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, label, &self.looks.label)?;
        self.count(formula, n)?;
        self.row += 1;
        Ok(())
    }

    fn number(&mut self, f: &NumberFigure, question: Option<&Question>) -> Result<(), XlsxError> {
        let (lang, answers) = (self.findings.lang, self.answers);
        self.title(&f.id, question)?;
        let sum = if f.lower_bound {
            lang.say("合計（少なくとも）", "Sum (at least)")
        } else {
            lang.say("合計", "Sum")
        };
        self.counted(sum, question.and_then(|q| answers.sum(q)), f.sum)?;
        let filled = lang.say("数を書いた回答", "Wrote a number");
        self.counted(filled, question.and_then(|q| answers.filled(q)), f.filled)?;
        let base = lang.say("書くはずの回答", "Were to write one");
        self.counted(base, question.and_then(|q| answers.writers(q)), f.base)?;
        self.waiting(f.pending)
    }

    fn text(&mut self, f: &TextFigure, question: Option<&Question>) -> Result<(), XlsxError> {
        let (lang, answers) = (self.findings.lang, self.answers);
        self.title(&f.id, question)?;
        let filled = lang.say("記入あり", "Filled in");
        self.counted(filled, question.and_then(|q| answers.filled(q)), f.filled)?;
        self.waiting(f.pending)
    }

    /// Of a written field, pending counts those who wrote something whatever their base: no formula.
    fn waiting(&mut self, pending: u64) -> Result<(), XlsxError> {
        if pending > 0 {
            self.counted(self.findings.lang.say("確認待ち", "Pending"), None, pending)?;
        }
        Ok(())
    }
}

/// 5784, 78.0 -> "5,784（78.0%）", as the formula beside it gives it.
fn shown_as(count: u64, percent: Percent, lang: Lang) -> String {
    super::super::grouped(count) + &lang.aside(&format!("{percent}%"))
}
