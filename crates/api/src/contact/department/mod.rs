//! Departments of the contact book, one by one: read, listed below another one, created.

mod codes;
mod create;
mod find;
mod wire;

use larkspur_platform::TokenKind;

use crate::Resource;
use crate::operation::{
    BodyKind, CUSTOM, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER,
};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let lists = &[
        "contact:contact.base:readonly",
        "contact:department.organize:readonly",
        "contact:contact:access_as_app",
        "contact:contact:readonly",
        "contact:contact:readonly_as_app",
    ];
    let base = Operation {
        id: "contactV3DepartmentGet",
        method: Method::GET,
        path: "/open-apis/contact/v3/departments/{department_id}",
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &[
            "contact:contact.base:readonly",
            "contact:contact:access_as_app",
            "contact:contact:readonly",
            "contact:contact:readonly_as_app",
        ],
        rate: Rate::NONE,
        errors: codes::GET,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler: |services, request| Box::pin(find::get(services, request)),
    };
    vec![
        base.clone(),
        Operation {
            id: "contactV3DepartmentChildren",
            path: "/open-apis/contact/v3/departments/{department_id}/children",
            scopes: lists,
            rate: Rate::level_4(),
            errors: codes::LIST,
            handler: |services, request| Box::pin(find::children(services, request)),
            ..base.clone()
        },
        Operation {
            id: "contactV3DepartmentList",
            path: "/open-apis/contact/v3/departments",
            scopes: lists,
            errors: codes::LIST,
            handler: |services, request| Box::pin(find::list(services, request)),
            ..base.clone()
        },
        Operation {
            id: "contactV3DepartmentCreate",
            method: Method::POST,
            path: "/open-apis/contact/v3/departments",
            tokens: &[TokenKind::Tenant],
            apps: CUSTOM,
            scopes: &["contact:contact"],
            rate: Rate::level_4(),
            errors: codes::CREATE,
            body: BodyKind::Json,
            handler: |services, request| Box::pin(create::create(services, request)),
            ..base
        },
    ]
}
