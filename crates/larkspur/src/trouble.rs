//! Errors as people meet them on a terminal: what happened, what to do about it, and the exit code.

use std::error::Error;
use std::fmt;

/// Something that ends a command.
#[derive(Debug)]
pub struct Trouble {
    message: String,
    hint: Option<String>,
    exit: u8,
}

/// The result of a command and its steps.
pub type Attempt<T = ()> = Result<T, Trouble>;

/// The work itself failed: a task, a conversion, a request.
const FAILED: u8 = 1;
/// Wrong usage, found later than the command line was read.
const USAGE: u8 = 2;
/// The server cannot be reached, refuses the credentials, or cannot start as configured.
const SETUP: u8 = 3;
/// The wait ended before the task did.
const UNFINISHED: u8 = 4;
/// Nothing of much work was done.
const NOTHING_DONE: u8 = 5;
/// Somebody pressed Ctrl-C.
const INTERRUPTED: u8 = 130;

impl Trouble {
    /// Something failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: FAILED }
    }

    /// Something failed, and why.
    pub fn caused(message: impl fmt::Display, cause: &dyn Error) -> Self {
        let mut text = message.to_string();
        let mut next = Some(cause);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        Self::new(text)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The cause lies in how the program was set up.
    #[must_use]
    pub const fn setup(mut self) -> Self {
        self.exit = SETUP;
        self
    }

    /// What was asked for makes no sense.
    #[must_use]
    pub const fn usage(mut self) -> Self {
        self.exit = USAGE;
        self
    }

    /// Of everything that was asked for, nothing was done.
    #[must_use]
    pub const fn nothing_done(mut self) -> Self {
        self.exit = NOTHING_DONE;
        self
    }

    /// The task goes on, only nobody waits for it any more.
    #[must_use]
    pub const fn unfinished(mut self) -> Self {
        self.exit = UNFINISHED;
        self
    }

    /// Somebody asked to stop.
    #[must_use]
    pub const fn interrupted(mut self) -> Self {
        self.exit = INTERRUPTED;
        self
    }

    /// What the process should exit with.
    pub const fn exit_code(&self) -> u8 {
        self.exit
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "\n hint: {}", hint.replace('\n', "\n       ")),
            None => Ok(()),
        }
    }
}

impl Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_says_what_happened_and_what_to_do() {
        let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
        let trouble = Trouble::caused("cannot read x.md", &cause).hint("look\nagain").setup();
        assert_eq!(
            trouble.to_string(),
            "error: cannot read x.md: entity not found\n hint: look\n       again"
        );
        assert_eq!(trouble.exit_code(), 3);
    }
}
