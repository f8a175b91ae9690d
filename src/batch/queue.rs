//! A bounded queue that knows when everything taken from it has been finished.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Many may push and pop; `pop` ends with `None` when the queue is closed and empty.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

struct State<T> {
    items: VecDeque<T>,
    /// Taken, and `done` not yet called.
    in_work: usize,
    /// How many wait until it is idle.
    awaited: usize,
    closed: bool,
    /// Nobody takes any more.
    abandoned: bool,
}

/// Closes a queue when the part that fills it ends, however it ends; otherwise those who take from it
/// would wait for ever.
pub struct Closing<'a, T>(pub &'a Queue<T>);

impl<T> Drop for Closing<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What came of waiting.
pub enum Popped<T> {
    Item(T),
    /// Patience is over, or somebody waits for what was taken to be dealt with.
    Nothing,
    Closed,
}

impl<T> Queue<T> {
    pub fn new(capacity: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            in_work: 0,
            awaited: 0,
            closed: false,
            abandoned: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing panics while it holds the lock; the state is whole in any case.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, guard: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room. Into a closed queue nothing goes.
    pub fn push(&self, item: T) {
        let mut state = self.lock();
        while state.items.len() >= self.capacity && !state.closed {
            state = self.wait(state);
        }
        if !state.closed {
            state.items.push_back(item);
            self.changed.notify_all();
        }
    }

    pub fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                state.in_work += 1;
                self.changed.notify_all();
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Waits no longer than `patience`.
    pub fn pop_within(&self, patience: Duration) -> Popped<T> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                state.in_work += 1;
                self.changed.notify_all();
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::Closed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.awaited > 0 && state.in_work > 0 {
                return Popped::Nothing;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// So many items that were taken have been dealt with.
    pub fn done(&self, items: usize) {
        let mut state = self.lock();
        state.in_work = state.in_work.saturating_sub(items);
        self.changed.notify_all();
    }

    /// Until nothing is waiting and nothing in work, or it is abandoned.
    pub fn wait_idle(&self) {
        let mut state = self.lock();
        state.awaited += 1;
        self.changed.notify_all();
        while !(state.abandoned || state.items.is_empty() && state.in_work == 0) {
            state = self.wait(state);
        }
        state.awaited -= 1;
    }

    /// No more will come; what is in it will still be taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Closes it and throws away what is in it.
    pub fn abandon(&self) {
        let mut state = self.lock();
        (state.closed, state.abandoned) = (true, true);
        state.items.clear();
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn who_waits_for_what_was_taken_ends_the_taker_s_patience() {
        let queue = Queue::new(4);
        let (patience, start) = (Duration::from_mins(1), Instant::now());
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(matches!(queue.pop_within(patience), Popped::Item(7)));
                assert!(matches!(queue.pop_within(patience), Popped::Nothing));
                queue.done(1);
            });
            queue.push(7);
            queue.wait_idle();
        });
        assert!(start.elapsed() < patience);
    }

    #[test]
    fn without_anything_taken_patience_is_kept() {
        let queue = Queue::<u8>::new(4);
        queue.wait_idle();
        let (patience, start) = (Duration::from_millis(20), Instant::now());
        assert!(matches!(queue.pop_within(patience), Popped::Nothing));
        assert!(start.elapsed() >= patience);
        queue.close();
        assert!(matches!(queue.pop_within(patience), Popped::Closed));
    }
}
