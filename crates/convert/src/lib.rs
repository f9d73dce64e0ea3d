//! Runs conversions in a child process of the same binary, under limits of time and memory and in
//! a sandbox: a file that hangs, crashes or swallows its reader ends its own task and nothing else.
//! How formats are read and written is not here, nor when a conversion runs.

mod child;
mod converter;
mod failure;
mod meter;
mod perform;
mod sandbox;
mod status;
mod wire;
mod work;

pub use self::child::{CHILD_ARGUMENT, Perform, child, child_performing};
pub use self::converter::{Converter, ConverterConfig, own_executable};
pub use self::failure::{Error, failure_of};
pub use self::meter::Meter;
pub use self::perform::perform;
pub use self::sandbox::{Enforcement, Sandbox, probe as probe_sandbox};
pub use self::work::{Made, Produced, Usage, Work};
