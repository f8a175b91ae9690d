//! What waits, counted: by question, by reason, by file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::take::stands;
use super::{Desk, Shelf};
use crate::lang::reason::code;
use crate::review::item::Item;
use crate::store::RemarkKind;

/// One line of a list: how many, of what, and the worst confidence among them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Count {
    pub kind: String,
    pub name: String,
    /// A reason's sentence; filled in by who shows it.
    pub label: String,
    /// The one doubtful option, or empty.
    pub option: String,
    pub items: usize,
    pub worst: f32,
}

/// What waits for `who`.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Summary {
    pub open: usize,
    pub pages: usize,
    /// Of the open ones, those that others have before them.
    pub taken: usize,
    pub passed: usize,
    pub escalated: usize,
    pub cannot_tell: usize,
    /// Entered by this person, waiting for another (double entry).
    pub entered: usize,
    pub audit_left: usize,
    pub fields: Vec<Count>,
    pub reasons: Vec<Count>,
    pub files: Vec<Count>,
    pub version: u64,
}

/// Files listed; a person begins with the worst.
const FILES: usize = 50;

impl Desk {
    pub fn summary(&self, who: &str) -> Summary {
        let state = self.state();
        let mut out = Summary {
            taken: state.leases.count_others(who, Instant::now()),
            audit_left: state.probes_left(),
            version: state.version,
            ..Summary::default()
        };
        let mut fields = BTreeMap::new();
        let mut reasons = BTreeMap::new();
        let mut files = BTreeMap::new();
        for item in state.queue.values() {
            let remarks = state.remarks(&item.key);
            let stands = stands(remarks, who);
            match stands.shelf {
                _ if stands.entered => out.entered += 1,
                Shelf::Escalated => out.escalated += 1,
                Shelf::CannotTell => out.cannot_tell += 1,
                Shelf::Open | Shelf::Audit => {
                    out.open += 1;
                    out.passed += usize::from(
                        remarks.iter().any(|r| r.kind == RemarkKind::Skip && r.who == who),
                    );
                    let kind = item.key.field.kind();
                    out.pages += usize::from(kind == "page");
                    let option = item.option.clone().unwrap_or_default();
                    add(&mut fields, (kind.into(), item.key.field.name().into(), option), item);
                    add(&mut files, (String::new(), item.file.clone(), String::new()), item);
                    let codes: BTreeSet<String> =
                        item.reasons.iter().map(|r| code(r.code)).collect();
                    for code in codes {
                        add(&mut reasons, (String::new(), code, String::new()), item);
                    }
                }
            }
        }
        out.fields = counts(fields);
        out.reasons = counts(reasons);
        out.files = counts(files);
        out.files.truncate(FILES);
        out
    }
}

type Name = (String, String, String);

fn add(counts: &mut BTreeMap<Name, (usize, f32)>, name: Name, item: &Item) {
    let (n, worst) = counts.entry(name).or_insert((0, 1.0));
    *n += 1;
    *worst = worst.min(item.confidence);
}

/// The longest first.
fn counts(found: BTreeMap<Name, (usize, f32)>) -> Vec<Count> {
    let mut out: Vec<Count> = found
        .into_iter()
        .map(|((kind, name, option), (items, worst))| Count {
            kind,
            name,
            label: String::new(),
            option,
            items,
            worst,
        })
        .collect();
    out.sort_by_key(|c| std::cmp::Reverse(c.items));
    out
}
