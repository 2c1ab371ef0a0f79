-- boostgpt-sso, schema version 1. Ids are 16 bytes; times are seconds since 1970; days are Julian day
-- numbers (UTC).

CREATE TABLE sso_projects (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    free_tier INTEGER CHECK (free_tier >= 0)
) STRICT, WITHOUT ROWID;

-- A bot's current secret, sealed; NULL where it has none. The version only grows.
CREATE TABLE sso_bots (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    project_id BLOB NOT NULL,
    secret_version INTEGER NOT NULL DEFAULT 0,
    sealing_key BLOB,
    sealed_secret BLOB,
    CHECK ((sealing_key IS NULL) = (sealed_secret IS NULL))
) STRICT, WITHOUT ROWID;

-- The person across BoostGPT. Verified by one project, never for the world.
CREATE TABLE sso_accounts (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    email_key TEXT NOT NULL UNIQUE,
    verified_by BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The person within a project. No e-mail where another subscriber of the project has it.
CREATE TABLE sso_subscribers (
    project_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    account_id BLOB NOT NULL,
    email_key TEXT,
    email TEXT,
    name TEXT,
    external_id TEXT,
    applied_at INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, email_key),
    UNIQUE (project_id, external_id),
    CHECK ((email_key IS NULL) = (email IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX sso_subscribers_by_account ON sso_subscribers (account_id);

-- The free tier, once per project and account. It outlives the subscriber.
CREATE TABLE sso_grants (
    project_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    credits INTEGER NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, account_id)
) STRICT, WITHOUT ROWID;

-- One row per subscriber and day on which they came. It outlives the subscriber, without their id.
CREATE TABLE sso_visits (
    project_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    subscriber_id BLOB NOT NULL,
    is_first INTEGER NOT NULL CHECK (is_first IN (0, 1)),
    PRIMARY KEY (project_id, day, subscriber_id)
) STRICT, WITHOUT ROWID;

-- Who was forgotten, as keyed hashes of e-mail key and external id: enough to know an old token, and nothing
-- more.
CREATE TABLE sso_forgotten (
    project_id BLOB NOT NULL,
    name_hash BLOB NOT NULL,
    forgotten_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, name_hash)
) STRICT, WITHOUT ROWID;

-- The addresses that a subscriber no longer holds, as the same hashes: with the subscriber they are
-- forgotten too.
CREATE TABLE sso_past_addresses (
    project_id BLOB NOT NULL,
    subscriber_id BLOB NOT NULL,
    name_hash BLOB NOT NULL,
    PRIMARY KEY (project_id, subscriber_id, name_hash)
) STRICT, WITHOUT ROWID;

-- The key of those hashes, sealed.
CREATE TABLE sso_hash_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sealing_key BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
