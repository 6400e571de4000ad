-- How an entity is reached, apart from accounts: an office's mailbox and another one. No event holds any of it, so that it
-- goes when somebody asks. That it was changed, when and by which account stays, without what it said.
CREATE TABLE entity_contacts (
    entity uuid PRIMARY KEY,
    mailbox_id uuid NOT NULL UNIQUE,        -- whom letters are addressed to
    mailbox text,
    alternate_id uuid NOT NULL UNIQUE,
    alternate text,
    language text,
    version integer NOT NULL
);
CREATE TABLE entity_contact_changes (
    entity uuid NOT NULL,
    number integer NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('given', 'changed', 'deleted')),
    fields text[] NOT NULL,
    PRIMARY KEY (entity, number)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON entity_contacts TO pledges_app;
GRANT SELECT, INSERT ON entity_contact_changes TO pledges_app;
