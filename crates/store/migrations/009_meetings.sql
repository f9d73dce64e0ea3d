-- Meetings as they were: what reports and queries are made of. `body` is the record as JSON; the
-- other columns are what it is found by. Times are seconds since the epoch.

CREATE TABLE vc_meetings (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    meeting_no TEXT NOT NULL,
    -- 1 running, 2 ended, 3 upcoming
    status BIGINT NOT NULL,
    -- 2 video meeting, 3 local sharing
    kind BIGINT NOT NULL,
    start_s BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX vc_meetings_time ON vc_meetings (tenant, status, start_s, id);
CREATE INDEX vc_meetings_number ON vc_meetings (tenant, meeting_no, start_s, id);

CREATE TABLE vc_participants (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    meeting TEXT NOT NULL,
    -- Empty where a room took part, or where no person of the tenant did.
    user_id TEXT NOT NULL,
    room TEXT NOT NULL,
    join_s BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX vc_participants_meeting ON vc_participants (tenant, meeting, join_s, id);
CREATE INDEX vc_participants_user ON vc_participants (tenant, user_id, meeting) WHERE user_id <> '';
CREATE INDEX vc_participants_room ON vc_participants (tenant, room, meeting) WHERE room <> '';

-- Up to 64 minutes of one participant's quality, packed. Who changes a chunk names its version.
CREATE TABLE vc_quality (
    tenant TEXT NOT NULL,
    participant TEXT NOT NULL,
    chunk BIGINT NOT NULL,
    version BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    samples BYTEA NOT NULL,
    PRIMARY KEY (tenant, participant, chunk)
);

-- Levels of rooms: a country, a city, a building, a floor; '' above the topmost.
CREATE TABLE vc_room_levels (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX vc_room_levels_parent ON vc_room_levels (tenant, parent);

CREATE TABLE vc_rooms (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX vc_rooms_level ON vc_rooms (tenant, level);

CREATE TABLE vc_reservations (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    room TEXT NOT NULL,
    start_s BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX vc_reservations_time ON vc_reservations (tenant, start_s, id);
CREATE INDEX vc_reservations_room ON vc_reservations (tenant, room, start_s);

-- Who holds the right to manage meetings, or does not, where that differs from the rule.
CREATE TABLE vc_managers (
    tenant TEXT NOT NULL,
    -- app:cli_... or user:...
    holder TEXT NOT NULL,
    allowed BIGINT NOT NULL,
    PRIMARY KEY (tenant, holder)
);

CREATE TABLE vc_tenants (
    tenant TEXT PRIMARY KEY,
    utc_offset_minutes BIGINT NOT NULL
);
