-- Positions that read models have shown are never given to other events: whoever took events out at the end would have
-- the next ones pass unseen.
DROP FUNCTION begin_append();
CREATE FUNCTION begin_append(
    OUT last_position bigint, OUT last_recorded_at timestamptz, OUT now timestamptz, OUT shown_up_to bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pledges, pg_temp AS $$
BEGIN
    SET LOCAL lock_timeout = '8s';
    SET LOCAL idle_in_transaction_session_timeout = '5s';
    PERFORM pg_advisory_xact_lock(20220519);
    SELECT position, recorded_at INTO last_position, last_recorded_at
        FROM events ORDER BY position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    SELECT coalesce(max(position), 0) INTO shown_up_to FROM read_models;
    now := clock_timestamp();
END $$;
