-- A name that stands without its schema means what the caller's search path says. Whoever may write SQL as the
-- application could put a temporary table before ours, and have the order of events checked against that one.
ALTER FUNCTION refuse_disorder() SET search_path = pledges, pg_temp;
ALTER FUNCTION skip_held_reservation() SET search_path = pledges, pg_temp;
ALTER FUNCTION begin_append() SET search_path = pledges, pg_temp;
ALTER FUNCTION last_reference_number(text) SET search_path = pledges, pg_temp;
