//! Upload forms: parts in any order, the file maybe first, so the file goes to its blob while it
//! arrives and everything is checked afterwards (clients' notes, "Uploads").

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use larkspur_store::Error as StoreError;
use larkspur_store::blobs::{BlobInfo, Blobs};
use multer::Field;

use super::codes;
use crate::ApiError;

/// Text fields a form may have.
const MOST_FIELDS: usize = 32;
/// Bytes a text field may have.
const MOST_FIELD_BYTES: usize = 64 << 10;

/// A form that was read: its texts by name, and its file, which lies in a blob nobody claimed yet.
pub(super) struct Form {
    fields: Vec<(String, String)>,
    /// Size and checksum of the file, if the form had one.
    pub(super) file: Option<BlobInfo>,
    /// Whether the file was cut off because it is larger than allowed.
    pub(super) too_large: bool,
}

impl Form {
    /// A text field; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(key, _)| key == name)?;
        Some(field.1.as_str()).filter(|value| !value.is_empty())
    }

    /// A field with a decimal number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| *number >= 0);
        let why = || codes::PARAMS.because(format!("{name} is not a number: {text:.40}"));
        number.map(Some).ok_or_else(why)
    }
}

/// Reads a form, its file (the part named `file`, whatever its file name) into the blob `key`.
pub(super) async fn read(
    form: crate::Form,
    blobs: &Blobs,
    key: &str,
    most_bytes: u64,
) -> Result<Form, ApiError> {
    let crate::Form { parts: mut form, arrived } = form;
    let mut read = Form { fields: Vec::new(), file: None, too_large: false };
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name().map(str::to_owned) {
            Some(name) if name == "file" => match keep(field, blobs, key, most_bytes).await? {
                Some(info) => {
                    arrived.add(&name, info.size_bytes);
                    read.file = Some(info);
                }
                None => read.too_large = true,
            },
            Some(name) if read.fields.len() < MOST_FIELDS => {
                let value = text(field).await?;
                arrived.add(&name, value.len() as u64);
                read.fields.push((name, value));
            }
            _ => skip(field).await?,
        }
    }
    Ok(read)
}

/// The file, within its limit; `None` when it is larger, which is read to its end nevertheless so
/// that the caller hears why.
async fn keep(
    field: Field<'static>,
    blobs: &Blobs,
    key: &str,
    most_bytes: u64,
) -> Result<Option<BlobInfo>, ApiError> {
    let mut field = field.map_err(unreadable).boxed();
    let kept = blobs.put_stream(key, capped(&mut field, most_bytes)).await;
    match kept {
        Ok(info) => Ok(Some(info)),
        Err(StoreError::Source(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
            while let Ok(Some(_)) = field.try_next().await {}
            Ok(None)
        }
        Err(StoreError::Source(error)) => Err(codes::DISCONNECTED.because(error.to_string())),
        Err(error) => Err(codes::UPLOAD_INTERNAL.caused_by(error)),
    }
}

/// The chunks of a file, ending in an error once there are more than `most_bytes`.
fn capped(
    chunks: &mut (impl Stream<Item = io::Result<Bytes>> + Send + Unpin),
    most_bytes: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold((chunks, most_bytes), |(chunks, left)| async move {
        match chunks.next().await? {
            Ok(chunk) if chunk.len() as u64 > left => {
                Some((Err(io::Error::from(io::ErrorKind::FileTooLarge)), (chunks, 0)))
            }
            Ok(chunk) => {
                let left = left - chunk.len() as u64;
                Some((Ok(chunk), (chunks, left)))
            }
            Err(error) => Some((Err(error), (chunks, 0))),
        }
    })
}

async fn text(mut field: Field<'static>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > MOST_FIELD_BYTES {
            return Err(codes::PARAMS.because("a field of the form is longer than 64 KiB"));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| codes::PARAMS.because("a field of the form is not UTF-8"))
}

async fn skip(mut field: Field<'static>) -> Result<(), ApiError> {
    while field.chunk().await.map_err(|error| broken(&error))?.is_some() {}
    Ok(())
}

fn unreadable(error: multer::Error) -> io::Error {
    io::Error::other(error)
}

fn broken(error: &multer::Error) -> ApiError {
    match error {
        multer::Error::StreamReadFailed(_) => codes::DISCONNECTED.because(error.to_string()),
        _ => codes::PARAMS.because(format!("the form cannot be read: {error}")),
    }
}
