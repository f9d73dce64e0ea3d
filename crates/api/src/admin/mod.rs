//! Larkspur's own API beside the platform's, under `/larkspur/v1`: what the platform never tells, and
//! what its consoles are for.

pub(crate) mod app;
pub(crate) mod clock;
pub(crate) mod department;
mod directory;
pub(crate) mod fault;
pub(crate) mod fixture;
pub(crate) mod gathering;
pub(crate) mod snapshot;
pub(crate) mod stepping;
pub(crate) mod task;
pub(crate) mod tenant;
pub(crate) mod user;

use crate::operation::{BodyKind, Handler, Method, Operation, Rate};

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
