-- The application's role may use what is in the schema, once it is granted, and make nothing in it.
GRANT USAGE ON SCHEMA pledges TO pledges_app;

-- Which migrations were applied is asked by readiness checks.
GRANT SELECT ON migrations TO pledges_app;

-- Ranges of positions that may not overlap; search without accents, by prefix and by likeness.
-- All three are trusted extensions: no superuser is needed.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
