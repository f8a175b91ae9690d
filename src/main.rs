//! Exits with a code; nothing else.

fn main() -> std::process::ExitCode {
    faxtally::cli::main(std::env::args_os())
}
