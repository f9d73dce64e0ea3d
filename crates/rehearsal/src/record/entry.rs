//! A request as it is kept, and as it is shown.

use bytes::Bytes;
use larkspur_model::time::Millis;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::mask;
use super::{Recorded, Sent};

/// A request and its answer, without secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    at_ms: Millis,
    log_id: String,
    operation: &'static str,
    method: &'static str,
    path: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    query: String,
    status: u16,
    code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    micros: u64,
    request: Kept,
    answer: Kept,
}

/// A body as it is kept.
#[derive(Debug, Clone)]
pub enum Kept {
    /// None.
    Nothing,
    /// All of a JSON body, or the beginning of a longer one.
    Json {
        /// What is kept, masked.
        bytes: Bytes,
        /// Its size as it was sent, bytes.
        size_bytes: usize,
    },
    /// Bytes of another kind, which are not kept.
    Other {
        /// Their size.
        size_bytes: usize,
    },
    /// The parts of a form.
    Form(Vec<Part>),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its size, bytes.
        size_bytes: u64,
    },
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub size_bytes: u64,
}

impl Entry {
    pub(super) fn new(recorded: Recorded<'_>, most_bytes: usize) -> Self {
        let tokens = recorded.hands_out_tokens;
        Self {
            at_ms: recorded.at_ms,
            log_id: recorded.log_id.to_owned(),
            operation: recorded.operation,
            method: method(recorded.method),
            path: recorded.path.to_owned(),
            query: mask::query(recorded.query),
            status: recorded.status,
            code: recorded.code,
            layer: recorded.refusal.map(|(layer, _)| layer),
            why: recorded.refusal.map(|(_, why)| why.to_owned()),
            micros: recorded.micros,
            request: Kept::new(recorded.request, tokens, most_bytes),
            answer: Kept::new(recorded.answer, tokens, most_bytes),
        }
    }

    /// What its bodies take.
    pub(super) fn body_bytes(&self) -> usize {
        [&self.request, &self.answer]
            .map(|kept| match kept {
                Kept::Json { bytes, .. } => bytes.len(),
                _ => 0,
            })
            .iter()
            .sum::<usize>()
            + 300
    }
}

impl Kept {
    fn new(sent: Sent<'_>, tokens: bool, most_bytes: usize) -> Self {
        match sent {
            Sent::Nothing => Self::Nothing,
            Sent::Form(parts) => Self::Form(parts),
            Sent::File { name, size_bytes } => Self::File { name, size_bytes },
            Sent::Bytes(bytes) if !matches!(bytes.first(), Some(b'{' | b'[')) => {
                Self::Other { size_bytes: bytes.len() }
            }
            Sent::Bytes(bytes) => {
                let size_bytes = bytes.len();
                let begin = bytes.slice(..size_bytes.min(most_bytes));
                let masked = mask::json(&begin, tokens);
                // A piece would keep the whole of what it was cut from.
                let whole = size_bytes <= most_bytes;
                let bytes = if whole { masked } else { Bytes::copy_from_slice(&masked) };
                Self::Json { bytes, size_bytes }
            }
        }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Described<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            cut: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            file: Option<&'a str>,
            size_bytes: u64,
        }
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Form(parts) => parts.serialize(serializer),
            Self::File { name, size_bytes } => {
                Described { cut: None, file: Some(name), size_bytes: *size_bytes }
                    .serialize(serializer)
            }
            Self::Other { size_bytes } => {
                Described { cut: None, file: None, size_bytes: *size_bytes as u64 }
                    .serialize(serializer)
            }
            Self::Json { bytes, size_bytes } => {
                if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
                    return value.serialize(serializer);
                }
                let text = String::from_utf8_lossy(bytes);
                Described { cut: Some(&text), file: None, size_bytes: *size_bytes as u64 }
                    .serialize(serializer)
            }
        }
    }
}

fn method(name: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("another")
}
