-- Who follows a pledge, an entity or an objective by mail. The address is in people alone; it goes when its owner stops
-- to follow, if it is no account's.
CREATE TABLE followers (
    account uuid PRIMARY KEY,
    rhythm text NOT NULL CHECK (rhythm IN ('day', 'week')),
    told_to bigint NOT NULL,        -- the position up to which they were told what changed
    told_at timestamptz NOT NULL,   -- and the time of that moment
    told_on date NOT NULL           -- the day of their latest digest, or on which they began
);

CREATE TABLE followings (
    account uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pledge', 'entity', 'objective')),
    followed text NOT NULL,         -- an id, or the number of the objective
    rhythm text NOT NULL CHECK (rhythm IN ('day', 'week')),
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirmed_at timestamptz,       -- null: nobody has shown yet that the address is theirs
    PRIMARY KEY (account, kind, followed)
);
CREATE INDEX followings_unconfirmed ON followings (asked_at) WHERE confirmed_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON followers, followings TO pledges_app;
