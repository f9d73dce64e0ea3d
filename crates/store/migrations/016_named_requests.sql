-- Requests that named themselves with a key, and what they were answered.
CREATE TABLE named_requests (
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    creator TEXT NOT NULL,
    name TEXT NOT NULL,
    -- SHA-256 of what was asked for.
    digest TEXT NOT NULL,
    answer BYTEA NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, app, creator, name)
);
CREATE INDEX named_requests_created ON named_requests (created_ms);
