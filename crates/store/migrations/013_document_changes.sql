-- Documents are edited by changes: the blob holds the document at `blob_revision`, each revision
-- after it stands as a change. `version` names the content: a revision's number may come again
-- after a snapshot was put back, a version never does. `change_bytes` counts what has to be read
-- beside the blob.
ALTER TABLE documents ADD COLUMN blob_revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN change_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE documents SET blob_revision = revision, version = blob_key;

-- The last thousand changes of each document: what its blocks were before and are after.
CREATE TABLE document_changes (
    document TEXT NOT NULL,
    revision BIGINT NOT NULL,
    -- The app that made it, and the name it gave to the edit so that it is done once.
    app TEXT NOT NULL,
    client_token TEXT NOT NULL,
    -- Of the request; the same name for another one is a mistake.
    digest TEXT NOT NULL,
    -- What the answer names, as its maker wrote it.
    made TEXT NOT NULL,
    before BYTEA NOT NULL,
    after BYTEA NOT NULL,
    PRIMARY KEY (document, revision)
);
CREATE UNIQUE INDEX document_changes_token ON document_changes (document, app, client_token);
