-- The digest of a short text, without a key, lets whoever has the database guess what was erased. What is kept of a
-- request is a keyed digest from now on; those of before are gone, and a request under their key passes as the same.
ALTER TABLE idempotent_requests RENAME COLUMN request_sha256 TO request_digest;
UPDATE idempotent_requests SET request_digest = '';

-- What file came in is said by its event, import.started.
ALTER TABLE import_files DROP COLUMN sha256;
