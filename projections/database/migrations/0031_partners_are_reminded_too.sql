-- A reminder may be of a partner's part; of the owner's, where no partner is named.
ALTER TABLE reminders ADD COLUMN partner uuid, DROP CONSTRAINT reminders_pkey,
    ADD CONSTRAINT reminders_once UNIQUE NULLS NOT DISTINCT (pledge, partner, kind, day);
ALTER TABLE outbox ADD COLUMN partner uuid;
