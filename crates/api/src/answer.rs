//! What an operation answers: a finished JSON body, or a file to stream. Bodies are serialised once,
//! straight into the bytes that leave.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use serde::Serialize;

use crate::{ApiError, codes};

/// Chunks of a file.
pub type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A successful answer.
pub enum Answer {
    /// A whole JSON body.
    Json(Bytes),
    /// A file.
    File(FileAnswer),
}

/// A file, or a part of one.
pub struct FileAnswer {
    /// Name to save it under.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size of the whole file.
    pub size_bytes: u64,
    /// First and last byte sent, for a part.
    pub part: Option<(u64, u64)>,
    /// The bytes: all, or those of the part.
    pub chunks: Chunks,
}

#[derive(Serialize)]
struct Envelope<T> {
    code: i64,
    msg: &'static str,
    data: T,
}

#[derive(Serialize)]
struct Empty {}

impl Answer {
    /// The envelope around `data`, with `code` 0 (contract, "Envelope").
    pub fn data(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::flat(&Envelope { code: 0, msg: "success", data })
    }

    /// An empty `data` object.
    pub fn empty() -> Result<Self, ApiError> {
        Self::data(&Empty {})
    }

    /// A body that is no envelope, or brings its own (the token endpoints).
    pub fn flat(body: &impl Serialize) -> Result<Self, ApiError> {
        let mut bytes = Vec::with_capacity(256);
        serde_json::to_writer(&mut bytes, body)
            .map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(Self::Json(Bytes::from(bytes)))
    }
}
