//! The numbers by which the second opinion goes: of one box, of its page, and of the other options.

use crate::form::QuestionType;
use crate::judge::boxes::Verdict;
use crate::marks::{Enclosure, Evidence, Framed, Marks, Stray};
use crate::reading::BoxOutcome;
use crate::register::Template;

/// What cannot be measured on a box is this.
const NONE: f32 = -1.0;
/// Missing print from which on a box without ink is asked about, too: it may have moved over a mark.
const MOVED: f32 = 0.06;
/// And so much ink near it, in px: less is dust.
const DUST: u32 = 2;

/// How far a line around a box is closed that counts as a circle of the page: `circle_definite`.
const CIRCLED: f32 = 0.7;
/// A page's marks have at least so much inside, as a share, where a box is compared with them: none may have any.
const LEAST_INNER: f32 = 0.01;

/// What each number is, in order.
pub const NAMES: [&str; 83] = [
    "inner",
    "foreign",
    "passing",
    "arm",
    "missing",
    "shift_x",
    "shift_y",
    "near",
    "mistaken",
    "on_label",
    "label_drawn",
    "crossing_rows",
    "crossing_lines",
    "close",
    "close_rows",
    "bits",
    "own",
    "bent",
    "framed",
    "framed_edges",
    "framed_rows",
    "framed_columns",
    "flank",
    "explained",
    "specks",
    "bars",
    "lost",
    "stroke_ink",
    "stroke_width",
    "stroke_height",
    "strays",
    "strays_ink",
    "stray_ink",
    "stray_dx",
    "stray_dy",
    "stray_width",
    "stray_height",
    "merged_closed",
    "merged_seen",
    "merged_gap",
    "merged_side_1",
    "merged_side_2",
    "merged_side_3",
    "merged_core",
    "box_closed",
    "box_seen",
    "box_gap",
    "box_side_1",
    "box_side_2",
    "box_side_3",
    "box_core",
    "label_closed",
    "label_seen",
    "label_gap",
    "label_side_1",
    "label_side_2",
    "label_side_3",
    "label_core",
    "both_closed",
    "both_seen",
    "both_gap",
    "both_side_1",
    "both_side_2",
    "both_side_3",
    "both_core",
    "page_rough",
    "page_residual",
    "page_marked",
    "page_doubtful",
    "page_inner",
    "page_near",
    "page_missing",
    "page_close",
    "page_specks",
    "page_circled",
    "page_framed",
    "single",
    "others_near",
    "others_inner",
    "others_marked",
    "relative_near",
    "relative_inner",
    "relative_close",
];

/// What this page is like, by the first verdicts.
struct Page {
    numbers: [f32; 11],
    inner: f32,
    near: f32,
    close: f32,
}

/// For each box with ink, or where print has moved, its numbers (`NAMES`).
pub fn features(
    t: &Template,
    marks: &Marks,
    residual: f32,
    verdicts: &[Verdict],
) -> Vec<Option<Vec<f32>>> {
    let page = Page::of(marks, residual, verdicts);
    let asked = marks.boxes.iter().zip(verdicts).enumerate();
    asked
        .map(|(i, (e, v))| {
            (v.outcome != BoxOutcome::Unmarked || is_inked(e)).then(|| {
                let mut out = of_box(e, marks.mistaken[i]);
                out.extend(page.numbers);
                out.extend(others(t, marks, verdicts, i));
                out.push(e.near as f32 / page.near.max(1.0));
                out.push(e.inner / page.inner.max(LEAST_INNER));
                out.push(e.close as f32 / page.close.max(1.0));
                out
            })
        })
        .collect()
}

fn is_inked(e: &Evidence) -> bool {
    e.near > DUST
        || e.explained > 0
        || e.passing > 0
        || e.specks > 0
        || e.missing > MOVED
        || e.framed.is_some_and(|f| f.inner > 0)
}

fn of_box(e: &Evidence, mistaken: f32) -> Vec<f32> {
    let mut out = vec![
        e.inner,
        e.foreign,
        e.passing as f32,
        f32::from(u8::from(e.arm.is_some())),
        e.missing,
        e.shift.0.abs(),
        e.shift.1.abs(),
        e.near as f32,
        mistaken,
        e.label.ink as f32,
        e.label.drawn as f32,
        e.crossing.rows as f32,
        e.crossing.lines as f32,
        e.close as f32,
        e.close_rows as f32,
        e.bits as f32,
        e.own as f32,
        e.bent as f32,
    ];
    out.extend(within(e.framed));
    out.extend([e.explained as f32, e.specks as f32, e.bars as f32, e.lost]);
    out.extend(
        e.stroke.as_ref().map_or([0.0; 3], |s| {
            [s.ink as f32, s.bounds.width() as f32, s.bounds.height() as f32]
        }),
    );
    out.extend(strays(&e.strays));
    for line in
        [e.merged.first(), Some(&e.around_box), e.around_label.as_ref(), e.around_both.as_ref()]
    {
        out.extend(line.map_or([NONE; 7], around));
    }
    out
}

fn within(framed: Option<Framed>) -> [f32; 5] {
    framed.map_or([NONE; 5], |f| {
        let flank = f.flank.map_or(NONE, |n| n as f32);
        [f.inner as f32, f.edges as f32, f.rows as f32, f.columns as f32, flank]
    })
}

/// How many strokes, their ink, and the largest one's ink, place and size.
fn strays(all: &[Stray]) -> [f32; 7] {
    let ink: u32 = all.iter().map(|s| s.ink).sum();
    let largest = all.iter().max_by_key(|s| s.ink);
    let [n, ink] = [all.len() as f32, ink as f32];
    largest.map_or([n, ink, 0.0, 0.0, 0.0, 0.0, 0.0], |s| {
        let (w, h) = (s.bounds.width() as f32, s.bounds.height() as f32);
        [n, ink, s.ink as f32, s.dx, s.dy, w, h]
    })
}

fn around(c: &Enclosure) -> [f32; 7] {
    let mut sides = c.sides;
    sides.sort_by(f32::total_cmp);
    [c.closed, c.seen, c.gap, sides[1], sides[2], sides[3], c.core]
}

/// Is it a single choice, and the most ink of its other options.
fn others(t: &Template, marks: &Marks, verdicts: &[Verdict], i: usize) -> [f32; 4] {
    let question = t.boxes[i].question;
    let others = (0..t.boxes.len()).filter(|k| *k != i && t.boxes[*k].question == question);
    let (mut near, mut inner, mut marked) = (0, 0.0_f32, false);
    for k in others {
        near = near.max(marks.boxes[k].near);
        inner = inner.max(marks.boxes[k].inner);
        marked |= verdicts[k].outcome == BoxOutcome::Marked;
    }
    let single = t.form.questions()[question].kind == QuestionType::SelectOne;
    [f32::from(u8::from(single)), near as f32, inner, f32::from(u8::from(marked))]
}

impl Page {
    fn of(marks: &Marks, residual: f32, verdicts: &[Verdict]) -> Self {
        let of = |o: BoxOutcome| {
            marks.boxes.iter().zip(verdicts).filter(move |(_, v)| v.outcome == o).map(|(e, _)| e)
        };
        let marked: Vec<&Evidence> = of(BoxOutcome::Marked).collect();
        let unmarked: Vec<&Evidence> = of(BoxOutcome::Unmarked).collect();
        let all = marks.boxes.len().max(1) as f32;
        let doubtful = of(BoxOutcome::Doubtful).count() as f32;
        let share = |of: &[&Evidence], is: &dyn Fn(&Evidence) -> bool| {
            of.iter().filter(|e| is(e)).count() as f32 / of.len().max(1) as f32
        };
        let inner = quantile(&marked, 0.5, |e| e.inner);
        let near = quantile(&marked, 0.5, |e| e.near as f32);
        let close = quantile(&unmarked, 0.9, |e| e.close as f32);
        let every: Vec<&Evidence> = marks.boxes.iter().collect();
        let numbers = [
            f32::from(u8::from(marks.rough)),
            residual,
            marked.len() as f32 / all,
            doubtful / all,
            inner,
            near,
            quantile(&every, 0.5, |e| e.missing),
            close,
            share(&unmarked, &|e| e.specks > 0),
            share(&marked, &|e| e.around_box.closed > CIRCLED),
            quantile(&unmarked, 0.9, |e| e.framed.map_or(0.0, |f| f.inner as f32)),
        ];
        Self { numbers, inner, near, close }
    }
}

/// The value that a share of all are below; `NONE` of none.
fn quantile(of: &[&Evidence], share: f32, value: impl Fn(&Evidence) -> f32) -> f32 {
    let mut values: Vec<f32> = of.iter().map(|e| value(e)).collect();
    values.sort_by(f32::total_cmp);
    let at = (values.len() as f32 * share) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or(NONE)
}
