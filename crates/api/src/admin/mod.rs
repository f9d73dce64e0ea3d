//! Larkspur's own API beside the platform's, under `/larkspur/v1`: what the platform never tells, and
//! what its consoles are for.

pub(crate) mod app;
pub(crate) mod clock;
pub(crate) mod contact;
pub(crate) mod department;
mod directory;
pub(crate) mod event;
pub(crate) mod fault;
pub(crate) mod fixture;
pub(crate) mod gathering;
pub(crate) mod limit;
pub(crate) mod lint;
mod listening;
pub(crate) mod meetings;
pub(crate) mod openapi;
pub(crate) mod overview;
pub(crate) mod record;
pub(crate) mod snapshot;
pub(crate) mod stepping;
pub(crate) mod task;
pub(crate) mod tenant;
pub(crate) mod user;
pub(crate) mod webhook;

use larkspur_platform::TokenKind;

use crate::operation::{
    BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate, TENANT_OR_USER,
};
use crate::{ApiError, Request};

/// An operation for the server's operator alone.
pub(in crate::admin) fn operator(
    id: &'static str,
    method: Method,
    path: &'static str,
    errors: &'static [crate::ErrorCode],
    handler: Handler,
) -> Operation {
    let body = if method == Method::GET { BodyKind::None } else { BodyKind::Json };
    Operation {
        id,
        method,
        path,
        tokens: &[],
        apps: &[],
        scopes: &[],
        rate: Rate::NONE,
        errors,
        body,
        download: false,
        admin: true,
        handler,
    }
}

/// An operation for callers with a token of their own, who find what they may see, and for the operator.
pub(in crate::admin) fn of_anybody(
    id: &'static str,
    method: Method,
    path: &'static str,
    errors: &'static [crate::ErrorCode],
    handler: Handler,
) -> Operation {
    let operation = operator(id, method, path, errors, handler);
    Operation { tokens: TENANT_OR_USER, apps: CUSTOM_OR_STORE, body: BodyKind::None, ..operation }
}

/// An operation on what is known of one app, for the operator and for that app itself.
pub(in crate::admin) fn of_app(
    id: &'static str,
    method: Method,
    path: &'static str,
    errors: &'static [crate::ErrorCode],
    handler: Handler,
) -> Operation {
    let tokens = &[TokenKind::Tenant];
    let operation = operator(id, method, path, errors, handler);
    Operation { tokens, apps: CUSTOM_OR_STORE, body: BodyKind::None, ..operation }
}

/// The app of the path, where the caller is it or the operator.
pub(in crate::admin) fn app_of(request: &Request) -> Result<&str, ApiError> {
    let app = request.path_value("app_id");
    if request.admin || request.caller()?.app.as_str() == app {
        return Ok(app);
    }
    let why = "with a tenant_access_token an app sees itself alone; the operator's token sees all";
    Err(directory::NO_APP.because(why))
}
