//! Access tokens of apps. The operations answer HTTP 200 whatever the credentials are, with their
//! fields beside `code` (contract, "Tokens"; clients' notes, "Tokens").

mod codes;
mod issue;
mod wire;

use larkspur_platform::AppKind;

use crate::operation::{BodyKind, CUSTOM, Handler, Method, Operation, Rate};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

const STORE: &[AppKind] = &[AppKind::Store];

fn issue(
    id: &'static str,
    path: &'static str,
    apps: &'static [AppKind],
    errors: &'static [ErrorCode],
    handler: Handler,
) -> Operation {
    Operation {
        id,
        method: Method::POST,
        path,
        tokens: &[],
        apps,
        scopes: &[],
        rate: Rate::NONE,
        errors,
        body: BodyKind::Json,
        download: false,
        admin: false,
        handler,
    }
}

fn operations() -> Vec<Operation> {
    let tenant: Handler = |services, request| Box::pin(issue::tenant(services, request));
    let app: Handler = |services, request| Box::pin(issue::app(services, request));
    let store_app: Handler = |services, request| Box::pin(issue::store_app(services, request));
    let store_tenant: Handler =
        |services, request| Box::pin(issue::store_tenant(services, request));
    let resend: Handler = |services, request| Box::pin(issue::resend(services, request));
    vec![
        issue(
            "authTenantAccessTokenInternal",
            "/open-apis/auth/v3/tenant_access_token/internal",
            CUSTOM,
            codes::CUSTOM,
            tenant,
        ),
        issue(
            "authAppAccessTokenInternal",
            "/open-apis/auth/v3/app_access_token/internal",
            CUSTOM,
            codes::CUSTOM,
            app,
        ),
        issue(
            "authTenantAccessToken",
            "/open-apis/auth/v3/tenant_access_token",
            STORE,
            codes::STORE_TENANT,
            store_tenant,
        ),
        // An older SDK leaves the beginning of the path out (contract, NOTES §2.1).
        issue(
            "authTenantAccessTokenShort",
            "/auth/v3/tenant_access_token",
            STORE,
            codes::STORE_TENANT,
            store_tenant,
        ),
        issue(
            "authAppAccessToken",
            "/open-apis/auth/v3/app_access_token",
            STORE,
            codes::STORE_APP,
            store_app,
        ),
        issue(
            "authAppTicketResend",
            "/open-apis/auth/v3/app_ticket/resend",
            STORE,
            codes::RESEND,
            resend,
        ),
    ]
}
