-- boostgpt-sso, schema version 1. Times are seconds since 1970; days are UTC days. The hashes are keyed
-- (HMAC-SHA256, cut to 128 bits). No text is a key, so no collation matters; there is no index but the
-- primary keys.

CREATE TABLE sso.migrations (
    version bigint PRIMARY KEY,
    applied_at timestamptz NOT NULL
);

CREATE TABLE sso.projects (
    id uuid PRIMARY KEY,
    free_tier bigint CHECK (free_tier >= 0)
);

-- A bot's current secret, sealed; NULL where it has none. The version only grows.
CREATE TABLE sso.bots (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    secret_version bigint NOT NULL,
    sealing_key bytea,
    sealed_secret bytea,
    CHECK ((sealing_key IS NULL) = (sealed_secret IS NULL))
);

-- The person across BoostGPT, by the hash of their e-mail key. Verified by one project, never for the world.
-- Gone when its last subscriber is forgotten.
CREATE TABLE sso.accounts (
    email_hash uuid PRIMARY KEY,
    id uuid NOT NULL,
    email_key text NOT NULL,
    verified_by uuid NOT NULL,
    created_at bigint NOT NULL,
    subscribers bigint NOT NULL CHECK (subscribers > 0)
);

-- The person within a project, and the key of their account. No e-mail where another subscriber of the
-- project has it. Every change raises the revision.
CREATE TABLE sso.subscribers (
    project_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    account_hash uuid NOT NULL,
    revision bigint NOT NULL,
    email text,
    name text,
    external_id text,
    applied_at bigint NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    PRIMARY KEY (project_id, id)
);

-- Who holds a name, an e-mail key or an external id, as a keyed hash; and when it was last forgotten. One
-- row for each name that was ever held: each statement that takes, gives up or forgets a name changes its
-- row, so one of two at once notices.
CREATE TABLE sso.names (
    project_id uuid NOT NULL,
    name_hash uuid NOT NULL,
    subscriber_id uuid,
    forgotten_at bigint,
    PRIMARY KEY (project_id, name_hash)
);

-- The addresses that a subscriber no longer holds, as the same hashes: with the subscriber they are
-- forgotten too.
CREATE TABLE sso.past_addresses (
    project_id uuid NOT NULL,
    subscriber_id uuid NOT NULL,
    name_hash uuid NOT NULL,
    PRIMARY KEY (project_id, subscriber_id, name_hash)
);

-- The free tier, once per project and account. It outlives the subscriber.
CREATE TABLE sso.grants (
    project_id uuid NOT NULL,
    account_id uuid NOT NULL,
    credits bigint NOT NULL,
    granted_at bigint NOT NULL,
    PRIMARY KEY (project_id, account_id)
);

-- One row per subscriber and day on which they came. It outlives the subscriber, without their id.
CREATE TABLE sso.visits (
    project_id uuid NOT NULL,
    day date NOT NULL,
    subscriber_id uuid NOT NULL,
    is_first boolean NOT NULL,
    PRIMARY KEY (project_id, day, subscriber_id)
);

-- The key of the hashes, sealed.
CREATE TABLE sso.hash_key (
    id bigint PRIMARY KEY CHECK (id = 1),
    sealing_key bytea NOT NULL,
    sealed bytea NOT NULL
);

INSERT INTO sso.migrations (version, applied_at) VALUES (1, CURRENT_TIMESTAMP);
