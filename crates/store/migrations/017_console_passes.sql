-- What opens the console: links that open it once, and the sessions they and the operator's token begin.
CREATE TABLE console_passes (
    -- SHA-256 of what the browser holds.
    hash TEXT PRIMARY KEY,
    -- 0 a link, 1 a session.
    kind BIGINT NOT NULL,
    -- The machine's clock: moving the server's own signs nobody out.
    expires_ms BIGINT NOT NULL
);
