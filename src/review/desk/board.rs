//! The figures of the review itself: how far, how fast, how often people and machine agree, and what the
//! blind audit says.

use std::collections::{BTreeMap, HashMap};

use super::Desk;
use super::says::Says;
use super::style::Style;
use crate::account::{Decision, Field, Seen, Verdict};
use crate::lang::Lang;
use crate::lang::reason::code;
use crate::reading::ReasonCode;
use crate::review::item::Key;
use crate::sample;
use crate::store::StoreError;
use crate::tally::{AuditFigure, Tally, TallySettings, tally_sheet};

/// How many of how many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    pub name: String,
    pub part: u64,
    pub of: u64,
}

/// One reviewer's work.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub name: String,
    pub decided: u64,
    pub last_hour: u64,
    /// Median; `None` where no time is known.
    pub seconds: Option<f64>,
    /// At the median pace.
    pub per_hour: Option<u64>,
}

/// Everything that the dashboard shows.
pub struct Board {
    pub decided: u64,
    pub open: u64,
    pub people: Vec<Person>,
    /// Decisions that left the machine's value as it was, by reason.
    pub agreement: Vec<Share>,
    /// The same by the style of the mark, guessed; the names are the screens' words.
    pub styles: Vec<Share>,
    /// The same by whose word it was; names as above.
    pub says: Vec<Share>,
    pub audit: AuditFigure,
    pub tally: Tally,
}

/// Seconds of the column "last hour".
const HOUR: i64 = 3600;

impl Desk {
    /// # Errors
    /// Whatever the store says.
    pub fn board(&self, who: &str, lang: Lang) -> Result<Board, StoreError> {
        let decisions = self.store.timed_decisions()?;
        let probes = self.store.probes()?;
        let book = self.book();
        let by_reason = {
            let state = self.state();
            agreement(&decisions, |key| state.why.get(key).cloned().unwrap_or_default())
        };
        let styles = self.styles(&decisions)?;
        let settings = TallySettings { lang, ..TallySettings::default() };
        Ok(Board {
            decided: decisions.len() as u64,
            open: self.summary(who).open as u64,
            people: people(&decisions),
            agreement: by_reason,
            styles: agreement(&decisions, |key| styles.get(key).map(|s| s.0).into_iter().collect()),
            says: agreement(&decisions, |key| styles.get(key).map(|s| s.1).into_iter().collect()),
            audit: sample::figure_of(book.counted(), &self.forms, &probes),
            tally: tally_sheet(&book.sheet(&self.forms), book.page_counts(), &settings),
        })
    }
}

/// What agreement is counted by.
trait Named: Copy + Ord {
    fn name(self) -> String;
}

impl Named for ReasonCode {
    fn name(self) -> String {
        code(self)
    }
}

impl Named for Style {
    fn name(self) -> String {
        self.word().to_owned()
    }
}

impl Named for Says {
    fn name(self) -> String {
        self.word().to_owned()
    }
}

impl Desk {
    /// The style of every mark that was decided about, and whose word it was; what is known from before is not
    /// looked up again.
    fn styles(&self, decisions: &[Timed]) -> Result<HashMap<Key, (Style, Says)>, StoreError> {
        let mut missing: BTreeMap<String, Vec<(Key, Vec<ReasonCode>)>> = BTreeMap::new();
        {
            let state = self.state();
            for (response, d, _) in decisions {
                let key = Key { response: response.clone(), field: d.verdict.field() };
                let choice = matches!(key.field, Field::Answer(_));
                if choice && !state.styles.contains_key(&key) {
                    let why = state.why.get(&key).cloned().unwrap_or_default();
                    missing.entry(response.clone()).or_default().push((key, why));
                }
            }
        }
        let boxes = self.store.boxes(missing.keys().cloned().collect())?;
        let mut state = self.state();
        for (response, boxes) in boxes {
            for (key, why) in missing.remove(&response).into_iter().flatten() {
                let style = Style::guess(&boxes, key.field.name(), &why);
                let says = Says::of(&boxes, key.field.name());
                state.styles.insert(key, (style, says));
            }
        }
        Ok(state.styles.clone())
    }
}

type Timed = (String, Decision, Option<i64>);

fn people(decisions: &[Timed]) -> Vec<Person> {
    let newest = decisions.iter().map(|(_, d, _)| d.at).max().unwrap_or(0);
    let mut by: BTreeMap<&str, (u64, u64, Vec<i64>)> = BTreeMap::new();
    for (_, d, took) in decisions {
        let (n, recent, times) = by.entry(&d.who).or_default();
        *n += 1;
        *recent += u64::from(d.at > newest - HOUR);
        times.extend(took);
    }
    by.into_iter()
        .map(|(name, (decided, last_hour, mut times))| {
            times.sort_unstable();
            let median = times.get(times.len() / 2).map(|ms| *ms as f64 / 1000.0);
            let pace = median.filter(|s| *s > 0.0).map(|s| (HOUR as f64 / s) as u64);
            Person { name: name.to_owned(), decided, last_hour, seconds: median, per_hour: pace }
        })
        .collect()
}

fn agreement<N: Named>(decisions: &[Timed], names: impl Fn(&Key) -> Vec<N>) -> Vec<Share> {
    let mut by: BTreeMap<N, Share> = BTreeMap::new();
    for (response, d, _) in decisions {
        let agreed = match (&d.machine, &d.verdict) {
            (Some(Seen::Answer(m)), Verdict::Answer { value, .. }) => m == value,
            (Some(Seen::Text(m)), Verdict::Text { value, .. }) => m == value,
            _ => continue,
        };
        let key = Key { response: response.clone(), field: d.verdict.field() };
        for name in names(&key) {
            let share = by.entry(name).or_default();
            share.name = name.name();
            share.part += u64::from(agreed);
            share.of += 1;
        }
    }
    let mut out: Vec<Share> = by.into_values().collect();
    out.sort_by_key(|s| std::cmp::Reverse(s.of));
    out
}
