-- What was signed about the log. Nothing here is ever changed or removed.
CREATE TABLE checkpoints (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    note text NOT NULL,               -- a C2SP checkpoint with the log's own signatures
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON checkpoints TO pledges_app;

-- What witnesses have signed about a checkpoint, a line of signature each.
CREATE TABLE cosignatures (
    size bigint NOT NULL REFERENCES checkpoints,
    name text NOT NULL,
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, name)
);
CREATE TRIGGER cosignatures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON cosignatures TO pledges_app;

-- What was found when somebody looked whether events, tree and checkpoints fit together.
CREATE TABLE log_checks (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL,
    problem text,                     -- null: everything fits
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER log_checks_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON log_checks TO pledges_app;
