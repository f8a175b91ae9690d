//! Where a panic is caught. The decoders of other people are fed bytes from a telephone
//! line; a hostile file may trip an assertion in them, and the rest of the batch must go on.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::error::DecodeError;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Silences the panic message of guarded calls only: it would otherwise be printed between the
/// batch's own lines although the page is reported with its reason.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                previous(info);
            }
        }));
    });
}

/// Runs `f`; a panic inside becomes [`DecodeError::Damaged`]. Nothing that `f` borrows may be left
/// half changed where someone reads it later: callers pass only input bytes and own locals.
pub(super) fn guarded<T>(f: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    caught(f).unwrap_or_else(|_| Err(DecodeError::damaged("the decoder gave up on its content")))
}

/// Runs `f`; a panic inside is handed back instead of being printed. The same care as for `guarded`.
///
/// # Errors
/// The panic's payload.
pub(crate) fn caught<T>(f: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    install_hook();
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    GUARDED.set(outer);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_thread_goes_on() {
        let empty: Vec<u8> = Vec::new();
        let got = guarded(|| Ok(empty[std::hint::black_box(3)]));
        assert!(matches!(got, Err(DecodeError::Damaged { .. })));
        assert_eq!(guarded(|| Ok(7)), Ok(7));
        assert!(!GUARDED.get());
    }
}
