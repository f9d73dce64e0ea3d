//! The wiki: spaces, their members, the trees of nodes in them, and the task family that moves
//! documents of the drive there. What several of its rooms share stands beside them in this folder.

pub(crate) mod member;
pub(crate) mod node;
pub(crate) mod space;
pub(crate) mod task;

mod codes;
mod page;
mod place;
mod view;

use crate::ErrorCode;
use crate::operation::TENANT_OR_USER;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate};

/// An operation as nearly all of the wiki are: for apps and users, a hundred calls a minute.
fn operation(
    id: &'static str,
    method: Method,
    path: &'static str,
    scopes: &'static [&'static str],
    errors: &'static [ErrorCode],
    handler: Handler,
) -> Operation {
    let body = if method == Method::GET { BodyKind::None } else { BodyKind::Json };
    Operation {
        id,
        method,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes,
        rate: Rate::per_minute(100),
        errors,
        body,
        download: false,
        admin: false,
        handler,
    }
}
