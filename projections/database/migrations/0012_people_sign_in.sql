-- What people sign in with, apart from the events, so that it can be erased. Secrets are kept as digests alone.
CREATE TABLE passwords (
    account uuid PRIMARY KEY,
    hash text NOT NULL,               -- argon2id, with its salt and its costs
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE web_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    account uuid NOT NULL,
    device text NOT NULL DEFAULT '',  -- what the browser called itself, shortened
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE INDEX web_sessions_by_account ON web_sessions (account, began_at);

-- Signed in: for half a day after the last use, and for a week in all.
CREATE VIEW open_web_sessions AS
SELECT id, secret_sha256, account, device, began_at, last_used_at FROM web_sessions
WHERE ended_at IS NULL AND last_used_at > clock_timestamp() - interval '12 hours'
    AND began_at > clock_timestamp() - interval '7 days';

-- Links that were mailed, each good once and for a while.
CREATE TABLE mailed_links (
    secret_sha256 bytea PRIMARY KEY CHECK (length(secret_sha256) = 32),
    account uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'reset')),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX mailed_links_by_account ON mailed_links (account, purpose);

-- How often a secret was guessed wrong lately. `whose` is a digest of the address and of the browser that tries.
CREATE TABLE failed_tries (
    whose bytea PRIMARY KEY CHECK (length(whose) = 32),
    failures integer NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON passwords, web_sessions, mailed_links, failed_tries TO pledges_app;
GRANT SELECT ON open_web_sessions TO pledges_app;
