//! This survey beside earlier ones, with every warning beside the row it is about.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::Findings;
use super::looks::Looks;
use crate::lang::Lang;
use crate::tally::Note;
use crate::tally::compare::{ComparedQuestion, ComparedRow, ComparedSum, Comparison, Part};

/// Widths in characters: label; count, base and share of both sides; points; notes.
const WIDTHS: [f64; 9] = [44.0, 11.0, 11.0, 9.0, 11.0, 11.0, 9.0, 11.0, 80.0];

/// A difference that must not stand without its notes.
const STARRED: &str = "+0.0\"*\";-0.0\"*\";±0.0\"*\"";

pub fn write(sheet: &mut Worksheet, findings: &Findings, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(findings.lang.say("前回との比較", "Comparison"))?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    for (at, width) in WIDTHS.into_iter().enumerate() {
        sheet.set_column_width(at as u16, width)?;
    }
    let mut page = Page { sheet, looks, lang: findings.lang, row: 0 };
    findings.comparisons.iter().try_for_each(|c| page.comparison(c))
}

struct Page<'s, 'a> {
    sheet: &'s mut Worksheet,
    looks: &'a Looks,
    lang: Lang,
    row: u32,
}

impl Page<'_, '_> {
    fn comparison(&mut self, c: &Comparison) -> Result<(), XlsxError> {
        let sides =
            [(self.lang.say("今回", "Now"), &c.this), (self.lang.say("前回", "Then"), &c.earlier)];
        for (word, side) in sides {
            let n = side.responses.map_or("-".to_owned(), super::super::grouped);
            let (id, n) = (&side.id, [self.lang.comma(), "N=", &n].concat());
            let aside = self.lang.aside(&[id, n.as_str()].concat());
            let text = [word, self.lang.colon(), &side.title, &aside].concat();
            self.sheet.write_string_with_format(self.row, 0, text, &self.looks.heading)?;
            self.row += 1;
        }
        self.notes(&c.notes)?;
        for question in &c.questions {
            self.question(question)?;
        }
        if !c.sums.is_empty() {
            self.sums(&c.sums)?;
        }
        self.row += 1;
        Ok(())
    }

    fn notes(&mut self, notes: &[Note]) -> Result<(), XlsxError> {
        for note in notes {
            let look = if note.warns() { &self.looks.warning } else { &self.looks.note };
            let text = self.lang.note(&note.message(self.lang));
            self.sheet.write_string_with_format(self.row, 0, text, look)?;
            self.row += 1;
        }
        Ok(())
    }

    fn heads(&mut self, first: &str) -> Result<(), XlsxError> {
        let (now, then) = (self.lang.say("今回", "Now"), self.lang.say("前回", "Then"));
        let words = [
            self.lang.say("件数", "count"),
            self.lang.say("母数", "base"),
            self.lang.say("割合", "share"),
        ];
        let mut heads = vec![first.to_owned()];
        heads.extend([now, then].iter().flat_map(|side| words.map(|w| format!("{side} {w}"))));
        heads.push(self.lang.say("差（ポイント）", "Points").to_owned());
        heads.push(self.lang.say("注", "Notes").to_owned());
        for (at, head) in heads.iter().enumerate() {
            self.sheet.write_string_with_format(self.row, at as u16, head, &self.looks.head)?;
        }
        self.row += 1;
        Ok(())
    }

    fn question(&mut self, q: &ComparedQuestion) -> Result<(), XlsxError> {
        self.row += 1;
        let title = [&q.id, self.lang.gap(), &q.label].concat();
        self.sheet.write_string_with_format(self.row, 0, title, &self.looks.heading)?;
        self.row += 1;
        self.heads(self.lang.say("選択肢", "Option"))?;
        for row in &q.rows {
            self.line(row)?;
        }
        self.notes(&q.notes)
    }

    fn line(&mut self, r: &ComparedRow) -> Result<(), XlsxError> {
        let look = if r.suboption { &self.looks.sub } else { &self.looks.label };
        self.sheet.write_string_with_format(self.row, 0, &r.label, look)?;
        self.part(1, Some(&r.this))?;
        self.part(4, r.earlier.as_ref())?;
        match r.points {
            Some(p) => {
                let points = p.tenths() as f64 / 10.0;
                // The star says: not of the same people, see the notes.
                let starred = self.looks.points.clone().set_num_format(STARRED);
                let look = if r.comparable { &self.looks.points } else { &starred };
                self.sheet.write_number_with_format(self.row, 7, points, look)?
            }
            None => self.sheet.write_string_with_format(self.row, 7, "-", &self.looks.shown)?,
        };
        self.remarks(&r.notes)
    }

    fn remarks(&mut self, notes: &[Note]) -> Result<(), XlsxError> {
        let texts: Vec<String> = notes.iter().map(|n| n.message(self.lang)).collect();
        let warns = notes.iter().any(Note::warns);
        let look = if warns { &self.looks.warning } else { &self.looks.note };
        self.sheet.write_string_with_format(
            self.row,
            8,
            texts.join(self.lang.say("／", " / ")),
            look,
        )?;
        self.row += 1;
        Ok(())
    }

    fn part(&mut self, at: u16, part: Option<&Part>) -> Result<(), XlsxError> {
        let counts = [part.and_then(|p| p.count), part.and_then(|p| p.base)];
        for (at, n) in (at..).zip(counts) {
            self.whole(at, n)?;
        }
        match part.and_then(|p| p.percent) {
            Some(p) => {
                let share = p.tenths() as f64 / 1000.0;
                self.sheet.write_number_with_format(self.row, at + 2, share, &self.looks.percent)?
            }
            None => {
                self.sheet.write_string_with_format(self.row, at + 2, "-", &self.looks.shown)?
            }
        };
        Ok(())
    }

    fn whole(&mut self, at: u16, n: Option<u64>) -> Result<(), XlsxError> {
        match n {
            Some(n) => {
                self.sheet.write_number_with_format(self.row, at, n as f64, &self.looks.count)?
            }
            None => self.sheet.write_string_with_format(self.row, at, "-", &self.looks.shown)?,
        };
        Ok(())
    }

    fn sums(&mut self, sums: &[ComparedSum]) -> Result<(), XlsxError> {
        self.row += 1;
        let heads = [
            (0, self.lang.say("合計", "Sums")),
            (1, self.lang.say("今回", "Now")),
            (4, self.lang.say("前回", "Then")),
            (7, self.lang.say("差", "Difference")),
            (8, self.lang.say("注", "Notes")),
        ];
        for (at, head) in heads {
            self.sheet.write_string_with_format(self.row, at, head, &self.looks.head)?;
        }
        self.row += 1;
        for sum in sums {
            self.sheet.write_string_with_format(self.row, 0, &sum.label, &self.looks.label)?;
            self.whole(1, Some(sum.this))?;
            self.whole(4, sum.earlier)?;
            if let Some(d) = sum.difference {
                self.sheet.write_number_with_format(self.row, 7, d as f64, &self.looks.count)?;
            }
            self.remarks(&sum.notes)?;
        }
        Ok(())
    }
}
