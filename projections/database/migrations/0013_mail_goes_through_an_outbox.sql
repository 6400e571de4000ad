-- Mail to be sent, written in the transaction of what it is about. Each is sent at most once: it is claimed before it is
-- sent, and one whose sending was cut short is not sent again. The words go when it is sent.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,          -- to whom; the address is looked up when it is sent
    about text NOT NULL,
    subject text,
    body text,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries integer NOT NULL DEFAULT 0,
    claimed_at timestamptz,         -- set and not ended: it is being sent, or that was cut short
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('sent', 'refused', 'unknown')),
    problem text,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE ended_at IS NULL AND claimed_at IS NULL;
CREATE INDEX outbox_by_age ON outbox (made_at, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO pledges_app;
