//! Compound files: the container that the Office programs of 1997 to 2003 write, and numbers out of its
//! streams. What the streams mean is their readers' business.

pub(crate) mod bytes;
mod container;

pub(crate) use self::container::{COMPOUND_MAGIC, Container, Stream};
