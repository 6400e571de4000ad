-- Working papers: drafts outside the register's memory, kept as one types, deletable.
CREATE TABLE working_papers (
    id uuid PRIMARY KEY,
    entity uuid NOT NULL,
    account uuid NOT NULL,
    content jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX working_papers_by_entity ON working_papers (entity, updated_at DESC, id);

-- People's data, apart from the events so that it can be erased.
CREATE TABLE people (
    account uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Tokens are shown once and kept as their SHA-256.
CREATE TABLE tokens (
    token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    account uuid NOT NULL,
    label text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX tokens_by_account ON tokens (account);

-- What was answered to a request, so that the same request gets the same answer.
CREATE TABLE idempotent_requests (
    account uuid NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    command_id uuid NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- long ago and not answered: abandoned
    status integer,                   -- null: not answered yet
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account, method, path, key)
);
CREATE INDEX idempotent_requests_by_age ON idempotent_requests (created_at);

-- What was last imported under each reference of a source.
CREATE TABLE import_memory (
    ref text PRIMARY KEY,
    pledge uuid NOT NULL,
    cells jsonb NOT NULL,
    position bigint NOT NULL
);

-- What files that came in were called. What became of their rows is in the events.
CREATE TABLE import_files (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,
    filename text NOT NULL,
    sha256 text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON working_papers, people, tokens, idempotent_requests, import_memory, import_files TO pledges_app;
