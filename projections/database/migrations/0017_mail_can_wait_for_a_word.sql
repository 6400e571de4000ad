-- Mail to a State waits until the Secretariat lets it go, or drops it. A letter may be HTML beside its text, and tell
-- mail programs how to get no more of its kind.
ALTER TABLE outbox
    ADD COLUMN html text,
    ADD COLUMN leave_at text,
    ADD COLUMN held boolean NOT NULL DEFAULT false,
    ADD COLUMN decided_by uuid,             -- who let it go or dropped it
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN pledge uuid,                 -- what a reminder is about, and the day that it reminds of
    ADD COLUMN day date,
    DROP CONSTRAINT outbox_outcome_check,
    ADD CONSTRAINT outbox_outcome_check CHECK (outcome IN ('sent', 'refused', 'unknown', 'dropped'));
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (due_at) WHERE ended_at IS NULL AND claimed_at IS NULL AND NOT held;
CREATE INDEX outbox_held ON outbox (pledge, about, day) WHERE ended_at IS NULL AND held;

-- Of what was reminded: once, whatever the clock does and whoever dies. The letters are written in the same transaction.
CREATE TABLE reminders (
    pledge uuid NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (pledge, kind, day)
);
GRANT SELECT, INSERT ON reminders TO pledges_app;

-- The language that somebody is written to in; null: nobody knows.
ALTER TABLE people ADD COLUMN language text;
