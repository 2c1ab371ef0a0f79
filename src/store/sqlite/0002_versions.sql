-- boostgpt-sso, schema version 2. The version of a secret is an id: a number could name two secrets after a
-- restore.

CREATE TABLE sso_bots_2 (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    project_id BLOB NOT NULL,
    secret_version BLOB NOT NULL CHECK (length(secret_version) = 16),
    sealing_key BLOB,
    sealed_secret BLOB,
    CHECK ((sealing_key IS NULL) = (sealed_secret IS NULL))
) STRICT, WITHOUT ROWID;

-- The number N became the id 00000000-0000-0000-0000-N: its secret is sealed to its last 4 bytes.
INSERT INTO sso_bots_2 (id, project_id, secret_version, sealing_key, sealed_secret)
SELECT id, project_id, unhex(printf('%032x', secret_version)), sealing_key, sealed_secret FROM sso_bots;

DROP TABLE sso_bots;
ALTER TABLE sso_bots_2 RENAME TO sso_bots;

-- The bots of a project, newest first.
CREATE INDEX sso_bots_by_project ON sso_bots (project_id, id);

-- Neither the address nor the project that verified an account outlives the erasure of the subscribers they
-- came from.
CREATE TABLE sso_accounts_2 (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    email_key TEXT UNIQUE,
    verified_by BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sso_accounts_2 (id, email_key, verified_by, created_at)
SELECT id, email_key, verified_by, created_at FROM sso_accounts;

DROP TABLE sso_accounts;
ALTER TABLE sso_accounts_2 RENAME TO sso_accounts;

-- What still names the erased: their grants, the projects that verified their accounts, and the ids in their
-- visits. All visits of one of them get the same random id.
DELETE FROM sso_grants WHERE NOT EXISTS
    (SELECT 1 FROM sso_subscribers s
    WHERE s.project_id = sso_grants.project_id AND s.account_id = sso_grants.account_id);

UPDATE sso_accounts SET verified_by = NULL WHERE NOT EXISTS
    (SELECT 1 FROM sso_subscribers s
    WHERE s.account_id = sso_accounts.id AND s.project_id = sso_accounts.verified_by);

CREATE TABLE sso_visitors_2 (
    project_id BLOB NOT NULL,
    subscriber_id BLOB NOT NULL,
    new_id BLOB NOT NULL,
    PRIMARY KEY (project_id, subscriber_id)
) STRICT, WITHOUT ROWID;

INSERT INTO sso_visitors_2 (project_id, subscriber_id, new_id)
SELECT project_id, subscriber_id, randomblob(16) FROM (
    SELECT DISTINCT project_id, subscriber_id FROM sso_visits v WHERE NOT EXISTS
        (SELECT 1 FROM sso_subscribers s WHERE s.project_id = v.project_id AND s.id = v.subscriber_id)
);

UPDATE sso_visits SET subscriber_id = (
    SELECT new_id FROM sso_visitors_2 n
    WHERE n.project_id = sso_visits.project_id AND n.subscriber_id = sso_visits.subscriber_id
) WHERE (project_id, subscriber_id) IN (SELECT project_id, subscriber_id FROM sso_visitors_2);

DROP TABLE sso_visitors_2;

-- Names are hashed with their project from now on: the program hashes those of schema 1 again.
