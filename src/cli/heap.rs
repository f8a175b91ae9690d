//! What the C library's heap gives back, for a server that runs all day.

#[cfg(all(feature = "server", unix))]
use std::process::{Command, Stdio};

/// Bytes from which a piece of memory is the system's own and goes back at once: the C library begins with
/// this, and raises it to the size of every picture that was let go.
#[cfg(all(feature = "server", unix))]
const OWN: &str = "131072";

/// Starts the program anew with glibc held to one heap: it makes one for every thread, and what one has let
/// go no other can use. With 8,330 responses, after 500 decisions and once the account was made anew, the
/// server needs 92 MB so; it was 119 MB against 188 MB when both were measured. Whoever has set it themselves keeps theirs; no other system
/// knows the names.
#[cfg(all(feature = "server", unix))]
pub fn hold_to_one() {
    use std::os::unix::process::CommandExt as _;
    const HEAPS: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(HEAPS).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    if !starts(&program) {
        return;
    }
    // Returns only if it fails; then the server needs more.
    let _ = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(HEAPS, "1")
        .env("MALLOC_MMAP_THRESHOLD_", OWN)
        .env("MALLOC_TRIM_THRESHOLD_", OWN)
        .exec();
}

/// Whether the program can be started where it lies: it may have been replaced meanwhile, or nothing may be
/// started here. Asked of a child, because a failed `exec` leaves SIGPIPE deadly, and a server meets it
/// whenever a browser goes away.
#[cfg(all(feature = "server", unix))]
fn starts(program: &std::path::Path) -> bool {
    let mut child = Command::new(program);
    child.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    child.status().is_ok_and(|status| status.success())
}

#[cfg(all(feature = "server", not(unix)))]
pub fn hold_to_one() {}
