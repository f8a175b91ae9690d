//! The forms that ship: they open, they mean what was published, and their geometry is where the
//! blank has its print.

use std::path::{Path, PathBuf};

use faxtally::form::{Form, Question, QuestionType, json_schema};
use faxtally::units::{Mm, Rect};

/// Fax machines cut 3 to 6 mm; twice that stays clear of every one.
const MARGIN_MM: f32 = 12.0;
/// How far a printed line (0.26 mm wide) may be looked for on either side of its edge.
const EDGE_MM: f32 = 0.25;
/// Print this far outside of an edge would mean that the rectangle is too small; measured edges
/// are within 0.05 mm.
const BEYOND_MM: f32 = 0.1;
/// A survey keeps its forms in its store: the blanks must stay small.
const BLANK_BYTES: u64 = 300_000;

fn folder(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("forms").join(id)
}

fn form(id: &str) -> Form {
    Form::open(&folder(id)).unwrap_or_else(|e| panic!("{e}"))
}

fn both() -> [Form; 2] {
    [form("mynahoken-2024"), form("mynahoken-2023")]
}

/// Columns and rows of the blank within a rectangle, to the nearest pixel.
fn pixels(form: &Form, r: Rect<Mm>) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let p = form.blank_resolution.rect_px(r);
    let range = |start: f32, len: f32| start.round() as usize..(start + len).round() as usize;
    (range(p.x.0, p.w.0), range(p.y.0, p.h.0))
}

/// Share of black pixels of the blank within a rectangle.
fn ink(form: &Form, r: Rect<Mm>) -> f32 {
    let (xs, ys) = pixels(form, r);
    let all = xs.len() * ys.len();
    assert!(all > 0, "{r:?} is smaller than a pixel");
    let every = ys.flat_map(|y| xs.clone().map(move |x| (x, y)));
    every.filter(|&(x, y)| form.blank.get(x, y)).count() as f32 / all as f32
}

/// The largest share of black among the pixel columns of a rectangle, and among its rows.
fn darkest_lines(form: &Form, r: Rect<Mm>) -> (f32, f32) {
    let (xs, ys) = pixels(form, r);
    let black = |x, y| usize::from(form.blank.get(x, y));
    let columns = xs.clone().map(|x| ys.clone().map(|y| black(x, y)).sum::<usize>());
    let rows = ys.clone().map(|y| xs.clone().map(|x| black(x, y)).sum::<usize>());
    let share = |most: Option<usize>, of: usize| most.unwrap_or(0) as f32 / of as f32;
    (share(columns.max(), ys.len()), share(rows.max(), xs.len()))
}

fn boxes(form: &Form) -> Vec<(String, Rect<Mm>, Rect<Mm>)> {
    let of = |q: &Question| -> Vec<_> {
        let place = |o: &faxtally::form::FormOption| {
            let label = o.label_box.expect("every label is measured");
            (format!("{}.{}", q.id, o.id), o.place, label)
        };
        q.options.iter().map(place).collect()
    };
    form.questions().iter().flat_map(of).collect()
}

fn written(form: &Form) -> Vec<(&str, Rect<Mm>)> {
    let fields = form.questions().iter().filter(|q| !q.kind.is_choice());
    fields.map(|q| (q.id.as_str(), q.place.expect("checked"))).collect()
}

fn option_ids<'a>(form: &'a Form, question: &str) -> Vec<&'a str> {
    let q = form.question(question).expect("the question exists");
    q.options.iter().map(|o| o.id.as_str()).collect()
}

#[test]
fn endings_are_printed_where_the_form_says_and_end_a_prefecture() {
    let form = form("mynahoken-2024");
    let q = form.question("q1").expect("the prefecture");
    let texts: Vec<&str> = q.endings.iter().map(|e| e.text.as_str()).collect();
    assert_eq!(texts, ["都", "道", "府", "県"]);
    for e in &q.endings {
        assert!(ink(&form, e.place) > 0.15, "{} is not there", e.text);
    }
    let json = std::fs::read_to_string(folder("mynahoken-2024").join("form.json")).expect("there");
    let other = json.replace("\"text\": \"府\"", "\"text\": \"市\"");
    let png = std::fs::read(folder("mynahoken-2024").join("blank.png")).expect("there");
    let error = Form::from_bytes(other.as_bytes(), &png, Path::new("x")).expect_err("no 市");
    assert!(error.to_string().contains("endings[2]"), "{error}");
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let committed = std::fs::read_to_string(folder("form.schema.json")).expect("committed");
    let current = committed == json_schema();
    assert!(current, "out of date: cargo test --test forms write_schema -- --ignored");
}

#[test]
#[ignore = "writes forms/form.schema.json"]
fn write_schema() {
    std::fs::write(folder("form.schema.json"), json_schema()).expect("written");
}

#[test]
fn the_2024_page_has_its_questions_in_printed_order() {
    let f = form("mynahoken-2024");
    let ids: Vec<_> = f.questions().iter().map(|q| q.id.as_str()).collect();
    let printed = "q1 q2 q3 q4 q5 q6 q6_other q7 q7_count q7_other q8 q8_detail q9 q10";
    assert_eq!(ids.join(" "), printed);
    assert_eq!((boxes(&f).len(), written(&f).len()), (41, 7));
}

#[test]
fn the_2024_options_are_those_of_the_published_tables() {
    let f = form("mynahoken-2024");
    for (question, options) in [
        ("q2", "clinic_med clinic_dental hospital"),
        ("q3", "lt10 10_20 20_30 ge30 not_doing dont_know"),
        ("q4", "very_burdened burdened unchanged reduced"),
        (
            "q6",
            "invalid no_number name_addr black_dot reader_error limit_error burden_ratio \
             burden_kokuho burden_shaho burden_kouki other_person expired other none",
        ),
        (
            "q7",
            "insurance_card shikaku_notice mynaportal insurer_call rececom_vendor \
             previous_visit full_payment other",
        ),
        ("q8", "feel not_feel neither"),
        ("q9", "restore not_restore neither"),
    ] {
        assert_eq!(option_ids(&f, question).join(" "), options);
    }
}

#[test]
fn the_2024_marks_of_question_6_refine_and_exclude_as_published() {
    let f = form("mynahoken-2024");
    let q6 = f.question("q6").expect("q6");
    let exclusive: Vec<_> = q6.options.iter().filter(|o| o.exclusive).map(|o| &*o.id).collect();
    assert_eq!(exclusive, ["none"]);
    let refine: Vec<_> =
        q6.options.iter().filter_map(|o| Some((&*o.id, o.parent.as_deref()?))).collect();
    let under_ratio = |id| (id, "burden_ratio");
    assert_eq!(refine, ["burden_kokuho", "burden_shaho", "burden_kouki"].map(under_ratio));

    let line: Vec<_> = q6.options.iter().filter(|o| o.id.starts_with("burden_")).collect();
    for pair in line.windows(2) {
        let (a, b) = (pair[0].place, pair[1].place);
        assert!((a.y.0 - b.y.0).abs() < 0.1 && a.x < b.x, "not in one line with their parent");
    }
}

#[test]
fn the_2024_written_fields_belong_where_they_are_printed() {
    let f = form("mynahoken-2024");
    for q in ["q6", "q7"] {
        let other = f.question(q).and_then(|q| q.options.iter().find(|o| o.id == "other"));
        let text = other.and_then(|o| o.other_text.clone());
        assert_eq!(text, Some(format!("{q}_other")));
    }
    let base = f.question("q7").and_then(|q| q.base.as_ref()).expect("q7 has a base");
    assert_eq!((base.question.as_str(), base.without.join(" ")), ("q6", "none".into()));
    let count = f.question("q7_count").expect("q7_count");
    assert_eq!(count.kind, QuestionType::Integer);
    assert_eq!(count.number_of.as_deref(), Some("q7.full_payment"));
    assert_eq!((count.range, count.lower_bound), (Some([1, 9999]), true));
    assert_eq!(f.question("q1").and_then(|q| q.lexicon.as_deref()), Some("prefectures"));
    let detail = f.question("q8_detail").and_then(|q| q.relevant.as_ref()).expect("relevant");
    assert_eq!((detail.question.as_str(), detail.with.join(" ")), ("q8", "feel".into()));
}

#[test]
fn the_2023_page_has_the_published_questions_and_options() {
    let f = form("mynahoken-2023");
    for (question, options) in [
        ("facility", "clinic_med clinic_dental hospital"),
        ("trouble", "yes no"),
        ("full_payment", "yes no"),
        ("returned_or_cut", "returned cut none"),
        ("abolition", "agree postpone keep"),
    ] {
        assert_eq!(option_ids(&f, question).join(" "), options);
        assert_eq!(f.question(question).map(|q| q.kind), Some(QuestionType::SelectOne));
    }
    for question in ["trouble_kind", "trouble_response", "reception_if_abolished"] {
        let kind = f.question(question).map(|q| q.kind);
        assert_eq!(kind, Some(QuestionType::SelectMultiple), "{question}");
    }
    for question in ["trouble_kind", "trouble_response"] {
        let base = f.question(question).and_then(|q| q.base.as_ref()).expect("has a base");
        assert_eq!((base.question.as_str(), base.with.join(" ")), ("trouble", "yes".into()));
    }
    let count = f.question("full_payment_count").expect("full_payment_count");
    assert_eq!(count.number_of.as_deref(), Some("full_payment.yes"));
    assert!(count.lower_bound);
    assert_eq!(f.question("prefecture").and_then(|q| q.lexicon.as_deref()), Some("prefectures"));
}

#[test]
fn every_label_is_there_in_both_languages() {
    for f in both() {
        let questions = f.questions().iter().map(|q| &q.label);
        let options = f.questions().iter().flat_map(|q| q.options.iter().map(|o| &o.label));
        for l in questions.chain(options).chain([&f.file.title]) {
            assert!(!l.ja.trim().is_empty() && !l.en.trim().is_empty(), "{l:?}");
            assert!(l.en.is_ascii(), "{:?} is not English", l.en);
        }
    }
}

/// All four lines of a box's outline within `EDGE_MM` of where they should be.
fn has_outline(form: &Form, b: Rect<Mm>) -> Result<(), String> {
    // The corners are kept out: there the crossing line makes every row and column partly black.
    let (x, y, w, h) = (b.x.0, b.y.0, b.w.0, b.h.0);
    let column = |x: f32| Rect::new(x - EDGE_MM, y + EDGE_MM, 2.0 * EDGE_MM, h - 2.0 * EDGE_MM);
    let row = |y: f32| Rect::new(x + EDGE_MM, y - EDGE_MM, w - 2.0 * EDGE_MM, 2.0 * EDGE_MM);
    for (side, black) in [
        ("left", darkest_lines(form, column(x)).0),
        ("right", darkest_lines(form, column(x + w)).0),
        ("upper", darkest_lines(form, row(y)).1),
        ("lower", darkest_lines(form, row(y + h)).1),
    ] {
        if black < 1.0 {
            return Err(format!("no {side} line, at most {black} of a line is black"));
        }
    }
    Ok(())
}

#[test]
fn every_box_is_printed_where_the_form_says() {
    for f in both() {
        for (id, b, _) in boxes(&f) {
            let word_size = 3.2..=3.7;
            assert!(word_size.contains(&b.w.0) && word_size.contains(&b.h.0), "{id}: {b:?}");
            has_outline(&f, b).unwrap_or_else(|e| panic!("{id}: {e}"));
            let inner = Rect::new(b.x.0 + 0.4, b.y.0 + 0.4, b.w.0 - 0.8, b.h.0 - 0.8);
            let inside = ink(&f, inner);
            assert!(inside == 0.0, "{id}: {inside} of its inside is black");
            let (top, bottom) = (b.y.0 - BEYOND_MM - 0.2, b.y.0 + b.h.0 + BEYOND_MM);
            let above = ink(&f, Rect::new(b.x.0, top, b.w.0, 0.2));
            let below = ink(&f, Rect::new(b.x.0, bottom, b.w.0, 0.2));
            let left = ink(&f, Rect::new(b.x.0 - BEYOND_MM - 0.2, b.y.0, 0.2, b.h.0));
            assert!(above + below + left == 0.0, "{id}: the outline reaches beyond its place");
        }
    }
}

#[test]
fn every_label_is_printed_beside_its_box_and_apart_from_the_others() {
    for f in both() {
        let all = boxes(&f);
        for (i, (id, b, label)) in all.iter().enumerate() {
            let gap = label.x.0 - (b.x.0 + b.w.0);
            assert!((0.0..3.0).contains(&gap), "{id}: its label is {gap} mm off");
            assert!((label.centre().1.0 - b.centre().1.0).abs() < 0.5, "{id}: not level");
            // Mincho at 10.5 pt: half white space and thin strokes, but never less than this.
            let black = ink(&f, *label);
            assert!((0.05..0.5).contains(&black), "{id}: {black} of its label is black");
            for (other, ob, ol) in &all[i + 1..] {
                let apart = !label.overlaps(*ol) && !label.overlaps(*ob) && !b.overlaps(*ol);
                assert!(apart, "{id} meets {other}");
            }
        }
    }
}

#[test]
fn places_to_write_in_are_white_and_touch_nothing() {
    for f in both() {
        let fields = written(&f);
        for (i, (id, r)) in fields.iter().enumerate() {
            assert!(ink(&f, *r) == 0.0, "{id}: printed on");
            assert!(r.h.0 > 5.0 && r.w.0 > 15.0, "{id}: nobody can write in {r:?}");
            let boxes_clear = boxes(&f).iter().all(|(_, b, l)| !r.overlaps(*b) && !r.overlaps(*l));
            assert!(boxes_clear, "{id} overlaps a box or its label");
            assert!(fields[i + 1..].iter().all(|(_, o)| !r.overlaps(*o)), "{id} overlaps a field");
        }
    }
}

#[test]
fn nothing_is_printed_where_fax_machines_cut() {
    for f in both() {
        let (w, h) = f.page_size();
        assert_eq!((w, h), (Mm(210.0), Mm(297.0)));
        let (w, h, m) = (w.0, h.0, MARGIN_MM);
        for r in [
            Rect::new(0.0, 0.0, w, m),
            Rect::new(0.0, h - m, w, m),
            Rect::new(0.0, 0.0, m, h),
            Rect::new(w - m, 0.0, m, h),
        ] {
            assert!(ink(&f, r) == 0.0, "{}: print within {r:?}", f.id());
        }
    }
}

#[test]
fn blanks_are_small_and_of_one_scale_both_ways() {
    for f in both() {
        for name in ["blank.png", "blank.pdf"] {
            let bytes = folder(f.id()).join(name).metadata().expect("committed").len();
            assert!(bytes < BLANK_BYTES, "{}/{name}: {bytes} bytes", f.id());
        }
        // A blank stretched to its sheet would shift every place.
        let r = f.blank_resolution;
        assert!((r.x - 300.0).abs() < 0.1 && (r.y - 300.0).abs() < 0.1, "{r:?}");
    }
}
