-- Calls counted in windows, where several nodes share the counts. A window that is over is written over by
-- the next call; nothing is lost that matters when the database crashes.
CREATE TABLE rate_windows (
    bucket TEXT PRIMARY KEY,
    second_at BIGINT NOT NULL,
    second_calls BIGINT NOT NULL,
    minute_at BIGINT NOT NULL,
    minute_calls BIGINT NOT NULL,
    day_at BIGINT NOT NULL,
    day_calls BIGINT NOT NULL,
    holder TEXT,
    held_until_ms BIGINT NOT NULL
);
--postgres: ALTER TABLE rate_windows SET UNLOGGED;
