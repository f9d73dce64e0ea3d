//! Access tokens of self-built apps. Both operations answer HTTP 200 whatever happens, with their
//! fields beside `code` (contract, "Tokens"; clients' notes, "Tokens").

mod codes;
mod issue;
mod wire;

use crate::Resource;
use crate::operation::{BodyKind, CUSTOM, Method, Operation, Rate};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let issue = |id, path, handler| Operation {
        id,
        method: Method::POST,
        path,
        tokens: &[],
        apps: CUSTOM,
        scopes: &[],
        rate: Rate::NONE,
        errors: codes::ALL,
        body: BodyKind::Json,
        download: false,
        admin: false,
        handler,
    };
    vec![
        issue(
            "authTenantAccessTokenInternal",
            "/open-apis/auth/v3/tenant_access_token/internal",
            |services, request| Box::pin(issue::tenant(services, request)),
        ),
        issue(
            "authAppAccessTokenInternal",
            "/open-apis/auth/v3/app_access_token/internal",
            |services, request| Box::pin(issue::app(services, request)),
        ),
    ]
}
