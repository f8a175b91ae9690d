//! Who has which item before them: an item is one person's for some minutes, and comes back by itself.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::item::Key;

/// A decision takes seconds (the 1,000 an hour); who needs five minutes has left the desk.
pub const LEASE: Duration = Duration::from_mins(5);

/// What is known of an item that somebody has.
#[derive(Clone, Debug)]
pub struct Lease {
    pub who: String,
    until: Instant,
    /// It is one of the blind audit: the option asked about.
    pub probe: Option<String>,
}

/// All leases of a server; they end with it, and then every item is back in the queue.
#[derive(Debug, Default)]
pub struct Leases(HashMap<Key, Lease>);

impl Leases {
    /// Takes or renews; `false` if another person has it.
    pub fn take(&mut self, key: &Key, who: &str, probe: Option<String>, now: Instant) -> bool {
        if self.other(key, who, now) {
            return false;
        }
        let before = self.0.remove(key).and_then(|l| l.probe);
        let lease = Lease { who: who.to_owned(), until: now + LEASE, probe: probe.or(before) };
        self.0.insert(key.clone(), lease);
        true
    }

    /// Whether somebody else has it now.
    pub fn other(&self, key: &Key, who: &str, now: Instant) -> bool {
        self.0.get(key).is_some_and(|l| l.who != who && l.until > now)
    }

    /// The lease under which `who` was shown an item, even if it has run out since.
    pub fn of(&self, key: &Key, who: &str) -> Option<&Lease> {
        self.0.get(key).filter(|l| l.who == who)
    }

    /// Probes that somebody has before them.
    pub fn has(&self, key: &Key, now: Instant) -> bool {
        self.0.get(key).is_some_and(|l| l.until > now)
    }

    pub fn end(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// Gives back what a person has no longer before them.
    pub fn release(&mut self, who: &str, keys: &[Key]) {
        for key in keys {
            if self.of(key, who).is_some() {
                self.0.remove(key);
            }
        }
    }

    /// Items that others than `who` have before them.
    pub fn count_others(&self, who: &str, now: Instant) -> usize {
        self.0.values().filter(|l| l.who != who && l.until > now).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Field;

    #[test]
    fn a_lease_that_ends_returns_the_item() {
        let key = Key { response: "r-1".into(), field: Field::Answer("q1".into()) };
        let (mut leases, now) = (Leases::default(), Instant::now());
        assert!(leases.take(&key, "Sato", None, now));
        assert!(leases.take(&key, "Sato", None, now), "one's own is renewed");
        assert!(!leases.take(&key, "Suzuki", None, now));
        assert!(leases.take(&key, "Suzuki", None, now + LEASE + Duration::from_secs(1)));
        leases.release("Sato", std::slice::from_ref(&key));
        assert!(leases.of(&key, "Suzuki").is_some(), "only its holder gives it back");
    }
}
