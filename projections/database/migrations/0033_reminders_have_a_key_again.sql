-- Rows of a backup are in the order of a key. The id of nobody stands for the owner, whose reminders name no partner.
UPDATE reminders SET partner = '00000000-0000-0000-0000-000000000000' WHERE partner IS NULL;
ALTER TABLE reminders ALTER COLUMN partner SET DEFAULT '00000000-0000-0000-0000-000000000000',
    ALTER COLUMN partner SET NOT NULL, DROP CONSTRAINT reminders_once,
    ADD PRIMARY KEY (pledge, partner, kind, day);
