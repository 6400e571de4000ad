"""The tables of the board. Must not know how they are filled or asked.

`board` has one row for each version of a pledge, true from one position until another. The rows of a pledge
form one chain without gaps or overlaps, and the database sees to that: a row ends where another row of the
same pledge begins (foreign key), no two rows end at the same place, and one is open (unique).
"""

from __future__ import annotations

from typing import LiteralString

CREATE: LiteralString = """
CREATE TABLE board (
    pledge_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint CHECK (to_position > from_position),    -- null: still true
    state_position bigint NOT NULL,                            -- of its folded state in board_states
    updated_at timestamptz NOT NULL,
    objectives integer NOT NULL,                               -- one bit a value, see codes.py
    due_until date NOT NULL,                                   -- overdue after this day
    amber_on date NOT NULL,
    red_on date NOT NULL,
    principles smallint NOT NULL,
    forms smallint NOT NULL,
    regions smallint NOT NULL,
    cycle smallint NOT NULL,                                   -- 0: not known
    status smallint NOT NULL,                                  -- one number a value, see codes.py
    type smallint NOT NULL,
    category smallint NOT NULL,
    kind smallint NOT NULL,
    public boolean NOT NULL,
    entity uuid NOT NULL,                                      -- who stands for the lead, after merges
    invited uuid[],                                            -- those that may see it before it is public
    percent smallint,
    made_on date,                                              -- the first day it can mean
    due_on date,                                               -- the last day it can mean
    reference_key bigint,                                      -- sorts as the references do
    title_key text NOT NULL,
    PRIMARY KEY (pledge_id, from_position),
    CONSTRAINT board_one_follows UNIQUE NULLS NOT DISTINCT (pledge_id, to_position),
    CONSTRAINT board_without_gaps FOREIGN KEY (pledge_id, to_position)
        REFERENCES board (pledge_id, from_position) DEFERRABLE INITIALLY DEFERRED
);

-- What was once is answered from this index alone.
CREATE INDEX board_then ON board (to_position)
    INCLUDE (from_position, state_position, pledge_id, updated_at, public, objectives, due_until, amber_on,
        red_on, principles, forms, regions, cycle, status, type, category, kind)
    WHERE to_position IS NOT NULL;
CREATE INDEX board_hidden ON board (from_position) WHERE NOT public;

-- What is open, once more and narrow: filters and facets read all of it, whatever the past weighs.
CREATE TABLE board_today (
    pledge_id uuid PRIMARY KEY,
    from_position bigint NOT NULL,
    state_position bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    objectives integer NOT NULL,
    due_until date NOT NULL,
    amber_on date NOT NULL,
    red_on date NOT NULL,
    principles smallint NOT NULL,
    forms smallint NOT NULL,
    regions smallint NOT NULL,
    cycle smallint NOT NULL,
    status smallint NOT NULL,
    type smallint NOT NULL,
    category smallint NOT NULL,
    kind smallint NOT NULL,
    public boolean NOT NULL,
    percent smallint,
    made_on date,
    due_on date,
    reference_key bigint
) WITH (fillfactor = 85);                                      -- rows are changed in place

-- The folded state of a pledge after each of its events.
CREATE TABLE board_states (
    pledge_id uuid NOT NULL,
    from_position bigint NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (pledge_id, from_position)
);

-- What a pledge is found by: words, entities and countries; a row for each time that these changed.
CREATE TABLE board_words (
    pledge_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint CHECK (to_position > from_position),
    words tsvector NOT NULL,
    PRIMARY KEY (pledge_id, from_position),
    CONSTRAINT board_words_one_follows UNIQUE NULLS NOT DISTINCT (pledge_id, to_position),
    CONSTRAINT board_words_without_gaps FOREIGN KEY (pledge_id, to_position)
        REFERENCES board_words (pledge_id, from_position) DEFERRABLE INITIALLY DEFERRED
) WITH (toast_tuple_target = 128);
-- The index says who has a word; only ranking reads the words themselves, so they are kept aside.
ALTER TABLE board_words ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX board_words_found ON board_words USING gin (words);

CREATE TABLE board_references (
    reference text PRIMARY KEY,
    pledge_id uuid NOT NULL
);

CREATE TABLE board_entities (
    entity_id uuid NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint CHECK (to_position > from_position),
    slug text NOT NULL,
    country text,                                              -- of a State: its code is a name for it
    words tsvector NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (entity_id, from_position),
    CONSTRAINT board_entities_one_follows UNIQUE NULLS NOT DISTINCT (entity_id, to_position),
    CONSTRAINT board_entities_without_gaps FOREIGN KEY (entity_id, to_position)
        REFERENCES board_entities (entity_id, from_position) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX board_entities_by_slug ON board_entities (slug);
CREATE INDEX board_entities_by_country ON board_entities (country) WHERE country IS NOT NULL;
CREATE INDEX board_entities_found ON board_entities USING gin (words);
"""
