-- Every event, in one gapless order. Nothing here is ever changed or removed.
CREATE TABLE events (
    position bigint PRIMARY KEY CHECK (position > 0),
    stream uuid NOT NULL,
    stream_version bigint NOT NULL CHECK (stream_version > 0),
    name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    recorded_at timestamptz NOT NULL,
    header bytea NOT NULL,            -- the canonical bytes that are hashed
    header_salt bytea NOT NULL,
    header_digest bytea NOT NULL,
    payload bytea NOT NULL,           -- canonical; words erased by law are null
    salts jsonb NOT NULL,             -- path of a part -> salt in hex; the salt of an erased part is gone
    payload_digest bytea NOT NULL,
    UNIQUE (stream, stream_version)
);
CREATE INDEX events_by_name ON events (name, position);
CREATE INDEX events_by_time ON events (recorded_at);

-- Whoever inserts takes the append lock first; who does not, cannot break the order all the same.
CREATE FUNCTION refuse_disorder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_added bigint;
    previous_at timestamptz;
    previous_position bigint;
    disorder bigint;
BEGIN
    SELECT min(position) INTO first_added FROM added;
    IF first_added IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT position, recorded_at INTO previous_position, previous_at
        FROM events WHERE position < first_added ORDER BY position DESC LIMIT 1;
    SELECT count(*) INTO disorder FROM (
        SELECT position, recorded_at,
            lag(position, 1, coalesce(previous_position, 0)) OVER by_position AS position_before,
            lag(recorded_at, 1, coalesce(previous_at, '-infinity')) OVER by_position AS recorded_before
        FROM added WINDOW by_position AS (ORDER BY position)
    ) AS ordered
    WHERE position <> position_before + 1 OR recorded_at <= recorded_before;
    IF disorder > 0 THEN
        RAISE EXCEPTION 'events must follow the last one without a gap, at a later time'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'events_in_order', TABLE = 'events';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER events_in_order AFTER INSERT ON events
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_disorder();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what was recorded stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which commands were carried out, and where what they said is recorded.
CREATE TABLE command_log (
    command_id uuid PRIMARY KEY,
    account uuid NOT NULL,
    stream uuid NOT NULL,
    stream_version bigint NOT NULL,
    first_position bigint CHECK (first_position <= last_position),  -- null: there was nothing to say
    last_position bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER command_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON command_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What can exist once only, and who has it.
CREATE TABLE reservations (
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    holder uuid NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX reservations_by_number ON reservations
    (split_part(key, '-', 1), (substring(key FROM '-(\d{1,9})$')::integer) DESC NULLS LAST) WHERE kind = 'reference';

-- To say again what one holds already is no conflict; another holder meets the primary key.
CREATE FUNCTION skip_held_reservation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reservations WHERE kind = NEW.kind AND key = NEW.key AND holder = NEW.holder) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reservations_once BEFORE INSERT ON reservations
    FOR EACH ROW EXECUTE FUNCTION skip_held_reservation();
CREATE TRIGGER reservations_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON reservations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON events, command_log, reservations TO pledges_app;

-- One append at a time, whatever the process: whoever has seen a position has seen all before it. A writer that
-- stops in the midst of it must not stop all others for long. Each statement sees what was committed before it,
-- so the last event is looked for after the lock was given.
CREATE FUNCTION begin_append(OUT last_position bigint, OUT last_recorded_at timestamptz, OUT now timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    SET LOCAL lock_timeout = '8s';
    SET LOCAL idle_in_transaction_session_timeout = '5s';
    PERFORM pg_advisory_xact_lock(20220519);
    SELECT position, recorded_at INTO last_position, last_recorded_at
        FROM events ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    now := clock_timestamp();
END $$;

-- The same for running numbers. Who needs both takes this lock first.
CREATE FUNCTION last_reference_number(cycle text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found integer;
BEGIN
    SET LOCAL lock_timeout = '8s';
    SET LOCAL idle_in_transaction_session_timeout = '5s';
    PERFORM pg_advisory_xact_lock(20220518);
    SELECT substring(key FROM '-(\d{1,9})$')::integer INTO found FROM reservations
        WHERE kind = 'reference' AND split_part(key, '-', 1) = cycle
        ORDER BY substring(key FROM '-(\d{1,9})$')::integer DESC NULLS LAST LIMIT 1;
    RETURN coalesce(found, 0);
END $$;
