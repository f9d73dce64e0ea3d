-- The wiki: spaces, the trees of nodes in them, and requests to move documents there. Who is a
-- member of a space stands among the members, under the space's id: full access makes an
-- administrator, view a member.

CREATE TABLE wiki_spaces (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    -- 0 team, 1 person, 2 my_library
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- who made it: `user:…`
    owner TEXT NOT NULL,
    -- flags: every user of the tenant is a member; it is published; members may make pages of the
    -- first level; readers may copy and export; readers may comment
    public BIGINT NOT NULL,
    open_sharing BIGINT NOT NULL,
    members_create BIGINT NOT NULL,
    readers_copy BIGINT NOT NULL,
    readers_comment BIGINT NOT NULL,
    -- nodes in all, and those of the first level
    node_count BIGINT NOT NULL,
    child_count BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX wiki_spaces_tenant ON wiki_spaces (tenant, id);
-- One library for each user.
CREATE UNIQUE INDEX wiki_spaces_library ON wiki_spaces (tenant, owner) WHERE kind = 2;

CREATE TABLE wiki_nodes (
    token TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    space TEXT NOT NULL,
    -- the node it lies under; empty on the first level
    parent TEXT NOT NULL,
    -- the document; a shortcut's is that of its origin
    object TEXT NOT NULL,
    -- the node a shortcut points to
    origin TEXT,
    -- a shortcut's own title, where it was given one
    title TEXT,
    creator TEXT NOT NULL,
    -- its place among its sisters
    position BIGINT NOT NULL,
    child_count BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX wiki_nodes_children ON wiki_nodes (space, parent, position);
-- A document lies in one place; shortcuts to it are any number.
CREATE UNIQUE INDEX wiki_nodes_object ON wiki_nodes (object) WHERE origin IS NULL;

CREATE TABLE wiki_requests (
    id BIGINT PRIMARY KEY,
    tenant TEXT NOT NULL,
    app TEXT NOT NULL,
    requester TEXT NOT NULL,
    object TEXT NOT NULL,
    space TEXT NOT NULL,
    parent TEXT NOT NULL,
    -- what the requester may not do, and nobody has allowed yet: 1 take the document, 2 put it
    -- there, 3 both
    wanting BIGINT NOT NULL,
    -- what was wanting at first
    wanted BIGINT NOT NULL,
    -- 0 waits, 1 accepted, 2 refused
    state BIGINT NOT NULL,
    decided_by TEXT,
    decided_ms BIGINT,
    created_ms BIGINT NOT NULL
);
CREATE INDEX wiki_requests_tenant ON wiki_requests (tenant, id);
-- Asking again for the same document replaces what was asked before.
CREATE UNIQUE INDEX wiki_requests_waiting ON wiki_requests (object, requester) WHERE state = 0;
