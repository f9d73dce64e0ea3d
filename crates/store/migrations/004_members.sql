-- Rights on things: who else may do what, and what hangs on what.

-- The document that media hang on: who may read it may read them. Media of before this migration
-- have none and stay their owner's.
ALTER TABLE objects ADD COLUMN route TEXT;
CREATE INDEX objects_route ON objects (route) WHERE route IS NOT NULL;

-- Collaborators. Who they are stands in `identity`: `user:…`, `app:cli_…`, `department:…` (the
-- tenant's own ids), `chat:oc_…`, `group:…`.
CREATE TABLE members (
    object TEXT NOT NULL,
    identity TEXT NOT NULL,
    -- 0 it and what is below it, 1 it alone
    reach BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    -- 1 view, 2 edit, 3 full access
    perm BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (object, identity, reach)
);

-- Who is in a chat or a group of users.
CREATE TABLE gatherings (
    tenant TEXT NOT NULL,
    -- `chat:oc_…` or `group:…`
    gathering TEXT NOT NULL,
    -- `user:…` or `app:cli_…`
    identity TEXT NOT NULL,
    PRIMARY KEY (tenant, gathering, identity)
);
CREATE INDEX gatherings_identity ON gatherings (tenant, identity, gathering);
