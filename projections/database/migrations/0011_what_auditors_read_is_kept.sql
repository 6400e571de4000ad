-- What was answered to auditors that others may not see, a row an answer. The account, never a person.
CREATE TABLE readings (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account uuid NOT NULL,
    operation text NOT NULL,          -- what was asked, as the specification of the interface names it
    asked jsonb NOT NULL,             -- about what: the values in path and query, but for words
    position bigint,                  -- as of which position
    rows bigint,                      -- how many things were told; null for a file of as many as there are
    request_id text
);
CREATE INDEX ON readings (account, number);
CREATE INDEX ON readings (read_at);
CREATE INDEX ON readings USING gin ((asked -> 'pledge'));
CREATE TRIGGER readings_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON readings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON readings TO pledges_app;
