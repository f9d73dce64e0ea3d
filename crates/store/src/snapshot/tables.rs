//! The tables a snapshot holds: the one list from which taking, putting back and forgetting
//! derive. A test compares it with the schema of both databases.

/// Whose a row is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner {
    /// The tenant named in this column.
    Tenant(&'static str),
    /// That of the row of `table` whose `key` stands in `column`.
    Parent { column: &'static str, table: &'static str, key: &'static str },
    /// The server's: no snapshot of a tenant holds it.
    Server,
}

/// What becomes of rows that are there now and not in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newer {
    /// They go.
    Goes,
    /// They stay where the app they are of does: clients need not ask for access tokens again.
    StaysWithApp,
}

/// A table as snapshots see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of its primary key.
    pub(crate) key: &'static [&'static str],
    /// Its other columns.
    pub(crate) columns: &'static [&'static str],
    pub(crate) owner: Owner,
    /// Those of its columns that hold keys of blobs.
    pub(crate) blobs: &'static [&'static str],
    pub(crate) newer: Newer,
    /// A condition on the rows that belong into a snapshot at all; `row.` stands for the row.
    pub(crate) only: Option<&'static str>,
}

impl Table {
    const fn new(
        name: &'static str,
        owner: Owner,
        key: &'static [&'static str],
        columns: &'static [&'static str],
    ) -> Self {
        Self { name, key, columns, owner, blobs: &[], newer: Newer::Goes, only: None }
    }

    const fn blobs(self, blobs: &'static [&'static str]) -> Self {
        Self { blobs, ..self }
    }

    /// All its columns.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static str> {
        self.key.iter().chain(self.columns).copied()
    }
}

const TENANT: Owner = Owner::Tenant("tenant");

/// Every table of the state, those first whose rows say through another table whose they are.
pub(crate) const TABLES: &[Table] = &[
    Table::new(
        "upload_parts",
        Owner::Parent { column: "upload", table: "uploads", key: "id" },
        &["upload", "seq"],
        &["size_bytes", "adler32", "blob_key"],
    )
    .blobs(&["blob_key"]),
    Table::new(
        "document_assets",
        Owner::Parent { column: "document", table: "documents", key: "token" },
        &["document", "asset"],
        &["media"],
    ),
    Table::new(
        "document_changes",
        Owner::Parent { column: "document", table: "documents", key: "token" },
        &["document", "revision"],
        &["app", "client_token", "digest", "made", "before", "after"],
    ),
    Table::new(
        "sheets",
        Owner::Parent { column: "spreadsheet", table: "spreadsheets", key: "token" },
        &["spreadsheet", "sheet_id"],
        &["position", "name", "hidden", "row_count", "column_count"],
    ),
    Table::new(
        "spreadsheet_files",
        Owner::Parent { column: "spreadsheet", table: "spreadsheets", key: "token" },
        &["spreadsheet", "blob_key"],
        &[],
    )
    .blobs(&["blob_key"]),
    Table::new(
        "base_packs",
        Owner::Parent { column: "base", table: "bases", key: "token" },
        &["base", "table_id", "first"],
        &["records", "files", "creator", "created_ms"],
    ),
    Table::new(
        "base_requests",
        Owner::Parent { column: "base", table: "bases", key: "token" },
        &["base", "token"],
        &["digest", "made", "created_ms"],
    ),
    Table::new(
        "base_tables",
        Owner::Parent { column: "base", table: "bases", key: "token" },
        &["base", "table_id"],
        &[
            "position",
            "name",
            "revision",
            "design",
            "record_key",
            "sheet",
            "imported",
            "creator",
            "created_ms",
            "record_count",
        ],
    ),
    Table::new(
        "contact_results",
        Owner::Parent { column: "batch", table: "contact_batches", key: "id" },
        &["batch", "first"],
        &["results"],
    ),
    Table::new(
        "tasks",
        TENANT,
        &["id"],
        &[
            "tenant",
            "app",
            "creator",
            "family",
            "title",
            "size_bytes",
            "lane",
            "state",
            "attempt",
            "interruptions",
            "max_attempts",
            "run_at_ms",
            "lease_id",
            "lease_node",
            "lease_until_ms",
            "cancel_requested",
            "created_ms",
            "started_ms",
            "finished_ms",
            "idempotency_key",
            "payload",
            "output",
            "failure",
            "losses",
            "progress",
            "retry_cause",
            "plan",
            "gate",
            "gate_due_ms",
            "polls",
            "changed_ms",
        ],
    ),
    Table::new(
        "uploads",
        TENANT,
        &["id"],
        &[
            "tenant",
            "app",
            "creator",
            "kind",
            "name",
            "parent_type",
            "parent",
            "size_bytes",
            "block_bytes",
            "extra",
            "created_ms",
            "expires_ms",
            "finished_token",
        ],
    ),
    Table::new(
        "documents",
        TENANT,
        &["token"],
        &["tenant", "revision", "blob_key", "blob_revision", "version", "change_bytes"],
    )
    .blobs(&["blob_key"]),
    Table::new(
        "bases",
        TENANT,
        &["token"],
        &["tenant", "revision", "time_zone", "manifest_key", "cells_key"],
    )
    .blobs(&["manifest_key", "cells_key"]),
    Table::new(
        "spreadsheets",
        TENANT,
        &["token"],
        &["tenant", "revision", "manifest_key", "cells_key"],
    )
    .blobs(&["manifest_key", "cells_key"]),
    Table::new(
        "objects",
        TENANT,
        &["token"],
        &[
            "tenant",
            "kind",
            "name",
            "parent",
            "owner",
            "creator_app",
            "size_bytes",
            "blob_key",
            "extension",
            "media_type",
            "created_ms",
            "edited_ms",
            "expires_ms",
            "deleted_ms",
            "child_count",
            "extra",
            "route",
        ],
    )
    .blobs(&["blob_key"]),
    Table::new(
        "users",
        TENANT,
        &["tenant", "id"],
        &[
            "number",
            "name",
            "admin",
            "enabled",
            "created_ms",
            "en_name",
            "email",
            "mobile",
            "employee_no",
            "avatar_url",
            "password_hash",
            "nickname",
            "mobile_visible",
            "gender",
            "employee_type",
            "join_time",
            "country",
            "city",
            "work_station",
            "job_title",
            "leader",
            "dotted_leaders",
            "custom_attrs",
        ],
    ),
    Table::new(
        "members",
        TENANT,
        &["object", "identity", "reach"],
        &["tenant", "perm", "added_by", "added_ms"],
    ),
    Table::new(
        "wiki_spaces",
        TENANT,
        &["id"],
        &[
            "tenant",
            "kind",
            "name",
            "description",
            "owner",
            "public",
            "open_sharing",
            "members_create",
            "readers_copy",
            "readers_comment",
            "node_count",
            "child_count",
            "created_ms",
        ],
    ),
    Table::new(
        "wiki_nodes",
        TENANT,
        &["token"],
        &[
            "tenant",
            "space",
            "parent",
            "object",
            "origin",
            "title",
            "creator",
            "position",
            "child_count",
            "created_ms",
        ],
    ),
    Table::new(
        "wiki_requests",
        TENANT,
        &["id"],
        &[
            "tenant",
            "app",
            "requester",
            "object",
            "space",
            "parent",
            "wanting",
            "wanted",
            "state",
            "decided_by",
            "decided_ms",
            "created_ms",
        ],
    ),
    Table::new("gatherings", TENANT, &["tenant", "gathering", "identity"], &[]),
    Table::new(
        "departments",
        TENANT,
        &["tenant", "id"],
        &["number", "name", "parent", "position", "created_ms", "leader", "chat", "more"],
    ),
    Table::new(
        "user_departments",
        TENANT,
        &["tenant", "user_id", "department"],
        &["position", "user_order", "department_order"],
    ),
    Table::new("contact_books", TENANT, &["tenant"], &["revision"]),
    Table::new("contact_ranges", TENANT, &["tenant", "app", "department"], &[]),
    Table::new("contact_attributes", TENANT, &["tenant", "id"], &["name", "kind", "enabled"]),
    Table::new(
        "contact_batches",
        TENANT,
        &["id"],
        &["task", "tenant", "kind", "total", "done", "succeeded", "failed"],
    ),
    Table::new(
        "contact_requests",
        TENANT,
        &["tenant", "app", "token"],
        &["digest", "made", "created_ms"],
    ),
    Table::new("chats", TENANT, &["id"], &["tenant", "name", "department", "owner", "created_ms"]),
    Table::new(
        "outbox",
        TENANT,
        &["id"],
        &["tenant", "app", "kind", "user_id", "recipient", "text", "created_ms"],
    ),
    Table::new("grants", TENANT, &["app", "tenant", "user_id"], &["scopes", "granted_ms"]),
    Table::new(
        "authorization_codes",
        TENANT,
        &["hash"],
        &[
            "app",
            "tenant",
            "user_id",
            "redirect_uri",
            "scopes",
            "challenge",
            "challenge_method",
            "issued_ms",
            "expires_ms",
            "used_ms",
        ],
    ),
    Table::new(
        "refresh_tokens",
        TENANT,
        &["hash"],
        &[
            "app",
            "tenant",
            "user_id",
            "scopes",
            "version",
            "authorized_ms",
            "issued_ms",
            "expires_ms",
            "used_ms",
            "revoked_ms",
        ],
    ),
    Table::new(
        "vc_meetings",
        TENANT,
        &["tenant", "id"],
        &["meeting_no", "status", "kind", "start_s", "body"],
    ),
    Table::new(
        "vc_participants",
        TENANT,
        &["tenant", "id"],
        &["meeting", "user_id", "room", "join_s", "body"],
    ),
    Table::new(
        "vc_quality",
        TENANT,
        &["tenant", "participant", "chunk"],
        &["version", "minutes", "samples"],
    ),
    Table::new("vc_room_levels", TENANT, &["tenant", "id"], &["parent", "name"]),
    Table::new("vc_rooms", TENANT, &["tenant", "id"], &["level", "name"]),
    Table::new("vc_reservations", TENANT, &["tenant", "id"], &["room", "start_s", "body"]),
    Table::new("vc_managers", TENANT, &["tenant", "holder"], &["allowed"]),
    Table::new("vc_tenants", TENANT, &["tenant"], &["utc_offset_minutes"]),
    Table::new(
        "named_requests",
        TENANT,
        &["tenant", "app", "creator", "name"],
        &["digest", "answer", "created_ms"],
    ),
    Table::new(
        "webhooks",
        TENANT,
        &["id"],
        &[
            "tenant",
            "app",
            "family",
            "changes",
            "url",
            "description",
            "secret",
            "old_secret_until_ms",
            "created_ms",
        ],
    ),
    Table::new("installations", TENANT, &["app", "tenant"], &["enabled", "created_ms"]),
    Table::new(
        "apps",
        TENANT,
        &["id"],
        &[
            "tenant",
            "name",
            "kind",
            "secret_salt",
            "secret_hash",
            "scopes",
            "enabled",
            "created_ms",
            "description",
            "redirect_uris",
        ],
    ),
    // Behind the apps, since it asks which of them are there.
    Table {
        newer: Newer::StaysWithApp,
        ..Table::new(
            "tokens",
            TENANT,
            &["hash"],
            &["kind", "app", "tenant", "user_id", "slot", "issued_ms", "expires_ms", "scopes"],
        )
    },
    Table::new("tenants", Owner::Tenant("id"), &["id"], &["name", "node_count", "created_ms"]),
    Table {
        only: Some("row.name NOT IN ('server_secret', 'admin_token', 'restored')"),
        ..Table::new("settings", Owner::Server, &["name"], &["value"])
    },
];

/// Tables that no snapshot holds: the schema's own history, snapshots themselves, the blobs, which
/// are pinned and claimed instead, counts of calls, which are of the moment, who is signed in, the log of what became of tasks
/// and how far webhooks are in it: what was told was told, and a state that is put back is no transition.
#[cfg(feature = "testing")]
pub(crate) const OTHERS: &[&str] = &[
    "migrations",
    "snapshots",
    "blobs",
    "rate_windows",
    "task_events",
    "webhook_standings",
    "webhook_deliveries",
    "console_passes",
];
