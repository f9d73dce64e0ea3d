//! Contact batches: many users or departments are added or updated by one request. A caller submits
//! them, gets a task id, and asks with it how many are done and, in the end, what became of each.
//! Items are independent of each other; they are done some hundred at a time, and what is done stays
//! done whatever happens to the server.

mod codes;
mod job;
mod payload;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

use larkspur_platform::TokenKind;

use crate::Resource;
use crate::operation::{BodyKind, CUSTOM, Method, Operation, Rate};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::BatchJob::new(parts.clone()))] };

fn operations() -> Vec<Operation> {
    let operation = |id, method, path, errors, body, handler| Operation {
        id,
        method,
        path,
        tokens: &[TokenKind::Tenant],
        apps: CUSTOM,
        // The table says any one, the warning line both (contract, NOTES §13): any one.
        scopes: &["contact:contact", "contact:contact:access_as_app"],
        rate: Rate::NONE,
        errors,
        body,
        download: false,
        admin: false,
        handler,
    };
    vec![
        operation(
            "contactV2UserBatchAdd",
            Method::POST,
            "/open-apis/contact/v2/user/batch_add",
            codes::ADD_USERS,
            BodyKind::Json,
            |services, request| Box::pin(submit::add_users(services, request)),
        ),
        operation(
            "contactV2DepartmentBatchAdd",
            Method::POST,
            "/open-apis/contact/v2/department/batch_add",
            codes::ADD_DEPARTMENTS,
            BodyKind::Json,
            |services, request| Box::pin(submit::add_departments(services, request)),
        ),
        operation(
            "contactV2TaskGet",
            Method::GET,
            "/open-apis/contact/v2/task/get",
            codes::GET,
            BodyKind::None,
            |services, request| Box::pin(view::get(services, request)),
        ),
    ]
}
