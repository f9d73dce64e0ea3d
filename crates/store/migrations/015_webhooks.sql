-- Whom the server tells by itself what became of tasks.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    -- Only of this tenant, app and family; empty for any.
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    family TEXT NOT NULL,
    -- Words of transitions with a comma between them.
    changes TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Counts the secrets it had. They follow from the server's own secret, and are not stored.
    secret BIGINT NOT NULL,
    -- Until when the secret before signs too; NULL when there is none.
    old_secret_until_ms BIGINT,
    created_ms BIGINT NOT NULL
);

-- How far each is, which no snapshot holds: what was told was told.
CREATE TABLE webhook_standings (
    webhook TEXT PRIMARY KEY,
    -- Counts the changes of what is delivered, and where.
    version BIGINT NOT NULL,
    -- The place in the log behind the last event that was delivered.
    place_transaction BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    delivered_ms BIGINT,
    -- Failed attempts at the next event, since when, and when the next attempt is due.
    failures BIGINT NOT NULL,
    failing_since_ms BIGINT,
    due_ms BIGINT NOT NULL,
    trouble TEXT,
    paused_ms BIGINT,
    -- Who delivers, under a number never used before; the machine's own clock.
    lease_id BIGINT,
    lease_node TEXT,
    lease_until_ms BIGINT
);

-- The latest attempts.
CREATE TABLE webhook_deliveries (
    webhook TEXT NOT NULL,
    number BIGINT NOT NULL,
    message TEXT NOT NULL,
    kind TEXT NOT NULL,
    task BIGINT,
    at_ms BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    -- The HTTP status of the answer; 0 where there was none.
    status BIGINT NOT NULL,
    trouble TEXT,
    PRIMARY KEY (webhook, number)
);
