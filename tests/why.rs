//! Every figure of a survey can be taken apart, and its parts add up to it.

#[path = "support/kept.rs"]
mod kept;

use faxtally::account::{Folded, Labels, Source, fold};
use faxtally::lang::Lang;
use faxtally::simulate::published::{Margins, draw};
use faxtally::store::Store;
use faxtally::tally::why::{Why, WhyError, why};
use faxtally::tally::{Figure, Sheet, Tally, TallySettings, render_why, tally};
use kept::{here, keep};

fn paths(t: &Tally) -> Vec<(String, u64, u64)> {
    let mut out = Vec::new();
    for f in &t.questions {
        match f {
            Figure::Choice(f) => {
                let options =
                    f.options.iter().map(|o| (format!("{}.{}", f.id, o.id), o.count, o.pending));
                out.extend(options);
                out.push((format!("{}.na", f.id), f.no_answer.count, 0));
                out.extend(
                    f.nets.iter().map(|n| (format!("{}.{}", f.id, n.id), n.count, u64::MAX)),
                );
            }
            Figure::Number(f) => out.push((f.id.clone(), f.filled, f.pending)),
            Figure::Text(_) => {}
        }
    }
    out
}

/// 280 responses, one in ten decided by people, and twenty that nobody has decided yet.
fn survey(dir: &std::path::Path) -> Store {
    let store = Store::create(dir).unwrap();
    let form = store.add_form(&here("forms/mynahoken-2024")).unwrap();
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let people = draw(&form, &margins, 300, 7).unwrap();
    keep(&store, &form, &people[..280], 10, |_| Labels::default());
    for (i, r) in people[280..].iter().enumerate() {
        store
            .commit(kept::ops(
                &format!("g{i}.tif"),
                Labels::default(),
                kept::reading(&form, r, false),
            ))
            .unwrap();
    }
    store
}

#[test]
fn the_parts_of_every_figure_add_up_to_it() {
    let dir = tempfile::TempDir::new().unwrap();
    let store = survey(dir.path());
    let snapshot = store.snapshot().unwrap();
    let (account, forms) = (fold(&snapshot), store.forms().unwrap());
    let folded = Folded::new(snapshot);
    let places = folded.places_of(&forms);
    let sheet = Sheet::of_places(&folded, &places, &forms);
    let t = tally(&account, &forms, &TallySettings::default());
    let apart = |path: &str| why((&folded, &sheet, &places), &t, path, (usize::MAX, Lang::Ja));
    let mut decided = 0;
    for (path, count, pending) in paths(&t) {
        let w: Why = apart(&path).unwrap();
        assert_eq!(w.counted, count, "{path}");
        assert_eq!(w.machine + w.people, count, "{path}");
        assert!(pending == u64::MAX || w.pending == pending, "{path}: {} {pending}", w.pending);
        let people = w.evidence.iter().filter(|e| e.counted && e.source == Source::Person);
        assert!(
            people.clone().all(|e| e.decisions.last().is_some_and(|d| d.who == "山田")),
            "{path}"
        );
        decided += people.count();
        if let Some(sum) = w.sum {
            let counted = w.evidence.iter().filter(|e| e.counted);
            assert_eq!(sum, counted.map(|e| e.value[0].parse::<u64>().unwrap()).sum::<u64>());
        }
        assert!(!render_why(&w, 3, Lang::Ja).is_empty());
    }
    assert!(decided > 100, "{decided}");
    let w = apart("q7.full_payment").unwrap();
    assert_eq!(w.base + w.outside_base + w.question_pending, w.responses);
    assert_eq!(w.base_rule, "responses without q6=none (blank q6 included)");
    for wrong in ["q7", "q7.zz", "zz.a", "q5", "q10", "", "q7_count.x"] {
        assert!(matches!(apart(wrong), Err(WhyError::NoFigure { .. })), "{wrong}");
    }
}
