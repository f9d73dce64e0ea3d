-- Who calls: profiles of users, departments, redirect addresses of apps, where store apps are
-- installed, and what the sign-in of a user leaves behind.

ALTER TABLE apps ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- Addresses a sign-in may come back to, one a line.
ALTER TABLE apps ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '';

ALTER TABLE users ADD COLUMN en_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN mobile TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN employee_no TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar_url TEXT NOT NULL DEFAULT '';
-- Argon2 hash in the PHC form; NULL for a user who cannot sign in with a password.
ALTER TABLE users ADD COLUMN password_hash TEXT;

-- Which tenants a store app is installed in.
CREATE TABLE installations (
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (app, tenant)
);
CREATE INDEX installations_tenant ON installations (tenant, app);

CREATE TABLE departments (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Id of the department above; 0 for those below the root, which has no row.
    parent TEXT NOT NULL,
    position BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX departments_number ON departments (number);
CREATE INDEX departments_parent ON departments (tenant, parent, position, id);

-- A user without a row here belongs to the root department.
CREATE TABLE user_departments (
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    department TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, user_id, department)
);
CREATE INDEX user_departments_members ON user_departments (tenant, department, user_id);

-- What a user's token was given, separated by spaces; NULL for tokens of apps.
ALTER TABLE tokens ADD COLUMN scopes TEXT;

-- What a user has granted an app, over all times they were asked.
CREATE TABLE grants (
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    granted_ms BIGINT NOT NULL,
    PRIMARY KEY (app, tenant, user_id)
);

-- Codes that a sign-in ended with, by SHA-256.
CREATE TABLE authorization_codes (
    hash TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- Challenge in the form of its method: 0 none, 1 plain, 2 S256.
    challenge TEXT NOT NULL,
    challenge_method BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT
);
CREATE INDEX authorization_codes_expires ON authorization_codes (expires_ms);

-- Tokens that renew a user's tokens, by SHA-256.
CREATE TABLE refresh_tokens (
    hash TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    tenant TEXT NOT NULL,
    user_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- Of the operations that issued it: 1 oidc, 2 oauth.
    version BIGINT NOT NULL,
    -- When the user consented; renewing ends a year after that.
    authorized_ms BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT,
    revoked_ms BIGINT
);
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_ms);
CREATE INDEX refresh_tokens_holder ON refresh_tokens (app, tenant, user_id);
