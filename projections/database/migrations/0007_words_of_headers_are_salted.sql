-- The words of a header have salts of their own, as those of a payload have: path -> salt in hex; the salt of an
-- erased word is gone. Headers of format 1, from before, have none.
ALTER TABLE events ADD COLUMN header_salts jsonb NOT NULL DEFAULT '{}';
