//! Taking, putting back, resetting, removing.

use std::sync::Arc;

use larkspur_store::snapshot::{self, SNAPSHOT, Scope, Snapshot};
use larkspur_store::{Error as StoreError, tenants};
use tokio::time::Instant;

use super::super::directory::NO_TENANT;
use super::wire::{ScopeBody, TakeBody};
use super::{codes, view};
use crate::{Answer, ApiError, NoBase, Request, Services, Violations, codes as platform};

/// Characters of a name.
const NAME_CHARACTERS: std::ops::RangeInclusive<usize> = 1..=64;

fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict { label: SNAPSHOT } => codes::NO_SNAPSHOT.into(),
        StoreError::Duplicate(_) => codes::IN_THE_WAY.because(
            "an id that the snapshot holds belongs to another tenant now; restore the whole server",
        ),
        error => platform::INTERNAL.caused_by(error),
    }
}

fn scope(tenant: Option<String>) -> Scope {
    Scope::of(&tenant.unwrap_or_default())
}

async fn existing(services: &Services, scope: &Scope) -> Result<(), ApiError> {
    let Scope::Tenant(tenant) = scope else { return Ok(()) };
    let found = tenants::get(&services.store.db, tenant).await.map_err(refused)?;
    found.map(|_| ()).ok_or_else(|| NO_TENANT.because(format!("no tenant {tenant}")))
}

/// `larkspurSnapshotTake`.
pub(super) async fn take(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let begun = Instant::now();
    let body: TakeBody = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let name = violations.required("name", body.name);
    let proper = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !NAME_CHARACTERS.contains(&name.chars().count()) || !name.chars().all(proper) {
        violations.add("name", &name, "1 to 64 letters, digits, `-`, `_` and `.`");
    }
    violations.check()?;
    let scope = scope(body.tenant_id);
    existing(&services, &scope).await?;
    match services.take_snapshot(scope, &name, body.replace).await {
        Ok(taken) => view::show(&taken, begun),
        Err(StoreError::Conflict { label: SNAPSHOT }) => {
            Err(codes::TAKEN.because(format!("{name} exists; \"replace\": true takes it anew")))
        }
        Err(error) => Err(refused(error)),
    }
}

/// The snapshot of the path; a tenant's own one goes before the server's of the same name.
async fn find(services: &Services, request: &Request, scope: &Scope) -> Result<Snapshot, ApiError> {
    let name = request.path_value("name");
    let db = &services.store.db;
    let mut found = snapshot::find(db, scope, name).await.map_err(refused)?;
    if found.is_none() && *scope != Scope::Server {
        found = snapshot::find(db, &Scope::Server, name).await.map_err(refused)?;
    }
    found.ok_or_else(|| codes::NO_SNAPSHOT.because(format!("no snapshot {name:.64}")))
}

/// `larkspurSnapshotRestore`.
pub(super) async fn restore(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let begun = Instant::now();
    let body: ScopeBody = request.json(platform::BAD_REQUEST)?;
    let scope = scope(body.tenant_id);
    let found = find(&services, &request, &scope).await?;
    let held = snapshot::holds(&services.store.db, &found, &scope).await.map_err(refused)?;
    if !held {
        let why = format!("{} does not hold tenant {}", found.name, scope.tenant());
        return Err(NO_TENANT.because(why));
    }
    services.restore_snapshot(&found, &scope).await.map_err(refused)?;
    view::show(&found, begun)
}

/// `larkspurReset`.
pub(super) async fn reset(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let begun = Instant::now();
    let body: ScopeBody = request.json(platform::BAD_REQUEST)?;
    let scope = scope(body.tenant_id);
    match services.reset(&scope).await {
        Ok(base) => view::show(&base, begun),
        Err(NoBase::Missing) => Err(codes::NO_BASE.because(
            "there is no snapshot `base`: a new server and a new tenant have one, others get it by \
             POST /larkspur/v1/snapshots {\"name\":\"base\"}",
        )),
        Err(NoBase::Failed(error)) => Err(refused(error)),
    }
}

/// `larkspurSnapshotRemove`.
pub(super) async fn remove(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let scope = scope(request.query.text("tenant_id"));
    let name = request.path_value("name");
    let db = &services.store.db;
    let found = snapshot::find(db, &scope, name).await.map_err(refused)?;
    let gone = match found {
        Some(found) => snapshot::remove(db, found.id).await.map_err(refused)?,
        None => false,
    };
    if gone { Answer::empty() } else { Err(codes::NO_SNAPSHOT.into()) }
}
