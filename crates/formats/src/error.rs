//! Why a conversion gave up. What was merely left out is a loss, not an error.

use std::io;

/// A conversion that gave up. The variants are what callers decide on; the text is for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is encrypted or needs a password.
    #[error("the file is encrypted; remove the password and try again")]
    Encrypted,
    /// The file breaks its format's rules where they matter.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file is of a kind that nothing here reads, or the pair of formats has no converter.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The content is another format than the one named.
    #[error("the content is {found}, not {expected}")]
    Mismatch {
        /// The format that was named.
        expected: &'static str,
        /// What the bytes look like.
        found: String,
    },
    /// A safety limit was hit: sizes, depths, ratios that no honest file has.
    #[error("too large: {0}")]
    TooLarge(String),
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Reading or writing failed.
    #[error("input or output failed")]
    Io(#[from] io::Error),
}

impl Error {
    /// A damaged file, with what is wrong about it.
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}
