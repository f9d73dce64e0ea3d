//! What the zipped XML formats share: the archive and its caps, package parts with their types and
//! relationships, what a file really is, and XML as a stream. No format's own vocabulary.

mod archive;
mod detect;
mod encoding;
mod feed;
mod inflate;
mod package;
mod scanner;
mod text;

pub(crate) use self::detect::{Found, detect, mismatch};
pub(crate) use self::encoding::Decoded;
pub(crate) use self::feed::{Chunk, Feed, Whole};
pub(crate) use self::package::{Package, Part, Relationship};
pub(crate) use self::scanner::{Event, Scanner};
pub(crate) use self::text::{decode_into, decode_xstring};
