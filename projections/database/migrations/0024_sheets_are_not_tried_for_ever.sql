-- How often a worker took a sheet since one got on with it: a sheet that ends those who read it is given up.
ALTER TABLE sent_sheets ADD COLUMN claims integer NOT NULL DEFAULT 0;
