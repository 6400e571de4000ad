-- Whom a fact concerns is told by letter from here on; of what was recorded before, nobody is.
INSERT INTO processes (name, position) SELECT 'noticing', coalesce(max(position), 0) FROM events;
