-- When a task last changed its state; the domain's clock. A statement that sets it makes a transition.
ALTER TABLE tasks ADD COLUMN changed_ms BIGINT;

-- What became of tasks, a row a transition. The database itself writes them, in the transaction and
-- the statement that make the transition, so that none is ever missing or too many.
CREATE TABLE task_events (
--sqlite: id BIGINT PRIMARY KEY,
--postgres: id BIGINT GENERATED ALWAYS AS IDENTITY,
-- Transactions of several nodes become visible in another order than ids were given out: the order of
-- the log is that of the transactions' numbers.
--postgres: xid BIGINT NOT NULL DEFAULT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT),
    -- 0 in the row that marks where the log was cut off.
    task BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    creator TEXT NOT NULL,
    family TEXT NOT NULL,
    title TEXT NOT NULL,
    -- States of tasks; 5 deleted.
    state BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at_ms BIGINT,
    -- JSON of model::task::Failure.
    failure TEXT
--postgres: , PRIMARY KEY (xid, id)
);

--sqlite: CREATE TRIGGER task_changed AFTER UPDATE OF changed_ms ON tasks WHEN NEW.state <> OLD.state
--sqlite: BEGIN
--sqlite:     INSERT INTO task_events (task, tenant, app, creator, family, title, state, attempt, at_ms, failure)
--sqlite:     VALUES (NEW.id, NEW.tenant, NEW.app, NEW.creator, NEW.family, NEW.title, NEW.state, NEW.attempt,
--sqlite:         NEW.changed_ms, NEW.failure);
--sqlite: END;

--postgres: CREATE FUNCTION note_task_event() RETURNS trigger LANGUAGE plpgsql AS $$
--postgres: BEGIN
--postgres:     INSERT INTO task_events (task, tenant, app, creator, family, title, state, attempt, at_ms, failure)
--postgres:     VALUES (NEW.id, NEW.tenant, NEW.app, NEW.creator, NEW.family, NEW.title, NEW.state, NEW.attempt,
--postgres:         NEW.changed_ms, NEW.failure);
--postgres:     RETURN NULL;
--postgres: END $$;
--postgres: CREATE TRIGGER task_changed AFTER UPDATE OF changed_ms ON tasks
--postgres:     FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION note_task_event();
