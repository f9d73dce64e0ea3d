//! Snapshots as Larkspur's own API spells them.

use serde::{Deserialize, Serialize};

/// Body of `larkspurSnapshotTake`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeBody {
    pub(super) name: Option<String>,
    /// The tenant to keep; the whole server without.
    pub(super) tenant_id: Option<String>,
    /// Whether one of that name goes.
    #[serde(default)]
    pub(super) replace: bool,
}

/// Body of `larkspurSnapshotRestore` and `larkspurReset`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeBody {
    /// The tenant to put back; everything that the snapshot holds without.
    pub(super) tenant_id: Option<String>,
}

/// Data of what has to do with one snapshot.
#[derive(Serialize)]
pub(super) struct SnapshotData<'a> {
    pub(super) snapshot: SnapshotView<'a>,
    /// How long it took; the machine's own time.
    pub(super) took_us: u64,
}

/// Data of `larkspurSnapshotList`.
#[derive(Serialize)]
pub(super) struct ListData<'a> {
    pub(super) items: Vec<SnapshotView<'a>>,
}

/// A snapshot. Times are milliseconds since the epoch, of the server's clock.
#[derive(Serialize)]
pub(super) struct SnapshotView<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) tenant_id: &'a str,
    pub(super) created_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) restored_ms: Option<i64>,
}
