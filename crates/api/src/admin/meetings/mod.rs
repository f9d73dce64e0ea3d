//! Where meetings come from: a stream of records, a line each, is checked line by line and kept in
//! place of what has the same ids. What is wrong is told with its line; the rest is kept.

mod fields;
mod loader;
mod quality;
mod records;

use std::sync::Arc;

use futures_util::StreamExt as _;
use larkspur_model::id::TenantId;
use larkspur_store::tenants;
use serde::Serialize;

pub use self::loader::{Loaded, Loader, Refused};

use crate::operation::{BodyKind, Method, Operation, Rate};
use crate::{Answer, ApiError, Body, ErrorCode, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Something broke on our side.
const INTERNAL: ErrorCode = ErrorCode::new(500, 88_000_500, "internal error");
/// The body broke off, a line has no end, a parameter is wrong.
const BAD_REQUEST: ErrorCode = ErrorCode::new(400, 88_000_400, "bad request");
/// There is no such tenant.
const NO_TENANT: ErrorCode = ErrorCode::new(404, 88_000_404, "no such tenant");

/// Longest line.
const LINE_BYTES: usize = 1 << 20;

fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "larkspurVcLoad",
        method: Method::POST,
        path: "/larkspur/v1/vc/load",
        tokens: &[],
        apps: &[],
        scopes: &[],
        rate: Rate::NONE,
        errors: &[INTERNAL, BAD_REQUEST, NO_TENANT],
        body: BodyKind::Stream,
        download: false,
        admin: true,
        handler: |services, request| Box::pin(load(services, request)),
    }]
}

/// Data of `larkspurVcLoad`.
#[derive(Serialize)]
struct LoadData<'a> {
    tenant_id: &'a str,
    #[serde(flatten)]
    loaded: &'a Loaded,
}

/// `larkspurVcLoad`.
async fn load(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let internal = |error| INTERNAL.caused_by(error);
    let tenant = if let Some(tenant) = request.query.text("tenant") {
        let tenant = TenantId(tenant);
        let known = tenants::get(&services.store.db, &tenant).await.map_err(internal)?;
        known.ok_or_else(|| NO_TENANT.because(format!("there is no tenant {tenant}")))?.id
    } else {
        let usual = services.platform.bootstrap().await;
        usual.map_err(|error| INTERNAL.caused_by(error))?.tenant
    };
    let check = request.query.flag("check");
    let check = check.map_err(|_| BAD_REQUEST.because("check is true or false"))?;
    let kind = request.query.text("kind");
    let Body::Stream(chunks) = request.body else {
        return Err(BAD_REQUEST.because("there is no body"));
    };
    let mut chunks = chunks.into_inner();
    let mut loader = Loader::new(services.store.db.clone(), tenant.clone());
    if let Some(kind) = kind {
        loader = loader.of_kind(kind);
    }
    if check.unwrap_or(false) {
        loader = loader.only_checking();
    }
    let mut rest: Vec<u8> = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| BAD_REQUEST.because(format!("the body: {error}")))?;
        rest.extend_from_slice(&chunk);
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        for line in rest.get(..whole).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
            loader.line(line).await.map_err(internal)?;
        }
        rest.drain(..whole);
        if rest.len() > LINE_BYTES {
            return Err(BAD_REQUEST.because("a line is longer than a MiB"));
        }
    }
    if !rest.is_empty() {
        loader.line(&rest).await.map_err(internal)?;
    }
    let done = loader.finish().await.map_err(internal)?;
    Answer::data(&LoadData { tenant_id: tenant.as_str(), loaded: &done })
}
