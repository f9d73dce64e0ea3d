-- What outlives a restart beside the tasks. Times are milliseconds since the epoch.

-- Blobs that count. A released one is deleted by the next sweep.
CREATE TABLE blobs (
    key TEXT PRIMARY KEY,
    size_bytes BIGINT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    released_ms BIGINT
);
CREATE INDEX blobs_released ON blobs (released_ms) WHERE released_ms IS NOT NULL;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    node_count BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE apps (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    kind BIGINT NOT NULL,
    secret_salt TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX apps_tenant ON apps (tenant, id);

CREATE TABLE users (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    admin BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX users_number ON users (number);

-- Issued access tokens by SHA-256. A slot numbers the tokens of one holder and kind.
CREATE TABLE tokens (
    hash TEXT PRIMARY KEY,
    kind BIGINT NOT NULL,
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    user_id TEXT,
    slot BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX tokens_slot ON tokens (app, tenant, kind, slot) WHERE user_id IS NULL;
CREATE INDEX tokens_expires ON tokens (expires_ms);

-- The drive: folders, files, documents and what hangs on them.
CREATE TABLE objects (
    token TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,
    owner TEXT NOT NULL,
    creator_app TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    blob_key TEXT,
    extension TEXT NOT NULL,
    media_type TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    edited_ms BIGINT NOT NULL,
    expires_ms BIGINT,
    deleted_ms BIGINT,
    child_count BIGINT NOT NULL,
    extra TEXT NOT NULL
);
CREATE INDEX objects_by_name ON objects (parent, name, token) WHERE deleted_ms IS NULL;
CREATE INDEX objects_by_created ON objects (parent, created_ms, token) WHERE deleted_ms IS NULL;
CREATE INDEX objects_by_edited ON objects (parent, edited_ms, token) WHERE deleted_ms IS NULL;
CREATE INDEX objects_expires ON objects (expires_ms) WHERE expires_ms IS NOT NULL;
-- One root folder for each owner; roots are folders (kind 0) without a parent.
CREATE UNIQUE INDEX objects_root ON objects (tenant, owner) WHERE parent IS NULL AND kind = 0;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    creator TEXT NOT NULL,
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    parent_type TEXT NOT NULL,
    parent TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    block_bytes BIGINT NOT NULL,
    extra TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    finished_token TEXT
);
CREATE INDEX uploads_expires ON uploads (expires_ms);

CREATE TABLE upload_parts (
    upload TEXT NOT NULL,
    seq BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    adler32 BIGINT NOT NULL,
    blob_key TEXT NOT NULL,
    PRIMARY KEY (upload, seq)
);

CREATE TABLE documents (
    token TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    revision BIGINT NOT NULL,
    blob_key TEXT NOT NULL
);

-- Pictures and files of a document: its model names them by number, the drive by token.
CREATE TABLE document_assets (
    document TEXT NOT NULL,
    asset BIGINT NOT NULL,
    media TEXT NOT NULL,
    PRIMARY KEY (document, asset)
);

CREATE TABLE spreadsheets (
    token TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    revision BIGINT NOT NULL,
    manifest_key TEXT NOT NULL,
    cells_key TEXT NOT NULL
);

CREATE TABLE sheets (
    spreadsheet TEXT NOT NULL,
    sheet_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    hidden BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    column_count BIGINT NOT NULL,
    PRIMARY KEY (spreadsheet, sheet_id)
);
