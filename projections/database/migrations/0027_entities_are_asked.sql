-- Whom the Secretariat asked to answer for what is overdue, stale or was returned; by when, and by which letters.
CREATE TABLE askings (
    id uuid PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account uuid NOT NULL,              -- who asked
    reply_by date NOT NULL,
    words text NOT NULL,
    position bigint NOT NULL            -- where the register stood: what comes after it answers
);
CREATE INDEX askings_by_age ON askings (asked_at);
CREATE TABLE asked_entities (
    asking uuid NOT NULL REFERENCES askings,
    entity uuid NOT NULL,
    PRIMARY KEY (asking, entity)
);
CREATE INDEX asked_entities_by_entity ON asked_entities (entity);
CREATE TABLE asking_letters (
    letter uuid PRIMARY KEY,            -- in the outbox, for as long as that remembers it
    asking uuid NOT NULL,
    entity uuid NOT NULL,
    FOREIGN KEY (asking, entity) REFERENCES asked_entities
);
CREATE INDEX asking_letters_by_asking ON asking_letters (asking);
GRANT SELECT, INSERT ON askings, asked_entities, asking_letters TO pledges_app;
