-- boostgpt-sso, schema version 3: what version 2 renamed goes away. This divides by zero unless the store has
-- copied all of it.

INSERT INTO sso.migrations (version, applied_at)
SELECT CAST(3 / (CASE WHEN (SELECT count(*) FROM sso.accounts) = (SELECT count(*) FROM sso.accounts_of_1)
    AND (SELECT count(*) FROM sso.names) = (SELECT count(*) FROM sso.names_of_1)
    AND (SELECT count(*) FROM sso.past_addresses) = (SELECT count(*) FROM sso.past_addresses_of_1)
    AND NOT EXISTS (SELECT 1 FROM sso.subscribers WHERE account_hash IS NULL)
    THEN 1 ELSE 0 END) AS bigint), CURRENT_TIMESTAMP;

UPDATE sso.accounts a SET verified_by = NULL WHERE NOT EXISTS
    (SELECT 1 FROM sso.subscribers s WHERE s.project_id = a.verified_by AND s.account_id = a.id);

ALTER TABLE sso.subscribers ALTER COLUMN account_hash SET NOT NULL;
ALTER TABLE sso.subscribers DROP COLUMN account_hash_of_1;
DROP TABLE sso.accounts_of_1;
DROP TABLE sso.names_of_1;
DROP TABLE sso.past_addresses_of_1;
