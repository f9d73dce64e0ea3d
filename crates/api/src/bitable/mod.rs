//! Bases: tables of records with typed fields, made and read back. Records that a file brought are read
//! out of its cells, later ones out of packs; callers cannot tell which is which.

mod apps;
mod codes;
mod create;
mod fields;
mod filter;
mod formula;
mod load;
mod once;
mod open;
mod order;
mod read;
mod records;
mod show;
mod tables;
mod wire;
mod write;

use larkspur_platform::Caller;

pub(crate) use self::load::CellCache;

use crate::operation::{
    BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate, TENANT_OR_USER,
};
use crate::people::UserIdKind;
use crate::{ApiError, Details, ErrorCode, PermissionViolation, Resource, Violations};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The scope of users' own ids in the tenant (contract, `x-scopes-when`).
const EMPLOYEE_ID: &str = "contact:user.employee_id:readonly";

/// The kind of user id that a request asks for.
fn users_of(caller: &Caller, text: Option<&str>) -> Result<UserIdKind, ApiError> {
    let kind = UserIdKind::parse(text.filter(|text| !text.is_empty()));
    let Some(kind) = kind else {
        let mut violations = Violations::new();
        let sent = text.unwrap_or_default();
        violations.add("user_id_type", sent, "open_id, union_id or user_id");
        violations.check()?;
        return Ok(UserIdKind::Open);
    };
    if kind == UserIdKind::User && !caller.scopes.hold(EMPLOYEE_ID) {
        let scope = ErrorCode::new(400, 99_991_672, "").at(crate::Layer::Scope);
        let mut error = scope.because("user_id_type=user_id needs the scope");
        let needed = "Access denied. One of the following scopes is required";
        error.msg = format!("{needed}: [{EMPLOYEE_ID}]").into();
        return Err(error.with(Details {
            permission_violations: vec![PermissionViolation {
                kind: "field_scope_required".to_owned(),
                subject: EMPLOYEE_ID.to_owned(),
                description: String::new(),
            }],
            ..Details::default()
        }));
    }
    Ok(kind)
}

/// What the operations differ in.
struct Declared {
    id: &'static str,
    method: Method,
    path: &'static str,
    scopes: &'static [&'static str],
    rate: Rate,
    errors: &'static [ErrorCode],
    handler: Handler,
}

impl Declared {
    fn operation(self) -> Operation {
        let body = if self.method == Method::POST { BodyKind::Json } else { BodyKind::None };
        Operation {
            id: self.id,
            method: self.method,
            path: self.path,
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: self.scopes,
            rate: self.rate,
            errors: self.errors,
            body,
            download: false,
            admin: false,
            handler: self.handler,
        }
    }
}

macro_rules! path {
    ($rest:literal) => {
        concat!("/open-apis/bitable/v1/apps", $rest)
    };
}

fn operations() -> Vec<Operation> {
    let mut operations = of_tables();
    operations.extend(of_records());
    operations
}

fn of_tables() -> Vec<Operation> {
    [
        Declared {
            id: "bitableAppCreate",
            method: Method::POST,
            path: path!(""),
            scopes: &["base:app:create", "bitable:app"],
            rate: Rate::per_minute(20),
            errors: codes::APP_CREATE,
            handler: |services, request| Box::pin(apps::create(services, request)),
        },
        Declared {
            id: "bitableAppGet",
            method: Method::GET,
            path: path!("/{app_token}"),
            scopes: &["base:app:read", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::APP_GET,
            handler: |services, request| Box::pin(apps::get(services, request)),
        },
        Declared {
            id: "bitableAppTableList",
            method: Method::GET,
            path: path!("/{app_token}/tables"),
            scopes: &["base:table:read", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::TABLE_LIST,
            handler: |services, request| Box::pin(tables::list(services, request)),
        },
        Declared {
            id: "bitableAppTableCreate",
            method: Method::POST,
            path: path!("/{app_token}/tables"),
            scopes: &["base:table:create", "bitable:app"],
            rate: Rate::per_second(10),
            errors: codes::TABLE_CREATE,
            handler: |services, request| Box::pin(tables::create(services, request)),
        },
        Declared {
            id: "bitableAppTableFieldList",
            method: Method::GET,
            path: path!("/{app_token}/tables/{table_id}/fields"),
            scopes: &["base:field:read", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::FIELD_LIST,
            handler: |services, request| Box::pin(fields::list(services, request)),
        },
        Declared {
            id: "bitableAppTableFieldCreate",
            method: Method::POST,
            path: path!("/{app_token}/tables/{table_id}/fields"),
            scopes: &["base:field:create", "bitable:app"],
            rate: Rate::per_second(10),
            errors: codes::FIELD_CREATE,
            handler: |services, request| Box::pin(fields::create(services, request)),
        },
        Declared {
            id: "bitableAppTableViewList",
            method: Method::GET,
            path: path!("/{app_token}/tables/{table_id}/views"),
            scopes: &["base:view:read", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::VIEW_LIST,
            handler: |services, request| Box::pin(tables::views(services, request)),
        },
    ]
    .map(Declared::operation)
    .to_vec()
}

fn of_records() -> Vec<Operation> {
    [
        Declared {
            id: "bitableAppTableRecordList",
            method: Method::GET,
            path: path!("/{app_token}/tables/{table_id}/records"),
            scopes: &["bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::RECORD_LIST,
            handler: |services, request| Box::pin(records::list(services, request)),
        },
        Declared {
            id: "bitableAppTableRecordSearch",
            method: Method::POST,
            path: path!("/{app_token}/tables/{table_id}/records/search"),
            scopes: &["base:record:retrieve", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::RECORD_SEARCH,
            handler: |services, request| Box::pin(records::search(services, request)),
        },
        Declared {
            id: "bitableAppTableRecordGet",
            method: Method::GET,
            path: path!("/{app_token}/tables/{table_id}/records/{record_id}"),
            scopes: &["bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::RECORD_GET,
            handler: |services, request| Box::pin(records::get(services, request)),
        },
        Declared {
            id: "bitableAppTableRecordBatchGet",
            method: Method::POST,
            path: path!("/{app_token}/tables/{table_id}/records/batch_get"),
            scopes: &["base:record:read", "bitable:app", "bitable:app:readonly"],
            rate: Rate::per_second(20),
            errors: codes::batch_get::ALL,
            handler: |services, request| Box::pin(records::batch_get(services, request)),
        },
        Declared {
            id: "bitableAppTableRecordCreate",
            method: Method::POST,
            path: path!("/{app_token}/tables/{table_id}/records"),
            scopes: &["base:record:create", "bitable:app"],
            rate: Rate::per_second(50),
            errors: codes::RECORD_CREATE,
            handler: |services, request| Box::pin(create::one(services, request)),
        },
        Declared {
            id: "bitableAppTableRecordBatchCreate",
            method: Method::POST,
            path: path!("/{app_token}/tables/{table_id}/records/batch_create"),
            scopes: &["base:record:create", "bitable:app"],
            rate: Rate::per_second(50),
            errors: codes::RECORD_BATCH_CREATE,
            handler: |services, request| Box::pin(create::batch(services, request)),
        },
    ]
    .map(Declared::operation)
    .to_vec()
}
