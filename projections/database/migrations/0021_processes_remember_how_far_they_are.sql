-- Up to which position a process has turned what was decided into commands. What it repeats after a crash changes nothing.
CREATE TABLE processes (
    name text PRIMARY KEY,
    position bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON processes TO pledges_app;
