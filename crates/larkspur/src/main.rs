//! The program. A re-executed copy of it runs one conversion and nothing else; that is decided
//! before anything is set up.

use std::process::ExitCode;

fn main() -> ExitCode {
    let first = std::env::args_os().nth(1);
    if first.is_some_and(|first| first == larkspur_convert::CHILD_ARGUMENT) {
        return larkspur_convert::child();
    }
    larkspur::commands::main()
}
