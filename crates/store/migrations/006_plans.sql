-- What is rehearsed for a task (JSON of model::plan::Plan); NULL for nearly all.
ALTER TABLE tasks ADD COLUMN plan TEXT;
-- 0 open, 1 closed and shown as waiting, 2 closed and shown as running; NULL without a plan. Behind a
-- closed gate the task is queued for a time that never comes.
ALTER TABLE tasks ADD COLUMN gate BIGINT;
-- When the gate opens by itself; the domain's clock.
ALTER TABLE tasks ADD COLUMN gate_due_ms BIGINT;
-- Polls that were counted since the task was submitted, or since its gate opened.
ALTER TABLE tasks ADD COLUMN polls BIGINT;

CREATE INDEX tasks_gated ON tasks (gate_due_ms) WHERE gate > 0;
