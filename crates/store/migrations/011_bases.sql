-- Bases: their tables, with fields and views; and the records that were added one by one or some at
-- a time. What a file brought lies in a blob, as its cells.

CREATE TABLE bases (
    token TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    revision BIGINT NOT NULL,
    time_zone TEXT NOT NULL,
    -- the cells a file brought, and where in them; none for a base that was made empty
    manifest_key TEXT,
    cells_key TEXT
);

CREATE TABLE base_tables (
    base TEXT NOT NULL,
    table_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    revision BIGINT NOT NULL,
    -- fields and views, as JSON
    design BYTEA NOT NULL,
    -- what the ids of its records are made with
    record_key BIGINT NOT NULL,
    -- which sheet of the cells holds its first records, how many, and whose they are
    sheet BIGINT NOT NULL,
    imported BIGINT NOT NULL,
    creator TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    -- all its records
    record_count BIGINT NOT NULL,
    PRIMARY KEY (base, table_id)
);
CREATE UNIQUE INDEX base_tables_position ON base_tables (base, position);
CREATE UNIQUE INDEX base_tables_name ON base_tables (base, name);

-- Records in packs: those one call added, or what an imported record has beside its cells.
CREATE TABLE base_packs (
    base TEXT NOT NULL,
    table_id TEXT NOT NULL,
    -- the place of its first record
    first BIGINT NOT NULL,
    -- the records, as JSON
    records BYTEA NOT NULL,
    -- files in them
    files BIGINT NOT NULL,
    creator TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (base, table_id, first)
);

-- Requests that named themselves with a client_token, so that a repeated one does nothing twice.
CREATE TABLE base_requests (
    base TEXT NOT NULL,
    token TEXT NOT NULL,
    -- SHA-256 of what was asked for
    digest TEXT NOT NULL,
    made TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (base, token)
);
CREATE INDEX base_requests_created ON base_requests (created_ms);
