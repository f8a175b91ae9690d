//! Who gets in: a one-time link on this computer, named accounts (argon2) everywhere; sessions in cookies
//! that no other site can send; attempts slowed.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::account::document_hash;

/// Name of the session's cookie.
pub const COOKIE: &str = "faxtally";
/// A working day; then one signs in again.
const SESSION: Duration = Duration::from_hours(12);
/// Wrong passwords in a row that cost nothing: people mistype.
const FREE_ATTEMPTS: u32 = 3;
/// Longest pause after wrong ones: an attacker gets 2,880 a day, a person waits half a minute.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Names whose attempts are remembered, so that made-up names cannot fill the memory.
const MOST_NAMES: usize = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error("the password cannot be hashed: {0}")]
    Hash(argon2::password_hash::Error),
}

/// What an attempt to sign in came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt {
    In(String),
    Wrong,
    /// Too many wrong ones: not even tried.
    Wait(Duration),
}

struct Session {
    who: String,
    until: Instant,
}

/// Sessions and attempts of one server.
pub struct Gate {
    link: Mutex<Option<String>>,
    owner: String,
    sessions: Mutex<HashMap<String, Session>>,
    attempts: Mutex<HashMap<String, (u32, Instant)>>,
    /// Each takes 19 MiB and a core for a while: a flood of them must not be the end of the others' work.
    turn: Semaphore,
    /// Verified where a name is unknown, so that the answer takes as long.
    decoy: String,
}

impl Gate {
    /// With `link`, whoever holds it signs in once as `owner`.
    ///
    /// # Errors
    /// `Random`, `Hash`.
    pub fn new(owner: &str, link: bool) -> Result<Self, GateError> {
        Ok(Self {
            link: Mutex::new(if link { Some(token()?) } else { None }),
            owner: owner.to_owned(),
            sessions: Mutex::default(),
            attempts: Mutex::default(),
            turn: Semaphore::new(1),
            decoy: hash(&token()?)?,
        })
    }

    /// The one-time link's secret, while it was not used.
    pub fn link(&self) -> Option<String> {
        held(&self.link).clone()
    }

    /// Takes the link; the cookie's value.
    ///
    /// # Errors
    /// `Random`.
    pub fn enter(&self, secret: &str) -> Result<Option<String>, GateError> {
        let mut link = held(&self.link);
        // Compared by their hashes: the time it takes says nothing about the secret.
        let same = |l: &String| document_hash(l.as_bytes()) == document_hash(secret.as_bytes());
        if !link.as_ref().is_some_and(same) {
            return Ok(None);
        }
        *link = None;
        drop(link);
        self.open(&self.owner).map(Some)
    }

    /// A new session; the cookie's value.
    ///
    /// # Errors
    /// `Random`.
    pub fn open(&self, who: &str) -> Result<String, GateError> {
        let token = token()?;
        let mut sessions = held(&self.sessions);
        let now = Instant::now();
        sessions.retain(|_, s| s.until > now);
        let session = Session { who: who.to_owned(), until: now + SESSION };
        sessions.insert(document_hash(token.as_bytes()), session);
        Ok(token)
    }

    pub fn close(&self, token: &str) {
        held(&self.sessions).remove(&document_hash(token.as_bytes()));
    }

    /// Whose session this cookie is.
    pub fn who(&self, token: &str) -> Option<String> {
        let sessions = held(&self.sessions);
        let session = sessions.get(&document_hash(token.as_bytes()))?;
        (session.until > Instant::now()).then(|| session.who.clone())
    }

    /// Ends the sessions of those who have no account any more; the owner of the link needs none.
    pub fn keep_only(&self, names: &BTreeSet<String>) {
        let mut sessions = held(&self.sessions);
        sessions.retain(|_, s| s.who == self.owner || names.contains(&s.who));
    }

    /// Passwords are tried one at a time: held while one is. `None` only when the server ends.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turn.acquire().await.ok()
    }

    /// Tries a password against an account's hash (`None`: no such account). Slow on purpose: call it off
    /// the server's thread.
    pub fn attempt(&self, name: &str, password: &str, phc: Option<&str>) -> Attempt {
        if let Some(pause) = self.pause(name) {
            return Attempt::Wait(pause);
        }
        let right = matches(password, phc.unwrap_or(&self.decoy)) && phc.is_some();
        let mut attempts = held(&self.attempts);
        if right {
            attempts.remove(name);
            return Attempt::In(name.to_owned());
        }
        if attempts.len() >= MOST_NAMES {
            attempts.clear();
        }
        let (wrong, last) = attempts.entry(name.to_owned()).or_insert((0, Instant::now()));
        *wrong = wrong.saturating_add(1);
        *last = Instant::now();
        Attempt::Wrong
    }

    /// How long this name must still wait: a second after the fourth wrong one, then twice as long each
    /// time.
    fn pause(&self, name: &str) -> Option<Duration> {
        let attempts = held(&self.attempts);
        let (wrong, last) = attempts.get(name)?;
        let steps = wrong.checked_sub(FREE_ATTEMPTS)?;
        let pause = Duration::from_secs(1 << steps.min(10)).min(LONGEST_PAUSE);
        pause.checked_sub(last.elapsed()).filter(|left| !left.is_zero())
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 256 random bits in hex.
fn token() -> Result<String, GateError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let digit = |v: u8| char::from_digit(u32::from(v), 16).unwrap_or('0');
    Ok(bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}

/// An argon2id hash in PHC form, with the crate's parameters (OWASP's: 19 MiB, 2 passes).
///
/// # Errors
/// `Hash`.
pub fn hash(password: &str) -> Result<String, GateError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|h| h.to_string()).map_err(GateError::Hash)
}

fn matches(password: &str, phc: &str) -> bool {
    let Ok(hash) = PasswordHash::new(phc) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_opens_once() {
        let gate = Gate::new("Sato", true).unwrap();
        let secret = gate.link().unwrap();
        assert_eq!(gate.enter("wrong").unwrap(), None);
        let cookie = gate.enter(&secret).unwrap().unwrap();
        assert_eq!(gate.who(&cookie).as_deref(), Some("Sato"));
        assert_eq!(gate.enter(&secret).unwrap(), None);
        gate.close(&cookie);
        assert_eq!(gate.who(&cookie), None);
    }

    #[test]
    fn wrong_passwords_are_slowed_and_the_right_one_is_not_tried_meanwhile() {
        let gate = Gate::new("owner", false).unwrap();
        let phc = hash("correct horse").unwrap();
        assert!(phc.starts_with("$argon2id$"));
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(gate.attempt("Sato", "wrong", Some(&phc)), Attempt::Wrong);
        }
        assert!(matches!(gate.attempt("Sato", "correct horse", Some(&phc)), Attempt::Wait(_)));
        assert_eq!(gate.attempt("Suzuki", "x", None), Attempt::Wrong);
        let other = gate.attempt("Mori", "correct horse", Some(&phc));
        assert_eq!(other, Attempt::In("Mori".into()));
    }
}
