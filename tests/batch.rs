//! Inboxes into the store by a fake reader: what is read, how often, and what is left after crashes.

#[path = "support/fake.rs"]
mod fake;

use fake::{Fake, account, lines, read, write};
use faxtally::reading::ReasonCode;
use faxtally::store::Store;
use tempfile::TempDir;

fn inbox_and_store() -> (TempDir, TempDir, Store) {
    let (inbox, survey) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = Store::create(survey.path()).unwrap();
    (inbox, survey, store)
}

#[test]
fn a_page_of_every_kind_gets_its_status() {
    let (inbox, _survey, store) = inbox_and_store();
    let at = inbox.path();
    write(at, "a.fake", &["response q1=a ink=1", "cover", "undecodable", "pending"]);
    write(at, "b/copy.fake", &["response q1=a ink=1", "cover", "undecodable", "pending"]);
    write(at, "c.fake", &["response q1=a ink=1 again"]);
    write(at, "d.fake", &["response q1=a ink=2"]);
    std::fs::write(at.join("empty.fake"), "").unwrap();
    std::fs::write(at.join("text.txt"), "not a fax").unwrap();
    let fake = Fake::default();
    let summary = read(at, &store, &fake);
    assert_eq!((summary.files, summary.pages_read, summary.refused), (6, 5, 3));
    let account = account(&store);
    let expected = [
        ("a.fake", 1, "counted"),
        ("a.fake", 2, "setaside"),
        ("a.fake", 3, "refused"),
        ("a.fake", 4, "pending"),
        ("b/copy.fake", 1, "duplicate"),
        ("b/copy.fake", 2, "setaside"),
        ("b/copy.fake", 3, "refused"),
        ("b/copy.fake", 4, "duplicate"),
        ("c.fake", 1, "duplicate"),
        ("d.fake", 1, "counted"),
        ("empty.fake", 0, "refused"),
        ("text.txt", 0, "refused"),
    ];
    assert_eq!(lines(&account), expected.map(|(f, p, s)| (f.into(), p, s.into())));
    let first = account.pages[0].response.clone().unwrap();
    for (line, code) in [(4, ReasonCode::ByteCopy), (8, ReasonCode::Resent)] {
        assert_eq!(account.pages[line].duplicate_of.as_ref(), Some(&first));
        assert!(account.pages[line].reasons.iter().any(|r| r.code == code));
    }
    assert_eq!(account.responses.len(), 3, "two counted, one pending");
}
