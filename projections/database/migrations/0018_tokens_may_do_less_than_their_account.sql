-- What a token may do of what its account may: in these roles, in all where none are named; change nothing.
ALTER TABLE tokens ADD COLUMN roles text[], ADD COLUMN reads_only boolean NOT NULL DEFAULT false;
