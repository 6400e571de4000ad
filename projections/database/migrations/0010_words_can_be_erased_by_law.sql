-- One part of one event can be erased, where an event of the log says so: its words become null and its salt goes.
-- Digests, leaf and tree stay as they were (docs/log.md, Erasure). No role is granted UPDATE on events for it, and
-- the rule holds for whoever has it: what is not that very change is refused.

-- The steps of a part's path: `~1` is a dot within a key and `~0` a tilde.
CREATE FUNCTION steps_of(path text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(replace(replace(step, '~1', '.'), '~0', '~') ORDER BY number)
    FROM unnest(string_to_array(path, '.')) WITH ORDINALITY AS steps (step, number)
$$;

-- Canonical bytes with null in the place of the words at a path, every other byte as it was.
CREATE FUNCTION without_words(content bytea, path text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    whole text := convert_from(content, 'UTF8');
    steps text[] := pledges.steps_of(path);
    expected jsonb := jsonb_set(whole::jsonb, steps, 'null', false);
    words text := (whole::jsonb #> steps)::text;
    place integer := 0;
    found integer;
    candidate text;
BEGIN
    LOOP
        found := strpos(substr(whole, place + 1), words);
        IF coalesce(found, 0) = 0 THEN  -- null: there is no such path
            RAISE EXCEPTION 'there are no words at %', path USING ERRCODE = 'data_exception';
        END IF;
        place := place + found;
        candidate := overlay(whole PLACING 'null' FROM place FOR length(words));
        BEGIN
            IF candidate::jsonb = expected THEN
                RETURN convert_to(candidate, 'UTF8');
            END IF;
        EXCEPTION WHEN invalid_text_representation THEN
            NULL;  -- the same signs within other words, or as a key
        END;
    END LOOP;
END $$;

-- An event without a part; as it was, if that is erased already. What is no worded part is refused.
CREATE FUNCTION without_part(kept events, part text) RETURNS events LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    of_header boolean := split_part(part, '.', 1) = 'header';
    path text := substr(part, strpos(part, '.') + 1);
    header jsonb := convert_from(kept.header, 'UTF8')::jsonb;
    digests jsonb := CASE split_part(part, '.', 1)
        WHEN 'header' THEN header -> 'word_digests' WHEN 'payload' THEN header -> 'digests' END;
    salts jsonb := CASE WHEN of_header THEN kept.header_salts ELSE kept.salts END;
BEGIN
    IF strpos(part, '.') = 0 OR path = '' OR NOT coalesce(digests ? path, false) THEN
        RAISE EXCEPTION '% is no part of words of the event at position %', part, kept.position
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT salts ? path THEN
        RETURN kept;
    END IF;
    IF of_header THEN
        kept.header := pledges.without_words(kept.header, path);
        kept.header_salts := kept.header_salts - path;
    ELSE
        kept.payload := pledges.without_words(kept.payload, path);
        kept.salts := kept.salts - path;
    END IF;
    RETURN kept;
END $$;

CREATE FUNCTION refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pledges, pg_temp AS $$
DECLARE
    said jsonb;
    before events;
    after events;
BEGIN
    IF (SELECT count(*) FROM new_rows) = 1 THEN
        SELECT * INTO before FROM old_rows;
        SELECT * INTO after FROM new_rows;
        FOR said IN SELECT convert_from(payload, 'UTF8')::jsonb FROM events WHERE name = 'log.field-erased' LOOP
            IF (said ->> 'position')::bigint = before.position
                AND after IS NOT DISTINCT FROM without_part(before, said ->> 'part') THEN
                RETURN NULL;
            END IF;
        END LOOP;
    END IF;
    RAISE EXCEPTION '% of % is refused: what was recorded stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

DROP TRIGGER events_stay ON events;
CREATE TRIGGER events_remain BEFORE DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay AFTER UPDATE ON events
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_all_but_erasure();

-- What is reserved under words that were erased can be let go.
CREATE FUNCTION refuse_release() RETURNS trigger LANGUAGE plpgsql SET search_path = pledges, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows) AND NOT EXISTS (
        SELECT FROM old_rows WHERE kind NOT IN ('entity-name', 'slug', 'source') OR holder NOT IN (
            SELECT (convert_from(payload, 'UTF8')::jsonb ->> 'stream')::uuid
            FROM events WHERE name = 'log.field-erased'
        )
    ) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % is refused: what was recorded stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

DROP TRIGGER reservations_stay ON reservations;
CREATE TRIGGER reservations_stay BEFORE UPDATE OR TRUNCATE ON reservations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reservations_remain AFTER DELETE ON reservations
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_release();

-- Does what the event at a position, a `log.field-erased`, says; false if it was done before. `kinds` and `keys`
-- are the reservations that the erased words made, and that no other words of the same thing make.
CREATE FUNCTION erase_field(erasing bigint, kinds text[], keys text[]) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pledges, pg_temp AS $$
DECLARE
    said jsonb;
    kept events;
    bare events;
BEGIN
    SELECT convert_from(payload, 'UTF8')::jsonb INTO said
        FROM events WHERE position = erasing AND name = 'log.field-erased';
    SELECT * INTO kept FROM events
        WHERE position = (said ->> 'position')::bigint AND stream = (said ->> 'stream')::uuid;
    IF kept IS NULL THEN
        RAISE EXCEPTION 'position % says nothing of words that are erased', erasing
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    bare := without_part(kept, said ->> 'part');
    IF bare IS NOT DISTINCT FROM kept THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM reservations WHERE holder = kept.stream
        AND (kind, key) IN (SELECT * FROM unnest(kinds, keys))) THEN
        DELETE FROM reservations WHERE holder = kept.stream
            AND (kind, key) IN (SELECT * FROM unnest(kinds, keys));
    END IF;
    UPDATE events SET header = bare.header, header_salts = bare.header_salts,
        payload = bare.payload, salts = bare.salts WHERE position = bare.position;
    RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION erase_field FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_field TO pledges_app;

-- Up to which position a read model was built from events that had lost what was erased by then. What was erased
-- later may still be in its rows, until it is built anew.
ALTER TABLE read_models ADD COLUMN erased_up_to bigint NOT NULL DEFAULT 0;
