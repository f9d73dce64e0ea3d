//! Snapshots -> what is told about them.

use std::sync::Arc;

use larkspur_model::id::TenantId;
use larkspur_store::snapshot::{self, Snapshot};
use tokio::time::Instant;

use super::wire::{ListData, SnapshotData, SnapshotView};
use crate::{Answer, ApiError, Request, Services, codes};

fn view(snapshot: &Snapshot) -> SnapshotView<'_> {
    SnapshotView {
        name: &snapshot.name,
        tenant_id: snapshot.scope.tenant(),
        created_ms: snapshot.created_ms,
        restored_ms: snapshot.restored_ms,
    }
}

/// One snapshot, after something was done with it since `begun`.
pub(super) fn show(snapshot: &Snapshot, begun: Instant) -> Result<Answer, ApiError> {
    let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    Answer::data(&SnapshotData { snapshot: view(snapshot), took_us })
}

/// `larkspurSnapshotList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let tenant = request.query.text("tenant_id").map(TenantId);
    let found = snapshot::list(&services.store.db, tenant.as_ref()).await;
    let found = found.map_err(|error| codes::INTERNAL.caused_by(error))?;
    Answer::data(&ListData { items: found.iter().map(view).collect() })
}
