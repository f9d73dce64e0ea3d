-- The contact book: what it knows about users and departments beside 003, what keeps its entries
-- apart, and what its batch tasks leave behind.

ALTER TABLE users ADD COLUMN nickname TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN mobile_visible BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN gender BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN employee_type BIGINT NOT NULL DEFAULT 1;
-- Seconds since the epoch, as callers send it.
ALTER TABLE users ADD COLUMN join_time BIGINT;
ALTER TABLE users ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN city TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN work_station TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN job_title TEXT NOT NULL DEFAULT '';
-- Id of the user who leads this one; ids of the dotted-line leaders, one a line.
ALTER TABLE users ADD COLUMN leader TEXT;
ALTER TABLE users ADD COLUMN dotted_leaders TEXT NOT NULL DEFAULT '';
-- JSON of the custom attributes; empty for none.
ALTER TABLE users ADD COLUMN custom_attrs TEXT NOT NULL DEFAULT '';

-- Ids and addresses are compared without regard to case.
CREATE UNIQUE INDEX users_folded_id ON users (tenant, lower(id));
CREATE UNIQUE INDEX users_mobile ON users (tenant, mobile) WHERE mobile <> '';
CREATE UNIQUE INDEX users_email ON users (tenant, lower(email)) WHERE email <> '';
CREATE UNIQUE INDEX users_employee_no ON users (tenant, employee_no) WHERE employee_no <> '';

ALTER TABLE user_departments ADD COLUMN user_order BIGINT NOT NULL DEFAULT 0;
ALTER TABLE user_departments ADD COLUMN department_order BIGINT NOT NULL DEFAULT 0;

ALTER TABLE departments ADD COLUMN leader TEXT;
-- Id of the department's group; NULL without one.
ALTER TABLE departments ADD COLUMN chat TEXT;
-- JSON of what only the newer operations know; empty for nothing.
ALTER TABLE departments ADD COLUMN more TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX departments_folded_id ON departments (tenant, lower(id));
CREATE UNIQUE INDEX departments_sister ON departments (tenant, parent, name);

-- Counts the changes of a tenant's book: who has looked at it may write only if nobody else has
-- written since.
CREATE TABLE contact_books (
    tenant TEXT PRIMARY KEY,
    revision BIGINT NOT NULL
);

-- Departments an app may see and change, with all below; an app without a row reaches everything.
CREATE TABLE contact_ranges (
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    department TEXT NOT NULL,
    PRIMARY KEY (tenant, app, department)
);

-- Custom attributes that a tenant has set up for its users.
CREATE TABLE contact_attributes (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- 0 text, 1 link
    kind BIGINT NOT NULL,
    enabled BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE chats (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    -- Id of the user who owns the group; NULL for none.
    owner TEXT,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX chats_department ON chats (tenant, department);

-- What would have been sent to people. Nobody receives it.
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX outbox_tenant ON outbox (tenant, id);

-- A batch task as its caller knows it, and how far it is.
CREATE TABLE contact_batches (
    id TEXT PRIMARY KEY,
    task BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    -- 0 users, 1 departments
    kind BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- Items done, in the order of the work.
    done BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL
);
CREATE UNIQUE INDEX contact_batches_task ON contact_batches (task);

-- Results of the items that were done together; `first` is how many had been done before.
CREATE TABLE contact_results (
    batch TEXT NOT NULL,
    first BIGINT NOT NULL,
    results BYTEA NOT NULL,
    PRIMARY KEY (batch, first)
);

-- Requests that named themselves with a client_token, so that a repeated one does nothing twice.
CREATE TABLE contact_requests (
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    token TEXT NOT NULL,
    -- SHA-256 of what was asked for.
    digest TEXT NOT NULL,
    made TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, app, token)
);
CREATE INDEX contact_requests_created ON contact_requests (created_ms);
