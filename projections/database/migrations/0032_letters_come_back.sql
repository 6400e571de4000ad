-- What a mail server says of a letter after it took it: that it could not be delivered.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_outcome_check,
    ADD CONSTRAINT outbox_outcome_check CHECK (outcome IN ('sent', 'refused', 'unknown', 'dropped', 'bounced'));
CREATE INDEX outbox_by_account ON outbox (account, ended_at);
