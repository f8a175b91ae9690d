//! The simulator's paper half: the same inbox from any number of threads, truth that agrees with
//! itself, published margins that come out exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use faxtally::form::{Form, QuestionType};
use faxtally::simulate::answers::Response;
use faxtally::simulate::line::Profile;
use faxtally::simulate::published::{Margins, draw};
use faxtally::simulate::{Container, SimulateError, SimulateJob, run};
use serde_json::Value;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn form(id: &str) -> Form {
    Form::open(&here("forms").join(id)).expect("the form is valid")
}

fn job(pages: u64, out: &Path) -> SimulateJob {
    SimulateJob {
        duplicates: 0.5,
        strangers: 0.4,
        ..SimulateJob::new(vec![here("forms/mynahoken-2024")], pages, 11, out.to_owned())
    }
}

fn folder(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).expect("the folder was made");
    entries
        .map(|e| {
            let path = e.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("a file"))
        })
        .collect()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[test]
fn an_inbox_is_the_same_from_one_thread_and_from_four_and_its_truth_agrees() {
    let (one, four) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let summary = run(&SimulateJob { jobs: 1, ..job(4, one.path()) }).unwrap();
    run(&SimulateJob { jobs: 4, ..job(4, four.path()) }).unwrap();
    let inbox = folder(one.path());
    assert!(inbox == folder(four.path()), "1 and 4 threads wrote different bytes");

    let truth = lines(&inbox["truth.jsonl"]);
    assert_eq!(truth.len() as u64, summary.responses + summary.resent);
    assert_eq!((summary.responses, summary.strangers), (4, 2));
    assert!(summary.resent > 0, "half of four pages were to be sent twice");
    assert_eq!(lines(&inbox["strangers.jsonl"]).len() as u64, summary.strangers);
    let form = form("mynahoken-2024");
    for line in &truth {
        check_line(line, &form, &inbox);
    }
    check_resent(&truth);
}

fn check_line(line: &Value, form: &Form, inbox: &BTreeMap<String, Vec<u8>>) {
    let file = line["file"].as_str().unwrap();
    let magic: &[u8] =
        if Path::new(file).extension().is_some_and(|e| e == "pdf") { b"%PDF-" } else { b"II*\0" };
    assert!(inbox[file].starts_with(magic), "{file}");
    let answers = line["answers"].as_object().unwrap();
    let choices = form.questions().iter().filter(|q| q.kind.is_choice());
    assert_eq!(answers.len(), choices.count(), "every choice question has its line, blank or not");
    let mut marked = BTreeSet::new();
    for (q, chosen) in answers {
        let question = form.question(q).unwrap();
        let chosen: Vec<_> =
            chosen.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
        assert!(chosen.len() <= 1 || question.kind == QuestionType::SelectMultiple, "{q}");
        for o in chosen {
            assert!(question.options.iter().any(|x| x.id == o), "{q}.{o}");
            marked.insert(format!("{q}.{o}"));
        }
    }
    let notes = &line["notes"];
    let styles: BTreeSet<_> = notes["marks"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(styles, marked, "what was marked is what was answered");
    let struck = notes["struck"].as_object().unwrap();
    assert!(struck.keys().all(|k| !marked.contains(k)), "a struck-out mark is no answer");
}

/// A resent page has its first sending's answers and another transmission.
fn check_resent(truth: &[Value]) {
    let place = |l: &Value| format!("{}#{}", l["file"].as_str().unwrap(), l["page"]);
    for line in truth.iter().filter(|l| !l["notes"]["resent_of"].is_null()) {
        let of = line["notes"]["resent_of"].as_str().unwrap();
        let first = truth.iter().find(|l| place(l) == of).expect("the first sending is there");
        assert!(first["notes"]["resent_of"].is_null());
        for key in ["answers", "text", "form"] {
            assert_eq!(line[key], first[key]);
        }
        assert_ne!(line["notes"]["line"], first["notes"]["line"]);
    }
}

fn counts(people: &[Response]) -> BTreeMap<(String, String), usize> {
    let mut out = BTreeMap::new();
    for (q, chosen) in people.iter().flat_map(|p| &p.answers) {
        if chosen.is_empty() {
            *out.entry((q.clone(), "na".to_owned())).or_default() += 1;
        }
        for o in chosen {
            *out.entry((q.clone(), o.clone())).or_default() += 1;
        }
    }
    out
}

/// The figures of the file that belong to a survey, with "na" only where it is published.
fn published(survey: &str) -> BTreeMap<(String, String), usize> {
    let bytes = std::fs::read(here("tests/data/published.json")).unwrap();
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let text = |f: &Value, key: &str| f[key].as_str().unwrap().to_owned();
    file["figures"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["survey"] == survey)
        .map(|f| {
            let count = usize::try_from(f["count"].as_u64().unwrap()).unwrap();
            ((text(f, "question"), text(f, "option_id")), count)
        })
        .collect()
}

#[test]
fn the_published_margins_of_2024_come_out_exactly_and_make_sense_together() {
    let form = form("mynahoken-2024");
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    assert_eq!((margins.survey.as_str(), margins.n), ("hodanren-2024-12", 8330));
    let people = draw(&form, &margins, 8330, 5).unwrap();
    let found = counts(&people);
    let figures = published("hodanren-2024-12");
    assert_eq!(figures.len(), 46, "every published figure with a count is compared");
    for (key, count) in figures {
        assert_eq!(found.get(&key), Some(&count), "{key:?}");
    }
    let mut sum = 0;
    for p in &people {
        assert!(!p.chose("q6", "none") || p.answers["q6"].len() == 1, "none stands alone");
        assert!(!p.chose("q6", "none") || p.answers["q7"].is_empty(), "q7 is for the others");
        let child =
            ["burden_kokuho", "burden_shaho", "burden_kouki"].iter().any(|c| p.chose("q6", c));
        assert!(!child || p.chose("q6", "burden_ratio"), "children under their parent");
        let number = p.text.get("q7_count").map(|n| n.parse::<i64>().unwrap());
        assert_eq!(number.is_some(), p.chose("q7", "full_payment"));
        assert!(number.is_none_or(|n| n >= 1));
        sum += number.unwrap_or(0);
        let home = p.text.get("q1").map_or("青森県", String::as_str);
        assert!(margins.prefectures.contains(&home), "{home} took no part");
    }
    assert_eq!(sum, 1720);
    assert_eq!(margins.prefectures.len(), 32);
    assert_eq!(people, draw(&form, &margins, 8330, 5).unwrap(), "the same seed, the same people");
    assert_ne!(people, draw(&form, &margins, 8330, 6).unwrap());
}

#[test]
fn the_published_margins_of_2023_come_out_exactly() {
    let form = form("mynahoken-2023");
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    assert_eq!((margins.survey.as_str(), margins.n), ("hodanren-2023-10", 1000));
    let people = draw(&form, &margins, 1000, 5).unwrap();
    let found = counts(&people);
    for (key, count) in published("hodanren-2023-10") {
        assert_eq!(found.get(&key), Some(&count), "{key:?}");
    }
    let integer = form.questions().iter().find(|q| q.kind == QuestionType::Integer).unwrap();
    let numbers = people.iter().filter_map(|p| p.text.get(&integer.id));
    let numbers: Vec<i64> = numbers.map(|n| n.parse().unwrap()).collect();
    assert_eq!((numbers.len(), numbers.iter().sum::<i64>()), (40, 86));
}

#[test]
fn another_number_of_responses_scales_the_margins() {
    let form = form("mynahoken-2024");
    let margins = Margins::open(&here("tests/data/published.json"), None, &form).unwrap();
    let people = draw(&form, &margins, 833, 5).unwrap();
    let found = counts(&people);
    let count = |q: &str, o: &str| found[&(q.to_owned(), o.to_owned())];
    // A tenth of 6107, 1635, 458 and 130, to the nearest that sum to 833.
    assert_eq!(
        [count("q2", "clinic_med"), count("q2", "clinic_dental"), count("q2", "hospital")],
        [611, 163, 46]
    );
    assert_eq!(count("q2", "na"), 13);
    assert_eq!((count("q6", "none"), count("q7", "insurance_card")), (91, 578));
}

#[test]
fn what_cannot_be_simulated_is_said_before_anything_is_written() {
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("inbox");
    let none = SimulateJob { forms: Vec::new(), ..job(1, &target) };
    assert!(matches!(run(&none), Err(SimulateError::NoForm)));
    let wrong = SimulateJob { answers: Some(here("Cargo.toml")), ..job(1, &target) };
    let message = run(&wrong).unwrap_err().to_string();
    assert!(
        message.contains("Cargo.toml") && message.contains("no published figures"),
        "{message}"
    );
    let unknown = SimulateJob {
        answers: Some(here("tests/data/published.json")),
        answers_survey: Some("nobody".into()),
        ..job(1, &target)
    };
    let message = run(&unknown).unwrap_err().to_string();
    assert!(
        message.contains("mynahoken-2024") && message.contains("hodanren-2023-10"),
        "{message}"
    );
    let two = SimulateJob {
        forms: vec![here("forms/mynahoken-2024"), here("forms/mynahoken-2023")],
        answers: Some(here("tests/data/published.json")),
        ..job(1, &target)
    };
    assert!(run(&two).unwrap_err().to_string().contains("different surveys"));
    assert!(!target.exists());
}

#[test]
fn each_container_is_written_as_asked_and_first_index_counts_on() {
    let out = tempfile::tempdir().unwrap();
    let wish = SimulateJob {
        container: Container::MultiPdf,
        profile: Profile::Clean,
        first_index: 7,
        duplicates: 0.0,
        strangers: 0.0,
        ..job(2, out.path())
    };
    run(&wish).unwrap();
    let inbox = folder(out.path());
    let names: Vec<_> = inbox.keys().map(String::as_str).collect();
    assert_eq!(names, ["fax00007.pdf", "truth.jsonl"], "two responses in one file");
    let pages: Vec<_> = lines(&inbox["truth.jsonl"]).iter().map(|l| l["page"].clone()).collect();
    assert_eq!(pages, [1, 2]);
}
