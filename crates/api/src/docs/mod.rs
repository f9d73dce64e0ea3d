//! The content of a document as Markdown, written as an export is, in a child process.

mod content;

use larkspur_platform::Layer;

use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The caller may not read or not copy the document.
const FORBIDDEN: ErrorCode = ErrorCode::new(403, 2_889_902, "no permission");
/// A parameter does not fit.
const INVALID_PARAM: ErrorCode = ErrorCode::new(400, 2_889_904, "invalid param");
/// Something broke on our side.
const INTERNAL: ErrorCode = ErrorCode::new(500, 2_889_905, "internal error");
/// The document was deleted.
const DELETED: ErrorCode = ErrorCode::new(403, 2_889_906, "docs deleted").at(Layer::State);
/// There is no such document.
const NOT_FOUND: ErrorCode = ErrorCode::new(400, 2_889_914, "doc token not found").at(Layer::State);
/// The text is longer than the answer may be.
const TOO_LARGE: ErrorCode =
    ErrorCode::new(500, 2_889_925, "content size exceed limit").at(Layer::State);

fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "docsContentGet",
        method: Method::GET,
        path: "/open-apis/docs/v1/content",
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["docs:document.content:read"],
        rate: Rate::per_second(5),
        errors: &[FORBIDDEN, INVALID_PARAM, INTERNAL, DELETED, NOT_FOUND, TOO_LARGE],
        body: BodyKind::None,
        download: false,
        admin: false,
        handler: |services, request| Box::pin(content::get(services, request)),
    }]
}
