-- Snapshots: the state of the server, or of a tenant, kept by name. The rows themselves lie in a
-- table `snapshot_<name>` for each table of the list in `snapshot/tables.rs`, made and kept in step
-- by `snapshot/copies.rs`.
CREATE TABLE snapshots (
    id BIGINT PRIMARY KEY,
    -- Empty for one of the whole server.
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The clock of the domain.
    created_ms BIGINT NOT NULL,
    restored_ms BIGINT
);
CREATE UNIQUE INDEX snapshots_name ON snapshots (tenant, name);

-- Blobs that must stay for as long as the snapshot does.
CREATE TABLE snapshot_blobs (
    snapshot BIGINT NOT NULL,
    key TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    PRIMARY KEY (snapshot, key)
);
CREATE INDEX snapshot_blobs_key ON snapshot_blobs (key);
