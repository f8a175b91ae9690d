//! The packed readings beside the store's readings: the same account and the same figures, whether they
//! were written with the readings, made anew from them, or not used because they are damaged.

#[path = "support/fake.rs"]
mod fake;
#[path = "support/form.rs"]
mod form;

use std::path::{Path, PathBuf};

use fake::{Fake, account, read, write};
use faxtally::account::{Account, Folded, PageStatus, PageVerdict, Verdict};
use faxtally::form::Form;
use faxtally::store::{self, Store};
use faxtally::tally::{PageCounts, Sheet, TallySettings, folded_counts, page_counts, tally_sheet};
use sqlx::Connection;
use tempfile::TempDir;

/// A survey with everything in it: pages of every status, several a file, the same file at two places, a
/// sheet sent twice, a file replaced, pages read again, decisions, one of them about a page.
fn survey(dir: &Path) -> PathBuf {
    let at = dir.join("survey");
    let store = Store::create(&at).unwrap();
    store.add_form(&form::folder(dir, "f1", "s1")).unwrap();
    let inbox = dir.join("inbox");
    for i in 0..30u64 {
        let q1 = ["a", "b", "", "?a?"][i as usize % 4];
        let q2 = ["a", "a,b", ""][i as usize % 3];
        let page = format!("response q1={q1} q2={q2} ink={}", 100 + i);
        write(&inbox, &format!("p{i:02}.fake"), &[&page, "cover", "pending q1=b ink=7"]);
    }
    write(&inbox, "again.fake", &["response q1=a q2=a ink=100", "panic"]);
    write(
        &inbox,
        "copy/p03.fake",
        &["response q1=?a? q2=a ink=103", "cover", "pending q1=b ink=7"],
    );
    std::fs::write(inbox.join("bad.fake"), "no form").unwrap();
    read(&inbox, &store, &Fake::default());
    write(&inbox, "bad.fake", &["response q1=b q2=b ink=900"]);
    read(&inbox, &store, &Fake::default());
    // Another version of the reader: every page once more.
    read(&inbox, &store, &Fake { version: 1, ..Fake::default() });
    let now = account(&store);
    let open = now.responses.iter().filter(|r| r.status == PageStatus::Counted).take(9);
    for r in open {
        let answer = Verdict::Answer { question: "q1".into(), value: vec!["b".into()] };
        store.decide(&r.id, answer, "Sato", None).unwrap();
        let number = Verdict::Text { field: "n".into(), value: "12".into() };
        store.decide(&r.id, number, "Sato", None).unwrap();
    }
    let aside = now.responses.iter().find(|r| r.status == PageStatus::Pending).unwrap();
    store.decide(&aside.id, Verdict::Page(PageVerdict::SetAside), "Sato", None).unwrap();
    at
}

/// The account, and the figures by the long way and by the two short ones.
fn everything(at: &Path) -> (Account, Vec<String>) {
    let store = Store::open(at).unwrap();
    let (account, forms) = (fake::account(&store), store.forms().unwrap());
    let json = |sheet: &Sheet, pages: PageCounts| {
        tally_sheet(sheet, pages, &TallySettings::default()).to_json().unwrap()
    };
    let long = json(&Sheet::of(&account, &forms), page_counts(&account));
    let snapshot = store.snapshot().unwrap();
    let folded = Folded::new(&snapshot);
    let short = json(&Sheet::of_folded(&folded, &forms), folded_counts(&folded));
    let pages = folded_counts(&folded);
    let in_place = json(&in_place(&store, &forms), pages);
    (account, vec![long, short, in_place])
}

fn in_place<'f>(store: &Store, forms: &'f [Form]) -> Sheet<'f> {
    Sheet::of_folded(&Folded::new(store.snapshot().unwrap()), forms)
}

fn foreign(survey: &Path, statement: &'static str) {
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rw", survey.join(store::FILE).display());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn packed_readings_say_what_the_readings_say() {
    let dir = TempDir::new().unwrap();
    let at = survey(dir.path());
    let (account, figures) = everything(&at);
    let statuses: std::collections::BTreeSet<_> = account.pages.iter().map(|p| p.status).collect();
    assert!(statuses.len() >= 4, "{statuses:?}");
    assert!(figures.iter().all(|f| *f == figures[0]), "the short ways count otherwise");
    let made_otherwise = [
        ("none are left", "DELETE FROM packed; DELETE FROM setting WHERE name = 'packed'"),
        ("one is missing", "UPDATE setting SET value = '1 1 0' WHERE name = 'packed'"),
        ("of another version", "UPDATE setting SET value = '99 1 0' WHERE name = 'packed'"),
        (
            "a damaged one",
            "UPDATE packed SET body = x'0001' WHERE seq = (SELECT MIN(seq) FROM packed)",
        ),
    ];
    for (what, statement) in made_otherwise {
        foreign(&at, statement);
        let (other, also) = everything(&at);
        assert_eq!(other, account, "{what}");
        assert_eq!(also, figures, "{what}");
    }
}
