//! What an operation answers: a finished JSON body, a file to
//! stream, events, a page, another address. Bodies are serialised once, straight into the bytes
//! that leave.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use larkspur_rehearsal::lint::Note;
use serde::Serialize;

use crate::{ApiError, codes};

/// Chunks of a file.
pub type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A successful answer.
pub enum Answer {
    /// A whole JSON body.
    Json(Bytes),
    /// A whole JSON body, and what the linter is told about it.
    Noted(Bytes, Note),
    /// A file.
    File(FileAnswer),
    /// Server-sent events, for as long as somebody listens.
    Events(Chunks),
    /// A page for a person.
    Page(PageAnswer),
    /// Something pages are made with, which is part of the program.
    Asset(AssetAnswer),
    /// Where a browser is to go next.
    Redirect {
        /// The address.
        to: String,
        /// The whole of a `Set-Cookie` header.
        cookie: Option<String>,
    },
    /// Numbers about the server, as Prometheus reads them.
    Text(Bytes),
}

/// A page for a person, which asks no other server and stands in no frame.
pub struct PageAnswer {
    /// HTTP status.
    pub http: u16,
    /// The number of the refusal that it tells of; 0 for none.
    pub code: i64,
    /// The page.
    pub html: String,
    /// What the browser lets it do.
    pub policy: PagePolicy,
    /// The whole of a `Set-Cookie` header.
    pub cookie: Option<String>,
}

/// What a browser lets a page do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagePolicy {
    /// It stands alone and runs nothing.
    Alone {
        /// What its style elements carry: a text that is another one on each page.
        style_nonce: String,
        /// Where its form may lead beside this server: an origin or a scheme, with a colon.
        form_target: Option<String>,
    },
    /// It is made with what this server serves beside it: styles, scripts, pictures. Nothing that
    /// stands in the page itself runs.
    OwnServer,
}

/// A part of pages that never changes under its address.
pub struct AssetAnswer {
    /// Media type.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: &'static [u8],
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
    /// What the linter is told about it.
    pub note: Option<Note>,
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
    /// The number it tells of; 0 unless it is a page about a refusal.
    pub const fn code(&self) -> i64 {
        match self {
            Self::Page(page) => page.code,
            Self::Json(_)
            | Self::Noted(..)
            | Self::File(_)
            | Self::Events(_)
            | Self::Asset(_)
            | Self::Text(_)
            | Self::Redirect { .. } => 0,
        }
    }

    /// The envelope around `data`, with `code` 0 (contract, "Envelope").
    pub fn data(data: &impl Serialize) -> Result<Self, ApiError> {
        Self::body(data).map(Self::Json)
    }

    /// That envelope as bytes, to be kept.
    pub(crate) fn body(data: &impl Serialize) -> Result<Bytes, ApiError> {
        written(&Envelope { code: 0, msg: "success", data })
    }

    /// This answer, with what the linter is told about it.
    #[must_use]
    pub fn noted(self, note: Note) -> Self {
        match self {
            Self::Json(bytes) | Self::Noted(bytes, _) => Self::Noted(bytes, note),
            Self::File(file) => Self::File(FileAnswer { note: Some(note), ..file }),
            // Pages are for people, whom nobody lints; streams are Larkspur's own.
            other @ (Self::Page(_)
            | Self::Asset(_)
            | Self::Redirect { .. }
            | Self::Events(_)
            | Self::Text(_)) => other,
        }
    }

    /// What the linter is told about it.
    pub const fn note(&self) -> Option<Note> {
        match self {
            Self::Json(_)
            | Self::Page(_)
            | Self::Asset(_)
            | Self::Redirect { .. }
            | Self::Events(_)
            | Self::Text(_) => None,
            Self::Noted(_, note) => Some(*note),
            Self::File(file) => file.note,
        }
    }

    /// An empty `data` object.
    pub fn empty() -> Result<Self, ApiError> {
        Self::data(&Empty {})
    }

    /// A body that is no envelope, or brings its own (the token endpoints).
    pub fn flat(body: &impl Serialize) -> Result<Self, ApiError> {
        written(body).map(Self::Json)
    }
}

fn written(body: &impl Serialize) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::with_capacity(256);
    serde_json::to_writer(&mut bytes, body).map_err(|error| codes::INTERNAL.caused_by(error))?;
    Ok(Bytes::from(bytes))
}
