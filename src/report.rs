//! What goes to the press: the same figures as a workbook, as charts and as a page, drawn from what
//! the tally has already said. Nothing here counts, rounds or decides.

pub mod chart;
pub mod font;
pub mod html;
pub mod picture;
pub mod png;
pub mod svg;
#[cfg(feature = "xlsx")]
pub mod xlsx;

use crate::form::{Form, Output, Question};
use crate::lang::Lang;
use crate::quotes::Published;
use crate::tally::compare::Comparison;
use crate::tally::cross::CrossTable;
use crate::tally::cuts::Cuts;
use crate::tally::{Behind, ChoiceFigure, Status, Table, Tally, table};

/// Everything that is published together.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    pub tally: &'a Tally,
    pub forms: &'a [Form],
    pub crosses: &'a [CrossTable],
    pub comparisons: &'a [Comparison],
    /// Parts of the responses: associations, prefectures ..., with their response rates.
    pub cuts: &'a [Cuts],
    /// What every figure is made of; empty where nothing is written beside the page.
    pub behind: &'a [Behind],
    /// What has passed the gate; nothing else that people wrote is in any of these outputs.
    pub quotes: &'a [Published],
    pub lang: Lang,
}

impl<'a> Findings<'a> {
    /// The question as the first form that asks it has it.
    pub fn question(&self, id: &str) -> Option<&'a Question> {
        self.forms.iter().find_map(|f| f.question(id))
    }

    /// One choice question in the words of an output.
    pub fn table(&self, figure: &ChoiceFigure, output: Output) -> Table {
        table(figure, self.forms, self.question(&figure.id), (output, self.lang))
    }

    fn status(&self) -> &'static str {
        match self.tally.status {
            Status::Interim => self.lang.say("中間集計", "interim"),
            Status::Final => self.lang.say("最終集計", "final"),
        }
    }
}

/// 8330 -> "8,330".
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
