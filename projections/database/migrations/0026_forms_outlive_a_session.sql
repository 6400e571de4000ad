-- A form that was sent when the session had ended, until its writer has signed in again; an hour at most.
CREATE TABLE kept_forms (
    secret_sha256 bytea PRIMARY KEY CHECK (length(secret_sha256) = 32),
    account uuid NOT NULL,
    path text NOT NULL,
    body bytea NOT NULL,              -- encrypted under the register's secret key, which is not in the database
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX kept_forms_by_account ON kept_forms (account, kept_at);

GRANT SELECT, INSERT, DELETE ON kept_forms TO pledges_app;
