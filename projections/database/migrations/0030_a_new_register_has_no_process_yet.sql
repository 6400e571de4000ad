-- Where nothing was recorded, no process has come anywhere: a backup can be restored there, with how far its own had come.
DELETE FROM processes WHERE name = 'noticing' AND NOT EXISTS (SELECT FROM events);
