//! Online documents, read back: title, blocks and plain text. Editing is another room's work.

mod codes;
mod load;
mod view;
mod wire;

use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{ErrorCode, Resource};

pub(crate) use self::load::DocumentCache;

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// docx pages answer too many calls with HTTP 400 (contract, "Rate limiting").
const LIMITED: ErrorCode = ErrorCode::new(400, 99_991_400, "request trigger frequency limit");

fn operations() -> Vec<Operation> {
    let read = |id, path, errors, handler| Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["docx:document", "docx:document:readonly"],
        rate: Rate::per_second(5).answered(LIMITED),
        errors,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    };
    vec![
        read(
            "docxDocumentGet",
            "/open-apis/docx/v1/documents/{document_id}",
            codes::READ,
            |services, request| Box::pin(view::document(services, request)),
        ),
        read(
            "docxDocumentRawContent",
            "/open-apis/docx/v1/documents/{document_id}/raw_content",
            codes::READ_PLAIN,
            |services, request| Box::pin(view::raw_content(services, request)),
        ),
        read(
            "docxDocumentBlockList",
            "/open-apis/docx/v1/documents/{document_id}/blocks",
            codes::READ,
            |services, request| Box::pin(view::blocks(services, request)),
        ),
        read(
            "docxDocumentBlockGet",
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}",
            codes::READ,
            |services, request| Box::pin(view::block(services, request)),
        ),
    ]
}
