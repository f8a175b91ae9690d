//! Native charts over the figures: bars for several answers, pies for one, that staff can edit.

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat, ChartLine,
    ChartPatternFill, ChartPatternFillType, ChartPoint, ChartSolidFill, ChartType, Color,
    Worksheet, XlsxError,
};

use super::super::Findings;
use super::figures::Placed;
use crate::form::QuestionType;
use crate::lang::Lang;
use crate::tally::RowKind;

/// Pixels: two charts side by side on a wide screen, the paper's width when printed.
const WIDTH: u32 = 760;
/// What then has room on a sheet of A4: `LibreOffice` prints 760 pixels 166 mm wide, and 259 mm are 1,186
/// pixels; a twentieth less for other programs' margins.
const PAPER_PX: u32 = 1120;
/// A bar with its label, and what title and margins take.
const BAR_PX: u32 = 30;
const FRAME_PX: u32 = 110;
/// A pie of any number of slices.
const PIE_PX: u32 = 420;
/// Pixels of a row of the sheet, by which the next chart is placed.
const ROW_PX: u32 = 25;
/// Dark enough to come out black by fax.
const INK: Color = Color::RGB(0x001F_3A5F);
const BLACK: Color = Color::RGB(0);
const WHITE: Color = Color::RGB(0x00FF_FFFF);

/// Slices that stay apart in black and white: coarse patterns first, as a fax line is 1/8 mm.
const PATTERNS: [Option<ChartPatternFillType>; 8] = [
    Some(ChartPatternFillType::DiagonalStripesWideUpwards),
    None,
    Some(ChartPatternFillType::SmallGrid),
    Some(ChartPatternFillType::DiagonalStripesWideDownwards),
    Some(ChartPatternFillType::Dotted20Percent),
    Some(ChartPatternFillType::HorizontalStripesDark),
    Some(ChartPatternFillType::LargeCheckerboard),
    Some(ChartPatternFillType::VerticalStripesDark),
];

pub fn write(
    sheet: &mut Worksheet,
    findings: &Findings,
    placed: &[Placed],
) -> Result<(), XlsxError> {
    sheet.set_name(findings.lang.say("グラフ", "Charts"))?;
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    let (mut row, mut top, mut breaks) = (0, 0, Vec::new());
    for block in placed.iter().filter(|p| p.table.base > 0) {
        let bars = block.rows.1 - block.rows.0 + 1;
        let (mut chart, height) = if block.table.kind == QuestionType::SelectOne {
            (pie(block, findings.lang), PIE_PX)
        } else {
            (bars_of(block, findings.lang), FRAME_PX + BAR_PX * bars)
        };
        chart.set_width(WIDTH).set_height(height).set_alt_text(&block.table.title);
        // No chart is cut in two where the next sheet of paper begins.
        if row > top && (row - top) * ROW_PX + height > PAPER_PX {
            breaks.push(row);
            top = row;
        }
        sheet.insert_chart(row, 0, &chart)?;
        row += height.div_ceil(ROW_PX) + 1;
    }
    sheet.set_page_breaks(&breaks)?;
    Ok(())
}

fn titled(chart: &mut Chart, block: &Placed, lang: Lang) {
    let n = super::super::grouped(block.table.base);
    // The id goes first: a text that begins with "=" would be taken for a formula.
    let title = [&block.table.question, lang.gap(), &block.table.title].concat();
    let title = title + &lang.aside(&format!("N={n}"));
    chart.title().set_name(&title);
    let mut font = ChartFont::new();
    font.set_bold().set_size(13);
    chart.title().set_font(&font);
}

/// Each row's text of count and share, taken from its own cell: it changes with the figure.
fn labels(block: &Placed) -> Vec<ChartDataLabel> {
    (block.rows.0..=block.rows.1)
        .map(|row| {
            let mut label = ChartDataLabel::new();
            label.set_value(&format!("='{}'!$D${}", block.sheet, row + 1));
            label
        })
        .collect()
}

fn bars_of(block: &Placed, lang: Lang) -> Chart {
    let mut chart = Chart::new(ChartType::Bar);
    titled(&mut chart, block, lang);
    chart.legend().set_hidden();
    let (first, last) = block.rows;
    let mut place = ChartDataLabel::new();
    place.show_value().set_position(ChartDataLabelPosition::OutsideEnd);
    let mut ink = ChartFormat::new();
    ink.set_solid_fill(ChartSolidFill::new().set_color(INK));
    chart
        .add_series()
        .set_categories((block.sheet, first, 0, last, 0))
        .set_values((block.sheet, first, 1, last, 1))
        .set_format(&mut ink)
        .set_gap(45)
        .set_points(&bar_points(block))
        .set_data_label(&place)
        .set_custom_data_labels(&labels(block));
    // Of bars the library calls the upright axis y: the options. The first one on top, as the form has it.
    chart.y_axis().set_reverse();
    chart.x_axis().set_major_gridlines(false).set_hidden(true);
    chart
}

/// Sub-options and no answer are hatched: they are of another kind than the bars around them.
fn bar_points(block: &Placed) -> Vec<ChartPoint> {
    let point = |kind: RowKind| {
        if kind == RowKind::Option {
            return ChartPoint::new().set_format(
                ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(INK)),
            );
        }
        ChartPoint::new().set_format(&mut hatched(ChartPatternFillType::DiagonalStripesWideUpwards))
    };
    block.table.rows.iter().filter(|r| r.kind != RowKind::Net).map(|r| point(r.kind)).collect()
}

fn hatched(pattern: ChartPatternFillType) -> ChartFormat {
    let mut format = ChartFormat::new();
    format
        .set_pattern_fill(
            ChartPatternFill::new()
                .set_pattern(pattern)
                .set_foreground_color(INK)
                .set_background_color(WHITE),
        )
        .set_border(ChartLine::new().set_color(BLACK).set_width(0.75));
    format
}

fn pie(block: &Placed, lang: Lang) -> Chart {
    let mut chart = Chart::new(ChartType::Pie);
    titled(&mut chart, block, lang);
    let (first, last) = block.rows;
    let slices = (last - first + 1) as usize;
    let points: Vec<ChartPoint> = (0..slices)
        .map(|i| {
            let mut white = ChartFormat::new();
            white
                .set_solid_fill(ChartSolidFill::new().set_color(WHITE))
                .set_border(ChartLine::new().set_color(BLACK).set_width(0.75));
            let mut format = PATTERNS[i % PATTERNS.len()].map_or(white, hatched);
            ChartPoint::new().set_format(&mut format)
        })
        .collect();
    let mut place = ChartDataLabel::new();
    place.show_value().show_leader_lines().set_position(ChartDataLabelPosition::OutsideEnd);
    chart
        .add_series()
        .set_categories((block.sheet, first, 0, last, 0))
        .set_values((block.sheet, first, 1, last, 1))
        .set_points(&points)
        .set_data_label(&place)
        .set_custom_data_labels(&labels(block));
    chart
}
