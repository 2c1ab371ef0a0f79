-- boostgpt-sso, schema version 4. Every change of a project raises its revision. A change that comes late,
-- when a later one was answered, finds another revision and changes nothing.

INSERT INTO sso.migrations (version, applied_at) VALUES (4, CURRENT_TIMESTAMP);

ALTER TABLE sso.projects ADD COLUMN revision bigint NOT NULL DEFAULT 0;
