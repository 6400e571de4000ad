"""The tables of numbers, and how the numbers of a moment are found in them. Must not know what counts."""

from __future__ import annotations

BLOCK = 256
"""So many positions are summed up at once: fewer make more rows, more make slower answers."""

# Keys are numbered in the order in which events first name them: the same events give the same numbers.
CREATE = f"""
CREATE TABLE progress_keys (
    id integer PRIMARY KEY,
    dimension text NOT NULL,
    key text NOT NULL,                  -- blank: not stated
    currency text NOT NULL,             -- blank: numbers of pledges
    UNIQUE (dimension, key, currency)
);
CREATE TABLE progress_steps (           -- by how much an event changes the numbers of some keys
    position bigint NOT NULL,
    number integer NOT NULL,            -- among the changes of one event
    key_ids integer[] NOT NULL,
    pledges integer NOT NULL,
    measured integer NOT NULL,
    percent_sum integer NOT NULL,
    reported integer NOT NULL,
    closed integer NOT NULL,
    promised numeric NOT NULL,
    committed numeric NOT NULL,
    paid numeric NOT NULL,
    PRIMARY KEY (position, number)
);
CREATE TABLE progress_sums (            -- the numbers of a key from the end of one block to that of another
    key_id integer NOT NULL,
    position bigint NOT NULL,
    pledges bigint NOT NULL,
    measured bigint NOT NULL,
    percent_sum bigint NOT NULL,
    reported bigint NOT NULL,
    closed bigint NOT NULL,
    promised numeric NOT NULL,
    committed numeric NOT NULL,
    paid numeric NOT NULL,
    PRIMARY KEY (key_id, position)
);
CREATE TABLE progress_parties (         -- whose pledges count otherwise when something is learnt of an entity
    entity uuid NOT NULL,
    pledge uuid NOT NULL,
    PRIMARY KEY (entity, pledge)
);
CREATE TABLE progress_cycles (          -- those that were opened, whether or not they have pledges
    cycle integer PRIMARY KEY,
    position bigint NOT NULL
);

CREATE FUNCTION progress_changes(after bigint, until bigint) RETURNS TABLE (
    key_id integer, pledges bigint, measured bigint, percent_sum bigint, reported bigint, closed bigint,
    promised numeric, committed numeric, paid numeric
) LANGUAGE sql STABLE AS $$
    SELECT id, sum(pledges), sum(measured), sum(percent_sum), sum(reported), sum(closed),
        sum(promised), sum(committed), sum(paid)
    FROM progress_steps, unnest(key_ids) AS id WHERE position > after AND position <= until GROUP BY id
$$;

CREATE FUNCTION progress_last_sums(key integer, until bigint) RETURNS SETOF progress_sums
LANGUAGE sql STABLE AS $$
    SELECT * FROM progress_sums WHERE key_id = key AND position <= until ORDER BY position DESC LIMIT 1
$$;

CREATE FUNCTION progress_at(asked text, at bigint) RETURNS TABLE (
    key text, currency text, pledges bigint, measured bigint, percent_sum bigint, reported bigint,
    closed bigint, promised numeric, committed numeric, paid numeric
) LANGUAGE sql STABLE AS $$
    SELECT keys.key, keys.currency,
        coalesce(sums.pledges, 0) + coalesce(changes.pledges, 0),
        coalesce(sums.measured, 0) + coalesce(changes.measured, 0),
        coalesce(sums.percent_sum, 0) + coalesce(changes.percent_sum, 0),
        coalesce(sums.reported, 0) + coalesce(changes.reported, 0),
        coalesce(sums.closed, 0) + coalesce(changes.closed, 0),
        coalesce(sums.promised, 0) + coalesce(changes.promised, 0),
        coalesce(sums.committed, 0) + coalesce(changes.committed, 0),
        coalesce(sums.paid, 0) + coalesce(changes.paid, 0)
    FROM progress_keys AS keys
    LEFT JOIN LATERAL progress_last_sums(keys.id, at / {BLOCK} * {BLOCK}) AS sums ON true
    LEFT JOIN progress_changes(at / {BLOCK} * {BLOCK}, at) AS changes ON changes.key_id = keys.id
    WHERE keys.dimension = asked AND (sums.key_id IS NOT NULL OR changes.key_id IS NOT NULL)
$$;
"""  # noqa: S608
