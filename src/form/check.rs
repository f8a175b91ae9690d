//! What a form must fulfil beyond its grammar. Every finding names its place and the problem.

use std::collections::BTreeSet;

use super::prefectures::PREFECTURES;
use super::raw::{Condition, QuestionType, RawForm, RawOption, RawQuestion};
use crate::raster::Bitmap;
use crate::units::{Mm, Rect};

type Finding = (String, String);

/// Bounds of a sheet that a fax or scanner can carry, in mm: business card to A2.
const SHEET_MM: std::ops::RangeInclusive<f32> = 50.0..=600.0;
/// A box smaller than this holds fewer than 8 pixels at 204 dpi.
const SMALLEST_BOX_MM: f32 = 1.0;
/// Grey values below this are print of some kind: 0.1-mm lines come out at 180 to 220 at 300 dpi.
const TRACE: u8 = 225;
/// Least resolution of the blank, in dpi: the registration grid is 204 x 196.
const BLANK_DPI: f32 = 196.0;

pub fn check(form: &RawForm) -> Result<(), Finding> {
    id("id", &form.id)?;
    id("survey", &form.survey)?;
    for (name, side) in [("page.width", form.page.width), ("page.height", form.page.height)] {
        if !SHEET_MM.contains(&side.0) {
            return Err((name.into(), format!("{} mm is no sheet size (50 to 600)", side.0)));
        }
    }
    if form.questions.is_empty() {
        return Err(("questions".into(), "no question at all".into()));
    }
    let mut seen = BTreeSet::new();
    for (i, q) in form.questions.iter().enumerate() {
        let place = format!("questions[{i}] ({})", q.id);
        id(&place, &q.id)?;
        if !seen.insert(q.id.as_str()) {
            return Err((place, "this id stands twice".into()));
        }
        question(form, q, &place)?;
    }
    for (i, by) in form.quote_by.iter().enumerate() {
        let known = |q: &&RawQuestion| q.kind.is_choice() || q.lexicon.is_some();
        if !form.questions.iter().filter(known).any(|q| q.id == *by) {
            let problem = format!("no choice and no list of words {by:?}");
            return Err((format!("quote_by[{i}]"), problem));
        }
    }
    Ok(())
}

fn id(place: &str, id: &str) -> Result<(), Finding> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
        return Err((place.into(), format!("id {id:?}: 1 to 64 of a-z A-Z 0-9 _ - are allowed")));
    }
    Ok(())
}

fn question(form: &RawForm, q: &RawQuestion, place: &str) -> Result<(), Finding> {
    if q.kind.is_choice() {
        if q.options.is_empty() {
            return Err((place.into(), "a choice without options".into()));
        }
        if q.place.is_some() {
            return Err((place.into(), "a choice has options, not a box".into()));
        }
        options(form, q, place)?;
    } else {
        if !q.options.is_empty() {
            return Err((place.into(), "a written field has a box, not options".into()));
        }
        let Some(r) = q.place else {
            return Err((place.into(), "a written field needs its box".into()));
        };
        region(form, r, &format!("{place}.box"))?;
    }
    for (name, c) in [("base", &q.base), ("relevant", &q.relevant)] {
        if let Some(c) = c {
            condition(form, q, c, &format!("{place}.{name}"))?;
        }
    }
    base_ends(form, q, &format!("{place}.base"))?;
    figures(q, place)?;
    written(form, q, place)
}

/// A base is of those in another question's base, and so on: that must come to an end.
fn base_ends(form: &RawForm, q: &RawQuestion, at: &str) -> Result<(), Finding> {
    let mut seen = vec![q.id.as_str()];
    let mut next = q.base.as_ref();
    while let Some(c) = next {
        if seen.contains(&c.question.as_str()) {
            let way = [&seen[..], &[c.question.as_str()]].concat().join(" -> ");
            return Err((at.into(), format!("goes in a circle: {way}")));
        }
        seen.push(&c.question);
        next = form.questions.iter().find(|x| x.id == c.question).and_then(|x| x.base.as_ref());
    }
    Ok(())
}

/// What says how a question's figures are written down.
fn figures(q: &RawQuestion, place: &str) -> Result<(), Finding> {
    if !q.kind.is_choice() && (q.answered_only || !q.nets.is_empty()) {
        return Err((place.into(), "answered_only and nets belong to a choice".into()));
    }
    for (i, net) in q.nets.iter().enumerate() {
        let at = format!("{place}.nets[{i}] ({})", net.id);
        id(&at, &net.id)?;
        let option = |id: &String| q.options.iter().any(|o| o.id == *id);
        if option(&net.id) || net.id == "na" || q.nets[..i].iter().any(|n| n.id == net.id) {
            return Err((at, "this id stands twice".into()));
        }
        if net.with.is_empty() == net.without.is_empty() {
            return Err((at, "give exactly one of with, without".into()));
        }
        if let Some(o) = net.with.iter().chain(&net.without).find(|o| !option(o)) {
            return Err((at, format!("no option {o:?} in {}", q.id)));
        }
    }
    Ok(())
}

fn written(form: &RawForm, q: &RawQuestion, place: &str) -> Result<(), Finding> {
    let integer = q.kind == QuestionType::Integer;
    if !integer && (q.number_of.is_some() || q.range.is_some() || q.lower_bound) {
        return Err((place.into(), "number_of, range and lower_bound belong to an integer".into()));
    }
    if q.range.is_some_and(|[a, b]| a > b || a < 0) {
        return Err((format!("{place}.range"), "must be [smallest, largest], not negative".into()));
    }
    if let Some(target) = &q.number_of {
        let found = target.split_once('.').is_some_and(|(a, b)| has_option(form, a, b));
        if !found {
            return Err((
                format!("{place}.number_of"),
                format!("no option {target:?} (question.option)"),
            ));
        }
    }
    if let Some(l) = &q.lexicon
        && (q.kind != QuestionType::Text || l != "prefectures")
    {
        return Err((
            format!("{place}.lexicon"),
            format!("no word list {l:?} (prefectures, of a text)"),
        ));
    }
    let blank = q.entries.iter().any(|e| e.trim().is_empty());
    if !q.entries.is_empty() && (q.kind != QuestionType::Text || q.lexicon.is_some() || blank) {
        let problem = "only of a text without lexicon, and no entry may be empty".to_owned();
        return Err((format!("{place}.entries"), problem));
    }
    endings(form, q, place)
}

fn endings(form: &RawForm, q: &RawQuestion, place: &str) -> Result<(), Finding> {
    let ends = |text: &str| match q.lexicon {
        Some(_) => PREFECTURES.iter().any(|p| p.ends_with(text)),
        None => q.entries.iter().any(|e| e.split('\t').next().is_some_and(|v| v.ends_with(text))),
    };
    for (i, e) in q.endings.iter().enumerate() {
        let at = format!("{place}.endings[{i}]");
        if e.text.is_empty() || !ends(&e.text) {
            return Err((at, format!("no entry of its list ends with {:?}", e.text)));
        }
        region(form, e.place, &format!("{at}.box"))?;
    }
    Ok(())
}

fn options(form: &RawForm, q: &RawQuestion, place: &str) -> Result<(), Finding> {
    let mut seen = BTreeSet::new();
    for (i, o) in q.options.iter().enumerate() {
        let at = format!("{place}.options[{i}] ({})", o.id);
        id(&at, &o.id)?;
        if o.id == "na" {
            return Err((at, "\"na\" means no answer and cannot be an option".into()));
        }
        if !seen.insert(o.id.as_str()) {
            return Err((at, "this id stands twice".into()));
        }
        region(form, o.place, &format!("{at}.box"))?;
        if let Some(l) = o.label_box {
            region(form, l, &format!("{at}.label_box"))?;
        }
        if let Some(other) = q.options[..i].iter().find(|p| p.place.overlaps(o.place)) {
            return Err((at, format!("its box overlaps that of {}", other.id)));
        }
        option(form, q, o, &at)?;
    }
    Ok(())
}

fn option(form: &RawForm, q: &RawQuestion, o: &RawOption, at: &str) -> Result<(), Finding> {
    if let Some(p) = &o.parent {
        let parent = q.options.iter().find(|x| &x.id == p);
        match parent {
            None => return Err((format!("{at}.parent"), format!("no option {p:?}"))),
            Some(x) if x.parent.is_some() || x.id == o.id => {
                return Err((format!("{at}.parent"), format!("{p:?} is itself a sub-option")));
            }
            Some(_) => {}
        }
        if q.kind == QuestionType::SelectOne {
            return Err((format!("{at}.parent"), "sub-options belong to select_multiple".into()));
        }
    }
    if let Some(t) = &o.other_text {
        let text = form.questions.iter().find(|x| &x.id == t);
        if text.is_none_or(|x| x.kind != QuestionType::Text) {
            return Err((format!("{at}.other_text"), format!("no text question {t:?}")));
        }
    }
    Ok(())
}

fn condition(form: &RawForm, q: &RawQuestion, c: &Condition, at: &str) -> Result<(), Finding> {
    if c.question == q.id {
        return Err((at.into(), "refers to its own question".into()));
    }
    let Some(target) = form.questions.iter().find(|x| x.id == c.question) else {
        return Err((at.into(), format!("no question {:?}", c.question)));
    };
    let given = [!c.with.is_empty(), !c.without.is_empty(), c.answered, c.unanswered];
    if given.iter().filter(|g| **g).count() != 1 {
        let problem = "give exactly one of with, without, answered, unanswered";
        return Err((at.into(), problem.into()));
    }
    if let Some(o) = c.with.iter().chain(&c.without).find(|o| !has_option(form, &target.id, o)) {
        return Err((at.into(), format!("no option {o:?} in {}", target.id)));
    }
    Ok(())
}

fn has_option(form: &RawForm, question: &str, option: &str) -> bool {
    form.questions.iter().any(|q| q.id == question && q.options.iter().any(|o| o.id == option))
}

fn region(form: &RawForm, r: Rect<Mm>, at: &str) -> Result<(), Finding> {
    let all = [r.x.0, r.y.0, r.w.0, r.h.0];
    if !all.iter().all(|v| v.is_finite()) || r.w.0 < SMALLEST_BOX_MM || r.h.0 < SMALLEST_BOX_MM {
        return Err((at.into(), format!("{} x {} mm is too small to be read", r.w.0, r.h.0)));
    }
    let (w, h) = (form.page.width.0, form.page.height.0);
    if r.x.0 < 0.0 || r.y.0 < 0.0 || r.x.0 + r.w.0 > w || r.y.0 + r.h.0 > h {
        return Err((at.into(), format!("lies off the page of {w} x {h} mm")));
    }
    Ok(())
}

/// The blank's pixels: clear print (below half grey), and every trace of print: a hairline in a PDF
/// is drawn in light grey, and a fax machine makes it a line.
pub fn blank(png: &[u8]) -> Result<(Bitmap, Bitmap), String> {
    let grey = image::load_from_memory_with_format(png, image::ImageFormat::Png)
        .map_err(|e| e.to_string())?
        .into_luma8();
    let (clear, trace) = (Bitmap::from_luma(&grey, 128), Bitmap::from_luma(&grey, TRACE));
    let share = clear.count() as f32 / (clear.width() * clear.height()).max(1) as f32;
    // 0.1 % is one line of text; 60 % is a negative. Measured 4 to 9 % on forms.
    if !(0.001..0.6).contains(&share) {
        return Err(format!("{:.1} % of it is black: empty or inverted", share * 100.0));
    }
    Ok((clear, trace))
}

/// Whether the blank is fine enough for a sheet of this size.
pub fn fine_enough(blank: &Bitmap, width: Mm) -> bool {
    blank.width() as f32 * 25.4 / width.0 >= BLANK_DPI
}
