//! Addresses of things, as answers give them: under the public address of the server, else under
//! the scheme and host the caller used.

use larkspur_store::objects::ObjectKind;

use crate::{Request, Services};

/// The server's address as this caller knows it, without a slash at the end.
pub(crate) fn base(services: &Services, request: &Request) -> String {
    match &services.settings.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("{}://{}", request.scheme, request.host().unwrap_or("localhost")),
    }
}

/// The address of a thing under `base`.
pub(crate) fn of(base: &str, kind: ObjectKind, token: &str) -> String {
    let place = match kind {
        ObjectKind::Folder => "drive/folder",
        ObjectKind::Docx => "docx",
        ObjectKind::Sheet => "sheets",
        ObjectKind::Bitable => "base",
        ObjectKind::File | ObjectKind::Media | ObjectKind::Export => "file",
    };
    format!("{base}/{place}/{token}")
}
