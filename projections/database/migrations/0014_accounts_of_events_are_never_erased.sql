-- Since format 3 of headers, the account that acted and its request are parts of a header, so that they can be withheld
-- from readers. They are no words: the store keeps them, whatever an event of the log says (docs/log.md, Erasure).
ALTER FUNCTION without_part(events, text) RENAME TO without_words_of;

CREATE FUNCTION without_part(kept events, part text) RETURNS events LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF part IN ('header.actor', 'header.request_id') THEN
        RAISE EXCEPTION '% of the event at position % is withheld from readers, and never erased', part, kept.position
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN pledges.without_words_of(kept, part);
END $$;
