-- A second proof beside the password: codes that a telephone makes, and codes to keep for when it is lost.
CREATE TABLE second_factors (
    account uuid PRIMARY KEY,
    secret bytea NOT NULL,            -- encrypted under the register's secret key, which is not in the database
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirmed_at timestamptz,         -- from then on it is asked for
    last_step bigint NOT NULL DEFAULT 0  -- of the last code that was taken: none is taken twice
);

CREATE TABLE recovery_codes (
    code_sha256 bytea PRIMARY KEY CHECK (length(code_sha256) = 32),
    account uuid NOT NULL,
    used_at timestamptz
);
CREATE INDEX recovery_codes_by_account ON recovery_codes (account);

GRANT SELECT, INSERT, UPDATE, DELETE ON second_factors, recovery_codes TO pledges_app;
