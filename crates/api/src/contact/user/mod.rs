//! Users of the contact book, one by one: read, listed, found by address, created.

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
    let base = Operation {
        id: "contactV3UserGet",
        method: Method::GET,
        path: "/open-apis/contact/v3/users/{user_id}",
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &[
            "contact:contact.base:readonly",
            "contact:contact:access_as_app",
            "contact:contact:readonly",
            "contact:contact:readonly_as_app",
        ],
        rate: Rate::level_4(),
        errors: codes::GET,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler: |services, request| Box::pin(find::get(services, request)),
    };
    vec![
        base.clone(),
        Operation {
            id: "contactV3UserList",
            path: "/open-apis/contact/v3/users",
            scopes: &[
                "contact:department.organize:readonly",
                "contact:contact:readonly_as_app",
                "contact:contact:readonly",
                "contact:contact:access_as_app",
            ],
            rate: Rate::NONE,
            errors: codes::LIST,
            handler: |services, request| Box::pin(find::list(services, request)),
            ..base.clone()
        },
        Operation {
            id: "contactV3UserFindByDepartment",
            path: "/open-apis/contact/v3/users/find_by_department",
            scopes: &[
                "contact:contact.base:readonly",
                "contact:department.organize:readonly",
                "contact:contact:access_as_app",
                "contact:contact:readonly",
                "contact:contact:readonly_as_app",
            ],
            errors: codes::LIST,
            handler: |services, request| Box::pin(find::by_department(services, request)),
            ..base.clone()
        },
        Operation {
            id: "contactV3UserBatchGetId",
            method: Method::POST,
            path: "/open-apis/contact/v3/users/batch_get_id",
            tokens: &[TokenKind::Tenant],
            scopes: &["contact:user.id:readonly"],
            errors: codes::FIND,
            body: BodyKind::Json,
            handler: |services, request| Box::pin(find::by_address(services, request)),
            ..base.clone()
        },
        Operation {
            id: "contactV3UserCreate",
            method: Method::POST,
            path: "/open-apis/contact/v3/users",
            tokens: &[TokenKind::Tenant],
            apps: CUSTOM,
            scopes: &["contact:contact"],
            errors: codes::CREATE,
            body: BodyKind::Json,
            handler: |services, request| Box::pin(create::create(services, request)),
            ..base
        },
    ]
}
