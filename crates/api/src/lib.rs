//! What the server does for callers: one folder for each resource, named as the platform names it, and
//! the list of them. How an operation is reached over HTTP is the `http` floor's.

mod access;
mod address;
mod admin;
mod answer;
mod auth;
mod authen;
mod bitable;
pub mod codes;
mod contact;
#[cfg(test)]
mod contract;
mod docs;
mod document;
pub mod documented;
mod docx;
mod drive;
mod error;
pub mod fixtures;
mod inside;
mod language;
mod metrics;
mod once;
pub mod openapi;
mod operation;
mod people;
mod rehearse;
mod request;
mod seldom;
mod services;
mod shapes;
mod sheets;
mod state;
mod stored;
mod stored_file;
mod vc;
mod who;
mod wiki;
mod zone;

use std::sync::Arc;

use larkspur_engine::Job;
pub use larkspur_platform::Layer;

pub use self::admin::meetings::{Loaded, Loader, Refused};
pub use self::answer::{Answer, AssetAnswer, Chunks, FileAnswer, PageAnswer, PagePolicy};
pub use self::authen::oauth_word;
pub use self::drive::{Preview, PreviewField, PreviewSheet, PreviewTable, can_become, extra_of};
pub use self::error::{
    ApiError, Details, ErrorCode, FieldViolation, PermissionViolation, Violations,
};
pub use self::inside::{Acting, Inside};
pub use self::language::Language;
pub use self::metrics::Metrics;
pub use self::operation::{BodyKind, Handler, Method, Operation, Pending, Rate, is_own_path};
pub use self::rehearse::{Contract, Ending, FAULT_HEADER, Rehearsed};
pub use self::request::{Arrived, Body, Form, Query, Request, Scheme, is_local, is_loopback_url};
pub use self::services::{Health, JobParts, Services, Settings};
pub use self::state::{Followed, NoBase};

/// One resource: what can be called, and what runs later because of it.
pub(crate) struct Resource {
    operations: fn() -> Vec<Operation>,
    jobs: fn(&JobParts) -> Vec<Arc<dyn Job>>,
}

/// Every resource, a line each; routes and workers derive from it.
const RESOURCES: &[Resource] = &[
    auth::RESOURCE,
    authen::RESOURCE,
    drive::media::RESOURCE,
    drive::file::RESOURCE,
    drive::explorer::RESOURCE,
    drive::folder_task::RESOURCE,
    drive::permission::RESOURCE,
    drive::meta::RESOURCE,
    drive::import_task::RESOURCE,
    drive::export_task::RESOURCE,
    docx::document::RESOURCE,
    docx::block::RESOURCE,
    docs::RESOURCE,
    sheets::RESOURCE,
    bitable::RESOURCE,
    contact::task::RESOURCE,
    contact::user::RESOURCE,
    contact::department::RESOURCE,
    vc::export::RESOURCE,
    vc::data::RESOURCE,
    wiki::space::RESOURCE,
    wiki::member::RESOURCE,
    wiki::node::RESOURCE,
    wiki::task::RESOURCE,
    admin::overview::RESOURCE,
    admin::limit::RESOURCE,
    admin::clock::RESOURCE,
    admin::fixture::RESOURCE,
    admin::snapshot::RESOURCE,
    admin::task::RESOURCE,
    admin::event::RESOURCE,
    admin::webhook::RESOURCE,
    admin::record::RESOURCE,
    admin::openapi::RESOURCE,
    admin::lint::RESOURCE,
    admin::contact::RESOURCE,
    admin::tenant::RESOURCE,
    admin::app::RESOURCE,
    admin::user::RESOURCE,
    admin::department::RESOURCE,
    admin::fault::RESOURCE,
    admin::stepping::RESOURCE,
    admin::gathering::RESOURCE,
    admin::meetings::RESOURCE,
];

/// Everything that can be called.
pub fn operations() -> Vec<Operation> {
    RESOURCES.iter().flat_map(|resource| (resource.operations)()).collect()
}

/// Everything that runs as a task.
pub fn jobs(parts: &JobParts) -> Vec<Arc<dyn Job>> {
    RESOURCES.iter().flat_map(|resource| (resource.jobs)(parts)).collect()
}
