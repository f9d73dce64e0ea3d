//! Online documents: what the rooms of documents and of blocks share. `open` finds the document a
//! request names, `edit` is the road of every edit, `show` prints blocks, `input` and `parse` read
//! them, `resolve` looks up what they name, `grow` puts them in by the `rules`.

pub(crate) mod block;
pub(crate) mod document;

mod codes;
mod edit;
mod grow;
mod input;
mod open;
mod parse;
mod parse_text;
mod people;
mod resolve;
mod rules;
mod show;
mod show_text;

use crate::ErrorCode;

/// docx pages answer too many calls with HTTP 400 (contract, "Rate limiting").
const LIMITED: ErrorCode = ErrorCode::new(400, 99_991_400, "request trigger frequency limit");

/// What reading a document takes, any one of these.
const READ_SCOPES: &[&str] = &["docx:document", "docx:document:readonly"];
/// What writing blocks takes, any one of these.
const WRITE_SCOPES: &[&str] = &["docx:document", "docx:document:write_only"];
