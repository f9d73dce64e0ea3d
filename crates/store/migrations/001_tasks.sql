-- Tasks: one row from submission to the last look at the outcome.
CREATE TABLE tasks (
    id BIGINT PRIMARY KEY,
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    creator TEXT NOT NULL,
    family TEXT NOT NULL,
    title TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    -- 0 queued, 1 running, 2 succeeded, 3 failed, 4 cancelled
    state BIGINT NOT NULL,
    -- Attempts begun; how many of them were cut short by the server's own end; how many of the
    -- others there may be.
    attempt BIGINT NOT NULL,
    interruptions BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    -- Earliest time of the next lease; the machine's own clock, as all of lease_*.
    run_at_ms BIGINT NOT NULL,
    lease_id BIGINT,
    lease_node TEXT,
    lease_until_ms BIGINT,
    cancel_requested BIGINT NOT NULL,
    -- The clock of the domain, which may be moved by its owner.
    created_ms BIGINT NOT NULL,
    started_ms BIGINT,
    finished_ms BIGINT,
    idempotency_key TEXT,
    -- What the job was given; NULL once swept.
    payload BYTEA,
    -- What a success gave; NULL before, and once swept.
    output BYTEA,
    -- JSON of model::task::Failure, model::loss::Losses, model::task::Progress.
    failure TEXT,
    losses TEXT,
    progress TEXT,
    -- Why the last attempt was given up, where another follows.
    retry_cause TEXT
);

-- Leasing: in a lane, for a tenant, the one that waits longest.
CREATE INDEX tasks_queued ON tasks (lane, tenant, run_at_ms, id) WHERE state = 0;
-- Expiry and a node's own leases; as small as what runs at the moment.
CREATE INDEX tasks_running ON tasks (lease_until_ms) WHERE state = 1;
-- Failed and cancelled tasks are looked for; succeeded ones pay for no index.
CREATE INDEX tasks_unsuccessful ON tasks (state, id) WHERE state >= 3;
CREATE UNIQUE INDEX tasks_idempotency ON tasks (tenant, app, family, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
