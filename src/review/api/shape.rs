//! Forms, items and decisions as the script gets them.

use serde_json::{Value, json};

use super::names::names;
use crate::account::Verdict;
use crate::form::{Form, Question};
use crate::lang::Lang;
use crate::lang::reason::{code, message};
use crate::reading::Reason;
use crate::review::desk::Taken;
use crate::review::item::Guess;
use crate::review::picture::region;
use crate::units::{Mm, Rect};

/// A form's questions with their places in millimetres.
pub fn form(form: &Form, lang: Lang) -> Value {
    let (w, h) = form.page_size();
    json!({
        "id": form.id(),
        "title": lang.pick(&form.file.title),
        "width": w.0,
        "height": h.0,
        "questions": form.questions().iter().map(|q| question(q, lang)).collect::<Vec<_>>(),
    })
}

fn question(q: &Question, lang: Lang) -> Value {
    let options = q.options.iter().map(|o| {
        json!({
            "id": o.id,
            "label": lang.pick(&o.label),
            "box": rect(o.place),
            "region": rect(region(q, Some(&o.id))),
            "exclusive": o.exclusive,
        })
    });
    json!({
        "id": q.id,
        "type": q.kind,
        "label": lang.pick(&q.label),
        "region": rect(region(q, None)),
        "options": options.collect::<Vec<_>>(),
        "range": q.range,
        "names": names(q),
    })
}

fn rect(r: Rect<Mm>) -> [f32; 4] {
    [r.x.0, r.y.0, r.w.0, r.h.0]
}

/// An item without its reasons and its confidence: of the blind audit's nobody could show any.
pub fn item(taken: &Taken, lang: Lang) -> Value {
    let item = &taken.item;
    let page = item.key.field.kind() == "page";
    let reasons: Vec<Value> =
        if page { item.reasons.iter().map(|r| reason(r, lang)).collect() } else { Vec::new() };
    json!({
        "key": item.key.to_string(),
        "response": item.key.response,
        "kind": item.key.field.kind(),
        "field": item.key.field.name(),
        "form": item.form,
        "file": item.file,
        "page": item.page,
        "option": item.option,
        "guess": match &item.guess {
            Guess::Options(v) => json!(v),
            Guess::Text(v) => json!(v),
            Guess::Nothing => Value::Null,
        },
        "again": item.again,
        "rev": taken.rev,
        "reasons": reasons,
        "remarks": taken.remarks.iter().map(|r| json!({"who": r.who, "note": r.note})).collect::<Vec<_>>(),
    })
}

fn reason(r: &Reason, lang: Lang) -> Value {
    json!({"code": code(r.code), "about": r.about, "message": message(lang, r)})
}

/// What somebody decided.
pub fn verdict(v: &Verdict) -> Value {
    match v {
        Verdict::Answer { value, .. } => json!(value),
        Verdict::Text { value, .. } => json!(value),
        Verdict::Page(v) => json!(v),
    }
}

/// A reason's sentence by its code.
pub fn reason_label(word: &str, lang: Lang) -> String {
    let code = serde_json::from_value(Value::String(word.to_owned()));
    code.map_or_else(|_| word.to_owned(), |code| message(lang, &Reason::new(code)))
}
