//! Blocks: listed and read, made with or without others inside them, changed, deleted.

mod create;
mod delete;
mod descend;
mod grid;
mod list;
mod media;
mod table;
mod update;
mod wire;

use super::{LIMITED, READ_SCOPES, WRITE_SCOPES, codes};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Too many edits of one document (contract, "Rate limiting": the second bucket).
const DOCUMENT_LIMITED: ErrorCode =
    ErrorCode::new(429, 99_991_400, "request trigger frequency limit");

fn operations() -> Vec<Operation> {
    let read = |id, path, handler| Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: READ_SCOPES,
        rate: Rate::per_second(5).answered(LIMITED),
        errors: codes::READ,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    };
    let edit = |id, method, path, errors, handler| Operation {
        method,
        scopes: WRITE_SCOPES,
        rate: Rate::per_second(3)
            .per_document_per_second(3, "document_id")
            .answered(LIMITED)
            .answered_for_documents(DOCUMENT_LIMITED),
        errors,
        body: BodyKind::Json,
        ..read(id, path, handler)
    };
    vec![
        read(
            "docxDocumentBlockList",
            "/open-apis/docx/v1/documents/{document_id}/blocks",
            |services, request| Box::pin(list::blocks(services, request)),
        ),
        read(
            "docxDocumentBlockGet",
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}",
            |services, request| Box::pin(list::block(services, request)),
        ),
        read(
            "docxDocumentBlockChildrenGet",
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}/children",
            |services, request| Box::pin(list::children(services, request)),
        ),
        edit(
            "docxDocumentBlockChildrenCreate",
            Method::POST,
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}/children",
            codes::CREATE_CHILDREN,
            |services, request| Box::pin(create::create(services, request)),
        ),
        edit(
            "docxDocumentBlockDescendantCreate",
            Method::POST,
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}/descendant",
            codes::CREATE_DESCENDANTS,
            |services, request| Box::pin(descend::create(services, request)),
        ),
        edit(
            "docxDocumentBlockPatch",
            Method::PATCH,
            "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}",
            codes::UPDATE,
            |services, request| Box::pin(update::one(services, request)),
        ),
        edit(
            "docxDocumentBlockBatchUpdate",
            Method::PATCH,
            "/open-apis/docx/v1/documents/{document_id}/blocks/batch_update",
            codes::UPDATE,
            |services, request| Box::pin(update::many(services, request)),
        ),
        Operation {
            scopes: &["docx:document"],
            ..edit(
                "docxDocumentBlockChildrenBatchDelete",
                Method::DELETE,
                "/open-apis/docx/v1/documents/{document_id}/blocks/{block_id}/children/batch_delete",
                codes::DELETE,
                |services, request| Box::pin(delete::delete(services, request)),
            )
        },
    ]
}
