-- boostgpt-sso, schema version 2. The version of a secret is an id: a number could name two secrets after a
-- restore. The hashes of names have their project in them, and those of accounts are of another kind, so that
-- no two tables can be joined to read a forgotten name. It is the store that makes the new hashes, since it
-- has their key: it copies the tables that are renamed here, then runs version 3.

-- First of all, so that of two processes at once one is refused by the key.
INSERT INTO sso.migrations (version, applied_at) VALUES (2, CURRENT_TIMESTAMP);

-- The number N becomes the id 00000000-0000-0000-0000-N: its secret is sealed to its last 4 bytes.
ALTER TABLE sso.bots ALTER COLUMN secret_version TYPE uuid
    USING CAST(lpad(to_hex(secret_version), 32, '0') AS uuid);

ALTER TABLE sso.accounts RENAME TO accounts_of_1;
ALTER TABLE sso.names RENAME TO names_of_1;
ALTER TABLE sso.past_addresses RENAME TO past_addresses_of_1;
ALTER TABLE sso.subscribers RENAME COLUMN account_hash TO account_hash_of_1;
ALTER TABLE sso.subscribers ALTER COLUMN account_hash_of_1 DROP NOT NULL;
ALTER TABLE sso.subscribers ADD COLUMN account_hash uuid;

-- As before, with a revision that every new and every forgotten subscriber raises. The address goes with the
-- last subscriber who has it; the hash is then a random one. The verification goes with the last subscriber
-- of its project.
CREATE TABLE sso.accounts (
    email_hash uuid PRIMARY KEY,
    id uuid NOT NULL,
    email_key text,
    verified_by uuid,
    created_at bigint NOT NULL,
    subscribers bigint NOT NULL CHECK (subscribers > 0),
    revision bigint NOT NULL
);

-- As before.
CREATE TABLE sso.names (
    project_id uuid NOT NULL,
    name_hash uuid NOT NULL,
    subscriber_id uuid,
    forgotten_at bigint,
    PRIMARY KEY (project_id, name_hash)
);

CREATE TABLE sso.past_addresses (
    project_id uuid NOT NULL,
    subscriber_id uuid NOT NULL,
    name_hash uuid NOT NULL,
    PRIMARY KEY (project_id, subscriber_id, name_hash)
);

-- A free tier is remembered while a subscriber of the project has the account. From then on the forgotten
-- names suffice.
DELETE FROM sso.grants g WHERE NOT EXISTS
    (SELECT 1 FROM sso.subscribers s WHERE s.project_id = g.project_id AND s.account_id = g.account_id);
