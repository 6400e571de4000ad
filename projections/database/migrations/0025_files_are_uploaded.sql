-- Files that somebody sent, to be named in a report as evidence. Their bytes are not in the database. Whoever sent one may
-- name it; what no event names is forgotten after a while.
CREATE TABLE uploads (
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    account uuid NOT NULL,
    bytes integer NOT NULL CHECK (bytes > 0),
    media_type text NOT NULL,
    is_named boolean NOT NULL DEFAULT false,        -- by an event, which is for ever
    uploaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sha256, account)
);
CREATE INDEX uploads_by_account ON uploads (account) WHERE NOT is_named;
CREATE INDEX uploads_by_age ON uploads (uploaded_at) WHERE NOT is_named;

GRANT SELECT, INSERT, UPDATE, DELETE ON uploads TO pledges_app;
