-- So that one token can be told from another and revoked by itself. Those issued so far are named as their events
-- name them, in the order in which an account got them.
ALTER TABLE tokens ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;

UPDATE tokens SET id = issued.id
FROM (
    SELECT stream AS account, (convert_from(payload, 'UTF8')::jsonb ->> 'token')::uuid AS id,
        row_number() OVER (PARTITION BY stream ORDER BY position) AS number
    FROM events WHERE name = 'account.token-issued'
) AS issued
JOIN (
    SELECT token_sha256, account, row_number() OVER (PARTITION BY account ORDER BY created_at) AS number FROM tokens
) AS held USING (account, number)
WHERE tokens.token_sha256 = held.token_sha256;
