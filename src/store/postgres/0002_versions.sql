-- boostgpt-sso, schema version 2. The version of a secret is an id: a number could name two secrets after a restore.

-- First of all, so that of two processes at once one is refused by the key.
INSERT INTO sso.migrations (version, applied_at) VALUES (2, CURRENT_TIMESTAMP);

-- The number N becomes the id 00000000-0000-0000-0000-N: its secret is sealed to its last 4 bytes.
ALTER TABLE sso.bots ALTER COLUMN secret_version TYPE uuid
    USING CAST(lpad(to_hex(secret_version), 32, '0') AS uuid);
