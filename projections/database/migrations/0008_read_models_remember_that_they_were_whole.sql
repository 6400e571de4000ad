-- A read model is whole from the first time that it was live: what it holds is then true of its position, also
-- where it stops later. Before, it is half built, and nobody reads it.
ALTER TABLE read_models ADD COLUMN been_live boolean NOT NULL DEFAULT false;
UPDATE read_models SET been_live = true WHERE state = 'live';
