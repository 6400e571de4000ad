-- Passkeys: what a device proves whose account it is with. The private half never leaves the device.
CREATE TABLE passkeys (
    credential bytea PRIMARY KEY,
    account uuid NOT NULL,
    label text NOT NULL,
    public_key bytea NOT NULL,
    signatures bigint NOT NULL,       -- how many the device says that it has made; 0 where it does not count
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz
);
CREATE INDEX passkeys_by_account ON passkeys (account, made_at);

-- What was asked of a device and answered: no answer is taken twice.
CREATE TABLE answered_challenges (
    challenge_sha256 bytea PRIMARY KEY CHECK (length(challenge_sha256) = 32),
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys, answered_challenges TO pledges_app;
