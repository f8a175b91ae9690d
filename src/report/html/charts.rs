//! Charts inside the page: text that can be searched, in the page's own font.

use super::super::chart::chart;
use super::super::font::Face;
use super::super::svg::{Letters, svg};
use crate::lang::Lang;
use crate::tally::Table;

/// One question's chart.
pub fn write(out: &mut String, table: &Table, lang: Lang, face: Option<&Face>) {
    if table.base == 0 {
        return;
    }
    let picture = chart(table, lang, face);
    out.push_str("<figure>\n");
    out.push_str(&svg(&picture, &format!("chart-{}", table.question), Letters::Text));
    out.push_str("</figure>\n");
}
