//! Documents as wholes: made, read, their plain text; and texts turned into blocks that belong to no
//! document yet.

mod convert;
mod create;
mod get;

use super::{LIMITED, READ_SCOPES, codes};
use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let read = |id, path, errors, handler| Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: READ_SCOPES,
        rate: Rate::per_second(5).answered(LIMITED),
        errors,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    };
    vec![
        Operation {
            method: Method::POST,
            scopes: &["docx:document", "docx:document:create"],
            rate: Rate::per_second(3).answered(LIMITED),
            body: BodyKind::Json,
            ..read(
                "docxDocumentCreate",
                "/open-apis/docx/v1/documents",
                codes::CREATE,
                |services, request| Box::pin(create::create(services, request)),
            )
        },
        read(
            "docxDocumentGet",
            "/open-apis/docx/v1/documents/{document_id}",
            codes::READ,
            |services, request| Box::pin(get::document(services, request)),
        ),
        read(
            "docxDocumentRawContent",
            "/open-apis/docx/v1/documents/{document_id}/raw_content",
            codes::READ_PLAIN,
            |services, request| Box::pin(get::raw_content(services, request)),
        ),
        Operation {
            method: Method::POST,
            scopes: &["docx:document.block:convert"],
            rate: Rate::NONE,
            body: BodyKind::LongJson { most_bytes: convert::MOST_BYTES },
            ..read(
                "docxDocumentConvert",
                "/open-apis/docx/v1/documents/blocks/convert",
                codes::CONVERT,
                |services, request| Box::pin(convert::convert(services, request)),
            )
        },
    ]
}
