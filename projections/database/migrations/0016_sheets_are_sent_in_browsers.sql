-- Sheets of pledges that were sent in a browser: outside the log, from the upload until some days after they were
-- dealt with. What became of their rows is said by the events of the import, which has the sheet's id.
CREATE TABLE sent_sheets (
    id uuid PRIMARY KEY,
    account uuid NOT NULL,              -- who sent it, and then who confirmed it
    filename text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    mode text NOT NULL CHECK (mode IN ('record', 'submit')),
    authority jsonb,                    -- what the sheet came with, cited by the import
    columns jsonb NOT NULL DEFAULT '{}',-- where columns stand whose headings are another's words: the place, from 0
    keep jsonb NOT NULL DEFAULT '[]',
    heading jsonb NOT NULL,             -- the first row as it was sent
    ignored jsonb NOT NULL DEFAULT '[]',
    stage text NOT NULL CHECK (stage IN ('columns', 'checking', 'checked', 'importing', 'done', 'failed')),
    problem text,
    rows integer,
    dealt_with integer NOT NULL DEFAULT 0,
    last_row integer NOT NULL DEFAULT 1,
    counts jsonb NOT NULL DEFAULT '{}',
    position bigint,                    -- up to which the preview knows the register
    preview text,                       -- a digest of all that the preview says
    confirmed text,                     -- the preview that somebody confirmed
    moved_on boolean NOT NULL DEFAULT false,
    sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    claim uuid,                         -- the worker that has it, for as long as it keeps saying so
    claimed_until timestamptz
);
CREATE INDEX sent_sheets_waiting ON sent_sheets (changed_at) WHERE stage IN ('checking', 'importing');
CREATE INDEX sent_sheets_by_age ON sent_sheets (sent_at);

CREATE TABLE sent_sheet_pieces (
    sheet uuid NOT NULL REFERENCES sent_sheets ON DELETE CASCADE,
    number integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (sheet, number)
);

CREATE TABLE sent_sheet_rows (
    sheet uuid NOT NULL REFERENCES sent_sheets ON DELETE CASCADE,
    row integer NOT NULL,
    outcome text NOT NULL,
    ref text,
    pledge uuid,
    title text,
    pledger text,
    problem text,
    errors jsonb NOT NULL DEFAULT '{}', -- rules by column
    changes jsonb NOT NULL DEFAULT '[]',
    alike jsonb NOT NULL DEFAULT '[]',  -- what it may be said twice of
    cells jsonb,                        -- of a row with a problem, to be mended
    PRIMARY KEY (sheet, row)
);
CREATE INDEX sent_sheet_rows_by_outcome ON sent_sheet_rows (sheet, outcome, row);

GRANT SELECT, INSERT, UPDATE, DELETE ON sent_sheets, sent_sheet_pieces, sent_sheet_rows TO pledges_app;
