//! The typesetter: Typst source and named pictures in, PDF bytes and facts out. It knows nothing of
//! documents; a crate of its own because building it takes minutes.

pub mod fonts;
mod lists;
mod marks;
mod pictures;
mod print;
mod run;
mod world;

pub use self::fonts::Fonts;
pub use self::pictures::{Picture, prepare};
pub use self::print::{Piece, Print, Rows, Watch, Work, print};

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Whoever watches asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// More pieces or pictures than one print can name.
    #[error("too much for one print: {0}")]
    TooLarge(String),
    /// The typesetter refused the source; its words are kept.
    #[error("the typesetter gave up: {0}")]
    Refused(String),
}
