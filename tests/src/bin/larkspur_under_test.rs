//! The server's own `main`, built as a binary of this crate so that its tests always run the code
//! of this tree.

use std::process::ExitCode;

fn main() -> ExitCode {
    larkspur::main()
}
